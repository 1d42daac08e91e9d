//! What people do with orders: every action, amending, mending the POS side, batches.

use serde_json::{Value, json};

use crate::shape::{SOON, STORE, check_order, id, ids, money, pos_state, stranger, time};
use crate::support::products::{FLOWER, GUMMIES, PAPERS, PRE_ROLL, SELTZER};
use crate::support::{Dispensary, Simulators, draft, settings, wait_for};

const ORDERS: &str = "/api/v1/stores/treez/orders";

fn medical(product: &str) -> Value {
    let mut draft = draft(product, 1);
    draft["customer"] = json!({
        "first_name": "Grace", "last_name": "Hopper", "phone": "4155550111",
        "email": "grace.hopper@example.com", "birth_date": "1956-12-09", "type": "medical",
    });
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pickup_order_goes_forwards_and_backwards() {
    let host = Dispensary::demo().await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    let mut basket = draft(FLOWER, 2);
    basket["items"] = json!([
        { "product_id": FLOWER, "quantity": 3 }, { "product_id": GUMMIES, "quantity": 1 },
        { "product_id": SELTZER, "quantity": 2 },
    ]);
    let order = id(&kiosk.accepted(STORE, "forwards", &basket).await);
    let started = staff.step(&order, "start", json!({}), "IN_PROCESS").await;
    assert_eq!(started["picker"], "staff");
    staff.step(&order, "release", json!({}), "AWAITING_PROCESSING").await;
    staff.step(&order, "start", json!({}), "IN_PROCESS").await;
    let substitute = json!({
        "product_id": PRE_ROLL, "name": "Larkspur Haze Pre-Roll", "unit_price": "9.00", "consent": true,
    });
    let lines = json!({ "lines": [
        { "line": 1, "pick": "short", "supplied": 2 },
        { "line": 2, "pick": "substituted", "substitute": substitute },
        { "line": 3, "pick": "removed" },
    ] });
    let picked = staff.step(&order, "pick", lines, "IN_PROCESS").await;
    check_order(&picked);
    let picks: Vec<&Value> = picked["items"].as_array().unwrap().iter().map(|item| &item["pick"]).collect();
    assert_eq!(picks, ["short", "substituted", "removed"]);
    assert_eq!(money(&picked["totals"]["subtotal"]), "33.00".parse().unwrap());
    staff.step(&order, "pack", json!({}), "PACKED_READY").await;
    staff.step(&order, "unpack", json!({ "reason": "store_operations" }), "IN_PROCESS").await;
    staff.step(&order, "pack", json!({}), "PACKED_READY").await;
    let printed = staff.step(&order, "mark_printed", json!({ "printed_id": "p-7" }), "PACKED_READY").await;
    assert_eq!(printed["printed"]["id"], "p-7");
    let done = staff.step(&order, "complete", json!({ "id_checked": true }), "COMPLETED").await;
    assert_eq!(done["id_check"]["by"], "staff");

    let history = staff.get(&format!("/api/v1/orders/{order}/history")).await.json();
    let history = history.as_array().unwrap();
    let mut last = 0;
    for entry in history {
        assert!(entry["position"].as_u64().unwrap() > last, "{entry}");
        last = entry["position"].as_u64().unwrap();
        time(&entry["at"]);
        assert!(entry["actor"]["role"].is_string() && entry["actor"]["id"].is_string(), "{entry}");
        assert!(entry["event"].is_string(), "{entry}");
    }
    let moves: Vec<(&str, &str)> = history
        .iter()
        .filter(|entry| entry["actor"]["role"] == "staff" && entry["from"].is_string())
        .map(|entry| (entry["from"].as_str().unwrap(), entry["to"].as_str().unwrap()))
        .collect();
    assert_eq!(
        moves,
        [
            ("AWAITING_PROCESSING", "IN_PROCESS"),
            ("IN_PROCESS", "AWAITING_PROCESSING"),
            ("AWAITING_PROCESSING", "IN_PROCESS"),
            ("IN_PROCESS", "PACKED_READY"),
            ("PACKED_READY", "IN_PROCESS"),
            ("IN_PROCESS", "PACKED_READY"),
            ("PACKED_READY", "COMPLETED"),
        ]
    );
    let reasons: Vec<&Value> = history.iter().filter_map(|entry| entry.get("reason")).collect();
    assert_eq!(reasons, ["store_operations"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_ways_through_an_order() {
    let folder = tempfile::tempdir().unwrap();
    let simulators = Simulators::start().await;
    let config = folder.path().join("settings.toml");
    std::fs::write(&config, settings(&[("oak", &simulators.base)], "delivery = true")).unwrap();
    let host = Dispensary::start(folder.path(), Some(&config), &[]).await;
    let kiosk = host.client("kiosk", "oak");
    let (staff, manager, admin) =
        (host.client("staff", "oak"), host.client("manager", "oak"), host.client("admin", "oak"));

    let mut basket = draft(FLOWER, 1);
    basket["fulfillment"]["type"] = json!("delivery");
    // This POS takes no delivery without an address, so somebody keys it in.
    let delivery = id(&kiosk.submit("oak", "delivery", &basket).await.json());
    pos_state(&staff, &delivery, "attention").await;
    let keyed = json!({ "action": "manual", "number": "D-1" });
    let keyed = staff.post(&format!("/api/v1/orders/{delivery}/pos"), &keyed).await;
    assert_eq!(keyed.status, 200, "{}", keyed.text);
    for (action, more, status) in [
        ("start", json!({}), "IN_PROCESS"),
        ("pick", json!({}), "IN_PROCESS"),
        ("pack", json!({}), "PACKED_READY"),
        ("dispatch", json!({}), "OUT_FOR_DELIVERY"),
        ("return", json!({ "reason": "customer_request" }), "PACKED_READY"),
        ("dispatch", json!({}), "OUT_FOR_DELIVERY"),
        ("mark_paid", json!({}), "OUT_FOR_DELIVERY"),
        ("complete", json!({}), "COMPLETED"),
    ] {
        staff.step(&delivery, action, more, status).await;
    }
    assert_eq!(staff.order(&delivery).await["payment"], "paid");
    admin.step(&delivery, "remove", json!({ "reason": "test" }), "REMOVED").await;
    let listed = manager.get("/api/v1/stores/oak/orders").await.json();
    assert!(ids(&listed).is_empty(), "removed orders are listed on request only");

    let patient = kiosk.submit("oak", "medical-1", &medical(GUMMIES)).await.json();
    assert_eq!(patient["status"], "VERIFICATION_PENDING");
    staff.step(&id(&patient), "verify", json!({ "note": "card seen" }), "AWAITING_PROCESSING").await;
    let refused = id(&kiosk.submit("oak", "medical-2", &medical(GUMMIES)).await.json());
    let refused = staff.step(&refused, "reject", json!({}), "CANCELED").await;
    assert_eq!(refused["reason"], "failed_verification");

    let collected = id(&kiosk.accepted("oak", "collected", &draft(PRE_ROLL, 1)).await);
    for (action, status) in [("start", "IN_PROCESS"), ("pick", "IN_PROCESS"), ("pack", "PACKED_READY")] {
        staff.step(&collected, action, json!({}), status).await;
    }
    staff.step(&collected, "complete", json!({}), "COMPLETED").await;
    wait_for("the register to complete it", SOON, async || {
        let all = simulators.orders().await;
        all.iter().any(|o| o["reference"] == collected && o["status"] == "COMPLETED").then_some(())
    })
    .await;

    let order = id(&kiosk.accepted("oak", "cancel", &draft(SELTZER, 1)).await);
    let canceled = kiosk.step(&order, "cancel", json!({}), "CANCELED").await;
    assert_eq!(canceled["reason"], "customer_request");
    pos_state(&staff, &order, "cancelled").await;
    let reopened = manager.step(&order, "reopen", json!({}), "AWAITING_PROCESSING").await;
    assert!(reopened.get("reason").is_none());
    pos_state(&staff, &order, "accepted").await;
    staff.step(&order, "start", json!({}), "IN_PROCESS").await;
    let late = json!({ "reason": "out_of_stock", "note": "the shelf is empty" });
    staff.step(&order, "cancel", late, "CANCELED").await;
    pos_state(&staff, &order, "cancelled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_do_at_the_register_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let simulators = Simulators::start().await;
    let config = folder.path().join("settings.toml");
    std::fs::write(&config, settings(&[("oak", &simulators.base)], "")).unwrap();
    let host = Dispensary::start(folder.path(), Some(&config), &[]).await;
    let (kiosk, staff) = (host.client("kiosk", "oak"), host.client("staff", "oak"));
    let order = kiosk.accepted("oak", "register", &draft(FLOWER, 1)).await;
    simulators.staff(order["pos"]["id"].as_str().unwrap(), "cancel").await;
    let canceled = wait_for("the cancel to be seen", SOON, async || {
        Some(staff.order(&id(&order)).await).filter(|order| order["status"] == "CANCELED")
    })
    .await;
    assert_eq!(canceled["pos"]["status"], "CANCELED");
    assert_eq!(canceled["reason"], "store_operations");
}

#[tokio::test(flavor = "multi_thread")]
async fn amended_lines_reach_the_register() {
    let folder = tempfile::tempdir().unwrap();
    let simulators = Simulators::start().await;
    let config = folder.path().join("settings.toml");
    std::fs::write(&config, settings(&[("oak", &simulators.base)], "")).unwrap();
    let host = Dispensary::start(folder.path(), Some(&config), &[]).await;
    let kiosk = host.client("kiosk", "oak");
    let order = kiosk.accepted("oak", "amend", &draft(FLOWER, 2)).await;
    let order_id = id(&order);
    let body = json!({ "version": order["version"], "items": [
        { "product_id": FLOWER, "quantity": 1 }, { "product_id": PAPERS, "quantity": 3 },
    ] });
    let path = format!("/api/v1/orders/{order_id}/items");
    let amended = kiosk.patch(&path, &body).await;
    assert_eq!(amended.status, 200, "{}", amended.text);
    let amended = amended.json();
    check_order(&amended);
    assert_eq!(amended["version"], 2);
    assert_eq!(money(&amended["totals"]["subtotal"]), "21.75".parse().unwrap());
    kiosk.patch(&path, &body).await.problem(409, "stale-version");
    pos_state(&kiosk, &order_id, "accepted").await;
    let held = simulators.orders().await;
    let held: Vec<&Value> = held.iter().filter(|held| held["reference"] == order_id).collect();
    assert_eq!(held.len(), 1);
    let mut lines: Vec<(&str, u64)> = held[0]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["product_id"].as_str().unwrap(), line["quantity"].as_u64().unwrap()))
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [(FLOWER, 1), (PAPERS, 3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_mend_what_the_register_refused() {
    let host = Dispensary::demo().await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    let mut refused = Vec::new();
    for at in 0..2 {
        let order = kiosk.submit(STORE, &format!("refused-{at}"), &stranger()).await;
        assert_eq!(order.status, 201, "the kiosk is never told of it: {}", order.text);
        refused.push(id(&order.json()));
    }
    for order in &refused {
        let seen = pos_state(&staff, order, "attention").await;
        assert_eq!(seen["pos"]["attention"]["code"], "refused", "{seen}");
    }
    let (keyed, linked) = (&refused[0], &refused[1]);
    let pos = |id: &str| format!("/api/v1/orders/{id}/pos");
    let retried = staff.post(&pos(keyed), &json!({ "action": "retry", "note": "asked the vendor" })).await;
    assert_eq!(retried.status, 200, "{}", retried.text);
    assert_eq!(retried.json()["pos"]["state"], "queued");
    pos_state(&staff, keyed, "attention").await;
    let manual = staff.post(&pos(keyed), &json!({ "action": "manual", "number": "R-1001" })).await;
    assert_eq!(manual.status, 200, "{}", manual.text);
    assert_eq!(manual.json()["pos"]["state"], "manual");
    assert_eq!(manual.json()["pos"]["number"], "R-1001");
    staff.step(keyed, "start", json!({}), "IN_PROCESS").await;
    staff.post(&pos(keyed), &json!({ "action": "retry" })).await.problem(409, "wrong-state");

    // Another customer's ticket: linked as told, and the difference is shown.
    let other = kiosk.accepted(STORE, "other", &draft(FLOWER, 1)).await;
    let link = json!({ "action": "link", "id": other["pos"]["id"], "number": other["pos"]["number"] });
    let answer = staff.post(&pos(linked), &link).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["pos"]["id"], other["pos"]["id"]);
    wait_for("the differences", SOON, async || {
        let order = staff.order(linked).await;
        let differences = order["pos"]["differences"].as_array().cloned().unwrap_or_default();
        differences.iter().any(|difference| difference["field"] == "reference").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_for_each_order() {
    let host = Dispensary::demo().await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    let mut orders = Vec::new();
    for at in 0..3 {
        orders.push(id(&kiosk.accepted(STORE, &format!("batch-{at}"), &draft(SELTZER, 1)).await));
    }
    staff.step(&orders[2], "cancel", json!({ "reason": "duplicate" }), "CANCELED").await;
    let nobody = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";
    let asked = json!({ "ids": [orders[0], nobody, orders[1], orders[2]], "action": "start" });
    let answer = staff.post(&format!("{ORDERS}/batch"), &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let results = answer.json();
    let seen: Vec<(&str, bool)> = results
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (result["id"].as_str().unwrap(), result["ok"].as_bool().unwrap()))
        .collect();
    assert_eq!(seen, [(&*orders[0], true), (nobody, false), (&*orders[1], true), (&*orders[2], false)]);
    assert_eq!(results[0]["order"]["status"], "IN_PROCESS");
    assert_eq!(results[1]["problem"]["status"], 404);
    assert_eq!(results[3]["problem"]["status"], 409);
}
