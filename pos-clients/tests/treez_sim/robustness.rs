use bytes::Bytes;
use pos_clients::sim::Simulator;
use pos_clients::treez::sim::{TreezSim, TreezSimConfig};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{FLOWER, GUMMIES, seed};

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            FLOWER,
            GUMMIES,
            "PICKUP",
            "KIOSK",
            "COMPLETED",
            "ADULT",
            "4711",
            "PERCENT"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(field(), inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn field() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "items",
        "size_id",
        "quantity",
        "fees",
        "total_amount",
        "type",
        "payments",
        "amount_paid",
        "pos_discounts",
        "discount_amount",
        "discount_method",
        "customer_id",
        "scheduled_date",
        "addresses",
        "street1",
        "phone",
        "birthday",
        "first_name",
        "caregiver_details",
        "delivery_address",
        "order_status",
        "unknown",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_a_client_sends_breaks_the_simulator(
        bodies in prop::collection::vec((any::<prop::sample::Index>(), field(), json_value(), field(), json_value()), 1..6),
        path in "[a-z%0-9/+.:-]{0,40}",
    ) {
        let now = "2026-03-02T18:00:00Z".parse().unwrap();
        let mut config = TreezSimConfig::new("green-oak", "kiosk", "key-1");
        config.strict = false;
        let mut sim = TreezSim::new(config, &seed(), 3);
        let base = "http://h/v2.0/dispensary/green-oak";
        let token = sim.handle(
            http::Request::post(format!("{base}/config/api/gettokens"))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Bytes::from_static(b"client_id=kiosk&apikey=key-1"))
                .unwrap(),
            now,
        );
        let token: Value = serde_json::from_slice(token.body()).unwrap();
        let mut ask = |method: &str, path: &str, body: String| {
            let request = http::Request::builder().method(method).uri(format!("{base}/{path}"))
                .header("authorization", token["access_token"].as_str().unwrap())
                .header("client_id", "kiosk").header("content-type", "application/json").body(Bytes::from(body));
            // A path that is no URI cannot be sent at all.
            request.ok().map(|request| sim.handle(request, now))
        };
        let whole = json!({"type": "PICKUP", "order_source": "KIOSK", "order_status": "IN_PROCESS", "revenue_source": "r",
            "items": [{"size_id": FLOWER, "quantity": 1}], "first_name": "a", "last_name": "b", "birthday": "1990-01-01",
            "patient_type": "ADULT"});
        let created = ask("POST", "ticket/detailticket", whole.to_string()).unwrap();
        let created: Value = serde_json::from_slice(created.body()).unwrap();
        let update = format!("ticket/update/{}", created["data"]["ticket_id"].as_str().unwrap());
        for (which, name, value, other, second) in bodies {
            let mut body = whole.clone();
            body[name] = value;
            body[other] = second;
            let calls = [("POST", "ticket/detailticket"), ("POST", "ticket/previewticket"), ("PUT", update.as_str()),
                ("POST", "customer/detailcustomer"), ("PATCH", "customer/update/4711")];
            let (method, target) = calls[which.index(calls.len())];
            let response = ask(method, target, body.to_string()).unwrap();
            prop_assert!(serde_json::from_slice::<Value>(response.body()).is_ok());
        }
        ask("GET", &path, String::new());
        prop_assert_eq!(sim.orders().iter().filter(|order| order.id.is_empty()).count(), 0);
    }
}
