//! What an order costs by the menu, the store's taxes and its discounts.
//!
//! How money is rounded and discounts are spread is said in [`crate::rules`].

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Problems, ShapedLine, codes};
use crate::model::{
    Content, Currency, CustomerKind, Discount, LineId, Off, OrderItem, PickState, Quantity, SoldBy, Store,
};
use crate::ports::Listing;

/// A line at the menu's price. `content` has its class mapped already.
pub(super) fn price_line(
    store: &Store,
    line: &ShapedLine,
    listing: &Listing,
    content: Content,
    problems: &mut Problems,
) -> OrderItem {
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
        discount_agreed: None,
        tax_rates: store.tax_rates(&listing.category),
        tax: Decimal::ZERO,
        category: Some(listing.category.clone()),
        pick: PickState::Open,
        supplied: None,
        substitute: None,
    };
    if item.unit_price < Decimal::ZERO || item.tax_rates.iter().any(|rate| *rate < Decimal::ZERO) {
        let message = "the store's price or tax for this product is wrong; see a staff member";
        problems.add(codes::NEGATIVE_PRICE, format!("items.{}.product_id", line.index), message);
    }
    if item.unit_price.checked_mul(quantity.amount()).is_none() {
        let message = "that much of it costs more than can be counted";
        problems.add(codes::AMOUNT_TOO_LARGE, format!("items.{}.quantity", line.index), message);
    }
    item.reprice(store.currency);
    item
}

/// For whom and when discounts are asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deal<'a> {
    /// The code entered.
    pub(super) code: Option<&'a str>,
    /// Who buys.
    pub(super) kind: CustomerKind,
    /// The day of the deal, in the store's zone.
    pub(super) day: NaiveDate,
    /// A code that is not the store's own may be the POS's.
    pub(super) pos_knows_codes: bool,
    /// A code without effect is a problem.
    pub(super) insists: bool,
}

/// Takes the store's discounts off the lines: the code's, else the first that applies by itself. A code that is
/// not the store's own is a problem unless the POS may know it; one that is and does not apply is one either way.
pub(super) fn discount(store: &Store, items: &mut [OrderItem], deal: Deal<'_>, problems: &mut Problems) {
    let discounts = &store.rules.prices.discounts;
    let Some(code) = deal.code.map(str::trim).filter(|code| !code.is_empty()) else {
        let by_itself = |discount: &&Discount| {
            discount.code.is_none() && applies(discount, store.currency, items, deal).is_ok()
        };
        if let Some(discount) = discounts.iter().find(by_itself) {
            take_off(discount, store.currency, items, problems);
        }
        return;
    };
    let has_it = |discount: &&Discount| discount.code.as_deref().is_some_and(|own| same_code(own, code));
    let mut reason = None;
    for discount in discounts.iter().filter(has_it) {
        match applies(discount, store.currency, items, deal) {
            Ok(()) => return take_off(discount, store.currency, items, problems),
            Err(why) => reason = reason.or(Some(why)),
        }
    }
    if !deal.insists {
        return;
    }
    match reason {
        Some(why) => problems.add(codes::DISCOUNT_NOT_APPLICABLE, "discount_code", why),
        None if !deal.pos_knows_codes => {
            let message = "there is no such discount code; check it or leave it out";
            problems.add(codes::UNKNOWN_DISCOUNT, "discount_code", message);
        }
        None => {}
    }
}

/// Case does not matter in a code, nor do blanks around it.
fn same_code(own: &str, entered: &str) -> bool {
    let folded = |text: &str| text.trim().to_lowercase();
    own.trim().eq_ignore_ascii_case(entered) || !entered.is_ascii() && folded(own) == folded(entered)
}

/// Whether a discount counts for this basket, or why not.
fn applies(
    discount: &Discount,
    currency: Currency,
    items: &[OrderItem],
    deal: Deal<'_>,
) -> Result<(), String> {
    if let Some(from) = discount.from.filter(|from| deal.day < *from) {
        return Err(format!("this discount begins on {from}"));
    }
    if let Some(until) = discount.until.filter(|until| deal.day > *until) {
        return Err(format!("this discount ended on {until}"));
    }
    if !discount.customers.is_empty() && !discount.customers.contains(&deal.kind) {
        return Err("this discount is not for this type of customer".to_owned());
    }
    let add = |sum: Decimal, item: &OrderItem| sum.saturating_add(item.gross());
    let good = items.iter().filter(|item| is_good_for(discount, item)).fold(Decimal::ZERO, add);
    if good <= Decimal::ZERO {
        return Err("this discount is good for none of these products".to_owned());
    }
    let basket = items.iter().fold(Decimal::ZERO, add);
    if basket < discount.min_subtotal {
        let least = currency.pad(discount.min_subtotal);
        return Err(format!("this discount needs goods for {least} {currency} in the basket"));
    }
    Ok(())
}

/// Whether a discount is good for a line: for its category, and for the product itself.
fn is_good_for(discount: &Discount, item: &OrderItem) -> bool {
    let category = item.category.as_deref().unwrap_or_default();
    let of_category = |own: &String| own.trim().eq_ignore_ascii_case(category);
    (discount.categories.is_empty() || discount.categories.iter().any(of_category))
        && (discount.products.is_empty() || discount.products.contains(&item.product_id))
}

fn take_off(discount: &Discount, currency: Currency, items: &mut [OrderItem], problems: &mut Problems) {
    match discount.off {
        Off::Percent(percent) => {
            for item in items.iter_mut().filter(|item| is_good_for(discount, item)) {
                // A percentage that nobody means is kept within the line when it is repriced.
                let part = item.gross().checked_mul(percent / Decimal::ONE_HUNDRED);
                item.set_discount(part.unwrap_or_default());
                item.reprice(currency);
            }
        }
        Off::Amount(amount) => {
            let good = |item: &&mut OrderItem| is_good_for(discount, item);
            let costs: Option<Vec<i128>> = items
                .iter()
                .filter(|item| is_good_for(discount, item))
                .map(|item| coins(item.gross(), currency))
                .collect();
            // More than can be counted is more than it all costs.
            let amount = coins(amount, currency).unwrap_or(i128::MAX);
            let parts = costs.and_then(|costs| spread(amount, &costs));
            let Some(parts) = parts else {
                let message = "the sum of the basket does not fit";
                return problems.add(codes::AMOUNT_TOO_LARGE, "items", message);
            };
            for (item, part) in items.iter_mut().filter(good).zip(parts) {
                item.set_discount(
                    Decimal::try_from_i128_with_scale(part, currency.minor_units()).unwrap_or_default(),
                );
                item.reprice(currency);
            }
        }
    }
}

/// How many of the smallest coins an amount is; none when it does not fit.
fn coins(amount: Decimal, currency: Currency) -> Option<i128> {
    let rounded = currency.round(amount.max(Decimal::ZERO));
    (rounded.scale() == currency.minor_units()).then(|| rounded.mantissa())
}

/// Parts of an amount in proportion to these costs, by largest remainder: they sum up to the amount or to all costs,
/// whichever is less. None when the numbers do not fit.
fn spread(amount: i128, costs: &[i128]) -> Option<Vec<i128>> {
    let all = costs.iter().try_fold(0_i128, |all, cost| all.checked_add(*cost))?;
    if all <= 0 {
        return Some(vec![0; costs.len()]);
    }
    let amount = amount.min(all);
    let mut parts = Vec::with_capacity(costs.len());
    let mut lost = Vec::with_capacity(costs.len());
    for (at, cost) in costs.iter().enumerate() {
        let share = amount.checked_mul(*cost)?;
        parts.push(share.checked_div(all)?);
        lost.push((share.checked_rem(all)?, at));
    }
    let mut left = parts.iter().fold(amount, |left, part| left.saturating_sub(*part));
    lost.sort_by(|(one, _), (other, _)| other.cmp(one));
    for (_, at) in lost {
        if left <= 0 {
            break;
        }
        if let Some(part) = parts.get_mut(at) {
            *part = part.saturating_add(1);
            left = left.saturating_sub(1);
        }
    }
    Some(parts)
}

/// Whether a total has moved too far, up or down, from what the customer was shown. Both are compared in whole
/// coins, so `12.5` and `12.50` are the same; a tolerance below zero is none.
pub(super) fn has_moved(store: &Store, total: Decimal, expected: Decimal) -> bool {
    let Some(tolerance) = store.rules.prices.tolerance else { return false };
    let coin = |amount: Decimal| store.currency.round(amount);
    let moved = coin(total).checked_sub(coin(expected));
    moved.is_none_or(|moved| moved.abs() > tolerance.max(Decimal::ZERO))
}

/// The problem of a total that has moved.
pub(super) fn moved(store: &Store, total: Decimal, problems: &mut Problems) {
    let message =
        format!("the total is now {total} {}; show it to the customer and ask again", store.currency);
    problems.add(codes::PRICE_CHANGED, "expected_total", message);
}
