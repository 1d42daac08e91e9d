//! Placing an order.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::{join, join_all};
use order_core::access::Role;
use order_core::flow::FlowError;
use order_core::model::{FulfillmentKind, PosState, Status};
use order_core::ports::{Clock, IdSource};
use order_core::rules::{DraftLine, OrderDraft, codes};
use order_core::testkit::SeededIds;
use pos_clients::sim::seed::{SeedCategory, SeedProduct};
use pos_clients::sim::{Fault, FaultRule};
use rust_decimal::Decimal;

use crate::on_both_stores;
use crate::wire::Place;
use crate::world::{CREATE, Kind, Wishes, World, key};

on_both_stores!(
    an_order_is_durable_before_the_register_hears_of_it,
    the_same_key_and_body_is_the_same_order,
    the_same_key_at_once_is_one_order,
    another_body_under_the_key_is_refused,
    waiting_gives_the_accepted_order,
    waiting_ends_in_time_while_the_register_is_dead,
    all_problems_come_at_once,
    the_last_units_are_sold_once,
    taken_ids_and_codes_are_drawn_anew,
);

fn an_order_is_durable_before_the_register_hears_of_it(kind: Kind) {
    let mut world = World::new(kind);
    let process = world.start();
    world.unplug();
    let placed = world.submit(&process, &world.sample(), "one").unwrap();
    assert!(!placed.replayed);
    assert_eq!(placed.order.pos.state, PosState::Queued);
    assert_eq!(world.wire.count(CREATE), 0);
    drop(process);
    world.reopen();
    assert_eq!(world.load(placed.order.id), placed.order);
    world.plug_in();
    let process = world.start();
    world.settle(&process);
    assert_eq!(world.load(placed.order.id).pos.state, PosState::Accepted);
    world.check_settled();
}

fn the_same_key_and_body_is_the_same_order(kind: Kind) {
    let mut world = World::new(kind);
    let process = world.start();
    let first = world.submit(&process, &world.sample(), "one").unwrap();
    let again = world.submit(&process, &world.sample(), "one").unwrap();
    assert_eq!((again.order.id, again.replayed), (first.order.id, true));
    world.settle(&process);
    drop(process);
    world.reopen();
    let process = world.start();
    let later = world.submit(&process, &world.sample(), "one").unwrap();
    assert_eq!((later.order.id, later.replayed), (first.order.id, true));
    assert_eq!(later.order.pos.state, PosState::Accepted);
    drop(process);
    // Nor does it take a menu to recognise what was placed already.
    world.unplug();
    world.reopen();
    let process = world.start();
    let blind = world.submit(&process, &world.sample(), "one").unwrap();
    assert_eq!((blind.order.id, blind.replayed), (first.order.id, true));
    assert!(matches!(world.submit(&process, &world.sample(), "two"), Err(FlowError::Catalog(_))));
    world.plug_in();
    assert_eq!(world.books.orders(), [first.order.id]);
    assert_eq!(world.register.orders().len(), 1);
    world.check_settled();
    world.check_mail_once();
}

fn the_same_key_at_once_is_one_order(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let (kiosk, draft, name) = (world.caller(Role::Kiosk), world.sample(), key("one"));
    let all =
        world.run(join_all((0..64).map(|_| process.flow.submit(&kiosk, &world.store, &draft, &name, None))));
    let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    let ids: BTreeSet<_> = all.iter().map(|placed| placed.order.id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(all.iter().filter(|placed| !placed.replayed).count(), 1);
    world.settle(&process);
    assert_eq!(world.register.orders().len(), 1);
    world.check_settled();
    world.check_mail_once();
}

fn another_body_under_the_key_is_refused(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    world.submit(&process, &world.sample(), "one").unwrap();
    let mut other = world.sample();
    other.items[0].quantity += Decimal::ONE;
    assert!(matches!(world.submit(&process, &other, "one"), Err(FlowError::KeyReused)));
    other = world.sample();
    other.note = Some("ring twice".to_owned());
    assert!(matches!(world.submit(&process, &other, "one"), Err(FlowError::KeyReused)));
    assert_eq!(world.books.orders().len(), 1);
    world.check();
}

fn waiting_gives_the_accepted_order(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let (kiosk, draft, name) = (world.caller(Role::Kiosk), world.sample(), key("one"));
    let wait = Some(Duration::from_secs(10));
    let began = world.driver.clock.now();
    let stop = event_listener::Event::new();
    let worker = process.flow.worker().run(stop.listen());
    let kiosk_side = async {
        let placed = process.flow.submit(&kiosk, &world.store, &draft, &name, wait).await;
        stop.notify(usize::MAX);
        placed
    };
    let ((), placed) = world.run(join(worker, kiosk_side));
    let placed = placed.unwrap();
    assert_eq!(placed.order.pos.state, PosState::Accepted);
    assert!(world.driver.clock.now() - began < chrono::TimeDelta::seconds(2));
    world.settle(&process);
    world.check_settled();
}

fn waiting_ends_in_time_while_the_register_is_dead(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let gate = world.wire.hold(CREATE, Place::BeforeIt);
    let (kiosk, draft, name) = (world.caller(Role::Kiosk), world.sample(), key("one"));
    let wait = Duration::from_secs(4);
    let began = world.driver.clock.now();
    let stop = event_listener::Event::new();
    let worker = process.flow.worker().run(stop.listen());
    let kiosk_side = async {
        let placed = process.flow.submit(&kiosk, &world.store, &draft, &name, Some(wait)).await.unwrap();
        let took = (world.driver.clock.now() - began).to_std().unwrap();
        assert!(took >= wait && took < wait + Duration::from_millis(500), "{took:?}");
        stop.notify(usize::MAX);
        placed
    };
    let ((), placed) = world.run(join(worker, kiosk_side));
    assert!(gate.is_reached());
    assert_eq!(placed.order.pos.state, PosState::Sending);
    // What was in hand when it stopped was finished: the call counted as unanswered.
    assert_eq!(world.load(placed.order.id).pos.state, PosState::Unknown);
    world.settle(&process);
    assert_eq!(world.load(placed.order.id).pos.state, PosState::Accepted);
    world.check_settled();
}

fn all_problems_come_at_once(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let wrong = OrderDraft {
        items: vec![
            DraftLine { product_id: String::new(), variant_id: None, quantity: Decimal::ONE },
            DraftLine { product_id: "no-such".to_owned(), variant_id: None, quantity: Decimal::ZERO },
        ],
        fulfillment: FulfillmentKind::Delivery,
        ..OrderDraft::default()
    };
    let Err(FlowError::Invalid(problems)) = world.submit(&process, &wrong, "shape") else { panic!() };
    let paths: Vec<String> = problems.iter().map(|problem| problem.path.to_string()).collect();
    for path in ["customer.first_name", "items.0.product_id", "items.1.quantity", "fulfillment.type"] {
        assert!(paths.iter().any(|found| found == path), "{path} is not in {paths:?}");
    }
    let gone = world.data.seed.sizes().find(|(_, size)| size.stock == 0).unwrap().1.id.to_string();
    let whole = world.sample().items[0].product_id.clone();
    let line = |product_id: &str, quantity: &str| DraftLine {
        product_id: product_id.to_owned(),
        variant_id: None,
        quantity: quantity.parse().unwrap(),
    };
    let mut unsold = world.sample();
    unsold.items = vec![line(&gone, "1"), line("no-such", "1"), line(&whole, "1.5")];
    let Err(FlowError::Invalid(problems)) = world.submit(&process, &unsold, "menu") else { panic!() };
    let found: Vec<_> = problems.iter().map(|problem| (problem.code, problem.path.to_string())).collect();
    let expected = [
        (codes::OUT_OF_STOCK, "items.0.quantity"),
        (codes::UNKNOWN_PRODUCT, "items.1.product_id"),
        (codes::QUANTITY_NOT_WHOLE, "items.2.quantity"),
    ];
    assert_eq!(found, expected.map(|(code, path)| (code, path.to_owned())));
    assert!(world.books.orders().is_empty());
}

fn the_last_units_are_sold_once(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    // Something that no purchase limit counts.
    let plain = |product: &SeedProduct| product.category == SeedCategory::Accessory;
    let mut sizes = world.data.seed.sizes();
    let (_, size) = sizes.find(|(product, size)| plain(product) && (5..=30).contains(&size.stock)).unwrap();
    let mut draft = world.sample();
    draft.items =
        vec![DraftLine { product_id: size.id.to_string(), variant_id: None, quantity: Decimal::TWO }];
    let kiosk = world.caller(Role::Kiosk);
    let keys: Vec<_> = (0..20).map(|number| key(&format!("key-{number}"))).collect();
    let all = world
        .run(join_all(keys.iter().map(|name| process.flow.submit(&kiosk, &world.store, &draft, name, None))));
    let placed = all.iter().filter(|placed| placed.is_ok()).count();
    assert_eq!(placed, usize::try_from(size.stock / 2).unwrap());
    for refused in all.iter().filter_map(|placed| placed.as_ref().err()) {
        let FlowError::Invalid(problems) = refused else { panic!("{refused:?}") };
        let found: Vec<_> = problems.iter().map(|problem| (problem.code, problem.path.to_string())).collect();
        assert_eq!(found, [(codes::OUT_OF_STOCK, "items.0.quantity".to_owned())]);
    }
    world.settle(&process);
    world.check_settled();
    assert_eq!(world.register.orders().len(), placed);
}

/// Says everything twice before it says anything new.
#[derive(Debug)]
struct Stutter(SeededIds, Mutex<(u64, u32)>);

impl IdSource for Stutter {
    fn random(&self) -> u64 {
        let mut last = self.1.lock().unwrap();
        if last.1 == 0 {
            *last = (self.0.random(), 40);
        }
        last.1 -= 1;
        last.0
    }
}

fn taken_ids_and_codes_are_drawn_anew(kind: Kind) {
    let ids = Stutter(SeededIds::new(5), Mutex::new((0, 0)));
    let world = World::over(kind, Wishes::default(), Arc::new(ids));
    let process = world.start();
    let mut codes = BTreeSet::new();
    for number in 0..8 {
        let name = format!("key-{number}");
        let mut outcome = world.submit(&process, &world.sample(), &name);
        for _ in 0..40 {
            if !matches!(outcome, Err(FlowError::Contended)) {
                break;
            }
            outcome = world.submit(&process, &world.sample(), &name);
        }
        let placed = outcome.unwrap();
        assert!(!placed.replayed);
        assert!(codes.insert(placed.order.code));
    }
    let ids: BTreeSet<_> = world.books.orders().into_iter().collect();
    assert_eq!(ids.len(), 8);
    world.settle(&process);
    world.check_settled();
    assert!(world.books.orders().iter().all(|id| world.load(*id).status == Status::AwaitingProcessing));
}

#[test]
fn an_answer_that_is_lost_on_the_way_to_the_kiosk_costs_nothing() {
    let mut world = World::new(Kind::Sqlite);
    for at in 0.. {
        let process = world.start();
        let (kiosk, draft) = (world.caller(Role::Kiosk), world.sample());
        process.fuse.burn_at(at);
        let name = key(&format!("key-{at}"));
        let outcome = {
            let call = std::pin::pin!(process.flow.submit(&kiosk, &world.store, &draft, &name, None));
            world.driver.run_until(call, || process.fuse.is_burnt())
        };
        let died = outcome.is_none();
        drop(process);
        world.reopen();
        let process = world.start();
        // The kiosk asks again, as often as it likes.
        let first = world.submit(&process, &draft, &format!("key-{at}")).unwrap().order.id;
        let second = world.submit(&process, &draft, &format!("key-{at}")).unwrap();
        assert_eq!((second.order.id, second.replayed), (first, true));
        assert_eq!(world.books.orders().len(), at + 1);
        world.settle(&process);
        world.check_settled();
        if !died {
            assert!(at >= 3);
            return;
        }
    }
}

#[test]
fn a_register_that_fails_is_never_the_customers_error() {
    for fault in [Fault::Drop, Fault::Error { status: 500 }, Fault::Html { status: 502 }, Fault::Truncate] {
        let world = World::new(Kind::Memory);
        let process = world.start();
        world.fault(FaultRule::rate(1.0, fault));
        let placed = world.submit(&process, &world.sample(), "one").unwrap();
        world.settle(&process);
        assert_eq!(world.load(placed.order.id).pos.state, PosState::Attention);
        assert_eq!(world.load(placed.order.id).status, Status::AwaitingProcessing);
        world.check_settled();
    }
}
