//! From a draft of good shape to priced lines: what the store's menu says about each.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::build::{Inner, StoreSetup};
use super::error::FlowError;
use crate::model::{CustomerKind, LineId, OrderItem, PickState, Quantity, SoldBy};
use crate::ports::{Listing, Sku};
use crate::rules::{Problems, ShapedLine, codes};

impl Inner {
    /// Prices lines from the menu and checks them against it.
    ///
    /// # Errors
    /// [`FlowError::Invalid`] with every problem at once.
    pub(super) async fn price(
        &self,
        setup: &StoreSetup,
        lines: &[ShapedLine],
        customer: CustomerKind,
    ) -> Result<Vec<OrderItem>, FlowError> {
        let skus: Vec<Sku> = lines
            .iter()
            .map(|line| Sku { product: line.product_id.clone(), variant: line.variant_id.clone() })
            .collect();
        let listings = setup.catalog.find(&setup.store.id, &skus).await?;
        let mut problems = Problems::new();
        let mut items = Vec::with_capacity(lines.len());
        for (line, listing) in lines.iter().zip(listings) {
            match listing {
                None => {
                    let path = format!("items.{}.product_id", line.index);
                    problems.add(
                        codes::UNKNOWN_PRODUCT,
                        path,
                        "this store does not sell that, or not in that size",
                    );
                }
                Some(listing) => {
                    check(line, &listing, customer, &mut problems);
                    items.push(item(setup, line, listing));
                }
            }
        }
        problems.into_result()?;
        Ok(items)
    }
}

fn check(line: &ShapedLine, listing: &Listing, customer: CustomerKind, problems: &mut Problems) {
    let place = |field: &str| format!("items.{}.{field}", line.index);
    if !listing.published {
        problems.add(codes::NOT_FOR_SALE, place("product_id"), "this product is not for sale now");
    }
    if listing.medical_only && customer != CustomerKind::Medical {
        problems.add(codes::MEDICAL_ONLY, place("product_id"), "this product is for medical customers only");
    }
    if listing.sold_by == SoldBy::Unit && !line.quantity.fract().is_zero() {
        problems.add(codes::QUANTITY_NOT_WHOLE, place("quantity"), "the quantity must be a whole number");
    }
    if let Some(stock) = listing.stock.filter(|stock| !stock.at_least && line.quantity > stock.quantity) {
        let left = stock.quantity.max(Decimal::ZERO).normalize();
        problems.add(codes::OUT_OF_STOCK, place("quantity"), format!("only {left} left"));
    }
}

fn item(setup: &StoreSetup, line: &ShapedLine, listing: Listing) -> OrderItem {
    let quantity = match listing.sold_by {
        SoldBy::Unit => Quantity::Units(line.quantity.to_u32().unwrap_or(0)),
        SoldBy::Gram => Quantity::Grams(line.quantity),
    };
    let mut item = OrderItem {
        id: LineId::new(0),
        product_id: line.product_id.clone(),
        variant_id: line.variant_id.clone(),
        name: listing.name,
        size: listing.size,
        quantity,
        unit_price: setup.store.currency.pad(listing.price),
        line_total: Decimal::ZERO,
        discount: Decimal::ZERO,
        tax_rates: setup.store.tax_rates(&listing.category),
        tax: Decimal::ZERO,
        category: Some(listing.category),
        pick: PickState::Open,
        supplied: None,
        substitute: None,
    };
    item.reprice(setup.store.currency);
    item
}
