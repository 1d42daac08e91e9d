//! Lines that change while the register is being told of the order.

use order_core::access::Role;
use order_core::flow::{FlowError, Words};
use order_core::model::{Order, OrderId, PosState};
use order_core::rules::{DraftLine, codes};
use pos_clients::sim::seed::{SeedCategory, SeedProduct};
use pos_clients::sim::{Fault, FaultRule};
use rust_decimal::Decimal;

use crate::on_both_stores;
use crate::wire::Place;
use crate::world::{CREATE, Kind, Process, World};

on_both_stores!(
    an_amend_before_the_create_goes_along_with_it,
    an_amend_while_creating_follows_the_create,
    an_amend_after_a_lost_answer_arrives_too,
    a_merge_takes_its_stock_or_nothing,
    a_refused_order_is_corrected_and_sent_again,
);

/// Makes the first line this many units, and the only one.
fn amend(world: &World, process: &Process, id: OrderId, units: u32) -> Result<Order, FlowError> {
    let order = world.load(id);
    let line = DraftLine {
        product_id: order.items[0].product_id.to_string(),
        variant_id: None,
        quantity: Decimal::from(units),
    };
    world.run(process.flow.amend(&world.caller(Role::Kiosk), id, order.version, &[line], Words::default()))
}

fn quantities(world: &World, id: OrderId) -> Vec<u32> {
    world.there(id).lines.iter().map(|line| line.quantity).collect()
}

fn an_amend_before_the_create_goes_along_with_it(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let id = world.place(&process);
    amend(&world, &process, id, 3).unwrap();
    world.settle(&process);
    assert_eq!(quantities(&world, id), [3]);
    assert_eq!(world.wire.count("PUT /ticket/update/"), 0);
    assert_eq!(world.load(id).pos.differences, []);
    world.check_settled();
}

fn an_amend_while_creating_follows_the_create(kind: Kind) {
    for place in [Place::BeforeIt, Place::AfterIt] {
        let world = World::new(kind);
        let process = world.start();
        let id = world.place(&process);
        let gate = world.wire.hold(CREATE, place);
        let worker = process.flow.worker();
        let mut work = std::pin::pin!(worker.drain());
        assert!(world.driver.run_until(work.as_mut(), || gate.is_reached()).is_none());
        amend(&world, &process, id, 4).unwrap();
        amend(&world, &process, id, 5).unwrap();
        gate.open();
        world.run(work).unwrap();
        world.settle(&process);
        assert_eq!(quantities(&world, id), [5]);
        let order = world.load(id);
        assert_eq!((order.pos.state, order.pos.pending), (PosState::Accepted, 0));
        assert_eq!(order.pos.differences, []);
        assert_eq!(order.pos.totals, Some(order.totals));
        world.check_settled();
    }
}

fn an_amend_after_a_lost_answer_arrives_too(kind: Kind) {
    for after in [false, true] {
        let world = World::new(kind);
        let process = world.start();
        let rule = FaultRule::next(1, Fault::Drop).on("create");
        world.fault(if after { rule.after_apply() } else { rule });
        let id = world.place(&process);
        world.drain(&process);
        assert_eq!(world.load(id).pos.state, PosState::Unknown);
        amend(&world, &process, id, 2).unwrap();
        world.settle(&process);
        assert_eq!(quantities(&world, id), [2], "{after}");
        assert_eq!(world.load(id).pos.differences, []);
        world.check_settled();
    }
}

fn a_merge_takes_its_stock_or_nothing(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    // Something that no purchase limit counts.
    let plain = |product: &SeedProduct| product.category == SeedCategory::Accessory;
    let mut sizes = world.data.seed.sizes();
    let (_, size) = sizes.find(|(product, size)| plain(product) && (5..=40).contains(&size.stock)).unwrap();
    let line = |units: u32| DraftLine {
        product_id: size.id.to_string(),
        variant_id: None,
        quantity: Decimal::from(units),
    };
    let mut draft = world.sample();
    draft.items = vec![line(3)];
    let id = world.submit(&process, &draft, "one").unwrap().order.id;
    let before = world.load(id);
    let kiosk = world.caller(Role::Kiosk);
    let (too_many, left) = ([line(size.stock - 2)], [line(size.stock - 3)]);
    let too_much = process.flow.merge(&kiosk, id, before.version, &too_many, Words::default());
    let Err(FlowError::Invalid(problems)) = world.run(too_much) else { panic!() };
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [codes::OUT_OF_STOCK]);
    assert_eq!(world.load(id), before);
    let rest = process.flow.merge(&kiosk, id, before.version, &left, Words::default());
    world.run(rest).unwrap();
    world.settle(&process);
    assert_eq!(quantities(&world, id), [size.stock]);
    world.check_settled();
}

fn a_refused_order_is_corrected_and_sent_again(kind: Kind) {
    let world = World::new(kind);
    let process = world.start();
    let mut draft = world.sample();
    draft.items.truncate(1);
    let id = world.submit(&process, &draft, "one").unwrap().order.id;
    // Somebody at the register refuses what no menu told of: malformed is as good a no as any.
    world.fault(FaultRule::next(1, Fault::Html { status: 404 }).on("create"));
    world.settle(&process);
    assert_eq!(world.load(id).pos.state, PosState::Attention);
    amend(&world, &process, id, 2).unwrap();
    world.settle(&process);
    let retry = order_core::flow::PosOrderLink::Retry;
    world.run(process.flow.pos_link(&world.caller(Role::Staff), id, retry, None)).unwrap();
    world.settle(&process);
    assert_eq!(quantities(&world, id), [2]);
    world.check_settled();
}
