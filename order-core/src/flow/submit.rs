//! Placing an order.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::build::{OrderFlow, StoreSetup};
use super::error::FlowError;
use crate::access::{Caller, Permission};
use crate::lifecycle::{Placement, place};
use crate::model::{Fulfillment, Order, OrderCode, OrderId, StoreId};
use crate::ports::{IdempotencyKey, StoreError, Submission};
use crate::rules::{OrderDraft, Problems, check_shape, codes};

/// How often ids are drawn anew because one was taken.
const DRAWS: usize = 5;

/// An order that was placed, now or by an earlier call with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The order.
    pub order: Order,
    /// It was placed by an earlier call.
    pub replayed: bool,
}

impl OrderFlow {
    /// Places an order. When this returns it is durable; the POS hears of it from a worker.
    ///
    /// The same key with the same draft answers with the same order, however often it is called and
    /// whatever happens in between. With `wait`, stays up to that long for the POS's answer; without one by
    /// then, the order is returned as it stands and delivery goes on.
    ///
    /// # Errors
    /// [`FlowError::Invalid`] names everything wrong with the draft; [`FlowError::KeyReused`] when the key
    /// belongs to another draft. The POS being down is never an error here.
    pub async fn submit(
        &self,
        caller: &Caller,
        store: &StoreId,
        draft: &OrderDraft,
        key: &IdempotencyKey,
        wait: Option<Duration>,
    ) -> Result<Submitted, FlowError> {
        let setup = self.store_for(caller, Permission::Submit, store)?;
        let fingerprint = fingerprint(draft);
        let submitted = match self.0.orders.submission(store, key).await? {
            Some(earlier) => self.replay(&earlier, fingerprint).await?,
            None => self.place_new(caller, setup, draft, key, fingerprint).await?,
        };
        let Some(wait) = wait else { return Ok(submitted) };
        let order = self.wait_for_pos(submitted.order, wait).await?;
        Ok(Submitted { order, ..submitted })
    }

    async fn replay(&self, earlier: &Submission, fingerprint: [u8; 32]) -> Result<Submitted, FlowError> {
        if earlier.fingerprint != fingerprint {
            return Err(FlowError::KeyReused);
        }
        let order = self.0.orders.load(earlier.order).await?.ok_or(FlowError::NoSuchOrder)?;
        Ok(Submitted { order, replayed: true })
    }

    async fn place_new(
        &self,
        caller: &Caller,
        setup: &StoreSetup,
        draft: &OrderDraft,
        key: &IdempotencyKey,
        fingerprint: [u8; 32],
    ) -> Result<Submitted, FlowError> {
        let flow = &self.0;
        let store = &setup.store;
        let at = flow.clock.now();
        let today = at.with_timezone(&store.time_zone).date_naive();
        let shaped = check_shape(draft, &store.policy, today)?;
        let items = flow.price(setup, &shaped.lines, shaped.customer.kind).await?;
        for _ in 0..DRAWS {
            let placement = Placement {
                id: OrderId::new(flow.ids.uuid(at)),
                code: OrderCode::from_random(flow.ids.random()),
                store: store.id.clone(),
                vendor: store.vendor.clone(),
                kiosk: caller.kiosk.clone(),
                customer: shaped.customer.clone(),
                items: items.clone(),
                currency: store.currency,
                fulfillment: Fulfillment { kind: shaped.fulfillment },
                discount_code: shaped.discount_code.clone(),
                note: shaped.note.clone(),
            };
            let (order, decision) = place(placement, &store.policy, &caller.actor, at)?;
            let holds = flow.holds_for(setup, &order).await?;
            let submission = Submission { key: key.clone(), fingerprint, order: order.id };
            let commit = flow.commit_of(setup, order, None, decision, holds, Some(submission), None, at);
            let order = commit.order.clone();
            match flow.orders.commit(commit).await {
                Ok(_) => {
                    flow.ring();
                    return Ok(Submitted { order, replayed: false });
                }
                Err(StoreError::KeyUsed(earlier)) => return self.replay(&earlier, fingerprint).await,
                Err(StoreError::CodeTaken | StoreError::IdTaken) => {}
                Err(StoreError::OutOfStock { sku, left }) => {
                    let line = shaped
                        .lines
                        .iter()
                        .find(|line| line.product_id == sku.product && line.variant_id == sku.variant);
                    let path = format!("items.{}.quantity", line.map_or(0, |line| line.index));
                    let left = left.max(rust_decimal::Decimal::ZERO).normalize();
                    return Err(Problems::one(codes::OUT_OF_STOCK, path, format!("only {left} left")).into());
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(FlowError::Contended)
    }
}

/// A digest of the draft, to tell a repeat from another order under the same key.
fn fingerprint(draft: &OrderDraft) -> [u8; 32] {
    let bytes = serde_json::to_vec(draft).unwrap_or_default();
    Sha256::digest(bytes).into()
}
