//! Adding up and comparing.

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;

use super::compile::{Classes, Rule};
use super::exact::{shown_down, shown_up};
use super::line::{Count, Line, Missing};
use super::{LimitAsk, LimitBook, LimitReport, LimitUsage, Room, words};
use crate::model::{LimitWindow, Measure, ProductClass, Silent};
use crate::rules::{Problems, codes};

/// Another order: when it counts, by the store's clock, and its lines.
struct Other {
    at: Option<NaiveDateTime>,
    lines: Vec<Line>,
}

/// What a rule makes of an order.
pub(super) struct Tally<'a> {
    pub(super) rule: &'a Rule,
    free: Classes,
    /// It counts some of the goods in this order.
    bears: bool,
    /// What this order uses, weighed.
    pub(super) here: u128,
    /// What other orders use in the fullest window that holds this one.
    pub(super) elsewhere: u128,
}

impl Tally<'_> {
    pub(super) const fn total(&self) -> u128 {
        self.here.saturating_add(self.elsewhere)
    }

    const fn left(&self) -> u128 {
        self.rule.limit.saturating_sub(self.total())
    }

    /// How the rule counts a line; not at all where the set that it is in frees those goods.
    pub(super) fn count(&self, line: &Line) -> Count {
        match line.class {
            Some(class) if !self.free.has(class) => line.count(self.rule, class),
            _ => Count::Free,
        }
    }
}

/// The least that any rule leaves of a class in a measure, in millionths of millionths.
type Least = [[u128; Measure::ALL.len()]; ProductClass::ALL.len()];

impl LimitBook {
    /// What the limits say about an order.
    pub fn assess(&self, ask: &LimitAsk<'_>) -> LimitReport {
        let mut report = LimitReport::default();
        if self.is_empty() {
            return report;
        }
        let clock = ask.at.with_timezone(&ask.zone).naive_local();
        let lines: Vec<Line> = ask.lines.iter().filter_map(Line::read).collect();
        let mut tallies = Vec::with_capacity(16);
        let mut tally = |rule, free| tallies.push(Tally { rule, free, bears: false, here: 0, elsewhere: 0 });
        let own = self.own.iter().filter(|rule| rule.binds(ask.kind, ask.residency));
        for law in &self.laws {
            let Some(edition) = law.on(clock.date()) else {
                let message = words::outdated(&law.name, clock.date());
                report.problems.add(codes::LIMIT_OUTDATED, "items", message);
                continue;
            };
            let free = edition.free(ask.kind);
            let rules = edition.rules.iter().filter(|rule| rule.binds(ask.kind, ask.residency));
            rules.for_each(|rule| tally(rule, free));
            if self.silent == Silent::Refuse {
                for line in &lines {
                    let silent = |class| edition.is_silent(class, ask.kind, ask.residency);
                    if let Some(class) = line.class.filter(|class| silent(*class)) {
                        let message = words::not_stated(&law.name, class);
                        report.problems.add(codes::LIMIT_NOT_STATED, product(line), message);
                    }
                }
            }
        }
        own.for_each(|rule| tally(rule, Classes::default()));
        for line in &lines {
            check_known(line, &mut tallies, &mut report.problems);
        }
        let others = others(ask, &tallies);
        for tally in &mut tallies {
            tally.elsewhere = elsewhere(tally, &others, clock);
        }
        let least = least(&tallies);
        for tally in tallies.iter().filter(|tally| tally.bears) {
            if tally.here > 0 && tally.total() > tally.rule.limit {
                exceeded(tally, &lines, &mut report);
            }
            report.uses.push(usage(tally, &least));
        }
        report
    }
}

/// Adds a line to the rules that count it; a problem when what they ask for is not known.
fn check_known(line: &Line, tallies: &mut [Tally<'_>], problems: &mut Problems) {
    if line.class.is_none() {
        let message = "nobody can tell which purchase limit this falls under; see a staff member";
        problems.add(codes::LIMIT_CLASS_UNKNOWN, product(line), message);
        return;
    }
    let mut missing = Missing::default();
    for tally in tallies {
        match tally.count(line) {
            Count::Free => continue,
            Count::Unknown(measure) => missing.add(measure),
            Count::Some(amount, _) => tally.here = tally.here.saturating_add(amount),
        }
        tally.bears = true;
    }
    if !missing.none() {
        problems.add(codes::LIMIT_CONTENT_UNKNOWN, product(line), words::missing(missing));
    }
}

fn product(line: &Line) -> String {
    place(line, "product_id")
}

fn place(line: &Line, field: &str) -> String {
    line.index.map_or_else(|| "items".to_owned(), |index| format!("items.{index}.{field}"))
}

/// The other orders, where any rule looks at them.
fn others(ask: &LimitAsk<'_>, tallies: &[Tally<'_>]) -> Vec<Other> {
    if tallies.iter().all(|tally| tally.rule.window == LimitWindow::Transaction) {
        return Vec::new();
    }
    let read = |other: &super::Purchase| Other {
        at: other.at.map(|at| at.with_timezone(&ask.zone).naive_local()),
        lines: other.lines.iter().filter_map(Line::read).collect(),
    };
    ask.others.iter().map(read).collect()
}

/// What other orders use of a rule in the fullest of its windows that hold this moment.
fn elsewhere(tally: &Tally<'_>, others: &[Other], clock: NaiveDateTime) -> u128 {
    let used = |other: &Other| {
        other.lines.iter().fold(0_u128, |sum, line| match tally.count(line) {
            Count::Some(amount, _) => sum.saturating_add(amount),
            Count::Free | Count::Unknown(_) => sum,
        })
    };
    let sum = |counts: &dyn Fn(NaiveDateTime) -> bool| {
        let inside = others.iter().filter(|other| other.at.is_none_or(counts));
        inside.fold(0_u128, |sum, other| sum.saturating_add(used(other)))
    };
    match tally.rule.window {
        LimitWindow::Transaction => 0,
        LimitWindow::Day => sum(&|at| at.date() == clock.date()),
        LimitWindow::RollingDays(days) => {
            let length = TimeDelta::days(i64::from(days));
            // The fullest window ends with this order or with a later one that it can still hold both of.
            let later = others.iter().filter_map(|other| other.at);
            let ends = later.filter(|at| *at > clock && *at - clock < length).chain([clock]);
            ends.map(|end| sum(&|at| at <= end && end - at < length)).max().unwrap_or(0)
        }
    }
}

fn least(tallies: &[Tally<'_>]) -> Least {
    let mut least = [[u128::MAX; Measure::ALL.len()]; ProductClass::ALL.len()];
    for tally in tallies {
        for part in &tally.rule.parts {
            let left = tally.left() / part.weight.max(1);
            for class in part.classes.iter().filter(|class| !tally.free.has(**class)) {
                let known = least.get_mut(*class as usize).and_then(|row| row.get_mut(part.measure as usize));
                if let Some(known) = known {
                    *known = left.min(*known);
                }
            }
        }
    }
    least
}

fn exceeded(tally: &Tally<'_>, lines: &[Line], report: &mut LimitReport) {
    let mut counted = lines.iter().filter(|line| matches!(tally.count(line), Count::Some(1.., _)));
    let path = match (counted.next(), counted.next()) {
        (Some(line), None) => place(line, "quantity"),
        _ => "items".to_owned(),
    };
    let message = words::exceeded(tally, lines);
    if tally.rule.hard {
        report.problems.add(codes::LIMIT_EXCEEDED, path, message);
    } else {
        let problem = Problems::one(codes::LIMIT_EXCEEDED_SOFT, path, message);
        report.soft.push((tally.rule.id.clone(), problem));
    }
}

fn usage(tally: &Tally<'_>, least: &Least) -> LimitUsage {
    let rule = tally.rule;
    let (weight, measure) = rule.first();
    let mut room: Vec<Room> = Vec::with_capacity(rule.parts.iter().map(|part| part.classes.len()).sum());
    let mut ends = Vec::with_capacity(rule.parts.len());
    for part in &rule.parts {
        // Most classes of a part have the same room; it is worked out once.
        let mut last = (u128::MAX, Decimal::ZERO);
        for class in part.classes.iter().filter(|class| !tally.free.has(**class)) {
            let row = least.get(*class as usize).and_then(|row| row.get(part.measure as usize));
            let left = row.copied().unwrap_or(0);
            if last.0 != left {
                last = (left, shown_down(left, 1, part.measure));
            }
            room.push(Room { class: *class, amount: last.1, unit: part.measure.unit() });
        }
        ends.push(room.len());
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let slices = starts.zip(&ends).map(|(from, to)| room.get(from..*to).unwrap_or_default());
    let advice = words::advice(rule.parts.iter().zip(slices), rule.parts.len() == 1);
    LimitUsage {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        used: shown_up(tally.total(), weight, measure),
        allowed: rule.allowed,
        left: shown_down(tally.left(), weight, measure),
        unit: Some(measure.unit()),
        source: rule.source,
        hard: rule.hard,
        room,
        advice,
    }
}
