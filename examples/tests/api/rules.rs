//! What may be sold, as a kiosk and a manager meet it over HTTP.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::shape::{STORE, money};
use crate::support::products::{FLOWER, GUMMIES, PAPERS};
use crate::support::{Client, Dispensary, draft};

fn at(rest: &str) -> String {
    format!("/api/v1/stores/{STORE}{rest}")
}

/// The code and path of everything that is wrong.
fn errors(problem: &Value) -> BTreeSet<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{problem}"));
    assert!(errors.iter().all(|error| !error["message"].as_str().unwrap().is_empty()), "{problem}");
    errors.iter().map(|error| (error["code"].as_str().unwrap(), error["path"].as_str().unwrap())).collect()
}

async fn submit(client: &Client, key: &str, body: &Value) -> (u16, Value) {
    let request =
        client.request(reqwest::Method::POST, &at("/orders")).header("Idempotency-Key", key).json(body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_basket_that_may_not_be_sold_is_refused_for_every_reason_and_priced_all_the_same() {
    let host = Dispensary::demo().await;
    let kiosk = host.client("kiosk", STORE);
    let good = kiosk.post(&at("/quote"), &draft(FLOWER, 3)).await;
    assert_eq!(good.status, 200, "{}", good.text);
    let good = good.json();
    let ours = good["limits"].as_array().unwrap().iter().find(|limit| limit["source"] == "law").unwrap();
    assert_eq!((&ours["used"], &ours["unit"], &ours["hard"]), (&json!("3"), &json!("g"), &json!(true)));
    assert!(ours["advice"].as_str().unwrap().contains("you may add"), "{ours}");

    let mut wrong = draft(FLOWER, 80);
    wrong["items"].as_array_mut().unwrap().push(json!({ "product_id": "no-such", "quantity": 1 }));
    wrong["customer"]["birth_date"] = json!("2010-01-01");
    wrong["customer"]["email"] = json!(7);
    wrong["fulfillment"]["pickup_at"] = json!("2001-01-01T00:00:00Z");
    wrong["colour"] = json!("green");
    let expected = BTreeSet::from([
        ("limit_exceeded", "items.0.quantity"),
        ("unknown_product", "items.1.product_id"),
        ("underage", "customer.birth_date"),
        ("wrong_type", "customer.email"),
        ("pickup_in_past", "fulfillment.pickup_at"),
        ("unknown_field", "colour"),
    ]);
    let quoted = kiosk.post(&at("/quote"), &wrong).await;
    assert_eq!(quoted.status, 422);
    let quoted = quoted.json();
    assert_eq!(errors(&quoted), expected);
    assert_eq!(money(&quoted["quote"]["totals"]["subtotal"]), "960.00".parse().unwrap());
    let (status, problem) = submit(&kiosk, "wrong", &wrong).await;
    assert_eq!((status, errors(&problem)), (422, expected));
    // Without a key, that is one more thing that is wrong.
    let keyless = kiosk.post(&at("/orders"), &wrong).await;
    assert_eq!(keyless.status, 422);
    let keyless = keyless.json();
    assert!(
        errors(&keyless).contains(&("required", "Idempotency-Key")) && errors(&keyless).len() == 7,
        "{keyless}"
    );
    let manager = host.client("manager", STORE);
    assert_eq!(host.count(&manager, STORE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_added_and_replaced_within_the_limits() {
    let host = Dispensary::demo().await;
    let kiosk = host.client("kiosk", STORE);
    let (status, order) = submit(&kiosk, "one", &draft(GUMMIES, 1)).await;
    assert_eq!(status, 201, "{order}");
    let staff = host.client("staff", STORE);
    let items = format!("/api/v1/orders/{}/items", order["id"].as_str().unwrap());
    let change = |product: &str, quantity: u32| json!({ "version": order["version"], "items": [{ "product_id": product, "quantity": quantity }] });
    let too_much = staff.post(&items, &change(FLOWER, 80)).await;
    assert_eq!(
        (too_much.status, errors(&too_much.json())),
        (422, BTreeSet::from([("limit_exceeded", "items.0.quantity")]))
    );
    let added = staff.post(&items, &change(PAPERS, 2)).await;
    assert_eq!(added.status, 200, "{}", added.text);
    let added = added.json();
    assert_eq!(added["items"].as_array().unwrap().len(), 2);
    assert_eq!(staff.post(&items, &change(PAPERS, 2)).await.status, 409, "that version is over");
    let denied = json!({ "version": added["version"], "items": [], "override": true, "note": "please" });
    let denied = staff.post(&items, &denied).await;
    assert_eq!(denied.status, 422, "{}", denied.text);
    let mut body = change(PAPERS, 1);
    (body["version"], body["override"], body["note"]) =
        (added["version"].clone(), json!(true), json!("please"));
    assert_eq!(staff.post(&items, &body).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_lasts_over_a_restart_until_it_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = Dispensary::start(folder.path(), None, &[]).await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    assert_eq!(kiosk.get(&at("/pause")).await.json(), json!({ "paused": false }));
    assert_eq!(kiosk.post(&at("/pause"), &json!({})).await.status, 403);
    let past = staff.post(&at("/pause"), &json!({ "until": "2001-01-01T00:00:00Z" })).await;
    assert_eq!((past.status, errors(&past.json())), (422, BTreeSet::from([("invalid_date", "until")])));
    let paused = staff.post(&at("/pause"), &json!({})).await;
    assert_eq!((paused.status, &paused.json()["paused"]), (200, &json!(true)));
    host.process.kill();
    let host = Dispensary::start(folder.path(), None, &[]).await;
    let (kiosk, staff) = (kiosk.at(&host.base), staff.at(&host.base));
    let (status, problem) = submit(&kiosk, "one", &draft(PAPERS, 1)).await;
    assert_eq!((status, errors(&problem)), (422, BTreeSet::from([("store_paused", "store")])));
    assert_eq!(submit(&staff, "two", &draft(PAPERS, 1)).await.0, 201, "staff may order for somebody");
    let resumed = staff.request(reqwest::Method::DELETE, &at("/pause")).send().await.unwrap();
    assert_eq!(resumed.json::<Value>().await.unwrap(), json!({ "paused": false }));
    assert_eq!(submit(&kiosk, "one", &draft(PAPERS, 1)).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_manager_passes_over_a_limit_and_never_a_hard_one() {
    let host = Dispensary::demo().await;
    let mut body = draft(FLOWER, 80);
    body["override_note"] = json!("a regular");
    for role in ["kiosk", "staff"] {
        let (status, problem) = submit(&host.client(role, STORE), role, &body).await;
        assert_eq!(status, 403, "{role}: {problem}");
    }
    let (status, problem) = submit(&host.client("manager", STORE), "manager", &body).await;
    assert_eq!((status, errors(&problem)), (422, BTreeSet::from([("limit_exceeded", "items.0.quantity")])));
}
