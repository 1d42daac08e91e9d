//! A line of an order.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    Content, Currency, LineId, MoneyError, PickState, ProductId, Quantity, Substitute, Totals, VariantId,
};

/// One product in one size, its price at the time of ordering, and how far it is picked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The line's number within the order.
    pub id: LineId,
    /// The product.
    pub product_id: ProductId,
    /// Its size, where the catalogue distinguishes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<VariantId>,
    /// What the customer saw it called.
    pub name: String,
    /// The size as the customer saw it, such as `3.5 g`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// The category, such as `flower`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What is in one unit or gram, for purchase limits.
    #[serde(default, skip_serializing_if = "Content::is_unknown")]
    pub content: Content,
    /// How much was ordered.
    pub quantity: Quantity,
    /// Price per unit or gram in the order's currency; before tax unless `tax_included`.
    pub unit_price: Decimal,
    /// The price has the tax in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
    /// What is supplied, before discount and tax, rounded to the smallest coin. Where prices include tax, the tax
    /// is taken out of it, so that line totals, discounts and taxes always add up to what is paid.
    pub line_total: Decimal,
    /// What is taken off this line, as a positive amount.
    #[serde(default)]
    pub discount: Decimal,
    /// The rate of each tax on this line, as a fraction (0.15 for 15 %).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_rates: Vec<Decimal>,
    /// All taxes on this line, each rounded to the smallest coin by itself.
    #[serde(default)]
    pub tax: Decimal,
    /// How far it is gathered.
    pub pick: PickState,
    /// How much could be gathered, when that is less than ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplied: Option<Quantity>,
    /// What is given instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<Box<Substitute>>,
}

impl OrderItem {
    /// How much the customer will get of this line.
    pub fn effective_quantity(&self) -> Quantity {
        match self.pick {
            PickState::Removed => match self.quantity {
                Quantity::Units(_) => Quantity::Units(0),
                Quantity::Grams(_) => Quantity::Grams(Decimal::ZERO),
            },
            PickState::Short => self.supplied.unwrap_or(self.quantity),
            PickState::Open | PickState::Picked | PickState::Substituted => self.quantity,
        }
    }

    /// The price per unit or gram that counts: the substitute's where there is one.
    pub fn effective_price(&self) -> Decimal {
        match (&self.substitute, self.pick) {
            (Some(substitute), PickState::Substituted) => substitute.unit_price,
            _ => self.unit_price,
        }
    }

    /// Works the line's sums out anew from price, quantity and pick: gross, then each tax on gross less discount,
    /// every one rounded to the smallest coin. Where the price includes tax, each tax is its share of what is
    /// paid. Saturates instead of overflowing, so a hostile price cannot panic.
    pub fn reprice(&mut self, currency: Currency) {
        let gross = currency.round(self.effective_price().saturating_mul(self.effective_quantity().amount()));
        self.discount = currency.round(self.discount.min(gross).max(Decimal::ZERO));
        let paid = gross - self.discount;
        let add = |sum: Decimal, rate: &Decimal| sum.saturating_add(*rate);
        // Out of what is paid, one part is the goods and each rate is a part of that part.
        let whole =
            if self.tax_included { self.tax_rates.iter().fold(Decimal::ONE, add) } else { Decimal::ONE };
        let share = |rate: &Decimal| paid.saturating_mul(*rate).checked_div(whole).unwrap_or_default();
        let taxes = self.tax_rates.iter().map(|rate| currency.round(share(rate)));
        self.tax = taxes.fold(currency.round(Decimal::ZERO), Decimal::saturating_add);
        self.line_total = if self.tax_included { gross.saturating_sub(self.tax) } else { gross };
    }

    /// What the line comes to before its discount, as the menu shows it: with tax where prices include it.
    pub fn gross(&self) -> Decimal {
        if self.tax_included { self.line_total.saturating_add(self.tax) } else { self.line_total }
    }

    /// Whether the other line is the same product in the same size.
    pub fn is_same_product(&self, product: &ProductId, variant: Option<&VariantId>) -> bool {
        &self.product_id == product && self.variant_id.as_ref() == variant
    }
}

/// The sums of these lines.
///
/// # Errors
/// [`MoneyError::Overflow`] when a sum does not fit.
pub fn sum_items(items: &[OrderItem], currency: Currency) -> Result<Totals, MoneyError> {
    let add = |sum: Decimal, part: Decimal| sum.checked_add(part).ok_or(MoneyError::Overflow);
    let (mut subtotal, mut discount, mut tax) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for item in items {
        subtotal = add(subtotal, item.line_total)?;
        discount = add(discount, item.discount)?;
        tax = add(tax, item.tax)?;
    }
    Totals::of(subtotal, discount, tax, currency)
}
