//! Examining a file.

use rusqlite::Connection;

use super::error::Failure;

/// What must find nothing, and what it means when it does.
const INVARIANTS: [(&str, &str); 8] = [
    (
        "an order's events are not complete, or do not end at its snapshot's revision",
        "SELECT 1 FROM orders LEFT JOIN
            (SELECT order_id, count(*) AS n, min(revision) AS first, max(revision) AS last
             FROM events GROUP BY order_id) ON order_id = id
         WHERE n IS NULL OR first <> 1 OR last <> n OR last <> orders.revision",
    ),
    (
        "a snapshot does not agree with the columns beside it",
        "SELECT 1 FROM orders WHERE json_extract(snapshot, '$.revision') IS NOT revision
            OR json_extract(snapshot, '$.code') IS NOT code OR json_extract(snapshot, '$.store') IS NOT store",
    ),
    (
        "an event is filed under another order, revision or store",
        "SELECT 1 FROM events LEFT JOIN orders ON orders.id = order_id
         WHERE events.store IS NOT orders.store OR json_extract(payload, '$.revision') IS NOT events.revision
            OR replace(json_extract(payload, '$.order'), '-', '') IS NOT lower(hex(order_id))",
    ),
    (
        "the counts by status are wrong",
        "SELECT 1 FROM
            (SELECT store, status, count(*) AS n FROM orders GROUP BY store, status) AS real
            FULL JOIN status_counts AS kept ON kept.store = real.store AND kept.status = real.status
         WHERE coalesce(n, 0) <> coalesce(kept.orders, 0)",
    ),
    (
        "work in the outbox waits for nothing, or does not wait its turn",
        "SELECT 1 FROM outbox WHERE blocked <> (lane = 'pos' AND EXISTS
            (SELECT 1 FROM outbox AS earlier
             WHERE earlier.lane = 'pos' AND earlier.order_id = outbox.order_id AND earlier.id < outbox.id))",
    ),
    (
        "a key leads to no order, or to one of another store or day",
        "SELECT 1 FROM order_keys AS k
            LEFT JOIN order_ties AS t ON t.seq = k.seq LEFT JOIN orders AS o ON o.seq = k.seq
         WHERE t.day IS NOT k.day OR t.placed IS NOT k.placed OR t.store IS NOT k.store
            OR o.store IS NOT k.store",
    ),
    ("a row belongs to no order", "SELECT 1 FROM pragma_foreign_key_check"),
    ("SQLite finds the file damaged", "SELECT 1 FROM pragma_quick_check WHERE quick_check <> 'ok'"),
];

/// All of them, on one snapshot of the file.
pub(super) fn check(conn: &Connection) -> Result<(), Failure> {
    for (meaning, sql) in INVARIANTS.iter().rev() {
        if conn.prepare(sql)?.exists([])? {
            return Err(Failure::corrupt(meaning));
        }
    }
    Ok(())
}
