//! What holds when many call at once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use order_core::model::{Order, PosTask};
use order_core::ports::{
    Claim, Commit, Holds, OrderSearch, OrderStore, Position, Settle, Settlement, Slot, StandingQuery,
    StoreError, Ties,
};

use crate::testkit::{Maker, asks, at, key, phone, sku, store, ties};

/// Commits all at once, each on a task of its own.
async fn at_once<S: OrderStore + OrderSearch + 'static>(
    s: &Arc<S>,
    commits: Vec<Commit>,
) -> Vec<Result<(), StoreError>> {
    let tasks: Vec<_> = commits
        .into_iter()
        .map(|commit| {
            let s = Arc::clone(s);
            tokio::spawn(async move { s.commit(commit).await.map(drop) })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// Of many decisions on one revision exactly one is written; the others are told.
pub async fn one_of_many_writers_of_a_revision_wins<S: OrderStore + OrderSearch + 'static>(s: S) {
    let (s, make) = (Arc::new(s), Maker::new());
    let mut order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    for round in 1..=5 {
        let commits: Vec<Commit> = (0..32).map(|_| make.step(&order, |_| {})).collect();
        let results = at_once(&s, commits).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        for result in results {
            assert!(matches!(result, Ok(()) | Err(StoreError::Conflict { .. })), "{result:?}");
        }
        order = s.load(order.id).await.unwrap().unwrap();
        assert_eq!(order.revision.get(), round + 1);
    }
    assert_eq!(s.history(order.id).await.unwrap().len(), 6);
}

/// Sixty-four submissions under one key make one order, and all learn which.
pub async fn one_key_makes_one_order<S: OrderStore + OrderSearch + 'static>(s: S) {
    let (s, make) = (Arc::new(s), Maker::new());
    let orders: Vec<Order> = (0..64).map(|n| make.order("oak", at(n))).collect();
    let commits = orders
        .iter()
        .map(|order| Commit { submission: Some(make.submission(order, "k")), ..make.place(order) })
        .collect();
    let results = at_once(&s, commits).await;
    let stored = s.submission(&store("oak"), &key("k")).await.unwrap().unwrap();
    for (order, result) in orders.iter().zip(results) {
        match result {
            Ok(()) => assert_eq!(stored.order, order.id),
            Err(StoreError::KeyUsed(used)) => assert_eq!(*used, stored),
            Err(other) => panic!("expected the used key, got {other:?}"),
        }
    }
    assert_eq!(s.events_after(None, Position(0), 100).await.unwrap().len(), 1);
}

/// Claimers at once never get the same piece, and together get every piece once.
pub async fn claimers_never_share<S: OrderStore + OrderSearch + 'static>(s: S) {
    let (s, make) = (Arc::new(s), Arc::new(Maker::new()));
    for n in 0..40 {
        let order = make.order("oak", at(n));
        let effects = vec![make.pos(PosTask::Create, at(0)), make.notice(at(0)), make.notice(at(0))];
        s.commit(Commit { effects, ..make.place(&order) }).await.unwrap();
    }
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (s, make) = (Arc::clone(&s), Arc::clone(&make));
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claim = Claim { limit: 3, lease: Duration::from_secs(600), ..make.claim(at(10)) };
                    let claimed = s.claim(claim).await.unwrap();
                    if claimed.is_empty() {
                        return mine;
                    }
                    for one in claimed {
                        mine.push(one.id);
                        let settlement = Settlement::Done;
                        s.settle(Settle { effect: one.id, token: one.token, settlement }).await.unwrap();
                    }
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    assert_eq!(all.len(), 120);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 120);
}

/// Fifty orders for ten units at once: ten get theirs, the others are told that none is left.
pub async fn holds_never_exceed_stock<S: OrderStore + OrderSearch + 'static>(s: S) {
    let (s, make) = (Arc::new(s), Maker::new());
    let orders: Vec<Order> = (0..50).map(|n| make.order("oak", at(n))).collect();
    let commits = orders
        .iter()
        .map(|order| Commit {
            holds: Holds::Set(vec![make.hold("p1", 1, Some(10), at(0))]),
            ..make.place(order)
        })
        .collect();
    let results = at_once(&s, commits).await;
    for (order, result) in orders.iter().zip(&results) {
        let stored = s.load(order.id).await.unwrap();
        match result {
            Ok(()) => assert!(stored.is_some()),
            Err(StoreError::OutOfStock { left, .. }) => assert!(left.is_zero() && stored.is_none()),
            Err(other) => panic!("expected to be out of stock, got {other:?}"),
        }
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10);
    let oak = store("oak");
    assert_eq!(s.held(&oak, None, &[(sku("p1"), at(0))]).await.unwrap(), [10.into()]);
    // Released at once by all who hold, twice each: the stock is back once.
    let releases = orders
        .iter()
        .zip(&results)
        .filter(|(_, result)| result.is_ok())
        .flat_map(|(order, _)| [make.quiet(order), make.quiet(order)])
        .map(|commit| Commit { holds: Holds::Release, ..commit })
        .collect();
    assert!(at_once(&s, releases).await.iter().all(Result::is_ok));
    assert_eq!(s.held(&oak, None, &[(sku("p1"), at(0))]).await.unwrap(), [0.into()]);
}

/// Of many orders of one customer that were decided on one look exactly one is written in each round, and
/// orders of others beside them all go through.
pub async fn one_order_of_a_customer_wins_each_round<S: OrderStore + OrderSearch + 'static>(s: S) {
    let (s, make) = (Arc::new(s), Maker::new());
    let ada = [phone("1"), phone("2"), phone("3")];
    for round in 1..=5 {
        let seen = s.standing(&asks("oak", &ada, at(0))).await.unwrap().mark;
        let mut commits = Vec::new();
        for n in 0..24 {
            let tied = Ties { seen: Some(seen), since: at(0), ..ties(&ada) };
            commits.push(Commit { ties: Some(tied), ..make.place(&make.order("oak", at(round))) });
            let stranger = [phone(&format!("{round}/{n}"))];
            let tied = Ties { seen: Some(Position(0)), since: at(0), ..ties(&stranger) };
            commits.push(Commit { ties: Some(tied), ..make.place(&make.order("oak", at(round))) });
        }
        let results = at_once(&s, commits).await;
        let (mine, others): (Vec<_>, Vec<_>) = results.iter().enumerate().partition(|(n, _)| n % 2 == 0);
        assert!(others.iter().all(|(_, result)| result.is_ok()), "{others:?}");
        assert_eq!(mine.iter().filter(|(_, result)| result.is_ok()).count(), 1);
        assert!(mine.iter().all(|(_, result)| matches!(result, Ok(()) | Err(StoreError::CustomerBusy))));
    }
    assert_eq!(s.standing(&asks("oak", &ada, at(0))).await.unwrap().orders.len(), 5);
}

/// Twice as many orders as a slot has places, at once: exactly as many as there are places get one.
pub async fn a_slot_is_never_overfilled<S: OrderStore + OrderSearch + 'static>(s: S) {
    let (s, make) = (Arc::new(s), Maker::new());
    let slot = Slot { from: at(3_600), capacity: Some(20) };
    let commits = (0..40)
        .map(|_| {
            let tied = Ties { slot: Some(slot), ..ties(&[]) };
            Commit { ties: Some(tied), ..make.place(&make.order("oak", at(0))) }
        })
        .collect();
    let results = at_once(&s, commits).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 20);
    assert!(results.iter().all(|result| matches!(result, Ok(()) | Err(StoreError::SlotFull))));
    let query = StandingQuery { slot: Some(slot.from), ..asks("oak", &[], at(0)) };
    assert_eq!(s.standing(&query).await.unwrap().in_slot, 20);
}

/// Whoever reads the log while it grows sees every event once and in order: no place is filled in later.
pub async fn positions_are_never_filled_in_later<S: OrderStore + OrderSearch + 'static>(s: S) {
    let (s, make) = (Arc::new(s), Maker::new());
    let ended = Arc::new(AtomicBool::new(false));
    let reader = {
        let (s, ended) = (Arc::clone(&s), Arc::clone(&ended));
        tokio::spawn(async move {
            let (mut after, mut seen) = (Position(0), Vec::new());
            loop {
                // Asked before the read, so that the last read comes after the last write.
                let last = ended.load(Ordering::SeqCst);
                let page = s.events_after(None, after, 7).await.unwrap();
                if let Some(recorded) = page.last() {
                    after = recorded.position;
                } else if last {
                    return seen;
                }
                seen.extend(page.into_iter().map(|recorded| recorded.event.order));
                tokio::task::yield_now().await;
            }
        })
    };
    let orders: Vec<Order> = (0..200).map(|n| make.order("oak", at(n))).collect();
    for some in orders.chunks(40) {
        let commits = some.iter().map(|order| make.place(order)).collect();
        assert!(at_once(&s, commits).await.iter().all(Result::is_ok));
    }
    ended.store(true, Ordering::SeqCst);
    let mut seen = reader.await.unwrap();
    assert_eq!(seen.len(), 200);
    seen.sort_unstable();
    assert_eq!(seen, orders.iter().map(|order| order.id).collect::<Vec<_>>());
}
