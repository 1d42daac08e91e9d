//! Rule sets that do not hold together are refused, with what to mend.

use order_core::model::{LimitSet, ProductClass};
use order_core::rules::limits::{LimitError, LimitFlaw};

use super::{flower, set};

/// A good set, with one text in it put in place of another.
fn mended(from: &str, to: &str) -> Result<LimitSet, LimitError> {
    let good = flower("10 g", "\"day\"");
    assert!(good.contains(from), "{from} is not in:\n{good}");
    LimitSet::from_toml(&good.replacen(from, to, 1))
}

fn flaw(from: &str, to: &str) -> LimitFlaw {
    match mended(from, to) {
        Err(LimitError::Set { flaw, .. }) => flaw,
        other => panic!("{to}: {other:?}"),
    }
}

#[test]
fn what_is_not_of_the_form_is_not_read() {
    assert!(mended("name", "name").is_ok());
    for (from, to) in [
        ("version", "edition"),
        ("grade = \"law\"", "grade = \"gossip\""),
        ("\"flower\"]", "\"flour\"]"),
        ("\"10 g\"", "\"10 lb\""),
        ("\"10 g\"", "10"),
        ("window = \"day\"", "window = \"week\""),
        ("window = \"day\"", "window = { rolling_days = -1 }"),
        ("id = \"flower\"", "id = \"flower\"\nextra = 1"),
        ("name = \"Xanadu\"\n", ""),
    ] {
        assert!(matches!(mended(from, to), Err(LimitError::Unreadable(_))), "{from} as {to}");
    }
}

#[test]
fn every_flaw_is_found() {
    let topical = ProductClass::Topical;
    assert_eq!(flaw("us-xx", "US xx"), LimitFlaw::BadId("US xx".into()));
    assert_eq!(flaw("us-xx", "store"), LimitFlaw::BadId("store".into()));
    assert_eq!(flaw("id = \"flower\"", "id = \"\""), LimitFlaw::BadId(String::new()));
    assert_eq!(flaw("source = \"a test\"", "source = \" \""), LimitFlaw::Empty("source"));
    assert_eq!(flaw("name = \"flower\"", "name = \"\""), LimitFlaw::Empty("name"));
    let dates = "version = \"1\"\neffective_from = \"2026-01-01\"\neffective_to = \"2026-01-01\"";
    assert_eq!(flaw("version = \"1\"", dates), LimitFlaw::EndsBeforeItBegins);
    assert_eq!(flaw("[\"flower\"]", "[]"), LimitFlaw::NoGoods("the rule flower".into()));
    assert!(matches!(flaw("\"10 g\"", "\"10 mg\"\nthc_up_to = \"1 mg\""), LimitFlaw::NotOnce { .. }));
    assert!(matches!(flaw("\"10 g\"", "\"10 ml\""), LimitFlaw::WrongUnit { .. }));
    assert!(matches!(flaw("\"10 g\"", "\"0 g\""), LimitFlaw::UnfitAmount { .. }));
    assert!(matches!(flaw("\"10 g\"", "\"-1 g\""), LimitFlaw::UnfitAmount { .. }));
    assert!(matches!(flaw("\"10 g\"", "\"0.0000001 g\""), LimitFlaw::UnfitAmount { .. }));
    assert!(matches!(flaw("\"10 g\"", "\"1000000001 g\""), LimitFlaw::UnfitAmount { .. }));
    let none = flaw("window = \"day\"", "window = { rolling_days = 0 }");
    assert_eq!(none, LimitFlaw::BadWindow("flower".into()));
    assert!(matches!(flaw(", \"topical\"", ""), LimitFlaw::NotCovered { class, .. } if class == topical));
    let some = flaw("name = \"flower\"", "name = \"flower\"\ncustomers = [\"adult\"]");
    assert!(matches!(some, LimitFlaw::NotCovered { class: ProductClass::Flower, .. }));
    let some = flaw("name = \"flower\"", "name = \"flower\"\nresidency = \"resident\"");
    assert!(matches!(some, LimitFlaw::NotCovered { class: ProductClass::Flower, .. }));
    assert_eq!(
        flaw("[\"pre_roll\"", "[\"flower\", \"pre_roll\""),
        LimitFlaw::NotSilent(ProductClass::Flower)
    );
    // Silent for those whom no rule binds is no contradiction.
    let some = flower("10 g", "\"day\"").replace("[\"pre_roll\"", "[\"flower\", \"pre_roll\"");
    assert!(LimitSet::from_toml(&some.replace("window", "customers = [\"adult\"]\nwindow")).is_ok());
}

#[test]
fn a_rule_counts_each_unit_once() {
    let pool = |first: &str, second: &str| {
        LimitSet::from_toml(&set(&format!(
            "[[rule]]\nid = \"a\"\nname = \"a\"\nwindow = \"day\"\n\
             [[rule.pool]]\nclasses = [\"vape\"]\nmeasure = \"weight\"\ncap = \"3 g\"\n{first}\n\
             [[rule.pool]]\nclasses = [\"vape\"]\nmeasure = \"thc\"\ncap = \"7 mg\"\n{second}\n"
        )))
    };
    assert!(pool("thc_up_to = \"4 mg\"", "thc_above = \"4 mg\"").is_ok());
    assert!(pool("thc_above = \"4 mg\"", "thc_up_to = \"4 mg\"").is_ok());
    for (first, second) in [
        ("", ""),
        ("thc_up_to = \"4 mg\"", ""),
        ("thc_up_to = \"4 mg\"", "thc_above = \"5 mg\""),
        ("thc_up_to = \"4 mg\"", "thc_up_to = \"4 mg\""),
    ] {
        let flaw = pool(first, second);
        assert!(
            matches!(flaw, Err(LimitError::Set { flaw: LimitFlaw::NotOnce { .. }, .. })),
            "{first} {second}"
        );
    }
}

#[test]
fn rules_of_one_name_and_caps_that_cannot_share_are_refused() {
    let rule = |id: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nname = \"a\"\nwindow = \"day\"\n\
             [[rule.pool]]\nclasses = [\"vape\"]\nmeasure = \"weight\"\ncap = \"3 g\"\n"
        )
    };
    let twice = LimitSet::from_toml(&set(&(rule("a") + &rule("a"))));
    assert!(matches!(twice, Err(LimitError::Set { flaw: LimitFlaw::RuleTwice(_), .. })));
    assert!(LimitSet::from_toml(&set(&(rule("a") + &rule("b")))).is_ok());
    let fine = set("[[rule]]\nid = \"a\"\nname = \"a\"\nwindow = \"day\"\n\
         [[rule.pool]]\nclasses = [\"vape\"]\nmeasure = \"weight\"\ncap = \"999999999.999989 g\"\n\
         [[rule.pool]]\nclasses = [\"seed\"]\nmeasure = \"weight\"\ncap = \"999999999.999947 g\"\n");
    assert!(matches!(LimitSet::from_toml(&fine), Err(LimitError::Set { flaw: LimitFlaw::TooFine(_), .. })));
}
