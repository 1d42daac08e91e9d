//! What ties orders to one another, in memory.

use std::collections::{BTreeMap, BTreeSet};

use order_core::model::{Order, OrderId, OrderKey, StoreId};
use order_core::ports::{Position, Standing, StandingQuery, StoreError, Ties};
use uuid::Uuid;

use super::State;
use crate::shared;

/// Which orders share what, and the pauses of stores.
#[derive(Debug, Default)]
pub(super) struct TieBook {
    orders: BTreeMap<OrderId, Tied>,
    /// By key and moment of placing.
    keys: BTreeMap<StoreId, BTreeSet<(OrderKey, i64, OrderId)>>,
    slots: BTreeSet<(StoreId, i64, OrderId)>,
    pub(super) pauses: BTreeMap<StoreId, (i64, Option<i64>)>,
}

#[derive(Debug)]
struct Tied {
    placed: i64,
    mark: Position,
}

impl TieBook {
    /// The orders with this key placed at or after that moment.
    fn with_key(&self, store: &StoreId, key: OrderKey, since: i64) -> impl Iterator<Item = OrderId> {
        let first = (key, since, OrderId::new(Uuid::nil()));
        let from_then_on = self.keys.get(store).into_iter().flat_map(move |keys| keys.range(first..));
        from_then_on.take_while(move |(of, _, _)| *of == key).map(|(_, _, order)| *order)
    }

    fn sharing(&self, store: &StoreId, keys: &[OrderKey], since: i64) -> BTreeSet<OrderId> {
        keys.iter().flat_map(|key| self.with_key(store, *key, since)).collect()
    }

    fn mark(&self, orders: &BTreeSet<OrderId>) -> Position {
        let marks = orders.iter().filter_map(|order| self.orders.get(order)).map(|tied| tied.mark);
        marks.max().unwrap_or_default()
    }

    fn in_slot(&self, store: &StoreId, from: i64) -> impl Iterator<Item = OrderId> {
        let first = (store.clone(), from, OrderId::new(Uuid::nil()));
        let from_then_on = self.slots.range(first..);
        from_then_on.take_while(move |(of, at, _)| of == store && *at == from).map(|(_, _, order)| *order)
    }

    /// Files a new order under all its keys, or marks one that exists.
    pub(super) fn note(&mut self, order: &Order, ties: &Ties, is_new: bool, position: Position) {
        let tied = self
            .orders
            .entry(order.id)
            .or_insert_with(|| Tied { placed: shared::micros(order.created_at), mark: position });
        tied.mark = position;
        let counted = if is_new { ties.counted.as_slice() } else { &[] };
        let keys = self.keys.entry(order.store.clone()).or_default();
        keys.extend(ties.customer.iter().chain(counted).map(|key| (*key, tied.placed, order.id)));
        if is_new && let Some(slot) = ties.slot {
            self.slots.insert((order.store.clone(), shared::micros(slot.from), order.id));
        }
    }
}

impl State {
    fn is_live(&self, id: OrderId) -> bool {
        self.orders.get(&id).is_some_and(|order| !shared::GONE.contains(&order.status))
    }

    fn taken(&self, store: &StoreId, slot: i64) -> u64 {
        self.ties.in_slot(store, slot).filter(|id| self.is_live(*id)).count() as u64
    }

    /// Refuses what was decided without knowing of another order.
    pub(super) fn check_ties(&self, order: &Order, ties: &Ties, is_new: bool) -> Result<(), StoreError> {
        if let Some(seen) = ties.seen {
            let since = shared::micros(ties.since);
            let sharing = self.ties.sharing(&order.store, &ties.customer, since);
            shared::check_mark(seen, self.ties.mark(&sharing))?;
        }
        if is_new
            && let Some(slot) = ties.slot
            && let Some(capacity) = slot.capacity
        {
            shared::check_slot(capacity, self.taken(&order.store, shared::micros(slot.from)))?;
        }
        Ok(())
    }

    pub(super) fn standing(&self, query: &StandingQuery) -> Result<Standing, StoreError> {
        let store = &query.store;
        let sharing = self.ties.sharing(store, &query.customer, shared::micros(query.since));
        let live = sharing.iter().filter(|id| self.is_live(**id));
        let mut orders: Vec<Order> = live.filter_map(|id| self.orders.get(id)).cloned().collect();
        shared::earliest_first(&mut orders);
        let count = |key, since| self.ties.with_key(store, key, shared::micros(since)).count() as u64;
        Ok(Standing {
            orders,
            mark: self.ties.mark(&sharing),
            counts: query.counts.iter().map(|(key, since)| count(*key, *since)).collect(),
            in_slot: query.slot.map_or(0, |from| self.taken(store, shared::micros(from))),
            pause: self.ties.pauses.get(store).copied().map(shared::pause).transpose()?,
        })
    }
}
