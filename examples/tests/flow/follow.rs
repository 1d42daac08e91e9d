//! Following what staff do at the register.

use order_core::access::Role;
use order_core::lifecycle::{Action, ActionKind, Change, Command};
use order_core::model::{OrderId, PaymentStatus, PosState, ReasonCode, Status};
use pos_clients::sim::{Fault, FaultRule};

use crate::on_both_stores;
use crate::world::{Kind, Process, Wishes, World};

on_both_stores!(
    our_order_goes_where_staff_take_it,
    skipped_steps_are_made_up_for,
    a_cancel_at_the_register_frees_the_stock,
    a_removed_ticket_is_a_cancelled_order,
    a_finished_order_never_moves,
    payment_at_the_register_is_payment,
    what_differs_there_is_on_record,
    an_unknown_word_is_shown_and_never_guessed,
    following_ends_when_both_sides_are_done,
    following_ends_some_day_when_the_register_is_gone,
    a_register_that_forgets_an_order_calls_a_person,
    our_own_steps_and_theirs_do_not_fight,
);

fn register_does(world: &World, process: &Process, id: OrderId, action: &str) -> (Status, PosState) {
    world.at_register(id, action);
    world.follow(process);
    let order = world.load(id);
    world.check_settled();
    (order.status, order.pos.state)
}

fn our_order_goes_where_staff_take_it(kind: Kind) {
    let mut wishes = Wishes::default();
    wishes.policy.verify_first = true;
    let world = World::with(kind, wishes);
    let process = world.start();
    let id = world.accepted(&process);
    assert_eq!(world.load(id).status, Status::VerificationPending);
    let steps = [
        ("verify", Status::AwaitingProcessing),
        ("start", Status::InProcess),
        ("pack", Status::PackedReady),
        // Backwards too: somebody opened the bag again.
        ("start", Status::InProcess),
        ("accept", Status::AwaitingProcessing),
        ("start", Status::InProcess),
        ("pack", Status::PackedReady),
        ("complete", Status::Completed),
    ];
    for (action, expected) in steps {
        assert_eq!(register_does(&world, &process, id, action).0, expected, "{action}");
    }
    let moves: Vec<_> = world
        .history(id)
        .iter()
        .filter_map(|recorded| match recorded.event.change {
            Change::Moved { by, .. } => Some((by, recorded.event.actor.role)),
            _ => None,
        })
        .collect();
    let by = [
        ActionKind::Verify,
        ActionKind::Start,
        ActionKind::Pack,
        ActionKind::Unpack,
        ActionKind::Release,
        ActionKind::Start,
        ActionKind::Pack,
        ActionKind::Complete,
    ];
    assert_eq!(moves, by.map(|action| (action, Role::Pos)));
    // Nothing of this was ours to tell.
    assert_eq!(world.wire.count("PUT /ticket/update/"), 0);
}

fn skipped_steps_are_made_up_for(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    assert_eq!(register_does(&world, &process, id, "pack").0, Status::PackedReady);
    assert_eq!(register_does(&world, &process, id, "accept").0, Status::AwaitingProcessing);
    assert_eq!(register_does(&world, &process, id, "complete").0, Status::Completed);
}

fn a_cancel_at_the_register_frees_the_stock(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    world.staff(&process, id, Action::Start);
    world.settle(&process);
    assert_eq!(register_does(&world, &process, id, "cancel"), (Status::Canceled, PosState::Cancelled));
    let order = world.load(id);
    assert_eq!(order.reason, Some(ReasonCode::StoreOperations));
    world.follow(&process);
    assert_eq!(world.books.outbox(), []);
}

fn a_removed_ticket_is_a_cancelled_order(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    assert_eq!(register_does(&world, &process, id, "remove"), (Status::Canceled, PosState::Cancelled));
}

fn a_finished_order_never_moves(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    world.staff(&process, id, Action::Start);
    world.staff(&process, id, Action::Pick(Vec::new()));
    world.staff(&process, id, Action::Pack);
    // The register does not hear of the hand-over for a while, and staff there go on with the ticket.
    world.settle(&process);
    world.fault(FaultRule::rate(1.0, Fault::RefuseConnection).on("update"));
    world.staff(&process, id, Action::Complete { id_checked: true });
    world.drain(&process);
    world.at_register(id, "start");
    world.drain(&process);
    assert_eq!(world.load(id).status, Status::Completed);
    world.plug_in();
    world.settle(&process);
    world.follow(&process);
    assert_eq!(world.load(id).status, Status::Completed);
    assert_eq!(world.there(id).status, "COMPLETED");
    world.check_settled();
    assert_eq!(world.books.outbox(), []);
}

fn payment_at_the_register_is_payment(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    register_does(&world, &process, id, "pay");
    assert_eq!(world.load(id).payment, PaymentStatus::Paid);
    assert_eq!(world.load(id).status, Status::AwaitingProcessing);
}

fn what_differs_there_is_on_record(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    let there = world.there(id);
    let line = there.lines[0].clone();
    // Somebody changes the ticket at the register, as any other client of it would.
    let mut order = order_core::ports::PosOrder::from(&world.load(id));
    order.lines[0].quantity = order_core::model::Quantity::Units(line.quantity + 2);
    let pos = process.flow.store(&world.store).unwrap().pos.clone().unwrap();
    let ticket = world.load(id).pos.id.unwrap();
    world.run(pos.update(&ticket, &order)).unwrap();
    world.follow(&process);
    let pos = world.load(id).pos;
    let fields: Vec<_> = pos.differences.iter().map(|difference| difference.field.clone()).collect();
    assert_eq!(fields, ["total".to_owned(), format!("line {}", line.product_id)]);
    assert!(world.told(id).contains(&"pos_observed"));
    let told = world.told(id).len();
    // Seen once, written once.
    world.follow(&process);
    assert_eq!(world.told(id).len(), told);
    world.check_settled();
}

fn an_unknown_word_is_shown_and_never_guessed(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    world.wire.reword("IN_PROCESS", "WITH_BARISTA");
    world.at_register(id, "start");
    world.follow(&process);
    let order = world.load(id);
    assert_eq!(order.status, Status::AwaitingProcessing);
    assert_eq!(order.pos.status.as_deref(), Some("WITH_BARISTA"));
    let told = world.told(id).len();
    world.follow(&process);
    assert_eq!(world.told(id).len(), told);
    assert_eq!(register_does(&world, &process, id, "pack").0, Status::PackedReady);
}

fn following_ends_when_both_sides_are_done(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    world.follow(&process);
    assert_eq!(world.books.outbox().len(), 1);
    assert_eq!(register_does(&world, &process, id, "complete").0, Status::Completed);
    world.follow(&process);
    assert_eq!(world.books.outbox(), []);
    let calls = world.wire.calls().len();
    world.follow(&process);
    assert_eq!(world.wire.calls().len(), calls);
}

fn following_ends_some_day_when_the_register_is_gone(kind: Kind) {
    for fault in [Fault::RefuseConnection, Fault::Error { status: 500 }] {
        let world = World::new(kind);
        let process = world.start();
        let id = world.accepted(&process);
        world.staff(&process, id, Action::Start);
        world.settle(&process);
        world.fault(FaultRule::rate(1.0, fault));
        let cancel = Command::new(Action::Complete { id_checked: true }).because(ReasonCode::StoreOperations);
        world.act(&process, Role::Manager, id, &cancel).unwrap();
        world.settle(&process);
        let mut rounds = 0;
        while !world.books.outbox().is_empty() {
            world.follow(&process);
            rounds += 1;
            assert!(rounds < 2 * 86_400 / 300 + 10, "{:?}", world.books.outbox());
        }
        assert!(world.load(id).pos.attention.is_some());
        world.check_settled();
    }
}

fn a_register_that_forgets_an_order_calls_a_person(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    // Another register stands there now.
    let gone = FaultRule::rate(1.0, Fault::Html { status: 404 }).on("get");
    world.fault(gone);
    for _ in 0..6 {
        world.follow(&process);
    }
    let order = world.load(id);
    assert_eq!(order.pos.state, PosState::Attention, "{:?}", order.pos);
    assert_eq!(order.status, Status::AwaitingProcessing);
    assert_eq!(crate::deliver::attentions(&world).len(), 2);
    world.plug_in();
    world.check_settled();
}

fn our_own_steps_and_theirs_do_not_fight(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    world.staff(&process, id, Action::Start);
    // A read now shows the register before it has heard of our step; it must not undo it.
    world.fault(FaultRule::rate(1.0, Fault::RefuseConnection).on("update"));
    world.pass(std::time::Duration::from_secs(6));
    world.drain(&process);
    assert_eq!(world.load(id).status, Status::InProcess);
    world.plug_in();
    world.settle(&process);
    world.follow(&process);
    assert_eq!(world.load(id).status, Status::InProcess);
    assert_eq!(world.there(id).status, "IN_PROCESS");
    world.check_settled();
}
