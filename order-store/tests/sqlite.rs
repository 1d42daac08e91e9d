//! What only a file can get wrong: how it is opened, locked, damaged and grown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use order_core::model::{KioskId, Order, OrderKey, Pause, PosTask};
use order_core::ports::{
    Commit, Holds, OrderQuery, OrderSearch, OrderStore, Position, Slot, Standing, StandingQuery, StoreError,
    Ties,
};
use order_store::testkit::{Maker, asks, at, key, phone, sku, store, ties};
use order_store::{OpenError, SqliteOptions, SqliteStore};
use rusqlite::{Connection, params};
use tempfile::TempDir;

fn scratch() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orders.db");
    (directory, path)
}

async fn refused(path: &Path) -> OpenError {
    SqliteStore::open(path).await.unwrap_err()
}

/// A file with one order in it, closed.
async fn filled(path: &Path) -> Commit {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    let commit = Commit {
        effects: vec![make.pos(PosTask::Create, at(0)), make.pos(PosTask::MarkPaid, at(0))],
        submission: Some(make.submission(&order, "k")),
        holds: Holds::Set(vec![make.hold("p1", 2, Some(5), at(0))]),
        ties: Some(Ties {
            counted: vec![phone("2")],
            slot: Some(Slot { from: at(60), capacity: Some(1) }),
            ..ties(&[phone("1")])
        }),
        ..make.place(&order)
    };
    let s = SqliteStore::open(path).await.unwrap();
    s.commit(commit.clone()).await.unwrap();
    s.set_pause(&order.store, Some(Pause { since: at(1), until: None })).await.unwrap();
    s.check().await.unwrap();
    s.close().await;
    commit
}

/// Asks for all that ties the order of such a file.
fn everything() -> StandingQuery {
    StandingQuery {
        counts: vec![(phone("2"), at(0))],
        slot: Some(at(60)),
        ..asks("oak", &[phone("1")], at(0))
    }
}

#[tokio::test]
async fn everything_is_there_after_a_reopen() {
    let (_directory, path) = scratch();
    let commit = filled(&path).await;
    // The second time it is dropped, not closed.
    for _ in 0..2 {
        let s = SqliteStore::open(&path).await.unwrap();
        s.check().await.unwrap();
        assert_eq!(s.load(commit.order.id).await.unwrap(), Some(commit.order.clone()));
        assert_eq!(s.submission(&store("oak"), &key("k")).await.unwrap(), commit.submission);
        assert_eq!(s.held(&store("oak"), None, &[(sku("p1"), at(0))]).await.unwrap(), [2.into()]);
        assert_eq!(s.events_after(None, Position(0), 9).await.unwrap().len(), 1);
        assert_eq!(s.search(&OrderQuery::of(store("oak"))).await.unwrap().orders.len(), 1);
        assert_eq!(
            s.standing(&everything()).await.unwrap(),
            Standing {
                orders: vec![commit.order.clone()],
                mark: Position(1),
                counts: vec![1],
                in_slot: 1,
                pause: Some(Pause { since: at(1), until: None }),
            }
        );
    }
    let s = SqliteStore::open(&path).await.unwrap();
    let claimed = s.claim(Maker::new().claim(at(0))).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].id, commit.effects[0].id);
}

#[tokio::test]
async fn a_lease_outlives_the_process_that_took_it() {
    let (_directory, path) = scratch();
    filled(&path).await;
    let make = Maker::new();
    let s = SqliteStore::open(&path).await.unwrap();
    assert_eq!(s.claim(make.claim(at(0))).await.unwrap().len(), 1);
    s.close().await;
    let s = SqliteStore::open(&path).await.unwrap();
    assert!(s.claim(make.claim(at(59))).await.unwrap().is_empty());
    let claimed = s.claim(make.claim(at(60))).await.unwrap();
    assert_eq!((claimed[0].token, claimed[0].attempts), (2, 2));
}

#[tokio::test]
async fn closing_finishes_what_was_accepted_and_takes_no_more() {
    let (_directory, path) = scratch();
    let make = Maker::new();
    let s = Arc::new(SqliteStore::open(&path).await.unwrap());
    let orders: Vec<_> = (0..100).map(|n| make.order("oak", at(n))).collect();
    let mut tasks = Vec::new();
    for order in &orders {
        let (s, commit) = (Arc::clone(&s), make.place(order));
        tasks.push(tokio::spawn(async move { s.commit(commit).await }));
    }
    // Let them all reach the queue, then close while they wait.
    tokio::task::yield_now().await;
    s.close().await;
    assert!(matches!(s.load(orders[0].id).await, Err(StoreError::Unavailable(_))));
    let mut answered = Vec::new();
    for (order, task) in orders.iter().zip(tasks) {
        match task.await.unwrap() {
            Ok(_) => answered.push(order.id),
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}"),
        }
    }
    let s = SqliteStore::open(&path).await.unwrap();
    let stored = s.events_after(None, Position(0), 200).await.unwrap();
    assert_eq!(stored.len(), answered.len());
    for id in answered {
        assert!(s.load(id).await.unwrap().is_some());
    }
    s.close().await;
    s.close().await;
}

#[tokio::test]
async fn a_file_needs_a_place() {
    let (directory, path) = scratch();
    let missing = refused(&directory.path().join("missing/orders.db")).await;
    assert!(matches!(missing, OpenError::CannotOpen { .. }), "{missing:?}");
    assert!(missing.to_string().contains("directory does not exist"), "{missing}");
    let folder = refused(directory.path()).await;
    assert!(folder.to_string().contains("is a directory"), "{folder}");
    for nowhere in ["", ":memory:"] {
        let error = refused(Path::new(nowhere)).await;
        assert!(matches!(error, OpenError::CannotOpen { .. }), "{error:?}");
    }
    assert!(!path.exists());
}

#[tokio::test]
async fn another_file_is_not_a_database() {
    let (_directory, path) = scratch();
    fs::write(&path, "id,total\n1,20.00\n".repeat(100)).unwrap();
    let error = refused(&path).await;
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error:?}");
    assert!(fs::read_to_string(&path).unwrap().starts_with("id,total"));
}

#[tokio::test]
async fn a_read_only_file_is_refused() {
    let (_directory, path) = scratch();
    filled(&path).await;
    // Permissions do not bind the administrator. A format number beyond what SQLite writes makes the file
    // read-only for everybody.
    let mut bytes = fs::read(&path).unwrap();
    bytes[18] = 3;
    fs::write(&path, &bytes).unwrap();
    let error = refused(&path).await;
    assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
    bytes[18] = 2;
    fs::write(&path, &bytes).unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let binds = fs::OpenOptions::new().write(true).open(&path).is_err();
    match SqliteStore::open(&path).await {
        Err(OpenError::ReadOnly { .. }) => assert!(binds),
        other => assert!(!binds, "{other:?}"),
    }
}

#[tokio::test]
async fn a_lock_held_elsewhere_makes_it_unavailable_for_a_while() {
    let (_directory, path) = scratch();
    let make = Maker::new();
    let options = SqliteOptions::new(&path).busy_timeout(Duration::from_millis(50));
    let s = SqliteStore::open_with(options.clone()).await.unwrap();
    let (order, other) = (make.order("oak", at(0)), make.order("oak", at(1)));
    s.commit(make.place(&order)).await.unwrap();
    let locker = Connection::open(&path).unwrap();
    locker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = s.commit(make.place(&other)).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(text) if text.contains("lock")), "{error:?}");
    assert!(error.is_transient());
    let error = s.claim(make.claim(at(0))).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    // Reading goes on, and another process is told why it cannot open.
    assert_eq!(s.load(order.id).await.unwrap(), Some(order));
    let error = SqliteStore::open_with(options).await.unwrap_err();
    assert!(matches!(error, OpenError::Busy { .. }), "{error:?}");
    locker.execute_batch("ROLLBACK").unwrap();
    s.commit(make.place(&other)).await.unwrap();
    assert_eq!(s.load(other.id).await.unwrap(), Some(other));
}

#[tokio::test]
async fn a_transaction_that_ends_by_itself_is_an_error_and_the_next_goes_on() {
    let (_directory, path) = scratch();
    let make = Maker::new();
    SqliteStore::open(&path).await.unwrap().close().await;
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TRIGGER trouble BEFORE INSERT ON events WHEN NEW.store = 'elm'
         BEGIN SELECT RAISE(ROLLBACK, 'trouble'); END",
    )
    .unwrap();
    drop(conn);
    let s = SqliteStore::open(&path).await.unwrap();
    let (bad, good) = (make.order("elm", at(0)), make.order("oak", at(1)));
    s.commit(make.place(&bad)).await.unwrap_err();
    s.commit(make.place(&good)).await.unwrap();
    s.check().await.unwrap();
    assert_eq!(s.load(bad.id).await.unwrap(), None);
    assert_eq!(s.load(good.id).await.unwrap(), Some(good));
}

#[tokio::test]
async fn two_stores_share_one_file() {
    let (_directory, path) = scratch();
    let make = Maker::new();
    let one = SqliteStore::open(&path).await.unwrap();
    let two = SqliteStore::open(&path).await.unwrap();
    let order = make.order("oak", at(0));
    one.commit(make.place(&order)).await.unwrap();
    let (a, b) = (make.step(&order, |_| {}), make.step(&order, |_| {}));
    let (a, b) = tokio::join!(one.commit(a), two.commit(b));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    assert_eq!(two.load(order.id).await.unwrap().unwrap().revision.get(), 2);
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let (_directory, path) = scratch();
    filled(&path).await;
    let steps = |path: &Path| -> Vec<(i64, Vec<u8>)> {
        let conn = Connection::open(path).unwrap();
        let mut statement = conn.prepare("SELECT step, sha256 FROM order_store_migrations").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let before = steps(&path);
    SqliteStore::open(&path).await.unwrap().close().await;
    assert_eq!(steps(&path), before);
    assert!(!before.is_empty());
}

/// What the first release wrote: its schema, with the checksum it gave it, and these orders.
fn first_release(path: &Path, orders: &[Order]) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(include_str!("../src/sqlite/schema/0001_orders.sql")).unwrap();
    conn.execute_batch(
        "CREATE TABLE order_store_migrations (step INTEGER PRIMARY KEY, sha256 BLOB NOT NULL) STRICT;
         INSERT INTO order_store_migrations
         VALUES (1, x'8e2666c627abafda95718853470436882916380b5861694e0126f50791d0d6ed')",
    )
    .unwrap();
    for order in orders {
        let (id, text) = (order.id.as_uuid().as_bytes(), serde_json::to_string(order).unwrap());
        let at = order.created_at.timestamp_micros();
        conn.execute(
            "INSERT INTO orders
                (id, code, store, revision, status, pos, attention, created_at, updated_at, search, snapshot)
             VALUES (?1, ?2, ?3, 1, 2, 1, 0, ?4, ?4, '', ?5)",
            params![id, order.code.to_string(), order.store.as_str(), at, text],
        )
        .unwrap();
        let event = Maker::new().place(order).events.remove(0);
        conn.execute(
            "INSERT INTO events (store, order_id, revision, payload) VALUES (?1, ?2, 1, ?3)",
            params![order.store.as_str(), id, serde_json::to_string(&event).unwrap()],
        )
        .unwrap();
        conn.execute(
            "INSERT INTO status_counts VALUES (?1, 2, 1) ON CONFLICT DO UPDATE SET orders = orders + 1",
            [order.store.as_str()],
        )
        .unwrap();
    }
}

#[tokio::test]
async fn a_file_of_the_first_release_is_brought_forward() {
    let (_directory, path) = scratch();
    let make = Maker::new();
    let (number, front) = ("4155550123", KioskId::new("front").unwrap());
    let placed = |seconds| {
        let mut order = make.order("oak", at(seconds));
        order.customer.phone = Some(number.into());
        order.kiosk = Some(front.clone());
        order
    };
    let day = 86_400;
    let orders = [placed(-200 * day), placed(-91 * day), placed(0), make.order("oak", at(0))];
    first_release(&path, &orders);
    let s = SqliteStore::open(&path).await.unwrap();
    s.check().await.unwrap();
    // The late ones are found by their customer and counted by their kiosk; what is too old to matter is not.
    let mut query = asks("oak", &[phone(number)], at(-300 * day));
    query.counts = vec![(OrderKey::kiosk(&front), at(0))];
    let standing = s.standing(&query).await.unwrap();
    assert_eq!((standing.orders.as_slice(), standing.counts.as_slice()), (&orders[1..3], &[1][..]));
    assert_eq!((standing.mark, standing.pause), (Position(0), None));
    // From here on they are as any other.
    let aware = |seen| Ties { seen: Some(seen), since: query.since, ..ties(&query.customer) };
    let amended = make.step(&orders[2], |_| {});
    s.commit(Commit { ties: Some(aware(standing.mark)), ..amended }).await.unwrap();
    let late = Commit { ties: Some(aware(standing.mark)), ..make.place(&placed(5)) };
    let error = s.commit(late).await.unwrap_err();
    assert!(matches!(error, StoreError::CustomerBusy), "{error:?}");
    s.check().await.unwrap();
    s.close().await;
    SqliteStore::open(&path).await.unwrap().check().await.unwrap();
}

#[tokio::test]
async fn a_damaged_order_does_not_keep_a_file_from_being_brought_forward() {
    let (_directory, path) = scratch();
    let make = Maker::new();
    let orders = [make.order("oak", at(0)), make.order("oak", at(1))];
    first_release(&path, &orders);
    let conn = Connection::open(&path).unwrap();
    conn.execute("UPDATE orders SET snapshot = '{}' WHERE seq = 1", []).unwrap();
    drop(conn);
    let s = SqliteStore::open(&path).await.unwrap();
    assert!(matches!(s.load(orders[0].id).await, Err(StoreError::Corrupt(_))));
    assert_eq!(s.load(orders[1].id).await.unwrap().as_ref(), Some(&orders[1]));
}

/// Keys are made of what is known of a person, so none may outlive the order.
#[tokio::test]
async fn an_erased_order_leaves_no_key_behind() {
    let (_directory, path) = scratch();
    let commit = filled(&path).await;
    let make = Maker::after(100);
    let s = SqliteStore::open(&path).await.unwrap();
    let other = make.order("oak", at(1));
    s.commit(Commit { ties: Some(ties(&[phone("1")])), ..make.place(&other) }).await.unwrap();
    s.close().await;
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = ON;
         DROP TRIGGER events_are_not_deleted;
         DELETE FROM outbox; DELETE FROM submissions; DELETE FROM holds;
         DELETE FROM events WHERE position = 1",
    )
    .unwrap();
    conn.execute("DELETE FROM orders WHERE id = ?1", [commit.order.id.as_uuid().as_bytes()]).unwrap();
    let rows = |table: &str| -> i64 {
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!((rows("order_keys"), rows("order_ties")), (1, 1));
    let s = SqliteStore::open(&path).await.unwrap();
    let standing = s.standing(&everything()).await.unwrap();
    assert_eq!((standing.orders.as_slice(), standing.in_slot), (&[other][..], 0));
    assert_eq!(standing.counts, [0]);
}

#[tokio::test]
async fn an_altered_schema_is_refused() {
    let (_directory, path) = scratch();
    filled(&path).await;
    let conn = Connection::open(&path).unwrap();
    conn.execute("UPDATE order_store_migrations SET sha256 = zeroblob(32) WHERE step = 1", []).unwrap();
    drop(conn);
    let error = refused(&path).await;
    assert!(matches!(error, OpenError::AlteredSchema { step: 1 }), "{error:?}");
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let (_directory, path) = scratch();
    filled(&path).await;
    let conn = Connection::open(&path).unwrap();
    conn.execute("INSERT INTO order_store_migrations VALUES (999, zeroblob(32))", []).unwrap();
    drop(conn);
    let error = refused(&path).await;
    assert!(matches!(error, OpenError::NewerSchema { found: 999, .. }), "{error:?}");
}

#[tokio::test]
async fn the_log_refuses_to_be_changed() {
    let (_directory, path) = scratch();
    filled(&path).await;
    let conn = Connection::open(&path).unwrap();
    for sql in ["UPDATE events SET payload = '{}'", "DELETE FROM events"] {
        let error = conn.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{error}");
    }
}

#[tokio::test]
async fn a_check_finds_what_was_tampered_with() {
    for sql in [
        "UPDATE orders SET revision = 7",
        "UPDATE orders SET snapshot = json_set(snapshot, '$.revision', 7)",
        "DROP TRIGGER events_are_not_deleted; DELETE FROM events",
        "DROP TRIGGER events_are_not_changed; UPDATE events SET store = 'elm'",
        "UPDATE status_counts SET orders = 5",
        "UPDATE outbox SET blocked = 1",
        "UPDATE outbox SET blocked = 0",
        "PRAGMA foreign_keys = OFF; UPDATE holds SET order_id = zeroblob(16)",
        "PRAGMA foreign_keys = OFF; UPDATE order_ties SET seq = 7",
        "UPDATE order_keys SET day = day + 1",
        "UPDATE order_ties SET store = 'elm'; UPDATE order_keys SET store = 'elm'",
    ] {
        let (_directory, path) = scratch();
        filled(&path).await;
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let s = SqliteStore::open(&path).await.unwrap();
        let found = s.check().await;
        assert!(matches!(found, Err(StoreError::Corrupt(_))), "{sql}: {found:?}");
    }
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_read_is_an_error_without_its_content() {
    let (_directory, path) = scratch();
    let commit = filled(&path).await;
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("UPDATE orders SET snapshot = '{\"id\": \"Ada Byron\"}'").unwrap();
    let s = SqliteStore::open(&path).await.unwrap();
    let error = s.load(commit.order.id).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    assert!(!error.to_string().contains("Ada"), "{error}");
}

/// Claims and lists must stay cheap among millions of rows, so each is read from an index.
#[tokio::test]
async fn hot_statements_use_their_indexes() {
    let (_directory, path) = scratch();
    filled(&path).await;
    let conn = Connection::open(&path).unwrap();
    for sql in [
        "SELECT id FROM outbox WHERE blocked = 0 AND due <= 9
           AND (leased_until IS NULL OR leased_until <= 9) ORDER BY due, id LIMIT 5",
        "SELECT due FROM outbox WHERE blocked = 0 AND leased_until IS NULL ORDER BY due LIMIT 1",
        "SELECT min(leased_until) FROM outbox WHERE blocked = 0 AND leased_until IS NOT NULL",
        "SELECT created_at, id, seq FROM orders WHERE store = 'oak' AND status = 2 AND attention = 0
           AND (created_at, id) < (5, x'00') ORDER BY created_at DESC, id DESC LIMIT 5",
        "SELECT position FROM events WHERE store = 'oak' AND position > 3 ORDER BY position LIMIT 5",
        "SELECT quantity FROM holds WHERE store = 'oak' AND product = 'p' AND variant = ''",
        "SELECT min(id) FROM outbox WHERE lane = 'pos' AND order_id = x'00'",
    ] {
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> =
            statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let plan = plan.join("; ");
        assert!(plan.contains("INDEX") || plan.contains("PRIMARY KEY"), "{sql}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}
