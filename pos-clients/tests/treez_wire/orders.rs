//! Creating, pricing and reading tickets.

use order_core::model::{Quantity, Status, VariantId};
use order_core::ports::{PosErrorKind, PosOrderClient, RetryClass};
use pos_clients::treez::{Completion, OrderSource};
use serde_json::json;

use crate::support::{
    Kit, MINTS, REFERENCE, TICKET, changed, created, customer, fail, listed, order, success, ticket,
    ticket_id,
};

const CREATE: &str = "/ticket/detailticket";

async fn known_customer(kit: &mut Kit) {
    kit.on("GET", "/customer/4711", 200, &success(&customer("4711"))).await;
}

#[tokio::test]
async fn a_create_sends_exactly_this_and_reads_the_ticket() {
    let mut kit = Kit::new().await;
    known_customer(&mut kit).await;
    let create =
        kit.on_json("POST", CREATE, created(), &success(&ticket("AWAITING_PROCESSING"))).await.expect(1);
    let snapshot = kit.treez.create(&order()).await.unwrap();
    create.assert_async().await;
    assert_eq!(snapshot.id.as_str(), TICKET);
    assert_eq!(snapshot.number.as_deref(), Some("K7Q2ZX"));
    assert_eq!(snapshot.reference.as_deref(), Some(REFERENCE));
    assert_eq!((snapshot.status, snapshot.paid), (Some(Status::AwaitingProcessing), Some(false)));
    let totals = snapshot.totals.unwrap();
    let sums = [totals.subtotal, totals.discount, totals.tax, totals.total].map(|sum| sum.to_string());
    assert_eq!(sums, ["25.00", "5.00", "2.60", "22.60"]);
    assert_eq!(snapshot.lines, order().lines);
    assert_eq!(snapshot.customer.unwrap().as_str(), "4711");
    assert_eq!(snapshot.updated_at.unwrap().to_rfc3339(), "2026-03-02T18:00:05+00:00");
}

#[tokio::test]
async fn sizes_status_and_names_follow_order_and_settings() {
    let mut kit = Kit::with(|config| {
        config.with_order_source(OrderSource::InStore).with_revenue_source("Acme").with_inventory_type(true)
    })
    .await;
    known_customer(&mut kit).await;
    let mut order = order();
    order.status = Status::VerificationPending;
    order.note = None;
    order.lines[0].variant_id = Some(VariantId::new("size-1").unwrap());
    let sent = json!({
        "type": "PICKUP", "order_source": "IN_STORE", "order_status": "VERIFICATION_PENDING",
        "revenue_source": "Acme", "customer_id": "4711", "external_order_number": REFERENCE,
        "ticket_note": "Pick-up code K7QM-2XRD",
        "items": [{"size_id": "size-1", "quantity": 2, "inventory_type": "ADULT", "apply_automatic_discounts": true}]
    });
    let create = kit.on_json("POST", CREATE, sent, &listed(&[ticket("VERIFICATION_PENDING")])).await;
    kit.treez.create(&order).await.unwrap();
    create.assert_async().await;
}

#[tokio::test]
async fn an_answer_with_another_number_is_not_taken_for_ours() {
    for (number, kind) in [
        (json!("00000000-0000-4000-8000-000000000000"), PosErrorKind::Mismatch),
        (json!(null), PosErrorKind::Mismatch),
    ] {
        let mut kit = Kit::new().await;
        known_customer(&mut kit).await;
        let other = changed(ticket("AWAITING_PROCESSING"), json!({"external_order_number": number}));
        kit.on("POST", CREATE, 200, &success(&other)).await;
        let error = kit.treez.create(&order()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, RetryClass::Ambiguous));
    }
    let mut kit = Kit::new().await;
    known_customer(&mut kit).await;
    kit.on("POST", CREATE, 200, &success(&json!([]))).await;
    let error = kit.treez.create(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::BadAnswer, RetryClass::Ambiguous));
}

#[tokio::test]
async fn what_cannot_be_ordered_is_refused_before_anything_is_sent() {
    let kit = Kit::bare(|config| config).await;
    let mut grams = order();
    grams.lines[0].quantity = Quantity::Grams("3.5".parse().unwrap());
    let mut closed = order();
    closed.status = Status::Canceled;
    let mut empty = order();
    empty.lines.clear();
    for (order, kind) in [
        (grams, PosErrorKind::InvalidRequest),
        (closed, PosErrorKind::WrongState),
        (empty, PosErrorKind::InvalidRequest),
    ] {
        let error = kit.treez.create(&order).await.unwrap_err();
        // There is no token call on this server: an attempt would have failed otherwise.
        assert_eq!((error.kind(), error.retry()), (kind, RetryClass::Refused));
        assert_eq!(error.http_status(), None);
    }
}

#[tokio::test]
async fn a_quote_is_a_preview_with_limits() {
    let mut kit = Kit::new().await;
    known_customer(&mut kit).await;
    let preview = changed(
        ticket("PREVIEW"),
        json!({"order_number": null, "last_updated_at": null, "total": "22.6", "tax_total": 26e-1}),
    );
    let mock = kit.on_json("POST", "/ticket/previewticket", created(), &success(&preview)).await;
    let quote = kit.treez.quote(&order()).await.unwrap();
    mock.assert_async().await;
    assert_eq!(quote.totals.total.to_string(), "22.60");
    let limits: Vec<_> =
        quote.limits.iter().map(|l| format!("{} {}/{}", l.name, l.used, l.allowed)).collect();
    assert_eq!(limits, ["concentrated 0.2/8", "plant 0/6"]);
}

#[tokio::test]
async fn a_quote_for_nobody_known_leaves_the_customer_out_and_creates_none() {
    let mut kit = Kit::with(|config| config.with_preview_path("/ticket/elsewhere")).await;
    let missing = fail("NOT_FOUND", "Nothing was found");
    let phone = kit.on("GET", "/customer/phone/4155550123", 404, &missing).await;
    let email =
        kit.on("GET", "/customer/email/ada%40example.com", 404, &fail("CUSTOMER_DOESNT_EXIST", "")).await;
    let name = kit.on("GET", "/customer/firstname/Ada/lastname/Byron", 200, &success(&json!([]))).await;
    let mut sent = created();
    sent.as_object_mut().unwrap().remove("customer_id");
    let preview = kit.on_json("POST", "/ticket/elsewhere", sent, &success(&ticket("PREVIEW"))).await;
    kit.treez.quote(&crate::support::strangers_order()).await.unwrap();
    for mock in [phone, email, name, preview] {
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn a_ticket_is_read_from_wherever_it_stands() {
    let one = ticket("PACKED_READY");
    let other = changed(ticket("CANCELED"), json!({"ticket_id": "other"}));
    for body in
        [success(&one), success(&json!([other.clone(), one.clone()])), listed(&[other.clone(), one.clone()])]
    {
        let mut kit = Kit::new().await;
        kit.on("GET", &format!("/ticket/{TICKET}"), 200, &body).await;
        let snapshot = kit.treez.get(&ticket_id()).await.unwrap();
        assert_eq!(snapshot.status, Some(Status::PackedReady));
    }
    let mut kit = Kit::new().await;
    kit.on("GET", &format!("/ticket/{TICKET}"), 200, &listed(&[other])).await;
    assert_eq!(kit.treez.get(&ticket_id()).await.unwrap_err().kind(), PosErrorKind::Mismatch);
}

#[tokio::test]
async fn drift_in_types_words_and_fields_is_tolerated() {
    let mut kit = Kit::new().await;
    let odd = changed(
        ticket("BEING_WRAPPED"),
        json!({"customer_id": "4711", "payment_status": "HALF", "purchase_limit": null, "fees": null,
            "payments": "none", "total": 16.033, "tax_total": "N/A", "discount_total": null, "last_updated_at": "",
            "items": [{"product_id": MINTS, "quantity": "2"}, null, 7]}),
    );
    kit.on("GET", &format!("/ticket/{TICKET}"), 200, &success(&odd)).await;
    let snapshot = kit.treez.get(&ticket_id()).await.unwrap();
    assert_eq!((snapshot.status, snapshot.raw_status.as_str()), (None, "BEING_WRAPPED"));
    assert_eq!((snapshot.paid, snapshot.updated_at), (None, None));
    assert_eq!(snapshot.lines, order().lines);
    assert_eq!(snapshot.totals.unwrap().total.to_string(), "16.03");
}

#[tokio::test]
async fn capabilities_are_what_the_settings_make_them() {
    let kit = Kit::bare(|config| config).await;
    let can = kit.treez.capabilities();
    assert!(can.resolve && can.get && can.edit && can.cancel && can.mark_paid && can.quote);
    assert!(!can.prove_absence && !can.coupon && !can.one_open_order);
    assert!(can.set_status.contains(Status::OutForDelivery) && !can.set_status.contains(Status::Completed));
    let by_api = Completion::ByApi { payment_method: "DEBIT".to_owned() };
    let kit = Kit::bare(|config| config.with_completion(by_api).with_repost_after_absent(true)).await;
    assert!(kit.treez.capabilities().set_status.contains(Status::Completed));
    assert!(kit.treez.capabilities().prove_absence);
    let error = kit.treez.coupon("X").await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Unsupported, RetryClass::Unsupported));
}
