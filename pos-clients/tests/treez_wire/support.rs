//! A store on a mock server, a clock in the test's hand, and the vendor's JSON.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mockito::{Matcher, Mock, Server, ServerGuard};
use order_core::model::{
    CustomerId, CustomerKind, FulfillmentKind, Note, OrderCustomer, OrderId, PosOrderId, ProductId, Quantity,
    Status,
};
use order_core::ports::{Clock, IdSource, PosLine, PosOrder};
use pos_clients::transport::{ReqwestSender, TransportParts};
use pos_clients::treez::{Treez, TreezConfig};
use serde_json::{Value, json};

pub(crate) const REFERENCE: &str = "5b0e6c0e-7a50-4c1f-9d55-0d0f0f6f2a11";
pub(crate) const TICKET: &str = "9d3c2f10-6b0a-4d5e-8f57-3c1a2b4d5e6f";
pub(crate) const MINTS: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub(crate) const FLOWER: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
pub(crate) const API_KEY: &str = "api-key-1f7c";
pub(crate) const CLIENT_ID: &str = "client-id-88";

/// A clock that moves when somebody sleeps on it or pushes it.
#[derive(Debug)]
pub(crate) struct HandClock(Mutex<DateTime<Utc>>);

impl HandClock {
    pub(crate) fn advance(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl IdSource for Counter {
    fn random(&self) -> u64 {
        self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
    }
}

pub(crate) struct Kit {
    pub(crate) server: ServerGuard,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) treez: Treez,
}

pub(crate) fn config(base: &str) -> TreezConfig {
    TreezConfig::new("green-oak", CLIENT_ID, API_KEY).with_base_url(base.parse().unwrap())
}

pub(crate) fn client(config: TreezConfig) -> (Treez, Arc<HandClock>) {
    let clock = Arc::new(HandClock(Mutex::new("2026-03-02T18:00:00Z".parse().unwrap())));
    let sender = Arc::new(ReqwestSender::new(Duration::from_secs(2)).unwrap());
    let parts = TransportParts { sender, clock: clock.clone(), ids: Arc::new(Counter::default()) };
    (Treez::with(config, parts).unwrap(), clock)
}

impl Kit {
    /// A store without a token call; for tests that set one up themselves.
    pub(crate) async fn bare(change: impl FnOnce(TreezConfig) -> TreezConfig) -> Self {
        let server = Server::new_async().await;
        let (treez, clock) = client(change(config(&server.url())));
        Self { server, clock, treez }
    }

    pub(crate) async fn with(change: impl FnOnce(TreezConfig) -> TreezConfig) -> Self {
        let mut kit = Self::bare(change).await;
        kit.server.mock("POST", "/config/api/gettokens").with_body(token("tok-1")).create_async().await;
        kit
    }

    pub(crate) async fn new() -> Self {
        Self::with(|config| config).await
    }

    /// An authorised call to this path, with an answer.
    pub(crate) async fn on(&mut self, method: &str, path: &str, status: usize, body: &str) -> Mock {
        self.server
            .mock(method, path)
            .match_header("authorization", "tok-1")
            .match_header("client_id", CLIENT_ID)
            .with_status(status)
            .with_body(body)
            .create_async()
            .await
    }

    /// An authorised call with exactly this JSON.
    pub(crate) async fn on_json(&mut self, method: &str, path: &str, sent: Value, answer: &str) -> Mock {
        self.server
            .mock(method, path)
            .match_header("authorization", "tok-1")
            .match_header("client_id", CLIENT_ID)
            .match_header("content-type", "application/json")
            .match_body(Matcher::Json(sent))
            .with_body(answer)
            .create_async()
            .await
    }
}

pub(crate) fn token(secret: &str) -> String {
    json!({"resultCode": "SUCCESS", "resultReason": null, "access_token": secret, "refresh_token": "r",
        "expires_at": "2026-03-02T12:00:00.000-0800", "expires_in": "7200"})
    .to_string()
}

pub(crate) fn success(data: &Value) -> String {
    json!({"resultCode": "SUCCESS", "resultReason": null, "resultDetail": null, "data": data}).to_string()
}

pub(crate) fn listed(tickets: &[Value]) -> String {
    json!({"resultCode": "SUCCESS", "ticketList": tickets}).to_string()
}

pub(crate) fn fail(reason: &str, detail: &str) -> String {
    json!({"resultCode": "FAIL", "resultReason": reason, "resultDetail": detail, "data": null}).to_string()
}

/// A ticket with one line of two mints.
pub(crate) fn ticket(status: &str) -> Value {
    json!({
        "type": "PICKUP", "ticket_id": TICKET, "order_number": "K7Q2ZX", "external_order_number": REFERENCE,
        "order_source": "KIOSK", "created_by_employee": null, "customer_id": 4711, "order_status": status,
        "payment_status": "UNPAID", "date_created": "2026-03-02T10:00:00.000-08:00",
        "last_updated_at": "2026-03-02T10:00:05.000-08:00", "sub_total": 20, "tax_total": 2.6,
        "discount_total": -5.0, "total": 22.6, "ticket_note": "Lane 2", "scheduled_date": null,
        "items": [{"id": "x", "product_id": MINTS, "size_id": MINTS, "location_name": "FRONT OF HOUSE",
            "product_type": "EDIBLE", "product_subtype": "MINTS", "quantity": 2.0, "price_sell": 20,
            "apply_automatic_discounts": true, "POS_discounts": []}],
        "fees": [], "payments": [], "purchase_limit": {"concentrated": "0.2/8", "plant": "0/6"},
        "revenue_source": "Dispensary Kiosk", "new_field": {"deep": [1, 2]}
    })
}

pub(crate) fn changed(mut value: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (key, change) in changes {
        value[key] = change;
    }
    value
}

/// What a full echo of [`ticket`] looks like.
pub(crate) fn echoed(status: &str) -> Value {
    json!({
        "type": "PICKUP", "order_source": "KIOSK", "order_status": status, "revenue_source": "Dispensary Kiosk",
        "customer_id": "4711", "external_order_number": REFERENCE, "ticket_note": "Lane 2",
        "items": [{"size_id": MINTS, "quantity": 2, "location_name": "FRONT OF HOUSE",
            "apply_automatic_discounts": true}]
    })
}

pub(crate) fn customer(id: &str) -> Value {
    json!({
        "status": "ACTIVE", "verification_status": "VERIFIED", "customer_id": id, "first_name": "ADA",
        "middle_name": null, "nickname": "", "last_name": "BYRON", "birthday": "1990-12-10",
        "drivers_license": "X1234567", "state_medical_id": "N/A", "email": "ada@example.com",
        "phone": "4155550123", "notes": "N/A", "rewards_balance": 0, "banned": false,
        "merged_customer_ids": [], "merged_into_customer_id": null, "patient_type": "ADULT", "addresses": []
    })
}

pub(crate) fn ticket_id() -> PosOrderId {
    PosOrderId::new(TICKET).unwrap()
}

pub(crate) fn line(product: &str, count: u32) -> PosLine {
    PosLine {
        product_id: ProductId::new(product).unwrap(),
        variant_id: None,
        quantity: Quantity::Units(count),
    }
}

/// An order of a customer whose id is known.
pub(crate) fn order() -> PosOrder {
    PosOrder {
        reference: REFERENCE.parse::<OrderId>().unwrap(),
        code: "K7QM-2XRD".to_owned(),
        placed_at: "2026-03-02T18:00:00Z".parse().unwrap(),
        status: Status::AwaitingProcessing,
        fulfillment: FulfillmentKind::Pickup,
        customer: OrderCustomer {
            id: Some(CustomerId::new("4711").unwrap()),
            first_name: "Ada".into(),
            last_name: "Byron".into(),
            phone: Some("4155550123".into()),
            email: Some("ada@example.com".into()),
            birth_date: Some("1990-12-10".into()),
            kind: CustomerKind::Adult,
            residency: None,
            medical_card: None,
        },
        lines: vec![line(MINTS, 2)],
        totals: None,
        note: Some(Note::new("call me").unwrap()),
        discount_code: None,
    }
}

/// The same order when the POS's id of the customer is not known.
pub(crate) fn strangers_order() -> PosOrder {
    let mut order = order();
    order.customer.id = None;
    order
}

/// What the create of [`order`] sends.
pub(crate) fn created() -> Value {
    json!({
        "type": "PICKUP", "order_source": "KIOSK", "order_status": "AWAITING_PROCESSING",
        "revenue_source": "Dispensary Kiosk", "customer_id": "4711", "external_order_number": REFERENCE,
        "ticket_note": "Pick-up code K7QM-2XRD. call me",
        "items": [{"size_id": MINTS, "quantity": 2, "apply_automatic_discounts": true}]
    })
}

/// Nothing of a person or a secret may be in what is shown.
pub(crate) fn assert_clean(shown: &str) {
    for private in [
        "Ada",
        "ADA",
        "Byron",
        "BYRON",
        "4155550123",
        "ada@",
        "1990-12-10",
        "call me",
        API_KEY,
        CLIENT_ID,
        "tok-1",
    ] {
        assert!(!shown.contains(private), "{private:?} in {shown}");
    }
}
