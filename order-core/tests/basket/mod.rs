//! Baskets in a short notation, so that tables of cases can be read.
//!
//! `2 flower 3.5g, bulk 1.5 flower` is two bags of 3.5 g and 1.5 g by weight; `3 edible_solid 10mg 20net` three foods
//! of 10 mg THC and 20 g without the package; `ml` is volume. What is not written is not known. After a `|` come
//! other orders of the customer: `today`, `yesterday`, `tomorrow`, `open` (collected at any time).
#![allow(dead_code, reason = "each test uses its part")]

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use order_core::model::{Content, CustomerKind, LimitRules, LimitSet, Quantity, Residency};
use order_core::rules::codes;
use order_core::rules::limits::{LimitAsk, LimitBook, LimitLibrary, LimitLine, LimitReport, Purchase};

pub(crate) fn lines(text: &str, ours: bool) -> Vec<LimitLine> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.enumerate().map(|(index, part)| line(part, ours.then_some(index))).collect()
}

fn line(text: &str, index: Option<usize>) -> LimitLine {
    let mut words = text.split_whitespace();
    let count = words.next().unwrap();
    let quantity = match count {
        "bulk" => Quantity::Grams(words.next().unwrap().parse().unwrap()),
        count => Quantity::Units(count.parse().unwrap()),
    };
    let class = words.next().unwrap();
    let class = (class != "something").then(|| class.parse().unwrap());
    let mut content = Content { class, ..Content::default() };
    for word in words {
        let (number, unit) = word.split_at(word.find(|c: char| c.is_ascii_alphabetic()).unwrap());
        let number = Some(number.parse().unwrap());
        match unit {
            "g" => content.weight_grams = number,
            "net" => content.net_grams = number,
            "ml" => content.volume_ml = number,
            "mg" => content.thc_mg = number,
            other => panic!("{other} in {text}"),
        }
    }
    LimitLine { index, content, quantity }
}

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// Who buys, such as `adult` or `medical visitor`.
pub(crate) fn who(text: &str) -> (CustomerKind, Option<Residency>) {
    let mut words = text.split_whitespace();
    let kind = match words.next().unwrap() {
        "adult" => CustomerKind::Adult,
        "medical" => CustomerKind::Medical,
        "caregiver" => CustomerKind::Caregiver,
        other => panic!("{other}"),
    };
    let residency = words.next().map(|word| match word {
        "resident" => Residency::Resident,
        "visitor" => Residency::Visitor,
        other => panic!("{other}"),
    });
    (kind, residency)
}

/// The book of one or more jurisdictions, whatever their grade.
pub(crate) fn book(jurisdictions: &[&str]) -> LimitBook {
    let names = || jurisdictions.iter().map(|name| (*name).to_owned());
    let rules = LimitRules {
        jurisdictions: names().collect(),
        confirmed: names().collect(),
        ..LimitRules::default()
    };
    LimitBook::build(&rules, &LimitLibrary::shipped()).unwrap()
}

/// The book of a set in this text, which `us-xx` is the name of.
pub(crate) fn book_of(text: &str) -> LimitBook {
    let set = LimitSet::from_toml(text).unwrap_or_else(|error| panic!("{error}"));
    let library = LimitLibrary::new().with(set).unwrap();
    let rules = LimitRules { jurisdictions: vec!["us-xx".to_owned()], ..LimitRules::default() };
    LimitBook::build(&rules, &library).unwrap()
}

/// Asks about a basket, with other orders as the notation gives them.
pub(crate) fn assess(
    book: &LimitBook,
    customer: &str,
    basket: &str,
    at: DateTime<Utc>,
    zone: Tz,
) -> LimitReport {
    let (kind, residency) = who(customer);
    let mut orders = basket.split('|').map(str::trim);
    let ours = lines(orders.next().unwrap(), true);
    let other = |text: &str| {
        let (when, basket) = text.split_once(' ').unwrap();
        let at = match when {
            "today" => Some(at - TimeDelta::hours(1)),
            "yesterday" => Some(at - TimeDelta::days(1)),
            "tomorrow" => Some(at + TimeDelta::days(1)),
            "open" => None,
            other => panic!("{other}"),
        };
        Purchase { at, lines: lines(basket, false) }
    };
    let others: Vec<Purchase> = orders.map(other).collect();
    book.assess(&LimitAsk { kind, residency, at, zone, lines: &ours, others: &others })
}

/// What a report says, in short: `ok`, or `over` and rules, `soft` and rules, `unknown`, `silent`, `unclear` and lines.
pub(crate) fn outcome(report: &LimitReport) -> String {
    let mut words = Vec::new();
    for problem in report.problems.iter() {
        let at = problem.path.split('.').nth(1).unwrap_or("all");
        words.push(match problem.code {
            codes::LIMIT_EXCEEDED => {
                // The name may hold a colon of its own; the longest that fits is it.
                let named =
                    report.uses.iter().filter(|used| problem.message.starts_with(&format!("{}:", used.name)));
                let rule = named.max_by_key(|used| used.name.len()).unwrap();
                assert!(rule.hard && rule.used > rule.allowed, "{rule:?}");
                format!("over {}", rule.rule.split_once('.').unwrap().1)
            }
            codes::LIMIT_CONTENT_UNKNOWN => format!("unknown {at}"),
            codes::LIMIT_NOT_STATED => format!("silent {at}"),
            codes::LIMIT_CLASS_UNKNOWN => format!("unclear {at}"),
            codes::LIMIT_OUTDATED => "outdated".to_owned(),
            other => panic!("{other}"),
        });
    }
    words.extend(report.soft.iter().map(|(rule, _)| format!("soft {}", rule.split_once('.').unwrap().1)));
    if words.is_empty() { "ok".to_owned() } else { words.join(", ") }
}
