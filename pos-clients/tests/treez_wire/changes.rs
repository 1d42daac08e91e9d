//! Updates, statuses, payments and cancels: the whole ticket echoed, one thing changed, the result read back.

use mockito::Mock;
use order_core::model::Status;
use order_core::ports::{PosErrorKind, PosOrderClient, RetryClass};
use pos_clients::treez::Completion;
use serde_json::{Value, json};

use crate::support::{FLOWER, Kit, MINTS, TICKET, changed, echoed, line, order, success, ticket, ticket_id};

fn get_path() -> String {
    format!("/ticket/{TICKET}")
}

fn put_path() -> String {
    format!("/ticket/update/{TICKET}")
}

/// Answers reads with these tickets, one after the other, the last one for good.
async fn reads(kit: &mut Kit, tickets: Vec<Value>) -> Vec<Mock> {
    let last = tickets.len() - 1;
    let mut mocks = Vec::new();
    for (at, ticket) in tickets.iter().enumerate() {
        let mock = kit.on("GET", &get_path(), 200, &success(ticket)).await;
        mocks.push(if at == last { mock.expect_at_least(1) } else { mock.expect(1) });
    }
    mocks
}

async fn put(kit: &mut Kit, sent: Value) -> Mock {
    kit.on_json("PUT", &put_path(), sent, &success(&json!({}))).await.expect(1)
}

#[tokio::test]
async fn an_update_echoes_everything_and_changes_the_lines() {
    let mut kit = Kit::new().await;
    let after = json!({"items": [
        {"size_id": MINTS, "quantity": 1, "location_name": "FRONT OF HOUSE"}, {"size_id": FLOWER, "quantity": 1.0},
        {"product_id": "f", "product_type": "NON-INV", "product_subtype": "FEE", "quantity": 1}]});
    reads(&mut kit, vec![ticket("IN_PROCESS"), changed(ticket("IN_PROCESS"), after)]).await;
    let items = json!([
        {"size_id": MINTS, "quantity": 1, "location_name": "FRONT OF HOUSE", "apply_automatic_discounts": true},
        {"size_id": FLOWER, "quantity": 1, "apply_automatic_discounts": true}
    ]);
    let put = put(&mut kit, changed(echoed("IN_PROCESS"), json!({"items": items}))).await;
    let mut order = order();
    order.lines = vec![line(MINTS, 1), line(FLOWER, 1)];
    let snapshot = kit.treez.update(&ticket_id(), &order).await.unwrap();
    put.assert_async().await;
    assert_eq!(snapshot.lines, order.lines);
}

#[tokio::test]
async fn an_update_that_changes_nothing_sends_nothing() {
    let mut kit = Kit::new().await;
    reads(&mut kit, vec![ticket("IN_PROCESS")]).await;
    let put = kit.on("PUT", &put_path(), 200, "").await.expect(0);
    kit.treez.update(&ticket_id(), &order()).await.unwrap();
    put.assert_async().await;
}

#[tokio::test]
async fn an_update_that_did_not_hold_is_a_mismatch() {
    let mut kit = Kit::new().await;
    reads(&mut kit, vec![ticket("IN_PROCESS")]).await;
    kit.on("PUT", &put_path(), 200, &success(&json!({}))).await;
    let mut order = order();
    order.lines = vec![line(MINTS, 1)];
    let error = kit.treez.update(&ticket_id(), &order).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Mismatch, RetryClass::Refused));
}

#[tokio::test]
async fn what_must_not_be_changed_is_refused_here() {
    let mut order = order();
    order.lines = vec![line(MINTS, 1)];
    for (found, kind) in [
        (ticket("COMPLETED"), PosErrorKind::WrongState),
        (ticket("CANCELED"), PosErrorKind::WrongState),
        (changed(ticket("IN_PROCESS"), json!({"payment_status": "PAID"})), PosErrorKind::WrongState),
        (changed(ticket("IN_PROCESS"), json!({"payments": [{"payment_id": "p"}]})), PosErrorKind::WrongState),
        (changed(ticket("IN_PROCESS"), json!({"external_order_number": "other"})), PosErrorKind::Mismatch),
    ] {
        let mut kit = Kit::new().await;
        reads(&mut kit, vec![found]).await;
        let put = kit.on("PUT", &put_path(), 200, "").await.expect(0);
        let error = kit.treez.update(&ticket_id(), &order).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, RetryClass::Refused));
        put.assert_async().await;
    }
}

#[tokio::test]
async fn a_status_is_set_with_a_full_echo_and_fees_are_kept() {
    let mut kit = Kit::with(|config| config.with_update_path("/v2/ticket/{ticket_id}/change")).await;
    let fees = json!({"fees": [{"type": "DELIVERY FEE", "total_amount": 5.5, "more": 1}], "total": 28.1});
    let before = changed(ticket("AWAITING_PROCESSING"), fees.clone());
    reads(&mut kit, vec![before, changed(ticket("IN_PROCESS"), fees)]).await;
    let sent =
        changed(echoed("IN_PROCESS"), json!({"fees": [{"type": "DELIVERY FEE", "total_amount": 5.5}]}));
    let put = kit
        .on_json("PUT", &format!("/v2/ticket/{TICKET}/change"), sent, &success(&json!({})))
        .await
        .expect(1);
    let snapshot = kit.treez.set_status(&ticket_id(), Status::InProcess).await.unwrap();
    assert_eq!(snapshot.status, Some(Status::InProcess));
    put.assert_async().await;
}

#[tokio::test]
async fn a_status_already_there_is_a_success_and_one_that_did_not_hold_is_not() {
    let mut kit = Kit::new().await;
    reads(&mut kit, vec![ticket("PACKED_READY")]).await;
    let put = kit.on("PUT", &put_path(), 200, &success(&json!({}))).await.expect(1);
    kit.treez.set_status(&ticket_id(), Status::PackedReady).await.unwrap();
    let error = kit.treez.set_status(&ticket_id(), Status::InProcess).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::WrongState, RetryClass::Refused));
    put.assert_async().await;
}

#[tokio::test]
async fn completion_is_left_to_the_register_unless_told_otherwise() {
    let kit = Kit::bare(|config| config).await;
    for status in [Status::Completed, Status::Canceled, Status::Removed] {
        let error = kit.treez.set_status(&ticket_id(), status).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::Unsupported, RetryClass::Unsupported));
    }
}

#[tokio::test]
async fn completion_by_api_pays_first_and_completes_then() {
    let by_api = Completion::ByApi { payment_method: "DEBIT".to_owned() };
    let mut kit = Kit::with(|config| config.with_completion(by_api.clone())).await;
    let paid = json!({"payment_status": "PAID", "payments": [{"payment_id": "p", "amount_paid": 22.6}]});
    reads(
        &mut kit,
        vec![
            ticket("PACKED_READY"),
            changed(ticket("PACKED_READY"), paid.clone()),
            changed(ticket("COMPLETED"), paid.clone()),
        ],
    )
    .await;
    let payment =
        json!({"payments": [{"payment_source": "KIOSK", "payment_method": "DEBIT", "amount_paid": 22.6}]});
    let pay = put(&mut kit, changed(echoed("PACKED_READY"), payment)).await;
    let complete = put(&mut kit, echoed("COMPLETED")).await;
    let snapshot = kit.treez.set_status(&ticket_id(), Status::Completed).await.unwrap();
    assert_eq!((snapshot.status, snapshot.paid), (Some(Status::Completed), Some(true)));
    pay.assert_async().await;
    complete.assert_async().await;

    // Already paid: nothing is paid twice.
    let mut kit = Kit::with(|config| config.with_completion(by_api)).await;
    reads(&mut kit, vec![changed(ticket("PACKED_READY"), paid.clone()), changed(ticket("COMPLETED"), paid)])
        .await;
    let complete = put(&mut kit, echoed("COMPLETED")).await;
    kit.treez.set_status(&ticket_id(), Status::Completed).await.unwrap();
    complete.assert_async().await;
}

#[tokio::test]
async fn a_payment_is_the_whole_total_and_is_made_once() {
    let mut kit = Kit::with(|config| config.with_payment_method("STORE_CREDIT_CUSTOM")).await;
    let before = changed(ticket("PACKED_READY"), json!({"total": "1e2"}));
    let after = changed(before.clone(), json!({"payment_status": "PAID"}));
    reads(&mut kit, vec![before, after]).await;
    let payment = json!({"payments": [
        {"payment_source": "KIOSK", "payment_method": "STORE_CREDIT_CUSTOM", "amount_paid": 100}]});
    let put = put(&mut kit, changed(echoed("PACKED_READY"), payment)).await;
    assert_eq!(kit.treez.mark_paid(&ticket_id()).await.unwrap().paid, Some(true));
    assert_eq!(kit.treez.mark_paid(&ticket_id()).await.unwrap().paid, Some(true));
    put.assert_async().await;
}

#[tokio::test]
async fn what_cannot_be_paid_is_refused_here() {
    for changes in [
        json!({"payment_status": "REFUNDED"}),
        json!({"payments": [{"payment_id": "p"}]}),
        json!({"order_status": "CANCELED"}),
        json!({"total": null}),
    ] {
        let mut kit = Kit::new().await;
        reads(&mut kit, vec![changed(ticket("PACKED_READY"), changes.clone())]).await;
        let put = kit.on("PUT", &put_path(), 200, "").await.expect(0);
        let error = kit.treez.mark_paid(&ticket_id()).await.unwrap_err();
        assert_eq!(error.retry(), RetryClass::Refused, "{changes}");
        put.assert_async().await;
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_payment_is_settled_by_reading() {
    for (status, class) in [("PAID", None), ("UNPAID", Some(RetryClass::Ambiguous))] {
        let mut kit = Kit::new().await;
        let after = changed(ticket("PACKED_READY"), json!({"payment_status": status}));
        reads(&mut kit, vec![ticket("PACKED_READY"), after]).await;
        let put = kit.on("PUT", &put_path(), 504, "<html>Gateway Timeout</html>").await.expect(1);
        let outcome = kit.treez.mark_paid(&ticket_id()).await;
        assert_eq!(outcome.err().map(|error| error.retry()), class);
        put.assert_async().await;
    }
}

#[tokio::test]
async fn a_cancel_echoes_and_reads_back() {
    let mut kit = Kit::new().await;
    reads(&mut kit, vec![ticket("PACKED_READY"), ticket("CANCELED")]).await;
    let put = put(&mut kit, echoed("CANCELED")).await;
    assert_eq!(kit.treez.cancel(&ticket_id()).await.unwrap().status, Some(Status::Canceled));
    // And again: nothing more is sent.
    kit.treez.cancel(&ticket_id()).await.unwrap();
    put.assert_async().await;
}

#[tokio::test]
async fn what_cannot_be_cancelled_is_refused_here() {
    for changes in [
        json!({"order_status": "COMPLETED"}),
        json!({"order_status": "REMOVED"}),
        json!({"payment_status": "PAID"}),
    ] {
        let mut kit = Kit::new().await;
        reads(&mut kit, vec![changed(ticket("PACKED_READY"), changes)]).await;
        let put = kit.on("PUT", &put_path(), 200, "").await.expect(0);
        let error = kit.treez.cancel(&ticket_id()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::WrongState, RetryClass::Refused));
        put.assert_async().await;
    }
}

#[tokio::test]
async fn an_accepted_change_that_cannot_be_read_back_is_ambiguous() {
    let mut kit = Kit::new().await;
    let first = kit.on("GET", &get_path(), 200, &success(&ticket("PACKED_READY"))).await.expect(1);
    kit.on("GET", &get_path(), 500, "").await;
    kit.on("PUT", &put_path(), 200, &success(&json!({}))).await;
    let error = kit.treez.cancel(&ticket_id()).await.unwrap_err();
    assert_eq!(error.retry(), RetryClass::Ambiguous);
    first.assert_async().await;
}
