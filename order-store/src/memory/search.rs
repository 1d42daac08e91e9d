//! Finding orders in memory.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_core::model::{Order, Status};
use order_core::ports::{Backlog, Cursor, OrderPage, OrderQuery, OrderSearch, Sort, StoreError};

use super::MemoryStore;
use crate::shared;

fn cursor_of(sort: Sort, order: &Order) -> Cursor {
    let at = match sort {
        Sort::Newest | Sort::Oldest => order.created_at,
        Sort::Updated => order.updated_at,
    };
    Cursor { at: shared::micros(at), id: order.id }
}

fn compare(sort: Sort, a: &Cursor, b: &Cursor) -> Ordering {
    let ascending = (a.at, a.id).cmp(&(b.at, b.id));
    match sort {
        Sort::Oldest => ascending,
        Sort::Newest | Sort::Updated => ascending.reverse(),
    }
}

/// Whether the order passes every filter but that of status.
fn passes(query: &OrderQuery, needle: Option<&str>, order: &Order) -> bool {
    let created = shared::micros(order.created_at);
    order.store == query.store
        && (query.pos.is_empty() || query.pos.contains(&order.pos.state))
        && query.attention.is_none_or(|wanted| wanted == order.needs_attention())
        && query.from.is_none_or(|from| created >= shared::micros(from))
        && query.to.is_none_or(|to| created < shared::micros(to))
        && needle.is_none_or(|needle| shared::haystack(order).contains(needle))
}

#[async_trait]
impl OrderSearch for MemoryStore {
    async fn search(&self, query: &OrderQuery) -> Result<OrderPage, StoreError> {
        let state = self.state();
        let needle = shared::needle(query.text.as_deref());
        let mut counts = BTreeMap::new();
        let mut found = Vec::new();
        for order in state.orders.values().filter(|order| passes(query, needle.as_deref(), order)) {
            let count: &mut u64 = counts.entry(order.status).or_default();
            *count = count.saturating_add(1);
            let listed = if query.statuses.is_empty() {
                order.status != Status::Removed
            } else {
                query.statuses.contains(&order.status)
            };
            let place = cursor_of(query.sort, order);
            if listed
                && query.cursor.is_none_or(|cursor| compare(query.sort, &place, &cursor) == Ordering::Greater)
            {
                found.push((place, order));
            }
        }
        found.sort_by(|(a, _), (b, _)| compare(query.sort, a, b));
        let limit = query.limit.clamp(1, shared::MAX_PAGE);
        let next = if found.len() > limit { found.get(limit - 1).map(|(place, _)| *place) } else { None };
        let orders = found.into_iter().take(limit).map(|(_, order)| order.clone()).collect();
        Ok(OrderPage { orders, next, counts })
    }

    async fn backlog(&self, now: DateTime<Utc>) -> Result<Backlog, StoreError> {
        let state = self.state();
        let now = shared::micros(now);
        let due = || state.outbox.values().filter(|row| row.is_free(now));
        Ok(Backlog {
            waiting: state.outbox.len() as u64,
            due: due().count() as u64,
            oldest_due: due().map(|row| row.due).min().map(shared::moment).transpose()?,
        })
    }
}
