//! What may be sold of what is on the shelf.
//!
//! What is left of a product is what the source said, less what other orders hold, less the store's margin, plus
//! what this order itself has taken out of that figure already. A source that caps its figure proves nothing by
//! it, and one that says nothing refuses nobody.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{Problems, ShapedLine, codes};
use crate::model::{CustomerKind, OrderWarning, SoldBy, StockRules};
use crate::ports::Listing;

/// What bears on every line alike, and on this one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sale {
    /// For whom.
    pub(super) kind: CustomerKind,
    /// The day of the hand-over, in the store's zone.
    pub(super) on: NaiveDate,
    /// The order has had this much of it before: that it is no longer on the menu takes it from nobody.
    pub(super) kept: bool,
}

/// Checks one line against what the menu says of it. The most telling problem comes first.
pub(super) fn check_listing(line: &ShapedLine, listing: &Listing, sale: Sale, problems: &mut Problems) {
    check_goods(line.index, listing, sale, problems);
    if listing.sold_by == SoldBy::Unit && !line.quantity.fract().is_zero() {
        let path = format!("items.{}.quantity", line.index);
        problems.add(codes::QUANTITY_NOT_WHOLE, path, "the quantity must be a whole number");
    }
}

/// Checks whether what the menu says of the goods in a line lets them be sold at all.
pub(super) fn check_goods(index: usize, listing: &Listing, sale: Sale, problems: &mut Problems) {
    let place = || format!("items.{index}.product_id");
    if listing.recalled {
        let message = "this product was called back or is on hold; choose another";
        problems.add(codes::RECALLED, place(), message);
    }
    if listing.expires_on.is_some_and(|last| last < sale.on) {
        let message = "this product is past its last day of sale; choose another";
        problems.add(codes::EXPIRED, place(), message);
    }
    if !listing.published && !sale.kept {
        let message = "this product is not for sale now; choose another";
        problems.add(codes::NOT_FOR_SALE, place(), message);
    }
    if listing.medical_only && !sale.kind.is_medical() {
        let message = "this product is for medical customers only; choose another";
        problems.add(codes::MEDICAL_ONLY, place(), message);
    }
}

/// Where stock stands for one line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shelf {
    /// What other orders hold of it, beyond what the figure shows.
    pub(super) held: Decimal,
    /// What this order has already taken out of the figure.
    pub(super) back: Decimal,
    /// A figure that is too old refuses the line, where the store wants that. Staff can look at the shelf, and what
    /// an order has had before is set aside.
    pub(super) refuse_stale: bool,
}

/// Checks one line against the stock. An old figure is a warning to staff, or a problem.
pub(super) fn check_stock(
    line: &ShapedLine,
    listing: &Listing,
    shelf: Shelf,
    rules: &StockRules,
    now: DateTime<Utc>,
    problems: &mut Problems,
) -> Option<OrderWarning> {
    let stock = listing.stock?;
    let path = || format!("items.{}.quantity", line.index);
    let stale = rules.stale_after_minutes.is_some_and(|minutes| {
        now.signed_duration_since(stock.as_of) > TimeDelta::minutes(i64::from(minutes))
    });
    let refused = stale && rules.refuse_stale && shelf.refuse_stale;
    if refused {
        let message = "how much there is was last heard of too long ago; try again in a moment";
        problems.add(codes::STALE_STOCK, path(), message);
    }
    if !stock.at_least {
        let margin = rules.margin.max(Decimal::ZERO);
        let left = stock
            .quantity
            .saturating_sub(shelf.held)
            .saturating_sub(margin)
            .saturating_add(shelf.back)
            .max(Decimal::ZERO);
        if line.quantity > left {
            problems.add(codes::OUT_OF_STOCK, path(), how_much(left, listing.sold_by));
        }
    }
    (stale && !refused).then_some(OrderWarning::StaleStock)
}

/// In words, what can still be had.
fn how_much(left: Decimal, sold_by: SoldBy) -> String {
    let (left, unit) = match sold_by {
        SoldBy::Unit => (left.trunc(), ""),
        SoldBy::Gram => (left, " g"),
    };
    if left.is_zero() { "none left".to_owned() } else { format!("only {}{unit} left", left.normalize()) }
}
