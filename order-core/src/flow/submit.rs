//! Placing an order.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::asked::{Key, Said};
use super::build::{Inner, OrderFlow, StoreSetup};
use super::error::FlowError;
use super::judge::{Judged, set};
use super::turn::Turn;
use crate::access::{Caller, Permission, Role};
use crate::lifecycle::{Placement, Waiver, place};
use crate::model::{Order, OrderCode, OrderId, StoreId};
use crate::ports::{IdempotencyKey, StoreError, Submission};
use crate::rules::{OrderDraft, Problems, Shaped, Verdict, check_expected, check_shape, codes, store_day};

/// How often an order is decided anew because an id was taken or the same customer ordered meanwhile.
pub(super) const TRIES: usize = 32;

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
        let mut turn = Turn::default();
        for _ in 0..TRIES {
            let at = flow.clock.now();
            let today = store_day(store.time_zone, at);
            let (shaped, mut problems) = check_shape(draft, &store.policy, today);
            let waive = may_waive(caller, &shaped)?;
            let known = flow.known_customers(setup, &shaped, at, true).await;
            let mut judged = flow.judge(setup, caller.into(), &shaped, None, known.as_deref(), at).await?;
            let waived = judged.settle(waive).unwrap_or_else(|more| {
                problems.extend(more);
                Vec::new()
            });
            let Judged { verdict, holds, ties } = judged;
            if problems.is_empty() {
                flow.ask_stricter(setup, &shaped, &verdict, at, &mut problems).await;
            }
            problems.into_result()?;
            let placement = Placement {
                id: OrderId::new(flow.ids.uuid(at)),
                code: OrderCode::from_random(flow.ids.random()),
                store: store.id.clone(),
                vendor: store.vendor.clone(),
                kiosk: caller.kiosk.clone(),
                customer: shaped.customer.clone(),
                items: verdict.items,
                currency: store.currency,
                fulfillment: shaped.fulfillment,
                discount_code: shaped.discount_code.clone(),
                note: shaped.note.clone(),
                warnings: verdict.warnings,
                overrides: shaped
                    .override_note
                    .clone()
                    .filter(|_| !waived.is_empty())
                    .map(|note| Waiver { rules: waived, note }),
            };
            let (order, decision) = place(placement, &store.policy, &caller.actor, at)?;
            let submission = Submission { key: key.clone(), fingerprint, order: order.id };
            let mut commit = flow.commit_of(setup, order, None, decision, set(holds), None, at);
            (commit.submission, commit.ties) = (Some(submission), Some(ties));
            let order = commit.order.clone();
            match flow.orders.commit(commit).await {
                Ok(_) => {
                    flow.asked.forget(Key::of_customer(&store.id, &shaped.customer));
                    flow.ring();
                    return Ok(Submitted { order, replayed: false });
                }
                Err(StoreError::KeyUsed(earlier)) => return self.replay(&earlier, fingerprint).await,
                // Somebody was faster: draw, or look and decide, again.
                Err(StoreError::CodeTaken | StoreError::IdTaken) => {}
                Err(StoreError::CustomerBusy) => turn.lost(flow.line(setup)).await,
                Err(StoreError::SlotFull) => return Err(slot_full().into()),
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

impl Inner {
    /// Asks the POS where it may be stricter than we are: it checks limits itself, or the customer was shown a
    /// total that is not ours. Its silence stands against nobody.
    pub(super) async fn ask_stricter(
        &self,
        setup: &StoreSetup,
        shaped: &Shaped,
        verdict: &Verdict,
        at: DateTime<Utc>,
        problems: &mut Problems,
    ) {
        let moved = check_expected(&setup.store, shaped, verdict.totals.total);
        let limits = setup.pos.as_ref().is_some_and(|pos| pos.capabilities().limits);
        if moved.is_ok() && !limits {
            return;
        }
        match self.ask_pos_again(setup, shaped, verdict, at).await {
            Some(said) => {
                said.problems(problems);
                if let (true, Said::Price(theirs)) = (moved.is_err(), &said)
                    && let Err(more) = check_expected(&setup.store, shaped, theirs.totals.total)
                {
                    problems.extend(more);
                }
            }
            // Where only the POS could have shown that total, its silence is no change of price.
            None => {
                let ours = !setup.pos.as_ref().is_some_and(|pos| pos.capabilities().quote);
                if let Some(more) = moved.err().filter(|_| ours) {
                    problems.extend(more);
                }
            }
        }
    }
}

/// Whether soft limits are to be passed over.
///
/// # Errors
/// [`FlowError::Forbidden`] for who may not ask for that.
pub(super) fn may_waive(caller: &Caller, shaped: &Shaped) -> Result<bool, FlowError> {
    let role = caller.actor.role;
    match &shaped.override_note {
        None => Ok(false),
        Some(_) if matches!(role, Role::Manager | Role::Admin) => Ok(true),
        Some(_) => Err(FlowError::Forbidden { role }),
    }
}

fn slot_full() -> Problems {
    Problems::one(codes::SLOT_FULL, "fulfillment.pickup_at", "all places of that pick-up time are taken")
}

/// A digest of the draft, to tell a repeat from another order under the same key.
fn fingerprint(draft: &OrderDraft) -> [u8; 32] {
    let bytes = serde_json::to_vec(draft).unwrap_or_default();
    Sha256::digest(bytes).into()
}
