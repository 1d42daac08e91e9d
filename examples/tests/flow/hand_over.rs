//! What counts is what is handed over, and when: the rules between the kiosk and the door.

use std::time::Duration;

use order_core::access::Role;
use order_core::flow::{FlowError, Words};
use order_core::lifecycle::{Action, Command, LinePick};
use order_core::model::{
    Content, Order, OrderId, PickState, PriceRules, ProductId, Quantity, ReasonCode, SlotRules, Status,
    StoreRules, Substitute,
};
use order_core::ports::Clock;
use order_core::rules::{DraftLine, codes};
use pos_clients::sim::seed::{SeedCategory, SeedSize};
use rust_decimal::Decimal;

use crate::on_both_stores;
use crate::rules::{flower, flower_of, found, line, of, only, refused, size, world};
use crate::world::{Kind, Process, World};

on_both_stores!(
    what_is_added_to_a_short_line_is_held_and_counted_in_full,
    an_order_for_tomorrow_counts_today_when_it_is_handed_over_today,
    two_packed_orders_of_a_day_are_not_handed_over_together,
    what_was_called_back_is_neither_packed_nor_handed_over,
    a_substitute_must_be_fit_for_sale,
    a_short_order_is_taken_up_again_at_its_own_price,
    a_menu_that_is_not_there_keeps_nobody_from_a_packed_order,
);

const COMPLETE: Action = Action::Complete { id_checked: true };

fn packed(world: &World, process: &Process, id: OrderId) {
    world.settle(process);
    world.staff(process, id, Action::Start);
    world.staff(process, id, Action::Pick(Vec::new()));
    world.staff(process, id, Action::Pack);
    world.settle(process);
}

fn pick(world: &World, process: &Process, id: OrderId, pick: PickState, more: More<'_>) -> Order {
    let (supplied, substitute) = match more {
        More::Supplied(units) => (Some(Quantity::Units(units)), None),
        More::Instead(size) => {
            let substitute = Substitute {
                product_id: ProductId::new(size.id.to_string()).unwrap(),
                variant_id: None,
                name: "instead".to_owned(),
                unit_price: Decimal::TEN,
                content: Content::default(),
                consent: true,
            };
            (None, Some(substitute))
        }
    };
    let line = world.load(id).items[0].id;
    let picks = vec![LinePick { line, pick, supplied, substitute }];
    world.staff(process, id, Action::Pick(picks))
}

enum More<'a> {
    Supplied(u32),
    Instead(&'a SeedSize),
}

fn what_is_added_to_a_short_line_is_held_and_counted_in_full(kind: Kind) {
    let world = world(kind, flower("28 g", true));
    let process = world.start();
    let seven = flower_of(&world, "7");
    let id = world.submit(&process, &of(&world, vec![line(seven, 3)]), "one").unwrap().order.id;
    world.settle(&process);
    world.staff(&process, id, Action::Start);
    pick(&world, &process, id, PickState::Short, More::Supplied(1));
    world.staff(&process, id, Action::Release);
    world.settle(&process);
    let merge = |lines: &[DraftLine]| {
        let version = world.load(id).version;
        world.run(process.flow.merge(&world.caller(Role::Kiosk), id, version, lines, Words::default()))
    };
    // The line is to be gathered anew, all of it: three and two are five.
    only(merge(&[line(seven, 2)]), codes::LIMIT_EXCEEDED);
    let order = merge(&[line(seven, 1)]).unwrap();
    assert_eq!(order.items[0].effective_quantity(), Quantity::Units(4));
    world.check();
    world.settle(&process);
    world.check_settled();
}

/// A store that is open round the clock and hands over at the half hours of today and tomorrow.
fn two_days(cap: &str) -> StoreRules {
    let mut rules = flower(cap, true);
    rules.ordering.slots = Some(SlotRules { minutes: 30, capacity: None, lead_minutes: 0, days_ahead: 2 });
    rules
}

fn place(world: &World, process: &Process, name: &str, days: u64) -> OrderId {
    let mut draft = of(world, vec![line(flower_of(world, "7"), 1)]);
    let at = world.driver.clock.now() + chrono::TimeDelta::days(i64::try_from(days).unwrap());
    draft.pickup_at = Some((at + chrono::TimeDelta::minutes(30)).to_rfc3339());
    world.submit(process, &draft, name).unwrap().order.id
}

fn complete(world: &World, process: &Process, id: OrderId) -> Result<Order, FlowError> {
    world.act(process, Role::Staff, id, &Command::new(COMPLETE))
}

fn an_order_for_tomorrow_counts_today_when_it_is_handed_over_today(kind: Kind) {
    let world = world(kind, two_days("7 g"));
    let process = world.start();
    let (today, tomorrow) = (place(&world, &process, "today", 0), place(&world, &process, "tomorrow", 1));
    packed(&world, &process, today);
    packed(&world, &process, tomorrow);
    complete(&world, &process, today).unwrap();
    only(complete(&world, &process, tomorrow), codes::LIMIT_EXCEEDED);
    world.pass(Duration::from_secs(86_400));
    assert_eq!(complete(&world, &process, tomorrow).unwrap().status, Status::Completed);
    world.settle(&process);
    world.check();
}

fn two_packed_orders_of_a_day_are_not_handed_over_together(kind: Kind) {
    let world = world(kind, two_days("7 g"));
    let process = world.start();
    let (today, tomorrow) = (place(&world, &process, "today", 0), place(&world, &process, "tomorrow", 1));
    packed(&world, &process, today);
    packed(&world, &process, tomorrow);
    // Nobody came for the first one, and now they want both. One they may have, whichever it is.
    world.pass(Duration::from_secs(86_400));
    complete(&world, &process, tomorrow).unwrap();
    only(complete(&world, &process, today), codes::LIMIT_EXCEEDED);
    world.settle(&process);
    world.check();
}

fn what_was_called_back_is_neither_packed_nor_handed_over(kind: Kind) {
    let world = world(kind, StoreRules::default());
    let process = world.start();
    let one = flower_of(&world, "1");
    let draft = of(&world, vec![line(one, 1)]);
    let (first, second) = (
        world.submit(&process, &draft, "one").unwrap().order.id,
        world.submit(&process, &draft, "two").unwrap().order.id,
    );
    packed(&world, &process, first);
    world.settle(&process);
    world.staff(&process, second, Action::Start);
    world.staff(&process, second, Action::Pick(Vec::new()));
    world.news.lock().unwrap().recalled.insert(one.id.to_string());
    let problems = refused(complete(&world, &process, first));
    assert_eq!(found(&problems), [(codes::RECALLED, "items.0.product_id".to_owned())].into());
    only(world.act(&process, Role::Staff, second, &Command::new(Action::Pack)), codes::RECALLED);
    let at_once = Command::new(COMPLETE).because(ReasonCode::StoreOperations);
    only(world.act(&process, Role::Manager, second, &at_once), codes::RECALLED);
    // Something else in its place, and it goes out.
    pick(&world, &process, second, PickState::Substituted, More::Instead(flower_of(&world, "7")));
    world.staff(&process, second, Action::Pack);
    let done = complete(&world, &process, second).unwrap();
    // What is done is done: a repeat is answered, whatever became of the goods since.
    world.news.lock().unwrap().recalled.insert(flower_of(&world, "7").id.to_string());
    assert_eq!(complete(&world, &process, second).unwrap(), done);
    world.settle(&process);
    world.check();
}

fn a_substitute_must_be_fit_for_sale(kind: Kind) {
    let world = world(kind, StoreRules::default());
    let process = world.start();
    let one = flower_of(&world, "1");
    let id = world.submit(&process, &of(&world, vec![line(one, 1)]), "one").unwrap().order.id;
    world.settle(&process);
    world.staff(&process, id, Action::Start);
    let medical = size(&world, |product, _| product.medical_only && product.category != SeedCategory::Flower);
    pick(&world, &process, id, PickState::Substituted, More::Instead(medical));
    let pack = || world.act(&process, Role::Staff, id, &Command::new(Action::Pack));
    only(pack(), codes::MEDICAL_ONLY);
    let seven = flower_of(&world, "7");
    world.news.lock().unwrap().recalled.insert(seven.id.to_string());
    pick(&world, &process, id, PickState::Substituted, More::Instead(seven));
    only(pack(), codes::RECALLED);
    world.news.lock().unwrap().recalled.clear();
    pack().unwrap();
    world.settle(&process);
    world.check();
}

fn a_menu_that_is_not_there_keeps_nobody_from_a_packed_order(kind: Kind) {
    let mut world = world(kind, flower("28 g", true));
    let process = world.start();
    let id =
        world.submit(&process, &of(&world, vec![line(flower_of(&world, "1"), 1)]), "one").unwrap().order.id;
    world.settle(&process);
    world.staff(&process, id, Action::Start);
    world.staff(&process, id, Action::Pick(Vec::new()));
    drop(process);
    world.unplug();
    world.reopen();
    let process = world.start();
    world.staff(&process, id, Action::Pack);
    assert_eq!(complete(&world, &process, id).unwrap().status, Status::Completed);
}

fn a_short_order_is_taken_up_again_at_its_own_price(kind: Kind) {
    let mut rules = flower("28 g", true);
    let ten_off = r#"{"title": "ten off", "off": {"amount": "10"}}"#;
    rules.prices = PriceRules {
        tolerance: Some(Decimal::ZERO),
        discounts: vec![serde_json::from_str(ten_off).unwrap()],
        ..PriceRules::default()
    };
    let world = world(kind, rules);
    let process = world.start();
    let id =
        world.submit(&process, &of(&world, vec![line(flower_of(&world, "1"), 4)]), "one").unwrap().order.id;
    world.settle(&process);
    world.staff(&process, id, Action::Start);
    let short = pick(&world, &process, id, PickState::Short, More::Supplied(1));
    assert_eq!(short.totals.discount, Decimal::new(250, 2));
    let cancel = Command::new(Action::Cancel).because(ReasonCode::CustomerRequest);
    let cancel = Command { note: Some(order_core::model::Note::new("asked").unwrap()), ..cancel };
    world.act(&process, Role::Manager, id, &cancel).unwrap();
    world.settle(&process);
    let reopen = || world.act(&process, Role::Manager, id, &Command::new(Action::Reopen));
    // One gram that became a cent dearer.
    world.news.lock().unwrap().dearer = Decimal::new(1, 2);
    only(reopen(), codes::PRICE_CHANGED);
    world.news.lock().unwrap().dearer = Decimal::ZERO;
    let again = reopen().unwrap();
    assert_eq!(again.totals, short.totals);
    world.settle(&process);
    world.check();
}
