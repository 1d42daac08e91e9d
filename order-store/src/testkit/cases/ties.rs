//! What ties promise: orders of one customer notice one another, and a slot takes no more than it may.

use order_core::model::{KioskId, Order, OrderCustomer, OrderId, OrderKey, Pause, Status};
use order_core::ports::{Commit, Holds, OrderSearch, OrderStore, Position, Slot, Standing, StoreError, Ties};

use crate::testkit::{Maker, asks, at, customer, phone, store, ties};

async fn standing<S: OrderStore>(s: &S, keys: &[OrderKey], since: i64) -> Standing {
    s.standing(&asks("oak", keys, at(since))).await.unwrap()
}

fn ids(standing: &Standing) -> Vec<OrderId> {
    standing.orders.iter().map(|order| order.id).collect()
}

/// Places an order of these keys, unseen.
async fn place<S: OrderStore>(s: &S, make: &Maker, of: &str, placed: i64, keys: &[OrderKey]) -> Order {
    let order = make.order(of, at(placed));
    s.commit(Commit { ties: Some(ties(keys)), ..make.place(&order) }).await.unwrap();
    order
}

/// One more event on an order, with these ties, and this status.
async fn step<S: OrderStore>(
    s: &S,
    make: &Maker,
    order: &Order,
    status: Status,
    ties: Option<Ties>,
) -> (Order, Position) {
    let commit = Commit { ties, ..make.step(order, |order| order.status = status) };
    let position = s.commit(commit.clone()).await.unwrap().position;
    (commit.order, position)
}

fn busy<T: std::fmt::Debug>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::CustomerBusy))
}

/// A customer's orders are those that share any key, each once, earliest first.
pub async fn orders_that_share_a_key_are_found<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let (ada, mail, bob) = (phone("1"), phone("2"), phone("3"));
    let late = place(&s, &make, "oak", 300_000, &[mail]).await;
    let early = place(&s, &make, "oak", 1, &[ada, mail]).await;
    let twin = place(&s, &make, "oak", 1, &[ada]).await;
    let other = place(&s, &make, "oak", 2, &[bob]).await;
    s.commit(make.place(&make.order("oak", at(3)))).await.unwrap();
    assert_eq!(ids(&standing(&s, &[ada, mail], 0).await), [early.id, twin.id, late.id]);
    assert_eq!(standing(&s, &[mail], 0).await.orders, [early, late]);
    assert_eq!(ids(&standing(&s, &[bob], 0).await), [other.id]);
    let many: Vec<OrderKey> = (2..20).map(|n| phone(&n.to_string())).collect();
    assert_eq!(standing(&s, &many, 0).await.orders.len(), 3);
    assert_eq!(standing(&s, &[phone("nobody")], 0).await, Standing::default());
    assert_eq!(standing(&s, &[], 0).await, Standing::default());
}

/// A customer's orders are as they stand now; canceled and removed ones are none of them.
pub async fn canceled_and_removed_orders_are_not_a_customers<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let ada = phone("1");
    for status in Status::ALL {
        let order = place(&s, &make, "oak", 0, &[ada]).await;
        let (order, _) = step(&s, &make, &order, status, None).await;
        let found = standing(&s, &[ada], 0).await.orders;
        let gone = matches!(status, Status::Canceled | Status::Removed);
        assert_eq!(found.contains(&order), !gone, "{status:?}");
    }
    assert_eq!(standing(&s, &[ada], 0).await.orders.len(), 6);
}

/// Orders placed before the moment asked for are not found, and their marks do not count.
pub async fn earlier_orders_are_left_out<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let ada = phone("1");
    let day = 86_400;
    // Some on the same day as each bound, some days apart, and one before 1970.
    for placed in [-2_000_000_000, 0, 10, day, 3 * day, 40 * day] {
        place(&s, &make, "oak", placed, &[ada]).await;
    }
    for (since, found) in [(-3_000_000_000, 6), (0, 5), (1, 4), (10, 4), (11, 3), (day + 1, 2), (40 * day, 1)]
    {
        assert_eq!(standing(&s, &[ada], since).await.orders.len(), found, "since {since}");
    }
    assert_eq!(standing(&s, &[ada], 41 * day).await, Standing::default());
    let ages = s.standing(&asks("oak", &[ada], chrono::DateTime::<chrono::Utc>::MIN_UTC)).await.unwrap();
    assert_eq!(ages.orders.len(), 6);
}

/// The mark is the place of the last event that was written with ties.
pub async fn the_mark_grows_with_every_tied_event<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let ada = phone("1");
    let first = place(&s, &make, "oak", 0, &[ada]).await;
    let mark = standing(&s, &[ada], 0).await.mark;
    let last = s.events_after(None, Position(0), 9).await.unwrap().pop().unwrap().position;
    assert_eq!(mark, last);
    let second = place(&s, &make, "oak", 5, &[ada, phone("2")]).await;
    let grown = standing(&s, &[ada], 0).await.mark;
    assert!(grown > mark);
    assert_eq!(standing(&s, &[phone("2")], 0).await.mark, grown);
    // Without ties nothing is marked, and neither without events.
    let (second, _) = step(&s, &make, &second, Status::InProcess, None).await;
    s.commit(Commit { ties: Some(ties(&[ada])), ..make.quiet(&first) }).await.unwrap();
    assert_eq!(standing(&s, &[ada], 0).await.mark, grown);
    // An order is marked under all its keys, whichever are named; and one canceled is marked as well.
    let (_, position) = step(&s, &make, &second, Status::Canceled, Some(ties(&[ada]))).await;
    assert_eq!(standing(&s, &[phone("2")], 0).await.mark, position);
    // Its mark is an order's own: whoever looks from later on does not see it.
    let (_, position) = step(&s, &make, &first, Status::InProcess, Some(ties(&[ada]))).await;
    assert_eq!(standing(&s, &[ada], 0).await.mark, position);
    assert!(standing(&s, &[ada], 1).await.mark < position);
}

/// What was decided before another order of the customer was written is refused, and nothing of it written.
pub async fn a_decision_on_an_old_mark_is_refused<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let (ada, mail) = (phone("1"), phone("2"));
    let seen = standing(&s, &[ada, mail], 0).await.mark;
    assert_eq!(seen, Position(0));
    let first = place(&s, &make, "oak", 0, &[ada]).await;
    let order = make.order("oak", at(1));
    let aware = |keys: &[OrderKey], seen| Some(Ties { seen: Some(seen), since: at(0), ..ties(keys) });
    let mut late = Commit { ties: aware(&[ada, mail], seen), ..make.place(&order) };
    late.submission = Some(make.submission(&order, "k"));
    late.effects = vec![make.notice(at(0))];
    late.holds = Holds::Set(vec![make.hold("p1", 1, None, at(0))]);
    assert!(busy(&s.commit(late.clone()).await));
    assert_eq!(s.load(order.id).await.unwrap(), None);
    assert_eq!(s.submission(&order.store, &crate::testkit::key("k")).await.unwrap(), None);
    assert!(s.claim(make.claim(at(9))).await.unwrap().is_empty());
    assert!(standing(&s, &[mail], 0).await.orders.is_empty());
    // Looked at again, it goes through; and whoever looked before that is late in turn.
    let seen = standing(&s, &[ada, mail], 0).await.mark;
    late.ties = aware(&[ada, mail], seen);
    s.commit(late).await.unwrap();
    let amended = Commit { ties: aware(&[ada], seen), ..make.step(&first, |_| {}) };
    assert!(busy(&s.commit(amended.clone()).await));
    let silent = Commit { ties: aware(&[ada], seen), ..make.quiet(&first) };
    assert!(busy(&s.commit(silent).await));
    let seen = standing(&s, &[ada], 0).await.mark;
    s.commit(Commit { ties: aware(&[ada], seen), ..amended }).await.unwrap();
    // Who says nothing of a mark is not compared.
    place(&s, &make, "oak", 2, &[ada]).await;
}

/// A mark is compared over the time it was read for.
pub async fn a_mark_is_compared_from_the_same_moment<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let ada = phone("1");
    let old = place(&s, &make, "oak", 0, &[ada]).await;
    place(&s, &make, "oak", 10, &[ada]).await;
    let recent = standing(&s, &[ada], 10).await.mark;
    let all = standing(&s, &[ada], 0).await.mark;
    step(&s, &make, &old, Status::InProcess, Some(ties(&[ada]))).await;
    let order = make.order("oak", at(20));
    let placing = |seen, since| Commit {
        ties: Some(Ties { seen: Some(seen), since: at(since), ..ties(&[ada]) }),
        ..make.place(&order)
    };
    assert!(busy(&s.commit(placing(all, 0)).await));
    s.commit(placing(recent, 10)).await.unwrap();
}

/// Customers without a key in common, and one key in two stores, have nothing to do with each other.
pub async fn strangers_do_not_disturb_each_other<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let (ada, bob) = (phone("1"), phone("2"));
    let seen = standing(&s, &[ada], 0).await.mark;
    place(&s, &make, "oak", 0, &[bob]).await;
    let elsewhere = place(&s, &make, "elm", 0, &[ada]).await;
    assert_eq!(standing(&s, &[ada], 0).await, Standing::default());
    let order = make.order("oak", at(0));
    let aware = Ties { seen: Some(seen), since: at(0), ..ties(&[ada]) };
    s.commit(Commit { ties: Some(aware), ..make.place(&order) }).await.unwrap();
    assert_eq!(ids(&standing(&s, &[ada], 0).await), [order.id]);
    assert_eq!(ids(&s.standing(&asks("elm", &[ada], at(0))).await.unwrap()), [elsewhere.id]);
}

/// An order that was placed without ties, or of whose customer more is known now, is found from its next tied
/// event on, as of the moment it was placed.
pub async fn a_tied_event_files_what_was_not_filed<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let (ada, card) = (phone("1"), phone("card"));
    let order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    assert!(standing(&s, &[ada], 0).await.orders.is_empty());
    let (order, _) = step(&s, &make, &order, Status::InProcess, Some(ties(&[ada]))).await;
    assert_eq!(ids(&standing(&s, &[ada], 0).await), [order.id]);
    assert!(standing(&s, &[ada], 1).await.orders.is_empty());
    let (order, position) = step(&s, &make, &order, Status::InProcess, Some(ties(&[card]))).await;
    for key in [ada, card] {
        let found = standing(&s, &[key], 0).await;
        assert_eq!((ids(&found), found.mark), (vec![order.id], position));
    }
}

/// Orders are counted by key from a moment on, whatever became of them; each count is its own.
pub async fn counts_are_of_one_key_from_one_moment<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let kiosk = OrderKey::kiosk(&KioskId::new("front").unwrap());
    let ada = phone("1");
    for placed in [0, 10, 10, 86_400] {
        let order = make.order("oak", at(placed));
        let tied = Ties { counted: vec![kiosk], ..ties(&[ada]) };
        s.commit(Commit { ties: Some(tied), ..make.place(&order) }).await.unwrap();
        step(&s, &make, &order, Status::Canceled, None).await;
    }
    let mut query = asks("oak", &[], at(0));
    query.counts = vec![
        (kiosk, at(0)),
        (kiosk, at(10)),
        (ada, at(11)),
        (phone("2"), at(0)),
        (kiosk, at(86_401)),
        (ada, at(0)),
    ];
    assert_eq!(s.standing(&query).await.unwrap().counts, [4, 3, 1, 0, 0, 4]);
    query.store = store("elm");
    assert_eq!(s.standing(&query).await.unwrap().counts, [0; 6]);
    // What an order is counted by is noted when it is placed, and not later.
    let order = make.order("oak", at(20));
    s.commit(make.place(&order)).await.unwrap();
    step(&s, &make, &order, Status::InProcess, Some(Ties { counted: vec![kiosk], ..ties(&[ada]) })).await;
    query.store = store("oak");
    assert_eq!(s.standing(&query).await.unwrap().counts, [4, 3, 2, 0, 0, 5]);
}

/// A slot takes as many orders as it has places; canceled and removed ones make room.
pub async fn a_full_slot_is_refused<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let noon = Slot { from: at(7_200), capacity: Some(2) };
    let wants = |of: &str, slot| {
        let order = make.order(of, at(0));
        (order.clone(), Commit { ties: Some(Ties { slot: Some(slot), ..ties(&[]) }), ..make.place(&order) })
    };
    let full = |result| matches!(result, Err(StoreError::SlotFull));
    let mut query = asks("oak", &[], at(0));
    query.slot = Some(noon.from);
    let (first, commit) = wants("oak", noon);
    s.commit(commit).await.unwrap();
    let (second, commit) = wants("oak", noon);
    s.commit(commit).await.unwrap();
    assert_eq!(s.standing(&query).await.unwrap().in_slot, 2);
    let (third, refused) = wants("oak", noon);
    assert!(full(s.commit(refused.clone()).await));
    assert_eq!(s.load(third.id).await.unwrap(), None);
    // Other slots and other stores have places of their own, and one without a bound takes all.
    s.commit(wants("oak", Slot { from: at(9_000), ..noon }).1).await.unwrap();
    s.commit(wants("elm", noon).1).await.unwrap();
    s.commit(wants("oak", Slot { capacity: None, ..noon }).1).await.unwrap();
    assert_eq!(s.standing(&query).await.unwrap().in_slot, 3);
    assert!(full(s.commit(wants("oak", Slot { capacity: Some(0), from: at(1) }).1).await));
    let (canceled, _) = step(&s, &make, &first, Status::Canceled, None).await;
    step(&s, &make, &second, Status::Removed, None).await;
    assert_eq!(s.standing(&query).await.unwrap().in_slot, 1);
    s.commit(refused).await.unwrap();
    assert!(full(s.commit(wants("oak", noon).1).await));
    // What is taken up again has its place again, even where that is one too many.
    let again = Ties { slot: Some(noon), ..ties(&[]) };
    step(&s, &make, &canceled, Status::AwaitingProcessing, Some(again)).await;
    assert_eq!(s.standing(&query).await.unwrap().in_slot, 3);
    assert_eq!(s.standing(&asks("oak", &[], at(0))).await.unwrap().in_slot, 0);
}

/// A pause holds for its store until another takes its place or it is ended.
pub async fn a_pause_holds_for_its_store<S: OrderStore + OrderSearch>(s: S) {
    let (oak, elm) = (store("oak"), store("elm"));
    let asked = asks("oak", &[], at(0));
    assert_eq!(s.standing(&asked).await.unwrap().pause, None);
    let rush = Pause { since: at(1), until: Some(at(5)) };
    s.set_pause(&oak, Some(rush.clone())).await.unwrap();
    // Over or not is for whoever asks to say; the store has no clock.
    assert_eq!(s.standing(&asked).await.unwrap().pause, Some(rush.clone()));
    assert_eq!(s.standing(&asks("elm", &[], at(0))).await.unwrap().pause, None);
    let outage = Pause { since: at(2), until: None };
    s.set_pause(&oak, Some(outage.clone())).await.unwrap();
    s.set_pause(&elm, Some(rush)).await.unwrap();
    s.set_pause(&elm, None).await.unwrap();
    assert_eq!(s.standing(&asked).await.unwrap().pause, Some(outage));
    for _ in 0..2 {
        s.set_pause(&oak, None).await.unwrap();
        assert_eq!(s.standing(&asked).await.unwrap().pause, None);
    }
}

/// What is wrong with the order itself is told first, what is short last.
pub async fn a_busy_customer_is_told_before_a_full_slot_and_short_stock<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let ada = phone("1");
    let first = place(&s, &make, "oak", 0, &[ada]).await;
    let order = make.order("oak", at(1));
    let tied = Ties {
        seen: Some(Position(0)),
        since: at(0),
        slot: Some(Slot { from: at(60), capacity: Some(0) }),
        ..ties(&[ada])
    };
    let mut commit = Commit { ties: Some(tied.clone()), ..make.place(&order) };
    commit.holds = Holds::Set(vec![make.hold("p1", 1, Some(0), at(0))]);
    let mut stale = Commit { ties: Some(tied.clone()), ..make.step(&first, |_| {}) };
    stale.order.revision = stale.order.revision.next();
    stale.events[0].revision = stale.order.revision;
    stale.expected = stale.expected.map(|expected| expected.next());
    let error = s.commit(stale).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error:?}");
    assert!(busy(&s.commit(commit.clone()).await));
    commit.ties = Some(Ties { seen: None, ..tied.clone() });
    let error = s.commit(commit.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::SlotFull), "{error:?}");
    commit.ties = Some(Ties { seen: None, slot: None, ..tied });
    let error = s.commit(commit).await.unwrap_err();
    assert!(matches!(error, StoreError::OutOfStock { .. }), "{error:?}");
}

/// What a customer gave in two orders ties them by the keys that are made of it.
pub async fn the_keys_of_a_customer_tie_their_orders<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let ada = OrderCustomer {
        phone: Some("4155550123".into()),
        email: Some("ada@example.com".into()),
        ..customer("Ada", "Byron")
    };
    let by_mail = OrderCustomer { phone: None, ..ada.clone() };
    let order = place(&s, &make, "oak", 0, &OrderKey::of_customer(&ada)).await;
    assert_eq!(ids(&standing(&s, &OrderKey::of_customer(&by_mail), 0).await), [order.id]);
    let namesake = OrderKey::of_customer(&customer("Ada", "Byron"));
    assert_eq!(standing(&s, &namesake, 0).await, Standing::default());
}
