//! Messages: each once, and none of them the order's problem.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use order_core::access::Role;
use order_core::flow::Words;
use order_core::lifecycle::{Action, Command};
use order_core::model::{
    Audience, Channel, NoticeKind, NoticeRule, NoticeSettings, PosState, ReasonCode, Status,
};
use order_core::ports::{Delivery, Message, Notifier, NotifyError};
use order_core::rules::DraftLine;
use rust_decimal::Decimal;

use crate::on_both_stores;
use crate::world::{Kind, Wishes, World};

on_both_stores!(
    each_message_goes_out_once,
    messages_of_a_dying_process_keep_their_key,
    a_failing_channel_never_touches_the_order,
    a_channel_that_never_works_is_on_the_timeline,
    a_customer_without_an_address_is_not_told,
    the_store_says_who_is_told_what,
);

fn kinds(world: &World) -> Vec<(NoticeKind, Audience)> {
    let mut kinds: Vec<_> =
        world.mail.sent().iter().map(|message| (message.kind, message.audience)).collect();
    kinds.sort();
    kinds
}

fn each_message_goes_out_once(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    world.mail.fail(3, NotifyError::Transient("busy".to_owned()));
    let id = world.accepted(&process);
    let line = DraftLine {
        product_id: world.load(id).items[0].product_id.to_string(),
        variant_id: None,
        quantity: Decimal::TWO,
    };
    let version = world.load(id).version;
    world
        .run(process.flow.amend(&world.caller(Role::Kiosk), id, version, &[line], Words::default()))
        .unwrap();
    world.settle(&process);
    use Audience::{Customer, Staff};
    use NoticeKind::{Changed, Submitted};
    assert_eq!(
        kinds(&world),
        [(Submitted, Customer), (Submitted, Staff), (Changed, Customer), (Changed, Staff)]
    );
    assert_eq!(world.mail.tries(), 7);
    let changed = world.mail.sent().into_iter().find(|message| message.kind == Changed).unwrap();
    assert_eq!(changed.changes.len(), 2);
    world.check_settled();
    world.check_mail_once();
    let noted = world.told(id).iter().filter(|event| **event == "notified").count();
    assert_eq!(noted, 4);
}

fn messages_of_a_dying_process_keep_their_key(kind: Kind) {
    for at in 0.. {
        let mut world = World::new(kind);
        let process = world.start();
        let id = world.place(&process);
        let died = world.dies(process, at);
        let process = world.start();
        world.settle(&process);
        world.check_settled();
        let mut sent: BTreeMap<String, usize> = BTreeMap::new();
        world.mail.keys().into_iter().for_each(|key| *sent.entry(key).or_default() += 1);
        assert_eq!(sent.len(), 2, "{sent:?}");
        // Sent and not yet noted when it died: that one may come again, under the same key.
        assert!(sent.values().all(|times| *times <= 2), "{sent:?}");
        let noted = world.told(id).iter().filter(|event| **event == "notified").count();
        assert_eq!(noted, 2);
        if !died {
            world.check_mail_once();
            return;
        }
    }
}

fn a_failing_channel_never_touches_the_order(kind: Kind) {
    let mut wishes = Wishes::default();
    wishes.config.attempts = 3;
    let world = World::with(kind, wishes);
    let process = world.start();
    world.mail.fail(5, NotifyError::Transient("busy".to_owned()));
    let id = world.accepted(&process);
    // Two messages, three tries each at most: one got through at its last, the other was given up.
    assert_eq!(world.mail.tries(), 6);
    assert_eq!(world.mail.sent().len(), 1);
    let order = world.load(id);
    assert_eq!((order.status, order.pos.state), (Status::AwaitingProcessing, PosState::Accepted));
    assert!(world.told(id).contains(&"notify_failed"));
    assert_eq!(world.register.orders().len(), 1);
    world.check_settled();
    world.check_mail_once();
}

fn a_channel_that_never_works_is_on_the_timeline(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    world.mail.fail(2, NotifyError::Permanent("no such mailbox".to_owned()));
    let id = world.accepted(&process);
    assert_eq!(world.mail.tries(), 2);
    let failed = world.told(id).iter().filter(|event| **event == "notify_failed").count();
    assert_eq!(failed, 2);
    assert_eq!(world.load(id).version.get(), 1, "nothing people must look at before they act");
    world.check_settled();
}

fn a_customer_without_an_address_is_not_told(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let mut draft = world.sample();
    draft.customer.email = None;
    let id = world.submit(&process, &draft, "one").unwrap().order.id;
    world.settle(&process);
    assert_eq!(kinds(&world), [(NoticeKind::Submitted, Audience::Staff)]);
    assert!(!world.told(id).contains(&"notify_failed"));
    world.check_settled();
}

/// A channel of its own that everything is sent over.
#[derive(Debug)]
struct Hook(Arc<order_notify::Recorder>);

#[async_trait]
impl Notifier for Hook {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    async fn send(&self, message: &Message) -> Result<Delivery, NotifyError> {
        self.0.send(message).await
    }
}

fn the_store_says_who_is_told_what(kind: Kind) {
    let rule = |event, audience, channel| NoticeRule { event, audience, channel };
    let notices = NoticeSettings {
        staff: vec!["staff@green-oak.example".into()],
        managers: Vec::new(),
        rules: vec![
            rule(NoticeKind::Canceled, Audience::Customer, Channel::Email),
            rule(NoticeKind::Canceled, Audience::Staff, Channel::Email),
            // Nobody is at the other end of these two.
            rule(NoticeKind::Canceled, Audience::Manager, Channel::Email),
            rule(NoticeKind::Canceled, Audience::Staff, Channel::Webhook),
        ],
        intro: None,
    };
    let world = World::with(kind, Wishes { notices, ..Wishes::default() });
    let process = world.start();
    let id = world.accepted(&process);
    assert_eq!(world.mail.tries(), 0);
    let cancel = Command::new(Action::Cancel).because(ReasonCode::CustomerRequest);
    world.act(&process, Role::Kiosk, id, &cancel).unwrap();
    world.settle(&process);
    let expected = [(NoticeKind::Canceled, Audience::Customer), (NoticeKind::Canceled, Audience::Staff)];
    assert_eq!(kinds(&world), expected);
    world.check_settled();
    world.check_mail_once();
    // With a channel for hooks the same store's rule for it counts.
    let hooks = Arc::new(order_notify::Recorder::new(Channel::Webhook));
    let setup = process.flow.store(&world.store).unwrap().clone();
    let flow = order_core::flow::OrderFlow::builder(
        world.orders(),
        world.driver.clock.clone(),
        Arc::new(order_core::testkit::SeededIds::new(99)),
    )
    .store(setup)
    .notifier(Arc::new(Hook(hooks.clone())))
    .build()
    .unwrap();
    let kiosk = world.caller(Role::Kiosk);
    let (draft, name) = (world.sample(), crate::world::key("two"));
    let placed = flow.submit(&kiosk, &world.store, &draft, &name, None);
    let second = world.run(world.driver.outside.call(placed)).unwrap().order.id;
    world.run(world.driver.outside.call(flow.act(&kiosk, second, &cancel))).unwrap();
    let drained = flow.worker();
    world.run(world.driver.outside.call(drained.drain())).unwrap();
    assert_eq!(hooks.sent().len(), 1);
}
