//! Pricing a basket without storing anything.

use rust_decimal::Decimal;
use serde::Serialize;

use super::build::OrderFlow;
use super::error::FlowError;
use super::judge::pos_limits;
use super::submit::may_waive;
use crate::access::{Caller, Permission};
use crate::model::{OrderItem, OrderWarning, ProductId, Quantity, StoreId, Totals, VariantId};
use crate::rules::limits::LimitUsage;
use crate::rules::{OrderDraft, check_expected, check_shape, store_day};

/// Whose sums a quote shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteSource {
    /// The POS priced it.
    Pos,
    /// We priced it from the menu and the store's taxes: the POS cannot, or did not answer in time.
    Store,
}

/// A line of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuotedLine {
    /// The product.
    pub product_id: ProductId,
    /// Its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<VariantId>,
    /// What it is called.
    pub name: String,
    /// How much.
    pub quantity: Quantity,
    /// Price per unit or gram, as the menu shows it.
    pub unit_price: Decimal,
    /// The line before discount and tax.
    pub line_total: Decimal,
    /// What is taken off.
    pub discount: Decimal,
    /// All taxes on it.
    pub tax: Decimal,
}

/// What a basket costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The lines, priced from the menu.
    pub items: Vec<QuotedLine>,
    /// The sums.
    pub totals: Totals,
    /// Whose sums they are.
    pub source: QuoteSource,
    /// The prices have the taxes in them; the sums name them apart all the same.
    pub tax_included: bool,
    /// How much of each purchase limit is used and left: ours, and those the POS reported.
    pub limits: Vec<LimitUsage>,
    /// What staff will be told.
    pub warnings: Vec<OrderWarning>,
}

impl From<&OrderItem> for QuotedLine {
    fn from(item: &OrderItem) -> Self {
        Self {
            product_id: item.product_id.clone(),
            variant_id: item.variant_id.clone(),
            name: item.name.clone(),
            quantity: item.quantity,
            unit_price: item.unit_price,
            line_total: item.line_total,
            discount: item.discount,
            tax: item.tax,
        }
    }
}

impl OrderFlow {
    /// Prices a basket and asks every rule: by the POS where it can and answers in time, else by ourselves.
    /// Stores nothing.
    ///
    /// # Errors
    /// [`FlowError::Invalid`] with every problem at once; a limit of the POS's own counts when it is stricter.
    pub async fn quote(
        &self,
        caller: &Caller,
        store: &StoreId,
        draft: &OrderDraft,
    ) -> Result<Quote, FlowError> {
        let setup = self.store_for(caller, Permission::Quote, store)?;
        let at = self.0.clock.now();
        let today = store_day(setup.store.time_zone, at);
        let (shaped, mut problems) = check_shape(draft, &setup.store.policy, today);
        let waive = may_waive(caller, &shaped)?;
        let known = self.0.known_customers(setup, &shaped).await;
        let mut judged = self.0.judge(setup, caller.into(), &shaped, None, known.as_deref(), at).await?;
        if let Err(more) = judged.settle(waive) {
            problems.extend(more);
        }
        let verdict = judged.verdict;
        // What is not of good shape here need not be asked there.
        let theirs = match problems.is_empty() {
            true => self.0.ask_pos(setup, &shaped, &verdict, at).await,
            false => None,
        };
        let (mut totals, mut source, mut limits) = (verdict.totals, QuoteSource::Store, verdict.limits);
        if let Some(theirs) = theirs {
            pos_limits(&theirs, &mut problems);
            (totals, source) = (theirs.totals, QuoteSource::Pos);
            limits.extend(theirs.limits.iter().map(LimitUsage::of_pos));
        }
        if let Err(more) = check_expected(&setup.store, &shaped, totals.total) {
            problems.extend(more);
        }
        problems.into_result()?;
        let items = verdict.items.iter().map(QuotedLine::from).collect();
        let tax_included = setup.store.rules.prices.tax_included;
        Ok(Quote { items, totals, source, tax_included, limits, warnings: verdict.warnings })
    }
}
