//! What a simulated store starts with, in no vendor's words.

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A store with its catalogue, stock and customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The store itself.
    pub store: SeedStore,
    /// Taxes on every line, each on the line's net amount.
    pub taxes: Vec<SeedTax>,
    /// The catalogue.
    pub products: Vec<SeedProduct>,
    /// Customers the POS already knows.
    pub customers: Vec<SeedCustomer>,
}

impl Seed {
    /// Every sellable size with its product, in catalogue order.
    pub fn sizes(&self) -> impl Iterator<Item = (&SeedProduct, &SeedSize)> {
        self.products.iter().flat_map(|product| product.sizes.iter().map(move |size| (product, size)))
    }
}

/// The store of a [`Seed`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedStore {
    /// For people.
    pub name: String,
    /// For paths.
    pub slug: String,
    /// ISO 4217 code of every amount in the seed.
    pub currency: String,
    /// IANA name of the zone the store's days are counted in.
    pub time_zone: Tz,
}

/// One tax.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedTax {
    /// For people.
    pub name: String,
    /// A fraction: 0.15 is 15 %.
    #[serde(with = "rust_decimal::serde::str")]
    pub rate: Decimal,
}

/// What kind of thing a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedCategory {
    /// Loose flower.
    Flower,
    /// Rolled flower.
    PreRoll,
    /// Cartridges and disposables.
    Vape,
    /// Extracts.
    Concentrate,
    /// Food.
    Edible,
    /// Drinks.
    Beverage,
    /// Drops under the tongue.
    Tincture,
    /// For the skin.
    Topical,
    /// Capsules and tablets.
    Capsule,
    /// Tools without cannabis in them.
    Accessory,
    /// Clothing and the like.
    Merch,
    /// Living plants and seeds.
    Plant,
}

/// The unit a size is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedUnit {
    /// Grams.
    Grams,
    /// Milligrams, usually of THC.
    Milligrams,
    /// Pieces.
    Count,
}

/// One product in all its sizes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedProduct {
    /// For people.
    pub name: String,
    /// Who makes it.
    pub brand: String,
    /// What kind of thing it is.
    pub category: SeedCategory,
    /// Free text within the category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// Whether only medical customers may buy it.
    #[serde(default)]
    pub medical_only: bool,
    /// What can be sold: at least one.
    pub sizes: Vec<SeedSize>,
}

/// One sellable size of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedSize {
    /// The sellable id, the one orders carry.
    pub id: Uuid,
    /// The store's own stock-keeping code.
    pub sku: String,
    /// The size for people, such as `3.5 g`.
    pub size: String,
    /// How much one unit holds, in `unit`.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// The unit of `amount`.
    pub unit: SeedUnit,
    /// What one unit counts towards a weight limit, in grams.
    #[serde(default, with = "rust_decimal::serde::str_option", skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<Decimal>,
    /// THC in one unit, in milligrams.
    #[serde(default, with = "rust_decimal::serde::str_option", skip_serializing_if = "Option::is_none")]
    pub thc_mg: Option<Decimal>,
    /// CBD in one unit, in milligrams.
    #[serde(default, with = "rust_decimal::serde::str_option", skip_serializing_if = "Option::is_none")]
    pub cbd_mg: Option<Decimal>,
    /// The price of one unit before taxes, in the store's currency.
    #[serde(with = "rust_decimal::serde::str")]
    pub price: Decimal,
    /// Units on the shelf.
    pub stock: u32,
}

/// Whether a customer buys for pleasure or on a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedCustomerType {
    /// Adult use.
    Adult,
    /// Medical use.
    Medical,
}

/// A customer the POS already knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCustomer {
    /// The number of the customer; each simulator writes it in its vendor's form.
    pub id: u64,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Ten digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Day of birth.
    pub birth_date: NaiveDate,
    /// Adult or medical.
    #[serde(rename = "type")]
    pub kind: SeedCustomerType,
    /// The number of the medical card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medical_id: Option<String>,
    /// Whether the store has checked the customer's papers.
    pub verified: bool,
    /// Whether the store refuses to sell to the customer.
    #[serde(default)]
    pub banned: bool,
}
