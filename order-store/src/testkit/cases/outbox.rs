//! What the outbox promises.

use std::time::Duration;

use order_core::lifecycle::Effect;
use order_core::model::{Order, PosTask, Status};
use order_core::ports::{
    Backlog, Claim, Claimed, EffectId, NewEffect, OrderSearch, OrderStore, Settle, Settlement, StoreError,
};

use crate::testkit::{Maker, at, store};

/// A new order with this work.
async fn place<S: OrderStore>(s: &S, make: &Maker, of: &str, work: Vec<NewEffect>) -> Order {
    let order = make.order(of, at(0));
    let mut commit = make.place(&order);
    commit.effects = work;
    s.commit(commit).await.unwrap();
    order
}

/// More work for an order that exists.
async fn add<S: OrderStore>(s: &S, make: &Maker, order: &Order, work: Vec<NewEffect>) {
    let mut commit = make.quiet(order);
    commit.effects = work;
    s.commit(commit).await.unwrap();
}

async fn claim<S: OrderStore>(s: &S, make: &Maker, now: i64) -> Vec<Claimed> {
    s.claim(make.claim(at(now))).await.unwrap()
}

fn ids(claimed: &[Claimed]) -> Vec<EffectId> {
    claimed.iter().map(|claimed| claimed.id).collect()
}

fn done(claimed: &Claimed) -> Settle {
    Settle { effect: claimed.id, token: claimed.token, settlement: Settlement::Done }
}

fn again(claimed: &Claimed, due: i64, fresh: bool) -> Settle {
    let settlement = Settlement::Again { due: at(due), fresh };
    Settle { effect: claimed.id, token: claimed.token, settlement }
}

fn is_lost<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::LeaseLost)), "{result:?}");
}

/// What is due comes, oldest first, then by id; what is due later stays. It comes as it was written.
pub async fn due_work_is_claimed_oldest_first<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let work = [5, 3, 9, 3].map(|due| make.notice(at(due)));
    let order = place(&s, &make, "oak", work.to_vec()).await;
    assert!(claim(&s, &make, 2).await.is_empty());
    let claimed = claim(&s, &make, 5).await;
    assert_eq!(ids(&claimed), [work[1].id, work[3].id, work[0].id]);
    let first = &claimed[0];
    assert_eq!((first.order, &first.store), (order.id, &order.store));
    assert_eq!((&first.effect, first.attempts, first.due), (&work[1].effect, 1, at(3)));
}

/// A claim excludes others until its lease ends.
pub async fn claimed_work_is_not_claimed_again<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, "oak", vec![make.notice(at(0))]).await;
    assert_eq!(claim(&s, &make, 0).await.len(), 1);
    assert!(claim(&s, &make, 59).await.is_empty());
    assert_eq!(claim(&s, &make, 60).await.len(), 1);
}

/// After its end a lease passes on; whoever was overtaken settles nothing, in a settle or in a commit.
pub async fn an_ended_lease_hands_over_and_the_old_token_is_refused<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, "oak", vec![make.pos(PosTask::Create, at(0))]).await;
    let old = claim(&s, &make, 0).await.remove(0);
    let new = claim(&s, &make, 60).await.remove(0);
    assert!(new.token > old.token);
    assert_eq!((new.id, new.attempts, new.due), (old.id, 2, at(0)));
    is_lost(s.settle(done(&old)).await);
    is_lost(s.settle(again(&old, 99, true)).await);
    let mut late = make.step(&order, |_| {});
    late.settle = Some(done(&old));
    is_lost(s.commit(late).await);
    s.settle(done(&new)).await.unwrap();
    is_lost(s.settle(done(&new)).await);
}

/// With a lost lease nothing of the commit is written.
pub async fn a_lost_lease_refuses_the_whole_commit<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, "oak", vec![make.pos(PosTask::Create, at(0))]).await;
    let claimed = claim(&s, &make, 0).await.remove(0);
    let mut late = make.step(&order, |order| order.cancel_requested = true);
    late.effects = vec![make.notice(at(0))];
    late.settle = Some(Settle { token: claimed.token + 1, ..done(&claimed) });
    is_lost(s.commit(late).await);
    assert_eq!(s.load(order.id).await.unwrap(), Some(order.clone()));
    assert_eq!(s.history(order.id).await.unwrap().len(), 1);
    assert!(claim(&s, &make, 1).await.is_empty());
    let strange = Settle { effect: make.notice(at(0)).id, ..done(&claimed) };
    is_lost(s.settle(strange).await);
}

/// Extended, a claim excludes others until its new end and is settled with the same token; only its latest
/// holder extends it.
pub async fn an_extended_claim_goes_on<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, "oak", vec![make.pos(PosTask::Create, at(0))]).await;
    let claimed = claim(&s, &make, 0).await.remove(0);
    let extend = |token, until| Settle {
        effect: claimed.id,
        token,
        settlement: Settlement::Extend { until: at(until) },
    };
    let mut begun = make.step(&order, |order| order.cancel_requested = true);
    begun.settle = Some(extend(claimed.token, 90));
    s.commit(begun).await.unwrap();
    assert!(claim(&s, &make, 89).await.is_empty());
    assert_eq!(s.next_due().await.unwrap(), Some(at(90)));
    let next = claim(&s, &make, 90).await.remove(0);
    assert_eq!((next.attempts, next.due), (2, at(0)));
    is_lost(s.settle(extend(claimed.token, 500)).await);
    s.settle(extend(next.token, 200)).await.unwrap();
    assert!(claim(&s, &make, 199).await.is_empty());
    s.settle(done(&next)).await.unwrap();
    assert_eq!(s.next_due().await.unwrap(), None);
}

/// Settled as done, the row is gone.
pub async fn done_work_goes<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, "oak", vec![make.notice(at(0))]).await;
    let claimed = claim(&s, &make, 0).await.remove(0);
    s.settle(done(&claimed)).await.unwrap();
    assert!(claim(&s, &make, 1000).await.is_empty());
    assert_eq!(s.next_due().await.unwrap(), None);
    assert_eq!(s.backlog(at(1000)).await.unwrap(), Backlog::default());
}

/// Settled as again, it comes at the new time, with its tries counted on and its first due time kept.
pub async fn work_comes_again_when_told<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, "oak", vec![make.notice(at(0))]).await;
    let first = claim(&s, &make, 5).await.remove(0);
    s.settle(again(&first, 30, false)).await.unwrap();
    assert!(claim(&s, &make, 29).await.is_empty());
    let second = claim(&s, &make, 30).await.remove(0);
    assert_eq!((second.attempts, second.due), (2, at(0)));
    assert!(second.token > first.token);
}

/// Made fresh, the count of tries and the first due time start over; the token does not.
pub async fn fresh_work_counts_anew<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, "oak", vec![make.notice(at(0))]).await;
    let first = claim(&s, &make, 5).await.remove(0);
    s.settle(again(&first, 30, true)).await.unwrap();
    let second = claim(&s, &make, 40).await.remove(0);
    assert_eq!((second.attempts, second.due), (1, at(30)));
    assert!(second.token > first.token);
}

/// Once settled, a claim is over, whoever holds its token.
pub async fn a_settled_claim_settles_nothing_more<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, "oak", vec![make.notice(at(0))]).await;
    let claimed = claim(&s, &make, 0).await.remove(0);
    s.settle(again(&claimed, 30, false)).await.unwrap();
    is_lost(s.settle(done(&claimed)).await);
    is_lost(s.settle(again(&claimed, 1, true)).await);
    assert_eq!(claim(&s, &make, 30).await.len(), 1);
}

/// What was never claimed has no token that settles it.
pub async fn unclaimed_work_cannot_be_settled<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let work = make.notice(at(0));
    place(&s, &make, "oak", vec![work.clone()]).await;
    for token in [0, 1, u64::MAX] {
        is_lost(s.settle(Settle { effect: work.id, token, settlement: Settlement::Done }).await);
    }
    assert_eq!(claim(&s, &make, 0).await.len(), 1);
}

/// Changes of one order in the POS go one after the other, through lease, wait and end; others do not wait.
pub async fn pos_work_of_an_order_keeps_its_line<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let create = make.pos(PosTask::Create, at(5));
    let start = make.pos(PosTask::SetStatus(Status::InProcess), at(1));
    let pack = make.pos(PosTask::SetStatus(Status::PackedReady), at(2));
    let order = place(&s, &make, "oak", vec![create.clone(), start.clone()]).await;
    add(&s, &make, &order, vec![pack.clone()]).await;
    let other = make.pos(PosTask::Create, at(3));
    place(&s, &make, "oak", vec![other.clone()]).await;
    // The first is not due yet: the later ones are, and wait all the same.
    assert_eq!(ids(&claim(&s, &make, 4).await), [other.id]);
    let first = claim(&s, &make, 5).await.remove(0);
    assert_eq!(first.id, create.id);
    assert!(claim(&s, &make, 6).await.is_empty());
    s.settle(again(&first, 50, false)).await.unwrap();
    assert!(claim(&s, &make, 49).await.is_empty());
    let first = claim(&s, &make, 50).await.remove(0);
    assert_eq!(first.id, create.id);
    s.settle(done(&first)).await.unwrap();
    let second = claim(&s, &make, 51).await;
    assert_eq!(ids(&second), [start.id]);
    s.settle(done(&second[0])).await.unwrap();
    assert_eq!(ids(&claim(&s, &make, 52).await), [pack.id]);
}

/// The line goes by id, not by when a row was written.
pub async fn an_earlier_change_that_comes_late_goes_first<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let early = make.pos(PosTask::Create, at(0));
    let late = make.pos(PosTask::MarkPaid, at(0));
    let order = place(&s, &make, "oak", vec![late.clone()]).await;
    add(&s, &make, &order, vec![early.clone()]).await;
    let first = claim(&s, &make, 0).await;
    assert_eq!(ids(&first), [early.id]);
    s.settle(done(&first[0])).await.unwrap();
    assert_eq!(ids(&claim(&s, &make, 0).await), [late.id]);
}

/// Reading the POS and sending messages wait for nothing, and hold nothing up.
pub async fn other_lanes_do_not_wait<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let work = vec![
        make.pos(PosTask::Follow, at(0)),
        make.notice(at(0)),
        make.pos(PosTask::Create, at(0)),
        make.pos(PosTask::Follow, at(0)),
        make.notice(at(0)),
        make.pos(PosTask::MarkPaid, at(0)),
    ];
    place(&s, &make, "oak", work).await;
    let claimed = claim(&s, &make, 0).await;
    assert_eq!(claimed.len(), 5);
    assert!(!claimed.iter().any(|claimed| claimed.effect == Effect::Pos(PosTask::MarkPaid)));
}

/// A store that is skipped keeps its work, the others give theirs.
pub async fn skipped_stores_keep_their_work<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    for of in ["oak", "elm", "ash"] {
        place(&s, &make, of, vec![make.notice(at(0))]).await;
    }
    let skip = Claim { skip: vec![store("oak"), store("ash")], ..make.claim(at(0)) };
    let claimed = s.claim(skip).await.unwrap();
    assert_eq!(claimed.iter().map(|claimed| claimed.store.as_str()).collect::<Vec<_>>(), ["elm"]);
    assert_eq!(claim(&s, &make, 0).await.len(), 2);
}

/// The next moment is when something can move: due, or its lease over; not what waits in line.
pub async fn next_due_is_the_earliest_that_can_move<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    assert_eq!(s.next_due().await.unwrap(), None);
    let work = vec![make.pos(PosTask::Create, at(20)), make.pos(PosTask::MarkPaid, at(1))];
    let order = place(&s, &make, "oak", work).await;
    assert_eq!(s.next_due().await.unwrap(), Some(at(20)));
    add(&s, &make, &order, vec![make.notice(at(10))]).await;
    assert_eq!(s.next_due().await.unwrap(), Some(at(10)));
    let notice = claim(&s, &make, 10).await.remove(0);
    assert_eq!(s.next_due().await.unwrap(), Some(at(20)));
    let create = claim(&s, &make, 20).await.remove(0);
    // The message's lease ends first.
    assert_eq!(s.next_due().await.unwrap(), Some(at(70)));
    s.settle(done(&notice)).await.unwrap();
    assert_eq!(s.next_due().await.unwrap(), Some(at(80)));
    s.settle(done(&create)).await.unwrap();
    assert_eq!(s.next_due().await.unwrap(), Some(at(1)));
}

/// As many as asked for, and the rest later. A lease may be longer than time.
pub async fn the_limit_is_kept<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, "oak", (0..5).map(|due| make.notice(at(due))).collect()).await;
    for (limit, expected) in [(0, 0), (2, 2), (usize::MAX, 3), (1, 0)] {
        let claim = Claim { limit, lease: Duration::MAX, ..make.claim(at(9)) };
        assert_eq!(s.claim(claim).await.unwrap().len(), expected);
    }
    assert!(s.next_due().await.unwrap().is_some_and(|next| next > at(1_000_000_000)));
}

/// How much waits, how much of it is due and unclaimed, and since when.
pub async fn the_backlog_counts<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    assert_eq!(s.backlog(at(0)).await.unwrap(), Backlog::default());
    place(&s, &make, "oak", [3, 5, 9].map(|due| make.notice(at(due))).to_vec()).await;
    let backlog = s.backlog(at(5)).await.unwrap();
    assert_eq!(backlog, Backlog { waiting: 3, due: 2, oldest_due: Some(at(3)) });
    s.claim(Claim { limit: 1, ..make.claim(at(5)) }).await.unwrap();
    let backlog = s.backlog(at(5)).await.unwrap();
    assert_eq!(backlog, Backlog { waiting: 3, due: 1, oldest_due: Some(at(5)) });
    let backlog = s.backlog(at(65)).await.unwrap();
    assert_eq!(backlog, Backlog { waiting: 3, due: 3, oldest_due: Some(at(3)) });
}

/// The outcome of a piece of work, its event and the work that follows are written together.
pub async fn outcome_and_event_are_one_commit<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let create = make.pos(PosTask::Create, at(0));
    let order = place(&s, &make, "oak", vec![create]).await;
    let claimed = claim(&s, &make, 0).await.remove(0);
    let follow = make.pos(PosTask::MarkPaid, at(1));
    let mut commit = make.step(&order, |_| {});
    commit.settle = Some(done(&claimed));
    commit.effects = vec![follow.clone()];
    let after = commit.order.clone();
    s.commit(commit).await.unwrap();
    assert_eq!(s.load(order.id).await.unwrap(), Some(after.clone()));
    let next = claim(&s, &make, 1).await;
    assert_eq!(ids(&next), [follow.id]);
    // Again, with an event but as the same row.
    let mut commit = make.step(&after, |_| {});
    commit.settle = Some(again(&next[0], 7, false));
    s.commit(commit).await.unwrap();
    assert_eq!(s.next_due().await.unwrap(), Some(at(7)));
}
