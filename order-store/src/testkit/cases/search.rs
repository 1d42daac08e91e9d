//! What a search promises.

use std::collections::BTreeMap;
use std::time::Duration;

use order_core::model::{Order, OrderId, PosState, Status};
use order_core::ports::{Cursor, OrderQuery, OrderSearch, OrderStore, Sort};

use crate::testkit::{Maker, at, customer, store};

async fn place<S: OrderStore>(s: &S, make: &Maker, placed: i64, change: impl FnOnce(&mut Order)) -> Order {
    let mut order = make.order("oak", at(placed));
    change(&mut order);
    s.commit(make.place(&order)).await.unwrap();
    order
}

fn oak() -> OrderQuery {
    OrderQuery::of(store("oak"))
}

async fn found<S: OrderSearch>(s: &S, query: OrderQuery) -> Vec<OrderId> {
    s.search(&query).await.unwrap().orders.iter().map(|order| order.id).collect()
}

async fn by_text<S: OrderSearch>(s: &S, text: &str) -> usize {
    found(s, OrderQuery { text: Some(text.into()), ..oak() }).await.len()
}

/// Store, status, POS state, attention and time, alone and together.
pub async fn filters_let_through_what_they_say<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let plain = place(&s, &make, 1, |_| {}).await.id;
    let packed = place(&s, &make, 2, |order| order.status = Status::PackedReady).await.id;
    let stuck = place(&s, &make, 3, |order| order.pos.state = PosState::Attention).await.id;
    let both = place(&s, &make, 4, |order| {
        order.status = Status::PackedReady;
        order.pos.state = PosState::CancelFailed;
    })
    .await
    .id;
    s.commit(make.place(&make.order("elm", at(5)))).await.unwrap();
    assert_eq!(found(&s, oak()).await, [both, stuck, packed, plain]);
    let status = OrderQuery { statuses: vec![Status::PackedReady, Status::Completed], ..oak() };
    assert_eq!(found(&s, status.clone()).await, [both, packed]);
    let pos = vec![PosState::Queued, PosState::Attention];
    assert_eq!(found(&s, OrderQuery { pos: pos.clone(), ..oak() }).await, [stuck, packed, plain]);
    assert_eq!(found(&s, OrderQuery { pos, ..status.clone() }).await, [packed]);
    assert_eq!(found(&s, OrderQuery { attention: Some(true), ..oak() }).await, [both, stuck]);
    assert_eq!(found(&s, OrderQuery { attention: Some(false), ..oak() }).await, [packed, plain]);
    assert_eq!(found(&s, OrderQuery { attention: Some(true), ..status }).await, [both]);
    assert!(found(&s, OrderQuery::of(store("ash"))).await.is_empty());
}

/// Removed orders are hidden from lists, and counted and shown when asked for.
pub async fn removed_orders_are_hidden_unless_asked_for<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let kept = place(&s, &make, 1, |_| {}).await.id;
    let removed = place(&s, &make, 2, |order| order.status = Status::Removed).await.id;
    assert_eq!(found(&s, oak()).await, [kept]);
    let page = s.search(&OrderQuery { statuses: vec![Status::Removed], ..oak() }).await.unwrap();
    assert_eq!(page.orders.iter().map(|order| order.id).collect::<Vec<_>>(), [removed]);
    assert_eq!(page.counts.get(&Status::Removed), Some(&1));
}

/// Code with or without its dash, POS number, names, phone, e-mail, products.
pub async fn text_is_found_in_every_field<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, 1, |order| {
        order.customer = customer("Grace", "Hopper");
        order.customer.phone = Some("5035550117".into());
        order.customer.email = Some("grace@navy.example".into());
        order.pos.number = Some("T-4711".into());
        order.items[0].name = "Sour Diesel Pre-Roll".into();
    })
    .await;
    place(&s, &make, 2, |_| {}).await;
    let code = order.code.to_string();
    let plain = code.replace('-', "");
    for text in [
        code.as_str(),
        &code.to_lowercase(),
        &plain,
        &plain[2..7],
        "grace",
        "HOPP",
        "grace hopper",
        "555011",
        "@NAVY.ex",
        "t-47",
        "diesel pre",
        "  diesel  ",
    ] {
        let query = OrderQuery { text: Some(text.into()), ..oak() };
        assert_eq!(found(&s, query).await, [order.id], "{text:?}");
    }
    assert_eq!(by_text(&s, "nobody").await, 0);
    // A text that says nothing lets everything through.
    assert_eq!(by_text(&s, "  ").await, 2);
}

/// Letters outside ASCII have two cases too.
pub async fn text_ignores_case_beyond_ascii<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, 1, |order| order.customer = customer("ÉLODIE", "Müßig")).await;
    place(&s, &make, 2, |order| order.customer = customer("Ολυμπία", "ΠΑΠΑΔΌΠΟΥΛΟΣ")).await;
    for text in ["élo", "ÉLO", "müß", "MÜ", "ολυμπ", "ΟΛΥΜΠΊΑ", "παπαδόπουλοσ", "όπουλ"]
    {
        assert_eq!(by_text(&s, text).await, 1, "{text:?}");
    }
    assert_eq!(by_text(&s, "elo").await, 0);
}

/// `%`, `_`, `*`, `\` and quotes stand for themselves.
pub async fn wildcards_are_only_letters<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, 1, |order| order.items[0].name = r#"100% "Pure_Kush" 3\4 it's*"#.into()).await;
    place(&s, &make, 2, |order| order.items[0].name = "1000 PureXKush".into()).await;
    for text in ["100%", "pure_kush", r"3\4", "it's", "*", "%", "_", "\\", "\"pure"] {
        assert_eq!(by_text(&s, text).await, 1, "{text:?}");
    }
    assert_eq!(by_text(&s, "%%").await, 0);
    assert_eq!(by_text(&s, "' OR 1=1 --").await, 0);
    assert_eq!(by_text(&s, "\0").await, 2);
}

/// The end of one field and the start of the next are not one text.
pub async fn text_does_not_match_across_fields<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    place(&s, &make, 1, |order| {
        order.customer.phone = Some("5035550117".into());
        order.customer.email = Some("a@b.example".into());
    })
    .await;
    for text in ["0117a@b", "0117\na@b", "0117 a@b"] {
        assert_eq!(by_text(&s, text).await, 0, "{text:?}");
    }
}

async fn walk<S: OrderSearch>(s: &S, mut query: OrderQuery) -> Vec<OrderId> {
    let mut ids = Vec::new();
    for _ in 0..100 {
        let page = s.search(&query).await.unwrap();
        assert!(page.orders.len() <= query.limit);
        ids.extend(page.orders.iter().map(|order| order.id));
        match page.next {
            // As text, the way a client gets and gives it.
            Some(next) => query.cursor = Some(next.to_string().parse::<Cursor>().unwrap()),
            None => return ids,
        }
    }
    panic!("the list never ends");
}

/// The pages of a list make the whole list, for every order of it, equal moments included.
pub async fn pages_follow_on_in_every_order<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let mut orders = Vec::new();
    for n in 0..13_i64 {
        // Three orders a moment; three statuses, so that the order of the list cuts across them.
        let status = Status::ALL[usize::try_from(n % 3).unwrap()];
        orders.push(
            place(&s, &make, n / 3, |order| {
                order.status = status;
                order.cancel_requested = n % 4 == 0;
                order.updated_at = at(100 + (n * 7) % 13 / 2);
            })
            .await,
        );
    }
    for sort in [Sort::Newest, Sort::Oldest, Sort::Updated] {
        orders.sort_by_key(|order| match sort {
            Sort::Newest | Sort::Oldest => (order.created_at, order.id),
            Sort::Updated => (order.updated_at, order.id),
        });
        if sort != Sort::Oldest {
            orders.reverse();
        }
        let expected: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
        for limit in [1, 2, 5, 13, 50] {
            let query = OrderQuery { sort, limit, ..oak() };
            assert_eq!(walk(&s, query).await, expected, "{sort:?} by {limit}");
        }
    }
}

/// Orders that come while somebody pages neither repeat nor push out what was there.
pub async fn paging_neither_repeats_nor_skips_while_orders_come<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    for sort in [Sort::Newest, Sort::Oldest] {
        let base = if sort == Sort::Newest { 1000 } else { 5000 };
        for n in 0..10 {
            place(&s, &make, base + n, |_| {}).await;
        }
        let before = found(&s, OrderQuery { sort, ..oak() }).await;
        let mut query = OrderQuery { sort, limit: 3, ..oak() };
        let mut seen = Vec::new();
        for n in 0.. {
            let page = s.search(&query).await.unwrap();
            seen.extend(page.orders.iter().map(|order| order.id));
            let Some(next) = page.next else { break };
            query.cursor = Some(next);
            // At both ends, and with a status that changes in between.
            place(&s, &make, base + 100 + n, |_| {}).await;
            place(&s, &make, base - 100 - n, |_| {}).await;
            let first = s.load(before[0]).await.unwrap().unwrap();
            s.commit(make.step(&first, |order| order.status = Status::InProcess)).await.unwrap();
        }
        let old: Vec<OrderId> = seen.iter().copied().filter(|id| before.contains(id)).collect();
        assert_eq!(old, before);
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), seen.len());
    }
}

/// Counts are of all that pass the other filters, on every page the same.
pub async fn counts_leave_out_status_and_cursor<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    for n in 0..6 {
        place(&s, &make, n, |order| {
            order.status = if n < 4 { Status::AwaitingProcessing } else { Status::Completed };
            order.pos.state = if n % 2 == 0 { PosState::Accepted } else { PosState::Rejected };
            order.items[0].name = format!("Product {n}");
        })
        .await;
    }
    let count = |awaiting: u64, completed: u64| {
        let counts = [(Status::AwaitingProcessing, awaiting), (Status::Completed, completed)];
        counts.into_iter().filter(|(_, n)| *n > 0).collect::<BTreeMap<_, _>>()
    };
    let cases = [
        (oak(), count(4, 2)),
        (OrderQuery { statuses: vec![Status::Completed], ..oak() }, count(4, 2)),
        (OrderQuery { pos: vec![PosState::Accepted], ..oak() }, count(2, 1)),
        (OrderQuery { attention: Some(true), ..oak() }, count(2, 1)),
        (OrderQuery { from: Some(at(3)), ..oak() }, count(1, 2)),
        (OrderQuery { from: Some(at(1)), to: Some(at(4)), ..oak() }, count(3, 0)),
        (OrderQuery { text: Some("product 5".into()), ..oak() }, count(0, 1)),
        (OrderQuery { text: Some("product".into()), to: Some(at(5)), ..oak() }, count(4, 1)),
    ];
    for (query, expected) in cases {
        let query = OrderQuery { limit: 1, ..query };
        let page = s.search(&query).await.unwrap();
        let nonzero = |counts: BTreeMap<Status, u64>| {
            counts.into_iter().filter(|(_, n)| *n > 0).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(nonzero(page.counts), expected, "{query:?}");
        let beyond = OrderQuery { cursor: page.next, ..query };
        assert_eq!(nonzero(s.search(&beyond).await.unwrap().counts), expected, "{beyond:?}");
    }
}

/// A list shows an order as it is now, by what it is now.
pub async fn a_search_follows_a_change<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, 1, |_| {}).await;
    let later = place(&s, &make, 2, |_| {}).await;
    let step = make.step(&order, |order| {
        order.status = Status::PackedReady;
        order.customer = customer("Zoë", "Quinn");
        order.pos.state = PosState::Rejected;
        order.updated_at = at(50);
    });
    let changed = step.order.clone();
    s.commit(step).await.unwrap();
    assert_eq!(by_text(&s, "ada").await, 1);
    let page = s.search(&OrderQuery { text: Some("zoë".into()), ..oak() }).await.unwrap();
    assert_eq!(page.orders, [changed]);
    assert_eq!(found(&s, OrderQuery { sort: Sort::Updated, ..oak() }).await, [order.id, later.id]);
    assert_eq!(found(&s, OrderQuery { attention: Some(true), ..oak() }).await, [order.id]);
    let counts = s.search(&oak()).await.unwrap().counts;
    assert_eq!(counts.get(&Status::PackedReady), Some(&1));
    assert_eq!(counts.get(&Status::AwaitingProcessing), Some(&1));
}

/// There is a next page only when there is something on it; a limit of nothing still gives one.
pub async fn the_last_page_has_no_next<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    assert_eq!(s.search(&oak()).await.unwrap().next, None);
    for n in 0..4 {
        place(&s, &make, n, |_| {}).await;
    }
    for (limit, size, more) in [(4, 4, false), (3, 3, true), (0, 1, true), (usize::MAX, 4, false)] {
        let page = s.search(&OrderQuery { limit, ..oak() }).await.unwrap();
        assert_eq!((page.orders.len(), page.next.is_some()), (size, more), "{limit}");
    }
    let first = s.search(&OrderQuery { limit: 2, ..oak() }).await.unwrap();
    let last = s.search(&OrderQuery { limit: 2, cursor: first.next, ..oak() }).await.unwrap();
    assert_eq!((last.orders.len(), last.next), (2, None));
}

/// The beginning belongs to a range of time, its end does not, to the microsecond.
pub async fn moments_are_bounds<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = place(&s, &make, 10, |_| {}).await.id;
    let micro = Duration::from_micros(1);
    let range = |from, to| OrderQuery { from: Some(from), to: Some(to), ..oak() };
    assert_eq!(found(&s, range(at(10), at(10) + micro)).await, [order]);
    assert!(found(&s, range(at(10) + micro, at(99))).await.is_empty());
    assert!(found(&s, range(at(0), at(10))).await.is_empty());
    assert!(found(&s, range(at(99), at(0))).await.is_empty());
}
