//! What a line costs (Treez 4.3).

use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::products::Product;
use super::reply::{cents, number};
use super::ticket_body::Item;
use crate::sim::SimRandom;
use crate::sim::seed::SeedTax;

/// One tax on one line.
#[derive(Debug, Clone, PartialEq)]
struct LineTax {
    id: Uuid,
    name: String,
    rate: Decimal,
    amount: Decimal,
}

/// One line of a ticket with its amounts. All are amounts of the whole line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) id: Uuid,
    pub(super) item: Item,
    /// After discounts.
    pub(super) net: Decimal,
    /// Zero or positive.
    pub(super) savings: Decimal,
    taxes: Vec<LineTax>,
}

impl Line {
    /// Prices an item. Each tax is on the net amount and rounded to cents by itself.
    pub(super) fn price(item: Item, product: &Product, taxes: &[SeedTax], random: &mut SimRandom) -> Self {
        let gross = cents(product.price.saturating_mul(Decimal::from(item.quantity)));
        let savings = item.discounts.iter().fold(Decimal::ZERO, |sum, discount| {
            let off = match discount.percent {
                true => cents(gross.saturating_mul(discount.amount) / Decimal::ONE_HUNDRED),
                false => cents(discount.amount),
            };
            sum.saturating_add(off)
        });
        let savings = savings.min(gross);
        let net = gross.saturating_sub(savings);
        let taxes = taxes
            .iter()
            .map(|tax| LineTax {
                id: random.next_uuid(),
                name: tax.name.clone(),
                rate: tax.rate,
                amount: cents(net.saturating_mul(tax.rate)),
            })
            .collect();
        Self { id: random.next_uuid(), item, net, savings, taxes }
    }

    pub(super) fn tax(&self) -> Decimal {
        sum(self.taxes.iter().map(|tax| tax.amount))
    }

    pub(super) fn render_taxes(&self) -> Vec<Value> {
        self.taxes
            .iter()
            .map(|tax| json!({"id": tax.id, "rate": number(tax.rate), "tax_name": tax.name, "amount": number(tax.amount)}))
            .collect()
    }
}

/// The sums of a ticket: `total` = `sub_total` + `tax` + fees, and `sub_total` is net of `discount`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    pub(super) sub_total: Decimal,
    pub(super) tax: Decimal,
    /// Zero or negative.
    pub(super) discount: Decimal,
    pub(super) total: Decimal,
}

impl Totals {
    pub(super) fn of(lines: &[Line], fees: &[(String, Decimal)]) -> Self {
        let sub_total = sum(lines.iter().map(|line| line.net));
        let tax = sum(lines.iter().map(Line::tax));
        let fees = sum(fees.iter().map(|(_, amount)| *amount));
        let discount = -sum(lines.iter().map(|line| line.savings));
        Self { sub_total, tax, discount, total: cents(sub_total.saturating_add(tax).saturating_add(fees)) }
    }
}

fn sum(amounts: impl Iterator<Item = Decimal>) -> Decimal {
    amounts.fold(Decimal::ZERO, |sum, amount| sum.saturating_add(amount))
}
