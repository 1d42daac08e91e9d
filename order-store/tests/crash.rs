//! A process killed in the middle of its commits loses none that it acknowledged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use order_core::model::{OrderId, PosTask};
use order_core::ports::{Commit, Holds, OrderStore, Position};
use order_store::SqliteStore;
use order_store::testkit::{Maker, at};

const PATH: &str = "ORDER_STORE_CRASH_PATH";
const ROUND: &str = "ORDER_STORE_CRASH_ROUND";
const MARK: &str = "acknowledged ";

/// What the child does until it is killed: eight writers commit and say so.
async fn commit_for_ever(path: &Path, round: u64) {
    let store = Arc::new(SqliteStore::open(path).await.unwrap());
    let make = Arc::new(Maker::after(round * 10_000_000));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (store, make) = (Arc::clone(&store), Arc::clone(&make));
            tokio::spawn(async move {
                loop {
                    let order = make.order("oak", at(0));
                    let commit = Commit {
                        effects: vec![make.pos(PosTask::Create, at(0)), make.notice(at(0))],
                        submission: Some(make.submission(&order, &order.id.to_string())),
                        holds: Holds::Set(vec![make.hold("p1", 1, None, at(0))]),
                        ..make.place(&order)
                    };
                    store.commit(commit).await.unwrap();
                    // One write, so that a line is whole or not there.
                    let line = format!("{MARK}{}\n", order.id);
                    if std::io::stdout().lock().write_all(line.as_bytes()).is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    if let (Ok(path), Ok(round)) = (std::env::var(PATH), std::env::var(ROUND)) {
        commit_for_ever(Path::new(&path), round.parse().unwrap()).await;
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("orders.db");
    let mut acknowledged = Vec::new();
    for round in 1..=5_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["a_kill_loses_nothing_that_was_acknowledged", "--exact", "--nocapture"])
            .env(PATH, &path)
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let enough = acknowledged.len() + 100 * usize::try_from(round).unwrap();
        let id =
            |line: &str| -> Option<OrderId> { line.split_once(MARK).and_then(|(_, id)| id.parse().ok()) };
        while acknowledged.len() < enough {
            let line = lines.next().expect("the child goes on until it is killed").unwrap();
            acknowledged.extend(id(&line));
        }
        // SIGKILL, while its writers are in the middle of something.
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| id(&line)));
        let store = SqliteStore::open(&path).await.unwrap();
        store.check().await.unwrap();
        for id in &acknowledged {
            assert!(store.load(*id).await.unwrap().is_some(), "{id} was acknowledged and is gone");
        }
        let events = store.events_after(None, Position(0), usize::MAX).await.unwrap().len();
        assert!(events >= acknowledged.len());
        store.close().await;
    }
}
