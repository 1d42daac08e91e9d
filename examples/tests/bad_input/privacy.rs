//! What must not be written to the terminal or the log: names, numbers, addresses, secrets.

use std::time::Duration;

use order_examples::{TREEZ_API_KEY, TREEZ_CLIENT_ID};
use serde_json::json;

use crate::support::products::{FLOWER, PAPERS};
use crate::support::{Dispensary, Simulators, draft, settings, wait_for};

const JWT_KEY: &str = "a-signing-key-that-must-never-be-shown-0123456789";

#[tokio::test(flavor = "multi_thread")]
async fn logs_of_a_whole_order_hold_no_secret_and_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let simulators = Simulators::start().await;
    let config = folder.path().join("settings.toml");
    let stores = settings(&[("oak", &simulators.base)], "");
    std::fs::write(&config, format!("jwt_key = {{ env = \"OAK_JWT_KEY\" }}\n{stores}")).unwrap();
    let envs = [("RUST_LOG", "trace,dispensary=trace"), ("OAK_JWT_KEY", JWT_KEY)];
    let token = |role: &str| {
        let args = ["token", "--role", role, "--store", "oak", "--config", config.to_str().unwrap()];
        let data = ["--data-dir", folder.path().to_str().unwrap()];
        let done = crate::support::run("dispensary", &[&args[..], &data[..]].concat(), &envs);
        assert!(done.success, "{}", done.stderr);
        done.stdout.trim().to_owned()
    };
    let tokens = ["kiosk", "staff", "manager"].map(token);
    let host = Dispensary::start(folder.path(), Some(&config), &envs).await;
    let [kiosk, staff, manager] = tokens.clone().map(|token| host.anybody().with_token(&token));

    let mut basket = draft(FLOWER, 2);
    basket["customer"] = json!({
        "first_name": "Xanthippe", "last_name": "Quillfeather-Zbornak", "phone": "(415) 555-7391",
        "email": "xanthippe.qz@example.com", "birth_date": "1987-06-05", "type": "adult",
    });
    basket["note"] = json!("ring for Wilhelmina");
    kiosk.post("/api/v1/stores/oak/quote", &basket).await;
    // A throttled try, a lost answer, and a refusal: errors are where things leak.
    for fault in [
        json!({ "fault": "throttle", "count": 1, "operation": "customer_create" }),
        json!({ "fault": "error_500", "count": 1, "operation": "customer_find" }),
        json!({ "fault": "drop", "count": 1, "operation": "create", "after_apply": true }),
    ] {
        simulators.fault(fault).await;
    }
    let order = kiosk.submit("oak", "secret-key-of-the-kiosk", &basket).await.json();
    let id = order["id"].as_str().unwrap();
    wait_for("the POS to have it", Duration::from_secs(60), async || {
        Some(staff.order(id).await).filter(|order| order["pos"]["state"] == "accepted")
    })
    .await;
    let mut wrong = basket.clone();
    wrong["customer"]["email"] = json!("xanthippe.qz at example.com");
    wrong["customer"]["phone"] = json!("415 555 739");
    kiosk.submit("oak", "wrong", &wrong).await.problem(422, "invalid");
    let amend =
        json!({ "version": 1, "items": [{ "product_id": PAPERS, "quantity": 1 }], "note": "for Wilhelmina" });
    assert_eq!(kiosk.patch(&format!("/api/v1/orders/{id}/items"), &amend).await.status, 200);
    manager.get("/api/v1/stores/oak/orders?q=quillfeather").await;
    for (action, status) in [("start", "IN_PROCESS"), ("pick", "IN_PROCESS"), ("pack", "PACKED_READY")] {
        staff.step(id, action, json!({ "note": "Wilhelmina waits" }), status).await;
    }
    staff.step(id, "complete", json!({}), "COMPLETED").await;
    wait_for("the register to complete it", Duration::from_secs(60), async || {
        let order = staff.order(id).await;
        (order["pos"]["state"] == "accepted" && order["pos"]["status"] == "COMPLETED").then_some(())
    })
    .await;

    let said = host.process.stdout() + &host.process.stderr();
    assert!(said.contains("a call to the POS failed"), "the log is on, and there was something to say");
    let lower = said.to_lowercase();
    for private in [
        "xanthippe",
        "quillfeather",
        "555-7391",
        "4155557391",
        "xanthippe.qz",
        "1987-06-05",
        "wilhelmina",
        "secret-key-of-the-kiosk",
        JWT_KEY,
        TREEZ_API_KEY,
        TREEZ_CLIENT_ID,
    ]
    .into_iter()
    .chain(tokens.iter().map(String::as_str))
    {
        let found = lower.lines().find(|line| line.contains(&private.to_lowercase()));
        assert!(found.is_none(), "{private} in: {}", found.unwrap_or_default());
    }
    assert!(!said.contains("eyJ"), "something that looks like a token");
}
