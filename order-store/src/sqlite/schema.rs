//! The schema, as an ordered list of steps, each recorded with its checksum.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use super::error::OpenError;
use super::options::SqliteOptions;
use super::ties;

/// Before 3.51.3 a checkpoint racing with a write could drop committed pages of the log.
const OLDEST_LIBRARY: i32 = 3_051_003;

/// The steps, oldest first. A released step is never changed; new ones are added at the end.
const STEPS: [&str; 2] = [include_str!("schema/0001_orders.sql"), include_str!("schema/0002_ties.sql")];

/// The step after which orders have to be filed that are there already.
const TIES: i64 = 2;

/// Refuses an SQLite library that can lose committed writes.
pub(super) fn check_library(version: i32) -> Result<(), OpenError> {
    if version >= OLDEST_LIBRARY {
        return Ok(());
    }
    let found = format!("{}.{}.{}", version / 1_000_000, version / 1000 % 1000, version % 1000);
    Err(OpenError::LibraryTooOld { found })
}

/// Brings the schema up to this release, in one transaction.
pub(super) fn migrate(conn: &mut Connection, options: &SqliteOptions) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| options.refusal(&error);
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS order_store_migrations (
            step INTEGER PRIMARY KEY,
            sha256 BLOB NOT NULL
        ) STRICT",
    )
    .map_err(failed)?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found: Option<i64> =
        tx.query_row("SELECT max(step) FROM order_store_migrations", [], |row| row.get(0)).map_err(failed)?;
    if let Some(found) = found
        && found > known
    {
        return Err(OpenError::NewerSchema { found, known });
    }
    for (step, sql) in (1..).zip(STEPS) {
        // A checkout with other line ends is still the same step.
        let sum: [u8; 32] = Sha256::digest(sql.replace("\r\n", "\n")).into();
        let applied: Option<Vec<u8>> = tx
            .query_row("SELECT sha256 FROM order_store_migrations WHERE step = ?1", [step], |row| row.get(0))
            .optional()
            .map_err(failed)?;
        match applied {
            Some(applied) if applied == sum => {}
            Some(_) => return Err(OpenError::AlteredSchema { step }),
            // A hole below a later step can only have been made by hand.
            None if found.is_some_and(|found| step < found) => return Err(OpenError::AlteredSchema { step }),
            None => {
                tx.execute_batch(sql).map_err(failed)?;
                if step == TIES {
                    ties::file_earlier(&tx).map_err(|failure| options.refusal_of(failure.trouble()))?;
                }
                tx.execute(
                    "INSERT INTO order_store_migrations (step, sha256) VALUES (?1, ?2)",
                    params![step, sum],
                )
                .map_err(failed)?;
            }
        }
    }
    tx.commit().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_can_lose_writes_is_refused_with_the_reason() {
        assert!(check_library(3_051_003).is_ok());
        let error = check_library(3_051_002).unwrap_err().to_string();
        assert!(error.contains("3.51.2") && error.contains("lose"), "{error}");
    }

    #[test]
    fn the_library_in_use_is_new_enough() {
        assert!(check_library(rusqlite::version_number()).is_ok());
    }
}
