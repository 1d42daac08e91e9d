//! Many orders at once.

use order_core::access::{Role, Scope};
use order_core::flow::FlowError;
use order_core::lifecycle::{Action, Command, Refusal};
use order_core::model::{Note, OrderId, PosState, ReasonCode, Status};
use uuid::Uuid;

use crate::on_both_stores;
use crate::world::{Kind, World, key};

on_both_stores!(
    each_order_has_its_own_result,
    another_stores_orders_do_not_exist,
    staff_move_many_orders_forwards_only,
    a_batch_names_an_order_twice,
);

fn each_order_has_its_own_result(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let ids: Vec<_> = (0..4)
        .map(|number| world.submit(&process, &world.sample(), &format!("key-{number}")).unwrap().order.id)
        .collect();
    world.settle(&process);
    world.staff(&process, ids[1], Action::Start);
    world.staff(&process, ids[1], Action::Pick(Vec::new()));
    world.staff(&process, ids[1], Action::Pack);
    let cancel = Command::new(Action::Cancel).because(ReasonCode::OutOfStock);
    world.act(&process, Role::Staff, ids[2], &cancel).unwrap();
    let nobodys = OrderId::new(Uuid::from_u128(1));
    let asked = [ids[0], ids[1], ids[2], nobodys, ids[3]];
    let staff = world.caller(Role::Staff);
    let start = Command::new(Action::Start);
    let batch = process.flow.batch(&staff, &world.store, &asked, &start);
    let results = world.run(batch).unwrap();
    assert_eq!(results.iter().map(|result| result.id).collect::<Vec<_>>(), asked);
    let status = |at: usize| results[at].outcome.as_ref().map(|order| order.status);
    assert_eq!(status(0).unwrap(), Status::InProcess);
    assert!(matches!(status(1), Err(FlowError::Refused(Refusal::Illegal { .. }))));
    assert!(matches!(status(2), Err(FlowError::Refused(Refusal::Illegal { .. }))));
    assert!(matches!(status(3), Err(FlowError::NoSuchOrder)));
    assert_eq!(status(4).unwrap(), Status::InProcess);
    world.settle(&process);
    world.check_settled();
    assert_eq!(world.there(ids[3]).status, "IN_PROCESS");
}

fn another_stores_orders_do_not_exist(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let ours = world.accepted(&process);
    let mut kiosk = world.caller(Role::Kiosk);
    kiosk.scope = Scope::Stores([world.other_store.clone()].into());
    let draft = world.sample();
    let name = key("sample");
    let placed = process.flow.submit(&kiosk, &world.other_store, &draft, &name, None);
    // The same key in another store is another key.
    let placed = world.run(placed).unwrap();
    assert!(!placed.replayed);
    let theirs = placed.order.id;
    assert_eq!(placed.order.pos.state, PosState::NotRequired);
    let start = Command::new(Action::Start);
    let staff = world.caller(Role::Staff);
    let asked = [theirs, ours];
    let batch = process.flow.batch(&staff, &world.store, &asked, &start);
    let results = world.run(batch).unwrap();
    assert!(matches!(results[0].outcome, Err(FlowError::NoSuchOrder)));
    assert!(results[1].outcome.is_ok());
    // Nor for one who may work in both, when they name the wrong one.
    let mut both = world.caller(Role::Manager);
    both.scope = Scope::All;
    let results = world.run(process.flow.batch(&both, &world.store, &[theirs], &start)).unwrap();
    assert!(matches!(results[0].outcome, Err(FlowError::NoSuchOrder)));
    let nowhere = process.flow.batch(&staff, &world.other_store, &asked, &start);
    assert!(matches!(world.run(nowhere), Err(FlowError::NoSuchStore)));
    assert!(matches!(world.act(&process, Role::Staff, theirs, &start), Err(FlowError::NoSuchOrder)));
    assert!(matches!(world.run(process.flow.order(&staff, theirs)), Err(FlowError::NoSuchOrder)));
    assert!(matches!(world.run(process.flow.history(&staff, theirs)), Err(FlowError::NoSuchOrder)));
    assert_eq!(world.load(theirs).status, Status::AwaitingProcessing);
    world.settle(&process);
    world.check_settled();
}

fn staff_move_many_orders_forwards_only(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    let asked = [id];
    let staff = world.caller(Role::Staff);
    let why = |action| {
        Command::new(action).because(ReasonCode::OutOfStock).noting(Note::new("the shelf is empty").unwrap())
    };
    for action in [Action::Cancel, Action::Release, Action::Unpack, Action::Return, Action::Reopen] {
        let command = why(action);
        let refused = process.flow.batch(&staff, &world.store, &asked, &command);
        assert!(matches!(world.run(refused), Err(FlowError::Forbidden { role: Role::Staff })));
    }
    let kiosk = world.caller(Role::Kiosk);
    let cancel = why(Action::Cancel);
    let refused = process.flow.batch(&kiosk, &world.store, &asked, &cancel);
    assert!(matches!(world.run(refused), Err(FlowError::Forbidden { role: Role::Kiosk })));
    assert_eq!(world.load(id).version.get(), 1);
    let manager = world.caller(Role::Manager);
    let results = world.run(process.flow.batch(&manager, &world.store, &asked, &cancel)).unwrap();
    assert_eq!(results[0].outcome.as_ref().unwrap().status, Status::Canceled);
    world.settle(&process);
    world.check_settled();
}

fn a_batch_names_an_order_twice(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.accepted(&process);
    let staff = world.caller(Role::Staff);
    let start = Command::new(Action::Start);
    let results = world.run(process.flow.batch(&staff, &world.store, &[id, id, id], &start)).unwrap();
    assert!(results.iter().all(|result| result.outcome.as_ref().unwrap().status == Status::InProcess));
    let started = world.told(id).iter().filter(|event| **event == "started").count();
    assert_eq!(started, 1);
    world.settle(&process);
    world.check_settled();
}
