//! Prices before anything is ordered.

use std::time::Duration;

use order_core::access::Role;
use order_core::flow::{FlowError, Quote, QuoteSource};
use order_core::ports::Clock;
use pos_clients::sim::{Fault, FaultRule};

use crate::wire::Place;
use crate::world::{Kind, Process, World};

const PREVIEW: &str = "POST /ticket/previewticket";

fn quote(world: &World, process: &Process) -> Quote {
    let (kiosk, draft) = (world.caller(Role::Kiosk), world.sample());
    world.run(process.flow.quote(&kiosk, &world.store, &draft)).unwrap()
}

#[test]
fn the_register_prices_and_our_sums_agree() {
    let world = World::new(Kind::Memory);
    let process = world.start();
    let theirs = quote(&world, &process);
    assert_eq!(theirs.source, QuoteSource::Pos);
    assert!(!theirs.limits.is_empty());
    world.unplug();
    let ours = quote(&world, &process);
    assert_eq!(ours.source, QuoteSource::Store);
    assert_eq!((ours.totals, &ours.items), (theirs.totals, &theirs.items));
    assert!(world.books.orders().is_empty() && world.register.orders().is_empty());
}

#[test]
fn a_customer_does_not_wait_for_a_register_that_hangs() {
    for place in [Place::BeforeIt, Place::AfterIt] {
        let world = World::new(Kind::Memory);
        let process = world.start();
        let gate = world.wire.hold(PREVIEW, place);
        let began = world.driver.clock.now();
        let shown = quote(&world, &process);
        assert!(gate.is_reached());
        assert_eq!(shown.source, QuoteSource::Store);
        let took = (world.driver.clock.now() - began).to_std().unwrap();
        assert_eq!(took, world.wishes.config.quote_deadline);
    }
}

#[test]
fn whatever_the_register_answers_there_is_a_price() {
    for fault in [
        Fault::Drop,
        Fault::Error { status: 503 },
        Fault::Html { status: 200 },
        Fault::Truncate,
        Fault::Throttle { retry_after: Some(60) },
        Fault::Slow { delay: Duration::from_secs(60) },
    ] {
        let world = World::new(Kind::Memory);
        let process = world.start();
        world.fault(FaultRule::rate(1.0, fault.clone()));
        let began = world.driver.clock.now();
        let shown = quote(&world, &process);
        assert_eq!(shown.source, QuoteSource::Store, "{fault:?}");
        let took = (world.driver.clock.now() - began).to_std().unwrap();
        assert!(took <= world.wishes.config.quote_deadline, "{fault:?} {took:?}");
    }
}

#[test]
fn a_quote_is_for_those_who_may_order_there() {
    let world = World::new(Kind::Memory);
    let process = world.start();
    let draft = world.sample();
    let kiosk = world.caller(Role::Kiosk);
    let elsewhere = process.flow.quote(&kiosk, &world.other_store, &draft);
    assert!(matches!(world.run(elsewhere), Err(FlowError::NoSuchStore)));
    let customer = world.caller(Role::Customer);
    let refused = process.flow.quote(&customer, &world.store, &draft);
    assert!(matches!(world.run(refused), Err(FlowError::Forbidden { .. })));
}
