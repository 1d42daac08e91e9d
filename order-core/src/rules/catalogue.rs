//! What may be sold of what is on the shelf.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::{Problems, ShapedLine, codes};
use crate::model::{CustomerKind, OrderWarning, SoldBy, StockRules};
use crate::ports::Listing;

/// Checks one line against what the menu says of it. `today` is the date in the store's zone.
pub(super) fn check_listing(
    line: &ShapedLine,
    listing: &Listing,
    kind: CustomerKind,
    today: NaiveDate,
    problems: &mut Problems,
) {
    let place = |field: &str| format!("items.{}.{field}", line.index);
    let _ = today;
    if !listing.published {
        problems.add(codes::NOT_FOR_SALE, place("product_id"), "this product is not for sale now");
    }
    if listing.medical_only && !kind.is_medical() {
        problems.add(codes::MEDICAL_ONLY, place("product_id"), "this product is for medical customers only");
    }
    if listing.sold_by == SoldBy::Unit && !line.quantity.fract().is_zero() {
        problems.add(codes::QUANTITY_NOT_WHOLE, place("quantity"), "the quantity must be a whole number");
    }
}

/// Checks one line against the stock: what the source said, less what other orders hold, less the margin.
/// `back` is what this order holds of it already inside the source's figure.
pub(super) fn check_stock(
    line: &ShapedLine,
    listing: &Listing,
    held: Decimal,
    back: Decimal,
    rules: &StockRules,
    now: DateTime<Utc>,
    problems: &mut Problems,
) -> Option<OrderWarning> {
    let _ = (rules, now);
    let stock = listing.stock.filter(|stock| !stock.at_least)?;
    let left = stock.quantity.saturating_sub(held).saturating_add(back);
    if line.quantity > left {
        let left = left.max(Decimal::ZERO).normalize();
        problems.add(
            codes::OUT_OF_STOCK,
            format!("items.{}.quantity", line.index),
            format!("only {left} left"),
        );
    }
    None
}
