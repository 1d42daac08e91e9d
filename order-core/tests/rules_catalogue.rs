//! What may be sold of what is on the shelf.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod shop;

use chrono::{DateTime, Utc};
use order_core::access::Role;
use order_core::model::{Order, OrderWarning, SoldBy, Status, Stock, VariantId};
use order_core::ports::Listing;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use shop::{Found, Shop, at, day, dec, found, items, listing, message, one, stock};

fn now() -> DateTime<Utc> {
    Shop::new().now
}

const PRODUCT: &str = "items.0.product_id";
const QUANTITY: &str = "items.0.quantity";

fn with(set: impl FnOnce(&mut Listing)) -> Shop {
    let mut shop = Shop::new();
    set(&mut shop.menu[0]);
    shop
}

#[test]
fn what_may_not_be_sold_is_refused_for_the_most_telling_reason() {
    type Case = (fn(&mut Listing), Value, Found);
    let medical = json!({"type": "medical"});
    let cases: [Case; 13] = [
        (|_| (), Value::Null, vec![]),
        (|l| l.published = false, Value::Null, one("not_for_sale", PRODUCT)),
        (|l| l.recalled = true, Value::Null, one("recalled", PRODUCT)),
        (|l| l.recalled = true, medical.clone(), one("recalled", PRODUCT)),
        (|l| l.medical_only = true, Value::Null, one("medical_only", PRODUCT)),
        (|l| l.medical_only = true, medical.clone(), vec![]),
        (|l| l.medical_only = true, json!({"type": "caregiver"}), vec![]),
        // The last day of sale is one, in the store's own day: it is 1 March in New York.
        (|l| l.expires_on = Some(day("2026-03-01")), Value::Null, vec![]),
        (|l| l.expires_on = Some(day("2026-02-28")), Value::Null, one("expired", PRODUCT)),
        // One reason a place, the gravest first.
        (
            |l| (l.recalled, l.published, l.medical_only) = (true, false, true),
            Value::Null,
            one("recalled", PRODUCT),
        ),
        (
            |l| (l.expires_on, l.published) = (Some(day("2026-01-01")), false),
            Value::Null,
            one("expired", PRODUCT),
        ),
        (|l| (l.published, l.medical_only) = (false, true), Value::Null, one("not_for_sale", PRODUCT)),
        // Not even a medical customer gets what is not for sale.
        (|l| (l.published, l.medical_only) = (false, true), medical, one("not_for_sale", PRODUCT)),
    ];
    for (at, (set, customer, expected)) in cases.into_iter().enumerate() {
        assert_eq!(found(&with(set).customer(customer).problems), expected, "{at}");
    }
}

#[test]
fn the_last_day_of_sale_is_the_stores_own_and_that_of_the_hand_over() {
    let mut shop = with(|l| l.expires_on = Some(day("2026-03-03")));
    for (now, good) in
        [("2026-03-04T04:59:59Z", true), ("2026-03-04T05:00:00Z", false), ("2026-03-03T23:00:00Z", true)]
    {
        shop.now = at(now);
        assert_eq!(shop.lines(&[("p1", "1")]).problems.is_empty(), good, "{now}");
    }
    shop.store.time_zone = chrono_tz::Pacific::Honolulu;
    shop.now = at("2026-03-04T09:59:59Z");
    assert!(shop.lines(&[("p1", "1")]).problems.is_empty());
    // What is ordered ahead is sold when it is handed over.
    let mut shop = with(|l| l.expires_on = Some(day("2026-03-03"))).ahead();
    for (pickup, good) in [("2026-03-04T04:30:00Z", true), ("2026-03-04T05:30:00Z", false)] {
        let more = json!({"fulfillment": {"pickup_at": pickup}});
        let verdict = shop.check(&shop.shaped(Value::Null, Value::Null, more));
        assert_eq!(verdict.problems.is_empty(), good, "{pickup}");
    }
    // A pick-up time in the past makes nothing fresh again.
    shop.now = at("2026-03-05T17:00:00Z");
    let more = json!({"fulfillment": {"pickup_at": "2026-03-02T17:00:00Z"}});
    let verdict = shop.check(&shop.shaped(Value::Null, Value::Null, more));
    assert!(found(&verdict.problems).contains(&("expired", PRODUCT.to_owned())));
}

#[test]
fn units_are_whole_and_weights_are_not() {
    let shop = with(|l| l.stock = stock("1", now()));
    assert_eq!(found(&shop.lines(&[("p1", "1.5")]).problems), one("quantity_not_whole", QUANTITY));
    let shop = with(|l| l.sold_by = SoldBy::Gram);
    let verdict = shop.lines(&[("p1", "1.5")]);
    assert_eq!((found(&verdict.problems), verdict.totals.total), (vec![], dec("15.00")));
    assert_eq!(found(&Shop::new().lines(&[("p1", "2.0")]).problems), vec![]);
}

#[test]
fn every_line_has_its_own_problems_at_its_own_place() {
    let mut shop = Shop::new();
    shop.menu.push(Listing { recalled: true, ..listing("p2", "1") });
    shop.menu.push(Listing { stock: stock("2", now()), ..listing("p3", "1") });
    let verdict = shop.lines(&[("p9", "1"), ("p1", "1"), ("p2", "1"), ("p3", "3"), ("p3", "1")]);
    let expected = [("unknown_product", "items.0.product_id"), ("recalled", "items.2.product_id")];
    let expected = expected.into_iter().chain([("out_of_stock", "items.3.quantity")]);
    let expected: Vec<_> = expected.map(|(code, path)| (code, path.to_owned())).collect();
    assert_eq!(found(&verdict.problems), expected);
    assert_eq!(verdict.items.len(), 3, "what the store sells is priced, whatever stands against it");
}

#[test]
fn what_is_left_is_stock_less_holds_less_margin_plus_what_is_ours() {
    // stock, held, margin, back, wanted, what is said
    let cases = [
        ("5", "0", "0", "0", "5", None),
        ("5", "0", "0", "0", "6", Some("only 5 left")),
        ("5", "2", "0", "0", "3", None),
        ("5", "2", "0", "0", "4", Some("only 3 left")),
        ("5", "2", "1", "0", "3", Some("only 2 left")),
        ("5", "2", "1", "1", "3", None),
        ("5", "5", "0", "0", "1", Some("none left")),
        ("0", "0", "0", "0", "1", Some("none left")),
        ("-3", "0", "0", "0", "1", Some("none left")),
        ("2", "9", "9", "0", "1", Some("none left")),
        ("0", "0", "0", "2", "2", None),
        // A margin below zero does not add to the shelf.
        ("5", "0", "-3", "0", "6", Some("only 5 left")),
        // Of what is sold whole, only whole ones can be had.
        ("2.9", "0", "0", "0", "3", Some("only 2 left")),
        ("0.5", "0", "0", "0", "1", Some("none left")),
        ("3.00", "0", "0", "0", "4", Some("only 3 left")),
        ("79228162514264337593543950335", "-1", "0", "0", "9", None),
        ("-79228162514264337593543950335", "5", "5", "0", "1", Some("none left")),
    ];
    for (there, held, margin, back, wanted, said) in cases {
        let mut shop = with(|l| l.stock = stock(there, now()));
        shop.store.rules.stock.margin = dec(margin);
        (shop.held, shop.back) = (vec![dec(held)], vec![dec(back)]);
        let verdict = shop.lines(&[("p1", wanted)]);
        let expected = if said.is_some() { one("out_of_stock", QUANTITY) } else { vec![] };
        assert_eq!(found(&verdict.problems), expected, "{there} {held} {margin} {back} {wanted}");
        if let Some(said) = said {
            assert_eq!(message(&verdict.problems, "out_of_stock"), said);
        }
    }
    let shop = with(|l| (l.stock, l.sold_by) = (stock("3.500", now()), SoldBy::Gram));
    assert!(shop.lines(&[("p1", "3.5")]).problems.is_empty());
    assert_eq!(message(&shop.lines(&[("p1", "3.51")]).problems, "out_of_stock"), "only 3.5 g left");
}

#[test]
fn a_capped_figure_proves_nothing_and_no_figure_refuses_nobody() {
    let capped = Some(Stock { quantity: dec("5"), at_least: true, as_of: now() });
    assert!(with(|l| l.stock = capped).lines(&[("p1", "50")]).problems.is_empty());
    assert!(with(|l| l.stock = None).lines(&[("p1", "50")]).problems.is_empty());
    let shop = Shop { held: vec![dec("99")], ..with(|l| l.stock = None) };
    assert!(shop.lines(&[("p1", "1")]).problems.is_empty());
}

#[test]
fn an_old_figure_is_told_to_staff_or_refused() {
    let stale = vec![OrderWarning::StaleStock];
    let refused = one("stale_stock", QUANTITY);
    let (fresh, old, ahead) = ("2026-03-01T16:50:00Z", "2026-03-01T16:49:59Z", "2026-03-01T18:00:00Z");
    // as of, minutes, refuse, capped, who asks, problems, warnings
    let cases = [
        (old, None, true, false, Role::Kiosk, vec![], vec![]),
        (fresh, Some(10), true, false, Role::Kiosk, vec![], vec![]),
        (old, Some(10), false, false, Role::Kiosk, vec![], stale.clone()),
        (old, Some(10), true, false, Role::Kiosk, refused.clone(), vec![]),
        (old, Some(10), true, false, Role::Customer, refused.clone(), vec![]),
        // A cap that is old may be short by now as well.
        (old, Some(10), false, true, Role::Kiosk, vec![], stale.clone()),
        (old, Some(10), true, true, Role::Kiosk, refused, vec![]),
        // People of the store can look at the shelf.
        (old, Some(10), true, false, Role::Staff, vec![], stale.clone()),
        (old, Some(10), true, false, Role::Manager, vec![], stale),
        // A source whose clock runs ahead is not stale.
        (ahead, Some(0), true, false, Role::Kiosk, vec![], vec![]),
        (old, Some(u32::MAX), true, false, Role::Kiosk, vec![], vec![]),
    ];
    for (index, (as_of, minutes, refuse, at_least, by, problems, warnings)) in cases.into_iter().enumerate() {
        let figure = Some(Stock { quantity: dec("5"), at_least, as_of: at(as_of) });
        let mut shop = with(|l| l.stock = figure);
        shop.by = by;
        shop.store.rules.stock.stale_after_minutes = minutes;
        shop.store.rules.stock.refuse_stale = refuse;
        let verdict = shop.lines(&[("p1", "5")]);
        assert_eq!((found(&verdict.problems), verdict.warnings), (problems, warnings), "{index}");
    }
    // Of an old figure that says too little, the age is the better reason where it refuses.
    let mut shop = with(|l| l.stock = stock("1", at(old)));
    shop.store.rules.stock.stale_after_minutes = Some(10);
    let verdict = shop.lines(&[("p1", "2")]);
    assert_eq!(found(&verdict.problems), one("out_of_stock", QUANTITY));
    assert_eq!(verdict.warnings, [OrderWarning::StaleStock]);
    shop.store.rules.stock.refuse_stale = true;
    assert_eq!(found(&shop.lines(&[("p1", "2")]).problems), one("stale_stock", QUANTITY));
}

/// An open order of two of `p1` as it is when somebody changes its lines.
fn placed() -> Order {
    let mut world = common::World::plain();
    world.order.created_at = now();
    world.order
}

#[test]
fn what_an_open_order_has_had_is_taken_from_it_only_for_cause() {
    let amending = |set: fn(&mut Listing), status: Status| {
        let mut shop = with(set);
        let mut order = placed();
        order.status = status;
        shop.amending = Some(order);
        shop.store.rules.stock.stale_after_minutes = Some(10);
        shop.store.rules.stock.refuse_stale = true;
        shop
    };
    let (open, over) = (Status::AwaitingProcessing, Status::Canceled);
    let gone: fn(&mut Listing) = |l| l.published = false;
    // Sold out since: no longer on the menu, but this order's two are set aside.
    assert!(amending(gone, open).lines(&[("p1", "2")]).problems.is_empty());
    assert!(amending(gone, open).lines(&[("p1", "1")]).problems.is_empty());
    assert_eq!(found(&amending(gone, open).lines(&[("p1", "3")]).problems), one("not_for_sale", PRODUCT));
    assert_eq!(found(&amending(gone, over).lines(&[("p1", "2")]).problems), one("not_for_sale", PRODUCT));
    // Called back or spoilt since: nobody gets it.
    let recalled = amending(|l| l.recalled = true, open);
    assert_eq!(found(&recalled.lines(&[("p1", "1")]).problems), one("recalled", PRODUCT));
    let expired = amending(|l| l.expires_on = Some(day("2026-02-28")), open);
    assert_eq!(found(&expired.lines(&[("p1", "1")]).problems), one("expired", PRODUCT));
    // An old figure says nothing against what is set aside.
    let old: fn(&mut Listing) = |l| l.stock = stock("9", at("2026-03-01T12:00:00Z"));
    let verdict = amending(old, open).lines(&[("p1", "2")]);
    assert_eq!((found(&verdict.problems), verdict.warnings), (vec![], vec![OrderWarning::StaleStock]));
    assert_eq!(found(&amending(old, open).lines(&[("p1", "3")]).problems), one("stale_stock", QUANTITY));
    // Another size is another thing.
    let shop = amending(gone, open);
    let mut shaped = shop.shaped(Value::Null, items(&[("p1", "1")]), Value::Null);
    shaped.lines[0].variant_id = Some(VariantId::new("1 g").unwrap());
    assert_eq!(found(&shop.check(&shaped).problems), one("not_for_sale", PRODUCT));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_gets_more_than_there_is_and_who_may_is_not_refused(
        there in -5..60_i64, held in 0..30_i64, margin in 0..10_i64, back in 0..10_i64, wanted in 1..60_u32,
    ) {
        let mut shop = with(|l| l.stock = Some(Stock { quantity: Decimal::from(there), at_least: false, as_of: now() }));
        shop.store.rules.stock.margin = Decimal::from(margin);
        (shop.held, shop.back) = (vec![Decimal::from(held)], vec![Decimal::from(back)]);
        let left = there - held - margin + back;
        let verdict = shop.lines(&[("p1", &wanted.to_string())]);
        prop_assert_eq!(verdict.problems.is_empty(), i64::from(wanted) <= left);
    }
}
