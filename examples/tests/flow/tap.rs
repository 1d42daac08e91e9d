//! Between the flow and what it stands on: keeps the books, and dies at a chosen step.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use event_listener::Event;
use order_core::lifecycle::Effect;
use order_core::model::{Order, OrderCode, OrderId, Pause, StoreId};
use order_core::ports::{
    Claim, Claimed, Commit, Committed, EffectId, IdempotencyKey, OrderStore, Position, Recorded, Settle,
    Settlement, Sku, Standing, StandingQuery, StoreError, Submission,
};
use rust_decimal::Decimal;

use crate::drive::Outside;

/// Stops a process at a step: from there on no call comes back, until it is mended.
#[derive(Debug)]
pub(crate) struct Fuse {
    steps: AtomicUsize,
    burns_at: AtomicUsize,
    mended: Event,
}

impl Default for Fuse {
    fn default() -> Self {
        Self { steps: AtomicUsize::new(0), burns_at: AtomicUsize::new(usize::MAX), mended: Event::new() }
    }
}

impl Fuse {
    /// Counts from here, and dies at step `at`, from 0.
    pub(crate) fn burn_at(&self, at: usize) {
        self.steps.store(0, Ordering::SeqCst);
        self.burns_at.store(at, Ordering::SeqCst);
    }

    /// The process was only frozen: calls from here on come back.
    pub(crate) fn mend(&self) {
        self.burns_at.store(usize::MAX, Ordering::SeqCst);
        self.mended.notify(usize::MAX);
    }

    pub(crate) fn is_burnt(&self) -> bool {
        self.steps.load(Ordering::SeqCst) > self.burns_at.load(Ordering::SeqCst)
    }

    /// One step: just before a call leaves, or just after it came back.
    pub(crate) async fn step(&self) {
        self.steps.fetch_add(1, Ordering::SeqCst);
        loop {
            let mended = self.mended.listen();
            if !self.is_burnt() {
                return;
            }
            mended.await;
        }
    }
}

/// What the store was told, kept apart from it and over restarts.
#[derive(Debug, Default)]
pub(crate) struct Books {
    orders: Mutex<Vec<OrderId>>,
    outbox: Mutex<BTreeMap<EffectId, (OrderId, Effect)>>,
    pub(crate) claims: AtomicUsize,
}

impl Books {
    /// Every order there is, oldest first.
    pub(crate) fn orders(&self) -> Vec<OrderId> {
        self.orders.lock().unwrap().clone()
    }

    /// What is still to be done.
    pub(crate) fn outbox(&self) -> Vec<(OrderId, Effect)> {
        self.outbox.lock().unwrap().values().cloned().collect()
    }

    fn settled(&self, settle: &Settle) {
        if settle.settlement == Settlement::Done {
            self.outbox.lock().unwrap().remove(&settle.effect);
        }
    }
}

/// A store under observation.
#[derive(Debug)]
pub(crate) struct Tap {
    inner: Arc<dyn OrderStore>,
    books: Arc<Books>,
    fuse: Arc<Fuse>,
    outside: Arc<Outside>,
}

impl Tap {
    pub(crate) fn new(
        inner: Arc<dyn OrderStore>,
        books: Arc<Books>,
        fuse: Arc<Fuse>,
        outside: Arc<Outside>,
    ) -> Self {
        Self { inner, books, fuse, outside }
    }

    async fn through<T: Debug>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.fuse.step().await;
        self.outside.call(call).await
    }
}

#[async_trait]
impl OrderStore for Tap {
    async fn load(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.through(self.inner.load(id)).await
    }

    async fn load_by_code(&self, code: OrderCode) -> Result<Option<Order>, StoreError> {
        self.through(self.inner.load_by_code(code)).await
    }

    async fn submission(
        &self,
        store: &StoreId,
        key: &IdempotencyKey,
    ) -> Result<Option<Submission>, StoreError> {
        self.through(self.inner.submission(store, key)).await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let (id, new, settle) = (commit.order.id, commit.expected.is_none(), commit.settle.clone());
        let effects = commit.effects.clone();
        let committed = self.through(self.inner.commit(commit)).await?;
        if new {
            self.books.orders.lock().unwrap().push(id);
        }
        let rows = effects.into_iter().map(|effect| (effect.id, (id, effect.effect)));
        self.books.outbox.lock().unwrap().extend(rows);
        settle.iter().for_each(|settle| self.books.settled(settle));
        self.fuse.step().await;
        Ok(committed)
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        let claimed = self.through(self.inner.claim(claim)).await?;
        self.books.claims.fetch_add(claimed.len(), Ordering::SeqCst);
        self.fuse.step().await;
        Ok(claimed)
    }

    async fn settle(&self, settle: Settle) -> Result<(), StoreError> {
        self.through(self.inner.settle(settle.clone())).await?;
        self.books.settled(&settle);
        self.fuse.step().await;
        Ok(())
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.through(self.inner.next_due()).await
    }

    async fn events_after(
        &self,
        store: Option<&StoreId>,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.through(self.inner.events_after(store, after, limit)).await
    }

    async fn history(&self, id: OrderId) -> Result<Vec<Recorded>, StoreError> {
        self.through(self.inner.history(id)).await
    }

    async fn held(
        &self,
        store: &StoreId,
        except: Option<OrderId>,
        figures: &[(Sku, DateTime<Utc>)],
    ) -> Result<Vec<Decimal>, StoreError> {
        self.through(self.inner.held(store, except, figures)).await
    }

    async fn standing(&self, query: &StandingQuery) -> Result<Standing, StoreError> {
        self.through(self.inner.standing(query)).await
    }

    async fn set_pause(&self, store: &StoreId, pause: Option<Pause>) -> Result<(), StoreError> {
        self.through(self.inner.set_pause(store, pause)).await
    }
}
