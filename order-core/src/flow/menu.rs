//! A menu kept in memory, filled from a POS.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;

use crate::model::{Product, ProductId, StoreId};
use crate::ports::{Catalog, CatalogError, Clock, Listing, PosError, ProductSource, Sku};

/// One store's menu: read from its source as a whole, then answered from memory, also while the POS is down.
#[derive(Debug)]
pub struct SyncedMenu {
    source: Arc<dyn ProductSource>,
    products: RwLock<Option<Arc<BTreeMap<ProductId, Product>>>>,
}

/// The most pages read in one go; a source that never ends must not fill the memory.
const MAX_PAGES: usize = 10_000;

impl SyncedMenu {
    /// An empty menu over this source.
    pub fn new(source: Arc<dyn ProductSource>) -> Self {
        Self { source, products: RwLock::new(None) }
    }

    /// Reads the whole menu and puts it in place of the old one. On failure the old one stays.
    ///
    /// # Errors
    /// [`PosError`] of the page that failed.
    pub async fn refresh(&self) -> Result<usize, PosError> {
        let mut products = BTreeMap::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let page = self.source.products(cursor.as_deref()).await?;
            products.extend(page.products.into_iter().map(|product| (product.id.clone(), product)));
            match page.next {
                Some(next) if Some(&next) != cursor.as_ref() => cursor = Some(next),
                _ => break,
            }
        }
        let count = products.len();
        *self.products.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(products));
        Ok(count)
    }

    /// Refreshes for ever: every `every`, and sooner, after `retry`, when that failed.
    pub async fn keep_fresh(&self, clock: &dyn Clock, every: Duration, retry: Duration) {
        loop {
            let wait = match self.refresh().await {
                Ok(_) => every,
                Err(error) => {
                    tracing::warn!(%error, "the menu could not be refreshed; the last one stays");
                    retry
                }
            };
            clock.sleep(wait).await;
        }
    }

    fn products(&self) -> Result<Arc<BTreeMap<ProductId, Product>>, CatalogError> {
        self.products.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(CatalogError::NotLoaded)
    }
}

/// What a product, or one size of it, is to an order. None when the size and the product do not go together.
fn listing(product: &Product, sku: &Sku) -> Option<Listing> {
    let variant = match (&sku.variant, product.variants.is_empty()) {
        (None, true) => None,
        (Some(id), false) => Some(product.variant(id)?),
        // A POS that knows sizes only may have been given the one id as both.
        (Some(id), true) if id.as_str() == product.id.as_str() => None,
        _ => return None,
    };
    Some(Listing {
        sku: sku.clone(),
        name: product.name.clone(),
        size: variant.map(|variant| variant.size.clone()).or_else(|| product.size.clone()),
        category: product.category.clone(),
        price: variant.map_or(product.price, |variant| variant.price),
        sold_by: product.sold_by,
        content: variant.and_then(|variant| variant.content).unwrap_or(product.content),
        medical_only: product.medical_only,
        published: product.published,
        recalled: product.recalled,
        expires_on: product.expires_on,
        stock: variant.map_or(product.stock, |variant| variant.stock),
    })
}

#[async_trait]
impl Catalog for SyncedMenu {
    async fn find(&self, _store: &StoreId, skus: &[Sku]) -> Result<Vec<Option<Listing>>, CatalogError> {
        let products = self.products()?;
        Ok(skus
            .iter()
            .map(|sku| products.get(&sku.product).and_then(|product| listing(product, sku)))
            .collect())
    }

    async fn menu(&self, _store: &StoreId) -> Result<Vec<Product>, CatalogError> {
        Ok(self.products()?.values().filter(|product| product.published).cloned().collect())
    }
}
