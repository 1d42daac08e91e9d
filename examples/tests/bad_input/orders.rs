//! Orders and changes of orders that make no sense.

use std::sync::Arc;

use chrono::Utc;
use order_examples::{DemoData, treez_config};
use pos_clients::sim::{SimClock, SimHandle, serve};
use pos_clients::treez::sim::TreezSim;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::products::{FLOWER, PAPERS};
use crate::support::{Answer, Client, Dispensary, Simulators, draft, settings};

const STORE: &str = "treez";

/// A draft with one thing changed, at a JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut draft = draft(FLOWER, 1);
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    match draft.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.insert(field.to_owned(), value)),
        Value::Array(items) => items[field.parse::<usize>().unwrap()] = value,
        other => panic!("{other}"),
    }
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_drafts_are_named_and_not_stored() {
    let host = Dispensary::demo().await;
    let (kiosk, manager) = (host.client("kiosk", STORE), host.client("manager", STORE));
    let many: Vec<Value> =
        (0..51).map(|at| json!({ "product_id": format!("p{at}"), "quantity": 1 })).collect();
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let cases = [
        (with("/items", json!([])), "no_items", "items"),
        (with("/items", Value::Null), "no_items", "items"),
        (with("/items", json!({})), "wrong_type", "items"),
        (with("/items", json!(many)), "too_many_items", "items"),
        (with("/items/0", json!("x")), "wrong_type", "items.0"),
        (with("/items/0/quantity", json!(0)), "quantity_not_positive", "items.0.quantity"),
        (with("/items/0/quantity", json!(-3)), "quantity_not_positive", "items.0.quantity"),
        (with("/items/0/quantity", number("1.5")), "quantity_not_whole", "items.0.quantity"),
        (
            with("/items/0/quantity", number("0.0000000000000000000000001")),
            "quantity_not_whole",
            "items.0.quantity",
        ),
        (with("/items/0/quantity", json!(100)), "quantity_too_large", "items.0.quantity"),
        (with("/items/0/quantity", number("1e300")), "quantity_too_large", "items.0.quantity"),
        (
            with("/items/0/quantity", number("99999999999999999999999999999999999999999")),
            "quantity_too_large",
            "items.0.quantity",
        ),
        (with("/items/0/quantity", json!("1")), "wrong_type", "items.0.quantity"),
        (with("/items/0/quantity", json!(true)), "wrong_type", "items.0.quantity"),
        (with("/items/0/quantity", json!([1])), "wrong_type", "items.0.quantity"),
        (with("/items/0/quantity", Value::Null), "required", "items.0.quantity"),
        (with("/items/0/product_id", json!("")), "required", "items.0.product_id"),
        (with("/items/0/product_id", json!(7)), "wrong_type", "items.0.product_id"),
        (with("/items/0/product_id", json!("a\u{0}b")), "invalid_id", "items.0.product_id"),
        (with("/items/0/product_id", json!("../../etc/passwd")), "unknown_product", "items.0.product_id"),
        (
            with("/items/0/product_id", json!("00000000-0000-0000-0000-000000000000")),
            "unknown_product",
            "items.0.product_id",
        ),
        (with("/items/0/variant_id", json!("xl")), "unknown_product", "items.0.product_id"),
        (with("/items/0/price", json!("0.01")), "unknown_field", "items.0.price"),
        (with("/total", json!("0.01")), "unknown_field", "total"),
        (with("/customer", Value::Null), "required", "customer"),
        (with("/customer", json!([])), "wrong_type", "customer"),
        (with("/customer/first_name", json!(" ")), "required", "customer.first_name"),
        (with("/customer/first_name", json!({})), "wrong_type", "customer.first_name"),
        (with("/customer/last_name", json!("x\ny")), "control_character", "customer.last_name"),
        (with("/customer/last_name", json!("x".repeat(201))), "too_long", "customer.last_name"),
        (with("/customer/phone", json!("12")), "invalid_phone", "customer.phone"),
        (with("/customer/email", json!("a@b.co\r\nBcc: c@d.ee")), "invalid_email", "customer.email"),
        (with("/customer/birth_date", json!("2999-01-01")), "invalid_date", "customer.birth_date"),
        (with("/customer/birth_date", json!("1990-02-30")), "invalid_date", "customer.birth_date"),
        (with("/customer/type", json!("vip")), "unknown_value", "customer.type"),
        (with("/customer/type", Value::Null), "required", "customer.type"),
        (with("/customer/id", json!("\u{7}")), "invalid_id", "customer.id"),
        (with("/fulfillment/type", json!("teleport")), "unknown_value", "fulfillment.type"),
        (with("/fulfillment/type", json!("delivery")), "unknown_value", "fulfillment.type"),
        (with("/fulfillment", json!("pickup")), "wrong_type", "fulfillment"),
        (with("/note", json!("x".repeat(501))), "too_long", "note"),
        (with("/note", json!("bell \u{7}")), "control_character", "note"),
        (with("/note", json!(["x"])), "wrong_type", "note"),
        (with("/discount_code", json!("x".repeat(65))), "too_long", "discount_code"),
        (json!([]), "wrong_type", ""),
        (json!("order"), "wrong_type", ""),
        (Value::Null, "wrong_type", ""),
    ];
    for (at, (draft, code, path)) in cases.iter().enumerate() {
        kiosk.submit(STORE, &format!("bad-{at}"), draft).await.invalid(code, path);
        kiosk.post("/api/v1/stores/treez/quote", draft).await.invalid(code, path);
    }
    // All problems at once.
    let wrong = json!({ "items": [{ "product_id": "", "quantity": 0 }], "customer": { "type": "vip" } });
    let all = kiosk.submit(STORE, "all", &wrong).await.problem(422, "invalid");
    assert!(all["errors"].as_array().unwrap().len() >= 5, "{all}");
    // More than there is, in one line and in two.
    let twice = json!([{ "product_id": FLOWER, "quantity": 80 }, { "product_id": FLOWER, "quantity": 80 }]);
    kiosk
        .submit(STORE, "twice", &with("/items", twice))
        .await
        .invalid("quantity_too_large", "items.1.quantity");
    let scarce = json!([{ "product_id": "3509fdd4-0775-4cc1-9bef-0d65bd416a08", "quantity": 10 }]);
    kiosk.submit(STORE, "scarce", &with("/items", scarce)).await.invalid("out_of_stock", "items.0.quantity");
    assert_eq!(host.count(&manager, STORE).await, 0);
    // A key that was refused is still free.
    assert_eq!(kiosk.submit(STORE, "bad-0", &draft(FLOWER, 1)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotency_keys_are_checked() {
    let host = Dispensary::demo().await;
    let (kiosk, manager) = (host.client("kiosk", STORE), host.client("manager", STORE));
    let path = "/api/v1/stores/treez/orders";
    kiosk.post(path, &draft(FLOWER, 1)).await.invalid("required", "Idempotency-Key");
    let long = "k".repeat(256);
    for key in [&b""[..], b"two words", b"tab\tbed", "schlüssel".as_bytes(), long.as_bytes()] {
        let key = reqwest::header::HeaderValue::from_bytes(key).unwrap();
        let request =
            kiosk.request(Method::POST, path).header("Idempotency-Key", key).json(&draft(FLOWER, 1));
        Answer::of(request).await.invalid("invalid_id", "Idempotency-Key");
    }
    assert_eq!(host.count(&manager, STORE).await, 0);
    assert_eq!(kiosk.submit(STORE, "mine", &draft(FLOWER, 1)).await.status, 201);
    kiosk.submit(STORE, "mine", &draft(FLOWER, 2)).await.problem(409, "key-reused");
    kiosk.submit(STORE, "mine", &draft(PAPERS, 1)).await.problem(409, "key-reused");
    assert_eq!(kiosk.submit(STORE, &"k".repeat(255), &draft(FLOWER, 1)).await.status, 201);
    assert_eq!(host.count(&manager, STORE).await, 2);
}

/// An order's JSON without what delivery and messages change by themselves.
async fn resting(client: &Client, id: &str) -> Value {
    let mut order = client.order(id).await;
    for field in ["pos", "revision", "updated_at"] {
        order.as_object_mut().unwrap().remove(field);
    }
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_actions_change_nothing() {
    let host = Dispensary::demo().await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    let order = kiosk.accepted(STORE, "actions", &draft(FLOWER, 2)).await;
    let id = order["id"].as_str().unwrap();
    let before = resting(&staff, id).await;
    let actions = format!("/api/v1/orders/{id}/actions");
    for (body, code, path) in [
        (json!({ "version": 1 }), "required", "action"),
        (json!({ "version": 1, "action": "explode" }), "unknown_value", "action"),
        (json!({ "version": 1, "action": "pos_accepted" }), "unknown_value", "action"),
        (json!({ "version": 1, "action": "expire" }), "unknown_value", "action"),
        (json!({ "version": 1, "action": 3 }), "wrong_type", "action"),
        (json!({ "action": "start" }), "version_required", "version"),
        (json!({ "version": "1", "action": "start" }), "wrong_type", "version"),
        (json!({ "version": -1, "action": "start" }), "wrong_type", "version"),
        (json!({ "version": 1.5, "action": "start" }), "wrong_type", "version"),
        (json!({ "version": 1, "action": "cancel" }), "reason_required", "reason"),
        (json!({ "version": 1, "action": "cancel", "reason": "because" }), "unknown_value", "reason"),
        (json!({ "version": 1, "action": "cancel", "reason": 4 }), "wrong_type", "reason"),
        (json!({ "version": 1, "action": "start", "note": "x".repeat(501) }), "too_long", "note"),
        (json!({ "version": 1, "action": "start", "note": "a\u{0}b" }), "control_character", "note"),
        (json!({ "version": 1, "action": "complete", "id_checked": "yes" }), "wrong_type", "id_checked"),
        (json!([]), "wrong_type", ""),
    ] {
        staff.post(&actions, &body).await.invalid(code, path);
    }
    for action in ["pick", "pack", "unpack", "dispatch", "return"] {
        let body = json!({ "version": 1, "action": action, "reason": "test", "note": "n" });
        staff.post(&actions, &body).await.problem(409, "wrong-state");
    }
    // What is so already is no mistake, and no news.
    for action in ["verify", "release"] {
        let same = staff.post(&actions, &json!({ "version": 1, "action": action })).await;
        assert_eq!((same.status, same.json()["version"].as_u64()), (200, Some(1)), "{action}");
    }
    for version in [0, 2, u64::MAX] {
        let body = json!({ "version": version, "action": "start" });
        staff.post(&actions, &body).await.problem(409, "stale-version");
    }
    let items = format!("/api/v1/orders/{id}/items");
    let line = |quantity: i64| json!([{ "product_id": FLOWER, "quantity": quantity }]);
    for (body, code, path) in [
        (json!({ "version": 1, "items": [] }), "no_items", "items"),
        (json!({ "version": 1, "items": "all" }), "wrong_type", "items"),
        (json!({ "version": 1, "items": line(0) }), "quantity_not_positive", "items.0.quantity"),
        (
            json!({ "version": 1, "items": [{ "product_id": "no", "quantity": 1 }] }),
            "unknown_product",
            "items.0.product_id",
        ),
        (json!({ "items": line(1) }), "version_required", "version"),
    ] {
        kiosk.patch(&items, &body).await.invalid(code, path);
    }
    kiosk.patch(&items, &json!({ "version": 9, "items": line(1) })).await.problem(409, "stale-version");
    let pos = format!("/api/v1/orders/{id}/pos");
    for (body, code, path) in [
        (json!({}), "unknown_value", "action"),
        (json!({ "action": "forget" }), "unknown_value", "action"),
        (json!({ "action": "link" }), "required", "id"),
        (json!({ "action": "link", "id": 5 }), "wrong_type", "id"),
        (json!({ "action": "link", "id": "\n" }), "required", "id"),
        (json!({ "action": "manual" }), "required", "number"),
        (json!({ "action": "manual", "number": {} }), "wrong_type", "number"),
    ] {
        staff.post(&pos, &body).await.invalid(code, path);
    }
    for body in [
        json!({ "action": "retry" }),
        json!({ "action": "link", "id": "x" }),
        json!({ "action": "manual", "number": "1" }),
    ] {
        staff.post(&pos, &body).await.problem(409, "wrong-state");
    }
    assert_eq!(resting(&staff, id).await, before);

    staff.step(id, "start", json!({}), "IN_PROCESS").await;
    staff.act(id, "cancel", json!({ "reason": "payment" })).await.invalid("note_required", "note");
    staff.act(id, "cancel", json!({ "note": "why not" })).await.invalid("reason_required", "reason");
    let pick = |line: Value| json!({ "lines": [line] });
    let huge = json!({ "line": 1, "pick": "substituted", "substitute": {
        "product_id": "x", "name": "x", "unit_price": "79228162514264337593543950335", "consent": true } });
    for (line, code, path) in [
        (json!({ "line": 9 }), "unknown_line", "lines.0.line"),
        (json!({ "line": "1" }), "required", "lines.0.line"),
        (json!({ "line": 1, "pick": "eaten" }), "unknown_value", "lines.0.pick"),
        (json!({ "line": 1, "pick": "short" }), "invalid_pick", "lines.0.supplied"),
        (json!({ "line": 1, "pick": "short", "supplied": 3 }), "invalid_pick", "lines.0.supplied"),
        (json!({ "line": 1, "pick": "short", "supplied": -1 }), "wrong_type", "lines.0.supplied"),
        (json!({ "line": 1, "pick": "substituted" }), "invalid_pick", "lines.0.substitute"),
        (json!({ "line": 1, "pick": "substituted", "substitute": 1 }), "wrong_type", "lines.0.substitute"),
        (huge, "amount_too_large", "items"),
    ] {
        staff.act(id, "pick", pick(line)).await.invalid(code, path);
    }
    staff.act(id, "pick", json!({ "lines": "all" })).await.invalid("wrong_type", "lines");
    staff.act(id, "pick", json!({ "line": [] })).await.invalid("unknown_field", "line");
    staff.act(id, "start", json!({ "resaon": "test" })).await.invalid("unknown_field", "resaon");
    staff.act(id, "pack", json!({})).await.problem(409, "wrong-state");
    assert_eq!(staff.order(id).await["status"], "IN_PROCESS");

    let batch = "/api/v1/stores/treez/orders/batch";
    let too_many = vec![id; 201];
    for (body, code, path) in [
        (json!({ "ids": [], "action": "start" }), "required", "ids"),
        (json!({ "ids": id, "action": "start" }), "required", "ids"),
        (json!({ "ids": too_many, "action": "start" }), "required", "ids"),
        (json!({ "ids": ["x"], "action": "start" }), "invalid_id", "ids.0"),
        (json!({ "ids": [7], "action": "start" }), "invalid_id", "ids.0"),
        (json!({ "ids": [id] }), "required", "action"),
        (json!({ "ids": [id], "action": "no" }), "unknown_value", "action"),
    ] {
        staff.post(batch, &body).await.invalid(code, path);
    }
    assert_eq!(host.count(&staff, STORE).await, 1);
}

/// Another store's register, with goods of its own.
async fn other_register() -> (String, String) {
    let mut seed = DemoData::load().unwrap().seed;
    let own = uuid::Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
    seed.products.truncate(1);
    seed.products[0].sizes.truncate(1);
    seed.products[0].sizes[0].id = own;
    #[allow(clippy::disallowed_methods, reason = "a register runs in real time")]
    let clock: SimClock = Arc::new(Utc::now);
    let handle = SimHandle::new(TreezSim::new(treez_config(&seed), &seed, 7), clock, 7);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, handle));
    (base, own.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_do_not_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let simulators = Simulators::start().await;
    let (other, elm_only) = other_register().await;
    let config = folder.path().join("settings.toml");
    std::fs::write(&config, settings(&[("oak", &simulators.base), ("elm", &other)], "")).unwrap();
    let host = Dispensary::start(folder.path(), Some(&config), &[]).await;
    let (oak, elm) = (host.client("kiosk", "oak"), host.client("kiosk", "elm"));
    oak.submit("oak", "elm's", &draft(&elm_only, 1)).await.invalid("unknown_product", "items.0.product_id");
    elm.submit("elm", "oak's", &draft(FLOWER, 1)).await.invalid("unknown_product", "items.0.product_id");
    let manager = host.client("manager", "elm");
    assert_eq!(host.count(&manager, "elm").await, 0);

    // A key belongs to its store.
    assert_eq!(oak.submit("oak", "same", &draft(FLOWER, 1)).await.status, 201);
    let theirs = elm.accepted("elm", "same", &draft(&elm_only, 1)).await;
    let id = theirs["id"].as_str().unwrap();
    let nobody = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";
    for role in ["kiosk", "staff", "manager", "admin"] {
        let stranger = host.client(role, "oak");
        let act = json!({ "action": "start", "version": 1 });
        let retry = json!({ "action": "retry" });
        let amend = json!({ "version": 1, "items": [{ "product_id": FLOWER, "quantity": 1 }] });
        for id in [id, nobody] {
            let order = format!("/api/v1/orders/{id}");
            let answers = [
                stranger.get(&order).await,
                stranger.get(&format!("{order}/history")).await,
                stranger.post(&format!("{order}/actions"), &act).await,
                stranger.post(&format!("{order}/pos"), &retry).await,
                stranger.patch(&format!("{order}/items"), &amend).await,
                // What is wrong with a request says nothing about whether the order exists.
                stranger.post(&format!("{order}/actions"), &json!([])).await,
            ];
            for answer in answers {
                let problem = answer.problem(404, "not-found");
                assert_eq!(problem["detail"], "no such order", "{role}");
            }
        }
        let same = [
            stranger.get(&format!("/api/v1/orders/{id}")).await.text,
            stranger.get(&format!("/api/v1/orders/{nobody}")).await.text,
        ];
        assert_eq!(same[0], same[1]);
        for store in ["elm", "no-such-store"] {
            stranger.get(&format!("/api/v1/stores/{store}/products")).await.problem(404, "not-found");
            stranger.get(&format!("/api/v1/stores/{store}/orders")).await.problem(404, "not-found");
            stranger.submit(store, "mine", &draft(FLOWER, 1)).await.problem(404, "not-found");
            let batch = json!({ "ids": [id], "action": "start" });
            stranger
                .post(&format!("/api/v1/stores/{store}/orders/batch"), &batch)
                .await
                .problem(404, "not-found");
        }
        // An order of another store, in a batch of one's own.
        if role != "kiosk" {
            let batch = json!({ "ids": [id, nobody], "action": "start" });
            let results = stranger.post("/api/v1/stores/oak/orders/batch", &batch).await.json();
            assert_eq!(results[0]["problem"], results[1]["problem"]);
            assert_eq!(results[0]["problem"]["status"], 404);
        }
    }
    assert_eq!(manager.order(id).await["version"], 1);
    assert_eq!(host.count(&manager, "elm").await, 1);
}
