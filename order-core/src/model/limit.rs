//! Purchase limits as plain data: what a rule set file or a store's own settings say.
//! [`crate::rules::limits`] checks and applies it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use super::{CustomerKind, ProductClass, Residency};

/// What a limit counts of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The cannabis in it, by weight: flower, or extract.
    Weight,
    /// The whole product without its package, by weight.
    NetWeight,
    /// The whole product, by volume.
    Volume,
    /// The THC in it.
    Thc,
    /// Sellable units: plants, packages.
    Units,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Weight, Self::NetWeight, Self::Volume, Self::Thc, Self::Units];

    /// The word in rule files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::NetWeight => "net_weight",
            Self::Volume => "volume",
            Self::Thc => "thc",
            Self::Units => "units",
        }
    }

    /// The unit in which figures of this measure are told: `g`, `ml`, `mg` or `units`.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Weight | Self::NetWeight => "g",
            Self::Volume => "ml",
            Self::Thc => "mg",
            Self::Units => "units",
        }
    }
}

/// A unit in which rule files write amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitUnit {
    /// Grams.
    Gram,
    /// Ounces, each taken as 28.35 g.
    Ounce,
    /// Milligrams.
    Milligram,
    /// Millilitres.
    Millilitre,
    /// US fluid ounces, each taken as 29.57 ml.
    FluidOunce,
    /// Pieces.
    Units,
}

impl LimitUnit {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Gram, Self::Ounce, Self::Milligram, Self::Millilitre, Self::FluidOunce, Self::Units];

    /// How it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gram => "g",
            Self::Ounce => "oz",
            Self::Milligram => "mg",
            Self::Millilitre => "ml",
            Self::FluidOunce => "fl oz",
            Self::Units => "units",
        }
    }
}

/// An amount as rule files write it: a number and a unit, such as `28.5 g`, `1 oz`, `72 fl oz` or `6 units`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitAmount {
    /// The number.
    pub value: Decimal,
    /// Of what.
    pub unit: LimitUnit,
}

/// A text that is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected a number and one of g, oz, mg, ml, fl oz, units, such as `28.5 g`")]
pub struct InvalidAmount;

impl FromStr for LimitAmount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (number, unit) = text.trim().split_once(' ').ok_or(InvalidAmount)?;
        let value = Decimal::from_str_exact(number).map_err(|_| InvalidAmount)?;
        let unit = LimitUnit::ALL.into_iter().find(|known| known.as_str() == unit.trim());
        Ok(Self { value, unit: unit.ok_or(InvalidAmount)? })
    }
}

impl fmt::Display for LimitAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.unit.as_str())
    }
}

impl Serialize for LimitAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LimitAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Over what purchases a limit adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitWindow {
    /// One order.
    Transaction,
    /// One calendar day in the store's time, whether it has 23, 24 or 25 hours.
    Day,
    /// Any so many days on end, by the store's clock: what was bought on the 1st at noon no longer counts from
    /// noon of the 31st when there are 30.
    RollingDays(u32),
}

/// Goods that one limit counts in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitPart {
    /// Which goods.
    pub classes: BTreeSet<ProductClass>,
    /// What is counted of them.
    pub measure: Measure,
    /// So much of these alone uses the whole limit up.
    pub cap: LimitAmount,
    /// Only goods with at most so much THC in a unit. The same limit must then count the others too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thc_up_to: Option<LimitAmount>,
    /// Only goods with more THC than that in a unit. The same limit must then count the others too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thc_above: Option<LimitAmount>,
}

/// One limit. With one part it is a cap of its own; with several they share it, each at its own rate: half of one
/// part's cap and half of another's are the whole limit. Limits that count the same goods all hold at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitRule {
    /// Unique in its set: lower-case letters, digits, `_` and `-`.
    pub id: String,
    /// What it limits, for people, such as `cannabis flower`.
    pub name: String,
    /// Whom it binds; everybody when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<CustomerKind>,
    /// Only those who live, or do not live, in the jurisdiction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residency: Option<Residency>,
    /// Over what purchases it adds up.
    pub window: LimitWindow,
    /// Nobody may let an order pass over it. Otherwise a manager may, with a note.
    #[serde(default = "yes")]
    pub hard: bool,
    /// What it counts.
    #[serde(rename = "pool")]
    pub parts: Vec<LimitPart>,
}

const fn yes() -> bool {
    true
}

/// Goods that a jurisdiction lets anybody, or some, buy without a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitExemption {
    /// Which goods.
    pub classes: BTreeSet<ProductClass>,
    /// For whom; for everybody when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<CustomerKind>,
    /// Why.
    pub reason: String,
}

/// How far the source of a rule set can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitGrade {
    /// The text of the law or regulation itself.
    Law,
    /// A page or leaflet of the authority.
    Regulator,
    /// A summary that cites the law.
    LawSummary,
    /// What others wrote about it.
    Secondary,
    /// A news report.
    News,
}

impl LimitGrade {
    /// The word in rule files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Regulator => "regulator",
            Self::LawSummary => "law_summary",
            Self::Secondary => "secondary",
            Self::News => "news",
        }
    }

    /// Somebody must compare it with the law before it is used.
    pub const fn is_weak(self) -> bool {
        !matches!(self, Self::Law)
    }
}

/// The limits of one jurisdiction over one span of time, as read from one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSet {
    /// Such as `us-ca`. Several sets may share it with different dates.
    pub jurisdiction: String,
    /// What people call it.
    pub name: String,
    /// Which edition of the text this is, for people.
    pub version: String,
    /// The first day it is in force, in the store's time; always before its end when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<NaiveDate>,
    /// The first day it is no longer in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<NaiveDate>,
    /// How far the source can be trusted.
    pub grade: LimitGrade,
    /// Where it is written.
    pub source: String,
    /// Of what date the text that was read is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
    /// What was read into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Goods the source says nothing about, or nothing for some customers. [`super::LimitRules::silent`] decides.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub silent: BTreeSet<ProductClass>,
    /// The limits.
    #[serde(rename = "rule", default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<LimitRule>,
    /// What is free.
    #[serde(rename = "exempt", default, skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<LimitExemption>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_back() {
        for text in ["28.5 g", "1 oz", "72 fl oz", "500 mg", "6 units", "100 ml"] {
            assert_eq!(text.parse::<LimitAmount>().unwrap().to_string(), text);
        }
        for text in ["", "g", "1", "1g", "1 lb", "one oz", "1  "] {
            assert_eq!(text.parse::<LimitAmount>(), Err(InvalidAmount), "{text}");
        }
    }
}
