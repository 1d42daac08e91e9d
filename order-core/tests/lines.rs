//! Lines and money: merging, amending, picking, and what they add up to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{World, able, by_weight, dec, gathered, placement, short, sized, start, substituted};
use order_core::access::Role;
use order_core::lifecycle::{Action, Command, HoldChange, LinePick, Refusal, place};
use order_core::model::{PickState, Policy, PosState, Quantity, Status};
use order_core::testkit::actor;

fn numbers(world: &World) -> Vec<(u32, &str, Quantity)> {
    world.order.items.iter().map(|item| (item.id.get(), item.product_id.as_str(), item.quantity)).collect()
}

fn codes(outcome: Result<order_core::lifecycle::Decision, Refusal>) -> Vec<(&'static str, String)> {
    match outcome {
        Err(Refusal::Invalid(problems)) => problems.iter().map(|p| (p.code, p.path.clone())).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn merging_adds_up_by_product_and_size() {
    let mut world = World::plain();
    let more = vec![
        sized(1, None, 1, "99.99"),
        sized(1, Some("1 g"), 1, "5.00"),
        sized(1, Some("3.5 g"), 2, "6.00"),
        sized(1, Some("1 g"), 3, "5.00"),
    ];
    let decision = world.go(Role::Kiosk, Action::Merge(more));
    let units = Quantity::Units;
    assert_eq!(
        numbers(&world),
        [(1, "p1", units(3)), (2, "p2", units(1)), (3, "p1", units(4)), (4, "p1", units(2))]
    );
    assert_eq!(world.order.items[0].unit_price, dec("12.50"), "the price agreed before stands");
    assert_eq!(world.order.totals.subtotal, dec("72.83"));
    assert_eq!(decision.holds, HoldChange::Retake);
    assert_eq!(world.go(Role::Kiosk, Action::Merge(Vec::new())), Default::default());
}

#[test]
fn amending_keeps_line_numbers_and_never_reuses_one() {
    let mut world = World::plain();
    world.go(Role::Kiosk, Action::Merge(vec![sized(3, None, 1, "1.00")]));
    world.go(Role::Staff, Action::Amend(vec![sized(2, None, 4, "3.33"), sized(1, None, 1, "12.50")]));
    assert_eq!(numbers(&world), [(2, "p2", Quantity::Units(4)), (1, "p1", Quantity::Units(1))]);
    // Line 3 is gone and stays gone, whichever way the next one comes.
    world.go(Role::Kiosk, Action::Merge(vec![sized(4, None, 1, "1.00")]));
    assert_eq!(world.order.items[2].id.get(), 4);
    world.go(Role::Staff, Action::Amend(vec![sized(2, None, 4, "3.33")]));
    world.go(Role::Staff, Action::Amend(vec![sized(2, None, 4, "3.33"), sized(3, None, 1, "1.00")]));
    assert_eq!(world.order.items[1].id.get(), 5);
    let again = Action::Amend(vec![sized(2, None, 4, "3.33"), sized(3, None, 1, "1.00")]);
    assert_eq!(world.go(Role::Staff, again), Default::default(), "the same lines again change nothing");
    assert_eq!(
        codes(world.decide(Role::Staff, &Command::new(Action::Amend(vec![])))),
        [("nothing_left", "items".to_owned())]
    );
}

#[test]
fn an_amendment_that_names_a_product_twice_adds_it_up() {
    let mut world = World::plain();
    let twice = vec![
        sized(1, None, 1, "12.50"),
        sized(1, None, 2, "12.50"),
        sized(9, None, 1, "1"),
        sized(9, None, 1, "1"),
    ];
    world.go(Role::Kiosk, Action::Amend(twice));
    assert_eq!(numbers(&world), [(1, "p1", Quantity::Units(3)), (3, "p9", Quantity::Units(2))]);
}

#[test]
fn more_of_a_short_line_is_gathered_anew() {
    let mut world = World::plain().to(Status::InProcess);
    world.go(Role::Staff, Action::Pick(vec![short(1, 1), substituted(2, "4.00", true)]));
    world.go(Role::Staff, Action::Release);
    world.go(Role::Kiosk, Action::Merge(vec![sized(1, None, 2, "12.50"), sized(2, None, 1, "3.33")]));
    for item in &world.order.items {
        assert_eq!((item.pick, item.supplied, item.substitute.is_none()), (PickState::Open, None, true));
    }
    assert_eq!(world.order.totals.subtotal, dec("56.66"));

    // A line taken off stays off; the same product comes as a new line.
    let mut world = World::plain().to(Status::InProcess);
    world.go(Role::Staff, Action::Pick(vec![gathered(1, PickState::Removed)]));
    world.go(Role::Staff, Action::Release);
    world.go(Role::Kiosk, Action::Merge(vec![sized(1, None, 1, "12.50")]));
    assert_eq!(world.order.items.iter().map(|item| item.id.get()).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn what_counts_is_what_is_supplied() {
    let items = vec![sized(1, None, 3, "10.00"), sized(2, None, 2, "5.00"), by_weight(3, "3.5", "9.99")];
    let mut world = World::new(items, Policy::default(), None);
    let sums = |world: &World| {
        let totals = world.order.totals;
        [totals.subtotal, totals.tax, totals.total].map(|amount| amount.to_string())
    };
    assert_eq!(sums(&world), ["74.97", "7.50", "82.47"]);
    world.go(Role::Staff, Action::Start);
    let pick = |world: &mut World, pick: LinePick| world.go(Role::Staff, Action::Pick(vec![pick]));
    pick(&mut world, short(1, 1));
    assert_eq!(sums(&world), ["54.97", "5.50", "60.47"]);
    pick(&mut world, gathered(2, PickState::Removed));
    assert_eq!(sums(&world), ["44.97", "4.50", "49.47"]);
    pick(&mut world, substituted(2, "1.01", false));
    assert_eq!(sums(&world), ["46.99", "4.70", "51.69"]);
    let less = LinePick { supplied: Some(Quantity::Grams(dec("1.25"))), ..gathered(3, PickState::Short) };
    pick(&mut world, less);
    assert_eq!(sums(&world), ["24.51", "2.45", "26.96"]);
    world.go(Role::Staff, Action::Pick((1..=3).map(|line| gathered(line, PickState::Open)).collect()));
    assert_eq!(sums(&world), ["74.97", "7.50", "82.47"]);
    assert_eq!(world.order.quoted, world.order.totals);
}

#[test]
fn a_discount_comes_back_with_the_goods() {
    let mut dear = sized(1, None, 3, "10.00");
    dear.set_discount(dec("15"));
    let mut world = World::new(vec![dear, sized(2, None, 1, "5.00")], Policy::default(), None);
    let quoted = world.order.quoted;
    assert_eq!((quoted.discount, quoted.total), (dec("15.00"), dec("22.00")));
    world.go(Role::Staff, Action::Start);
    world.go(Role::Staff, Action::Pick(vec![short(1, 1)]));
    assert_eq!(world.order.totals.discount, dec("5.00"), "half off stays half off");
    world.go(Role::Staff, Action::Pick(vec![gathered(1, PickState::Removed)]));
    assert_eq!((world.order.totals.discount, world.order.totals.total), (dec("0.00"), dec("5.50")));
    world.go(Role::Staff, Action::Pick(vec![gathered(1, PickState::Picked)]));
    assert_eq!(world.order.totals, quoted);
    // More of a line that came short: what was agreed for both counts.
    world.go(Role::Staff, Action::Pick(vec![short(1, 1)]));
    world.go(Role::Staff, Action::Release);
    let mut more = sized(1, None, 1, "10.00");
    more.set_discount(dec("2"));
    world.go(Role::Kiosk, Action::Merge(vec![more]));
    assert_eq!(world.order.totals.discount, dec("17.00"));
    assert_eq!(order_core::lifecycle::replay(&world.events).unwrap(), world.order);
}

#[test]
fn a_pick_says_all_that_is_wrong_with_it() {
    let mut world = World::plain();
    world.go(Role::Staff, Action::Start);
    let minus = LinePick { supplied: Some(Quantity::Units(0)), ..gathered(2, PickState::Picked) };
    let picks = vec![
        short(1, 2),
        minus,
        gathered(9, PickState::Picked),
        LinePick { substitute: substituted(1, "1", true).substitute, ..gathered(2, PickState::Removed) },
        substituted(1, "-0.01", true),
    ];
    let found = codes(world.decide(Role::Staff, &Command::new(Action::Pick(picks))));
    let expected = [
        ("invalid_pick", "lines.0.supplied"),
        ("invalid_pick", "lines.1.supplied"),
        ("unknown_line", "lines.2.line"),
        ("invalid_pick", "lines.3.line"),
        ("invalid_pick", "lines.3.substitute"),
        ("invalid_pick", "lines.4.line"),
        ("invalid_pick", "lines.4.substitute"),
    ];
    assert_eq!(found, expected.map(|(code, path)| (code, path.to_owned())));
    for supplied in [Quantity::Grams(dec("-1")), Quantity::Grams(dec("1")), Quantity::Units(3)] {
        let wrong = LinePick { supplied: Some(supplied), ..gathered(1, PickState::Short) };
        assert_eq!(codes(world.decide(Role::Staff, &Command::new(Action::Pick(vec![wrong])))).len(), 1);
    }
    assert_eq!(
        codes(world.decide(Role::Staff, &Command::new(Action::Pick(vec![gathered(1, PickState::Short)]))))
            .len(),
        1
    );
    assert_eq!(
        codes(
            world.decide(Role::Staff, &Command::new(Action::Pick(vec![gathered(1, PickState::Substituted)])))
        )
        .len(),
        1
    );
}

#[test]
fn no_line_weighs_less_than_the_scales() {
    let mut grams = World::new(vec![by_weight(1, "5", "9.99")], Policy::default(), None);
    grams.go(Role::Staff, Action::Start);
    let less = LinePick { supplied: Some(Quantity::Grams(dec("-5"))), ..gathered(1, PickState::Short) };
    assert_eq!(codes(grams.decide(Role::Staff, &Command::new(Action::Pick(vec![less])))).len(), 1);
}

#[test]
fn nothing_below_zero_gets_in_and_nothing_beyond_the_limits() {
    let negative = || sized(3, None, 1, "-1.00");
    let nothing = || sized(3, None, 0, "1.00");
    let weightless = || by_weight(3, "-2", "1.00");
    for (bad, code) in [
        (negative(), "negative_price"),
        (nothing(), "quantity_not_positive"),
        (weightless(), "quantity_not_positive"),
    ] {
        let world = World::plain();
        for action in [Action::Merge(vec![bad.clone()]), Action::Amend(vec![bad.clone()])] {
            assert_eq!(codes(world.decide(Role::Kiosk, &Command::new(action)))[0].0, code);
        }
        assert!(place(placement(vec![bad], true), &Policy::default(), &actor(Role::Kiosk), start()).is_err());
    }
    // Taking away by adding less than nothing is no way round.
    let world = World::new(vec![by_weight(3, "5", "1.00")], Policy::default(), None);
    assert!(world.decide(Role::Kiosk, &Command::new(Action::Merge(vec![weightless()]))).is_err());
    assert!(
        world.decide(Role::Kiosk, &Command::new(Action::Merge(vec![by_weight(3, "95", "1.00")]))).is_err()
    );
    assert!(
        world.decide(Role::Kiosk, &Command::new(Action::Merge(vec![sized(3, None, 1, "1.00")]))).is_err()
    );
    let world = World::plain();
    let too_many = (1..=51).map(|number| sized(number, None, 1, "1")).collect();
    assert_eq!(
        codes(world.decide(Role::Kiosk, &Command::new(Action::Amend(too_many))))[0].0,
        "too_many_items"
    );
    let most = Command::new(Action::Merge(vec![sized(1, None, 98, "1")]));
    assert_eq!(
        codes(world.decide(Role::Kiosk, &most)),
        [("quantity_too_large", "items.0.quantity".to_owned())]
    );
    assert!(place(placement(vec![], true), &Policy::default(), &actor(Role::Kiosk), start()).is_err());
}

#[test]
fn sums_that_do_not_fit_are_refused_and_never_panic() {
    let dear = |number| sized(number, None, 99, "79228162514264337593543950335");
    let placed =
        place(placement(vec![dear(1), dear(2)], true), &Policy::default(), &actor(Role::Kiosk), start());
    assert!(matches!(placed, Err(Refusal::Invalid(_))));
    let world = World::plain();
    assert_eq!(
        codes(world.decide(Role::Kiosk, &Command::new(Action::Merge(vec![dear(5)]))))[0].0,
        "amount_too_large"
    );
}

#[test]
fn lines_change_only_while_the_pos_can_still_take_it() {
    let merge = Command::new(Action::Merge(vec![sized(3, None, 1, "1.00")]));
    for (state, edits, rigid) in [
        (PosState::Queued, true, true),
        (PosState::Retrying, true, true),
        (PosState::Attention, true, true),
        (PosState::Sending, true, false),
        (PosState::Unknown, true, false),
        (PosState::Accepted, true, false),
        (PosState::Manual, false, false),
    ] {
        for (edit, expected) in [(true, edits), (false, rigid)] {
            let mut pos = able();
            pos.edit = edit;
            let world = World::with(pos).pos_to(state);
            assert_eq!(world.decide(Role::Kiosk, &merge).is_ok(), expected, "{state:?}, edit {edit}");
        }
    }
}
