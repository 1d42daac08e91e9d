//! Looking for an order whose create ended without a clear answer.

use order_core::ports::{PosErrorKind, PosOrderClient, Probe, Resolution, RetryClass};
use serde_json::{Value, json};

use crate::support::{Kit, TICKET, changed, customer, fail, listed, order, strangers_order, success, ticket};

fn probe(order: order_core::ports::PosOrder) -> Probe {
    Probe { order, sent_after: "2026-03-03T02:00:00Z".parse().unwrap() }
}

fn other(id: &str) -> Value {
    changed(ticket("COMPLETED"), json!({"ticket_id": id, "external_order_number": "other"}))
}

fn customers_page(page: u32) -> String {
    format!("/ticket/customer/4711/page/{page}/pagesize/2")
}

async fn kit(repost: bool) -> Kit {
    let mut kit = Kit::with(|config| config.with_page_size(2).with_repost_after_absent(repost)).await;
    kit.on("GET", "/customer/4711", 200, &success(&customer("4711"))).await;
    kit
}

#[tokio::test]
async fn all_pages_of_the_customers_tickets_are_read() {
    let mut kit = kit(false).await;
    kit.on("GET", &customers_page(1), 200, &listed(&[other("1"), other("2")])).await;
    let last = kit.on("GET", &customers_page(2), 200, &listed(&[ticket("IN_PROCESS")])).await;
    let Resolution::Found(found) = kit.treez.resolve(&probe(order())).await.unwrap() else { panic!("found") };
    assert_eq!(found.id.as_str(), TICKET);
    last.assert_async().await;
}

#[tokio::test]
async fn of_two_the_earliest_stands() {
    let mut kit = kit(false).await;
    let later = changed(
        ticket("IN_PROCESS"),
        json!({"ticket_id": "later", "date_created": "2026-03-02T10:00:01.000-08:00"}),
    );
    let undated = changed(ticket("IN_PROCESS"), json!({"ticket_id": "undated", "date_created": null}));
    kit.on("GET", &customers_page(1), 200, &listed(&[undated, later])).await;
    kit.on("GET", &customers_page(2), 200, &listed(&[ticket("AWAITING_PROCESSING")])).await;
    let Resolution::Found(found) = kit.treez.resolve(&probe(order())).await.unwrap() else { panic!("found") };
    assert_eq!(found.id.as_str(), TICKET);
}

#[tokio::test]
async fn not_finding_it_proves_nothing_unless_we_were_told_so() {
    for repost in [false, true] {
        let mut kit = kit(repost).await;
        kit.on("GET", &customers_page(1), 400, &fail("TICKET_NOT_FOUND", "")).await;
        let resolution = kit.treez.resolve(&probe(order())).await.unwrap();
        match (repost, resolution) {
            (true, Resolution::Absent) | (false, Resolution::CannotTell { .. }) => {}
            (_, other) => panic!("{repost}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_list_without_an_end_proves_nothing_either() {
    let mut kit = kit(true).await;
    let endless = kit
        .server
        .mock("GET", mockito::Matcher::Regex("^/ticket/customer/4711/page/".into()))
        .with_body(listed(&[other("1"), other("2")]))
        .expect(40)
        .create_async()
        .await;
    let resolution = kit.treez.resolve(&probe(order())).await.unwrap();
    assert!(matches!(resolution, Resolution::CannotTell { .. }), "{resolution:?}");
    endless.assert_async().await;
}

#[tokio::test]
async fn without_a_customer_the_stores_lists_are_read() {
    let mut kit = Kit::with(|config| config.with_page_size(2)).await;
    for path in [
        "/customer/phone/4155550123",
        "/customer/email/ada%40example.com",
        "/customer/firstname/Ada/lastname/Byron",
    ] {
        kit.on("GET", path, 404, "").await;
    }
    let by_status =
        kit.on("GET", "/ticket/status/AWAITING_PROCESSING/page/1/pagesize/2", 200, &listed(&[])).await;
    let day_before = kit
        .on("GET", "/ticket/opendate/2026-03-02/page/1/pagesize/2", 200, &listed(&[ticket("PACKED_READY")]))
        .await;
    let day = kit.on("GET", "/ticket/opendate/2026-03-03/page/1/pagesize/2", 200, &listed(&[])).await;
    let resolution = kit.treez.resolve(&probe(strangers_order())).await.unwrap();
    assert!(matches!(resolution, Resolution::Found(_)), "{resolution:?}");
    for mock in [by_status, day_before, day] {
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn a_failed_search_can_be_repeated() {
    let mut kit = kit(true).await;
    kit.on("GET", &customers_page(1), 500, "").await;
    let error = kit.treez.resolve(&probe(order())).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Unavailable, RetryClass::NotSent));
}

#[tokio::test]
async fn a_short_page_is_no_proof_of_absence() {
    // Asked for two a page, Treez gives one: ours stands on the second.
    let mut kit = kit(true).await;
    kit.on("GET", &customers_page(1), 200, &listed(&[other("1")])).await;
    kit.on("GET", &customers_page(2), 200, &listed(&[ticket("IN_PROCESS")])).await;
    kit.on("GET", &customers_page(3), 200, &listed(&[])).await;
    let resolution = kit.treez.resolve(&probe(order())).await.unwrap();
    assert!(matches!(resolution, Resolution::Found(_)), "{resolution:?}");
}

#[tokio::test]
async fn an_answer_without_a_list_is_no_proof_of_absence() {
    for body in [r#"{"resultCode":"SUCCESS"}"#, r#"{"resultCode":"SUCCESS","data":{}}"#] {
        let mut kit = kit(true).await;
        kit.on("GET", &customers_page(1), 200, body).await;
        let resolution = kit.treez.resolve(&probe(order())).await.unwrap();
        assert!(matches!(resolution, Resolution::CannotTell { .. }), "{resolution:?}");
    }
    let mut kit = kit(true).await;
    kit.on("GET", &customers_page(1), 404, "<html>no such page</html>").await;
    assert_eq!(kit.treez.resolve(&probe(order())).await.unwrap_err().kind(), PosErrorKind::NotFound);
}
