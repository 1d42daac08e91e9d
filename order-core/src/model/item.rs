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
    /// What is taken off this line, as a positive amount: the part of the agreed discount that falls on what is
    /// supplied. Set it with [`OrderItem::set_discount`].
    #[serde(default)]
    pub discount: Decimal,
    /// What was agreed to be taken off the line as it was ordered, where that is not `discount`. It comes back
    /// when the line is gathered in full after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_agreed: Option<Decimal>,
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

    /// What is taken off the line when it is supplied as ordered.
    pub fn agreed_discount(&self) -> Decimal {
        self.discount_agreed.unwrap_or(self.discount)
    }

    /// Agrees on what is taken off the line as it was ordered; [`OrderItem::reprice`] makes it count.
    pub fn set_discount(&mut self, agreed: Decimal) {
        self.discount = agreed;
        self.discount_agreed = None;
    }

    /// Works the line's sums out anew from price, quantity, agreed discount and pick.
    ///
    /// Gross is price times quantity, rounded to the smallest coin. The discount is the agreed one; of a line that
    /// comes to less than was ordered it is the same share, rounded, and it is never more than was agreed nor than
    /// the line costs. What is paid is gross less discount. Each tax is its rate of what is paid, rounded by
    /// itself; where the price includes tax, it is its share of what is paid, and all of them are taken out of
    /// gross to give `line_total`, so that no rounding moves what the customer pays.
    ///
    /// Saturates instead of overflowing, so a hostile price cannot panic.
    pub fn reprice(&mut self, currency: Currency) {
        let gross = currency.round(self.effective_price().saturating_mul(self.effective_quantity().amount()));
        self.count_discount(gross, currency);
        let paid = gross - self.discount;
        let add = |sum: Decimal, rate: &Decimal| sum.saturating_add(*rate);
        // Out of what is paid, one part is the goods and each rate is a part of that part.
        let whole = self.tax_included.then(|| self.tax_rates.iter().fold(Decimal::ONE, add));
        let share = |rate: &Decimal| {
            let of_all = paid.saturating_mul(*rate);
            whole.map_or(of_all, |whole| of_all.checked_div(whole).unwrap_or_default())
        };
        let taxes = self.tax_rates.iter().map(|rate| currency.round(share(rate)));
        self.tax = taxes.fold(currency.round(Decimal::ZERO), Decimal::saturating_add);
        if self.tax_included {
            // Many taxes on next to nothing can round up to more than it all comes to.
            self.tax = self.tax.min(paid);
        }
        self.line_total = if self.tax_included { gross.saturating_sub(self.tax) } else { gross };
    }

    /// What of the agreed discount counts on a line that comes to this.
    fn count_discount(&mut self, gross: Decimal, currency: Currency) {
        if self.agreed_discount().is_zero() {
            // Most lines have none.
            self.discount = currency.round(Decimal::ZERO);
            self.discount_agreed = None;
            return;
        }
        let ordered = match self.pick {
            PickState::Open | PickState::Picked => gross,
            _ => currency.round(self.unit_price.saturating_mul(self.quantity.amount())),
        };
        let agreed = currency.round(self.agreed_discount().min(ordered).max(Decimal::ZERO));
        self.discount = if gross < ordered && !agreed.is_zero() {
            let part = agreed.checked_mul(gross).and_then(|part| part.checked_div(ordered));
            currency.round(part.unwrap_or(agreed).min(gross).max(Decimal::ZERO))
        } else {
            agreed
        };
        self.discount_agreed = (agreed != self.discount).then_some(agreed);
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
