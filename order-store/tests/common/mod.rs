//! A SQLite store in a directory of its own that goes with it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_core::model::{Order, OrderCode, OrderId, Pause, StoreId};
use order_core::ports::{
    Backlog, Claim, Claimed, Commit, Committed, IdempotencyKey, OrderPage, OrderQuery, OrderSearch,
    OrderStore, Position, Recorded, Settle, Sku, Standing, StandingQuery, StoreError, Submission,
};
use order_store::SqliteStore;
use rust_decimal::Decimal;
use tempfile::TempDir;

/// The store first, so that it is dropped before its directory.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) store: SqliteStore,
    _directory: TempDir,
}

impl Scratch {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path().join("orders.db")).await.unwrap();
        Self { store, _directory: directory }
    }
}

#[async_trait]
impl OrderStore for Scratch {
    async fn load(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.store.load(id).await
    }

    async fn load_by_code(&self, code: OrderCode) -> Result<Option<Order>, StoreError> {
        self.store.load_by_code(code).await
    }

    async fn submission(
        &self,
        store: &StoreId,
        key: &IdempotencyKey,
    ) -> Result<Option<Submission>, StoreError> {
        self.store.submission(store, key).await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.store.commit(commit).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.store.claim(claim).await
    }

    async fn settle(&self, settle: Settle) -> Result<(), StoreError> {
        self.store.settle(settle).await
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.store.next_due().await
    }

    async fn events_after(
        &self,
        store: Option<&StoreId>,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.store.events_after(store, after, limit).await
    }

    async fn history(&self, id: OrderId) -> Result<Vec<Recorded>, StoreError> {
        self.store.history(id).await
    }

    async fn held(
        &self,
        store: &StoreId,
        except: Option<OrderId>,
        figures: &[(Sku, DateTime<Utc>)],
    ) -> Result<Vec<Decimal>, StoreError> {
        self.store.held(store, except, figures).await
    }

    async fn standing(&self, query: &StandingQuery) -> Result<Standing, StoreError> {
        self.store.standing(query).await
    }

    async fn set_pause(&self, store: &StoreId, pause: Option<Pause>) -> Result<(), StoreError> {
        self.store.set_pause(store, pause).await
    }
}

#[async_trait]
impl OrderSearch for Scratch {
    async fn search(&self, query: &OrderQuery) -> Result<OrderPage, StoreError> {
        self.store.search(query).await
    }

    async fn backlog(&self, now: DateTime<Utc>) -> Result<Backlog, StoreError> {
        self.store.backlog(now).await
    }
}
