//! Reading single things, and turning rows back into values.

use chrono::{DateTime, Utc};
use order_core::model::{Order, OrderCode, OrderId, StoreId};
use order_core::ports::{IdempotencyKey, Position, Recorded, Sku, StoreError, Submission};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::error::Failure;
use super::prepare::{id, int, variant};
use crate::shared;

/// A count of rows as SQLite takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt("a stored count is negative".into()))
}

/// A value from its stored JSON, read in place.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Failure> {
    match row.get_ref(column)? {
        ValueRef::Text(text) => serde_json::from_slice(text)
            .map_err(|_| Failure::corrupt("a stored document cannot be read by this release")),
        _ => Err(Failure::corrupt("a stored document is not text")),
    }
}

pub(super) fn order_id(row: &Row<'_>, column: usize) -> Result<OrderId, Failure> {
    Ok(OrderId::new(Uuid::from_bytes(row.get(column)?)))
}

pub(super) fn store_id(row: &Row<'_>, column: usize) -> Result<StoreId, Failure> {
    let text: String = row.get(column)?;
    StoreId::new(text).map_err(|_| Failure::corrupt("a stored store id is not one"))
}

fn one<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(read(row)?);
    }
    Ok(values)
}

pub(super) fn load(conn: &Connection, order: OrderId) -> Result<Option<Order>, Failure> {
    one(conn, "SELECT snapshot FROM orders WHERE id = ?1", [id(&order)], |row| json(row, 0))
}

pub(super) fn load_by_code(conn: &Connection, code: OrderCode) -> Result<Option<Order>, Failure> {
    one(conn, "SELECT snapshot FROM orders WHERE code = ?1", [code.to_string()], |row| json(row, 0))
}

/// The order in this row; it was found in this transaction, so it is there.
pub(super) fn load_row(conn: &Connection, seq: i64) -> Result<Order, Failure> {
    one(conn, "SELECT snapshot FROM orders WHERE seq = ?1", [seq], |row| json(row, 0))?
        .ok_or_else(|| Failure::corrupt("an index names an order that is not there"))
}

pub(super) fn submission(
    conn: &Connection,
    store: &StoreId,
    key: &IdempotencyKey,
) -> Result<Option<Submission>, Failure> {
    one(
        conn,
        "SELECT fingerprint, order_id FROM submissions WHERE store = ?1 AND key = ?2",
        params![store.as_str(), key.as_str()],
        |row| Ok(Submission { key: key.clone(), fingerprint: row.get(0)?, order: order_id(row, 1)? }),
    )
}

fn recorded(row: &Row<'_>) -> Result<Recorded, Failure> {
    Ok(Recorded {
        position: Position(unsigned(row.get(0)?)?),
        store: store_id(row, 1)?,
        event: json(row, 2)?,
    })
}

pub(super) fn events_after(
    conn: &Connection,
    store: Option<&StoreId>,
    after: Position,
    most: usize,
) -> Result<Vec<Recorded>, Failure> {
    let Ok(after) = int(after.0) else { return Ok(Vec::new()) };
    let most = limit(most);
    match store {
        None => all(
            conn,
            "SELECT position, store, payload FROM events WHERE position > ?1 ORDER BY position LIMIT ?2",
            params![after, most],
            recorded,
        ),
        Some(store) => all(
            conn,
            "SELECT position, store, payload FROM events WHERE store = ?1 AND position > ?2
             ORDER BY position LIMIT ?3",
            params![store.as_str(), after, most],
            recorded,
        ),
    }
}

pub(super) fn history(conn: &Connection, order: OrderId) -> Result<Vec<Recorded>, Failure> {
    all(
        conn,
        "SELECT position, store, payload FROM events WHERE order_id = ?1 ORDER BY revision",
        [id(&order)],
        recorded,
    )
}

/// The last place in the log; zero when it is empty.
pub(super) fn last_position(conn: &Connection) -> Result<Position, Failure> {
    let last: Option<i64> = conn
        .prepare_cached("SELECT position FROM events ORDER BY position DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(Position(unsigned(last.unwrap_or(0))?))
}

/// How much is set aside by orders other than one and not contained in a figure taken at `as_of`.
pub(super) fn sum_held(
    conn: &Connection,
    store: &StoreId,
    sku: &Sku,
    except: Option<OrderId>,
    as_of: DateTime<Utc>,
) -> Result<Decimal, Failure> {
    let mut statement = conn.prepare_cached(
        "SELECT quantity FROM holds WHERE store = ?1 AND product = ?2 AND variant = ?3
           AND order_id IS NOT ?4 AND (handed_over_at IS NULL OR handed_over_at >= ?5)",
    )?;
    let except = except.as_ref().map(id);
    let mut rows = statement.query(params![
        store.as_str(),
        sku.product.as_str(),
        variant(sku),
        except,
        shared::micros(as_of)
    ])?;
    // Added up here: SQLite would make floats of them.
    let mut sum = Decimal::ZERO;
    while let Some(row) = rows.next()? {
        let quantity: Decimal = row
            .get_ref(0)?
            .as_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Failure::corrupt("a stored quantity is not a number"))?;
        sum = sum.saturating_add(quantity);
    }
    Ok(sum)
}

pub(super) fn held(
    conn: &Connection,
    store: &StoreId,
    except: Option<OrderId>,
    figures: &[(Sku, DateTime<Utc>)],
) -> Result<Vec<Decimal>, Failure> {
    figures.iter().map(|(sku, as_of)| sum_held(conn, store, sku, except, *as_of)).collect()
}
