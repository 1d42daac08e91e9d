//! Comparing what the POS holds with what it was asked to hold.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::model::{Difference, PosReceipt};
use crate::ports::{PosLine, PosOrder, PosSnapshot};

/// Every difference between an order as we sent it and as the POS holds it: reference, currency, total, lines.
pub fn compare(ours: &PosOrder, theirs: &PosSnapshot) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |field: &str, ours: String, theirs: String| {
        if ours != theirs {
            differences.push(Difference { field: field.to_owned(), ours, theirs });
        }
    };
    if let Some(reference) = &theirs.reference {
        differ("reference", ours.reference.to_string(), reference.clone());
    }
    if let (Some(ours), Some(theirs)) = (&ours.totals, &theirs.totals) {
        differ("currency", ours.currency.to_string(), theirs.currency.to_string());
        differ("total", ours.total.normalize().to_string(), theirs.total.normalize().to_string());
    }
    let (asked, held) = (amounts(&ours.lines), amounts(&theirs.lines));
    for product in asked.keys().chain(held.keys().filter(|product| !asked.contains_key(*product))) {
        let amount = |lines: &BTreeMap<&str, Decimal>| {
            lines.get(product).copied().unwrap_or(Decimal::ZERO).normalize().to_string()
        };
        differ(&format!("line {product}"), amount(&asked), amount(&held));
    }
    differences
}

/// How much there is of each thing sold: a size by its own id, where it has one.
fn amounts(lines: &[PosLine]) -> BTreeMap<&str, Decimal> {
    let mut amounts = BTreeMap::new();
    for line in lines {
        let sold = line.variant_id.as_ref().map_or(line.product_id.as_str(), |variant| variant.as_str());
        let amount = amounts.entry(sold).or_insert(Decimal::ZERO);
        *amount = amount.saturating_add(line.quantity.amount());
    }
    amounts
}

/// What an order's timeline keeps of a snapshot.
pub(super) fn receipt(ours: &PosOrder, theirs: &PosSnapshot) -> PosReceipt {
    PosReceipt {
        id: theirs.id.clone(),
        number: theirs.number.clone(),
        status: Some(theirs.raw_status.clone()),
        totals: theirs.totals,
        differences: compare(ours, theirs),
    }
}
