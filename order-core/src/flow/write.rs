//! The write path: from a decision to one commit.

use chrono::{DateTime, Duration, TimeDelta, Utc};
use uuid::{Builder, Uuid};

use super::build::{Inner, StoreSetup};
use super::error::FlowError;
use crate::access::Actor;
use crate::lifecycle::{Command, Context, Decision, Effect, HoldChange, Notice, apply, decide};
use crate::model::{Order, OrderId, PosTask, Revision};
use crate::ports::{Commit, EffectId, Hold, Holds, NewEffect, Settle, Sku, StoreError, Submission};

/// How often a decision is taken anew because somebody else was faster.
const TRIES: usize = 8;

impl Inner {
    /// Loads, decides, commits; again from the start when somebody else was faster.
    ///
    /// `command` is made for the order as it stands; a settle goes along in the same transaction.
    pub(super) async fn carry_out(
        &self,
        id: OrderId,
        actor: &Actor,
        command: &Command,
        settle: Option<Settle>,
        allowed: impl Fn(&Order) -> Result<(), FlowError>,
    ) -> Result<Order, FlowError> {
        for _ in 0..TRIES {
            let order = self.orders.load(id).await?.ok_or(FlowError::NoSuchOrder)?;
            allowed(&order)?;
            let setup = self.stores.get(&order.store).ok_or(FlowError::NoSuchStore)?;
            let at = self.clock.now().max(order.updated_at);
            let policy = &setup.store.policy;
            let pos = setup.pos.as_ref().map(|pos| pos.capabilities());
            let decision = decide(&order, command, &Context { at, actor, policy, pos })?;
            if decision.events.is_empty() {
                if let Some(settle) = settle {
                    self.orders.settle(settle).await?;
                }
                return Ok(order);
            }
            match self.write(setup, order, decision, settle.clone(), at).await {
                Err(FlowError::Store(StoreError::Conflict { .. })) => {}
                other => return other,
            }
        }
        Err(FlowError::Contended)
    }

    async fn write(
        &self,
        setup: &StoreSetup,
        mut order: Order,
        decision: Decision,
        settle: Option<Settle>,
        at: DateTime<Utc>,
    ) -> Result<Order, FlowError> {
        let expected = order.revision;
        for event in &decision.events {
            apply(&mut order, event)
                .map_err(|error| FlowError::Store(StoreError::Corrupt(error.to_string())))?;
        }
        let retake = decision.holds == HoldChange::Retake;
        let holds = if retake { self.holds_for(setup, &order).await? } else { holds_of(decision.holds, at) };
        let commit = self.commit_of(setup, order, Some(expected), decision, holds, None, settle, at);
        let order = commit.order.clone();
        self.orders.commit(commit).await?;
        self.ring();
        Ok(order)
    }

    /// Puts a commit together: expands notices by the store's wishes, draws ids, sets due times.
    #[allow(clippy::too_many_arguments, reason = "these are the parts of a commit, named once, here")]
    pub(super) fn commit_of(
        &self,
        setup: &StoreSetup,
        order: Order,
        expected: Option<Revision>,
        decision: Decision,
        holds: Holds,
        submission: Option<Submission>,
        settle: Option<Settle>,
        at: DateTime<Utc>,
    ) -> Commit {
        let mut effects = decision.effects;
        for (kind, changes) in decision.notices {
            let wished = setup.store.notices.rules.iter().filter(|rule| rule.event == kind);
            effects.extend(wished.filter(|rule| self.notifiers.contains_key(&rule.channel)).map(|rule| {
                Effect::Notify(Notice {
                    kind,
                    audience: rule.audience,
                    channel: rule.channel,
                    revision: order.revision,
                    changes: changes.clone(),
                })
            }));
        }
        let effects = (0_u16..)
            .zip(effects)
            .map(|(index, effect)| {
                let wait = match effect {
                    Effect::Pos(PosTask::Follow) => {
                        delta(self.config.follow_every(std::time::Duration::ZERO))
                    }
                    _ => TimeDelta::zero(),
                };
                NewEffect { id: self.effect_id(at, order.revision, index), effect, due: at + wait }
            })
            .collect();
        Commit { order, expected, events: decision.events, effects, submission, holds, settle }
    }

    /// A UUIDv7 whose sub-millisecond bits are the order's revision and the place in the decision: within an
    /// order, ids sort as the decisions were made.
    fn effect_id(&self, at: DateTime<Utc>, revision: Revision, index: u16) -> EffectId {
        let random: Uuid = self.ids.uuid(at);
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        let place = u16::try_from(revision.get() & 0xFF).unwrap_or(0) << 4 | index.min(15);
        let mut tail = [0; 10];
        tail[..2].copy_from_slice(&place.to_be_bytes());
        tail[2..].copy_from_slice(&random.as_bytes()[8..]);
        EffectId(Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }

    /// The stock to set aside for the lines as they stand.
    pub(super) async fn holds_for(&self, setup: &StoreSetup, order: &Order) -> Result<Holds, FlowError> {
        let wanted: Vec<(Sku, rust_decimal::Decimal)> = order
            .items
            .iter()
            .map(|item| {
                let sku = Sku { product: item.product_id.clone(), variant: item.variant_id.clone() };
                (sku, item.effective_quantity().amount())
            })
            .filter(|(_, quantity)| !quantity.is_zero())
            .collect();
        let skus: Vec<Sku> = wanted.iter().map(|(sku, _)| sku.clone()).collect();
        let listings = setup.catalog.find(&setup.store.id, &skus).await?;
        let holds = wanted
            .into_iter()
            .zip(listings)
            .map(|((sku, quantity), listing)| {
                let stock = listing.and_then(|listing| listing.stock);
                Hold {
                    sku,
                    quantity,
                    // A capped figure cannot prove that there is not enough.
                    available: stock.filter(|stock| !stock.at_least).map(|stock| stock.quantity),
                    as_of: stock.map_or(order.updated_at, |stock| stock.as_of),
                }
            })
            .collect();
        Ok(Holds::Set(holds))
    }

    /// Tells workers and waiters of this process that something was written.
    pub(super) fn ring(&self) {
        self.work.notify(usize::MAX);
        self.changed.notify(usize::MAX);
    }
}

fn holds_of(change: HoldChange, at: DateTime<Utc>) -> Holds {
    match change {
        HoldChange::Keep | HoldChange::Retake => Holds::Keep,
        HoldChange::HandOver => Holds::HandedOver(at),
        HoldChange::Release => Holds::Release,
    }
}

/// A duration for date arithmetic; absurdly long ones are cut at a century.
pub(super) fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or_else(|_| Duration::days(36_500))
}
