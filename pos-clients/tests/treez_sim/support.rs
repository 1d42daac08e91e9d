use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use pos_clients::sim::seed::Seed;
use pos_clients::sim::{SimHandle, SimOrder, SimSender};
use pos_clients::transport::{HttpSender, SendError, TryLimits};
use pos_clients::treez::sim::{TreezSim, TreezSimConfig};
use rust_decimal::Decimal;
use serde_json::{Value, json};

pub(crate) const FLOWER: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const GUMMIES: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const BROWNIE: &str = "33333333-3333-4333-8333-333333333333";
pub(crate) const LAST_ONE: &str = "44444444-4444-4444-8444-444444444444";
pub(crate) const NOWHERE: &str = "99999999-9999-4999-8999-999999999999";
pub(crate) const BASE: &str = "http://pos.invalid/v2.0/dispensary/green-oak";

pub(crate) fn seed() -> Seed {
    serde_json::from_value(json!({
        "store": {"name": "Green Oak", "slug": "green-oak", "currency": "USD", "time_zone": "America/Los_Angeles"},
        "taxes": [{"name": "EXCISE", "rate": "0.15"}, {"name": "SALES", "rate": "0.085"}],
        "products": [
            {"name": "Haze", "brand": "Acre", "category": "flower", "subtype": "sativa", "sizes": [
                {"id": FLOWER, "sku": "F1", "size": "3.5 g", "amount": "3.5", "unit": "grams", "weight_grams": "3.5",
                 "thc_mg": "700", "price": "35.99", "stock": 10}]},
            {"name": "Gummies", "brand": "Parlor", "category": "edible", "sizes": [
                {"id": GUMMIES, "sku": "G1", "size": "100 mg", "amount": "100", "unit": "milligrams",
                 "weight_grams": "0.1", "price": "20.00", "stock": 50}]},
            {"name": "Brownie", "brand": "Parlor", "category": "edible", "medical_only": true, "sizes": [
                {"id": BROWNIE, "sku": "B1", "size": "500 mg", "amount": "500", "unit": "milligrams",
                 "weight_grams": "0.5", "price": "40", "stock": 5}]},
            {"name": "Pin", "brand": "Oak", "category": "merch", "sizes": [
                {"id": LAST_ONE, "sku": "P1", "size": "one", "amount": "1", "unit": "count", "price": "8.00", "stock": 1}]}
        ],
        "customers": [
            {"id": 4711, "first_name": "Ada", "last_name": "Byron", "phone": "4155550101", "email": "ada@example.com",
             "birth_date": "1990-12-10", "type": "adult", "verified": true},
            {"id": 4712, "first_name": "José", "last_name": "Núñez", "phone": "4155550102", "birth_date": "1985-03-22",
             "type": "medical", "medical_id": "MM-1", "verified": false},
            {"id": 4713, "first_name": "Ada", "last_name": "Byron", "email": "other@example.com",
             "birth_date": "1970-01-01", "type": "adult", "verified": true, "banned": true}
        ]
    }))
    .unwrap()
}

/// A reply taken apart.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The content of a success.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        let mut json = self.json();
        assert_eq!(json["resultCode"], "SUCCESS");
        json["data"].take()
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, reason: &str) -> Value {
        let json = self.json();
        assert_eq!((self.status, json["resultCode"].as_str()), (status, Some("FAIL")), "{}", self.text);
        assert_eq!(json["resultReason"], reason, "{}", self.text);
        json
    }
}

/// A simulator under a sender, with a clock that is moved by hand and a token in hand.
#[derive(Debug, Clone)]
pub(crate) struct Till {
    pub(crate) handle: SimHandle,
    now: Arc<Mutex<DateTime<Utc>>>,
    pub(crate) token: String,
    pub(crate) limits: TryLimits,
}

impl Till {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut TreezSimConfig)) -> Self {
        let mut config = TreezSimConfig::new("green-oak", "kiosk", "key-1");
        change(&mut config);
        let now = Arc::new(Mutex::new("2026-03-02T18:00:00Z".parse().unwrap()));
        let clock = {
            let now = now.clone();
            Arc::new(move || *now.lock().unwrap())
        };
        let handle = SimHandle::new(TreezSim::new(config, &seed(), 42), clock, 7);
        let mut till = Self { handle, now, token: String::new(), limits: TryLimits::default() };
        till.renew().await;
        till
    }

    pub(crate) async fn renew(&mut self) {
        let reply = self.fetch_token("client_id=kiosk&apikey=key-1").await;
        self.token = reply.json()["access_token"].as_str().unwrap_or_default().to_owned();
    }

    pub(crate) async fn fetch_token(&self, form: &'static str) -> Reply {
        let request = http::Request::post(format!("{BASE}/config/api/gettokens"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from_static(form.as_bytes()))
            .unwrap();
        self.send(request).await.unwrap()
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    pub(crate) async fn send(&self, request: http::Request<Bytes>) -> Result<Reply, SendError> {
        let response = SimSender::new(self.handle.clone()).send(request, self.limits).await?;
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        Ok(Reply { status: response.status().as_u16(), text })
    }

    pub(crate) fn request(&self, method: &str, path: &str, body: impl Into<Bytes>) -> http::Request<Bytes> {
        http::Request::builder()
            .method(method)
            .uri(format!("{BASE}/{path}"))
            .header("authorization", &self.token)
            .header("client_id", "kiosk")
            .header("content-type", "application/json")
            .body(body.into())
            .unwrap()
    }

    pub(crate) async fn try_call(&self, method: &str, path: &str, body: Value) -> Result<Reply, SendError> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(self.request(method, path, body)).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Reply {
        self.try_call(method, path, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, Value::Null).await
    }

    pub(crate) async fn create(&self, body: Value) -> Reply {
        self.call("POST", "ticket/detailticket", body).await
    }

    pub(crate) async fn update(&self, ticket: &Value, body: Value) -> Reply {
        self.call("PUT", &format!("ticket/update/{}", text(&ticket["ticket_id"])), body).await
    }

    pub(crate) fn orders(&self) -> Vec<SimOrder> {
        self.handle.orders()
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.limits.timeout = timeout;
    }
}

pub(crate) fn order(lines: &[(&str, u32)]) -> Value {
    let items: Vec<Value> =
        lines.iter().map(|(id, quantity)| json!({"size_id": id, "quantity": quantity})).collect();
    json!({
        "type": "PICKUP", "order_source": "KIOSK", "order_status": "AWAITING_PROCESSING", "revenue_source": "Acme Kiosk",
        "customer_id": "4711", "external_order_number": "ref-1", "ticket_note": "Lane 2", "items": items,
    })
}

/// `base` with some fields replaced; `null` removes one.
pub(crate) fn but(mut base: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = value.clone();
        }
    }
    base
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}"))
}

pub(crate) fn amount(value: &Value) -> Decimal {
    assert!(value.is_number(), "{value}");
    Decimal::from_str(&value.to_string()).unwrap()
}

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}
