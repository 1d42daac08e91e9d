//! What a commit promises.

use order_core::lifecycle::Change;
use order_core::model::{Order, PosTask, Revision};
use order_core::ports::{Holds, OrderSearch, OrderStore, Position, StoreError};

use crate::testkit::{Maker, at, key, sku, store};

fn json(order: &Order) -> String {
    serde_json::to_string(order).unwrap()
}

/// Snapshot and events are read back exactly as they were written.
pub async fn a_new_order_is_read_back_byte_for_byte<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let mut order = make.order("oak", at(0) + std::time::Duration::from_nanos(123_456_789));
    order.items[0].name = "Crème \"Brûlée\" \u{1F36E}\nNo. 1".into();
    let commit = make.place(&order);
    s.commit(commit.clone()).await.unwrap();
    let read = s.load(order.id).await.unwrap().expect("the order");
    assert_eq!(json(&read), json(&order));
    let history = s.history(order.id).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].event, commit.events[0]);
    assert_eq!(
        serde_json::to_string(&history[0].event).unwrap(),
        serde_json::to_string(&commit.events[0]).unwrap()
    );
    assert_eq!(history[0].store, order.store);
}

/// The spoken code leads to the order.
pub async fn an_order_is_found_by_its_code<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let (one, other) = (make.order("oak", at(0)), make.order("oak", at(1)));
    s.commit(make.place(&one)).await.unwrap();
    s.commit(make.place(&other)).await.unwrap();
    assert_eq!(s.load_by_code(other.code).await.unwrap(), Some(other));
}

/// What is not there is not an error.
pub async fn an_unknown_order_is_none<S: OrderStore + OrderSearch>(s: S) {
    let order = Maker::new().order("oak", at(0));
    assert_eq!(s.load(order.id).await.unwrap(), None);
    assert_eq!(s.load_by_code(order.code).await.unwrap(), None);
    assert_eq!(s.submission(&order.store, &key("k")).await.unwrap(), None);
    assert!(s.history(order.id).await.unwrap().is_empty());
}

/// An id is used once.
pub async fn a_second_order_of_one_id_is_refused<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    let twin = Order { id: order.id, ..make.order("oak", at(1)) };
    let error = s.commit(make.place(&twin)).await.unwrap_err();
    assert!(matches!(error, StoreError::IdTaken), "{error:?}");
    assert_eq!(s.load(order.id).await.unwrap(), Some(order));
}

/// A code is used once, in all stores together.
pub async fn a_second_order_of_one_code_is_refused<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    let twin = Order { code: order.code, ..make.order("elm", at(1)) };
    let error = s.commit(make.place(&twin)).await.unwrap_err();
    assert!(matches!(error, StoreError::CodeTaken), "{error:?}");
    assert_eq!(s.load(twin.id).await.unwrap(), None);
}

/// A replayed submission is told of its key, even where its id and code clash too.
pub async fn a_used_key_is_told_before_anything_else<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    let mut commit = make.place(&order);
    commit.submission = Some(make.submission(&order, "k"));
    s.commit(commit.clone()).await.unwrap();
    let other = make.order("oak", at(1));
    let mut again = make.place(&other);
    again.submission =
        Some(order_core::ports::Submission { fingerprint: [9; 32], ..make.submission(&other, "k") });
    for replay in [commit, again] {
        match s.commit(replay).await {
            Err(StoreError::KeyUsed(used)) => assert_eq!(*used, make.submission(&order, "k")),
            other => panic!("expected the used key, got {other:?}"),
        }
    }
    assert_eq!(s.load(other.id).await.unwrap(), None);
    let stored = s.submission(&order.store, &key("k")).await.unwrap();
    assert_eq!(stored, Some(make.submission(&order, "k")));
}

/// The same key in two stores is two keys.
pub async fn a_key_counts_within_its_store<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    for name in ["oak", "elm"] {
        let order = make.order(name, at(0));
        let mut commit = make.place(&order);
        commit.submission = Some(make.submission(&order, "k"));
        s.commit(commit).await.unwrap();
        let stored = s.submission(&store(name), &key("k")).await.unwrap();
        assert_eq!(stored.map(|stored| stored.order), Some(order.id));
    }
}

/// A decision on an old revision is refused, and told which revision there is.
pub async fn a_stale_revision_is_refused_with_both_revisions<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    let first = make.step(&order, |_| {});
    let second = make.step(&order, |order| order.cancel_requested = true);
    s.commit(first.clone()).await.unwrap();
    match s.commit(second).await {
        Err(StoreError::Conflict { expected, actual }) => {
            assert_eq!((expected.get(), actual.get()), (1, 2));
        }
        other => panic!("expected a conflict, got {other:?}"),
    }
    assert_eq!(s.load(order.id).await.unwrap(), Some(first.order.clone()));
    // A revision that is not reached yet is as wrong.
    let mut early = make.step(&Order { revision: Revision::new(5), ..first.order }, |_| {});
    early.expected = Some(Revision::new(5));
    let error = s.commit(early).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error:?}");
}

/// There is nothing to change in an order that does not exist.
pub async fn a_change_of_an_unknown_order_is_refused<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    for commit in [make.step(&order, |_| {}), make.quiet(&order)] {
        let error = s.commit(commit).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound), "{error:?}");
    }
    assert_eq!(s.load(order.id).await.unwrap(), None);
}

/// A gap or a repeat among the revisions of the events is refused.
pub async fn events_must_follow_on<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    for revisions in [[3, 4], [2, 2], [1, 2], [3, 2]] {
        let mut commit = make.step(&order, |_| {});
        commit.order.revision = Revision::new(revisions[1]);
        commit.events =
            revisions.map(|revision| make.event(&commit.order, revision, Change::CancelRequested)).to_vec();
        let error = s.commit(commit).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{revisions:?}: {error:?}");
    }
    assert_eq!(s.load(order.id).await.unwrap(), Some(order));
}

/// A snapshot of another revision than its last event is refused.
pub async fn events_must_end_at_the_snapshot<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    let mut ahead = make.step(&order, |_| {});
    ahead.order.revision = Revision::new(3);
    let mut behind = make.step(&order, |_| {});
    behind.order.revision = Revision::new(1);
    let mut silent = make.quiet(&order);
    silent.order.revision = Revision::new(2);
    for commit in [ahead, behind, silent] {
        let error = s.commit(commit).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    }
    assert_eq!(s.history(order.id).await.unwrap().len(), 1);
}

/// An event of another order is refused.
pub async fn events_must_be_of_the_order<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let (order, other) = (make.order("oak", at(0)), make.order("oak", at(1)));
    let mut commit = make.place(&order);
    commit.events[0].order = other.id;
    let error = s.commit(commit).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    assert_eq!(s.load(order.id).await.unwrap(), None);
}

/// An order begins with an event.
pub async fn a_new_order_needs_an_event<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let mut commit = make.place(&make.order("oak", at(0)));
    commit.events.clear();
    commit.order.revision = Revision::new(0);
    let error = s.commit(commit).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
}

/// An order does not move to another store, nor change its code.
pub async fn an_order_keeps_its_store_and_code<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let (order, other) = (make.order("oak", at(0)), make.order("elm", at(0)));
    s.commit(make.place(&order)).await.unwrap();
    let moved = make.step(&order, |order| order.store = other.store.clone());
    let renamed = make.step(&order, |order| order.code = other.code);
    for commit in [moved, renamed] {
        let error = s.commit(commit).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    }
    assert_eq!(s.load(order.id).await.unwrap(), Some(order));
}

/// Without events the revision stays, the work is written, and the place is the log's last.
pub async fn a_commit_without_events_keeps_the_revision<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let (order, later) = (make.order("oak", at(0)), make.order("oak", at(1)));
    s.commit(make.place(&order)).await.unwrap();
    let last = s.commit(make.place(&later)).await.unwrap().position;
    let mut quiet = make.quiet(&order);
    quiet.effects = vec![make.notice(at(0))];
    let committed = s.commit(quiet).await.unwrap();
    assert_eq!(committed.position, last);
    assert_eq!(s.load(order.id).await.unwrap(), Some(order));
    assert_eq!(s.claim(make.claim(at(0))).await.unwrap().len(), 1);
}

/// A commit is all or nothing: whatever it is refused for, none of its parts is written.
pub async fn a_refused_commit_leaves_nothing<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    let position = s.events_after(None, Position(0), 10).await.unwrap().len();
    let mut refused = make.step(&order, |order| order.cancel_requested = true);
    refused.effects = vec![make.pos(PosTask::Create, at(0)), make.notice(at(0))];
    refused.submission = Some(make.submission(&order, "k"));
    refused.holds = Holds::Set(vec![make.hold("p1", 1, None, at(0)), make.hold("p2", 5, Some(4), at(0))]);
    let error = s.commit(refused.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::OutOfStock { .. }), "{error:?}");
    assert_eq!(s.load(order.id).await.unwrap(), Some(order.clone()));
    assert_eq!(s.events_after(None, Position(0), 10).await.unwrap().len(), position);
    assert_eq!(s.submission(&order.store, &key("k")).await.unwrap(), None);
    assert!(s.claim(make.claim(at(9))).await.unwrap().is_empty());
    assert_eq!(s.held(&order.store, None, &[(sku("p1"), at(0))]).await.unwrap(), [0.into()]);
    // The same commit with stock enough goes through whole.
    refused.holds = Holds::Set(vec![make.hold("p2", 5, Some(5), at(0))]);
    s.commit(refused).await.unwrap();
    assert_eq!(s.claim(make.claim(at(9))).await.unwrap().len(), 2);
}

/// Two pieces of work cannot have one id.
pub async fn an_effect_id_is_used_once<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    let work = make.notice(at(0));
    let mut commit = make.place(&order);
    commit.effects = vec![work.clone()];
    s.commit(commit).await.unwrap();
    let mut again = make.step(&order, |_| {});
    again.effects = vec![work];
    let mut twice = make.step(&order, |_| {});
    let other = make.notice(at(0));
    twice.effects = vec![other.clone(), other];
    for commit in [again, twice] {
        let error = s.commit(commit).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    }
    assert_eq!(s.claim(make.claim(at(0))).await.unwrap().len(), 1);
    assert_eq!(s.history(order.id).await.unwrap().len(), 1);
}
