//! What an order looks like, and the odd customers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::products::PAPERS;
use crate::support::{Client, draft, wait_for};

/// The demo store.
pub(crate) const STORE: &str = "treez";
/// How long the POS may take.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Money is a decimal text with cents.
pub(crate) fn money(value: &Value) -> Decimal {
    let text = value.as_str().unwrap_or_else(|| panic!("not a text: {value}"));
    assert!(text.split_once('.').is_some_and(|(_, cents)| cents.len() == 2), "{text}");
    text.parse().unwrap()
}

/// Times are RFC 3339 in UTC.
pub(crate) fn time(value: &Value) -> DateTime<Utc> {
    let text = value.as_str().unwrap_or_else(|| panic!("not a text: {value}"));
    assert!(text.ends_with('Z'), "{text}");
    text.parse().unwrap()
}

/// An order has the shape that the contract gives it.
pub(crate) fn check_order(order: &Value) {
    let uuid: uuid::Uuid = order["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(uuid.get_version_num(), 7);
    let code = order["code"].as_str().unwrap();
    assert!(code.len() == 9 && code.as_bytes()[4] == b'-', "{code}");
    assert!(order["version"].as_u64().unwrap() >= 1);
    assert_eq!(order["pos"]["vendor"], "treez");
    assert!(order["pos"]["state"].is_string() && order["payment"].is_string());
    assert!(time(&order["created_at"]) <= time(&order["updated_at"]));
    for name in ["first_name", "last_name", "type"] {
        assert!(order["customer"][name].is_string(), "{name}");
    }
    let mut subtotal = Decimal::ZERO;
    for item in order["items"].as_array().unwrap() {
        assert!(item["id"].is_u64() && item["product_id"].is_string() && item["name"].is_string(), "{item}");
        assert!(item["pick"].is_string(), "{item}");
        if item["pick"] == "open" || item["pick"] == "picked" {
            let quantity = Decimal::from(item["quantity"].as_u64().unwrap());
            assert_eq!(money(&item["unit_price"]) * quantity, money(&item["line_total"]));
        }
        subtotal += money(&item["line_total"]);
    }
    let totals = &order["totals"];
    assert_eq!(money(&totals["subtotal"]), subtotal);
    let net = money(&totals["subtotal"]) - money(&totals["discount"]);
    assert_eq!(money(&totals["total"]), net + money(&totals["tax"]));
    assert_eq!(totals["currency"], "USD");
}

pub(crate) fn ids(list: &Value) -> Vec<String> {
    list["orders"].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn id(order: &Value) -> String {
    order["id"].as_str().unwrap().to_owned()
}

/// A customer new to the POS, which takes up nobody without a birth date.
pub(crate) fn stranger() -> Value {
    let mut draft = draft(PAPERS, 1);
    draft["customer"] = json!({
        "first_name": "Nova", "last_name": "Barrow", "phone": "4155550199",
        "email": "nova.barrow@example.com", "type": "adult",
    });
    draft
}

pub(crate) async fn pos_state(client: &Client, id: &str, state: &str) -> Value {
    wait_for(&format!("pos {state}"), SOON, async || {
        Some(client.order(id).await).filter(|order| order["pos"]["state"] == state)
    })
    .await
}
