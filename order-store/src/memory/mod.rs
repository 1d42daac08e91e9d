//! Orders in memory: for tests and simulations. Deterministic, no clock, no randomness; nothing survives it.

mod search;
mod ties;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_core::lifecycle::{Effect, Lane};
use order_core::model::{Order, OrderCode, OrderId, Pause, StoreId};
use order_core::ports::{
    Claim, Claimed, Commit, Committed, EffectId, Holds, IdempotencyKey, OrderStore, Position, Recorded,
    Settle, Settlement, Sku, Standing, StandingQuery, StoreError, Submission,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::shared;
use ties::TieBook;

/// A store that keeps everything in memory.
///
/// It keeps all the promises of the ports except that nothing outlives the value itself.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change below is made after all its checks, so a poisoned state is still a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct State {
    orders: BTreeMap<OrderId, Order>,
    codes: BTreeMap<OrderCode, OrderId>,
    log: Vec<Recorded>,
    /// Where in the log each order's events are.
    histories: BTreeMap<OrderId, Vec<usize>>,
    submissions: BTreeMap<(StoreId, IdempotencyKey), Submission>,
    holds: BTreeMap<(StoreId, Sku, OrderId), Held>,
    outbox: BTreeMap<EffectId, Row>,
    ties: TieBook,
}

#[derive(Debug)]
struct Held {
    quantity: Decimal,
    handed_over: Option<i64>,
}

#[derive(Debug)]
struct Row {
    order: OrderId,
    store: StoreId,
    effect: Effect,
    first_due: i64,
    due: i64,
    leased_until: Option<i64>,
    token: u64,
    attempts: u32,
}

impl Row {
    fn is_free(&self, now: i64) -> bool {
        self.due <= now && self.leased_until.is_none_or(|until| until <= now)
    }
}

impl State {
    fn position(&self) -> Position {
        Position(self.log.len() as u64)
    }

    fn sum_held(&self, store: &StoreId, sku: &Sku, except: Option<OrderId>, as_of: i64) -> Decimal {
        let first = (store.clone(), sku.clone(), OrderId::new(Uuid::nil()));
        self.holds
            .range(first..)
            .take_while(|((of, what, _), _)| of == store && what == sku)
            .filter(|((_, _, order), held)| {
                Some(*order) != except && shared::still_counts(held.handed_over, as_of)
            })
            .fold(Decimal::ZERO, |sum, (_, held)| sum.saturating_add(held.quantity))
    }

    /// The rows that need not wait for an earlier change of the same order in the POS.
    fn movable(&self) -> impl Iterator<Item = (EffectId, &Row)> {
        let mut in_line = BTreeSet::new();
        self.outbox
            .iter()
            .filter(move |(_, row)| row.effect.lane() != Lane::Pos || in_line.insert(row.order))
            .map(|(id, row)| (*id, row))
    }

    fn check_lease(&self, settle: &Settle) -> Result<(), StoreError> {
        match self.outbox.get(&settle.effect) {
            Some(row) if row.token == settle.token && row.leased_until.is_some() => Ok(()),
            _ => Err(StoreError::LeaseLost),
        }
    }

    fn settle(&mut self, settle: &Settle) {
        match settle.settlement {
            Settlement::Done => {
                self.outbox.remove(&settle.effect);
            }
            Settlement::Extend { until } => {
                if let Some(row) = self.outbox.get_mut(&settle.effect) {
                    row.leased_until = Some(shared::micros(until));
                }
            }
            Settlement::Again { due, fresh } => {
                if let Some(row) = self.outbox.get_mut(&settle.effect) {
                    row.leased_until = None;
                    row.due = shared::micros(due);
                    if fresh {
                        row.first_due = row.due;
                        row.attempts = 0;
                    }
                }
            }
        }
    }

    /// Everything that can be refused, before anything is written.
    fn check(&self, commit: &Commit) -> Result<(), StoreError> {
        let order = &commit.order;
        if let Some(submission) = &commit.submission
            && let Some(used) = self.submissions.get(&(order.store.clone(), submission.key.clone()))
        {
            return Err(StoreError::KeyUsed(Box::new(used.clone())));
        }
        if let Some(settle) = &commit.settle {
            self.check_lease(settle)?;
        }
        match commit.expected {
            None => {
                if self.orders.contains_key(&order.id) {
                    return Err(StoreError::IdTaken);
                }
                if self.codes.contains_key(&order.code) {
                    return Err(StoreError::CodeTaken);
                }
            }
            Some(expected) => {
                let stored = self.orders.get(&order.id).ok_or(StoreError::NotFound)?;
                shared::check_revision(expected, stored.revision)?;
                shared::check_identity(stored.store == order.store, stored.code == order.code)?;
            }
        }
        if let Some(ties) = &commit.ties {
            self.check_ties(order, ties, commit.expected.is_none())?;
        }
        if let Holds::Set(holds) = &commit.holds {
            let wanted = shared::wanted(holds);
            for hold in holds {
                if let (Some(available), Some(wanted)) = (hold.available, wanted.get(&hold.sku)) {
                    let as_of = shared::micros(hold.as_of);
                    let others = self.sum_held(&order.store, &hold.sku, Some(order.id), as_of);
                    shared::check_stock(&hold.sku, available, others, *wanted)?;
                }
            }
        }
        let mut ids: Vec<EffectId> = commit.effects.iter().map(|new| new.id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) || ids.iter().any(|id| self.outbox.contains_key(id))
        {
            return Err(StoreError::Corrupt("an effect with this id exists already".into()));
        }
        Ok(())
    }

    fn set_holds(&mut self, store: &StoreId, order: OrderId, holds: &Holds) {
        match holds {
            Holds::Keep => {}
            Holds::Set(holds) => {
                self.holds.retain(|(_, _, of), _| *of != order);
                for (sku, quantity) in shared::wanted(holds) {
                    self.holds
                        .insert((store.clone(), sku.clone(), order), Held { quantity, handed_over: None });
                }
            }
            Holds::HandedOver(at) => {
                for ((_, _, of), held) in &mut self.holds {
                    if *of == order && held.handed_over.is_none() {
                        held.handed_over = Some(shared::micros(*at));
                    }
                }
            }
            Holds::Release => self.holds.retain(|(_, _, of), _| *of != order),
        }
    }

    fn commit(&mut self, commit: Commit) -> Result<Committed, StoreError> {
        shared::check_shape(&commit)?;
        self.check(&commit)?;
        let order = commit.order;
        if let Some(settle) = &commit.settle {
            self.settle(settle);
        }
        self.set_holds(&order.store, order.id, &commit.holds);
        if let Some(submission) = commit.submission {
            self.submissions.insert((order.store.clone(), submission.key.clone()), submission);
        }
        let is_silent = commit.events.is_empty();
        for event in commit.events {
            let position = Position(self.position().0.saturating_add(1));
            self.histories.entry(order.id).or_default().push(self.log.len());
            self.log.push(Recorded { position, store: order.store.clone(), event });
        }
        if let Some(ties) = commit.ties.filter(|_| !is_silent) {
            let position = self.position();
            self.ties.note(&order, &ties, commit.expected.is_none(), position);
        }
        for new in commit.effects {
            let due = shared::micros(new.due);
            let row = Row {
                order: order.id,
                store: order.store.clone(),
                effect: new.effect,
                first_due: due,
                due,
                leased_until: None,
                token: 0,
                attempts: 0,
            };
            self.outbox.insert(new.id, row);
        }
        self.codes.insert(order.code, order.id);
        self.orders.insert(order.id, order);
        Ok(Committed { position: self.position() })
    }

    fn claim(&mut self, claim: &Claim) -> Result<Vec<Claimed>, StoreError> {
        let now = shared::micros(claim.now);
        let mut free: Vec<(i64, EffectId)> = self
            .movable()
            .filter(|(_, row)| row.is_free(now) && !claim.skip.contains(&row.store))
            .map(|(id, row)| (row.due, id))
            .collect();
        free.sort_unstable();
        free.truncate(claim.limit);
        let mut claimed = Vec::with_capacity(free.len());
        for (_, id) in free {
            if let Some(row) = self.outbox.get_mut(&id) {
                row.leased_until = Some(shared::lease_end(claim.now, claim.lease));
                row.token = row.token.saturating_add(1);
                row.attempts = row.attempts.saturating_add(1);
                claimed.push(Claimed {
                    id,
                    order: row.order,
                    store: row.store.clone(),
                    effect: row.effect.clone(),
                    attempts: row.attempts,
                    token: row.token,
                    due: shared::moment(row.first_due)?,
                });
            }
        }
        Ok(claimed)
    }
}

#[async_trait]
impl OrderStore for MemoryStore {
    async fn load(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        Ok(self.state().orders.get(&id).cloned())
    }

    async fn load_by_code(&self, code: OrderCode) -> Result<Option<Order>, StoreError> {
        let state = self.state();
        Ok(state.codes.get(&code).and_then(|id| state.orders.get(id)).cloned())
    }

    async fn submission(
        &self,
        store: &StoreId,
        key: &IdempotencyKey,
    ) -> Result<Option<Submission>, StoreError> {
        Ok(self.state().submissions.get(&(store.clone(), key.clone())).cloned())
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.state().commit(commit)
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.state().claim(&claim)
    }

    async fn settle(&self, settle: Settle) -> Result<(), StoreError> {
        let mut state = self.state();
        state.check_lease(&settle)?;
        state.settle(&settle);
        Ok(())
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let state = self.state();
        let next = state.movable().map(|(_, row)| row.leased_until.unwrap_or(row.due)).min();
        next.map(shared::moment).transpose()
    }

    async fn events_after(
        &self,
        store: Option<&StoreId>,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let state = self.state();
        let after = usize::try_from(after.0).unwrap_or(usize::MAX);
        Ok(state
            .log
            .iter()
            .skip(after)
            .filter(|recorded| store.is_none_or(|store| *store == recorded.store))
            .take(limit)
            .cloned()
            .collect())
    }

    async fn history(&self, id: OrderId) -> Result<Vec<Recorded>, StoreError> {
        let state = self.state();
        let places = state.histories.get(&id).into_iter().flatten();
        Ok(places.filter_map(|place| state.log.get(*place)).cloned().collect())
    }

    async fn held(
        &self,
        store: &StoreId,
        except: Option<OrderId>,
        figures: &[(Sku, DateTime<Utc>)],
    ) -> Result<Vec<Decimal>, StoreError> {
        let state = self.state();
        let sum =
            |(sku, as_of): &(Sku, DateTime<Utc>)| state.sum_held(store, sku, except, shared::micros(*as_of));
        Ok(figures.iter().map(sum).collect())
    }

    async fn standing(&self, query: &StandingQuery) -> Result<Standing, StoreError> {
        self.state().standing(query)
    }

    async fn set_pause(&self, store: &StoreId, pause: Option<Pause>) -> Result<(), StoreError> {
        let mut state = self.state();
        match pause {
            Some(pause) => {
                let stored = (shared::micros(pause.since), pause.until.map(shared::micros));
                state.ties.pauses.insert(store.clone(), stored);
            }
            None => drop(state.ties.pauses.remove(store)),
        }
        Ok(())
    }
}
