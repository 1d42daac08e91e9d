//! Pricing a basket without storing anything.

use rust_decimal::Decimal;
use serde::Serialize;

use super::asked::Said;
use super::build::OrderFlow;
use super::error::FlowError;
use super::submit::may_waive;
use crate::access::{Caller, Permission};
use crate::model::{OrderItem, OrderWarning, ProductId, Quantity, StoreId, Totals, VariantId};
use crate::rules::limits::LimitUsage;
use crate::rules::{OrderDraft, Problems, check_expected, check_shape, store_day};

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
    /// Everything that stands against selling it. The lines and sums are those of what is sold here all the same.
    #[serde(skip)]
    pub problems: Problems,
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
    /// Stores nothing. What stands against the basket is in the quote, along with what it costs; a limit of the POS's
    /// own counts when it is stricter.
    ///
    /// # Errors
    /// [`FlowError::NoSuchStore`] also for another's store, [`FlowError::Forbidden`], and what menu and order store
    /// could not do.
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
        let known = self.0.known_customers(setup, &shaped, at, false).await;
        let mut judged = self.0.judge(setup, caller.into(), &shaped, None, known.as_deref(), at).await?;
        if let Err(more) = judged.settle(waive) {
            problems.extend(more);
        }
        let verdict = judged.verdict;
        // A basket that cannot be sold as it is need not be asked about; who buys it may still be open.
        let sellable =
            !verdict.items.is_empty() && !problems.iter().any(|problem| problem.path.starts_with("items"));
        let theirs = match sellable {
            true => {
                // What was waited for to learn who it is is not waited for again.
                self.0.ask_pos(setup, &shaped, &verdict, at, self.0.patience(at)).await
            }
            false => None,
        };
        let (mut totals, mut source, mut limits) = (verdict.totals, QuoteSource::Store, verdict.limits);
        if let Some(said) = &theirs {
            said.problems(&mut problems);
        }
        if let Some(Said::Price(theirs)) = theirs {
            (totals, source) = (theirs.totals, QuoteSource::Pos);
            limits.extend(theirs.limits.iter().map(LimitUsage::of_pos));
        }
        if let Err(more) = check_expected(&setup.store, &shaped, totals.total) {
            problems.extend(more);
        }
        let items = verdict.items.iter().map(QuotedLine::from).collect();
        let tax_included = setup.store.rules.prices.tax_included;
        Ok(Quote { items, totals, source, tax_included, limits, warnings: verdict.warnings, problems })
    }
}
