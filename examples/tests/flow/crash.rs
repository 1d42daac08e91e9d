//! A process that dies at each of its steps in turn, and the one that comes after it.

use order_core::access::Role;
use order_core::lifecycle::{Action, Command};
use order_core::model::{OrderId, PosState, ReasonCode, Status};
use pos_clients::sim::{Fault, FaultRule};

use crate::on_both_stores;
use crate::wire::Place;
use crate::world::{CREATE, Kind, Process, Wishes, World};

on_both_stores!(
    a_death_at_any_step_of_a_delivery_leaves_one_order,
    a_death_at_any_step_after_a_lost_answer_leaves_one_order,
    two_deaths_in_a_row_leave_one_order,
    a_death_at_any_step_of_a_cancel_leaves_none,
    a_death_between_create_and_cancel_leaves_none,
    a_death_at_any_step_of_a_reopened_order_leaves_one,
    a_death_at_any_step_of_the_work_is_made_up_for,
);

/// Lets a process die at step 0, 1, 2, ... of its work until it no longer does. Each time in a world of its
/// own, where a second process then finishes.
fn at_every_step(
    kind: Kind,
    wishes: &Wishes,
    prepare: impl Fn(&World, &Process) -> OrderId,
    look: impl Fn(&World, OrderId),
) -> usize {
    for at in 0.. {
        let mut world = World::with(kind, wishes.clone());
        let process = world.start();
        let id = prepare(&world, &process);
        let died = world.dies(process, at);
        world.check();
        let process = world.start();
        world.settle(&process);
        world.check_settled();
        look(&world, id);
        if !died {
            return at;
        }
    }
    unreachable!()
}

fn is_accepted(world: &World, id: OrderId) {
    assert_eq!(world.load(id).pos.state, PosState::Accepted, "{:?}", world.told(id));
    assert_eq!(world.register.orders().len(), 1);
}

fn a_death_at_any_step_of_a_delivery_leaves_one_order(kind: Kind) {
    let steps = at_every_step(kind, &Wishes::default(), |world, process| world.place(process), is_accepted);
    assert!(steps > 20, "{steps}");
}

fn a_death_at_any_step_after_a_lost_answer_leaves_one_order(kind: Kind) {
    for after in [false, true] {
        let prepare = |world: &World, process: &Process| {
            let rule = FaultRule::next(1, Fault::Drop).on("create");
            world.fault(if after { rule.after_apply() } else { rule });
            world.place(process)
        };
        at_every_step(kind, &Wishes::default(), prepare, is_accepted);
        // And where a search without a match proves nothing: one order, or none and a person knows.
        let wishes = Wishes { proves_absence: false, ..Wishes::default() };
        at_every_step(kind, &wishes, prepare, |world, id| match world.load(id).pos.state {
            PosState::Accepted => assert_eq!(world.register.orders().len(), 1),
            PosState::Attention => assert_eq!(world.live(id), []),
            other => panic!("{other:?}"),
        });
    }
}

fn two_deaths_in_a_row_leave_one_order(kind: Kind) {
    let most = match kind {
        Kind::Memory => 24,
        Kind::Sqlite => 10,
    };
    for first in 0..most {
        for second in (0..most).map(|second| second * 2) {
            let mut world = World::new(kind);
            let process = world.start();
            let id = world.place(&process);
            world.dies(process, first);
            let process = world.start();
            world.dies(process, second);
            world.check();
            let process = world.start();
            world.settle(&process);
            world.check_settled();
            is_accepted(&world, id);
        }
    }
}

fn a_death_at_any_step_of_a_cancel_leaves_none(kind: Kind) {
    let prepare = |world: &World, process: &Process| {
        let id = world.accepted(process);
        let command = Command::new(Action::Cancel).because(ReasonCode::CustomerRequest);
        world.act(process, Role::Kiosk, id, &command).unwrap();
        id
    };
    let steps = at_every_step(kind, &Wishes::default(), prepare, |world, id| {
        let order = world.load(id);
        assert_eq!((order.status, order.pos.state), (Status::Canceled, PosState::Cancelled));
        assert_eq!(world.register.orders().len(), 1);
    });
    assert!(steps > 10, "{steps}");
}

fn a_death_between_create_and_cancel_leaves_none(kind: Kind) {
    for place in [Place::BeforeIt, Place::AfterIt] {
        let mut world = World::new(kind);
        let process = world.start();
        let id = world.place(&process);
        let gate = world.wire.hold(CREATE, place);
        {
            let worker = process.flow.worker();
            let mut work = std::pin::pin!(worker.drain());
            assert!(world.driver.run_until(work.as_mut(), || gate.is_reached()).is_none());
            let command = Command::new(Action::Cancel).because(ReasonCode::CustomerRequest);
            world.act(&process, Role::Kiosk, id, &command).unwrap();
        }
        drop(process);
        world.reopen();
        world.check();
        let process = world.start();
        world.settle(&process);
        let order = world.load(id);
        assert_eq!((order.status, order.pos.state), (Status::Canceled, PosState::Cancelled));
        assert_eq!(world.live(id), []);
        assert_eq!(world.wire.count(CREATE), 1);
        world.check_settled();
    }
}

fn a_death_at_any_step_of_a_reopened_order_leaves_one(kind: Kind) {
    let prepare = |world: &World, process: &Process| {
        let id = world.accepted(process);
        let command = Command::new(Action::Cancel).because(ReasonCode::CustomerRequest);
        world.act(process, Role::Kiosk, id, &command).unwrap();
        world.settle(process);
        world.pass(std::time::Duration::from_secs(1));
        world.act(process, Role::Manager, id, &Command::new(Action::Reopen)).unwrap();
        id
    };
    at_every_step(kind, &Wishes::default(), prepare, |world, id| match world.load(id).pos.state {
        PosState::Accepted => assert_eq!(world.live(id).len(), 1),
        // Only its cancelled predecessor was found, which proves nothing.
        PosState::Attention => assert_eq!(world.live(id), []),
        other => panic!("{other:?}"),
    });
}

fn a_death_at_any_step_of_the_work_is_made_up_for(kind: Kind) {
    let prepare = |world: &World, process: &Process| {
        let id = world.accepted(process);
        world.staff(process, id, Action::Start);
        world.staff(process, id, Action::Pick(Vec::new()));
        world.staff(process, id, Action::Pack);
        world.staff(process, id, Action::MarkPaid);
        world.staff(process, id, Action::Complete { id_checked: true });
        id
    };
    let steps = at_every_step(kind, &Wishes::default(), prepare, |world, id| {
        assert_eq!(world.load(id).status, Status::Completed);
        assert_eq!(world.there(id).status, "COMPLETED");
    });
    assert!(steps > 30, "{steps}");
}
