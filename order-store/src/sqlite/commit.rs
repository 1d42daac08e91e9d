//! Writing one decision.

use order_core::lifecycle::Lane;
use order_core::model::Revision;
use order_core::ports::{Committed, Hold, Holds, Position, StoreError, Submission};
use rusqlite::{Connection, OptionalExtension, params};

use super::error::Failure;
use super::prepare::{Prepared, id, int, pos, status, uuid, variant};
use super::{outbox, read, ties};
use crate::shared;

/// Checks everything that can be refused, then writes.
pub(super) fn commit(conn: &Connection, prepared: &Prepared) -> Result<Committed, Failure> {
    let commit = &prepared.commit;
    let order = prepared.order();
    if let Some(submission) = &commit.submission
        && let Some(used) = read::submission(conn, &order.store, &submission.key)?
    {
        return Err(StoreError::KeyUsed(Box::new(used)).into());
    }
    if let Some(settle) = &commit.settle {
        outbox::check_lease(conn, settle)?;
    }
    let stored = match commit.expected {
        None => check_new(conn, prepared).map(|()| None)?,
        Some(expected) => check_stored(conn, prepared, expected).map(Some)?,
    };
    let is_new = stored.is_none();
    if let Some(ties) = &commit.ties {
        ties::check(conn, order, ties, is_new)?;
    }
    if let Holds::Set(holds) = &commit.holds {
        check_holds(conn, prepared, holds)?;
    }
    check_effects(conn, prepared)?;

    let seq = match stored {
        None => insert_order(conn, prepared)?,
        Some(stored) => update_order(conn, prepared, &stored)?,
    };
    if let Some(settle) = &commit.settle {
        outbox::settle(conn, settle)?;
    }
    set_holds(conn, prepared)?;
    if let Some(submission) = &commit.submission {
        insert_submission(conn, prepared, submission)?;
    }
    insert_effects(conn, prepared)?;
    let Some(position) = insert_events(conn, prepared)? else {
        return Ok(Committed { position: read::last_position(conn)? });
    };
    if let Some(ties) = &commit.ties {
        ties::note(conn, seq, order, ties, is_new, position)?;
    }
    Ok(Committed { position })
}

/// What an update needs to know of the row it changes.
struct Stored {
    seq: i64,
    status: i64,
}

fn check_new(conn: &Connection, prepared: &Prepared) -> Result<(), Failure> {
    if conn.prepare_cached("SELECT 1 FROM orders WHERE id = ?1")?.exists([id(&prepared.order().id)])? {
        return Err(StoreError::IdTaken.into());
    }
    if conn.prepare_cached("SELECT 1 FROM orders WHERE code = ?1")?.exists([&prepared.code])? {
        return Err(StoreError::CodeTaken.into());
    }
    Ok(())
}

fn check_stored(conn: &Connection, prepared: &Prepared, expected: Revision) -> Result<Stored, Failure> {
    let order = prepared.order();
    let (stored, revision, store, code) = conn
        .prepare_cached("SELECT seq, revision, status, store = ?2, code = ?3 FROM orders WHERE id = ?1")?
        .query_row(params![id(&order.id), order.store.as_str(), prepared.code], |row| {
            let stored = Stored { seq: row.get(0)?, status: row.get(2)? };
            Ok((stored, row.get::<_, i64>(1)?, row.get::<_, bool>(3)?, row.get::<_, bool>(4)?))
        })
        .optional()?
        .ok_or(StoreError::NotFound)?;
    shared::check_revision(expected, Revision::new(read::unsigned(revision)?))?;
    shared::check_identity(store, code)?;
    Ok(stored)
}

fn check_effects(conn: &Connection, prepared: &Prepared) -> Result<(), Failure> {
    let effects = &prepared.commit.effects;
    if effects.is_empty() {
        return Ok(());
    }
    let mut exists = conn.prepare_cached("SELECT 1 FROM outbox WHERE id = ?1")?;
    for (place, new) in effects.iter().enumerate() {
        if effects[..place].iter().any(|other| other.id == new.id) || exists.exists([uuid(&new.id.0)])? {
            return Err(Failure::corrupt("an effect with this id exists already"));
        }
    }
    Ok(())
}

/// Gives its row.
fn insert_order(conn: &Connection, prepared: &Prepared) -> Result<i64, Failure> {
    let order = prepared.order();
    let seq = conn
        .prepare_cached(
            "INSERT INTO orders
            (id, code, store, revision, status, pos, attention, created_at, updated_at, search, snapshot)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .insert(params![
            id(&order.id),
            prepared.code,
            order.store.as_str(),
            int(order.revision.get())?,
            status(order.status),
            pos(order.pos.state),
            order.needs_attention(),
            shared::micros(order.created_at),
            shared::micros(order.updated_at),
            prepared.search,
            prepared.snapshot,
        ])?;
    count(conn, order.store.as_str(), status(order.status), 1)?;
    Ok(seq)
}

/// Gives its row.
fn update_order(conn: &Connection, prepared: &Prepared, stored: &Stored) -> Result<i64, Failure> {
    let order = prepared.order();
    conn.prepare_cached(
        "UPDATE orders SET revision = ?2, status = ?3, pos = ?4, attention = ?5, created_at = ?6,
            updated_at = ?7, search = ?8, snapshot = ?9
         WHERE seq = ?1",
    )?
    .execute(params![
        stored.seq,
        int(order.revision.get())?,
        status(order.status),
        pos(order.pos.state),
        order.needs_attention(),
        shared::micros(order.created_at),
        shared::micros(order.updated_at),
        prepared.search,
        prepared.snapshot,
    ])?;
    let after = status(order.status);
    if stored.status != after {
        count(conn, order.store.as_str(), stored.status, -1)?;
        count(conn, order.store.as_str(), after, 1)?;
    }
    Ok(stored.seq)
}

fn count(conn: &Connection, store: &str, status: i64, change: i64) -> Result<(), Failure> {
    let changed = conn
        .prepare_cached("UPDATE status_counts SET orders = orders + ?3 WHERE store = ?1 AND status = ?2")?
        .execute(params![store, status, change])?;
    if changed == 0 {
        conn.prepare_cached("INSERT INTO status_counts (store, status, orders) VALUES (?1, ?2, ?3)")?
            .execute(params![store, status, change])?;
    }
    Ok(())
}

fn set_holds(conn: &Connection, prepared: &Prepared) -> Result<(), Failure> {
    let order = prepared.order();
    match &prepared.commit.holds {
        Holds::Keep => {}
        Holds::Set(holds) => {
            release(conn, prepared)?;
            let mut insert = conn.prepare_cached(
                "INSERT INTO holds (store, product, variant, order_id, quantity)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (sku, quantity) in shared::wanted(holds) {
                insert.execute(params![
                    order.store.as_str(),
                    sku.product.as_str(),
                    variant(sku),
                    id(&order.id),
                    quantity.to_string(),
                ])?;
            }
        }
        Holds::HandedOver(at) => {
            conn.prepare_cached(
                "UPDATE holds SET handed_over_at = ?2 WHERE order_id = ?1 AND handed_over_at IS NULL",
            )?
            .execute(params![id(&order.id), shared::micros(*at)])?;
        }
        Holds::Release => release(conn, prepared)?,
    }
    Ok(())
}

fn check_holds(conn: &Connection, prepared: &Prepared, holds: &[Hold]) -> Result<(), Failure> {
    let order = prepared.order();
    let wanted = shared::wanted(holds);
    for hold in holds {
        if let (Some(available), Some(wanted)) = (hold.available, wanted.get(&hold.sku)) {
            let others = read::sum_held(conn, &order.store, &hold.sku, Some(order.id), hold.as_of)?;
            shared::check_stock(&hold.sku, available, others, *wanted)?;
        }
    }
    Ok(())
}

fn release(conn: &Connection, prepared: &Prepared) -> Result<(), Failure> {
    // A new order cannot hold anything yet.
    if prepared.commit.expected.is_some() {
        conn.prepare_cached("DELETE FROM holds WHERE order_id = ?1")?.execute([id(&prepared.order().id)])?;
    }
    Ok(())
}

fn insert_submission(conn: &Connection, prepared: &Prepared, submission: &Submission) -> Result<(), Failure> {
    conn.prepare_cached(
        "INSERT INTO submissions (store, key, fingerprint, order_id) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        prepared.order().store.as_str(),
        submission.key.as_str(),
        submission.fingerprint,
        id(&submission.order),
    ])?;
    Ok(())
}

fn insert_effects(conn: &Connection, prepared: &Prepared) -> Result<(), Failure> {
    if prepared.commit.effects.is_empty() {
        return Ok(());
    }
    let order = prepared.order();
    let first = prepared.first_pos_effect();
    let mut insert = conn.prepare_cached(
        "INSERT INTO outbox (id, store, order_id, lane, payload, first_due, due, blocked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
    )?;
    for (new, payload) in prepared.commit.effects.iter().zip(&prepared.effects) {
        let lane = new.effect.lane();
        insert.execute(params![
            uuid(&new.id.0),
            order.store.as_str(),
            id(&order.id),
            lane.as_str(),
            payload,
            shared::micros(new.due),
            lane == Lane::Pos && first != Some(new.id),
        ])?;
    }
    if first.is_some() && prepared.commit.expected.is_some() {
        outbox::line_up(conn, id(&order.id))?;
    }
    Ok(())
}

fn insert_events(conn: &Connection, prepared: &Prepared) -> Result<Option<Position>, Failure> {
    let order = prepared.order();
    let mut last = None;
    let mut insert = conn
        .prepare_cached("INSERT INTO events (store, order_id, revision, payload) VALUES (?1, ?2, ?3, ?4)")?;
    for (event, payload) in prepared.commit.events.iter().zip(&prepared.events) {
        let position = insert.insert(params![
            order.store.as_str(),
            id(&order.id),
            int(event.revision.get())?,
            payload
        ])?;
        last = Some(Position(read::unsigned(position)?));
    }
    Ok(last)
}
