//! The threads that read, each with a connection of its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use order_core::ports::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::error::{Failure, OpenError, Trouble};
use super::options::SqliteOptions;

type Read = Box<dyn FnOnce(&mut Connection) + Send>;

/// A way to the reading threads.
#[derive(Clone)]
pub(super) struct Readers {
    queue: mpsc::Sender<Read>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

impl Readers {
    /// Opens the connections, and starts a thread for each.
    pub(super) async fn start(options: &SqliteOptions, alive: mpsc::Sender<()>) -> Result<Self, OpenError> {
        let (queue, reads) = mpsc::channel::<Read>(options.queue_size());
        let reads = Arc::new(Mutex::new(reads));
        let failed = |reason| OpenError::Failed { path: options.path().to_owned(), reason };
        for number in 0..options.reader_count() {
            let (opened, ready) = oneshot::channel();
            let (thread_options, alive, reads) = (options.clone(), alive.clone(), Arc::clone(&reads));
            let name = format!("order-store-reader-{number}");
            let thread = thread::Builder::new().name(name).spawn(move || {
                match thread_options.connect_reader() {
                    Ok(mut conn) => {
                        if opened.send(Ok(())).is_ok() {
                            serve(&mut conn, &reads);
                        }
                    }
                    Err(error) => drop(opened.send(Err(error))),
                }
                drop(alive);
            });
            thread.map_err(|_| failed("no thread could be started"))?;
            ready.await.map_err(|_| failed("a reading thread ended early"))??;
        }
        Ok(Self { queue })
    }

    /// Reads on one of the threads, from one snapshot of the file.
    pub(super) async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
        T: Send + 'static,
    {
        let closed = || Trouble::Closed.into_store_error();
        let (reply, answer) = oneshot::channel();
        let job: Read = Box::new(move |conn| {
            drop(reply.send(snapshot(conn, read).map_err(Failure::into_store_error)));
        });
        self.queue.send(job).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn snapshot<T>(
    conn: &mut Connection,
    read: impl FnOnce(&Connection) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Deferred)?;
    read(&tx)
}

fn serve(conn: &mut Connection, reads: &Mutex<mpsc::Receiver<Read>>) {
    loop {
        // The lock is held while waiting: the one idle thread that has it takes the next read.
        let next = reads.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match next {
            Some(read) => read(conn),
            None => return,
        }
    }
}
