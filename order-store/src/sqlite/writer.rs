//! The thread that writes.

use std::thread;

use order_core::ports::StoreError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::error::{Failure, OpenError, Trouble};
use super::options::SqliteOptions;
use super::schema;

/// A way to the writing thread.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Work>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

/// A piece of work for the writer: run inside the group's transaction, answered after its end.
trait Work: Send {
    /// Writes, or refuses. May be run again after the transaction was undone.
    fn run(&mut self, conn: &Connection, guarded: bool) -> Result<(), Stop>;

    /// Tells the caller: what came of the run, or what ended the group.
    fn answer(self: Box<Self>, group: Result<(), Trouble>);
}

/// Why a group cannot go on.
#[derive(Debug, Clone, Copy)]
enum Stop {
    /// It fails as a whole.
    Trouble(Trouble),
    /// A piece was refused after it had written; the group is run again with a savepoint for each.
    Guard,
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

struct Task<F, T> {
    work: F,
    result: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Work for Task<F, T>
where
    F: Fn(&Connection) -> Result<T, Failure> + Send,
    T: Send,
{
    fn run(&mut self, conn: &Connection, guarded: bool) -> Result<(), Stop> {
        if guarded {
            execute(conn, "SAVEPOINT work")?;
        }
        let before = conn.total_changes();
        let result = (self.work)(conn);
        match &result {
            // Some troubles take the whole transaction with them, whatever their kind.
            Err(Failure::Sqlite(trouble)) if !trouble.is_local() || conn.is_autocommit() => {
                return Err(Stop::Trouble(*trouble));
            }
            Err(_) if guarded => execute(conn, "ROLLBACK TO work")?,
            Err(_) if conn.total_changes() != before => return Err(Stop::Guard),
            Ok(_) | Err(_) => {}
        }
        if guarded {
            execute(conn, "RELEASE work")?;
        }
        self.result = result.map_err(Failure::into_store_error);
        Ok(())
    }

    fn answer(self: Box<Self>, group: Result<(), Trouble>) {
        let result = match group {
            Ok(()) => self.result,
            Err(trouble) => Err(trouble.into_store_error()),
        };
        // A caller that went away is not told; what was written stays written.
        drop(self.reply.send(result));
    }
}

impl Writer {
    /// Opens the file, brings its schema up to date, and starts the thread.
    pub(super) async fn start(options: &SqliteOptions, alive: mpsc::Sender<()>) -> Result<Self, OpenError> {
        let (queue, work) = mpsc::channel(options.queue_size());
        let (opened, ready) = oneshot::channel();
        let (batch, thread_options) = (options.batch_size(), options.clone());
        let thread = thread::Builder::new().name("order-store-writer".into()).spawn(move || {
            let result = thread_options.connect_writer().and_then(|mut conn| {
                schema::migrate(&mut conn, &thread_options)?;
                Ok(conn)
            });
            match result {
                Ok(conn) => {
                    if opened.send(Ok(())).is_ok() {
                        serve(&conn, work, batch);
                    }
                }
                Err(error) => drop(opened.send(Err(error))),
            }
            drop(alive);
        });
        let failed = |reason| OpenError::Failed { path: options.path().to_owned(), reason };
        thread.map_err(|_| failed("no thread could be started"))?;
        ready.await.map_err(|_| failed("the writing thread ended early"))??;
        Ok(Self { queue })
    }

    /// Has a piece of work done, and comes back once it is durable or refused.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn(&Connection) -> Result<T, Failure> + Send + 'static,
        T: Send + 'static,
    {
        let closed = || Trouble::Closed.into_store_error();
        let (reply, answer) = oneshot::channel();
        let task = Task { work, result: Err(closed()), reply };
        self.queue.send(Box::new(task)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn execute(conn: &Connection, sql: &str) -> Result<(), Trouble> {
    let run = || conn.prepare_cached(sql)?.execute([]);
    run().map(drop).map_err(|error| Trouble::of(&error))
}

fn serve(conn: &Connection, mut queue: mpsc::Receiver<Box<dyn Work>>, batch: usize) {
    let mut group = Vec::with_capacity(batch);
    while let Some(first) = queue.blocking_recv() {
        group.push(first);
        while group.len() < batch {
            match queue.try_recv() {
                Ok(next) => group.push(next),
                Err(_) => break,
            }
        }
        let outcome = write_group(conn, &mut group);
        if let Err(trouble) = outcome {
            tracing::warn!(writes = group.len(), trouble = trouble.text(), "a group of writes failed");
        }
        for work in group.drain(..) {
            work.answer(outcome);
        }
    }
}

/// One transaction for the whole group. Nothing is answered before it is durable.
///
/// Work checks before it writes, so a refusal normally leaves nothing to undo, and the group needs no
/// savepoints, which cost more than the work itself. Where something was written before a refusal after
/// all, the group is undone and run once more, each piece behind a savepoint.
fn write_group(conn: &Connection, group: &mut [Box<dyn Work>]) -> Result<(), Trouble> {
    match attempt(conn, group, false) {
        Err(Stop::Guard) => match attempt(conn, group, true) {
            Err(Stop::Guard) => Err(Trouble::Other),
            Err(Stop::Trouble(trouble)) => Err(trouble),
            Ok(()) => Ok(()),
        },
        Err(Stop::Trouble(trouble)) => Err(trouble),
        Ok(()) => Ok(()),
    }
}

fn attempt(conn: &Connection, group: &mut [Box<dyn Work>], guarded: bool) -> Result<(), Stop> {
    let result = execute(conn, "BEGIN IMMEDIATE")
        .map_err(Stop::from)
        .and_then(|()| group.iter_mut().try_for_each(|work| work.run(conn, guarded)))
        .and_then(|()| Ok(execute(conn, "COMMIT")?));
    // Some troubles end the transaction by themselves, others leave it open.
    if result.is_err() && !conn.is_autocommit() {
        execute(conn, "ROLLBACK")?;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = oneshot::Receiver<Result<(), StoreError>>;

    fn work(run: impl Fn(&Connection) -> Result<(), Failure> + Send + 'static) -> (Box<dyn Work>, Answer) {
        let (reply, answer) = oneshot::channel();
        let unanswered = Err(Trouble::Closed.into_store_error());
        (Box::new(Task { work: run, result: unanswered, reply }), answer)
    }

    fn sql(text: &'static str) -> (Box<dyn Work>, Answer) {
        work(move |conn| Ok(conn.execute(text, []).map(drop)?))
    }

    fn run(conn: &Connection, group: Vec<(Box<dyn Work>, Answer)>) -> Vec<Result<(), StoreError>> {
        let (mut group, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        let outcome = write_group(conn, &mut group);
        for work in group {
            work.answer(outcome);
        }
        assert!(conn.is_autocommit());
        answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
    }

    fn rows(conn: &Connection) -> i64 {
        conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    fn table() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = ON;
             CREATE TABLE t (a BLOB UNIQUE, up INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED);
             CREATE TABLE p (id INTEGER PRIMARY KEY)",
        )
        .unwrap();
        conn
    }

    #[test]
    fn each_of_a_group_succeeds_or_is_refused_by_itself() {
        let conn = table();
        let refused = work(|conn| {
            conn.execute("INSERT INTO t VALUES (7, NULL)", [])?;
            Err(StoreError::NotFound.into())
        });
        let group = vec![
            sql("INSERT INTO t VALUES (1, NULL)"),
            refused,
            sql("INSERT INTO t VALUES (1, NULL)"),
            sql("INSERT INTO t VALUES (2, NULL)"),
        ];
        let answers = run(&conn, group);
        assert!(answers[0].is_ok() && answers[3].is_ok());
        assert!(matches!(answers[1], Err(StoreError::NotFound)));
        assert!(matches!(answers[2], Err(StoreError::Corrupt(_))));
        assert_eq!(rows(&conn), 2);
    }

    #[test]
    fn a_full_disk_fails_the_whole_group_and_not_the_next() {
        let conn = table();
        conn.pragma_update(None, "max_page_count", 20).unwrap();
        let group = vec![
            sql("INSERT INTO t VALUES (1, NULL)"),
            sql("INSERT INTO t VALUES (randomblob(1000000), NULL)"),
            sql("INSERT INTO t VALUES (2, NULL)"),
        ];
        for answer in run(&conn, group) {
            assert!(
                matches!(&answer, Err(StoreError::Unavailable(text)) if text == "the disk is full"),
                "{answer:?}"
            );
        }
        assert_eq!(rows(&conn), 0);
        assert!(run(&conn, vec![sql("INSERT INTO t VALUES (1, NULL)")])[0].is_ok());
        assert_eq!(rows(&conn), 1);
    }

    #[test]
    fn a_commit_that_fails_is_nobodys_success() {
        let conn = table();
        // A reference to nothing that only the end of the transaction notices.
        let group = vec![sql("INSERT INTO t VALUES (1, NULL)"), sql("INSERT INTO t VALUES (2, 99)")];
        assert!(run(&conn, group).iter().all(Result::is_err));
        assert_eq!(rows(&conn), 0);
        assert!(run(&conn, vec![sql("INSERT INTO t VALUES (3, NULL)")])[0].is_ok());
    }
}
