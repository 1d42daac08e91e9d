//! Pricing a basket without storing anything.

use futures_util::future::{Either, select};
use rust_decimal::Decimal;
use serde::Serialize;

use super::build::{OrderFlow, StoreSetup};
use super::error::FlowError;
use crate::access::{Caller, Permission};
use crate::model::{OrderId, OrderItem, ProductId, Quantity, Status, StoreId, Totals, VariantId, sum_items};
use crate::ports::{LimitUse, PosLine, PosOrder};
use crate::rules::{OrderDraft, Problems, Shaped, check_shape, codes};

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
    /// Price per unit or gram before tax.
    pub unit_price: Decimal,
    /// The line before tax.
    pub line_total: Decimal,
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
    /// The purchase limits the POS reported.
    pub limits: Vec<LimitUse>,
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
        }
    }
}

impl OrderFlow {
    /// Prices a basket: by the POS where it can and answers in time, else by ourselves. Stores nothing.
    ///
    /// # Errors
    /// [`FlowError::Invalid`] with every problem at once.
    pub async fn quote(
        &self,
        caller: &Caller,
        store: &StoreId,
        draft: &OrderDraft,
    ) -> Result<Quote, FlowError> {
        let setup = self.store_for(caller, Permission::Quote, store)?;
        let now = self.0.clock.now();
        let today = now.with_timezone(&setup.store.time_zone).date_naive();
        let shaped = check_shape(draft, &setup.store.policy, today)?;
        let items = self.0.price(setup, &shaped.lines, shaped.customer.kind).await?;
        let totals = sum_items(&items, setup.store.currency).map_err(|_| {
            Problems::one(codes::AMOUNT_TOO_LARGE, "items", "the sum of the basket does not fit")
        })?;
        let lines = items.iter().map(QuotedLine::from).collect();
        let quote = Quote { items: lines, totals, source: QuoteSource::Store, limits: Vec::new() };
        Ok(self.ask_pos(setup, &shaped, &items, quote).await)
    }

    async fn ask_pos(&self, setup: &StoreSetup, shaped: &Shaped, items: &[OrderItem], quote: Quote) -> Quote {
        let Some(pos) = setup.pos.as_ref().filter(|pos| pos.capabilities().quote) else { return quote };
        let now = self.0.clock.now();
        let basket = PosOrder {
            reference: OrderId::new(self.0.ids.uuid(now)),
            code: String::new(),
            placed_at: now,
            status: Status::AwaitingProcessing,
            fulfillment: shaped.fulfillment,
            customer: shaped.customer.clone(),
            lines: items.iter().map(PosLine::from).collect(),
            totals: Some(quote.totals),
            note: None,
            discount_code: shaped.discount_code.clone(),
        };
        let asked = select(pos.quote(&basket), self.0.clock.sleep(self.0.config.quote_deadline)).await;
        match asked {
            Either::Left((Ok(theirs), _)) => {
                Quote { totals: theirs.totals, source: QuoteSource::Pos, limits: theirs.limits, ..quote }
            }
            Either::Left((Err(error), _)) => {
                tracing::warn!(store = %setup.store.id, %error, "the POS did not price a basket; our own sums are shown");
                quote
            }
            Either::Right(_) => quote,
        }
    }
}
