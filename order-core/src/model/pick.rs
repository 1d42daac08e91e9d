//! The pick axis: how far each line is gathered.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Content, ProductId, VariantId};

/// Where a line stands in picking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PickState {
    /// Not gathered yet.
    #[default]
    Open,
    /// Gathered as ordered.
    Picked,
    /// Less than ordered could be gathered; the line's `supplied` says how much.
    Short,
    /// Something else was gathered instead, with the customer's consent.
    Substituted,
    /// Taken off the order.
    Removed,
}

impl PickState {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Picked => "picked",
            Self::Short => "short",
            Self::Substituted => "substituted",
            Self::Removed => "removed",
        }
    }

    /// Whether a person has dealt with the line.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Open)
    }
}

/// What was gathered instead of the ordered product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    /// The product given.
    pub product_id: ProductId,
    /// Its size, where the catalogue distinguishes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<VariantId>,
    /// What it is called.
    pub name: String,
    /// Its price per unit or gram, in the order's currency.
    pub unit_price: Decimal,
    /// What is in one unit or gram of it, for purchase limits.
    #[serde(default, skip_serializing_if = "Content::is_unknown")]
    pub content: Content,
    /// Whether the customer agreed. Packing waits for it.
    pub consent: bool,
}
