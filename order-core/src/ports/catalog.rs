//! What is for sale, and how much of it.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::{Content, Product, ProductId, SoldBy, Stock, StoreId, VariantId};
use crate::ports::PosError;
use rust_decimal::Decimal;

/// What is ordered and counted: a product in a size.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sku {
    /// The product.
    pub product: ProductId,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<VariantId>,
}

/// A product in a size as it can be ordered now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What it is.
    pub sku: Sku,
    /// What the customer sees it called.
    pub name: String,
    /// The size as the customer sees it.
    pub size: Option<String>,
    /// Category, lower case.
    pub category: String,
    /// Price per unit or gram before tax.
    pub price: Decimal,
    /// How it is measured out.
    pub sold_by: SoldBy,
    /// What is in one unit or gram.
    pub content: Content,
    /// Only for medical customers.
    pub medical_only: bool,
    /// Whether it may be sold now.
    pub published: bool,
    /// It was called back or is on hold.
    pub recalled: bool,
    /// The last day it may be sold, in the store's time.
    pub expires_on: Option<NaiveDate>,
    /// Stock, when known.
    pub stock: Option<Stock>,
}

/// Why a catalogue did not answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// It has not been filled yet; try again shortly.
    #[error("the menu of this store has not been loaded yet; try again in a moment")]
    NotLoaded,
    /// What it is filled from failed.
    #[error("the menu could not be read: {0}")]
    Unavailable(String),
}

/// A store's menu, as the flow asks it while an order is placed.
#[async_trait]
pub trait Catalog: Send + Sync + Debug {
    /// What each of these is, in the same order; `None` where the store does not sell it in that size.
    ///
    /// # Errors
    /// [`CatalogError`] when the menu is not available at all.
    async fn find(&self, store: &StoreId, skus: &[Sku]) -> Result<Vec<Option<Listing>>, CatalogError>;

    /// The whole menu, published products only.
    ///
    /// # Errors
    /// [`CatalogError`] when the menu is not available at all.
    async fn menu(&self, store: &StoreId) -> Result<Vec<Product>, CatalogError>;
}

/// One page of products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductPage {
    /// The products on it.
    pub products: Vec<Product>,
    /// How to ask for the next; none on the last page.
    pub next: Option<String>,
}

/// Where a menu is filled from: a POS, page by page, so that no catalogue has to fit in memory twice.
#[async_trait]
pub trait ProductSource: Send + Sync + Debug {
    /// The page after `cursor`, or the first.
    ///
    /// # Errors
    /// [`PosError`] as for every call to a POS.
    async fn products(&self, cursor: Option<&str>) -> Result<ProductPage, PosError>;
}
