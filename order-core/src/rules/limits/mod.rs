//! Purchase limits: how much one customer may buy, as dated data of a jurisdiction.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Serialize;
use thiserror::Error;

use super::Problems;
use crate::model::{Content, CustomerKind, LimitRules, ProductClass, Quantity, Residency};
use crate::ports::LimitUse;

/// The limits a store follows, checked and ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct LimitBook {}

/// Why a store's limits cannot be followed as they are written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LimitError {
    /// No such jurisdiction.
    #[error("there are no limits for {0}")]
    UnknownJurisdiction(String),
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
    pub fn build(rules: &LimitRules) -> Result<Self, LimitError> {
        match rules.jurisdictions.first() {
            None => Ok(Self::default()),
            Some(unknown) => Err(LimitError::UnknownJurisdiction(unknown.clone())),
        }
    }

    /// Whether there is nothing to follow.
    pub fn is_empty(&self) -> bool {
        true
    }

    /// How many days back other orders count.
    pub fn reach_days(&self) -> u32 {
        0
    }

    /// What a line of this category is; the class its source names counts first.
    pub fn class_of(&self, category: &str, content: Content) -> Option<ProductClass> {
        content.class.or_else(|| ProductClass::of_category(category))
    }

    /// What the limits say about an order.
    pub fn assess(&self, _ask: &LimitAsk<'_>) -> LimitReport {
        LimitReport::default()
    }
}
