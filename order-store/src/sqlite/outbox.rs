//! The outbox: claiming work, settling it, and how much of it waits.

use chrono::{DateTime, Utc};
use order_core::lifecycle::{Effect, Lane};
use order_core::ports::{Backlog, Claim, Claimed, EffectId, Settle, Settlement, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::Failure;
use super::prepare::uuid;
use super::read;
use crate::shared;

/// Takes what is due, oldest first. Runs inside the writer's transaction, so no two callers take the same.
pub(super) fn claim(conn: &Connection, claim: &Claim) -> Result<Vec<Claimed>, Failure> {
    let now = shared::micros(claim.now);
    // A leased row stays in this index with the moment it was due, and is passed over.
    let sql = if claim.skip.is_empty() {
        "SELECT id FROM outbox
         WHERE blocked = 0 AND due <= ?1 AND (leased_until IS NULL OR leased_until <= ?1)
         ORDER BY due, id LIMIT ?2"
    } else {
        "SELECT id FROM outbox
         WHERE blocked = 0 AND due <= ?1 AND (leased_until IS NULL OR leased_until <= ?1)
           AND store NOT IN (SELECT value FROM json_each(?3))
         ORDER BY due, id LIMIT ?2"
    };
    let limit = read::limit(claim.limit);
    let mut select = conn.prepare_cached(sql)?;
    let id_of = |row: &rusqlite::Row<'_>| row.get::<_, [u8; 16]>(0);
    let free: Vec<[u8; 16]> = if claim.skip.is_empty() {
        select.query_map(params![now, limit], id_of)?.collect::<Result<_, _>>()?
    } else {
        let skip: Vec<&str> = claim.skip.iter().map(|store| store.as_str()).collect();
        let skip = serde_json::to_string(&skip)
            .map_err(|_| Failure::corrupt("the stores to skip have no stored form"))?;
        select.query_map(params![now, limit, skip], id_of)?.collect::<Result<_, _>>()?
    };
    let until = shared::lease_end(claim.now, claim.lease);
    let mut take = conn.prepare_cached(
        "UPDATE outbox SET leased_until = ?2, token = token + 1, attempts = attempts + 1
         WHERE id = ?1 RETURNING order_id, store, payload, attempts, token, first_due",
    )?;
    let mut claimed = Vec::with_capacity(free.len());
    for id in free {
        let mut rows = take.query(params![id, until])?;
        while let Some(row) = rows.next()? {
            claimed.push(Claimed {
                id: EffectId(uuid::Uuid::from_bytes(id)),
                order: read::order_id(row, 0)?,
                store: read::store_id(row, 1)?,
                effect: read::json::<Effect>(row, 2)?,
                attempts: u32::try_from(row.get::<_, i64>(3)?).unwrap_or(u32::MAX),
                token: read::unsigned(row.get(4)?)?,
                due: shared::moment(row.get(5)?)?,
            });
        }
    }
    Ok(claimed)
}

/// Refuses a claim that was overtaken or has ended.
pub(super) fn check_lease(conn: &Connection, settle: &Settle) -> Result<(), Failure> {
    let held = conn
        .prepare_cached("SELECT 1 FROM outbox WHERE id = ?1 AND token = ?2 AND leased_until IS NOT NULL")?
        .exists(params![uuid(&settle.effect.0), token(settle)?])?;
    if held { Ok(()) } else { Err(StoreError::LeaseLost.into()) }
}

/// The token as stored; one that is too large was never given out.
fn token(settle: &Settle) -> Result<i64, StoreError> {
    i64::try_from(settle.token).map_err(|_| StoreError::LeaseLost)
}

/// Ends a claim, if it is still the row's latest.
pub(super) fn settle(conn: &Connection, settle: &Settle) -> Result<(), Failure> {
    let id = uuid(&settle.effect.0);
    let token = token(settle)?;
    match settle.settlement {
        Settlement::Done => {
            let gone = conn
                .prepare_cached(
                    "DELETE FROM outbox WHERE id = ?1 AND token = ?2 AND leased_until IS NOT NULL
                     RETURNING order_id, lane",
                )?
                .query_row(params![id, token], |row| {
                    Ok((row.get::<_, [u8; 16]>(0)?, row.get_ref(1)?.as_str()? == Lane::Pos.as_str()))
                })
                .optional()?;
            let (order, in_line) = gone.ok_or(StoreError::LeaseLost)?;
            if in_line {
                line_up(conn, &order)?;
            }
        }
        Settlement::Again { due, fresh } => {
            let changed = conn
                .prepare_cached(
                    "UPDATE outbox SET leased_until = NULL, due = ?3,
                        first_due = CASE WHEN ?4 THEN ?3 ELSE first_due END,
                        attempts = CASE WHEN ?4 THEN 0 ELSE attempts END
                     WHERE id = ?1 AND token = ?2 AND leased_until IS NOT NULL",
                )?
                .execute(params![id, token, shared::micros(due), fresh])?;
            if changed == 0 {
                return Err(StoreError::LeaseLost.into());
            }
        }
    }
    Ok(())
}

/// Lets the first of an order's changes in the POS pass, and has the others wait for it.
pub(super) fn line_up(conn: &Connection, order: &[u8; 16]) -> Result<(), Failure> {
    conn.prepare_cached(
        "WITH head AS (SELECT min(id) AS id FROM outbox WHERE lane = 'pos' AND order_id = ?1)
         UPDATE outbox SET blocked = (id <> (SELECT id FROM head))
         WHERE lane = 'pos' AND order_id = ?1 AND blocked <> (id <> (SELECT id FROM head))",
    )?
    .execute([order])?;
    Ok(())
}

/// When the next piece of work is due, or its lease runs out.
pub(super) fn next_due(conn: &Connection) -> Result<Option<DateTime<Utc>>, Failure> {
    let due: Option<i64> = conn
        .prepare_cached(
            "SELECT due FROM outbox WHERE blocked = 0 AND leased_until IS NULL ORDER BY due LIMIT 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    let lease: Option<i64> = conn
        .prepare_cached(
            "SELECT min(leased_until) FROM outbox WHERE blocked = 0 AND leased_until IS NOT NULL",
        )?
        .query_row([], |row| row.get(0))?;
    let next = due.into_iter().chain(lease).min();
    Ok(next.map(shared::moment).transpose()?)
}

/// How much work waits.
pub(super) fn backlog(conn: &Connection, now: DateTime<Utc>) -> Result<Backlog, Failure> {
    let (waiting, due, oldest) = conn
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE free), min(due) FILTER (WHERE free)
             FROM (SELECT due, due <= ?1 AND (leased_until IS NULL OR leased_until <= ?1) AS free
                   FROM outbox)",
        )?
        .query_row([shared::micros(now)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<i64>>(2)?))
        })?;
    Ok(Backlog {
        waiting: read::unsigned(waiting)?,
        due: read::unsigned(due)?,
        oldest_due: oldest.map(shared::moment).transpose()?,
    })
}
