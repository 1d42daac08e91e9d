//! The menu, page by page (Treez 5).

use async_trait::async_trait;
use order_core::model::Product;
use order_core::ports::{PosError, PosErrorKind, ProductPage, ProductSource};
use rust_decimal::Decimal;

use super::client::{Ask, Treez};
use super::map::product;
use super::wire::ProductList;

const PRODUCTS: &str = "products";

#[async_trait]
impl ProductSource for Treez {
    /// The cursor is the page's number. The page size is Treez's: the documents disagree about its
    /// limit, so none is asked for, and the page after the last is the one that is empty.
    async fn products(&self, cursor: Option<&str>) -> Result<ProductPage, PosError> {
        let page: u32 = match cursor {
            None => 1,
            Some(text) => text.parse().ok().filter(|page| *page > 0).ok_or_else(|| {
                self.refuse(
                    PRODUCTS,
                    PosErrorKind::InvalidRequest,
                    "the cursor is not one of ours; start at the first page",
                )
            })?,
        };
        // Before the request: stock is at least as old as the moment it was asked for.
        let asked_at = self.now();
        let path = format!("/product/product_list?page={page}&include_discounts=FALSE");
        let envelope = self.ask::<ProductList>(Ask::get(PRODUCTS, path)).await?;
        let list = envelope.all().into_iter().next();
        let (seen, count) = list.map(|list| (list.product_list.0, list.page_count.0)).unwrap_or_default();
        let last = seen.is_empty() || count == Some(Decimal::ZERO);
        let next = page.checked_add(1).filter(|_| !last).map(|page| page.to_string());
        let currency = self.config.currency;
        let products = seen
            .iter()
            .filter_map(|seen| product(seen, self.config.sellable_cap, asked_at))
            .map(|product| Product { price: currency.pad(product.price), ..product })
            .collect();
        Ok(ProductPage { products, next })
    }
}
