//! What a store follows: several jurisdictions, several editions, its own caps and rules.

use chrono_tz::America::New_York;
use order_core::model::{Content, LimitRule, LimitRules, LimitSet, ProductClass, Silent};
use order_core::rules::limits::{LimitBook, LimitError, LimitLibrary, LimitSource};
use rust_decimal::Decimal;

use super::basket::{assess, outcome, time};
use super::{flower, set};

fn rules(jurisdictions: &[&str], caps: &[(&str, i64)]) -> LimitRules {
    LimitRules {
        jurisdictions: jurisdictions.iter().map(|name| (*name).to_owned()).collect(),
        confirmed: jurisdictions.iter().map(|name| (*name).to_owned()).collect(),
        caps: caps.iter().map(|(rule, cap)| ((*rule).to_owned(), Decimal::from(*cap))).collect(),
        ..LimitRules::default()
    }
}

fn asked(book: &LimitBook, basket: &str) -> String {
    asked_on(book, basket, "2026-06-15T12:00:00-04:00")
}

fn asked_on(book: &LimitBook, basket: &str, at: &str) -> String {
    outcome(&assess(book, "adult", basket, time(at), New_York))
}

fn library(texts: &[String]) -> LimitLibrary {
    texts
        .iter()
        .fold(LimitLibrary::new(), |library, text| library.with(LimitSet::from_toml(text).unwrap()).unwrap())
}

#[test]
fn a_store_without_limits_has_none() {
    let book = LimitBook::build(&LimitRules::default(), &LimitLibrary::new()).unwrap();
    assert!(book.is_empty());
    assert_eq!(asked(&book, "100 flower 28g, 1 something"), "ok");
}

#[test]
fn the_limits_of_all_jurisdictions_count() {
    let book = LimitBook::build(&rules(&["us-mi", "us-nv", "us-mi"], &[]), &LimitLibrary::shipped()).unwrap();
    assert_eq!(asked(&book, "1 concentrate 7g"), "ok");
    // Two rules over at the same line: both are told.
    assert_eq!(asked(&book, "1 concentrate 16g"), "over concentrate, over concentrate");
}

#[test]
fn a_stores_cap_tightens_a_hard_rule_and_is_told_as_the_stores() {
    let shipped = LimitLibrary::shipped();
    for key in ["us-ca.flower", "flower"] {
        let book = LimitBook::build(&rules(&["us-ca"], &[(key, 14)]), &shipped).unwrap();
        assert_eq!(asked(&book, "1 flower 14g"), "ok");
        assert_eq!(asked(&book, "1 flower 14.1g"), "over flower");
        let report = assess(&book, "adult", "1 flower 7g, 1 vape 1g", time("2026-06-15T12:00:00Z"), New_York);
        let sources: Vec<_> = report.uses.iter().map(|used| (used.source, used.hard)).collect();
        assert_eq!(sources, [(LimitSource::Store, true), (LimitSource::Law, true)]);
    }
    // The whole pool shrinks: half the flower, half the rest.
    let book = LimitBook::build(&rules(&["us-nj"], &[("total", 14)]), &shipped).unwrap();
    assert_eq!(asked(&book, "1 flower 7g, 1 concentrate 1.25g"), "ok");
    assert_eq!(asked(&book, "1 flower 7g, 1 concentrate 1.26g"), "over total");
    // Nothing at all may be a store's wish.
    let book = LimitBook::build(&rules(&["us-ca"], &[("plants", 0)]), &shipped).unwrap();
    assert_eq!(asked(&book, "1 immature_plant"), "over plants");
    let report = assess(&book, "adult", "1 immature_plant", time("2026-06-15T12:00:00Z"), New_York);
    let said = &report.problems.iter().next().unwrap().message;
    assert!(said.ends_with(": 1 where 0 is the limit for a day; take all of it out"), "{said}");
}

#[test]
fn a_cap_that_loosens_is_unknown_or_unclear_is_an_error() {
    let shipped = LimitLibrary::shipped();
    let build = |jurisdictions: &[&str], caps| LimitBook::build(&rules(jurisdictions, caps), &shipped);
    assert!(matches!(build(&["us-ca"], &[("flower", 29)]), Err(LimitError::Loosened { .. })));
    assert_eq!(
        build(&["us-ca"], &[("us-ca.flour", 1)]).unwrap_err(),
        LimitError::UnknownRule("us-ca.flour".into())
    );
    assert_eq!(build(&[], &[("flower", 1)]).unwrap_err(), LimitError::UnknownRule("flower".into()));
    assert_eq!(
        build(&["us-ca", "us-nv"], &[("flower", 1)]).unwrap_err(),
        LimitError::AmbiguousRule("flower".into())
    );
    assert!(build(&["us-ca", "us-nv"], &[("us-nv.flower", 1)]).is_ok());
    assert!(matches!(build(&["us-ca"], &[("flower", -1)]), Err(LimitError::UnfitCap(_))));
    assert_eq!(build(&["us-tx"], &[]).unwrap_err(), LimitError::UnknownJurisdiction("us-tx".into()));
    // A soft rule's cap is the store's to set.
    let book = build(&["us-co"], &[("day", 56)]).unwrap();
    assert_eq!(asked(&book, "1 flower 28g | today 1 flower 28g"), "ok");
    assert_eq!(asked(&book, "1 flower 28.1g | today 1 flower 28g"), "soft day");
}

#[test]
fn a_stores_own_rules_count_beside_the_law() {
    let own: LimitRule = serde_json::from_value(serde_json::json!({
        "id": "carts", "name": "cartridges", "window": "day", "hard": false,
        "pool": [{"classes": ["vape"], "measure": "units", "cap": "3 units"}],
    }))
    .unwrap();
    let mut wish = rules(&["us-ca"], &[]);
    wish.own = vec![own.clone()];
    let book = LimitBook::build(&wish, &LimitLibrary::shipped()).unwrap();
    assert_eq!(asked(&book, "3 vape 1g"), "ok");
    assert_eq!(asked(&book, "4 vape 1g"), "soft carts");
    assert_eq!(asked(&book, "9 vape 1g"), "over concentrate, soft carts");
    let report = assess(&book, "adult", "1 vape 1g", time("2026-06-15T12:00:00Z"), New_York);
    assert!(report.uses.iter().any(|used| used.rule == "store.carts" && used.source == LimitSource::Store));
    // Also alone, and with a cap by its id.
    let alone = LimitRules { own: vec![own.clone()], ..rules(&[], &[("store.carts", 1)]) };
    let book = LimitBook::build(&alone, &LimitLibrary::new()).unwrap();
    assert_eq!((asked(&book, "2 vape"), asked(&book, "2 seed")), ("soft carts".to_owned(), "ok".to_owned()));
    assert_eq!(asked(&book, "1 something"), "unclear 0");
    let twice = LimitRules { own: vec![own.clone(), own], ..LimitRules::default() };
    assert!(matches!(LimitBook::build(&twice, &LimitLibrary::new()), Err(LimitError::Own(_))));
    // What is written reads back.
    let json = serde_json::to_value(&alone).unwrap();
    assert_eq!(serde_json::from_value::<LimitRules>(json).unwrap(), alone);
}

#[test]
fn goods_that_nothing_is_said_about_are_the_stores_to_allow() {
    let mut wish = rules(&["us-mt"], &[]);
    wish.silent = Silent::Allow;
    let book = LimitBook::build(&wish, &LimitLibrary::shipped()).unwrap();
    assert_eq!(asked(&book, "99 concentrate 1g, 1 seed"), "ok");
    assert_eq!(asked(&book, "1 something"), "unclear 0");
}

#[test]
fn the_edition_that_began_last_counts_until_it_ends() {
    let dated = |cap: &str, from: &str, to: &str| {
        let line = |name: &str, day: &str| {
            if day.is_empty() { String::new() } else { format!("{name} = \"{day}\"\n") }
        };
        format!("{}{}{}", line("effective_from", from), line("effective_to", to), flower(cap, "\"day\""))
    };
    let book = LimitBook::build(
        &rules(&["us-xx"], &[]),
        &library(&[
            dated("10 g", "", ""),
            dated("20 g", "2026-01-01", "2027-01-01"),
            dated("99 g", "2025-01-01", ""),
            dated("15 g", "2025-01-01", "2025-12-31"),
        ]),
    )
    .unwrap();
    for (day, at_cap, over) in [
        ("2024-12-31T23:59:59-05:00", "1 flower 10g", "1 flower 10.1g"),
        ("2025-01-01T00:00:00-05:00", "1 flower 15g", "1 flower 15.1g"),
        ("2026-01-01T00:00:00-05:00", "1 flower 20g", "1 flower 20.1g"),
        ("2026-12-31T23:59:59-05:00", "1 flower 20g", "1 flower 20.1g"),
    ] {
        assert_eq!(asked_on(&book, at_cap, day), "ok", "{day}");
        assert_eq!(asked_on(&book, over, day), "over flower", "{day}");
    }
    // An edition that has ended does not wake an earlier one.
    for day in ["2025-12-31T12:00:00-05:00", "2027-01-01T00:00:00-05:00"] {
        assert_eq!(asked_on(&book, "1 flower 1g", day), "outdated", "{day}");
    }
    // A cap of the store's is for all editions: it may loosen none.
    let all = library(&[dated("10 g", "", ""), dated("20 g", "2026-01-01", "")]);
    assert!(LimitBook::build(&rules(&["us-xx"], &[("flower", 15)]), &all).is_err());
}

#[test]
fn exemptions_may_be_for_some_only() {
    let text = set("[[rule]]\nid = \"rub\"\nname = \"topicals\"\nwindow = \"day\"\n\
         [[rule.pool]]\nclasses = [\"topical\"]\nmeasure = \"units\"\ncap = \"2 units\"\n\
         [[exempt]]\nclasses = [\"topical\"]\ncustomers = [\"medical\"]\nreason = \"they need it\"\n");
    let book = super::basket::book_of(&text);
    let asked =
        |customer| outcome(&assess(&book, customer, "3 topical", time("2026-06-15T12:00:00Z"), New_York));
    assert_eq!(
        (asked("adult"), asked("medical"), asked("caregiver")),
        ("over rub".into(), "ok".into(), "over rub".into())
    );
}

#[test]
fn a_class_is_the_sources_then_the_stores_then_the_names() {
    let mut wish = rules(&["us-ca"], &[]);
    wish.classes = [(" House Jars".to_owned(), ProductClass::Concentrate)].into();
    let book = LimitBook::build(&wish, &LimitLibrary::shipped()).unwrap();
    let nothing = Content::default();
    let vape = Content { class: Some(ProductClass::Vape), ..nothing };
    assert_eq!(book.class_of("house jars", vape), Some(ProductClass::Vape));
    assert_eq!(book.class_of("house jars", nothing), Some(ProductClass::Concentrate));
    assert_eq!(book.class_of("HOUSE JARS ", nothing), Some(ProductClass::Concentrate));
    assert_eq!(book.class_of("Pre-Rolls", nothing), Some(ProductClass::PreRoll));
    assert_eq!(book.class_of("cannabis", nothing), None);
    wish.classes.insert("house jars".to_owned(), ProductClass::Vape);
    assert!(matches!(LimitBook::build(&wish, &LimitLibrary::shipped()), Err(LimitError::CategoryTwice(_))));
}
