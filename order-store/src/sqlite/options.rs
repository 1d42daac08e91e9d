//! How a file is opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{OpenError, Trouble};

/// How to open a [`SqliteStore`](super::SqliteStore).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SqliteOptions {
    path: PathBuf,
    busy_timeout: Duration,
    queue: usize,
    batch: usize,
    readers: usize,
}

impl SqliteOptions {
    /// This file, and the defaults: 5 s for another process to let go of a lock, 1024 writes in the queue,
    /// up to 64 of them in one transaction, 4 readers.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), busy_timeout: Duration::from_secs(5), queue: 1024, batch: 64, readers: 4 }
    }

    /// How long a call waits for another process that holds the write lock, before it fails as unavailable.
    #[must_use]
    pub const fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// How many writes may wait for the writer (at least 1); further callers wait to be let in.
    #[must_use]
    pub const fn queue(mut self, writes: usize) -> Self {
        self.queue = if writes == 0 { 1 } else { writes };
        self
    }

    /// The most writes put into one transaction (at least 1).
    #[must_use]
    pub const fn batch(mut self, writes: usize) -> Self {
        self.batch = if writes == 0 { 1 } else { writes };
        self
    }

    /// How many connections read (at least 1).
    #[must_use]
    pub const fn readers(mut self, readers: usize) -> Self {
        self.readers = if readers == 0 { 1 } else { readers };
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn queue_size(&self) -> usize {
        self.queue
    }

    pub(super) const fn batch_size(&self) -> usize {
        self.batch
    }

    pub(super) const fn reader_count(&self) -> usize {
        self.readers
    }

    /// Refuses what SQLite would take for something else than a file, or report without saying why.
    pub(super) fn check(&self) -> Result<(), OpenError> {
        let cannot = |reason: &'static str| OpenError::CannotOpen { path: self.path.clone(), reason };
        if self.path.as_os_str().is_empty() || self.path.as_os_str() == ":memory:" {
            return Err(cannot("a file name is needed; for a store in memory use MemoryStore"));
        }
        Ok(())
    }

    fn connect(&self, create: OpenFlags) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
        let conn = Connection::open_with_flags(&self.path, flags)?;
        conn.busy_timeout(self.busy_timeout)?;
        conn.set_prepared_statement_cache_capacity(128);
        conn.pragma_update(None, "trusted_schema", false)?;
        Ok(conn)
    }

    /// The connection that writes.
    pub(super) fn connect_writer(&self) -> Result<Connection, OpenError> {
        let open = || {
            let conn = self.connect(OpenFlags::SQLITE_OPEN_CREATE)?;
            let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
            conn.pragma_update(None, "synchronous", "FULL")?;
            conn.pragma_update(None, "foreign_keys", true)?;
            // 64 MiB of pages, and a checkpoint every 16 MiB of log.
            conn.pragma_update(None, "cache_size", -65_536)?;
            conn.pragma_update(None, "wal_autocheckpoint", 4096)?;
            Ok((conn, mode))
        };
        let (conn, mode) = open().map_err(|error| self.refusal(&error))?;
        if conn.is_readonly("main").map_err(|error| self.refusal(&error))? {
            return Err(OpenError::ReadOnly { path: self.path.clone() });
        }
        if mode.eq_ignore_ascii_case("wal") {
            Ok(conn)
        } else {
            Err(OpenError::CannotOpen {
                path: self.path.clone(),
                reason: "its file system does not support write-ahead logging",
            })
        }
    }

    /// A connection that reads.
    pub(super) fn connect_reader(&self) -> Result<Connection, OpenError> {
        let open = || {
            let conn = self.connect(OpenFlags::empty())?;
            conn.pragma_update(None, "query_only", true)?;
            Ok(conn)
        };
        open().map_err(|error| self.refusal(&error))
    }

    /// What an error while opening means for this file.
    pub(super) fn refusal(&self, error: &rusqlite::Error) -> OpenError {
        self.refusal_of(Trouble::of(error))
    }

    pub(super) fn refusal_of(&self, trouble: Trouble) -> OpenError {
        let path = self.path.clone();
        match trouble {
            Trouble::Busy => OpenError::Busy { path },
            Trouble::Full => OpenError::DiskFull { path },
            Trouble::ReadOnly => OpenError::ReadOnly { path },
            Trouble::Damaged => OpenError::NotADatabase { path },
            Trouble::CannotOpen => {
                let directory = match path.parent() {
                    Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
                    Some(parent) => parent,
                    None => Path::new("/"),
                };
                let reason = if path.is_dir() {
                    "it is a directory"
                } else if directory.is_dir() {
                    "permission is missing, or too many files are open"
                } else {
                    "its directory does not exist"
                };
                OpenError::CannotOpen { path, reason }
            }
            other => OpenError::Failed { path, reason: other.text() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test that kills a process can tell a synced file from an unsynced one; the settings are the promise.
    #[test]
    fn the_writer_syncs_every_commit_and_the_reader_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let options = SqliteOptions::new(directory.path().join("orders.db"));
        let writer = options.connect_writer().unwrap();
        let number = |conn: &Connection, pragma: &str| -> i64 {
            conn.pragma_query_value(None, pragma, |row| row.get(0)).unwrap()
        };
        let full = 2;
        assert_eq!(number(&writer, "synchronous"), full);
        assert_eq!(number(&writer, "foreign_keys"), 1);
        let mode: String = writer.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        let reader = options.connect_reader().unwrap();
        assert!(reader.execute("CREATE TABLE t (a)", []).is_err());
    }
}
