//! What limits say to people.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::Room;
use super::assess::Tally;
use super::compile::Part;
use super::exact::{shown, shown_up};
use super::line::{Count, Line, Missing};
use crate::model::{LimitWindow, Measure, ProductClass};

/// What follows a figure.
const fn of_measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Weight | Measure::NetWeight => " g",
        Measure::Volume => " ml",
        Measure::Thc => " mg THC",
        Measure::Units => "",
    }
}

pub(super) fn outdated(name: &str, day: NaiveDate) -> String {
    format!("nobody can tell what {name} allows on {day}: its purchase limits here are not in force then")
}

pub(super) fn not_stated(name: &str, class: ProductClass) -> String {
    format!("what the store knows of {name}'s limits does not say how much of {} may be sold", class.noun())
}

pub(super) fn missing(missing: Missing) -> String {
    let names =
        Measure::ALL.into_iter().filter(|measure| missing.has(*measure)).map(|measure| match measure {
            Measure::Weight => "how much cannabis is in it",
            Measure::NetWeight => "its weight without the package",
            Measure::Volume => "its volume",
            Measure::Thc => "how much THC is in it",
            Measure::Units => "how many units it is",
        });
    let names: Vec<_> = names.collect();
    format!(
        "a purchase limit counts this product, and nobody knows {}; see a staff member",
        names.join(" and ")
    )
}

/// How much over, and what helps.
pub(super) fn exceeded(tally: &Tally<'_>, lines: &[Line]) -> String {
    let rule = tally.rule;
    let (weight, measure) = rule.first();
    let unit = of_measure(measure);
    let used = shown_up(tally.total(), weight, measure);
    let mut text = format!("{}: {used}{unit} where {}{unit} is the limit for ", rule.name, rule.allowed);
    // Writing to a String cannot fail.
    let _ = match rule.window {
        LimitWindow::Transaction => write!(text, "one order"),
        LimitWindow::Day => write!(text, "a day"),
        LimitWindow::RollingDays(days) => write!(text, "any {days} days"),
    };
    if tally.elsewhere >= rule.limit {
        // A store may set its cap to nothing; then nobody has used it up.
        text.push_str(if tally.elsewhere > 0 { "; other orders have used it up, so take" } else { "; take" });
        text.push_str(" all of it out");
        return text;
    }
    if tally.elsewhere > 0 {
        let _ = write!(text, ", {}{unit} of it in other orders", shown_up(tally.elsewhere, weight, measure));
    }
    let over = tally.total() - rule.limit;
    let mut lead = "; take out";
    for (at, part) in rule.parts.iter().enumerate() {
        let here = lines.iter().fold(0_u128, |sum, line| match tally.count(line) {
            Count::Some(amount, by) if by == at => sum.saturating_add(amount),
            _ => sum,
        });
        if here < over {
            continue;
        }
        let _ =
            write!(text, "{lead} {}{}", shown_up(over, part.weight, part.measure), of_measure(part.measure));
        if rule.parts.len() > 1 {
            let _ = write!(text, " of {}", nouns(part));
        }
        lead = " or";
    }
    // No part alone holds that much.
    if lead.starts_with(';') {
        let _ = write!(text, "; take out as much as {}{unit}", shown_up(over, weight, measure));
        if let Some(first) = rule.parts.first() {
            let _ = write!(text, " of {}", nouns(first));
        }
    }
    text
}

fn nouns(part: &Part) -> String {
    let mut text = String::new();
    for (at, class) in part.classes.iter().enumerate() {
        join(&mut text, at, part.classes.len(), class.noun());
    }
    text
}

fn join(text: &mut String, at: usize, of: usize, noun: &str) {
    match at {
        0 => {}
        at if at + 1 == of => text.push_str(" or "),
        _ => text.push_str(", "),
    }
    text.push_str(noun);
}

/// What still fits, part by part, goods of the same room together. `room` lists the classes of every part in turn.
pub(super) fn advice<'a>(parts: impl Iterator<Item = (&'a Part, &'a [Room])>, alike: bool) -> String {
    let mut text = String::new();
    for (part, room) in parts {
        let same = room.iter().all(|other| room.first().is_some_and(|first| first.amount == other.amount));
        for (at, first) in room.iter().enumerate() {
            let of_it = || room.iter().filter(|other| other.amount == first.amount);
            let told = room.iter().take(at).any(|other| other.amount == first.amount);
            if first.amount.is_zero() || told {
                continue;
            }
            if text.is_empty() {
                text.reserve(96);
                text.push_str("you may add ");
            } else {
                text.push_str(", or ");
            }
            // Writing to a String cannot fail.
            let _ = write!(text, "{}{}", first.amount, of_measure(part.measure));
            if alike && same {
                text.push_str(" more");
                continue;
            }
            text.push_str(" of ");
            let count = of_it().count();
            of_it().enumerate().for_each(|(at, other)| join(&mut text, at, count, other.class.noun()));
            let _ = match part.thc {
                Some((edge, false)) => write!(text, " with at most {} mg THC each", shown(edge)),
                Some((edge, true)) => write!(text, " with more than {} mg THC each", shown(edge)),
                None => Ok(()),
            };
        }
    }
    if text.is_empty() { "nothing more may be added".to_owned() } else { text }
}
