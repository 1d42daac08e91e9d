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
///
/// Read first and written afterwards: a statement that does both fills a temporary table on the way.
pub(super) fn claim(conn: &Connection, claim: &Claim) -> Result<Vec<Claimed>, Failure> {
    let now = shared::micros(claim.now);
    let skip: Vec<&str> = claim.skip.iter().map(|store| store.as_str()).collect();
    let skip = serde_json::to_string(&skip)
        .map_err(|_| Failure::corrupt("the stores to skip have no stored form"))?;
    // A leased row stays in its index under the moment it was due, and is passed over. A bare parameter as the
    // limit would have the statement planned anew for every claim.
    let mut select = conn.prepare_cached(
        "SELECT id, order_id, store, payload, attempts, token, first_due FROM outbox
         WHERE blocked = 0 AND due <= ?1 AND (leased_until IS NULL OR leased_until <= ?1)
           AND store NOT IN (SELECT value FROM json_each(?3))
         ORDER BY due, id LIMIT ?2 + 0",
    )?;
    let mut claimed = Vec::new();
    let mut rows = select.query(params![now, read::limit(claim.limit), skip])?;
    while let Some(row) = rows.next()? {
        claimed.push(Claimed {
            id: EffectId(uuid::Uuid::from_bytes(row.get(0)?)),
            order: read::order_id(row, 1)?,
            store: read::store_id(row, 2)?,
            effect: read::json::<Effect>(row, 3)?,
            attempts: u32::try_from(row.get::<_, i64>(4)?).unwrap_or(u32::MAX).saturating_add(1),
            token: read::unsigned(row.get(5)?)?.saturating_add(1),
            due: shared::moment(row.get(6)?)?,
        });
    }
    let until = shared::lease_end(claim.now, claim.lease);
    let mut take = conn.prepare_cached(
        "UPDATE outbox SET leased_until = ?2, token = token + 1, attempts = attempts + 1 WHERE id = ?1",
    )?;
    for one in &claimed {
        take.execute(params![uuid(&one.id.0), until])?;
    }
    Ok(claimed)
}

/// The order of a claimed row if it waits in line there, once the claim is found to be its latest.
pub(super) fn check_lease(conn: &Connection, settle: &Settle) -> Result<Option<[u8; 16]>, Failure> {
    // A token that cannot be stored was never given out.
    let token = i64::try_from(settle.token).map_err(|_| StoreError::LeaseLost)?;
    let row = conn
        .prepare_cached(
            "SELECT order_id, lane FROM outbox
             WHERE id = ?1 AND token = ?2 AND leased_until IS NOT NULL",
        )?
        .query_row(params![uuid(&settle.effect.0), token], |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get_ref(1)?.as_str()? == Lane::Pos.as_str()))
        })
        .optional()?;
    let (order, in_line) = row.ok_or(StoreError::LeaseLost)?;
    Ok(in_line.then_some(order))
}

/// Ends or extends a claim, if it is still the row's latest.
pub(super) fn settle(conn: &Connection, settle: &Settle) -> Result<(), Failure> {
    let in_line = check_lease(conn, settle)?;
    let id = uuid(&settle.effect.0);
    match settle.settlement {
        Settlement::Done => {
            conn.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([id])?;
            if let Some(order) = in_line {
                line_up(conn, &order)?;
            }
        }
        Settlement::Extend { until } => {
            conn.prepare_cached("UPDATE outbox SET leased_until = ?2 WHERE id = ?1")?
                .execute(params![id, shared::micros(until)])?;
        }
        Settlement::Again { due, fresh } => {
            conn.prepare_cached(
                "UPDATE outbox SET leased_until = NULL, due = ?2,
                    first_due = CASE WHEN ?3 THEN ?2 ELSE first_due END,
                    attempts = CASE WHEN ?3 THEN 0 ELSE attempts END
                 WHERE id = ?1",
            )?
            .execute(params![id, shared::micros(due), fresh])?;
        }
    }
    Ok(())
}

/// Lets the first of an order's changes in the POS pass, and has the others wait for it.
pub(super) fn line_up(conn: &Connection, order: &[u8; 16]) -> Result<(), Failure> {
    let mut rows = conn
        .prepare_cached("SELECT id, blocked FROM outbox WHERE lane = 'pos' AND order_id = ?1 ORDER BY id")?;
    let line: Vec<([u8; 16], bool)> =
        rows.query_map([order], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut block = conn.prepare_cached("UPDATE outbox SET blocked = ?2 WHERE id = ?1")?;
    for (place, (id, blocked)) in line.iter().enumerate() {
        let waits = place > 0;
        if *blocked != waits {
            block.execute(params![id, waits])?;
        }
    }
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
