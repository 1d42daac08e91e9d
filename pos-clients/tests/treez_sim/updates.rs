use pos_clients::sim::SimError;
use pos_clients::treez::sim::Omitted;
use serde_json::{Value, json};

use crate::support::{FLOWER, GUMMIES, LAST_ONE, NOWHERE, Till, amount, but, dec, order, text};

fn header(status: &str) -> Value {
    json!({"type": "PICKUP", "order_source": "KIOSK", "order_status": status, "revenue_source": "Acme Kiosk"})
}

fn payment(amount: &Value) -> Value {
    json!([{"payment_source": "KIOSK", "payment_method": "DEBIT", "amount_paid": amount}])
}

#[tokio::test]
async fn an_update_edits_moves_and_moves_back() {
    let till = Till::open().await;
    let ticket = till.create(order(&[(FLOWER, 8)])).await.data();
    let edited = till.update(&ticket, order(&[(FLOWER, 10), (GUMMIES, 1)])).await.data();
    assert_eq!(edited["items"].as_array().unwrap().len(), 2);
    assert_eq!(amount(&edited["sub_total"]), dec("379.9"));
    assert_eq!(till.update(&ticket, order(&[(FLOWER, 11)])).await.status, 400);
    assert_eq!(till.orders()[0].lines[0].quantity, 10);
    for status in ["PACKED_READY", "IN_PROCESS", "VERIFICATION_PENDING", "DRAFT"] {
        let moved = till.update(&ticket, header(status)).await.data();
        assert_eq!((text(&moved["order_status"]), moved["items"].as_array().unwrap().len()), (status, 2));
    }
    till.update(&json!({"ticket_id": NOWHERE}), header("IN_PROCESS")).await.refused(400, "TICKET_NOT_FOUND");
    till.update(&ticket, json!({"order_status": "CANCELED"})).await.refused(400, "TICKET_FORMAT_ERROR");
    till.update(&ticket, header("REMOVED")).await.refused(400, "INVALID_TICKET_STATUS");
}

#[tokio::test]
async fn an_identical_update_changes_nothing() {
    let till = Till::open().await;
    let ticket = till.create(order(&[(FLOWER, 2)])).await.data();
    assert_eq!(till.update(&ticket, order(&[(FLOWER, 2)])).await.data(), ticket);
}

#[tokio::test]
async fn omitted_fields_are_a_switch() {
    let till = Till::with(|config| config.omitted = Omitted::Clear).await;
    let ticket = till.create(order(&[(LAST_ONE, 1)])).await.data();
    let cleared = till.update(&ticket, header("IN_PROCESS")).await.data();
    assert_eq!((&cleared["items"], &cleared["ticket_note"]), (&json!([]), &Value::Null));
    assert_eq!(till.create(order(&[(LAST_ONE, 1)])).await.status, 200);
}

#[tokio::test]
async fn canceling_twice_is_a_no_op_and_closed_is_closed() {
    let till = Till::open().await;
    let ticket = till.create(order(&[(FLOWER, 1)])).await.data();
    let canceled = till.update(&ticket, header("CANCELED")).await.data();
    assert_eq!((text(&canceled["order_status"]), canceled["date_closed"].is_string()), ("CANCELED", true));
    assert_eq!(till.update(&ticket, header("CANCELED")).await.data(), canceled);
    till.update(&ticket, header("IN_PROCESS")).await.refused(400, "INVALID_TICKET_STATUS");
    let note = but(header("CANCELED"), json!({"ticket_note": "late"}));
    till.update(&ticket, note).await.refused(400, "INVALID_TICKET_STATUS");
    assert_eq!(
        till.handle.staff(text(&ticket["ticket_id"]), "start"),
        Err(SimError::NotAllowed("the ticket is CANCELED".into()))
    );
}

#[tokio::test]
async fn payment_rules() {
    let till = Till::open().await;
    let ticket = till.create(order(&[(GUMMIES, 1)])).await.data();
    let total = ticket["total"].clone();
    let pay = |body: Value, payments: Value| but(body, json!({"payments": payments}));

    till.update(&ticket, header("COMPLETED")).await.refused(400, "INVALID_REQUEST");
    for wrong in [
        json!([]),
        json!([{"payment_method": "DEBIT"}]),
        json!([{"payment_source": "KIOSK", "payment_method": "SHELLS", "amount_paid": 1}]),
    ] {
        let reply = till.update(&ticket, pay(header("COMPLETED"), wrong)).await;
        assert_eq!(reply.status, 400, "{}", reply.text);
    }
    till.update(&ticket, pay(header("IN_PROCESS"), payment(&json!(1)))).await.refused(400, "INVALID_REQUEST");
    let twice = json!([payment(&total)[0], payment(&total)[0]]);
    till.update(&ticket, pay(header("IN_PROCESS"), twice)).await.refused(400, "INVALID_REQUEST");
    let mixed = pay(
        but(header("IN_PROCESS"), json!({"items": [{"size_id": GUMMIES, "quantity": 2}]})),
        payment(&total),
    );
    till.update(&ticket, mixed).await.refused(400, "INVALID_REQUEST");

    let custom = json!([{"payment_source": "KIOSK", "payment_method": "ACME_CUSTOM", "amount_paid": total}]);
    let paid = till.update(&ticket, pay(header("PACKED_READY"), custom)).await.data();
    assert_eq!((text(&paid["payment_status"]), text(&paid["order_status"])), ("PAID", "PACKED_READY"));
    assert_eq!(amount(&paid["payments"][0]["amount_paid"]), amount(&total));
    // Once paid: no second payment, no edit, no cancel; only the way to completion.
    till.update(&ticket, pay(header("PACKED_READY"), payment(&total))).await.refused(400, "INVALID_REQUEST");
    till.update(&ticket, but(header("PACKED_READY"), json!({"ticket_note": "x"})))
        .await
        .refused(400, "INVALID_REQUEST");
    till.update(&ticket, header("CANCELED")).await.refused(400, "INVALID_REQUEST");
    assert_eq!(till.update(&ticket, header("COMPLETED")).await.data()["order_status"], "COMPLETED");

    let at_once = till.create(order(&[(GUMMIES, 1)])).await.data();
    let done = till.update(&at_once, pay(header("COMPLETED"), payment(&total))).await.data();
    assert_eq!((text(&done["order_status"]), text(&done["payment_status"])), ("COMPLETED", "PAID"));
}

#[tokio::test]
async fn the_register_acts() {
    let till = Till::open().await;
    let ticket = till
        .create(but(order(&[(LAST_ONE, 1)]), json!({"order_status": "VERIFICATION_PENDING"})))
        .await
        .data();
    let (id, number) = (text(&ticket["ticket_id"]), text(&ticket["order_number"]));
    for (action, status) in [
        ("verify", "AWAITING_PROCESSING"),
        ("start", "IN_PROCESS"),
        ("pack", "PACKED_READY"),
        ("accept", "AWAITING_PROCESSING"),
    ] {
        till.handle.staff(number, action).unwrap();
        assert_eq!(till.orders()[0].status, status);
    }
    assert!(matches!(till.handle.staff(id, "dispatch"), Err(SimError::NotAllowed(_))));
    assert!(matches!(till.handle.staff(id, "fly"), Err(SimError::UnknownAction { .. })));
    assert_eq!(till.handle.staff("x", "pack"), Err(SimError::NoSuchOrder("x".into())));
    till.handle.staff(id, "pay").unwrap();
    assert!(matches!(till.handle.staff(id, "pay"), Err(SimError::NotAllowed(_))));
    assert!(matches!(till.handle.staff(id, "cancel"), Err(SimError::NotAllowed(_))));
    till.handle.staff(id, "complete").unwrap();
    let read = till.get(&format!("ticket/{id}")).await.json()["ticketList"][0].take();
    assert_eq!((text(&read["order_status"]), text(&read["payment_status"])), ("COMPLETED", "PAID"));
    assert_eq!(till.create(order(&[(LAST_ONE, 1)])).await.status, 400);
}
