//! What ties orders to one another: customers, kiosks and slots; and the pauses of stores.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use order_core::model::{Order, OrderKey, Pause, StoreId};
use order_core::ports::{Position, Slot, Standing, StandingQuery, Ties};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::Failure;
use super::prepare::{int, status};
use super::read;
use crate::shared;

/// How far back orders that were placed before keys were noted are filed; no limit counts longer.
const FILED_BACK: i64 = 92 * DAY;

const DAY: i64 = 86_400_000_000;

// Each of these is one seek. One statement for all days and keys would cost more in temporary tables than in seeks.
// They are written so that SQLite's planner does not look at the value of a parameter (in an equality beside an
// order or a join): where it does, it plans anew for every value, which costs ten times the seek.

/// The first day from that one on, for which anything was filed.
const NEXT_DAY: &str = "SELECT min(day) FROM order_keys WHERE store = ?1 || '' AND day >= ?2";

/// The orders with a key, and their marks.
const FIND: &str = "SELECT k.seq, (SELECT position FROM order_ties WHERE seq = k.seq) FROM order_keys AS k
     WHERE k.store = ?1 AND k.placed >= ?2 AND k.day = ?3 AND k.key = ?4";

const COUNT: &str = "SELECT count(*) FROM order_keys AS k
     WHERE k.store = ?1 AND k.placed >= ?2 AND k.day = ?3 AND k.key = ?4";

const IN_SLOT: &str = "SELECT count(*) FROM order_ties AS t
     WHERE t.store = ?1 AND t.slot = ?2
       AND (SELECT status FROM orders WHERE seq = t.seq) NOT IN (?3, ?4)";

const LIVE: &str = "SELECT snapshot FROM orders WHERE seq = ?1 AND status NOT IN (?2, ?3)";

const fn day(placed: i64) -> i64 {
    placed.div_euclid(DAY)
}

/// Has one of the statements above look for these keys on each day since then, leaping over days without orders.
fn each_day(
    conn: &Connection,
    sql: &str,
    store: &StoreId,
    keys: &[OrderKey],
    since: DateTime<Utc>,
    mut found: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<(), Failure> {
    if keys.is_empty() {
        return Ok(());
    }
    let since = shared::micros(since);
    let mut next = conn.prepare_cached(NEXT_DAY)?;
    let mut look = conn.prepare_cached(sql)?;
    look.raw_bind_parameter(1, store.as_str())?;
    look.raw_bind_parameter(2, since)?;
    let mut from = day(since);
    while let Some(day) = next.query_row(params![store.as_str(), from], |row| row.get::<_, Option<i64>>(0))? {
        look.raw_bind_parameter(3, day)?;
        for key in keys {
            look.raw_bind_parameter(4, key.as_bytes())?;
            let mut rows = look.raw_query();
            while let Some(row) = rows.next()? {
                found(row)?;
            }
        }
        from = day.saturating_add(1);
    }
    Ok(())
}

/// Calls with the row and the mark of every order that shares a key, as often as it does.
fn find(
    conn: &Connection,
    store: &StoreId,
    keys: &[OrderKey],
    since: DateTime<Utc>,
    mut found: impl FnMut(i64, i64),
) -> Result<(), Failure> {
    each_day(conn, FIND, store, keys, since, |row| {
        found(row.get(0)?, row.get(1)?);
        Ok(())
    })
}

fn count(conn: &Connection, store: &StoreId, key: OrderKey, since: DateTime<Utc>) -> Result<u64, Failure> {
    let mut sum = 0_i64;
    each_day(conn, COUNT, store, &[key], since, |row| {
        sum = sum.saturating_add(row.get(0)?);
        Ok(())
    })?;
    Ok(read::unsigned(sum)?)
}

fn in_slot(conn: &Connection, store: &StoreId, from: DateTime<Utc>) -> Result<u64, Failure> {
    let gone = shared::GONE.map(status);
    let places: i64 = conn
        .prepare_cached(IN_SLOT)?
        .query_row(params![store.as_str(), shared::micros(from), gone[0], gone[1]], |row| row.get(0))?;
    Ok(read::unsigned(places)?)
}

/// Refuses what was decided without knowing of another order.
pub(super) fn check(conn: &Connection, order: &Order, ties: &Ties, is_new: bool) -> Result<(), Failure> {
    if let Some(seen) = ties.seen {
        let mut mark = 0;
        find(conn, &order.store, &ties.customer, ties.since, |_, position| mark = position.max(mark))?;
        shared::check_mark(seen, Position(read::unsigned(mark)?))?;
    }
    if is_new && let Some(Slot { from, capacity: Some(capacity) }) = ties.slot {
        shared::check_slot(capacity, in_slot(conn, &order.store, from)?)?;
    }
    Ok(())
}

/// Files a new order under all its keys, or marks one that exists.
pub(super) fn note(
    conn: &Connection,
    seq: i64,
    order: &Order,
    ties: &Ties,
    is_new: bool,
    position: Position,
) -> Result<(), Failure> {
    let position = int(position.0)?;
    if is_new {
        let slot = ties.slot.map(|slot| shared::micros(slot.from));
        let placed = shared::micros(order.created_at);
        insert(conn, seq, &order.store, placed, slot, position)?;
        return file(conn, seq, &order.store, placed, ties.customer.iter().chain(&ties.counted));
    }
    let filed: Option<i64> = conn
        .prepare_cached("UPDATE order_ties SET position = ?2 WHERE seq = ?1 RETURNING placed")?
        .query_row([seq, position], |row| row.get(0))
        .optional()?;
    let placed = match filed {
        Some(placed) => placed,
        None => {
            let placed = shared::micros(order.created_at);
            insert(conn, seq, &order.store, placed, None, position)?;
            placed
        }
    };
    // What is known of the customer may have grown.
    file(conn, seq, &order.store, placed, ties.customer.iter())
}

fn insert(
    conn: &Connection,
    seq: i64,
    store: &StoreId,
    placed: i64,
    slot: Option<i64>,
    position: i64,
) -> Result<(), Failure> {
    conn.prepare_cached(
        "INSERT INTO order_ties (seq, store, day, placed, slot, position) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![seq, store.as_str(), day(placed), placed, slot, position])?;
    Ok(())
}

fn file<'a>(
    conn: &Connection,
    seq: i64,
    store: &StoreId,
    placed: i64,
    keys: impl Iterator<Item = &'a OrderKey>,
) -> Result<(), Failure> {
    let mut insert = conn.prepare_cached(
        "INSERT INTO order_keys (store, day, key, placed, seq) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
    )?;
    for key in keys {
        insert.execute(params![store.as_str(), day(placed), key.as_bytes(), placed, seq])?;
    }
    Ok(())
}

/// Files the late orders of a file that was written before keys were, so that they count too.
pub(super) fn file_earlier(conn: &Connection) -> Result<(), Failure> {
    let mut late = conn.prepare(
        "SELECT seq, snapshot FROM orders
         WHERE created_at >= (SELECT max(created_at) FROM orders) - ?1 ORDER BY created_at",
    )?;
    let mut rows = late.query([FILED_BACK])?;
    while let Some(row) = rows.next()? {
        let seq = row.get(0)?;
        // One that cannot be read is left out here, and named by whoever asks for it.
        let Ok(order) = read::json::<Order>(row, 1) else { continue };
        let placed = shared::micros(order.created_at);
        let mut keys = OrderKey::of_customer(&order.customer);
        keys.extend(order.kiosk.as_ref().map(OrderKey::kiosk));
        insert(conn, seq, &order.store, placed, None, 0)?;
        file(conn, seq, &order.store, placed, keys.iter())?;
    }
    Ok(())
}

/// How things stand, on one snapshot of the file.
pub(super) fn standing(conn: &Connection, query: &StandingQuery) -> Result<Standing, Failure> {
    let mut found = BTreeMap::new();
    find(conn, &query.store, &query.customer, query.since, |seq, position| {
        found.insert(seq, position);
    })?;
    let mark = found.values().copied().max().unwrap_or_default();
    let gone = shared::GONE.map(status);
    let mut live = conn.prepare_cached(LIVE)?;
    let mut orders = Vec::new();
    for seq in found.into_keys() {
        if let Some(row) = live.query(params![seq, gone[0], gone[1]])?.next()? {
            orders.push(read::json(row, 0)?);
        }
    }
    shared::earliest_first(&mut orders);
    Ok(Standing {
        orders,
        mark: Position(read::unsigned(mark)?),
        counts: query
            .counts
            .iter()
            .map(|(key, since)| count(conn, &query.store, *key, *since))
            .collect::<Result<_, _>>()?,
        in_slot: query.slot.map_or(Ok(0), |from| in_slot(conn, &query.store, from))?,
        pause: pause(conn, &query.store)?,
    })
}

fn pause(conn: &Connection, store: &StoreId) -> Result<Option<Pause>, Failure> {
    let row: Option<(i64, Option<i64>)> = conn
        .prepare_cached("SELECT since, until FROM pauses WHERE store = ?1")?
        .query_row([store.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(row.map(shared::pause).transpose()?)
}

pub(super) fn set_pause(conn: &Connection, store: &StoreId, pause: Option<&Pause>) -> Result<(), Failure> {
    match pause {
        Some(pause) => conn
            .prepare_cached("INSERT OR REPLACE INTO pauses (store, since, until) VALUES (?1, ?2, ?3)")?
            .execute(params![store.as_str(), shared::micros(pause.since), pause.until.map(shared::micros)])?,
        None => conn.prepare_cached("DELETE FROM pauses WHERE store = ?1")?.execute([store.as_str()])?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    /// Among millions of orders only those of the day and key asked for may be touched.
    #[test]
    fn every_look_up_seeks_its_rows() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(concat!(
            include_str!("schema/0001_orders.sql"),
            include_str!("schema/0002_ties.sql")
        ))
        .unwrap();
        for sql in [NEXT_DAY, FIND, COUNT, IN_SLOT, LIVE] {
            let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps: Vec<String> = plan.raw_query().mapped(|row| row.get(3)).map(Result::unwrap).collect();
            let seeks: Vec<_> = steps.iter().filter(|step| step.starts_with("SEARCH")).collect();
            assert!(!seeks.is_empty(), "{sql}: {steps:?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{sql}: {steps:?}");
            for keys in seeks.iter().filter(|seek| seek.starts_with("SEARCH k ")) {
                assert!(keys.contains("store=? AND day=? AND key=? AND placed>?"), "{sql}: {keys}");
            }
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{sql}: {steps:?}");
        }
    }

    /// A statement that is planned anew for every value costs more than what it finds.
    #[test]
    fn every_look_up_stays_prepared() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(concat!(
            include_str!("schema/0001_orders.sql"),
            include_str!("schema/0002_ties.sql")
        ))
        .unwrap();
        for sql in [NEXT_DAY, FIND, COUNT, IN_SLOT, LIVE] {
            let mut statement = conn.prepare(sql).unwrap();
            for value in 1..=3 {
                for place in 1..=statement.parameter_count() {
                    statement.raw_bind_parameter(place, value).unwrap();
                }
                statement.raw_query().next().unwrap();
            }
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{sql}");
        }
    }
}
