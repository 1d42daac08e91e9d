//! Pauses, rates, and one open order a customer.

use order_core::access::Role;
use order_core::model::{Capabilities, CustomerId, Order, OrderCustomer, Pause, PosState, Status, Store};
use order_core::ports::Standing;
use order_core::testkit;
use serde_json::json;

use super::{Ask, NEW_YORK, store, utc};

fn customer(id: &str) -> OrderCustomer {
    OrderCustomer { id: Some(CustomerId::new(id).unwrap()), ..OrderCustomer::default() }
}

#[test]
fn a_paused_store_says_until_when() {
    let store = store(NEW_YORK, json!({}));
    let since = utc("2026-03-02T15:00:00Z");
    let paused = |until: Option<&str>, now: &str| {
        let pause = Some(Pause { since, until: until.map(utc) });
        Ask { standing: Standing { pause, ..Standing::default() }, ..Ask::new(&store, utc(now)) }
    };
    let found = paused(Some("2026-03-02T20:30:00Z"), "2026-03-02T15:00:00Z").problems();
    let message = "the store takes no orders until today 3:30 PM".to_owned();
    assert_eq!(found, [("store_paused", "store".to_owned(), message)]);
    let found = paused(Some("2026-03-03T20:30:00Z"), "2026-03-02T15:00:00Z").problems();
    assert!(found[0].2.ends_with("until Tuesday 3:30 PM"), "{found:?}");
    let open_end = paused(None, "2030-01-01T00:00:00Z");
    assert_eq!(open_end.codes(), ["store_paused"]);
    assert!(open_end.problems()[0].2.contains("staff"));
    for role in [Role::Staff, Role::Manager, Role::Admin] {
        assert!(Ask { by: role, ..paused(None, "2026-03-02T16:00:00Z") }.codes().is_empty());
    }
    // Over, and not begun.
    assert!(paused(Some("2026-03-02T20:30:00Z"), "2026-03-02T20:30:00Z").codes().is_empty());
    assert!(paused(None, "2026-03-02T14:59:59Z").codes().is_empty());
}

#[test]
fn kiosks_and_phones_have_rates() {
    let store = store(
        NEW_YORK,
        json!({"ordering": {
            "per_kiosk": {"orders": 5, "minutes": 10}, "per_phone": {"orders": 1, "minutes": 120},
        }}),
    );
    let now = utc("2026-03-02T15:00:00Z");
    let ask = |kiosk, phone| Ask { per_kiosk: Some(kiosk), per_phone: Some(phone), ..Ask::new(&store, now) };
    assert!(ask(4, 0).codes().is_empty());
    let found = ask(5, 1).problems();
    let places: Vec<_> = found.iter().map(|(code, path, _)| (*code, path.as_str())).collect();
    assert_eq!(places, [("too_many_orders", "kiosk"), ("too_many_orders", "customer.phone")]);
    assert!(found[0].2.starts_with("one kiosk may place 5 orders in 10 minutes;"), "{found:?}");
    assert!(found[1].2.starts_with("one phone number may place 1 order in 2 hours;"), "{found:?}");
    assert_eq!(ask(u64::MAX, 0).codes().len(), 1);
    assert!(Ask { by: Role::Staff, ..ask(5, 1) }.codes().is_empty());
    assert!(Ask { per_kiosk: None, ..ask(5, 0) }.codes().is_empty(), "who has no kiosk has no rate");
    let free = super::store(NEW_YORK, json!({}));
    assert!(Ask { store: &free, ..ask(5, 1) }.codes().is_empty());
}

fn order_of(id: &str, status: Status) -> Order {
    let mut order = testkit::order(1, utc("2026-03-02T14:00:00Z")).unwrap();
    order.customer = customer(id);
    order.status = status;
    order
}

fn able(also: fn(&mut Capabilities)) -> Capabilities {
    let mut able = Capabilities::MINIMAL;
    also(&mut able);
    able
}

fn with<'a>(store: &'a Store, orders: Vec<Order>) -> Ask<'a> {
    let standing = Standing { orders, ..Standing::default() };
    Ask { customer: customer("c1"), standing, ..Ask::new(store, utc("2026-03-02T15:00:00Z")) }
}

#[test]
fn an_open_order_is_offered_to_be_added_to() {
    let one = store(NEW_YORK, json!({"ordering": {"one_open_order": true}}));
    let order = order_of("c1", Status::AwaitingProcessing);
    let found = with(&one, vec![order.clone()]).problems();
    assert_eq!((found[0].0, found[0].1.as_str()), ("open_order_exists", "customer"));
    assert!(found[0].2.contains(&format!("add to order {}", order.code)), "{found:?}");
    // Whoever asks: it is the customer who has one.
    assert_eq!(Ask { by: Role::Staff, ..with(&one, vec![order.clone()]) }.codes(), ["open_order_exists"]);
    for status in Status::ALL {
        let refused = !with(&one, vec![order_of("c1", status)]).codes().is_empty();
        assert_eq!(refused, status.is_open(), "{status}");
    }
    assert!(with(&one, vec![order_of("c2", Status::AwaitingProcessing)]).codes().is_empty(), "a stranger's");
    assert!(with(&one, Vec::new()).codes().is_empty());
    let many = store(NEW_YORK, json!({}));
    assert!(with(&many, vec![order.clone()]).codes().is_empty());
    let insists = able(|able| able.one_open_order = true);
    assert_eq!(Ask { pos: Some(insists), ..with(&many, vec![order]) }.codes(), ["open_order_exists"]);
}

#[test]
fn the_order_named_is_one_that_can_still_be_added_to() {
    let one = store(NEW_YORK, json!({"ordering": {"one_open_order": true}}));
    let packed = order_of("c1", Status::PackedReady);
    let mut waiting = testkit::order(2, utc("2026-03-02T14:30:00Z")).unwrap();
    waiting.customer = customer("c1");
    assert_ne!(packed.code, waiting.code);
    let said = |pos, orders| Ask { pos, ..with(&one, orders) }.problems()[0].2.clone();
    let first = said(None, vec![packed.clone(), waiting.clone()]);
    assert!(first.contains(&format!("add to order {}", waiting.code)), "{first}");
    let only = said(None, vec![packed.clone()]);
    assert!(only.contains("staff member") && only.contains(&packed.code.to_string()), "{only}");
    // Once the POS has it, it depends on whether that can edit.
    waiting.pos.state = PosState::Accepted;
    assert!(said(Some(Capabilities::MINIMAL), vec![waiting.clone()]).contains("staff member"));
    let edits = able(|able| able.edit = true);
    assert!(said(Some(edits), vec![waiting]).contains("add to order"));
}
