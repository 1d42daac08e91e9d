//! What must hold of sums, whatever is bought.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::America::New_York;
use order_core::model::{Content, CustomerKind, LimitRules, LimitWindow, ProductClass, Quantity};
use order_core::rules::limits::{
    LimitAsk, LimitBook, LimitLibrary, LimitLine, LimitReport, LimitUsage, Purchase,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use super::basket::time;

const NAMES: [&str; 11] =
    ["us-ca", "us-co", "us-il", "us-ma", "us-md", "us-mi", "us-mt", "us-nj", "us-nv", "us-or", "us-wa"];

/// Every shipped jurisdiction, its rules counting over this window instead when one is given.
fn book(window: Option<LimitWindow>) -> LimitBook {
    let mut library = LimitLibrary::new();
    for set in LimitLibrary::shipped().sets() {
        let mut set = set.clone();
        for rule in &mut set.rules {
            rule.window = window.unwrap_or(rule.window);
        }
        library = library.with(set).unwrap();
    }
    let names = || NAMES.map(str::to_owned).into_iter();
    let rules = LimitRules {
        jurisdictions: names().collect(),
        confirmed: names().collect(),
        ..LimitRules::default()
    };
    LimitBook::build(&rules, &library).unwrap()
}

fn figure(most: i64) -> impl Strategy<Value = Option<Decimal>> {
    // Few digits and many, sensible and not.
    let sensible = (0..most).prop_map(|hundredths| Decimal::new(hundredths, 2));
    let strange = (any::<i64>(), 0_u32..=28).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale));
    prop_oneof![1 => Just(None), 8 => sensible.prop_map(Some), 1 => strange.prop_map(Some)]
}

fn line() -> impl Strategy<Value = LimitLine> {
    let content = (
        option::weighted(0.95, select(ProductClass::ALL.to_vec())),
        figure(3_000),
        figure(50_000),
        figure(40_000),
        figure(100_000),
    );
    let quantity = prop_oneof![
        4 => (0_u32..20).prop_map(Quantity::Units),
        1 => any::<u32>().prop_map(Quantity::Units),
        2 => (0_i64..4_000).prop_map(|hundredths| Quantity::Grams(Decimal::new(hundredths, 2))),
    ];
    (content, quantity).prop_map(|((class, weight_grams, net_grams, volume_ml, thc_mg), quantity)| {
        let content = Content { class, weight_grams, net_grams, volume_ml, thc_mg, cbd_mg: None };
        LimitLine { index: None, content, quantity }
    })
}

fn noon() -> DateTime<Utc> {
    time("2026-03-18T16:00:00Z")
}

fn numbered(lines: &[LimitLine]) -> Vec<LimitLine> {
    lines.iter().enumerate().map(|(at, line)| LimitLine { index: Some(at), ..*line }).collect()
}

fn ask(book: &LimitBook, lines: &[LimitLine], others: &[Purchase]) -> LimitReport {
    let lines = numbered(lines);
    let kind = CustomerKind::Adult;
    book.assess(&LimitAsk { kind, residency: None, at: noon(), zone: New_York, lines: &lines, others })
}

/// The figures of each rule, and which rules are exceeded.
fn figures(report: &LimitReport) -> Vec<(&str, Decimal, Decimal)> {
    report.uses.iter().map(|used| (used.rule.as_str(), used.used, used.left)).collect()
}

fn used<'a>(report: &'a LimitReport, rule: &str) -> Option<&'a LimitUsage> {
    report.uses.iter().find(|used| used.rule == rule)
}

fn exceeded(report: &LimitReport) -> Vec<&str> {
    let mut rules: Vec<_> =
        report.uses.iter().filter(|used| used.used > used.allowed).map(|used| used.rule.as_str()).collect();
    rules.sort_unstable();
    rules
}

fn codes(report: &LimitReport) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.problems.iter().map(|problem| problem.code).collect();
    codes.sort_unstable();
    codes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_order_of_lines_never_matters(
        (lines, shuffled) in vec(line(), 0..12).prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle()))
    ) {
        let book = book(None);
        let (report, again) = (ask(&book, &lines, &[]), ask(&book, &shuffled, &[]));
        prop_assert_eq!(figures(&report), figures(&again));
        prop_assert_eq!(codes(&report), codes(&again));
    }

    #[test]
    fn splitting_a_line_never_helps(lines in vec(line(), 1..8), at in any::<prop::sample::Index>(), share in 0_u32..=100) {
        let book = book(None);
        let mut split = lines.clone();
        let place = at.index(lines.len());
        let (part, rest) = match lines[place].quantity {
            Quantity::Units(units) => {
                let part = u32::try_from(u64::from(units) * u64::from(share) / 100).unwrap();
                (Quantity::Units(part), Quantity::Units(units - part))
            }
            Quantity::Grams(grams) => {
                let part = grams * Decimal::new(i64::from(share), 2);
                (Quantity::Grams(part), Quantity::Grams(grams - part))
            }
        };
        split[place].quantity = part;
        split.push(LimitLine { quantity: rest, ..lines[place] });
        let (whole, parts) = (ask(&book, &lines, &[]), ask(&book, &split, &[]));
        prop_assert_eq!(figures(&whole), figures(&parts));
        prop_assert_eq!(exceeded(&whole), exceeded(&parts));
        prop_assert_eq!(whole.problems.is_empty(), parts.problems.is_empty());
    }

    #[test]
    fn adding_a_product_never_lowers_usage(lines in vec(line(), 0..8), more in line()) {
        let book = book(None);
        let mut all = lines.clone();
        all.push(more);
        let (before, after) = (ask(&book, &lines, &[]), ask(&book, &all, &[]));
        for was in &before.uses {
            let is = used(&after, &was.rule).expect("a rule that bore still bears");
            prop_assert!(is.used >= was.used && is.left <= was.left, "{was:?} became {is:?}");
        }
        prop_assert!(before.problems.is_empty() || !after.problems.is_empty());
    }

    /// What counts is what is bought in the window, not in how many orders.
    #[test]
    fn two_orders_in_one_window_equal_one(
        ours in vec(line(), 1..6),
        theirs in vec(line(), 0..6),
        hours in select(vec![None, Some(-5), Some(0), Some(5)]),
        window in select(vec![LimitWindow::Day, LimitWindow::RollingDays(1), LimitWindow::RollingDays(30)]),
    ) {
        let book = book(Some(window));
        let at = hours.map(|hours| noon() + TimeDelta::hours(hours));
        let two = ask(&book, &ours, &[Purchase { at, lines: theirs.clone() }]);
        let together: Vec<_> = ours.iter().chain(&theirs).copied().collect();
        let one = ask(&book, &together, &[]);
        for apart in &two.uses {
            let joint = used(&one, &apart.rule).expect("the joint order bears on more");
            prop_assert_eq!((apart.used, apart.left), (joint.used, joint.left));
        }
    }

    /// What is left may be bought, and the least more may not.
    #[test]
    fn what_is_left_fits_and_no_more(thousandths in 0_i64..28_500) {
        let book = super::basket::book(&["us-ca"]);
        let flower = |grams: Decimal| LimitLine {
            index: None,
            content: Content { class: Some(ProductClass::Flower), weight_grams: Some(grams), ..Content::default() },
            quantity: Quantity::Units(1),
        };
        let some = flower(Decimal::new(thousandths + 1, 3));
        let left = ask(&book, &[some], &[]).uses[0].left;
        if left.is_zero() {
            return Ok(());
        }
        let full = ask(&book, &[some, flower(left)], &[]);
        prop_assert!(full.problems.is_empty());
        prop_assert_eq!(full.uses[0].left, Decimal::ZERO);
        let over = ask(&book, &[some, flower(left + Decimal::new(1, 6))], &[]);
        prop_assert_eq!(exceeded(&over), vec!["us-ca.flower"]);
    }

    /// Whatever a store's own cap is: it is an error, or nothing passes that did not pass before.
    #[test]
    fn a_stores_cap_never_loosens(lines in vec(line(), 1..8), thousandths in 0_i64..60_000) {
        let law = super::basket::book(&["us-ma"]);
        let cap = Decimal::new(thousandths, 3);
        let rules = LimitRules {
            jurisdictions: vec!["us-ma".to_owned()],
            caps: [("total".to_owned(), cap)].into(),
            ..LimitRules::default()
        };
        match LimitBook::build(&rules, &LimitLibrary::shipped()) {
            Err(_) => prop_assert!(cap > Decimal::new(2835, 2)),
            Ok(store) => {
                prop_assert!(cap <= Decimal::new(2835, 2));
                let (by_law, by_store) = (ask(&law, &lines, &[]), ask(&store, &lines, &[]));
                prop_assert!(by_law.problems.is_empty() || !by_store.problems.is_empty());
                for (law, store) in by_law.uses.iter().zip(&by_store.uses) {
                    prop_assert!(store.left <= law.left && store.used == law.used);
                }
            }
        }
    }
}

#[test]
fn fractions_of_a_pool_add_up_exactly() {
    // Thirds, which no decimal number holds.
    let text = super::set(
        "[[rule]]\nid = \"all\"\nname = \"all\"\nwindow = \"transaction\"\n\
         [[rule.pool]]\nclasses = [\"flower\"]\nmeasure = \"weight\"\ncap = \"3 g\"\n\
         [[rule.pool]]\nclasses = [\"vape\"]\nmeasure = \"weight\"\ncap = \"7 g\"\n\
         [[rule.pool]]\nclasses = [\"edible_solid\"]\nmeasure = \"thc\"\ncap = \"11 mg\"\n",
    );
    let book = super::basket::book_of(&text);
    let outcome = |basket: &str| {
        let report = super::basket::assess(&book, "adult", basket, noon(), New_York);
        super::basket::outcome(&report)
    };
    // 1/3 and 2/3; 1/3, 1/7 and 11/21 less and more by a millionth.
    assert_eq!(outcome("1 flower 1g, 2 vape 2.333333g"), "ok");
    assert_eq!(outcome("1 flower 1g, 2 vape 2.333334g"), "over all");
    assert_eq!(outcome("1 flower 1g, 1 vape 1g, 1 edible_solid 5.761904mg"), "ok");
    assert_eq!(outcome("1 flower 1g, 1 vape 1g, 1 edible_solid 5.761905mg"), "over all");
    assert_eq!(outcome("1 flower 1.5g, 1 vape 3.5g"), "ok");
    assert_eq!(outcome("1 flower 1.5g, 1 vape 3.500001g"), "over all");
    assert_eq!(outcome("1 flower 1.5g, 1 vape 3.5000000000000000000000001g"), "over all");
}

#[test]
fn what_is_too_large_to_count_is_too_much() {
    let book = super::basket::book(&["us-ma"]);
    let line = LimitLine {
        index: Some(0),
        content: Content {
            class: Some(ProductClass::Flower),
            weight_grams: Some(Decimal::MAX),
            ..Content::default()
        },
        quantity: Quantity::Units(u32::MAX),
    };
    let report = ask(&book, &[line; 3], &[]);
    assert_eq!(exceeded(&report), ["us-ma.total"]);
    // A figure below zero is no figure.
    let content = Content { weight_grams: Some(Decimal::NEGATIVE_ONE), ..line.content };
    assert_eq!(codes(&ask(&book, &[LimitLine { content, ..line }], &[])), ["limit_content_unknown"]);
}
