//! What an order costs: menu, taxes, discounts, rounding.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod shop;

use std::collections::BTreeSet;

use order_core::model::{
    Currency, CustomerKind, Discount, Off, OrderItem, PickState, PriceRules, ProductId, Quantity, SoldBy,
    StoreRules, Substitute, TaxRate, Totals, sum_items,
};
use order_core::rules::{Problems, Verdict, check_expected};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use shop::{Shop, at, currency, day, dec, found, items, listing, message, one};

fn tax(name: &str, rate: &str) -> TaxRate {
    TaxRate { name: name.to_owned(), rate: dec(rate), categories: Vec::new() }
}

fn percent(percent: &str) -> Discount {
    Discount {
        code: None,
        title: "Discount".to_owned(),
        off: Off::Percent(dec(percent)),
        categories: BTreeSet::new(),
        products: BTreeSet::new(),
        customers: Vec::new(),
        min_subtotal: Decimal::ZERO,
        from: None,
        until: None,
    }
}

fn amount(amount: &str) -> Discount {
    Discount { off: Off::Amount(dec(amount)), ..percent("0") }
}

fn coded(code: &str, discount: Discount) -> Discount {
    Discount { code: Some(code.to_owned()), ..discount }
}

/// A shop that sells `p1`, `p2`, ... at these prices.
fn selling(code: &str, prices: &[&str], rates: &[&str], tax_included: bool) -> Shop {
    let mut shop = Shop::new();
    shop.store.currency = currency(code);
    shop.menu = (1..).zip(prices).map(|(number, price)| listing(&format!("p{number}"), price)).collect();
    shop.store.taxes = rates.iter().map(|rate| tax("tax", rate)).collect();
    shop.store.rules.prices.tax_included = tax_included;
    shop
}

fn with_code(shop: &Shop, lines: &[(&str, &str)], code: &str) -> Verdict {
    shop.check(&shop.shaped(Value::Null, items(lines), json!({"discount_code": code})))
}

fn sums(totals: &Totals) -> [String; 4] {
    [totals.subtotal, totals.discount, totals.tax, totals.total].map(|sum| sum.to_string())
}

fn discounts(verdict: &Verdict) -> Vec<String> {
    verdict.items.iter().map(|item| item.discount.to_string()).collect()
}

#[test]
fn every_line_its_discount_and_each_tax_are_rounded_by_themselves() {
    // currency, prices, quantities, rates, tax included, percent off, subtotal, discount, tax, total
    #[rustfmt::skip]
    let cases = [
        ("USD", vec!["10"], vec!["1"], vec![], false, "0", ["10.00", "0.00", "0.00", "10.00"]),
        // Half a cent goes up, less goes down.
        ("USD", vec!["0.10"], vec!["1"], vec!["0.05"], false, "0", ["0.10", "0.00", "0.01", "0.11"]),
        ("USD", vec!["0.10"], vec!["1"], vec!["0.0499"], false, "0", ["0.10", "0.00", "0.00", "0.10"]),
        // Two lines that each owe half a cent owe two cents, not one.
        ("USD", vec!["0.10", "0.10"], vec!["1", "1"], vec!["0.05"], false, "0", ["0.20", "0.00", "0.02", "0.22"]),
        // Two taxes on one line are rounded apart.
        ("USD", vec!["0.10"], vec!["1"], vec!["0.05", "0.05"], false, "0", ["0.10", "0.00", "0.02", "0.12"]),
        // The discount is rounded before the tax, and the tax is on what is left.
        ("USD", vec!["9.99"], vec!["1"], vec!["0.0725"], false, "15", ["9.99", "1.50", "0.62", "9.11"]),
        ("USD", vec!["0.50", "0.50"], vec!["1", "1"], vec![], false, "1", ["1.00", "0.02", "0.00", "0.98"]),
        // A price finer than a cent is rounded once the quantity is in.
        ("USD", vec!["3.333"], vec!["3"], vec![], false, "0", ["10.00", "0.00", "0.00", "10.00"]),
        // Prices with the tax in them: the total is what the menu says.
        ("USD", vec!["10.00"], vec!["1"], vec!["0.08"], true, "0", ["9.26", "0.00", "0.74", "10.00"]),
        ("USD", vec!["10.00"], vec!["1"], vec!["0.08", "0.15"], true, "0", ["8.13", "0.00", "1.87", "10.00"]),
        ("USD", vec!["0.01"], vec!["3"], vec!["0.5", "0.5"], true, "0", ["0.01", "0.00", "0.02", "0.03"]),
        // Ten percent off 19.99 with the tax in it: 17.99 is paid.
        ("USD", vec!["19.99"], vec!["1"], vec!["0.10"], true, "10", ["18.35", "2.00", "1.64", "17.99"]),
        // A currency without coins below one, and one with thousandths.
        ("JPY", vec!["105", "7"], vec!["1", "1"], vec!["0.10"], false, "0", ["112", "0", "12", "124"]),
        ("JPY", vec!["1000"], vec!["3"], vec!["0.08"], true, "5", ["2789", "150", "211", "2850"]),
        ("KWD", vec!["1.0005"], vec!["1"], vec!["0.05"], false, "0", ["1.001", "0.000", "0.050", "1.051"]),
        ("KWD", vec!["2.345"], vec!["2"], vec!["0.05"], true, "12.5", ["4.495", "0.586", "0.195", "4.104"]),
    ];
    for (code, prices, quantities, rates, included, off, expected) in cases {
        let mut shop = selling(code, &prices, &rates, included);
        shop.store.rules.prices.discounts = vec![percent(off)];
        let names: Vec<_> = (1..=prices.len()).map(|number| format!("p{number}")).collect();
        let lines: Vec<_> = names.iter().map(String::as_str).zip(quantities).collect();
        let verdict = shop.lines(&lines);
        assert_eq!(found(&verdict.problems), vec![]);
        assert_eq!(sums(&verdict.totals), expected, "{code} {prices:?} {rates:?} {included} {off}");
    }
}

#[test]
fn by_weight_and_by_category() {
    let mut shop = selling("USD", &["9.99", "5.00"], &[], false);
    shop.menu[0].sold_by = SoldBy::Gram;
    shop.menu[1].category = "gear".to_owned();
    let local = TaxRate { categories: vec!["flower".to_owned()], ..tax("excise", "0.15") };
    shop.store.taxes = vec![tax("sales", "0.0725"), local];
    let verdict = shop.lines(&[("p1", "3.5"), ("p2", "1")]);
    assert_eq!(sums(&verdict.totals), ["39.97", "0.00", "8.15", "48.12"]);
    assert_eq!(verdict.items[0].tax, dec("2.54") + dec("5.25"));
    assert_eq!(verdict.items[1].tax, dec("0.36"));
    assert_eq!(verdict.items[0].unit_price.to_string(), "9.99");
}

#[test]
fn a_price_or_tax_below_zero_and_a_sum_beyond_counting_are_refused() {
    let wrong = |verdict: Verdict| found(&verdict.problems);
    let expected = one("negative_price", "items.0.product_id");
    assert_eq!(wrong(selling("USD", &["-0.01"], &[], false).lines(&[("p1", "1")])), expected);
    assert_eq!(wrong(selling("USD", &["1"], &["0.05", "-0.01"], false).lines(&[("p1", "1")])), expected);
    assert_eq!(wrong(selling("USD", &["0"], &[], false).lines(&[("p1", "1")])), vec![]);
    let most = Decimal::MAX.to_string();
    let verdict = selling("USD", &[most.as_str()], &[], false).lines(&[("p1", "2")]);
    assert_eq!(wrong(verdict), one("amount_too_large", "items.0.quantity"));
    let verdict =
        selling("USD", &[most.as_str(), most.as_str()], &[], false).lines(&[("p1", "1"), ("p2", "1")]);
    assert_eq!(wrong(verdict), one("amount_too_large", "items"));
}

#[test]
fn a_discount_is_good_for_what_it_names() {
    let lines = [("p1", "1"), ("p2", "2")];
    // p1 is flower for 10.00, p2 gear for 4.00.
    let shop = |discount: Discount| {
        let mut shop = selling("USD", &["10", "4"], &[], false);
        shop.menu[1].category = "gear".to_owned();
        shop.store.rules.prices.discounts = vec![discount];
        shop
    };
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    let products =
        |words: &[&str]| words.iter().map(|word| ProductId::new(*word).unwrap()).collect::<BTreeSet<_>>();
    let cases = [
        (percent("10"), ["1.00", "0.80"]),
        (Discount { categories: set(&["Gear "]), ..percent("10") }, ["0.00", "0.80"]),
        (Discount { categories: set(&["gear", "flower"]), ..percent("10") }, ["1.00", "0.80"]),
        (Discount { products: products(&["p1"]), ..percent("10") }, ["1.00", "0.00"]),
        (
            Discount { categories: set(&["gear"]), products: products(&["p1"]), ..percent("10") },
            ["0.00", "0.00"],
        ),
        (Discount { categories: set(&["edible"]), ..percent("10") }, ["0.00", "0.00"]),
        (Discount { customers: vec![CustomerKind::Adult], ..percent("10") }, ["1.00", "0.80"]),
        (Discount { customers: vec![CustomerKind::Medical], ..percent("10") }, ["0.00", "0.00"]),
        (Discount { min_subtotal: dec("18"), ..percent("10") }, ["1.00", "0.80"]),
        (Discount { min_subtotal: dec("18.01"), ..percent("10") }, ["0.00", "0.00"]),
        // The least sum is asked of the whole basket, whatever of it is reduced.
        (Discount { min_subtotal: dec("18"), categories: set(&["gear"]), ..percent("10") }, ["0.00", "0.80"]),
        (
            Discount { from: Some(day("2026-03-01")), until: Some(day("2026-03-01")), ..percent("10") },
            ["1.00", "0.80"],
        ),
        (Discount { from: Some(day("2026-03-02")), ..percent("10") }, ["0.00", "0.00"]),
        (Discount { until: Some(day("2026-02-28")), ..percent("10") }, ["0.00", "0.00"]),
        (percent("100"), ["10.00", "8.00"]),
        (amount("9"), ["5.00", "4.00"]),
        (amount("1000"), ["10.00", "8.00"]),
        (amount("79228162514264337593543950335"), ["10.00", "8.00"]),
        (amount("1000000000000000000000000"), ["10.00", "8.00"]),
        (percent("150"), ["10.00", "8.00"]),
        (percent("-10"), ["0.00", "0.00"]),
        (amount("-10"), ["0.00", "0.00"]),
        (Discount { products: products(&["p2"]), ..amount("9") }, ["0.00", "8.00"]),
    ];
    for (at, (discount, expected)) in cases.into_iter().enumerate() {
        let verdict = shop(discount).lines(&lines);
        assert_eq!(discounts(&verdict), expected, "{at}");
        assert!(verdict.problems.is_empty(), "what applies by itself is missed by nobody");
    }
    // The last day ends at the store's midnight.
    let mut late = shop(Discount { until: Some(day("2026-03-01")), ..percent("10") });
    late.now = at("2026-03-02T04:59:59Z");
    assert_eq!(late.lines(&lines).totals.discount, dec("1.80"));
    late.now = at("2026-03-02T05:00:00Z");
    assert_eq!(late.lines(&lines).totals.discount, dec("0"));
    // With the tax in the prices, the least sum is what the menu shows.
    let mut shop = selling("USD", &["10"], &["0.25"], true);
    shop.store.rules.prices.discounts = vec![Discount { min_subtotal: dec("10"), ..percent("10") }];
    assert_eq!(sums(&shop.lines(&[("p1", "1")]).totals), ["8.20", "1.00", "1.80", "9.00"]);
}

#[test]
fn of_those_without_a_code_the_first_that_fits_counts_and_a_code_replaces_it() {
    let mut shop = selling("USD", &["10"], &[], false);
    let only = Discount { customers: vec![CustomerKind::Medical], ..percent("50") };
    shop.store.rules.prices.discounts =
        vec![coded("SPRING", percent("20")), only, percent("5"), percent("30"), coded("none", percent("0"))];
    let line = [("p1", "1")];
    assert_eq!(shop.lines(&line).totals.discount, dec("0.50"));
    for code in ["SPRING", "spring", "  Spring  "] {
        let verdict = with_code(&shop, &line, code);
        assert_eq!((found(&verdict.problems), verdict.totals.discount), (vec![], dec("2.00")), "{code}");
    }
    // A code counts on top of nothing, even when it is worth less.
    assert_eq!(with_code(&shop, &line, "NONE").totals.discount, dec("0"));
    assert_eq!(with_code(&shop, &line, "   ").totals.discount, dec("0.50"));
    let medical = shop.customer(json!({"type": "medical"}));
    assert_eq!(medical.totals.discount, dec("5.00"));
    // One code over two seasons.
    shop.store.rules.prices.discounts = vec![
        coded("ÉTÉ", Discount { until: Some(day("2025-12-31")), ..percent("10") }),
        coded("été", Discount { from: Some(day("2026-01-01")), ..percent("15") }),
    ];
    assert_eq!(with_code(&shop, &line, "Été").totals.discount, dec("1.50"));
}

#[test]
fn a_code_without_effect_says_why() {
    let mut shop = selling("USD", &["10"], &[], false);
    let edible = BTreeSet::from(["edible".to_owned()]);
    shop.store.rules.prices.discounts = vec![
        percent("5"),
        coded("LATER", Discount { from: Some(day("2026-04-01")), ..percent("10") }),
        coded("OVER", Discount { until: Some(day("2026-02-28")), ..percent("10") }),
        coded("MED", Discount { customers: vec![CustomerKind::Medical], ..percent("10") }),
        coded("SWEET", Discount { categories: edible, ..percent("10") }),
        coded("BIG", Discount { min_subtotal: dec("50"), ..amount("10") }),
    ];
    let line = [("p1", "1")];
    let cases = [
        ("LATER", "2026-04-01"),
        ("over", "2026-02-28"),
        ("MED", "type of customer"),
        ("SWEET", "none of these products"),
        ("BIG", "50.00 USD"),
    ];
    for (code, why) in cases {
        for pos_knows in [false, true] {
            shop.pos = pos_knows.then(common::able);
            if let Some(pos) = &mut shop.pos {
                pos.coupon = true;
            }
            let verdict = with_code(&shop, &line, code);
            assert_eq!(found(&verdict.problems), one("discount_not_applicable", "discount_code"), "{code}");
            let text = message(&verdict.problems, "discount_not_applicable");
            assert!(text.contains(why), "{text}");
            assert_eq!(verdict.totals.discount, dec("0"));
        }
    }
    shop.pos = None;
    let unknown = with_code(&shop, &line, "SPRINGG");
    assert_eq!(found(&unknown.problems), one("unknown_discount", "discount_code"));
    assert!(!message(&unknown.problems, "unknown_discount").contains("SPRINGG"));
    let mut pos = common::able();
    shop.pos = Some(pos);
    assert_eq!(found(&with_code(&shop, &line, "SPRINGG").problems), one("unknown_discount", "discount_code"));
    pos.coupon = true;
    shop.pos = Some(pos);
    let theirs = with_code(&shop, &line, "SPRINGG");
    assert_eq!((found(&theirs.problems), theirs.totals.discount), (vec![], dec("0")));
}

#[test]
fn what_was_promised_with_an_order_outlives_its_last_day_and_refuses_no_change() {
    let mut shop = selling("USD", &["10", "10"], &[], false);
    let mut order = common::World::plain().order;
    order.created_at = at("2026-02-28T17:00:00Z");
    let last = Discount { until: Some(day("2026-02-28")), ..percent("10") };
    shop.store.rules.prices.discounts = vec![coded("FEB", Discount { min_subtotal: dec("20"), ..last })];
    let lines = [("p1", "1"), ("p2", "1")];
    let today = with_code(&shop, &lines, "FEB");
    assert_eq!(found(&today.problems), one("discount_not_applicable", "discount_code"));
    shop.amending = Some(order);
    let changed = with_code(&shop, &lines, "FEB");
    assert_eq!((found(&changed.problems), changed.totals.discount), (vec![], dec("2.00")));
    // Less than it takes: the discount goes, the change does not.
    let less = with_code(&shop, &lines[..1], "FEB");
    assert_eq!((found(&less.problems), less.totals.discount), (vec![], dec("0")));
    assert!(with_code(&shop, &lines, "gone").problems.is_empty());
}

#[test]
fn an_amount_is_spread_to_the_coin() {
    let cases = [
        ("USD", vec!["10", "10", "10"], "10", vec!["3.34", "3.33", "3.33"]),
        ("USD", vec!["10", "20", "30"], "10", vec!["1.67", "3.33", "5.00"]),
        ("USD", vec!["0.01", "0.01", "0.01"], "0.02", vec!["0.01", "0.01", "0.00"]),
        ("USD", vec!["0", "5.00", "0"], "3", vec!["0.00", "3.00", "0.00"]),
        ("USD", vec!["99.99", "0.01"], "50", vec!["50.00", "0.00"]),
        ("USD", vec!["0.01", "99.99"], "99.99", vec!["0.01", "99.98"]),
        ("USD", vec!["7", "3"], "0.005", vec!["0.01", "0.00"]),
        ("JPY", vec!["100", "100", "101"], "100", vec!["33", "33", "34"]),
        ("KWD", vec!["1", "2"], "0.5", vec!["0.167", "0.333"]),
    ];
    for (code, prices, off, expected) in cases {
        let mut shop = selling(code, &prices, &[], false);
        shop.store.rules.prices.discounts = vec![amount(off)];
        let lines: Vec<_> = ["p1", "p2", "p3"].into_iter().zip(["1"; 3]).take(prices.len()).collect();
        assert_eq!(discounts(&shop.lines(&lines)), expected, "{prices:?} {off}");
    }
}

#[test]
fn a_total_has_moved_when_it_is_further_off_than_the_store_says() {
    let mut shop = selling("USD", &["10"], &[], false);
    let moved = |shop: &Shop, tolerance: Option<&str>, total: &str, expected: &str| {
        let mut shop = shop.clone();
        shop.store.rules.prices.tolerance = tolerance.map(dec);
        let shaped = shop.shaped(Value::Null, Value::Null, json!({"expected_total": expected}));
        check_expected(&shop.store, &shaped, dec(total)).is_err()
    };
    let cases = [
        (None, "10.00", "99", false),
        (Some("0"), "10.00", "10.00", false),
        (Some("0"), "10.00", "10", false),
        (Some("0"), "10.00", "10.004", false),
        (Some("0"), "10.00", "10.005", true),
        (Some("0"), "10.00", "9.99", true),
        // As far down as up.
        (Some("0.50"), "10.50", "10.00", false),
        (Some("0.50"), "9.50", "10.00", false),
        (Some("0.50"), "10.51", "10.00", true),
        (Some("0.50"), "9.49", "10.00", true),
        (Some("-1"), "10.00", "10.00", false),
        (Some("-1"), "10.01", "10.00", true),
        (Some("1"), "10.00", "-79228162514264337593543950335", true),
        (Some("1"), "79228162514264337593543950335", "-79228162514264337593543950335", true),
        (Some("79228162514264337593543950335"), "10.00", "-10.00", false),
    ];
    for (tolerance, total, expected, is) in cases {
        assert_eq!(moved(&shop, tolerance, total, expected), is, "{tolerance:?} {total} {expected}");
    }
    shop.store.currency = currency("JPY");
    assert!(!moved(&shop, Some("0"), "10", "10.4"));
    assert!(moved(&shop, Some("0"), "10", "10.5"));
    shop.store.rules.prices.tolerance = Some(Decimal::ZERO);
    let shaped = shop.shaped(Value::Null, Value::Null, json!({"expected_total": "9"}));
    let problems: Problems = check_expected(&shop.store, &shaped, dec("10")).unwrap_err();
    assert_eq!(found(&problems), one("price_changed", "expected_total"));
    assert!(message(&problems, "price_changed").contains("10 JPY"));
}

/// Three units at 10.00, of which this much is agreed to be taken off.
fn line(agreed: &str) -> OrderItem {
    let mut item = order_core::testkit::item(1, 3, dec("10.00")).unwrap();
    item.set_discount(dec(agreed));
    item.reprice(Currency::USD);
    item
}

#[test]
fn a_short_line_takes_its_share_of_the_discount_along_and_back() {
    let substitute = |price: &str| {
        Some(Box::new(Substitute {
            product_id: ProductId::new("other").unwrap(),
            variant_id: None,
            name: "Other".to_owned(),
            unit_price: dec(price),
            content: Default::default(),
            consent: true,
        }))
    };
    let picks = |agreed: &str| {
        let mut item = line(agreed);
        let mut seen = vec![item.discount.to_string()];
        let mut pick = |pick, supplied: Option<u32>, other: Option<&str>| {
            item.pick = pick;
            item.supplied = supplied.map(Quantity::Units);
            item.substitute = other.and_then(substitute);
            item.reprice(Currency::USD);
            assert_eq!(item.tax, Currency::USD.round((item.gross() - item.discount) * dec("0.1")));
            let json = serde_json::to_string(&item).unwrap();
            assert_eq!(serde_json::from_str::<OrderItem>(&json).unwrap(), item);
            seen.push(item.discount.to_string());
        };
        pick(PickState::Short, Some(1), None);
        pick(PickState::Short, Some(0), None);
        pick(PickState::Removed, None, None);
        pick(PickState::Substituted, None, Some("5.00"));
        pick(PickState::Substituted, None, Some("20.00"));
        pick(PickState::Open, None, None);
        pick(PickState::Picked, None, None);
        assert_eq!(item, OrderItem { pick: PickState::Picked, ..line(agreed) });
        seen
    };
    assert_eq!(picks("15"), ["15.00", "5.00", "0.00", "0.00", "7.50", "15.00", "15.00", "15.00"]);
    assert_eq!(picks("10"), ["10.00", "3.33", "0.00", "0.00", "5.00", "10.00", "10.00", "10.00"]);
    // Never more than the line costs, never below nothing, whatever was agreed.
    assert_eq!(picks("99"), ["30.00", "10.00", "0.00", "0.00", "15.00", "30.00", "30.00", "30.00"]);
    assert_eq!(picks("-5"), ["0.00"; 8]);
    // What is off for nothing stays simple on the wire.
    assert!(!serde_json::to_string(&line("10")).unwrap().contains("discount_agreed"));
}

#[test]
fn taxes_never_take_more_than_was_paid() {
    let mut item = order_core::testkit::item(1, 1, dec("0.03")).unwrap();
    (item.tax_included, item.tax_rates) = (true, vec![dec("4"); 5]);
    item.reprice(Currency::USD);
    assert_eq!((item.tax, item.line_total, item.gross()), (dec("0.03"), dec("0.00"), dec("0.03")));
}

#[test]
fn settings_that_cannot_be_meant_are_errors() {
    let check = |set: fn(&mut StoreRules)| {
        let mut rules = StoreRules::default();
        set(&mut rules);
        rules.check().map_err(|error| error.to_string())
    };
    let good: [fn(&mut StoreRules); 7] = [
        |_| (),
        |r| r.customers.adult_use = false,
        |r| r.stock.margin = dec("2.5"),
        |r| (r.stock.refuse_stale, r.stock.stale_after_minutes) = (true, Some(5)),
        |r| r.prices.tolerance = Some(Decimal::ZERO),
        |r| r.prices.discounts = vec![percent("0"), percent("100"), amount("0"), coded("A", amount("5"))],
        |r| {
            let (from, until) = (Some(day("2026-03-01")), Some(day("2026-03-01")));
            r.prices.discounts = vec![Discount { from, until, ..percent("1") }];
        },
    ];
    for (at, set) in good.into_iter().enumerate() {
        assert_eq!(check(set), Ok(()), "{at}");
    }
    type Bad = (fn(&mut StoreRules), &'static str);
    let bad: [Bad; 10] = [
        (|r| (r.customers.adult_use, r.customers.medical) = (false, false), "customers"),
        (|r| r.stock.margin = dec("-0.1"), "stock.margin"),
        (|r| r.stock.refuse_stale = true, "stale_after_minutes"),
        (|r| r.prices.tolerance = Some(dec("-0.01")), "prices.tolerance"),
        (|r| r.prices.discounts = vec![percent("100.01")], "0 and 100"),
        (|r| r.prices.discounts = vec![percent("5"), percent("-1")], "0 and 100"),
        (|r| r.prices.discounts = vec![amount("-0.01")], "below zero"),
        (|r| r.prices.discounts = vec![coded(" ", percent("1"))], "code is empty"),
        (|r| r.prices.discounts = vec![Discount { min_subtotal: dec("-1"), ..percent("1") }], "least sum"),
        (
            |r| {
                let (from, until) = (Some(day("2026-03-02")), Some(day("2026-03-01")));
                r.prices.discounts = vec![Discount { from, until, ..percent("1") }];
            },
            "before it begins",
        ),
    ];
    for (set, text) in bad {
        let error = check(set).unwrap_err();
        assert!(error.contains(text), "{error}");
    }
}

/// Rounded to whole coins as text books do it, apart from the library.
fn coin(amount: Decimal, currency: Currency) -> Decimal {
    amount.round_dp_with_strategy(currency.minor_units(), RoundingStrategy::MidpointAwayFromZero)
}

#[derive(Debug, Clone)]
struct Basket {
    shop: Shop,
    lines: Vec<(String, u32)>,
}

impl Basket {
    fn verdict(&self, discounts: Vec<Discount>) -> Verdict {
        let mut shop = self.shop.clone();
        shop.store.rules.prices = PriceRules { discounts, ..shop.store.rules.prices };
        let units: Vec<_> =
            self.lines.iter().map(|(product, units)| (product.as_str(), units.to_string())).collect();
        let lines: Vec<_> = units.iter().map(|(product, units)| (*product, units.as_str())).collect();
        shop.lines(&lines)
    }
}

fn basket() -> impl Strategy<Value = Basket> {
    let line = (0..200_000_i64, 0..4_u32, 1..30_u32, any::<bool>());
    let rates = proptest::collection::vec(select(vec!["0", "0.0725", "0.15", "0.08875", "0.3"]), 0..4);
    (select(vec!["USD", "JPY", "KWD"]), proptest::collection::vec(line, 1..9), rates, any::<bool>()).prop_map(
        |(code, lines, rates, included)| {
            let prices: Vec<_> =
                lines.iter().map(|(price, scale, ..)| Decimal::new(*price, *scale).to_string()).collect();
            let prices: Vec<_> = prices.iter().map(String::as_str).collect();
            let mut shop = selling(code, &prices, &rates, included);
            for (listing, (.., gear)) in shop.menu.iter_mut().zip(&lines) {
                listing.category = if *gear { "gear" } else { "flower" }.to_owned();
            }
            let product =
                |(number, (_, _, units, _)): (usize, &(i64, u32, u32, bool))| (format!("p{number}"), *units);
            Basket { shop, lines: (1..).zip(&lines).map(product).collect() }
        },
    )
}

fn any_discount() -> impl Strategy<Value = Discount> {
    let off = prop_oneof![
        (-500..2_000_i64, 0..3_u32).prop_map(|(n, scale)| Off::Percent(Decimal::new(n, scale))),
        (-5_000..2_000_000_i64, 0..5_u32).prop_map(|(n, scale)| Off::Amount(Decimal::new(n, scale))),
    ];
    (off, any::<bool>()).prop_map(|(off, gear)| Discount {
        off,
        categories: if gear { BTreeSet::from(["gear".to_owned()]) } else { BTreeSet::new() },
        ..percent("0")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn totals_add_up_whatever_is_taken_off(basket in basket(), discount in any_discount()) {
        let money = basket.shop.store.currency;
        let verdict = basket.verdict(vec![discount.clone()]);
        prop_assert!(verdict.problems.is_empty());
        let (mut gross, mut off, mut good) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
        for item in &verdict.items {
            let whole = coin(item.unit_price * item.quantity.amount(), money);
            prop_assert_eq!(item.gross(), whole);
            prop_assert!(item.discount >= Decimal::ZERO && item.discount <= whole);
            prop_assert!(item.line_total >= Decimal::ZERO && item.tax >= Decimal::ZERO);
            let paid = whole - item.discount;
            if !item.tax_included {
                let taxes: Decimal = item.tax_rates.iter().map(|rate| coin(paid * rate, money)).sum();
                prop_assert_eq!(item.tax, taxes);
            }
            let named = discount.categories.is_empty() || item.category.as_deref() == Some("gear");
            if !named {
                prop_assert_eq!(item.discount, Decimal::ZERO);
            } else if let Off::Percent(percent) = discount.off {
                let percent = percent.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED);
                prop_assert_eq!(item.discount, coin(whole * percent / Decimal::ONE_HUNDRED, money));
            }
            good += if named { whole } else { Decimal::ZERO };
            gross += whole;
            off += item.discount;
        }
        if let Off::Amount(amount) = discount.off {
            let expected = coin(amount.max(Decimal::ZERO), money).min(good);
            prop_assert_eq!(off, expected, "to the coin");
        }
        let totals = verdict.totals;
        prop_assert_eq!(totals, sum_items(&verdict.items, money).unwrap());
        prop_assert_eq!(totals.total, totals.subtotal - totals.discount + totals.tax);
        prop_assert_eq!(totals.discount, off);
        prop_assert_eq!(totals.total.scale(), money.minor_units());
        let plain = basket.verdict(Vec::new()).totals;
        prop_assert!(totals.total <= plain.total && totals.total >= Decimal::ZERO);
        if basket.shop.store.rules.prices.tax_included {
            prop_assert_eq!(totals.total, gross - off, "what the menu says, less what is off");
            prop_assert_eq!(plain.total, gross);
        }
    }

    #[test]
    fn the_order_of_lines_decides_nothing_but_ties(basket in basket(), off in 0..100_000_i64, turn in 0..9_usize) {
        let money = basket.shop.store.currency;
        let discount = Discount { off: Off::Amount(Decimal::new(off, money.minor_units())), ..percent("0") };
        let verdict = basket.verdict(vec![discount.clone()]);
        let mut turned = basket.clone();
        let by = turn % turned.lines.len();
        turned.lines.rotate_left(by);
        turned.lines.reverse();
        let other = turned.verdict(vec![discount]);
        prop_assert_eq!(verdict.totals.discount, other.totals.discount);
        let all: Decimal = verdict.items.iter().map(OrderItem::gross).sum();
        let amount = verdict.totals.discount;
        let lost = |item: &OrderItem| {
            let unit = Decimal::new(1, money.minor_units());
            ((amount / unit) * (item.gross() / unit)) % (all / unit).max(Decimal::ONE)
        };
        let mut remainders: Vec<_> = verdict.items.iter().map(lost).collect();
        remainders.sort();
        let ties = remainders.windows(2).any(|pair| pair[0] == pair[1]);
        for item in &verdict.items {
            let same = other.items.iter().find(|other| other.product_id == item.product_id).unwrap();
            let apart = (item.discount - same.discount).abs();
            prop_assert!(apart <= Decimal::new(1, money.minor_units()));
            prop_assert!(ties || apart.is_zero(), "{item:?} {same:?}");
        }
        // Who costs more never gets less off.
        for one in &verdict.items {
            for two in &verdict.items {
                let fair = one.gross() < two.gross() || one.discount + Decimal::new(1, money.minor_units()) >= two.discount;
                prop_assert!(fair);
            }
        }
    }
}
