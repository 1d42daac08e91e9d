use chrono::TimeDelta;
use pos_clients::treez::sim::DataShape;
use serde_json::{Value, json};

use crate::support::{BROWNIE, FLOWER, GUMMIES, LAST_ONE, NOWHERE, Till, amount, but, dec, order, text};

fn ids(reply: &crate::support::Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()["ticketList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| text(&ticket["ticket_id"]).to_owned())
        .collect()
}

#[tokio::test]
async fn a_created_ticket_has_the_documented_shape() {
    let till = Till::open().await;
    let ticket = till.create(order(&[(FLOWER, 3), (GUMMIES, 1)])).await.data();
    assert_eq!(
        (text(&ticket["order_status"]), text(&ticket["payment_status"])),
        ("AWAITING_PROCESSING", "UNPAID")
    );
    assert_eq!(ticket["customer_id"], 4711);
    assert_eq!((text(&ticket["external_order_number"]), text(&ticket["ticket_note"])), ("ref-1", "Lane 2"));
    assert_eq!(ticket["date_created"], "2026-03-02T10:00:00.000-08:00");
    assert_eq!(ticket["date_closed"], Value::Null);
    let number = text(&ticket["order_number"]);
    assert!(
        number.len() == 6 && number.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()),
        "{number}"
    );

    // 3 x 35.99 = 107.97: 16.1955 and 9.17745 round to 16.20 and 9.18; 20.00: 3.00 and 1.70.
    assert_eq!(amount(&ticket["sub_total"]), dec("127.97"));
    assert_eq!(amount(&ticket["tax_total"]), dec("30.08"));
    assert_eq!(amount(&ticket["total"]), dec("158.05"));
    let line = &ticket["items"][0];
    assert_eq!((line["quantity"].to_string(), line["size_id"].as_str()), ("3.0".to_owned(), Some(FLOWER)));
    assert_eq!((amount(&line["price_sell"]), amount(&line["price_total"])), (dec("107.97"), dec("133.35")));
    assert_eq!(line["tax"].as_array().unwrap().len(), 2);
    assert_eq!(line["inventory_type"], "ADULT");
    assert_eq!(
        ticket["purchase_limit"],
        json!({"concentrated": "0.1/8", "non_concentrated": "10.5/28.5", "plant": "0/6"})
    );

    let held = &till.orders()[0];
    assert_eq!((held.total.as_str(), held.reference.as_deref()), ("158.05", Some("ref-1")));
    assert_eq!((held.id.as_str(), held.lines[0].quantity), (text(&ticket["ticket_id"]), 3));
}

#[tokio::test]
async fn discounts_and_fees_follow_the_documented_sums() {
    let till = Till::open().await;
    let discounts = json!([{"discount_title": "TEN", "discount_amount": 10, "discount_method": "PERCENT"},
                           {"discount_title": "OFF", "discount_amount": 1.5, "discount_method": "DOLLAR"}]);
    let body = but(
        order(&[]),
        json!({"items": [{"size_id": GUMMIES, "quantity": 2, "pos_discounts": discounts}],
               "fees": [{"type": "DELIVERY FEE", "total_amount": 4.25}]}),
    );
    let ticket = till.create(body).await.data();
    assert_eq!((amount(&ticket["sub_total"]), amount(&ticket["discount_total"])), (dec("34.5"), dec("-5.5")));
    let sum = amount(&ticket["sub_total"]) + amount(&ticket["tax_total"]) + dec("4.25");
    assert_eq!(amount(&ticket["total"]), sum);
    assert_eq!(ticket["items"][0]["POS_discounts"].as_array().unwrap().len(), 2);
    assert_eq!(
        (text(&ticket["items"][1]["product_type"]), text(&ticket["items"][1]["product_subtype"])),
        ("NON-INV", "FEE")
    );
    // A discount never makes a line negative.
    let free = json!([{"discount_amount": 1e25, "discount_method": "DOLLAR"}, {"discount_amount": 7.9e28, "discount_method": "PERCENT"}]);
    let body =
        but(order(&[]), json!({"items": [{"size_id": GUMMIES, "quantity": 1, "pos_discounts": free}]}));
    assert_eq!(amount(&till.create(body).await.data()["total"]), dec("0"));
}

#[tokio::test]
async fn a_preview_validates_but_stores_and_reserves_nothing() {
    let till = Till::open().await;
    let preview = till.call("POST", "ticket/previewticket", order(&[(LAST_ONE, 1)])).await.data();
    assert_eq!((text(&preview["order_status"]), &preview["order_number"]), ("PREVIEW", &Value::Null));
    assert_eq!(preview["last_updated_at"], Value::Null);
    assert_eq!(amount(&preview["total"]), dec("9.88"));
    assert!(till.orders().is_empty());
    let id = text(&preview["ticket_id"]);
    till.get(&format!("ticket/{id}")).await.refused(400, "TICKET_NOT_FOUND");
    till.create(order(&[(LAST_ONE, 1)])).await.data();
    assert_eq!(till.call("POST", "ticket/previewticket", order(&[(LAST_ONE, 1)])).await.status, 400);
}

#[tokio::test]
async fn the_integrators_number_is_not_unique() {
    let till = Till::open().await;
    let one = till.create(order(&[(FLOWER, 1)])).await.data();
    let two = till.create(order(&[(FLOWER, 1)])).await.data();
    assert_ne!((&one["ticket_id"], &one["order_number"]), (&two["ticket_id"], &two["order_number"]));
    assert_eq!(till.orders().iter().filter(|order| order.reference.as_deref() == Some("ref-1")).count(), 2);
}

#[tokio::test]
async fn a_create_reserves_and_a_cancel_releases() {
    let till = Till::open().await;
    let first = till.create(order(&[(FLOWER, 10)])).await.data();
    let refused = till.create(order(&[(FLOWER, 1)])).await;
    assert_eq!((refused.status, &refused.json()["resultCode"]), (400, &json!("FAIL")));
    assert_eq!(till.orders().len(), 1);
    till.update(&first, but(order(&[(FLOWER, 10)]), json!({"order_status": "CANCELED"}))).await.data();
    let second = till.create(order(&[(FLOWER, 6), (FLOWER, 4)])).await.data();
    assert_eq!(till.create(order(&[(FLOWER, 1)])).await.status, 400);
    till.handle.staff(text(&second["order_number"]), "remove").unwrap();
    assert_eq!(till.orders()[1].status, "REMOVED");
    assert_eq!(till.create(order(&[(FLOWER, 11)])).await.status, 400);
    assert_eq!(till.create(order(&[(FLOWER, 10)])).await.status, 200);
    // Medical-only goods do not lie in the adult pool.
    let adult =
        but(order(&[]), json!({"items": [{"size_id": BROWNIE, "quantity": 1, "inventory_type": "ADULT"}]}));
    assert_eq!(till.create(adult).await.status, 400);
    assert_eq!(till.create(order(&[(BROWNIE, 1)])).await.data()["items"][0]["inventory_type"], "MEDICAL");
}

#[tokio::test]
async fn malformed_tickets_are_refused_with_everything_that_is_wrong() {
    let till = Till::open().await;
    let item = |changes: Value| json!({"items": [but(json!({"size_id": FLOWER, "quantity": 1}), changes)]});
    for change in [
        json!({"type": null}),
        json!({"type": "CURBSIDE"}),
        json!({"type": "DELIVERY"}),
        json!({"order_source": "WEB"}),
        json!({"order_status": 5}),
        json!({"revenue_source": null}),
        json!({"customer_id": 4711}),
        json!({"payments": []}),
        json!({"coupon_codes": []}),
        json!({"externalOrderNumber": "x"}),
        json!({"items": {}}),
        json!({"items": ["x"]}),
        item(json!({"size_id": null})),
        item(json!({"size_id": "abc"})),
        item(json!({"quantity": null})),
        item(json!({"quantity": "1"})),
        item(json!({"quantity": 1.5})),
        item(json!({"quantity": 0})),
        item(json!({"quantity": -1})),
        item(json!({"quantity": 4_294_967_296_u64})),
        item(json!({"product_id": FLOWER})),
        item(json!({"inventory_type": "BOTH"})),
        item(json!({"pos_discounts": [{"discount_amount": -1, "discount_method": "DOLLAR"}]})),
    ] {
        let refused =
            till.create(but(order(&[(FLOWER, 1)]), change)).await.refused(400, "TICKET_FORMAT_ERROR");
        assert_eq!(refused["data"], Value::Null);
    }
    let bad = json!({"type": "PICKUP", "items": [{"quantity": 1}, {"size_id": "x", "quantity": 1}]});
    let detail = till.create(bad).await.refused(400, "TICKET_FORMAT_ERROR")["resultDetail"].clone();
    for part in ["order_source is required", "size_id is required", "Invalid UUID format", ", "] {
        assert!(text(&detail).contains(part), "{detail}");
    }
    for raw in ["", "{", "[]", "null", "\u{feff}{}"] {
        let request = till.request("POST", "ticket/detailticket", raw);
        till.send(request).await.unwrap().refused(400, "TICKET_FORMAT_ERROR");
    }
    let mut request = till.request("POST", "ticket/detailticket", order(&[(FLOWER, 1)]).to_string());
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    till.send(request).await.unwrap().refused(400, "TICKET_FORMAT_ERROR");

    till.create(order(&[(NOWHERE, 1)])).await.refused(400, "PRODUCT_NOT_FOUND");
    till.create(but(order(&[(FLOWER, 1)]), json!({"customer_id": "9"})))
        .await
        .refused(404, "CUSTOMER_DOESNT_EXIST");
    till.create(but(order(&[(FLOWER, 1)]), json!({"scheduled_date": "2026-03-02"})))
        .await
        .refused(400, "INVALID_DATE_FORMAT");
    for status in ["COMPLETED", "CANCELED", "CANCELLED", "REMOVED", "PREVIEW"] {
        let refused = till.create(but(order(&[(FLOWER, 1)]), json!({"order_status": status}))).await;
        assert!(
            text(&refused.refused(400, "INVALID_TICKET_STATUS")["resultDetail"]).contains("PACKED_READY")
        );
    }
    assert!(till.orders().is_empty());

    let lenient = Till::with(|config| config.strict = false).await;
    let body = json!({"items": [{"size_id": FLOWER, "quantity": "2", "colour": "green"}], "shoe_size": 44});
    assert_eq!(lenient.create(but(order(&[]), body)).await.status, 200);
}

#[tokio::test]
async fn blank_means_anonymous_and_a_ticket_may_be_empty() {
    let till = Till::open().await;
    let ticket = till.create(but(order(&[]), json!({"customer_id": "", "items": null}))).await.data();
    assert_eq!((&ticket["customer_id"], &ticket["items"]), (&Value::Null, &json!([])));
    assert_eq!(
        ids(&till.get("ticket/status/AWAITING_PROCESSING/page/1/pagesize/50?hide_empty_tickets=true").await)
            .len(),
        0
    );
    assert_eq!(ids(&till.get("ticket/status/AWAITING_PROCESSING/page/1/pagesize/50").await).len(), 1);
}

#[tokio::test]
async fn tickets_are_found_every_documented_way() {
    let till = Till::open().await;
    let one = till.create(order(&[(FLOWER, 1)])).await.data();
    till.pass(TimeDelta::minutes(1));
    let two = till.create(but(order(&[(FLOWER, 1)]), json!({"order_status": "DRAFT"}))).await.data();
    let (first, second) = (text(&one["ticket_id"]), text(&two["ticket_id"]));

    assert_eq!(till.get(&format!("ticket/{first}")).await.json()["ticketList"], json!([one]));
    assert_eq!(till.get(&format!("ticket/ordernumber/{}", text(&one["order_number"]))).await.data(), one);
    assert_eq!(ids(&till.get("ticket/customer/4711/page/1/pagesize/1").await), [first]);
    assert_eq!(ids(&till.get("ticket/customer/4711/page/2/pagesize/1").await), [second]);
    assert!(ids(&till.get("ticket/customer/4711/page/3/pagesize/1").await).is_empty());
    assert!(ids(&till.get("ticket/customer/1/page/1/pagesize/1").await).is_empty());
    assert_eq!(
        ids(&till
            .get("ticket/status/DRAFT/page/1/pagesize/50?sort_by_field=lastUpdatedAt&sort_order=desc")
            .await),
        [second]
    );
    assert_eq!(ids(&till.get("ticket/opendate/2026-03-02/page/1/pagesize/50").await), [first, second]);
    assert!(ids(&till.get("ticket/opendate/2026-03-03/page/1/pagesize/50").await).is_empty());
    assert!(ids(&till.get("ticket/closedate/2026-03-02/page/1/pagesize/50").await).is_empty());
    let since = "ticket/lastUpdated/after/2026-03-02T09:00:00.000-08:00/page/1/pagesize/50";
    assert_eq!(ids(&till.get(since).await), [second, first]);
    till.pass(TimeDelta::minutes(1));
    till.handle.staff(first, "cancel").unwrap();
    assert_eq!(ids(&till.get(since).await), [first, second]);
    assert_eq!(ids(&till.get("ticket/closedate/2026-03-02/page/1/pagesize/50").await), [first]);
    let history = till.get(&format!("ticket/history/{first}")).await.data();
    let words: Vec<&str> = history.as_array().unwrap().iter().map(|row| text(&row["status"])).collect();
    assert_eq!(words, ["AWAITING_PROCESSING", "CANCELED"]);
    assert!(text(&history[0]["date"]).ends_with('Z'));

    let by_data = Till::with(|config| config.ticket_data = DataShape::Object).await;
    let ticket = by_data.create(order(&[(FLOWER, 1)])).await.data();
    assert_eq!(by_data.get(&format!("ticket/{}", text(&ticket["ticket_id"]))).await.data(), ticket);
}

#[tokio::test]
async fn unknown_tickets_and_bad_lists_are_refused() {
    let till = Till::open().await;
    let number = text(&till.create(order(&[(FLOWER, 1)])).await.data()["order_number"]).to_owned();
    // An order number is no id, and the other way round.
    for path in [
        format!("ticket/{NOWHERE}"),
        format!("ticket/{number}"),
        "ticket/ordernumber/AAAAA".to_owned(),
        format!("ticket/history/{NOWHERE}"),
    ] {
        let refused = till.get(&path).await.refused(400, "TICKET_NOT_FOUND");
        assert_eq!(refused["ticketList"], json!([]));
        assert!(text(&refused["resultDetail"]).starts_with("Cannot find the ticket"));
    }
    let statuses =
        till.get("ticket/status/CANCELLED/page/1/pagesize/5").await.refused(400, "INVALID_TICKET_STATUS");
    assert!(text(&statuses["resultDetail"]).contains("CANCELED"));
    till.get("ticket/customer/4711/page/1/pagesize/51").await.refused(400, "RESPONSE_LIMIT_EXCEEDS");
    till.get("ticket/customer/4711/page/0/pagesize/5").await.refused(400, "INCORRECT_VALUE");
    till.get("ticket/customer/4711/page/99999999999999999999/pagesize/5")
        .await
        .refused(400, "INCORRECT_VALUE");
    assert_eq!(till.get("ticket/customer/4711/page/18446744073709551615/pagesize/50").await.status, 200);
    till.get("ticket/opendate/2.3.2026/page/1/pagesize/5").await.refused(400, "INVALID_DATE_FORMAT");
    for since in ["2026-03-02", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00.000-0800"] {
        let path = format!("ticket/lastUpdated/after/{since}/page/1/pagesize/5");
        till.get(&path).await.refused(400, "INVALID_DATE_FORMAT");
    }
    let path = "ticket/lastUpdated/after/2026-01-01T00:00:00.000-08:00/page/1/pagesize/5";
    till.get(path).await.refused(400, "RESPONSE_LIMIT_EXCEEDS");
}
