//! Several workers on one store.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{join, join_all};
use order_core::access::{Role, Scope};
use order_core::lifecycle::{Action, Command};
use order_core::model::{PosState, ReasonCode, Status};
use order_core::ports::Clock;
use pos_clients::sim::{Fault, FaultRule};

use crate::on_both_stores;
use crate::wire::Place;
use crate::world::{CREATE, Kind, Wishes, World, key};

on_both_stores!(
    three_workers_deliver_each_order_once,
    a_call_that_outlives_its_lease_says_nothing_any_more,
    a_worker_that_slept_before_it_began_does_not_begin,
    a_cancel_that_outlives_its_lease_is_carried_out_once,
    a_running_worker_delivers_and_stops,
    one_hanging_register_does_not_hold_up_other_stores,
);

fn three_workers_deliver_each_order_once(kind: Kind) {
    let world = World::new(kind);
    let processes = [world.start(), world.start(), world.start()];
    let kiosk = world.caller(Role::Kiosk);
    let drafts: Vec<_> = world.data.orders.iter().map(|order| world.draft(order)).collect();
    let keys: Vec<_> = (0..drafts.len()).map(|number| key(&format!("key-{number}"))).collect();
    let stop = event_listener::Event::new();
    let workers = join_all(processes.iter().map(|process| process.flow.worker().run(stop.listen())));
    let kiosks = async {
        let wait = Some(Duration::from_secs(30));
        let placed = drafts.iter().zip(&keys).enumerate().map(|(at, (draft, name))| {
            processes[at % 3].flow.submit(&kiosk, &world.store, draft, name, wait)
        });
        let placed = join_all(placed).await;
        stop.notify(usize::MAX);
        placed
    };
    let (_, placed) = world.run(join(workers, kiosks));
    for placed in placed {
        assert_eq!(placed.unwrap().order.pos.state, PosState::Accepted);
    }
    assert_eq!(world.wire.count(CREATE), 30);
    world.settle(&processes[0]);
    world.check_settled();
    world.check_mail_once();
}

fn a_call_that_outlives_its_lease_says_nothing_any_more(kind: Kind) {
    for place in [Place::BeforeIt, Place::AfterIt] {
        let world = World::new(kind);
        let (first, second) = (world.start(), world.start());
        let id = world.place(&first);
        let gate = world.wire.hold(CREATE, place);
        let late = first.flow.worker();
        let mut late = pin!(late.drain());
        assert!(world.driver.run_until(late.as_mut(), || gate.is_reached()).is_none());
        // The first process is frozen with its call on the way; the second takes over.
        world.pass(Duration::from_secs(60));
        world.drain(&second);
        assert_eq!(world.load(id).pos.state, PosState::Unknown);
        let before = world.load(id);
        if place == Place::AfterIt {
            world.settle(&second);
            assert_eq!(world.load(id).pos.state, PosState::Accepted);
        }
        let told = world.told(id);
        gate.open();
        world.run(late).unwrap();
        // What the first one learnt is void: nothing of it was written.
        assert_eq!(world.told(id)[..told.len()], told[..]);
        let accepted = |told: &[&str]| told.iter().filter(|event| **event == "pos_accepted").count();
        assert_eq!(accepted(&world.told(id)), accepted(&told), "{:?}", before.pos);
        world.settle(&second);
        assert_eq!(world.load(id).pos.state, PosState::Accepted);
        assert_eq!(world.register.orders().len(), 1);
        world.check_settled();
    }
}

fn a_worker_that_slept_before_it_began_does_not_begin(kind: Kind) {
    // Step by step: frozen right after its claim, right after its look, and so on up to the call.
    for at in 1..40 {
        let world = World::new(kind);
        let (first, second) = (world.start(), world.start());
        let id = world.place(&first);
        let late = first.flow.worker();
        let mut late = pin!(late.drain());
        first.fuse.burn_at(at);
        assert!(world.driver.run_until(late.as_mut(), || first.fuse.is_burnt()).is_none());
        if world.told(id).contains(&"pos_sending") {
            assert!(at > 2);
            return;
        }
        world.pass(Duration::from_secs(60));
        let gate = world.wire.hold(CREATE, Place::BeforeIt);
        let busy = second.flow.worker();
        let mut busy = pin!(busy.drain());
        assert!(world.driver.run_until(busy.as_mut(), || gate.is_reached()).is_none());
        // The second one is at it when the first one wakes.
        first.fuse.mend();
        world.run(late).unwrap();
        assert_eq!(world.wire.count(CREATE), 1, "step {at}: {:?}", world.told(id));
        gate.open();
        world.run(busy).unwrap();
        world.settle(&second);
        assert_eq!(world.register.orders().len(), 1, "step {at}");
        assert_eq!(world.load(id).pos.state, PosState::Accepted);
        world.check_settled();
    }
    panic!("it never began");
}

fn a_cancel_that_outlives_its_lease_is_carried_out_once(kind: Kind) {
    let world = World::new(kind);
    let (first, second) = (world.start(), world.start());
    let id = world.accepted(&first);
    let command = Command::new(Action::Cancel).because(ReasonCode::CustomerRequest);
    world.act(&first, Role::Kiosk, id, &command).unwrap();
    let gate = world.wire.hold("PUT /ticket/update/", Place::BeforeIt);
    let late = first.flow.worker();
    let mut late = pin!(late.drain());
    assert!(world.driver.run_until(late.as_mut(), || gate.is_reached()).is_none());
    world.pass(Duration::from_secs(60));
    world.settle(&second);
    assert_eq!(world.load(id).pos.state, PosState::Cancelled);
    let told = world.told(id);
    gate.open();
    world.run(late).unwrap();
    assert_eq!(world.told(id), told);
    world.check_settled();
    assert_eq!(world.load(id).status, Status::Canceled);
}

fn a_running_worker_delivers_and_stops(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    world.fault(FaultRule::next(1, Fault::Drop).on("create").after_apply());
    let ids: Vec<_> = (0..5)
        .map(|number| world.submit(&process, &world.sample(), &format!("key-{number}")).unwrap().order.id)
        .collect();
    let stop = event_listener::Event::new();
    let worker = process.flow.worker().run(stop.listen());
    let until_all_there = async {
        loop {
            let mut left = 0;
            for id in &ids {
                let order = process.flow.orders().load(*id).await.unwrap().unwrap();
                left += usize::from(order.pos.state != PosState::Accepted);
            }
            if left == 0 {
                break;
            }
            world.driver.clock.sleep(Duration::from_millis(200)).await;
        }
        stop.notify(usize::MAX);
    };
    world.run(join(worker, until_all_there));
    assert_eq!(world.register.orders().len(), 5);
    world.settle(&process);
    world.check_settled();
    world.check_mail_once();
}

fn one_hanging_register_does_not_hold_up_other_stores(kind: Kind) {
    let mut wishes = Wishes::default();
    wishes.config.in_flight_per_store = 4;
    wishes.config.in_flight = 8;
    let world = World::with(kind, wishes);
    let process = world.start();
    let gates: Vec<_> = (0..12).map(|_| world.wire.hold(CREATE, Place::BeforeIt)).collect();
    for number in 0..12 {
        world.submit(&process, &world.sample(), &format!("key-{number}")).unwrap();
    }
    let stop = event_listener::Event::new();
    let worker = process.flow.worker().run(stop.listen());
    let mut kiosk = world.caller(Role::Kiosk);
    kiosk.scope = Scope::Stores([world.other_store.clone()].into());
    let (draft, name) = (world.sample(), key("corner"));
    let watch = async {
        world.driver.clock.sleep(Duration::from_secs(2)).await;
        let placed = process.flow.submit(&kiosk, &world.other_store, &draft, &name, None).await.unwrap();
        world.driver.clock.sleep(Duration::from_secs(2)).await;
        let told = world.mail.sent().iter().filter(|message| message.order.id == placed.order.id).count();
        let waiting = gates.iter().filter(|gate| gate.is_reached()).count();
        gates.iter().for_each(|gate| gate.open());
        stop.notify(usize::MAX);
        (waiting, told)
    };
    let ((), (waiting, told)) = world.run(join(worker, watch));
    assert_eq!(told, 2, "the other store's messages went out");
    assert!((1..8).contains(&waiting), "{waiting}");
    world.settle(&process);
    assert_eq!(world.mail.sent().len(), 26);
    assert_eq!(world.register.orders().len(), 12);
    world.check_settled();
}
