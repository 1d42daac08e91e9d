//! What holds promise.

use order_core::model::Order;
use order_core::ports::{Hold, Holds, OrderSearch, OrderStore, StoreError};
use rust_decimal::Decimal;

use crate::testkit::{Maker, at, sku, store};

async fn place<S: OrderStore>(s: &S, make: &Maker, of: &str, holds: Vec<Hold>) -> Result<Order, StoreError> {
    let order = make.order(of, at(0));
    let mut commit = make.place(&order);
    commit.holds = Holds::Set(holds);
    s.commit(commit).await.map(|_| order)
}

async fn change<S: OrderStore>(s: &S, make: &Maker, order: &Order, holds: Holds) -> Result<(), StoreError> {
    let mut commit = make.quiet(order);
    commit.holds = holds;
    s.commit(commit).await.map(drop)
}

async fn held<S: OrderStore>(s: &S, name: &str, as_of: i64) -> Decimal {
    s.held(&store("oak"), None, &[(sku(name), at(as_of))]).await.unwrap()[0]
}

fn left<T: std::fmt::Debug>(result: Result<T, StoreError>) -> (String, Decimal) {
    match result {
        Err(StoreError::OutOfStock { sku, left }) => (sku.product.to_string(), left),
        other => panic!("expected to be out of stock, got {other:?}"),
    }
}

/// Sums, exact, one for each sku in the order asked, repeats and strangers included.
pub async fn held_adds_up_in_the_order_asked<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let grams = |text: &str| Hold { quantity: text.parse().unwrap(), ..make.hold("gram", 0, None, at(0)) };
    place(&s, &make, "oak", vec![make.hold("p1", 2, None, at(0)), grams("0.1")]).await.unwrap();
    place(&s, &make, "oak", vec![make.hold("p1", 3, None, at(0)), grams("0.2")]).await.unwrap();
    let asked = ["gram", "nothing", "p1", "gram"].map(|name| (sku(name), at(0)));
    let sums = s.held(&store("oak"), None, &asked).await.unwrap();
    let tenths = Decimal::new(3, 1);
    assert_eq!(sums, [tenths, Decimal::ZERO, 5.into(), tenths]);
    assert!(s.held(&store("oak"), None, &[]).await.unwrap().is_empty());
}

/// What does not fit beside the others' holds is refused, and told what is left.
pub async fn a_hold_beyond_stock_is_refused<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, "oak", vec![make.hold("p1", 3, Some(5), at(0))]).await.unwrap();
    let refused = place(&s, &make, "oak", vec![make.hold("p1", 3, Some(5), at(0))]).await;
    assert_eq!(left(refused), ("p1".into(), 2.into()));
    place(&s, &make, "oak", vec![make.hold("p1", 2, Some(5), at(0))]).await.unwrap();
    // The figure fell below what is held already: nothing is left, never less than nothing.
    let refused = place(&s, &make, "oak", vec![make.hold("p1", 1, Some(4), at(0))]).await;
    assert_eq!(left(refused), ("p1".into(), 0.into()));
    assert_eq!(held(&s, "p1", 0).await, 5.into());
}

/// Several lines of one sku are one quantity.
pub async fn lines_of_one_sku_add_up<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let lines = |a, b| vec![make.hold("p1", a, Some(5), at(0)), make.hold("p1", b, Some(5), at(0))];
    assert_eq!(left(place(&s, &make, "oak", lines(3, 3)).await), ("p1".into(), 5.into()));
    let order = place(&s, &make, "oak", lines(2, 3)).await.unwrap();
    assert_eq!(held(&s, "p1", 0).await, 5.into());
    change(&s, &make, &order, Holds::Set(lines(1, 1))).await.unwrap();
    assert_eq!(held(&s, "p1", 0).await, 2.into());
}

/// An order's new holds replace its old ones, which do not count against them.
pub async fn own_holds_do_not_stand_in_the_way<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, "oak", vec![make.hold("p1", 4, Some(5), at(0))]).await.unwrap();
    let new = vec![make.hold("p1", 5, Some(5), at(0)), make.hold("p2", 1, None, at(0))];
    change(&s, &make, &order, Holds::Set(new)).await.unwrap();
    assert_eq!(held(&s, "p1", 0).await, 5.into());
    let refused = change(&s, &make, &order, Holds::Set(vec![make.hold("p1", 6, Some(5), at(0))])).await;
    assert_eq!(left(refused), ("p1".into(), 5.into()));
    change(&s, &make, &order, Holds::Set(vec![make.hold("p2", 1, None, at(0))])).await.unwrap();
    assert_eq!((held(&s, "p1", 0).await, held(&s, "p2", 0).await), (0.into(), 1.into()));
}

/// A product, its sizes, and the same product elsewhere are counted apart.
pub async fn sizes_and_stores_are_apart<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    for name in ["p1", "p1/3.5g", "p1/7g"] {
        place(&s, &make, "oak", vec![make.hold(name, 1, Some(1), at(0))]).await.unwrap();
    }
    place(&s, &make, "elm", vec![make.hold("p1", 1, Some(1), at(0))]).await.unwrap();
    assert_eq!(held(&s, "p1", 0).await, 1.into());
    assert_eq!(held(&s, "p1/7g", 0).await, 1.into());
}

/// Where the source does not know its stock, nothing is refused, and the hold still counts.
pub async fn unknown_stock_is_not_checked<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, "oak", vec![make.hold("p1", 1000, None, at(0))]).await.unwrap();
    assert_eq!(held(&s, "p1", 0).await, 1000.into());
}

/// What the POS took over counts until a stock figure is younger than that.
pub async fn handed_over_holds_count_until_a_younger_figure<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, "oak", vec![make.hold("p1", 3, Some(5), at(0))]).await.unwrap();
    change(&s, &make, &order, Holds::HandedOver(at(10))).await.unwrap();
    assert_eq!(held(&s, "p1", 9).await, 3.into());
    assert_eq!(held(&s, "p1", 10).await, 3.into());
    assert_eq!(held(&s, "p1", 11).await, 0.into());
    // A figure of five that is as old still contains what was handed over; a younger one does not.
    let refused = place(&s, &make, "oak", vec![make.hold("p1", 5, Some(5), at(10))]).await;
    assert_eq!(left(refused), ("p1".into(), 2.into()));
    place(&s, &make, "oak", vec![make.hold("p1", 5, Some(5), at(11))]).await.unwrap();
}

/// Only what was not handed over yet is marked.
pub async fn a_second_handover_changes_nothing<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, "oak", vec![make.hold("p1", 3, None, at(0))]).await.unwrap();
    change(&s, &make, &order, Holds::HandedOver(at(10))).await.unwrap();
    change(&s, &make, &order, Holds::HandedOver(at(99))).await.unwrap();
    assert_eq!(held(&s, "p1", 50).await, 0.into());
}

/// A release ends this order's holds and no other's, and a second one ends nothing more.
pub async fn release_ends_holds_once<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, "oak", vec![make.hold("p1", 3, Some(5), at(0))]).await.unwrap();
    let other = place(&s, &make, "oak", vec![make.hold("p1", 2, Some(5), at(0))]).await.unwrap();
    for _ in 0..2 {
        change(&s, &make, &order, Holds::Release).await.unwrap();
        assert_eq!(held(&s, "p1", 0).await, 2.into());
    }
    change(&s, &make, &other, Holds::HandedOver(at(5))).await.unwrap();
    change(&s, &make, &other, Holds::Release).await.unwrap();
    assert_eq!(held(&s, "p1", 0).await, 0.into());
}

/// A commit that says nothing of holds leaves them.
pub async fn keep_keeps<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, "oak", vec![make.hold("p1", 3, None, at(0))]).await.unwrap();
    s.commit(make.step(&order, |_| {})).await.unwrap();
    assert_eq!(held(&s, "p1", 0).await, 3.into());
}

/// Each product is asked about the moment of its own figure, and the order that asks may leave itself out.
pub async fn held_leaves_out_the_order_that_asks<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let both = |units| vec![make.hold("p1", units, None, at(0)), make.hold("p2", units, None, at(0))];
    let order = place(&s, &make, "oak", both(3)).await.unwrap();
    let other = place(&s, &make, "oak", both(2)).await.unwrap();
    change(&s, &make, &other, Holds::HandedOver(at(10))).await.unwrap();
    let oak = store("oak");
    let figures = [(sku("p1"), at(10)), (sku("p2"), at(11)), (sku("p1"), at(11))];
    assert_eq!(s.held(&oak, None, &figures).await.unwrap(), [5.into(), 3.into(), 3.into()]);
    assert_eq!(s.held(&oak, Some(order.id), &figures).await.unwrap(), [2.into(), 0.into(), 0.into()]);
    assert_eq!(s.held(&oak, Some(other.id), &figures).await.unwrap(), [3.into(), 3.into(), 3.into()]);
    let stranger = make.order("oak", at(0)).id;
    assert_eq!(s.held(&oak, Some(stranger), &figures[..1]).await.unwrap(), [5.into()]);
}

/// A negative hold would make stock out of nothing.
pub async fn a_negative_hold_is_refused<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let hold = Hold { quantity: Decimal::new(-1, 0), ..make.hold("p1", 0, Some(5), at(0)) };
    let error = place(&s, &make, "oak", vec![hold]).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    assert_eq!(held(&s, "p1", 0).await, 0.into());
}
