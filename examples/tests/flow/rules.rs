//! The rules over the whole flow: every reason at once, and what a race, a change of lines or a manager makes of them.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join;
use order_core::access::Role;
use order_core::flow::{FlowError, Words};
use order_core::lifecycle::{Action, Command, LinePick};
use order_core::model::{
    LimitRule, Note, NoticeKind, Order, OrderId, OrderWarning, PickState, PriceRules, ReasonCode, Silent,
    SlotRules, Status, StockRules, StoreRules, Substitute,
};
use order_core::ports::Clock;
use order_core::rules::{DraftLine, OrderDraft, Problems, codes};
use pos_clients::sim::seed::{SeedCategory, SeedProduct, SeedSize};
use pos_clients::sim::{Fault, FaultRule};
use rust_decimal::Decimal;

use crate::on_both_stores;
use crate::world::{Kind, Process, Wishes, World, key};

on_both_stores!(
    every_reason_comes_at_once_and_nothing_is_kept,
    orders_of_a_day_count_together,
    two_orders_at_once_never_pass_a_limit_together,
    changing_lines_asks_the_limits_again,
    a_manager_lets_a_soft_limit_pass_and_it_is_noted,
    a_substitute_counts_when_it_is_packed,
    an_order_taken_up_again_is_asked_again,
    a_second_order_is_an_offer_to_add_to_the_first,
    a_paused_store_refuses_kiosks_and_nobody_else,
    the_last_place_of_a_slot_is_taken_once,
    a_kiosk_cannot_flood_a_store,
    a_total_that_moved_is_shown_before_it_is_owed,
    old_figures_are_told_to_staff_or_refused,
    holds_follow_the_lines_and_end_once,
    a_repeat_is_answered_even_when_it_could_not_be_placed_again,
);

pub(crate) fn world(kind: Kind, rules: StoreRules) -> World {
    World::with(kind, Wishes { rules, ..Wishes::default() })
}

/// A day's limit of flower, of the store's own.
pub(crate) fn flower(cap: &str, hard: bool) -> StoreRules {
    let mut rules = StoreRules::default();
    rules.limits.silent = Silent::Allow;
    let rule = format!(
        r#"{{"id": "flower", "name": "flower", "window": "day", "hard": {hard},
            "pool": [{{"classes": ["flower", "pre_roll"], "measure": "weight", "cap": "{cap}"}}]}}"#
    );
    rules.limits.own = vec![serde_json::from_str::<LimitRule>(&rule).unwrap()];
    rules
}

pub(crate) fn size(world: &World, fits: impl Fn(&SeedProduct, &SeedSize) -> bool) -> &SeedSize {
    world.data.seed.sizes().find(|(product, size)| fits(product, size)).unwrap().1
}

pub(crate) fn flower_of<'a>(world: &'a World, grams: &str) -> &'a SeedSize {
    let grams: Decimal = grams.parse().unwrap();
    size(world, |product, size| {
        product.category == SeedCategory::Flower && size.weight_grams == Some(grams) && size.stock > 8
    })
}

pub(crate) fn line(size: &SeedSize, quantity: u32) -> DraftLine {
    DraftLine { product_id: size.id.to_string(), variant_id: None, quantity: quantity.into() }
}

pub(crate) fn of(world: &World, lines: Vec<DraftLine>) -> OrderDraft {
    OrderDraft { items: lines, note: None, ..world.sample() }
}

pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, FlowError>) -> Problems {
    match outcome {
        Err(FlowError::Invalid(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn found(problems: &Problems) -> BTreeSet<(&'static str, String)> {
    problems.iter().map(|problem| (problem.code, problem.path.clone())).collect()
}

pub(crate) fn only<T: std::fmt::Debug>(outcome: Result<T, FlowError>, code: &str) {
    let problems = refused(outcome);
    assert_eq!(problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [code], "{problems:?}");
}

pub(crate) fn note(text: &str) -> Option<Note> {
    Some(Note::new(text).unwrap())
}

pub(crate) fn cancel(world: &World, process: &Process, id: OrderId) -> Order {
    let command =
        Command::new(Action::Cancel).because(ReasonCode::CustomerRequest).noting(note("asked").unwrap());
    world.act(process, Role::Manager, id, &command).unwrap()
}

fn every_reason_comes_at_once_and_nothing_is_kept(kind: Kind) {
    let mut rules = flower("28 g", true);
    rules.prices = PriceRules { tolerance: Some(Decimal::ONE), ..PriceRules::default() };
    let world = world(kind, rules);
    let process = world.start();
    let plain =
        |product: &SeedProduct| !matches!(product.category, SeedCategory::Flower | SeedCategory::PreRoll);
    let gone = size(&world, |product, size| plain(product) && size.stock == 0);
    let medical = size(&world, |product, size| plain(product) && product.medical_only && size.stock > 0);
    let mut draft = of(
        &world,
        vec![
            line(flower_of(&world, "7"), 5),
            line(gone, 1),
            line(medical, 1),
            line(flower_of(&world, "1"), 0),
        ],
    );
    draft.customer.birth_date = Some("2010-01-01".into());
    draft.customer.email = Some("nobody".into());
    draft.discount_code = Some("NO-SUCH".to_owned());
    draft.expected_total = Some(Decimal::ONE);
    let expected: BTreeSet<_> = [
        (codes::INVALID_EMAIL, "customer.email"),
        (codes::UNDERAGE, "customer.birth_date"),
        (codes::OUT_OF_STOCK, "items.1.quantity"),
        (codes::MEDICAL_ONLY, "items.2.product_id"),
        (codes::QUANTITY_NOT_POSITIVE, "items.3.quantity"),
        (codes::LIMIT_EXCEEDED, "items.0.quantity"),
        (codes::UNKNOWN_DISCOUNT, "discount_code"),
    ]
    .map(|(code, path)| (code, path.to_owned()))
    .into();
    let problems = refused(world.submit(&process, &draft, "wrong"));
    assert!(expected.is_subset(&found(&problems)), "{problems:#?}");
    let quote = world.run(process.flow.quote(&world.caller(Role::Kiosk), &world.store, &draft)).unwrap();
    assert!(expected.is_subset(&found(&quote.problems)), "{:#?}", quote.problems);
    assert_eq!(quote.items.len(), 3, "what is sold here is priced all the same");
    let usage = quote.limits.iter().find(|usage| usage.rule == "store.flower").unwrap();
    assert_eq!((usage.used, usage.left), ("35".parse().unwrap(), Decimal::ZERO));
    assert!(world.books.orders().is_empty());
    world.check();
}

fn orders_of_a_day_count_together(kind: Kind) {
    let world = world(kind, flower("14 g", true));
    let process = world.start();
    let seven = flower_of(&world, "7");
    let place = |name: &str| world.submit(&process, &of(&world, vec![line(seven, 1)]), name);
    let first = place("one").unwrap().order.id;
    place("two").unwrap();
    only(place("three"), codes::LIMIT_EXCEEDED);
    // Somebody else is not bound by it.
    let mut other = of(&world, vec![line(seven, 1)]);
    other.customer.phone = Some("4155559999".into());
    other.customer.email = None;
    other.customer.birth_date = Some("1980-05-05".into());
    world.submit(&process, &other, "stranger").unwrap();
    // What was called off does not count, what was handed over does.
    cancel(&world, &process, first);
    let third = place("three").unwrap().order.id;
    only(place("four"), codes::LIMIT_EXCEEDED);
    world.settle(&process);
    let completes = Command::new(Action::Complete { id_checked: true });
    let completes = Command { reason: Some(ReasonCode::StoreOperations), ..completes };
    world.act(&process, Role::Manager, third, &completes).unwrap();
    only(place("five"), codes::LIMIT_EXCEEDED);
    // The next day is another day, but for what still waits to be collected.
    world.pass(Duration::from_secs(86_400));
    place("six").unwrap();
    only(place("seven"), codes::LIMIT_EXCEEDED);
    world.settle(&process);
    world.check();
}

fn two_orders_at_once_never_pass_a_limit_together(kind: Kind) {
    let world = world(kind, flower("14 g", true));
    let (one, two) = (world.start(), world.start());
    let draft = of(&world, vec![line(flower_of(&world, "7"), 2)]);
    let kiosk = world.caller(Role::Kiosk);
    for round in 0..5 {
        let (first, second) = (key(&format!("a{round}")), key(&format!("b{round}")));
        let both = join(
            one.flow.submit(&kiosk, &world.store, &draft, &first, None),
            two.flow.submit(&kiosk, &world.store, &draft, &second, None),
        );
        let (a, b) = world.run(both);
        let (won, lost) = match (a, b) {
            (Ok(won), lost @ Err(_)) | (lost @ Err(_), Ok(won)) => (won, lost),
            other => panic!("{other:?}"),
        };
        only(lost, codes::LIMIT_EXCEEDED);
        cancel(&world, &one, won.order.id);
    }
}

fn changing_lines_asks_the_limits_again(kind: Kind) {
    let world = world(kind, flower("14 g", true));
    let process = world.start();
    let (seven, one) = (flower_of(&world, "7"), flower_of(&world, "1"));
    let placed = world.submit(&process, &of(&world, vec![line(seven, 1)]), "one").unwrap().order;
    let kiosk = world.caller(Role::Kiosk);
    let merge = |lines: &[DraftLine]| {
        let version = world.load(placed.id).version;
        world.run(process.flow.merge(&kiosk, placed.id, version, lines, Words::default()))
    };
    only(merge(&[line(seven, 1), line(one, 1)]), codes::LIMIT_EXCEEDED);
    only(merge(&[line(seven, 2)]), codes::LIMIT_EXCEEDED);
    assert_eq!(world.load(placed.id), placed);
    let order = merge(&[line(seven, 1)]).unwrap();
    assert_eq!(order.items.len(), 1);
    assert_eq!(order.items[0].quantity.amount(), Decimal::TWO);
    let amend = |lines: &[DraftLine]| {
        let version = world.load(placed.id).version;
        world.run(process.flow.amend(&kiosk, placed.id, version, lines, Words::default()))
    };
    only(amend(&[line(seven, 3)]), codes::LIMIT_EXCEEDED);
    // The order itself is not counted twice.
    amend(&[line(seven, 1), line(one, 7)]).unwrap();
    world.settle(&process);
    world.check_settled();
}

fn a_manager_lets_a_soft_limit_pass_and_it_is_noted(kind: Kind) {
    let world = world(kind, flower("7 g", false));
    let process = world.start();
    let mut draft = of(&world, vec![line(flower_of(&world, "7"), 2)]);
    only(world.submit(&process, &draft, "kiosk"), codes::LIMIT_EXCEEDED_SOFT);
    draft.override_note = Some("regular, moving house".to_owned());
    let by = |role: Role, draft: &OrderDraft, name: &str| {
        world.run(process.flow.submit(&world.caller(role), &world.store, draft, &key(name), None))
    };
    for role in [Role::Kiosk, Role::Staff] {
        assert!(matches!(by(role, &draft, "no-right"), Err(FlowError::Forbidden { .. })), "{role}");
    }
    let placed = by(Role::Manager, &draft, "manager").unwrap().order;
    assert_eq!(placed.overrides.len(), 1);
    assert_eq!(placed.overrides[0].rules, ["store.flower"]);
    assert_eq!(placed.overrides[0].note.as_str(), "regular, moving house");
    // Nothing stood against this one, so nothing was passed over.
    let mut small = of(&world, vec![line(flower_of(&world, "1"), 1)]);
    small.customer.phone = Some("4155559999".into());
    small.customer.email = None;
    small.customer.birth_date = None;
    small.override_note = draft.override_note.clone();
    assert_eq!(by(Role::Manager, &small, "small").unwrap().order.overrides, []);
    // More lines pass only when somebody says so again.
    let words = |waive| Words { note: note("one more"), waive };
    let added = [line(flower_of(&world, "1"), 1)];
    let merge = |role, waive| {
        let version = world.load(placed.id).version;
        world.run(process.flow.merge(&world.caller(role), placed.id, version, &added, words(waive)))
    };
    only(merge(Role::Manager, false), codes::LIMIT_EXCEEDED_SOFT);
    assert!(matches!(merge(Role::Staff, true), Err(FlowError::Forbidden { .. })));
    assert_eq!(merge(Role::Manager, true).unwrap().overrides.len(), 2);
    assert!(world.told(placed.id).contains(&"limit_overridden"));
    world.settle(&process);
    let kinds: Vec<NoticeKind> = world.mail.sent().iter().map(|message| message.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == NoticeKind::LimitOverridden).count(), 2);
    // What was let pass stays let pass: whoever packs it need not ask again.
    world.staff(&process, placed.id, Action::Start);
    world.staff(&process, placed.id, Action::Pick(Vec::new()));
    world.staff(&process, placed.id, Action::Pack);
    world.settle(&process);
    world.check_settled();
}

fn a_substitute_counts_when_it_is_packed(kind: Kind) {
    let world = world(kind, flower("7 g", true));
    let process = world.start();
    let (seven, one) = (flower_of(&world, "7"), flower_of(&world, "1"));
    let id = world.submit(&process, &of(&world, vec![line(one, 3)]), "one").unwrap().order.id;
    world.settle(&process);
    world.staff(&process, id, Action::Start);
    let instead = |size: &SeedSize| {
        let pick = LinePick {
            line: world.load(id).items[0].id,
            pick: PickState::Substituted,
            supplied: None,
            substitute: Some(Substitute {
                product_id: order_core::model::ProductId::new(size.id.to_string()).unwrap(),
                variant_id: None,
                name: "instead".to_owned(),
                unit_price: Decimal::TEN,
                content: order_core::model::Content::default(),
                consent: true,
            }),
        };
        world.staff(&process, id, Action::Pick(vec![pick]))
    };
    instead(seven);
    let pack = |role| world.act(&process, role, id, &Command::new(Action::Pack));
    only(pack(Role::Staff), codes::LIMIT_EXCEEDED);
    assert_eq!(world.load(id).status, Status::InProcess);
    // A hard limit is nobody's to waive.
    let waived = Command { waive: Some(Vec::new()), note: note("please"), ..Command::new(Action::Pack) };
    only(world.act(&process, Role::Manager, id, &waived), codes::LIMIT_EXCEEDED);
    let hands_over = Command {
        reason: Some(ReasonCode::StoreOperations),
        ..Command::new(Action::Complete { id_checked: true })
    };
    only(world.act(&process, Role::Manager, id, &hands_over), codes::LIMIT_EXCEEDED);
    instead(one);
    assert_eq!(pack(Role::Staff).unwrap().status, Status::PackedReady);
    world.settle(&process);
    world.check();
}

fn an_order_taken_up_again_is_asked_again(kind: Kind) {
    let world = world(kind, flower("7 g", true));
    let process = world.start();
    let draft = of(&world, vec![line(flower_of(&world, "7"), 1)]);
    let first = world.submit(&process, &draft, "one").unwrap().order.id;
    cancel(&world, &process, first);
    world.settle(&process);
    let second = world.submit(&process, &draft, "two").unwrap().order.id;
    let reopen = || world.act(&process, Role::Manager, first, &Command::new(Action::Reopen));
    only(reopen(), codes::LIMIT_EXCEEDED);
    cancel(&world, &process, second);
    assert_eq!(reopen().unwrap().status, Status::AwaitingProcessing);
    world.settle(&process);
    world.check_settled();
}

fn a_second_order_is_an_offer_to_add_to_the_first(kind: Kind) {
    let mut rules = StoreRules::default();
    rules.ordering.one_open_order = true;
    let world = world(kind, rules);
    let process = world.start();
    let draft = of(&world, vec![line(flower_of(&world, "1"), 1)]);
    let first = world.submit(&process, &draft, "one").unwrap().order;
    let problems = refused(world.submit(&process, &draft, "two"));
    let problem = problems.iter().next().unwrap();
    assert_eq!((problem.code, problem.path.as_str()), (codes::OPEN_ORDER_EXISTS, "customer"));
    assert!(problem.message.contains(&first.code.to_string()), "{problem:?}");
    // A phone number may be anybody's; the code, with which the order can be seen, is told to its owner only.
    let mut vague = draft.clone();
    vague.customer.birth_date = None;
    let told = refused(world.submit(&process, &vague, "vague")).iter().next().unwrap().message.clone();
    assert!(!told.contains(&first.code.to_string()), "{told}");
    let kiosk = world.caller(Role::Kiosk);
    let added = process.flow.merge(&kiosk, first.id, first.version, &draft.items, Words::default());
    assert_eq!(world.run(added).unwrap().items[0].quantity.amount(), Decimal::TWO);
    cancel(&world, &process, first.id);
    world.submit(&process, &draft, "two").unwrap();
    world.settle(&process);
    world.check_settled();
}

fn a_paused_store_refuses_kiosks_and_nobody_else(kind: Kind) {
    let world = world(kind, StoreRules::default());
    let process = world.start();
    let (kiosk, staff) = (world.caller(Role::Kiosk), world.caller(Role::Staff));
    let place = |role, name: &str| {
        world.run(process.flow.submit(&world.caller(role), &world.store, &world.sample(), &key(name), None))
    };
    let denied = world.run(process.flow.pause(&kiosk, &world.store, None));
    assert!(matches!(denied, Err(FlowError::Forbidden { .. })));
    let until = world.driver.clock.now() + chrono::TimeDelta::minutes(15);
    world.run(process.flow.pause(&staff, &world.store, Some(until))).unwrap();
    only(place(Role::Kiosk, "one"), codes::STORE_PAUSED);
    place(Role::Staff, "two").unwrap();
    // Another process knows of it too.
    assert!(world.run(world.start().flow.paused(&kiosk, &world.store)).unwrap().is_some());
    world.pass(Duration::from_secs(15 * 60));
    place(Role::Kiosk, "three").unwrap();
    world.run(process.flow.pause(&staff, &world.store, None)).unwrap();
    only(place(Role::Kiosk, "four"), codes::STORE_PAUSED);
    world.run(process.flow.resume(&staff, &world.store)).unwrap();
    place(Role::Kiosk, "four").unwrap();
}

fn the_last_place_of_a_slot_is_taken_once(kind: Kind) {
    let mut rules = StoreRules::default();
    rules.ordering.slots =
        Some(SlotRules { minutes: 30, capacity: Some(2), lead_minutes: 10, days_ahead: 1 });
    let world = world(kind, rules);
    let process = world.start();
    let kiosk = world.caller(Role::Kiosk);
    let slots = order_core::rules::slots(
        &process.flow.store(&world.store).unwrap().store,
        world.driver.clock.now(),
        3,
    );
    let offered = || world.run(process.flow.pickup_times(&kiosk, &world.store)).unwrap();
    let left = |at: usize| offered().iter().find(|time| time.from == slots[at].from).map(|time| time.left);
    assert_eq!(left(1), Some(Some(2)));
    let mut draft = world.sample();
    draft.pickup_at = Some(slots[1].from.to_rfc3339());
    let names: Vec<_> = (0..6).map(|n| key(&format!("slot-{n}"))).collect();
    let all = names.iter().map(|name| process.flow.submit(&kiosk, &world.store, &draft, name, None));
    let (placed, full): (Vec<_>, Vec<_>) =
        world.run(futures_util::future::join_all(all)).into_iter().partition(Result::is_ok);
    assert_eq!((placed.len(), full.len()), (2, 4));
    full.into_iter().for_each(|outcome| only(outcome, codes::SLOT_FULL));
    assert_eq!(left(1), None, "what is full is not offered");
    let first = placed.into_iter().next().unwrap().unwrap().order;
    assert_eq!(first.fulfillment.pickup_at, Some(slots[1].from));
    cancel(&world, &process, first.id);
    assert_eq!(left(1), Some(Some(1)));
    world.submit(&process, &draft, "again").unwrap();
    only(world.submit(&process, &draft, "and-again"), codes::SLOT_FULL);
    draft.pickup_at = Some(slots[2].from.to_rfc3339());
    world.submit(&process, &draft, "later").unwrap();
}

fn a_kiosk_cannot_flood_a_store(kind: Kind) {
    let mut rules = StoreRules::default();
    rules.ordering.per_kiosk = Some(order_core::model::Rate { orders: 3, minutes: 10 });
    rules.ordering.per_phone = Some(order_core::model::Rate { orders: 2, minutes: 60 });
    let world = world(kind, rules);
    let process = world.start();
    world.submit(&process, &world.sample(), "1").unwrap();
    let second = world.submit(&process, &world.sample(), "2").unwrap();
    // What was called off counts too: it is the asking that is bounded.
    cancel(&world, &process, second.order.id);
    only(world.submit(&process, &world.sample(), "3"), codes::TOO_MANY_ORDERS);
    let mut other = world.sample();
    other.customer.phone = None;
    world.submit(&process, &other, "3").unwrap();
    let problems = refused(world.submit(&process, &other, "4"));
    assert_eq!(found(&problems), BTreeSet::from([(codes::TOO_MANY_ORDERS, "kiosk".to_owned())]));
    world.pass(Duration::from_secs(601));
    world.submit(&process, &other, "4").unwrap();
    only(world.submit(&process, &world.sample(), "5"), codes::TOO_MANY_ORDERS);
}

fn a_total_that_moved_is_shown_before_it_is_owed(kind: Kind) {
    let mut rules = StoreRules::default();
    rules.prices.tolerance = Some(Decimal::new(10, 2));
    let world = world(kind, rules);
    let process = world.start();
    let quote =
        world.run(process.flow.quote(&world.caller(Role::Kiosk), &world.store, &world.sample())).unwrap();
    let mut draft = world.sample();
    draft.expected_total = Some(quote.totals.total - Decimal::new(11, 2));
    only(world.submit(&process, &draft, "one"), codes::PRICE_CHANGED);
    draft.expected_total = Some(quote.totals.total - Decimal::new(10, 2));
    world.submit(&process, &draft, "one").unwrap();
    // A register that is silent is no change of price; what it charges is compared once it answers.
    world.pass(Duration::from_secs(61));
    world.unplug();
    draft.expected_total = Some(quote.totals.total + Decimal::ONE);
    world.submit(&process, &draft, "two").unwrap();
}

fn old_figures_are_told_to_staff_or_refused(kind: Kind) {
    for refuse_stale in [false, true] {
        let stock = StockRules { stale_after_minutes: Some(5), refuse_stale, ..StockRules::default() };
        let world = world(kind, StoreRules { stock, ..StoreRules::default() });
        let process = world.start();
        assert_eq!(world.submit(&process, &world.sample(), "fresh").unwrap().order.warnings, []);
        world.pass(Duration::from_secs(301));
        let late = world.submit(&process, &world.sample(), "late");
        if refuse_stale {
            let codes_found: BTreeSet<_> = refused(late).iter().map(|problem| problem.code).collect();
            assert_eq!(codes_found, BTreeSet::from([codes::STALE_STOCK]));
        } else {
            assert_eq!(late.unwrap().order.warnings, [OrderWarning::StaleStock]);
        }
    }
}

fn holds_follow_the_lines_and_end_once(kind: Kind) {
    let stock = StockRules { margin: Decimal::TWO, ..StockRules::default() };
    let world = world(kind, StoreRules { stock, ..StoreRules::default() });
    let process = world.start();
    let few = size(&world, |product, size| product.category == SeedCategory::Accessory && size.stock < 40);
    let most = few.stock - 2;
    let mut draft = of(&world, vec![line(few, most + 1)]);
    only(world.submit(&process, &draft, "margin"), codes::OUT_OF_STOCK);
    draft.items = vec![line(few, most)];
    let first = world.submit(&process, &draft, "one").unwrap().order;
    world.check();
    draft.items = vec![line(few, 1)];
    only(world.submit(&process, &draft, "two"), codes::OUT_OF_STOCK);
    let quote = world.run(process.flow.quote(&world.caller(Role::Kiosk), &world.store, &draft)).unwrap();
    assert_eq!(
        found(&quote.problems),
        BTreeSet::from([(codes::OUT_OF_STOCK, "items.0.quantity".to_owned())])
    );
    // An amendment gives back what it no longer wants, and may have all it had.
    let kiosk = world.caller(Role::Kiosk);
    let amend = |quantity| {
        let version = world.load(first.id).version;
        world.run(process.flow.amend(&kiosk, first.id, version, &[line(few, quantity)], Words::default()))
    };
    amend(most - 1).unwrap();
    world.check();
    let second = world.submit(&process, &draft, "two").unwrap().order;
    only(amend(most), codes::OUT_OF_STOCK);
    world.settle(&process);
    world.check_settled();
    cancel(&world, &process, second.id);
    world.settle(&process);
    amend(most).unwrap();
    world.settle(&process);
    world.check_settled();
    let completes = Command {
        reason: Some(ReasonCode::StoreOperations),
        ..Command::new(Action::Complete { id_checked: true })
    };
    world.act(&process, Role::Manager, first.id, &completes).unwrap();
    world.settle(&process);
    world.check();
}

fn a_repeat_is_answered_even_when_it_could_not_be_placed_again(kind: Kind) {
    let world = world(kind, flower("7 g", true));
    let process = world.start();
    let draft = of(&world, vec![line(flower_of(&world, "7"), 1)]);
    let first = world.submit(&process, &draft, "one").unwrap();
    world.run(process.flow.pause(&world.caller(Role::Staff), &world.store, None)).unwrap();
    let again = world.submit(&process, &draft, "one").unwrap();
    assert!(again.replayed);
    assert_eq!(again.order.id, first.order.id);
}

#[test]
fn who_the_register_bans_is_not_quoted_and_who_fits_several_is_asked() {
    let world = World::new(Kind::Memory);
    let process = world.start();
    let kiosk = world.caller(Role::Kiosk);
    let mut draft = world.sample();
    let banned = world.data.seed.customers.iter().find(|customer| customer.banned).unwrap();
    draft.customer.first_name = banned.first_name.as_str().into();
    draft.customer.last_name = banned.last_name.as_str().into();
    draft.customer.phone = banned.phone.as_deref().map(Into::into);
    draft.customer.email = None;
    draft.customer.birth_date = Some(banned.birth_date.to_string().as_str().into());
    let quote = world.run(process.flow.quote(&kiosk, &world.store, &draft)).unwrap();
    assert_eq!(found(&quote.problems), BTreeSet::from([(codes::CUSTOMER_BANNED, "customer".to_owned())]));
    assert!(quote.totals.total > Decimal::ZERO);
    // A register that cannot be asked keeps nobody from a price.
    world.pass(Duration::from_secs(61));
    world.unplug();
    let quote = world.run(process.flow.quote(&kiosk, &world.store, &draft)).unwrap();
    assert!(quote.problems.is_empty(), "{:?}", quote.problems);
}

#[test]
fn a_stricter_register_wins_and_a_silent_one_is_not_waited_for_twice() {
    const PREVIEW: &str = "POST /ticket/previewticket";
    let world = World::new(Kind::Memory);
    let process = world.start();
    let draft = of(&world, vec![line(flower_of(&world, "7"), 5)]);
    let problems = refused(world.submit(&process, &draft, "one"));
    assert_eq!(found(&problems), BTreeSet::from([(codes::LIMIT_EXCEEDED_POS, "items".to_owned())]));
    // Who has just asked for a price is not made to wait for the same answer.
    let kiosk = world.caller(Role::Kiosk);
    world.run(process.flow.quote(&kiosk, &world.store, &world.sample())).unwrap();
    let asked = world.wire.count(PREVIEW);
    world.submit(&process, &world.sample(), "two").unwrap();
    assert_eq!(world.wire.count(PREVIEW), asked);
    // Once they have ordered, what was said before that is not good any more.
    world.submit(&process, &world.sample(), "three").unwrap();
    assert_eq!(world.wire.count(PREVIEW), asked + 1);
    // A register that hangs costs one customer some patience, not every customer.
    world.pass(Duration::from_secs(61));
    world.fault(FaultRule::rate(1.0, Fault::Slow { delay: Duration::from_secs(60) }));
    let began = world.driver.clock.now();
    for name in ["four", "five", "six"] {
        world.submit(&process, &world.sample(), name).unwrap();
    }
    let waited = (world.driver.clock.now() - began).to_std().unwrap();
    assert!(waited <= world.wishes.config.quote_deadline, "{waited:?}");
}
