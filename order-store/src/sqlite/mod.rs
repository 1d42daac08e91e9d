//! Orders in one SQLite file.
//!
//! One thread owns the connection that writes. What waits for it is written in one transaction with one
//! sync of the disk; each piece succeeds or is refused by itself, and answers are given once that
//! transaction is durable. A few more threads, each with a connection of its own, read. The async runtime
//! is never blocked.
//!
//! A caller that stops waiting does not undo its call: what the writer accepted is written.

mod check;
mod commit;
mod error;
mod options;
mod outbox;
mod prepare;
mod read;
mod reader;
mod schema;
mod search;
mod ties;
mod writer;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_core::model::{Order, OrderCode, OrderId, Pause, StoreId};
use order_core::ports::{
    Backlog, Claim, Claimed, Commit, Committed, IdempotencyKey, OrderPage, OrderQuery, OrderSearch,
    OrderStore, Position, Recorded, Settle, Sku, Standing, StandingQuery, StoreError, Submission,
};
use rust_decimal::Decimal;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

pub use error::OpenError;
pub use options::SqliteOptions;

use crate::shared;
use error::Trouble;
use prepare::Prepared;
use reader::Readers;
use writer::Writer;

/// A store in one SQLite file, for one or more processes on one machine.
///
/// Dropping it lets the writer finish what it accepted, in the background; [`close`](Self::close) waits
/// for that.
#[derive(Debug)]
pub struct SqliteStore {
    threads: Mutex<Option<Threads>>,
    ended: AsyncMutex<mpsc::Receiver<()>>,
}

#[derive(Debug, Clone)]
struct Threads {
    writer: Writer,
    readers: Readers,
}

impl SqliteStore {
    /// Opens the file with the default options, creating it if it is missing (its directory must exist).
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(SqliteOptions::new(path.as_ref())).await
    }

    /// Opens a file as told.
    ///
    /// # Errors
    /// [`OpenError`] says what stands in the way.
    pub async fn open_with(options: SqliteOptions) -> Result<Self, OpenError> {
        schema::check_library(rusqlite::version_number())?;
        options.check()?;
        // Every thread holds a sender; the channel ends when the last thread has.
        let (alive, ended) = mpsc::channel(1);
        let writer = Writer::start(&options, alive.clone()).await?;
        let readers = Readers::start(&options, alive).await?;
        Ok(Self { threads: Mutex::new(Some(Threads { writer, readers })), ended: AsyncMutex::new(ended) })
    }

    /// Takes no more calls, and comes back once everything accepted before is durable and the file is
    /// closed. Calls made afterwards fail with [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).take();
        while self.ended.lock().await.recv().await.is_some() {}
    }

    /// Examines the file: SQLite's own quick check, and that every order's events are complete and agree
    /// with its snapshot, that the counts match and that nothing in the outbox waits for nothing.
    ///
    /// It reads everything once; meant for tests, tools and the start of a host.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] names what does not hold.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.threads()?.readers.read(check::check).await
    }

    fn threads(&self) -> Result<Threads, StoreError> {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.clone().ok_or_else(|| Trouble::Closed.into_store_error())
    }
}

#[async_trait]
impl OrderStore for SqliteStore {
    async fn load(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.threads()?.readers.read(move |conn| read::load(conn, id)).await
    }

    async fn load_by_code(&self, code: OrderCode) -> Result<Option<Order>, StoreError> {
        self.threads()?.readers.read(move |conn| read::load_by_code(conn, code)).await
    }

    async fn submission(
        &self,
        store: &StoreId,
        key: &IdempotencyKey,
    ) -> Result<Option<Submission>, StoreError> {
        let (store, key) = (store.clone(), key.clone());
        self.threads()?.readers.read(move |conn| read::submission(conn, &store, &key)).await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        shared::check_shape(&commit)?;
        // Serialised here, by the caller, so that the one writing thread has the least to do.
        let prepared = Prepared::new(commit)?;
        self.threads()?.writer.write(move |conn| commit::commit(conn, &prepared)).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.threads()?.writer.write(move |conn| outbox::claim(conn, &claim)).await
    }

    async fn settle(&self, settle: Settle) -> Result<(), StoreError> {
        self.threads()?.writer.write(move |conn| outbox::settle(conn, &settle)).await
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.threads()?.readers.read(outbox::next_due).await
    }

    async fn events_after(
        &self,
        store: Option<&StoreId>,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let store = store.cloned();
        self.threads()?.readers.read(move |conn| read::events_after(conn, store.as_ref(), after, limit)).await
    }

    async fn history(&self, id: OrderId) -> Result<Vec<Recorded>, StoreError> {
        self.threads()?.readers.read(move |conn| read::history(conn, id)).await
    }

    async fn held(
        &self,
        store: &StoreId,
        except: Option<OrderId>,
        figures: &[(Sku, DateTime<Utc>)],
    ) -> Result<Vec<Decimal>, StoreError> {
        let (store, figures) = (store.clone(), figures.to_vec());
        self.threads()?.readers.read(move |conn| read::held(conn, &store, except, &figures)).await
    }

    async fn standing(&self, query: &StandingQuery) -> Result<Standing, StoreError> {
        let query = query.clone();
        self.threads()?.readers.read(move |conn| ties::standing(conn, &query)).await
    }

    async fn set_pause(&self, store: &StoreId, pause: Option<Pause>) -> Result<(), StoreError> {
        let store = store.clone();
        self.threads()?.writer.write(move |conn| ties::set_pause(conn, &store, pause.as_ref())).await
    }
}

#[async_trait]
impl OrderSearch for SqliteStore {
    async fn search(&self, query: &OrderQuery) -> Result<OrderPage, StoreError> {
        let query = query.clone();
        self.threads()?.readers.read(move |conn| search::search(conn, &query)).await
    }

    async fn backlog(&self, now: DateTime<Utc>) -> Result<Backlog, StoreError> {
        self.threads()?.readers.read(move |conn| outbox::backlog(conn, now)).await
    }
}
