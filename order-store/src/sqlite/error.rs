//! What can go wrong with a file, in types. Texts hold no SQL and no values.

use std::path::PathBuf;

use order_core::ports::StoreError;
use rusqlite::ErrorCode;
use thiserror::Error;

/// Why a file could not be opened as an order store.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The SQLite library linked into this program can lose data.
    #[error(
        "SQLite {found} is too old: before 3.51.3 a checkpoint that meets a write can lose committed \
         orders; build with the bundled SQLite of rusqlite 0.39 or later"
    )]
    LibraryTooOld {
        /// Its version.
        found: String,
    },
    /// The file cannot be opened or created.
    #[error("cannot open {}: {reason}", path.display())]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// The file, or the place it is in, may not be written.
    #[error("{} cannot be written: it is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Another process held the lock for longer than the busy timeout.
    #[error("{} is locked by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// No space is left.
    #[error("the disk that holds {} is full", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The file is not an SQLite database, or is damaged.
    #[error("{} is not a database, or is damaged", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A newer release of this crate has been here.
    #[error("the schema is of a newer release: it has step {found}, this release knows {known}")]
    NewerSchema {
        /// The last step found.
        found: i64,
        /// The last step known.
        known: i64,
    },
    /// A step of the schema that was applied differs from the one this release knows.
    #[error("step {step} of the schema is not the one this release knows; the file was altered")]
    AlteredSchema {
        /// Which step.
        step: i64,
    },
    /// Anything else the system or SQLite reported.
    #[error("cannot open {}: {reason}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What was reported.
        reason: &'static str,
    },
}

/// A kind of trouble with the file; small, so that every caller of a failed transaction can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Busy,
    Full,
    ReadOnly,
    Io,
    CannotOpen,
    Damaged,
    Constraint,
    Value,
    Closed,
    Other,
}

impl Trouble {
    pub(super) fn of(error: &rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, _)
            | rusqlite::Error::SqlInputError { error: failure, .. } => match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::ReadOnly => Self::ReadOnly,
                ErrorCode::CannotOpen | ErrorCode::PermissionDenied => Self::CannotOpen,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged,
                ErrorCode::ConstraintViolation => Self::Constraint,
                ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed => Self::Io,
                _ => Self::Other,
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Self::Value,
            _ => Self::Other,
        }
    }

    /// Whether it concerns one piece of work only, and not the transaction around it.
    pub(super) const fn is_local(self) -> bool {
        matches!(self, Self::Constraint | Self::Value)
    }

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Busy => "another process holds the lock",
            Self::Full => "the disk is full",
            Self::ReadOnly => "the file is read-only",
            Self::Io => "the disk or its file system reported an error",
            Self::CannotOpen => "a file of the database cannot be opened",
            Self::Damaged => "the database file is damaged",
            Self::Constraint => "a rule of the schema was broken",
            Self::Value => "a stored value is not of the form it must have",
            Self::Closed => "the store is closed",
            Self::Other => "SQLite reported an error",
        }
    }

    pub(super) fn into_store_error(self) -> StoreError {
        match self {
            Self::Damaged | Self::Constraint | Self::Value => StoreError::Corrupt(self.text().into()),
            _ => StoreError::Unavailable(self.text().into()),
        }
    }
}

/// Why one piece of work was not done: refused by a rule of ours, or by SQLite.
#[derive(Debug)]
pub(super) enum Failure {
    Refused(StoreError),
    Sqlite(Trouble),
}

impl Failure {
    pub(super) fn into_store_error(self) -> StoreError {
        match self {
            Self::Refused(error) => error,
            Self::Sqlite(trouble) => trouble.into_store_error(),
        }
    }

    /// The kind of trouble with the file; something in it that cannot be used, when a rule of ours refused it.
    pub(super) const fn trouble(&self) -> Trouble {
        match self {
            Self::Refused(_) => Trouble::Value,
            Self::Sqlite(trouble) => *trouble,
        }
    }

    pub(super) fn corrupt(what: &str) -> Self {
        Self::Refused(StoreError::Corrupt(what.into()))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Trouble::of(&error))
    }
}
