//! Who may not do what.

use serde_json::json;

use crate::support::products::FLOWER;
use crate::support::{Dispensary, draft};

const STORE: &str = "treez";
const ORDERS: &str = "/api/v1/stores/treez/orders";
/// Every action of the contract.
const ACTIONS: [&str; 15] = [
    "verify",
    "reject",
    "start",
    "pick",
    "pack",
    "dispatch",
    "complete",
    "cancel",
    "release",
    "unpack",
    "return",
    "reopen",
    "remove",
    "mark_paid",
    "mark_printed",
];

#[tokio::test(flavor = "multi_thread")]
async fn roles_may_not_do_what_is_not_theirs() {
    let host = Dispensary::demo().await;
    let kiosk = host.client("kiosk", STORE);
    let order = kiosk.accepted(STORE, "rights", &draft(FLOWER, 1)).await;
    let id = order["id"].as_str().unwrap();
    let (staff, manager, admin) =
        (host.client("staff", STORE), host.client("manager", STORE), host.client("admin", STORE));
    let before = staff.get(&format!("/api/v1/orders/{id}/history")).await.json();
    let actions = format!("/api/v1/orders/{id}/actions");
    let body = |action: &str| json!({ "action": action, "version": 1, "reason": "test", "note": "n" });

    let kiosk_may = ["cancel", "mark_printed"];
    let forbidden =
        ACTIONS.iter().filter(|action| !kiosk_may.contains(action)).map(|action| (&kiosk, *action));
    let forbidden = forbidden.chain([(&staff, "reopen"), (&staff, "remove"), (&manager, "remove")]);
    for (client, action) in forbidden {
        client.post(&actions, &body(action)).await.problem(403, "forbidden");
    }
    for pos in [
        json!({ "action": "retry" }),
        json!({ "action": "link", "id": "x" }),
        json!({ "action": "manual", "number": "1" }),
    ] {
        kiosk.post(&format!("/api/v1/orders/{id}/pos"), &pos).await.problem(403, "forbidden");
    }
    kiosk.get(ORDERS).await.problem(403, "forbidden");
    kiosk.get(&format!("/api/v1/orders/{id}/history")).await.problem(403, "forbidden");
    admin.submit(STORE, "admin", &draft(FLOWER, 1)).await.problem(403, "forbidden");
    admin.post("/api/v1/stores/treez/quote", &draft(FLOWER, 1)).await.problem(403, "forbidden");

    let batch = |action: &str| json!({ "ids": [id], "action": action, "reason": "test", "note": "n" });
    for action in ACTIONS {
        kiosk.post(&format!("{ORDERS}/batch"), &batch(action)).await.problem(403, "forbidden");
    }
    // Staff move many orders forwards only.
    for action in ["reject", "cancel", "release", "unpack", "return", "reopen", "remove"] {
        staff.post(&format!("{ORDERS}/batch"), &batch(action)).await.problem(403, "forbidden");
    }
    manager.post(&format!("{ORDERS}/batch"), &batch("remove")).await.problem(403, "forbidden");

    // Late, it is not the kiosk's to cancel any more.
    let after = staff.get(&format!("/api/v1/orders/{id}/history")).await.json();
    let by_people = |history: &serde_json::Value| {
        history.as_array().unwrap().iter().filter(|entry| entry["actor"]["role"] != "system").count()
    };
    assert_eq!(by_people(&after), by_people(&before));
    staff.step(id, "start", json!({}), "IN_PROCESS").await;
    kiosk
        .act(id, "cancel", json!({ "reason": "customer_request", "note": "n" }))
        .await
        .problem(403, "forbidden");
    assert_eq!(host.count(&staff, STORE).await, 1);
}
