//! What people do about an order's way into the register.

use std::time::Duration;

use order_core::access::Role;
use order_core::flow::{FlowError, PosOrderLink};
use order_core::lifecycle::{Action, Command, Refusal};
use order_core::model::{AttentionCode, Audience, OrderId, PosOrderId, PosState, ReasonCode, Status};
use pos_clients::sim::{Fault, FaultRule};

use crate::deliver::attentions;
use crate::on_both_stores;
use crate::wire::Place;
use crate::world::{CREATE, Kind, Process, Wishes, World};

on_both_stores!(
    a_cancel_before_anything_was_sent_never_reaches_the_register,
    a_cancel_while_creating_takes_back_what_arrived,
    a_cancel_of_an_unclear_create_finds_it_first,
    a_cancel_of_a_paid_ticket_calls_a_person,
    a_retry_goes_on_where_it_failed,
    a_retry_of_an_unclear_create_looks_first,
    a_link_is_followed,
    a_manual_entry_lets_staff_work,
    a_reopened_order_is_created_anew,
    a_reopened_order_whose_answer_was_lost_is_found,
    work_goes_on_through_an_outage,
    work_done_before_a_retry_is_told_after_it,
    a_stale_version_changes_nothing,
);

fn cancel(world: &World, process: &Process, id: OrderId) {
    let command = Command::new(Action::Cancel).because(ReasonCode::CustomerRequest);
    world.act(process, Role::Kiosk, id, &command).unwrap();
}

fn link(world: &World, process: &Process, id: OrderId, link: PosOrderLink) {
    world.run(process.flow.pos_link(&world.caller(Role::Staff), id, link, None)).unwrap();
}

fn stands(world: &World, id: OrderId) -> (Status, PosState) {
    let order = world.load(id);
    (order.status, order.pos.state)
}

fn a_cancel_before_anything_was_sent_never_reaches_the_register(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.place(&process);
    let before = world.wire.calls().len();
    cancel(&world, &process, id);
    assert_eq!(stands(&world, id), (Status::Canceled, PosState::Cancelled));
    world.settle(&process);
    assert_eq!(world.wire.calls().len(), before);
    world.check_settled();
}

fn a_cancel_while_creating_takes_back_what_arrived(kind: Kind) {
    for place in [Place::BeforeIt, Place::AfterIt] {
        let world = World::new(kind);
        let process = world.start();
        let id = world.place(&process);
        let gate = world.wire.hold(CREATE, place);
        let worker = process.flow.worker();
        let mut work = std::pin::pin!(worker.drain());
        assert!(world.driver.run_until(work.as_mut(), || gate.is_reached()).is_none());
        cancel(&world, &process, id);
        assert_eq!(stands(&world, id), (Status::Canceled, PosState::CancelPending));
        world.check();
        gate.open();
        world.run(work).unwrap();
        world.settle(&process);
        assert_eq!(stands(&world, id), (Status::Canceled, PosState::Cancelled));
        assert_eq!((world.register.orders().len(), world.live(id).len()), (1, 0));
        world.check_settled();
    }
}

fn a_cancel_of_an_unclear_create_finds_it_first(kind: Kind) {
    for (proves_absence, after) in [(true, false), (true, true), (false, true), (false, false)] {
        let world = World::with(kind, Wishes { proves_absence, ..Wishes::default() });
        let process = world.start();
        let rule = FaultRule::next(1, Fault::Drop).on("create");
        world.fault(if after { rule.after_apply() } else { rule });
        let id = world.place(&process);
        world.drain(&process);
        assert_eq!(world.load(id).pos.state, PosState::Unknown);
        cancel(&world, &process, id);
        world.settle(&process);
        // Where it cannot be told, a person has to look.
        let expected = if proves_absence || after { PosState::Cancelled } else { PosState::CancelFailed };
        assert_eq!(stands(&world, id), (Status::Canceled, expected), "{proves_absence} {after}");
        assert_eq!(world.live(id), []);
        assert_eq!(world.wire.count(CREATE), 1);
        let told = if expected == PosState::CancelFailed { 2 } else { 0 };
        assert_eq!(attentions(&world).len(), told);
        world.check_settled();
    }
}

fn a_cancel_of_a_paid_ticket_calls_a_person(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    world.at_register(id, "pay");
    cancel(&world, &process, id);
    world.settle(&process);
    let order = world.load(id);
    assert_eq!((order.status, order.pos.state), (Status::Canceled, PosState::CancelFailed));
    assert_eq!(order.pos.problem.unwrap().kind, "wrong_state");
    assert_eq!(attentions(&world), [Audience::Staff, Audience::Manager]);
    world.check_settled();
    // The customer has paid and takes it along after all; the register closes the sale.
    world.at_register(id, "complete");
    world.follow(&process);
    assert_eq!(stands(&world, id).0, Status::Canceled);
    world.check_settled();
    assert_eq!(world.books.outbox(), []);
}

fn a_retry_goes_on_where_it_failed(kind: Kind) {
    let mut wishes = Wishes::default();
    wishes.config.attempts = 2;
    let world = World::with(kind, wishes);
    let process = world.start();
    world.unplug();
    let id = world.place(&process);
    world.settle(&process);
    assert_eq!(world.load(id).pos.attention.unwrap().code, AttentionCode::Unreachable);
    world.plug_in();
    link(&world, &process, id, PosOrderLink::Retry);
    link(&world, &process, id, PosOrderLink::Retry);
    world.settle(&process);
    assert_eq!(stands(&world, id), (Status::AwaitingProcessing, PosState::Accepted));
    assert_eq!(world.register.orders().len(), 1);
    // The same for a change that failed.
    world.unplug();
    world.staff(&process, id, Action::Start);
    world.settle(&process);
    assert_eq!(world.load(id).pos.state, PosState::Attention);
    world.check_settled();
    world.plug_in();
    link(&world, &process, id, PosOrderLink::Retry);
    world.settle(&process);
    assert_eq!(world.there(id).status, "IN_PROCESS");
    world.check_settled();
}

fn a_retry_of_an_unclear_create_looks_first(kind: Kind) {
    for arrived in [false, true] {
        let world = World::with(kind, Wishes { proves_absence: false, ..Wishes::default() });
        let process = world.start();
        // Neither the create nor any look-up is answered.
        let rule = FaultRule::next(1, Fault::Drop).on("create");
        world.fault(if arrived { rule.after_apply() } else { rule });
        world.fault(FaultRule::rate(1.0, Fault::Error { status: 500 }).on("list"));
        let id = world.place(&process);
        world.settle(&process);
        let attention = world.load(id).pos.attention.unwrap();
        assert_eq!((attention.code, attention.maybe_there), (AttentionCode::CannotTell, true));
        world.check_settled();
        world.plug_in();
        link(&world, &process, id, PosOrderLink::Retry);
        world.settle(&process);
        assert_eq!(stands(&world, id), (Status::AwaitingProcessing, PosState::Accepted));
        assert_eq!(world.register.orders().len(), 1);
        assert_eq!(world.wire.count(CREATE), if arrived { 1 } else { 2 });
        world.check_settled();
    }
}

fn a_link_is_followed(kind: Kind) {
    let world = World::with(kind, Wishes { proves_absence: false, ..Wishes::default() });
    let process = world.start();
    world.fault(FaultRule::next(1, Fault::Drop).on("create").after_apply());
    world.fault(FaultRule::rate(1.0, Fault::Error { status: 500 }).on("list"));
    let id = world.place(&process);
    world.settle(&process);
    assert_eq!(world.load(id).pos.state, PosState::Attention);
    let there = world.there(id);
    let found = PosOrderLink::Link { id: PosOrderId::new(there.id.as_str()).unwrap(), number: None };
    link(&world, &process, id, found);
    world.at_register(id, "start");
    world.follow(&process);
    assert_eq!(stands(&world, id), (Status::InProcess, PosState::Accepted));
    assert_eq!(world.wire.count(CREATE), 1);
    world.check_settled();
}

fn a_manual_entry_lets_staff_work(kind: Kind) {
    let mut wishes = Wishes::default();
    wishes.config.attempts = 1;
    let world = World::with(kind, wishes);
    let process = world.start();
    world.unplug();
    let id = world.place(&process);
    world.settle(&process);
    let start = Command::new(Action::Start);
    assert!(matches!(
        world.act(&process, Role::Staff, id, &start),
        Err(FlowError::Refused(Refusal::Guarded { .. }))
    ));
    link(&world, &process, id, PosOrderLink::Manual { number: "A-17".to_owned() });
    let before = world.wire.calls().len();
    world.staff(&process, id, Action::Start);
    world.staff(&process, id, Action::Pick(Vec::new()));
    world.staff(&process, id, Action::Pack);
    world.staff(&process, id, Action::MarkPaid);
    world.staff(&process, id, Action::Complete { id_checked: true });
    world.settle(&process);
    assert_eq!(stands(&world, id), (Status::Completed, PosState::Manual));
    assert_eq!(world.load(id).pos.number.as_deref(), Some("A-17"));
    assert_eq!(world.wire.calls().len(), before);
    world.check_settled();
    assert_eq!(world.books.outbox(), []);
}

fn reopen(world: &World, process: &Process, id: OrderId) {
    world.pass(Duration::from_secs(1));
    world.act(process, Role::Manager, id, &Command::new(Action::Reopen)).unwrap();
}

fn a_reopened_order_is_created_anew(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    cancel(&world, &process, id);
    // Not before the register has heard of the cancel.
    assert!(world.act(&process, Role::Manager, id, &Command::new(Action::Reopen)).is_err());
    world.settle(&process);
    reopen(&world, &process, id);
    world.check();
    world.settle(&process);
    assert_eq!(stands(&world, id), (Status::AwaitingProcessing, PosState::Accepted));
    assert_eq!((world.register.orders().len(), world.live(id).len()), (2, 1));
    world.check_settled();
    world.at_register(id, "start");
    world.follow(&process);
    assert_eq!(stands(&world, id).0, Status::InProcess);
    world.check_settled();
}

fn a_reopened_order_whose_answer_was_lost_is_found(kind: Kind) {
    for after in [true, false] {
        let world = World::new(kind);
        let process = world.start();
        let id = world.accepted(&process);
        cancel(&world, &process, id);
        world.settle(&process);
        reopen(&world, &process, id);
        let rule = FaultRule::next(1, Fault::Drop).on("create");
        world.fault(if after { rule.after_apply() } else { rule });
        world.settle(&process);
        if after {
            // The cancelled predecessor stands before it in every list.
            assert_eq!(stands(&world, id), (Status::AwaitingProcessing, PosState::Accepted));
        } else {
            let attention = world.load(id).pos.attention.unwrap();
            assert_eq!(attention.code, AttentionCode::CannotTell);
            link(&world, &process, id, PosOrderLink::Retry);
            world.settle(&process);
            assert_eq!(stands(&world, id), (Status::AwaitingProcessing, PosState::Accepted));
        }
        assert_eq!(world.live(id).len(), 1);
        world.check_settled();
        cancel(&world, &process, id);
        world.settle(&process);
        assert_eq!(world.live(id), []);
        world.check_settled();
    }
}

fn work_goes_on_through_an_outage(kind: Kind) {
    let mut wishes = Wishes::default();
    wishes.policy.work_through_outages = true;
    let world = World::with(kind, wishes);
    let process = world.start();
    world.unplug();
    let id = world.place(&process);
    world.drain(&process);
    world.staff(&process, id, Action::Start);
    world.staff(&process, id, Action::Pick(Vec::new()));
    world.staff(&process, id, Action::Pack);
    world.drain(&process);
    assert_eq!(stands(&world, id), (Status::PackedReady, PosState::Retrying));
    world.check();
    world.plug_in();
    world.settle(&process);
    assert_eq!(stands(&world, id), (Status::PackedReady, PosState::Accepted));
    assert_eq!(world.there(id).status, "PACKED_READY");
    assert_eq!(world.wire.count(CREATE), 1);
    world.check_settled();
}

fn work_done_before_a_retry_is_told_after_it(kind: Kind) {
    let mut wishes = Wishes::default();
    wishes.policy.work_through_outages = true;
    wishes.config.attempts = 2;
    let world = World::with(kind, wishes);
    let process = world.start();
    world.unplug();
    let id = world.place(&process);
    world.staff(&process, id, Action::Start);
    world.settle(&process);
    assert_eq!(stands(&world, id), (Status::InProcess, PosState::Attention));
    world.staff(&process, id, Action::Pick(Vec::new()));
    world.staff(&process, id, Action::Pack);
    world.plug_in();
    link(&world, &process, id, PosOrderLink::Retry);
    world.settle(&process);
    assert_eq!(stands(&world, id), (Status::PackedReady, PosState::Accepted));
    assert_eq!(world.there(id).status, "PACKED_READY");
    world.check_settled();
}

fn a_stale_version_changes_nothing(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    let seen = world.load(id).version;
    let start = Command::new(Action::Start).on(seen);
    world.act(&process, Role::Staff, id, &start).unwrap();
    let late = Command::new(Action::Cancel).on(seen).because(ReasonCode::OutOfStock);
    assert!(matches!(
        world.act(&process, Role::Kiosk, id, &late),
        Err(FlowError::Refused(Refusal::Stale { .. } | Refusal::Forbidden { .. }))
    ));
    let late = Command::new(Action::MarkPaid).on(seen);
    assert!(matches!(
        world.act(&process, Role::Staff, id, &late),
        Err(FlowError::Refused(Refusal::Stale { .. }))
    ));
    // Many hands at once, each on what it sees: one wins.
    let current = world.load(id).version;
    let staff = world.caller(Role::Staff);
    let pick = Command::new(Action::Pick(Vec::new())).on(current);
    let all = (0..8).map(|_| process.flow.act(&staff, id, &pick));
    let all = world.run(futures_util::future::join_all(all));
    assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 1);
    world.settle(&process);
    world.check_settled();
}
