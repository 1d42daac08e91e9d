//! Reading sides of a store, apart from the write path: a host with a store of its own may leave them out.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::str::FromStr;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use crate::model::{InvalidId, Order, OrderId, PosState, Status, StoreId};

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Latest placed first.
    #[default]
    Newest,
    /// Earliest placed first.
    Oldest,
    /// Latest changed first.
    Updated,
}

impl FromStr for Sort {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "newest" | "-created_at" => Ok(Self::Newest),
            "oldest" | "created_at" => Ok(Self::Oldest),
            "updated" | "-updated_at" => Ok(Self::Updated),
            _ => Err(InvalidId::new("sort", "newest, oldest or updated")),
        }
    }
}

/// Where a page ended: the sort key and the id of its last order. Stable while orders come and go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key of the last order, in microseconds since 1970.
    pub at: i64,
    /// Its id.
    pub id: OrderId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.at, self.id.as_uuid().simple())
    }
}

impl FromStr for Cursor {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId::new("cursor", "the next_cursor of an earlier answer");
        let (at, id) = text.split_once('.').ok_or_else(invalid)?;
        Ok(Self {
            at: i64::from_str_radix(at, 16).map_err(|_| invalid())?,
            id: OrderId::new(Uuid::parse_str(id).map_err(|_| invalid())?),
        })
    }
}

/// What to list. Empty filters let everything through; removed orders are listed only when asked for by status.
#[derive(Debug, Clone)]
pub struct OrderQuery {
    /// Of which store.
    pub store: StoreId,
    /// In one of these statuses.
    pub statuses: Vec<Status>,
    /// In one of these POS states.
    pub pos: Vec<PosState>,
    /// Only those that need a person, or only those that do not.
    pub attention: Option<bool>,
    /// Text found in code, POS number, customer name, phone, e-mail or a product's name; case does not matter.
    pub text: Option<String>,
    /// Placed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Placed before.
    pub to: Option<DateTime<Utc>>,
    /// In which order.
    pub sort: Sort,
    /// After which order.
    pub cursor: Option<Cursor>,
    /// The most orders in an answer; an implementation may give fewer.
    pub limit: usize,
}

impl OrderQuery {
    /// Everything of a store, newest first, fifty at a time.
    pub fn of(store: StoreId) -> Self {
        Self {
            store,
            statuses: Vec::new(),
            pos: Vec::new(),
            attention: None,
            text: None,
            from: None,
            to: None,
            sort: Sort::Newest,
            cursor: None,
            limit: 50,
        }
    }
}

/// One page of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Order>,
    /// Where to go on; none on the last page.
    pub next: Option<Cursor>,
    /// How many orders each status has under the same filters, the status filter and the cursor left out.
    pub counts: BTreeMap<Status, u64>,
}

/// How much work waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Pieces of work in the outbox.
    pub waiting: u64,
    /// Of those, due and not claimed.
    pub due: u64,
    /// The moment the oldest due one was due.
    pub oldest_due: Option<DateTime<Utc>>,
}

/// Finds orders.
#[async_trait]
pub trait OrderSearch: Send + Sync + Debug {
    /// One page of a store's orders.
    async fn search(&self, query: &OrderQuery) -> Result<OrderPage, StoreError>;

    /// How much work waits.
    async fn backlog(&self, now: DateTime<Utc>) -> Result<Backlog, StoreError>;
}
