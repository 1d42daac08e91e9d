//! Purchase limits: how much one customer may buy, as dated data of a jurisdiction.
//!
//! A [`LimitSet`](crate::model::LimitSet) says what one jurisdiction allows, a [`LimitLibrary`] holds the sets there
//! are, and a [`LimitBook`] is what one store follows: the sets of its jurisdictions, its own tighter caps and its
//! own rules, put together and checked once. The sets that ship with this crate are listed, with their sources, in
//! [the page on limits](../../../docs/limits.md).
//!
//! What is counted is counted exactly, in whole millionths of a gram, millilitre, milligram or unit; a limit is
//! exceeded by the first millionth above it. An ounce is 28.35 g and a fluid ounce 29.57 ml, the figures that rules
//! and registers in the trade use; both are rounded to the hundredth, and a bag of one ounce passes.
//!
//! What is not known is never taken for nothing: a product whose weight, volume or THC a limit asks for and nobody
//! knows is refused. Only in the customer's *other* orders is it passed over, since this order could not mend it:
//! of those, what is known counts.

mod assess;
mod compile;
mod exact;
mod library;
mod line;
mod set;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Serialize;

use self::compile::{Edition, Law, OWN, Rule};
pub use self::library::LimitLibrary;
pub use self::set::{LimitError, LimitFlaw};
use super::Problems;
use crate::model::{
    Content, CustomerKind, LimitRules, LimitWindow, ProductClass, Quantity, Residency, Silent,
};
use crate::ports::LimitUse;

/// The limits a store follows, checked and ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct LimitBook {
    laws: Vec<Law>,
    own: Vec<Rule>,
    silent: Silent,
    classes: BTreeMap<String, ProductClass>,
}

/// One line of goods, as limits see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitLine {
    /// Its place in the order, for problems; none for what was bought before.
    pub index: Option<usize>,
    /// What is in one unit or gram, the class already mapped.
    pub content: Content,
    /// How much.
    pub quantity: Quantity,
}

/// Another order of the same customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// When it was or is to be handed over; none when that may be at any time.
    pub at: Option<DateTime<Utc>>,
    /// What was or is to be handed over.
    pub lines: Vec<LimitLine>,
}

/// What limits are asked about.
#[derive(Debug, Clone, Copy)]
pub struct LimitAsk<'a> {
    /// Who buys.
    pub kind: CustomerKind,
    /// Where they live; when that is not known, the limits of residents and of visitors both count.
    pub residency: Option<Residency>,
    /// When the order is handed over.
    pub at: DateTime<Utc>,
    /// The store's time zone, in which days begin and end.
    pub zone: Tz,
    /// The order.
    pub lines: &'a [LimitLine],
    /// The customer's other orders, open and completed, at this store; other stores are invisible.
    pub others: &'a [Purchase],
}

/// How much of one class still fits under a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Room {
    /// Of what.
    pub class: ProductClass,
    /// How much.
    pub amount: Decimal,
    /// In which unit: `g`, `mg`, `ml` or `units`.
    pub unit: &'static str,
}

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitSource {
    /// The jurisdiction's.
    Law,
    /// The store's own, tighter one.
    Store,
    /// The POS's, in its own words.
    Pos,
}

/// How much of one limit is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitUsage {
    /// The rule's id, unique in the book.
    pub rule: String,
    /// What it limits, for people.
    pub name: String,
    /// How much is used by this order and the others in the window, in `unit`.
    pub used: Decimal,
    /// How much is allowed.
    pub allowed: Decimal,
    /// How much is left; zero when it is used up.
    pub left: Decimal,
    /// In which unit: `g`, `mg`, `ml` or `units`; none where the POS does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// Whose limit it is.
    pub source: LimitSource,
    /// No one may let an order pass over it.
    pub hard: bool,
    /// What still fits, class by class.
    pub room: Vec<Room>,
    /// In words, such as `you may add 3.5 g of flower`.
    pub advice: String,
}

/// What the limits say about an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LimitReport {
    /// Every limit that bears on this customer and these goods.
    pub uses: Vec<LimitUsage>,
    /// What stands against the order and nobody may waive.
    pub problems: Problems,
    /// What stands against it unless a manager lets it pass: the rule's id, and the problems.
    pub soft: Vec<(String, Problems)>,
}

impl LimitUsage {
    /// What the POS says about a limit of its own.
    pub fn of_pos(limit: &LimitUse) -> Self {
        let left = limit.allowed.saturating_sub(limit.used).max(Decimal::ZERO);
        Self {
            rule: format!("pos.{}", limit.name),
            name: limit.name.clone(),
            used: limit.used,
            allowed: limit.allowed,
            left,
            unit: None,
            source: LimitSource::Pos,
            hard: true,
            room: Vec::new(),
            advice: String::new(),
        }
    }
}

impl LimitBook {
    /// The limits of these jurisdictions as the store follows them.
    ///
    /// # Errors
    /// [`LimitError`] says what does not fit.
    pub fn build(rules: &LimitRules, library: &LimitLibrary) -> Result<Self, LimitError> {
        let followed: BTreeSet<&String> = rules.jurisdictions.iter().collect();
        let laws = followed.into_iter().map(|jurisdiction| law(jurisdiction, rules, library));
        let mut laws = laws.collect::<Result<Vec<_>, _>>()?;
        set::check_rules(&rules.own).map_err(LimitError::Own)?;
        let own = rules.own.iter().map(|rule| Rule::compile(rule, OWN));
        let mut own = own.collect::<Result<Vec<_>, _>>().map_err(LimitError::Own)?;
        for (key, cap) in &rules.caps {
            let id = rule_named(key, &laws, &own)?;
            let editions = laws.iter_mut().flat_map(|law| &mut law.editions);
            let all = editions.flat_map(|edition| &mut edition.rules).chain(&mut own);
            for rule in all.filter(|rule| rule.id == id) {
                rule.recap(*cap)?;
            }
        }
        let mut classes = BTreeMap::new();
        for (category, class) in &rules.classes {
            let plain = category.trim().to_lowercase();
            if classes.insert(plain.clone(), *class).is_some_and(|known| known != *class) {
                return Err(LimitError::CategoryTwice(plain));
            }
        }
        Ok(Self { laws, own, silent: rules.silent, classes })
    }

    /// Whether there is nothing to follow.
    pub fn is_empty(&self) -> bool {
        self.laws.is_empty() && self.own.is_empty()
    }

    /// How many days back other orders count.
    pub fn reach_days(&self) -> u32 {
        let editions = self.laws.iter().flat_map(|law| &law.editions);
        let rules = editions.flat_map(|edition| &edition.rules).chain(&self.own);
        let days = rules.map(|rule| match rule.window {
            LimitWindow::Transaction => 0,
            LimitWindow::Day => 1,
            LimitWindow::RollingDays(days) => days,
        });
        days.max().unwrap_or(0)
    }

    /// What a line of this category is: the class its source names, else what the store says of the category, else
    /// what the category's name means.
    pub fn class_of(&self, category: &str, content: Content) -> Option<ProductClass> {
        content.class.or_else(|| self.mapped(category)).or_else(|| ProductClass::of_category(category))
    }

    fn mapped(&self, category: &str) -> Option<ProductClass> {
        if self.classes.is_empty() {
            return None;
        }
        let found = self.classes.get(category);
        found.or_else(|| self.classes.get(&category.trim().to_lowercase())).copied()
    }
}

fn law(jurisdiction: &str, rules: &LimitRules, library: &LimitLibrary) -> Result<Law, LimitError> {
    let mut editions = Vec::new();
    let mut name = None;
    for set in library.sets().iter().filter(|set| set.jurisdiction == jurisdiction) {
        if set.grade.is_weak() && !rules.confirmed.contains(jurisdiction) {
            return Err(LimitError::NotConfirmed { jurisdiction: jurisdiction.to_owned(), grade: set.grade });
        }
        let flawed = |flaw| LimitError::Set {
            jurisdiction: jurisdiction.to_owned(),
            version: set.version.clone(),
            flaw,
        };
        editions.push(Edition::compile(set).map_err(flawed)?);
        name = Some(set.name.clone());
    }
    editions.sort_by_key(|edition| std::cmp::Reverse(edition.from));
    let name = name.ok_or_else(|| LimitError::UnknownJurisdiction(jurisdiction.to_owned()))?;
    Ok(Law { name, editions })
}

/// The full id of the one rule that a key means.
fn rule_named(key: &str, laws: &[Law], own: &[Rule]) -> Result<String, LimitError> {
    let editions = laws.iter().flat_map(|law| &law.editions);
    let all = || editions.clone().flat_map(|edition| &edition.rules).chain(own);
    if all().any(|rule| rule.id == key) {
        return Ok(key.to_owned());
    }
    let ids: BTreeSet<&str> = all().filter(|rule| rule.short() == key).map(|rule| rule.id.as_str()).collect();
    let mut ids = ids.into_iter();
    match (ids.next(), ids.next()) {
        (Some(id), None) => Ok(id.to_owned()),
        (None, _) => Err(LimitError::UnknownRule(key.to_owned())),
        (Some(_), Some(_)) => Err(LimitError::AmbiguousRule(key.to_owned())),
    }
}
