//! What must hold after every scenario, whatever happened in it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use order_core::lifecycle::{Effect, Lane, replay};
use order_core::model::{Order, PosState, PosTask, StoreId};
use order_core::ports::Sku;
use rust_decimal::Decimal;

use crate::world::World;

impl World {
    /// Checks everything that must hold while work may still be under way.
    pub(crate) fn check(&self) {
        let orders: Vec<Order> = self.books.orders().into_iter().map(|id| self.load(id)).collect();
        for order in &orders {
            self.check_history(order);
            let live = self.live(order.id);
            assert!(live.len() <= 1, "{} has {live:?}", order.id);
        }
        self.check_holds(&orders);
        self.check_outbox(&orders);
        self.check_mail();
    }

    /// The same, and that nothing is under way any more: each order is where it belongs, or a person knows.
    pub(crate) fn check_settled(&self) {
        self.check();
        for id in self.books.orders() {
            let order = self.load(id);
            let pos = &order.pos;
            let at_rest = matches!(
                pos.state,
                PosState::NotRequired
                    | PosState::Attention
                    | PosState::Accepted
                    | PosState::CancelFailed
                    | PosState::Manual
                    | PosState::Cancelled
            );
            assert!(at_rest, "{id} is stuck in {:?}", pos.state);
            match pos.state {
                PosState::Accepted => {
                    let there = self.there(id);
                    assert_eq!(pos.id.as_ref().map(|id| id.as_str()), Some(there.id.as_str()));
                    assert_eq!(pos.pending, 0);
                }
                PosState::Attention => assert!(pos.attention.is_some(), "{pos:?}"),
                PosState::CancelFailed => assert!(pos.problem.is_some(), "{pos:?}"),
                PosState::Cancelled => assert_eq!(self.live(id), []),
                _ => {}
            }
        }
        let left = self.books.outbox();
        assert!(left.iter().all(|(_, effect)| effect.lane() == Lane::Follow), "{left:?}");
    }

    fn check_history(&self, order: &Order) {
        let history = self.history(order.id);
        assert_eq!(&replay(history.iter().map(|recorded| &recorded.event)).unwrap(), order);
        let revisions: Vec<u64> = history.iter().map(|recorded| recorded.event.revision.get()).collect();
        assert_eq!(revisions, (1..=history.len() as u64).collect::<Vec<_>>());
        assert!(history.is_sorted_by(|a, b| a.position < b.position && a.event.at <= b.event.at));
    }

    /// What is set aside is what open orders ask for, and never more than there was.
    fn check_holds(&self, orders: &[Order]) {
        let mut wanted: BTreeMap<(StoreId, Sku), Decimal> = BTreeMap::new();
        for order in orders {
            for item in &order.items {
                let sku = Sku { product: item.product_id.clone(), variant: item.variant_id.clone() };
                let sum = wanted.entry((order.store.clone(), sku)).or_default();
                if order.status.is_open() {
                    *sum += item.effective_quantity().amount();
                }
            }
        }
        let stock: BTreeMap<String, u32> =
            self.data.seed.sizes().map(|(_, size)| (size.id.to_string(), size.stock)).collect();
        for ((store, sku), quantity) in wanted {
            let held = self.orders();
            let figures = [(sku.clone(), DateTime::<Utc>::MIN_UTC)];
            let held = held.held(&store, None, &figures);
            let held = self.run(self.driver.outside.call(held)).unwrap();
            assert_eq!(held, [quantity], "{sku:?}");
            assert!(quantity <= Decimal::from(stock[sku.product.as_str()]), "{sku:?}");
        }
    }

    fn check_outbox(&self, orders: &[Order]) {
        let outbox = self.books.outbox();
        for order in orders.iter().filter(|order| !order.status.is_open()) {
            for (_, effect) in outbox.iter().filter(|(id, _)| *id == order.id) {
                let fits = match effect {
                    Effect::Notify(_) | Effect::Pos(PosTask::Follow) => true,
                    // What was in line when the order ended finds that out when its turn comes.
                    Effect::Pos(_) => !matches!(order.pos.state, PosState::NotRequired),
                };
                assert!(fits, "{effect:?} of {:?}", order.status);
            }
        }
    }

    /// No order is read twice over: what an earlier life of it left behind has ended.
    pub(crate) fn check_followed_once(&self) {
        let mut followed = BTreeSet::new();
        for (id, effect) in self.books.outbox() {
            let again = matches!(effect, Effect::Pos(PosTask::Follow)) && !followed.insert(id);
            assert!(!again, "{id} is followed twice");
        }
    }

    /// One key is one message: never two of one kind to one audience over one revision.
    fn check_mail(&self) {
        let sent = self.mail.sent();
        let keys: BTreeSet<_> = sent.iter().map(|message| &message.key).collect();
        let facts: BTreeSet<_> = sent
            .iter()
            .map(|message| {
                let revision = message.key.strip_prefix(&format!("{}-", message.order.id)).unwrap();
                let revision: u64 = revision.split('-').next().unwrap().parse().unwrap();
                (message.order.id, revision, message.kind, message.audience)
            })
            .collect();
        assert_eq!(keys.len(), facts.len());
    }

    /// Every message went out exactly once: what holds as long as no process died.
    pub(crate) fn check_mail_once(&self) {
        let keys = self.mail.keys();
        let unique: BTreeSet<_> = keys.iter().collect();
        assert_eq!(unique.len(), keys.len(), "{keys:?}");
    }
}
