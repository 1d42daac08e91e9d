//! Finding orders.
//!
//! A list is the merge of runs: one for each status and attention asked for, each read in order from an
//! index, at most one page long. So a page costs the same among ten orders and among ten million.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use order_core::model::{OrderId, Status};
use order_core::ports::{Cursor, OrderPage, OrderQuery, Sort};
use rusqlite::{Connection, ToSql, params, params_from_iter};

use super::error::Failure;
use super::prepare::{id, pos, status};
use super::read;
use crate::shared;

/// The filters in the form in which they are bound.
struct Filter<'a> {
    store: &'a str,
    from: Option<i64>,
    to: Option<i64>,
    pos: Option<i64>,
    needle: Option<String>,
    attention: &'static [bool],
}

impl<'a> Filter<'a> {
    fn of(query: &'a OrderQuery) -> Self {
        Self {
            store: query.store.as_str(),
            from: query.from.map(shared::micros),
            to: query.to.map(shared::micros),
            pos: (!query.pos.is_empty())
                .then(|| query.pos.iter().fold(0, |mask, state| mask | (1 << pos(*state)))),
            needle: shared::needle(query.text.as_deref()),
            attention: match query.attention {
                None => &[false, true],
                Some(true) => &[true],
                Some(false) => &[false],
            },
        }
    }

    fn is_open(&self) -> bool {
        self.from.is_none()
            && self.to.is_none()
            && self.pos.is_none()
            && self.needle.is_none()
            && self.attention.len() == 2
    }

    /// The conditions that are set, so that an unset one cannot keep an index from being used.
    /// Parameters 1 to 7 are the store, status, attention, from, to, POS states and text.
    fn conditions(&self) -> String {
        let mut sql = String::from("store = ?1 AND status = ?2 AND attention = ?3");
        if self.from.is_some() {
            sql.push_str(" AND created_at >= ?4");
        }
        if self.to.is_some() {
            sql.push_str(" AND created_at < ?5");
        }
        if self.pos.is_some() {
            sql.push_str(" AND (?6 >> pos) & 1");
        }
        if self.needle.is_some() {
            sql.push_str(" AND instr(search, ?7) > 0");
        }
        sql
    }
}

#[derive(Clone, Copy)]
struct Found {
    at: i64,
    id: OrderId,
    seq: i64,
}

pub(super) fn search(conn: &Connection, query: &OrderQuery) -> Result<OrderPage, Failure> {
    let filter = Filter::of(query);
    let listed: Vec<Status> = Status::ALL
        .into_iter()
        .filter(|status| match query.statuses.as_slice() {
            [] => *status != Status::Removed,
            wanted => wanted.contains(status),
        })
        .collect();
    let limit = query.limit.clamp(1, shared::MAX_PAGE);
    let sql = run_sql(query, &filter);
    let mut found = Vec::new();
    for status in listed {
        for attention in filter.attention {
            run(conn, &sql, query, &filter, (status, *attention), limit, &mut found)?;
        }
    }
    match query.sort {
        Sort::Oldest => found.sort_unstable_by_key(|one| (one.at, one.id)),
        Sort::Newest | Sort::Updated => {
            found.sort_unstable_by_key(|one| std::cmp::Reverse((one.at, one.id)));
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let next = if more { found.last().map(|last| Cursor { at: last.at, id: last.id }) } else { None };
    let orders = found.iter().map(|one| read::load_row(conn, one.seq)).collect::<Result<_, _>>()?;
    Ok(OrderPage { orders, next, counts: counts(conn, &filter)? })
}

/// The statement of one run, of constant parts only.
fn run_sql(query: &OrderQuery, filter: &Filter<'_>) -> String {
    let (key, index, direction, beyond) = match query.sort {
        Sort::Newest => ("created_at", "orders_placed", "DESC", "<"),
        Sort::Oldest => ("created_at", "orders_placed", "ASC", ">"),
        Sort::Updated => ("updated_at", "orders_changed", "DESC", "<"),
    };
    let mut sql =
        format!("SELECT {key}, id, seq FROM orders INDEXED BY {index} WHERE {}", filter.conditions());
    if query.cursor.is_some() {
        // Writing to a string cannot fail.
        let _ = write!(sql, " AND ({key}, id) {beyond} (?8, ?9)");
    }
    let _ = write!(sql, " ORDER BY {key} {direction}, id {direction} LIMIT ?10");
    sql
}

fn run(
    conn: &Connection,
    sql: &str,
    query: &OrderQuery,
    filter: &Filter<'_>,
    (wanted, attention): (Status, bool),
    limit: usize,
    found: &mut Vec<Found>,
) -> Result<(), Failure> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![
        filter.store,
        status(wanted),
        attention,
        filter.from,
        filter.to,
        filter.pos,
        filter.needle,
        query.cursor.map(|cursor| cursor.at),
        query.cursor.as_ref().map(|cursor| id(&cursor.id)),
        // One more than asked for tells whether there is a next page.
        read::limit(limit.saturating_add(1)),
    ])?;
    while let Some(row) = rows.next()? {
        found.push(Found { at: row.get(0)?, id: read::order_id(row, 1)?, seq: row.get(2)? });
    }
    Ok(())
}

fn counts(conn: &Connection, filter: &Filter<'_>) -> Result<BTreeMap<Status, u64>, Failure> {
    let mut counts = BTreeMap::new();
    let sql = format!("SELECT count(*) FROM orders INDEXED BY orders_placed WHERE {}", filter.conditions());
    for wanted in Status::ALL {
        let mut count = 0_u64;
        if filter.is_open() {
            count = kept_count(conn, filter.store, wanted)?;
        } else {
            for attention in filter.attention {
                let status = status(wanted);
                let values: [&dyn ToSql; 7] = [
                    &filter.store,
                    &status,
                    attention,
                    &filter.from,
                    &filter.to,
                    &filter.pos,
                    &filter.needle,
                ];
                let mut statement = conn.prepare_cached(&sql)?;
                // The statement knows no parameter beyond the last filter that is set.
                let known = statement.parameter_count().min(values.len());
                let one: i64 = statement.query_row(params_from_iter(&values[..known]), |row| row.get(0))?;
                count = count.saturating_add(read::unsigned(one)?);
            }
        }
        if count > 0 {
            counts.insert(wanted, count);
        }
    }
    Ok(counts)
}

fn kept_count(conn: &Connection, store: &str, wanted: Status) -> Result<u64, Failure> {
    let mut statement =
        conn.prepare_cached("SELECT orders FROM status_counts WHERE store = ?1 AND status = ?2")?;
    let mut rows = statement.query(params![store, status(wanted)])?;
    match rows.next()? {
        Some(row) => Ok(read::unsigned(row.get(0)?)?),
        None => Ok(0),
    }
}
