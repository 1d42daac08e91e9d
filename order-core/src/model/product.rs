//! What a store sells.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Content, ProductId, VariantId};

/// How a product is measured out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SoldBy {
    /// In whole units.
    #[default]
    Unit,
    /// By weight.
    Gram,
}

/// How much there is, and how far to trust it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// What the source says can be sold, in the product's measure.
    pub quantity: Decimal,
    /// The source caps its answer here: this much means "at least this much".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
    /// When the source was asked, by our clock.
    pub as_of: DateTime<Utc>,
}

/// One size of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its id within the product.
    pub id: VariantId,
    /// What the customer sees, such as `3.5 g`.
    pub size: String,
    /// Price per unit or gram before tax, in the store's currency.
    pub price: Decimal,
    /// Stock, when the source tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
    /// What is in one unit of this size; the product's own where the source does not tell the sizes apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
}

/// A product of a store's catalogue. One without `variants` is itself what is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id in the store's catalogue.
    pub id: ProductId,
    /// What the customer sees.
    pub name: String,
    /// Brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Category in the source's own words, lower case, such as `flower`.
    pub category: String,
    /// The size, for a product without variants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Price per unit or gram before tax, in the store's currency; unused when there are variants.
    pub price: Decimal,
    /// How it is measured out.
    #[serde(default)]
    pub sold_by: SoldBy,
    /// What is in one unit or gram; for a product with variants, what the size does not say itself.
    #[serde(flatten)]
    pub content: Content,
    /// Only for medical customers.
    #[serde(default)]
    pub medical_only: bool,
    /// Whether it may be sold at all now.
    pub published: bool,
    /// It was called back or is on hold and may not be sold, published or not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recalled: bool,
    /// The last day it may be sold, in the store's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// Stock, when the source tells; unused when there are variants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<Stock>,
    /// The sizes, where the catalogue groups them under one product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

impl Product {
    /// The size with this id.
    pub fn variant(&self, id: &VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| &variant.id == id)
    }
}
