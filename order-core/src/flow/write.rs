//! The write path: from a decision to one commit.

use chrono::{DateTime, Duration, TimeDelta, Utc};
use uuid::{Builder, Uuid};

use super::build::{Inner, StoreSetup};
use super::error::FlowError;
use super::turn::Turn;
use crate::access::Actor;
use crate::lifecycle::{Command, Context, Decision, Effect, HoldChange, Notice, apply, decide};
use crate::model::{Order, OrderId, OrderKey, PosTask, Revision};
use crate::ports::{Commit, EffectId, Holds, NewEffect, Settle, StoreError, Ties};

/// How often a decision is taken anew because somebody else was faster.
const TRIES: usize = 8;

/// What a change of lines rests on besides the order: to be written, and compared, along with it.
#[derive(Debug)]
pub(super) struct Rests {
    pub(super) holds: Holds,
    pub(super) ties: Option<Ties>,
}

impl Inner {
    /// Loads, decides, commits; again from the start when somebody else was faster.
    ///
    /// `command` is made for the order as it stands; a settle goes along in the same transaction.
    pub(super) async fn carry_out(
        &self,
        id: OrderId,
        actor: &Actor,
        command: &Command,
        lines: Option<&Rests>,
        settle: Option<Settle>,
        allowed: impl Fn(&Order) -> Result<(), FlowError>,
    ) -> Result<Order, FlowError> {
        let mut turn = Turn::default();
        for _ in 0..TRIES {
            let order = self.orders.load(id).await?.ok_or(FlowError::NoSuchOrder)?;
            allowed(&order)?;
            let setup = self.stores.get(&order.store).ok_or(FlowError::NoSuchStore)?;
            let at = self.clock.now().max(order.updated_at);
            let policy = &setup.store.policy;
            let pos = setup.pos.as_ref().map(|pos| pos.capabilities());
            let context = Context { at, actor, policy, pos };
            // What nobody may do, or is done already, need not be looked into.
            let first = decide(&order, command, &context)?;
            if first.events.is_empty() {
                if let Some(settle) = settle {
                    self.orders.settle(settle).await?;
                }
                return Ok(order);
            }
            let checked = match lines {
                Some(_) => None,
                None => self.recheck(setup, actor.role, &order, command, at).await?,
            };
            let decision = match &checked {
                None => first,
                Some(checked) => decide(&order, &checked.command, &context)?,
            };
            let rests = checked.as_ref().map(|checked| &checked.rests).or(lines);
            match self.write(setup, order, decision, rests, settle.clone(), at).await {
                Err(FlowError::Store(StoreError::Conflict { .. })) => {}
                // With lines decided outside, the outside has to look again.
                Err(FlowError::Store(StoreError::CustomerBusy)) if lines.is_none() => {
                    turn.lost(self.line(setup)).await;
                }
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
        rests: Option<&Rests>,
        settle: Option<Settle>,
        at: DateTime<Utc>,
    ) -> Result<Order, FlowError> {
        let expected = order.revision;
        let known = order.customer.id.clone();
        for event in &decision.events {
            apply(&mut order, event)
                .map_err(|error| FlowError::Store(StoreError::Corrupt(error.to_string())))?;
        }
        let holds = match decision.holds {
            HoldChange::Keep => Holds::Keep,
            HoldChange::Retake => rests.map_or(Holds::Keep, |rests| rests.holds.clone()),
            HoldChange::HandOver => Holds::HandedOver(at),
            HoldChange::Release => Holds::Release,
        };
        let mut commit = self.commit_of(setup, order, Some(expected), decision, holds, settle, at);
        commit.ties = rests.and_then(|rests| rests.ties.clone());
        // The POS told who it is: from now on the order is also found by that.
        if commit.ties.is_none() && commit.order.customer.id != known {
            let customer = OrderKey::of_customer(&commit.order.customer);
            commit.ties = Some(Ties { customer, ..Ties::default() });
        }
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
        let events = decision.events;
        Commit { order, expected, events, effects, submission: None, holds, ties: None, settle }
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

    /// Tells workers and waiters of this process that something was written.
    pub(super) fn ring(&self) {
        self.work.notify(usize::MAX);
        self.changed.notify(usize::MAX);
    }
}

/// A duration for date arithmetic; absurdly long ones are cut at a century.
pub(super) fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or_else(|_| Duration::days(36_500))
}
