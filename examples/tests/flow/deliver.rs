//! Delivery: whatever happens on the wire, the register has the order once, or a person knows why not.

use std::time::Duration;

use order_core::model::{AttentionCode, Audience, NoticeKind, PosState, Status};
use order_core::ports::Clock;
use pos_clients::sim::{Fault, FaultRule};

use crate::on_both_stores;
use crate::wire::Place;
use crate::world::{CREATE, Kind, Wishes, World};

on_both_stores!(
    one_fault_on_the_create_leaves_one_order,
    one_fault_before_the_create_leaves_one_order,
    an_order_that_cannot_be_told_waits_for_a_person,
    a_call_that_never_comes_back_is_looked_up,
    throttling_is_waited_out,
    a_revoked_token_is_renewed,
    credentials_that_are_refused_call_a_person,
    tries_end_and_people_are_told,
    a_refused_order_calls_a_person,
    many_faults_at_random_leave_one_order_each,
);

/// Everything that can happen to one call.
pub(crate) fn faults() -> Vec<(Fault, bool)> {
    let mut all = vec![(Fault::RefuseConnection, false)];
    for after in [false, true] {
        all.extend([
            (Fault::Drop, after),
            (Fault::Slow { delay: Duration::from_secs(60) }, after),
            (Fault::Error { status: 500 }, after),
            (Fault::Error { status: 503 }, after),
            (Fault::Html { status: 502 }, after),
            (Fault::Html { status: 200 }, after),
            (Fault::Truncate, after),
            (Fault::TokenRevoked, after),
        ]);
    }
    all.push((Fault::Throttle { retry_after: None }, false));
    all.push((Fault::Throttle { retry_after: Some(7) }, false));
    all
}

fn rule(fault: &Fault, count: u32, operation: &str, after: bool) -> FaultRule {
    let rule = FaultRule::next(count, fault.clone()).on(operation);
    if after { rule.after_apply() } else { rule }
}

fn one_fault_on_the_create_leaves_one_order(kind: Kind) {
    for (fault, after) in faults() {
        let world = World::new(kind);
        let process = world.start();
        world.fault(rule(&fault, 1, "create", after));
        let id = world.place(&process);
        world.settle(&process);
        assert_eq!(world.load(id).pos.state, PosState::Accepted, "{fault:?} {after}");
        assert_eq!(world.register.orders().len(), 1, "{fault:?} {after}");
        assert_eq!(world.load(id).pos.differences, []);
        world.check_settled();
        world.check_mail_once();
    }
}

fn one_fault_before_the_create_leaves_one_order(kind: Kind) {
    for operation in ["token", "customer_find", "customer_create"] {
        for (fault, after) in faults() {
            let world = World::new(kind);
            let process = world.start();
            // The token of the menu would do for the order too.
            world.pass(Duration::from_secs(3 * 3600));
            let draft = world.draft(&world.data.orders.iter().find(|order| is_new(order)).unwrap().clone());
            world.fault(rule(&fault, 1, operation, after));
            let id = world.submit(&process, &draft, "one").unwrap().order.id;
            world.settle(&process);
            assert_eq!(world.register.orders().len(), 1, "{operation} {fault:?} {after}");
            assert_eq!(world.load(id).pos.state, PosState::Accepted, "{operation} {fault:?} {after}");
            world.check_settled();
        }
    }
}

fn is_new(order: &order_examples::DemoOrder) -> bool {
    matches!(&order.customer, order_examples::DemoCustomer::New(new)
        if new.phone.is_some() && new.birth_date.is_some())
}

fn an_order_that_cannot_be_told_waits_for_a_person(kind: Kind) {
    for after in [false, true] {
        let world = World::with(kind, Wishes { proves_absence: false, ..Wishes::default() });
        let process = world.start();
        world.fault(rule(&Fault::Drop, 1, "create", after));
        let id = world.place(&process);
        world.settle(&process);
        let order = world.load(id);
        if after {
            assert_eq!(order.pos.state, PosState::Accepted);
        } else {
            let attention = order.pos.attention.unwrap();
            assert_eq!((attention.code, attention.maybe_there), (AttentionCode::CannotTell, true));
            assert_eq!(attentions(&world), [Audience::Staff, Audience::Manager]);
        }
        assert_eq!(world.wire.count(CREATE), 1);
        world.check_settled();
    }
}

/// Who was told that a person is needed.
pub(crate) fn attentions(world: &World) -> Vec<Audience> {
    let sent = world.mail.sent();
    let about = sent.iter().filter(|message| message.kind == NoticeKind::Attention);
    let mut told: Vec<_> = about.map(|message| message.audience).collect();
    told.sort();
    told
}

fn a_call_that_never_comes_back_is_looked_up(kind: Kind) {
    for place in [Place::BeforeIt, Place::AfterIt] {
        let world = World::new(kind);
        let process = world.start();
        let gate = world.wire.hold(CREATE, place);
        let id = world.place(&process);
        let began = world.driver.clock.now();
        world.settle(&process);
        assert!(gate.is_reached());
        let deadline = world.wishes.config.call_deadline;
        assert!((world.driver.clock.now() - began).to_std().unwrap() >= deadline);
        assert_eq!(world.load(id).pos.state, PosState::Accepted);
        let told = world.told(id);
        assert!(told.contains(&"pos_unknown"), "{told:?}");
        assert_eq!(told.contains(&"pos_absent"), place == Place::BeforeIt, "{told:?}");
        world.check_settled();
    }
}

fn throttling_is_waited_out(kind: Kind) {
    for (retry_after, least) in [(Some(40), 40), (None, 0)] {
        let world = World::new(kind);
        let process = world.start();
        world.fault(rule(&Fault::Throttle { retry_after }, 2, "create", false));
        let id = world.place(&process);
        let began = world.driver.clock.now();
        world.settle(&process);
        assert_eq!(world.load(id).pos.state, PosState::Accepted);
        assert_eq!(world.wire.count(CREATE), 3);
        let took = (world.driver.clock.now() - began).num_seconds();
        assert!(took >= 2 * least && took < 2 * least + 10, "{took}");
        world.check_settled();
    }
}

fn a_revoked_token_is_renewed(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    world.fault(FaultRule::next(1, Fault::TokenRevoked));
    let second = world.submit(&process, &world.sample(), "two").unwrap().order.id;
    world.settle(&process);
    for order in [id, second] {
        assert_eq!(world.load(order).pos.state, PosState::Accepted);
    }
    assert_eq!(world.wire.count("POST /config/api/gettokens"), 2);
    assert_eq!(world.wire.count(CREATE), 2);
    world.check_settled();
}

fn credentials_that_are_refused_call_a_person(kind: Kind) {
    let mut world = World::new(kind);
    // Placed while all was well, delivered with a key that is not.
    let process = world.start();
    let id = world.place(&process);
    drop(process);
    world.wishes.api_key = "expired";
    world.reopen();
    let process = world.start();
    world.settle(&process);
    let attention = world.load(id).pos.attention.unwrap();
    assert_eq!((attention.code, attention.maybe_there), (AttentionCode::Unauthorized, false));
    assert_eq!(attentions(&world), [Audience::Staff, Audience::Manager]);
    assert_eq!(world.wire.count(CREATE), 0);
    world.check_settled();
    world.check_mail_once();
}

fn tries_end_and_people_are_told(kind: Kind) {
    let mut wishes = Wishes::default();
    wishes.config.attempts = 4;
    for fault in [Fault::RefuseConnection, Fault::Drop, Fault::Throttle { retry_after: Some(3) }] {
        let world = World::with(kind, wishes.clone());
        let process = world.start();
        world.fault(FaultRule::rate(1.0, fault.clone()).on("create"));
        let id = world.place(&process);
        world.settle(&process);
        let order = world.load(id);
        let attention = order.pos.attention.unwrap();
        assert_eq!((attention.code, attention.maybe_there), (AttentionCode::Unreachable, false), "{fault:?}");
        assert_eq!(order.pos.tries, 4);
        assert_eq!(order.status, Status::AwaitingProcessing);
        assert_eq!(attentions(&world), [Audience::Staff, Audience::Manager]);
        world.check_settled();
        world.check_mail_once();
    }
}

fn a_refused_order_calls_a_person(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    // The register takes up nobody new without a birth date.
    let mut stranger = world.sample();
    stranger.customer.phone = Some("4155550199".into());
    (stranger.customer.email, stranger.customer.birth_date) = (None, None);
    let id = world.submit(&process, &stranger, "one").unwrap().order.id;
    world.settle(&process);
    let attention = world.load(id).pos.attention.unwrap();
    assert_eq!((attention.code, attention.problem.kind.as_str()), (AttentionCode::Refused, "customer"));
    assert!(world.told(id).contains(&"pos_rejected"));
    assert_eq!(attentions(&world), [Audience::Staff, Audience::Manager]);
    world.check_settled();
}

fn many_faults_at_random_leave_one_order_each(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    for (fault, after) in faults() {
        for operation in ["create", "list", "customer_find", "token", "get"] {
            let rule = FaultRule::rate(0.03, fault.clone()).on(operation);
            world.fault(if after { rule.after_apply() } else { rule });
        }
    }
    let mut placed = Vec::new();
    for (number, order) in world.data.orders.iter().enumerate() {
        placed.push(world.submit(&process, &world.draft(order), &format!("key-{number}")).unwrap().order.id);
        world.drain(&process);
    }
    world.settle(&process);
    world.check_settled();
    world.plug_in();
    for id in placed {
        let order = world.load(id);
        assert!(matches!(order.pos.state, PosState::Accepted | PosState::Attention), "{:?}", order.pos);
    }
    world.check_mail_once();
}
