//! What comes from a kiosk: every problem at once, and nothing that comes can do harm.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::NaiveDate;
use order_core::model::{CustomerKind, Fulfillment, FulfillmentKind, Policy, Residency};
use order_core::rules::{
    OrderDraft, Problems, Shaped, ShapedLine, check_lines, check_shape, read_draft, read_lines,
};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()
}

fn good() -> Value {
    json!({
        "customer": {"first_name": "Ada", "last_name": "Byron", "type": "adult"},
        "items": [{"product_id": "p1", "quantity": 1}],
    })
}

/// A good draft with this put at this place, or taken away from there.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut draft = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = draft.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(fields), Some(value)) => drop(fields.insert(name.to_owned(), value)),
        (Value::Object(fields), None) => drop(fields.remove(name)),
        (other, _) => panic!("{other}"),
    }
    draft
}

fn found(problems: &Problems) -> Vec<(&'static str, String)> {
    problems.iter().map(|problem| (problem.code, problem.path.clone())).collect()
}

/// A draft as a kiosk's call reads and shapes it, or every problem of type and of shape.
fn read(json: &Value, policy: &Policy) -> Result<(OrderDraft, Shaped), Problems> {
    let draft = read_draft(json, policy);
    let (shaped, problems) = check_shape(&draft, policy, today());
    problems.into_result().map(|()| (draft, shaped))
}

fn problems(json: &Value) -> Vec<(&'static str, String)> {
    match read(json, &Policy::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => found(&problems),
    }
}

fn one(code: &'static str, path: &str) -> Vec<(&'static str, String)> {
    vec![(code, path.to_owned())]
}

#[test]
fn every_field_says_what_is_wrong_with_it() {
    let cases = [
        ("/customer/first_name", None, "required", "customer.first_name"),
        ("/customer/first_name", Some(json!(" \t ")), "required", "customer.first_name"),
        ("/customer/first_name", Some(json!(["Ada"])), "wrong_type", "customer.first_name"),
        ("/customer/last_name", Some(json!("By\nron")), "control_character", "customer.last_name"),
        ("/customer/last_name", Some(json!("é".repeat(201))), "too_long", "customer.last_name"),
        ("/customer/last_name", Some(Value::Null), "required", "customer.last_name"),
        ("/customer/type", None, "required", "customer.type"),
        ("/customer/type", Some(json!("Adult")), "unknown_value", "customer.type"),
        ("/customer/id", Some(json!("x".repeat(129))), "invalid_id", "customer.id"),
        ("/customer/phone", Some(json!("555-0123")), "invalid_phone", "customer.phone"),
        ("/customer/phone", Some(json!(4155550123_u64)), "wrong_type", "customer.phone"),
        ("/customer/email", Some(json!("a@b.co\r\nBcc: c@d.ee")), "invalid_email", "customer.email"),
        ("/customer/email", Some(json!("a@b.co, c@d.ee")), "invalid_email", "customer.email"),
        ("/customer/birth_date", Some(json!("2026-03-02")), "invalid_date", "customer.birth_date"),
        ("/customer/birth_date", Some(json!("1906-02-28")), "invalid_date", "customer.birth_date"),
        ("/customer/birth_date", Some(json!("2025-02-30")), "invalid_date", "customer.birth_date"),
        ("/customer/type", Some(json!("vip")), "unknown_value", "customer.type"),
        ("/customer/residency", Some(json!("local")), "unknown_value", "customer.residency"),
        ("/customer/residency", Some(json!(true)), "wrong_type", "customer.residency"),
        ("/customer/medical_card", Some(json!("x".repeat(65))), "too_long", "customer.medical_card"),
        ("/customer/medical_card", Some(json!("A\tB")), "control_character", "customer.medical_card"),
        (
            "/customer/medical_card_expires",
            Some(json!("2026-02-29")),
            "invalid_date",
            "customer.medical_card_expires",
        ),
        ("/customer/medical_card_expires", Some(json!(2026)), "wrong_type", "customer.medical_card_expires"),
        ("/customer/nickname", Some(json!("A")), "unknown_field", "customer.nickname"),
        ("/fulfillment", Some(json!("pickup")), "wrong_type", "fulfillment"),
        ("/fulfillment", Some(json!({"type": "drone"})), "unknown_value", "fulfillment.type"),
        ("/fulfillment", Some(json!({"type": "delivery"})), "unknown_value", "fulfillment.type"),
        ("/fulfillment", Some(json!({"type": "pickup", "at": 1})), "unknown_field", "fulfillment.at"),
        ("/fulfillment", Some(json!({"pickup_at": "17:30"})), "invalid_date", "fulfillment.pickup_at"),
        (
            "/fulfillment",
            Some(json!({"pickup_at": "2026-03-01T17:30:00"})),
            "invalid_date",
            "fulfillment.pickup_at",
        ),
        ("/fulfillment", Some(json!({"pickup_at": 1_772_386_200})), "wrong_type", "fulfillment.pickup_at"),
        ("/expected_total", Some(json!(12.5)), "wrong_type", "expected_total"),
        ("/expected_total", Some(json!("12,50")), "wrong_type", "expected_total"),
        ("/override_note", Some(json!("é".repeat(501))), "too_long", "override_note"),
        ("/override_note", Some(json!(["ok"])), "wrong_type", "override_note"),
        ("/discount_code", Some(json!("x".repeat(65))), "too_long", "discount_code"),
        ("/discount_code", Some(json!("A\u{0}B")), "control_character", "discount_code"),
        ("/note", Some(json!("é".repeat(501))), "too_long", "note"),
        ("/note", Some(json!("ring\u{7}")), "control_character", "note"),
        ("/note", Some(json!({})), "wrong_type", "note"),
        ("/price", Some(json!("0.01")), "unknown_field", "price"),
        ("/items", None, "no_items", "items"),
        ("/items", Some(json!([])), "no_items", "items"),
        ("/items", Some(json!({"0": {}})), "wrong_type", "items"),
        ("/items", Some(json!([7])), "wrong_type", "items.0"),
    ];
    for (pointer, value, code, path) in cases {
        let found = problems(&with(pointer, value.clone()));
        assert_eq!(found.first(), one(code, path).first(), "{pointer} {value:?}: {found:?}");
        let follows = |(_, other): &(_, String)| other.starts_with(path);
        assert!(found.iter().all(follows), "{pointer}: {found:?}");
    }
    for whole in [json!(null), json!([]), json!("order"), json!(1.5), json!(true)] {
        assert_eq!(problems(&whole), one("wrong_type", ""));
    }
    assert_eq!(problems(&with("/customer", Some(json!("Ada"))))[0], one("wrong_type", "customer")[0]);
    assert_eq!(problems(&with("/customer", None))[0], one("required", "customer")[0]);
}

#[test]
fn every_line_says_what_is_wrong_with_it() {
    let cases = [
        (json!({"quantity": 1}), "required", "items.1.product_id"),
        (json!({"product_id": "  ", "quantity": 1}), "required", "items.1.product_id"),
        (json!({"product_id": 7, "quantity": 1}), "wrong_type", "items.1.product_id"),
        (json!({"product_id": "a\u{1}b", "quantity": 1}), "invalid_id", "items.1.product_id"),
        (
            json!({"product_id": "p", "variant_id": "x".repeat(129), "quantity": 1}),
            "invalid_id",
            "items.1.variant_id",
        ),
        (json!({"product_id": "p", "variant_id": 1, "quantity": 1}), "wrong_type", "items.1.variant_id"),
        (json!({"product_id": "p"}), "required", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": null}), "required", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": "2"}), "wrong_type", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": [1]}), "wrong_type", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": 0}), "quantity_not_positive", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": -0.0}), "quantity_not_positive", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": -3}), "quantity_not_positive", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": -1e300}), "quantity_not_positive", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": 1e-300}), "quantity_not_positive", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": 100}), "quantity_too_large", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": 99.000001}), "quantity_too_large", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": u64::MAX}), "quantity_too_large", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": 1e300}), "quantity_too_large", "items.1.quantity"),
        (json!({"product_id": "p", "quantity": 1, "price": 0}), "unknown_field", "items.1.price"),
        // The same product again: it adds up, and the sum counts.
        (json!({"product_id": " p1 ", "quantity": 99}), "quantity_too_large", "items.1.quantity"),
    ];
    for (line, code, path) in cases {
        let mut draft = good();
        draft["items"].as_array_mut().unwrap().push(line.clone());
        assert_eq!(problems(&draft), one(code, path), "{line}");
        let lines = read_lines(draft.get("items"), &Policy::default()).unwrap_err();
        assert_eq!(found(&lines), one(code, path), "{line}");
    }
    for (text, number) in [("1e1", "10"), ("0.35e1", "3.5"), ("2.0", "2"), ("35E-1", "3.5"), ("99", "99")] {
        let lines: Value =
            serde_json::from_str(&format!(r#"[{{"product_id": "p", "quantity": {text}}}]"#)).unwrap();
        let lines = read_lines(Some(&lines), &Policy::default()).unwrap();
        assert_eq!(lines[0].quantity, number.parse::<Decimal>().unwrap(), "{text}");
    }
    assert_eq!(found(&read_lines(None, &Policy::default()).unwrap_err()), one("no_items", "items"));
}

#[test]
fn all_problems_come_at_once_each_at_its_place() {
    let json = json!({
        "customer": {"first_name": "", "last_name": 7, "phone": "1", "email": "x", "birth_date": "soon", "type": "vip", "age": 30},
        "items": [{"product_id": "", "quantity": 0}, 5, {"product_id": "p", "variant_id": {}, "quantity": 1e9, "price": 1}],
        "fulfillment": {"type": "delivery"},
        "discount_code": "a\nb",
        "note": "x".repeat(501),
        "coupon": true,
    });
    let mut found = problems(&json);
    found.sort();
    let mut expected = [
        ("required", "customer.first_name"),
        ("wrong_type", "customer.last_name"),
        ("invalid_phone", "customer.phone"),
        ("invalid_email", "customer.email"),
        ("invalid_date", "customer.birth_date"),
        ("unknown_value", "customer.type"),
        ("unknown_field", "customer.age"),
        ("required", "items.0.product_id"),
        ("quantity_not_positive", "items.0.quantity"),
        ("wrong_type", "items.1"),
        // What follows from the line that is no line.
        ("required", "items.1.product_id"),
        ("quantity_not_positive", "items.1.quantity"),
        ("wrong_type", "items.2.variant_id"),
        ("quantity_too_large", "items.2.quantity"),
        ("unknown_field", "items.2.price"),
        ("unknown_value", "fulfillment.type"),
        ("control_character", "discount_code"),
        ("too_long", "note"),
        ("unknown_field", "coupon"),
    ]
    .map(|(code, path)| (code, path.to_owned()));
    expected.sort();
    assert_eq!(found, expected);
    let text = read(&json, &Policy::default()).unwrap_err().to_string();
    for secret in ["soon", "vip", "xxx"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn what_is_well_meant_is_read_as_it_is_meant() {
    let json = json!({
        "customer": {
            "id": " c-9 ", "first_name": "  李小龍 ", "last_name": "O’Brien-Ñandú", "phone": "+1 (415) 555-0123",
            "email": "zoë@exämple.org", "birth_date": "1990-12-10", "type": "medical",
            "residency": "visitor", "medical_card": " M-77 ", "medical_card_expires": " 2026-12-31 "
        },
        "items": [
            {"product_id": " p1 ", "quantity": 1}, {"product_id": "p1", "variant_id": "1 g", "quantity": 2},
            {"product_id": "p1", "variant_id": null, "quantity": 3}, {"product_id": "p2", "quantity": 3.5}
        ],
        "fulfillment": {"pickup_at": " 2026-03-01T09:30:00-08:00 "},
        "expected_total": " 12.50 ",
        "discount_code": "  ",
        "note": format!("  {}  ", "é".repeat(500)),
    });
    let policy = Policy::default();
    let (_, shaped) = read(&json, &policy).unwrap();
    assert_eq!(shaped.customer.first_name.reveal(), "李小龍");
    assert_eq!(shaped.customer.phone.unwrap().reveal(), "4155550123");
    assert_eq!(shaped.customer.kind, CustomerKind::Medical);
    assert_eq!(shaped.customer.id.unwrap().as_str(), "c-9");
    assert_eq!(shaped.customer.residency, Some(Residency::Visitor));
    let card = shaped.customer.medical_card.unwrap();
    assert_eq!(card.number.unwrap().reveal(), "M-77");
    assert_eq!(card.expires_on, NaiveDate::from_ymd_opt(2026, 12, 31));
    let pickup_at = "2026-03-01T17:30:00Z".parse().unwrap();
    let fulfillment = Fulfillment { kind: FulfillmentKind::Pickup, pickup_at: Some(pickup_at) };
    assert_eq!((shaped.fulfillment, shaped.discount_code), (fulfillment, None));
    assert_eq!(shaped.expected_total, Some("12.50".parse().unwrap()));
    assert_eq!(shaped.note.unwrap().as_str().chars().count(), 500);
    let line = |line: &ShapedLine| {
        (
            line.index,
            line.product_id.to_string(),
            line.variant_id.as_ref().map(ToString::to_string),
            line.quantity.to_string(),
        )
    };
    let lines: Vec<_> = shaped.lines.iter().map(line).collect();
    let p1 = "p1".to_owned();
    assert_eq!(
        lines,
        [
            (0, p1.clone(), None, "4".to_owned()),
            (1, p1, Some("1 g".to_owned()), "2".to_owned()),
            (3, "p2".to_owned(), None, "3.5".to_owned()),
        ]
    );
    let (_, shaped) = read(&with("/fulfillment", Some(Value::Null)), &policy).unwrap();
    assert_eq!((shaped.fulfillment, shaped.customer.medical_card), (Fulfillment::default(), None));
    let (_, shaped) = read(&with("/customer/type", Some(json!("caregiver"))), &policy).unwrap();
    assert_eq!(shaped.customer.kind, CustomerKind::Caregiver);
    let delivers = Policy { delivery: true, ..Policy::default() };
    let (_, shaped) = read(&with("/fulfillment", Some(json!({"type": "delivery"}))), &delivers).unwrap();
    assert_eq!(shaped.fulfillment.kind, FulfillmentKind::Delivery);
}

#[test]
fn a_draft_shows_nobody_in_debug() {
    let json = json!({
        "customer": {"first_name": "Wilhelmina", "last_name": "Quackenbush", "phone": "4155550199",
            "email": "wq@example.org", "birth_date": "1990-12-11", "type": "adult",
            "medical_card": "MC-4471"},
        "items": [{"product_id": "p1", "quantity": 1}],
        "note": "ring the side door",
    });
    let policy = Policy::default();
    let (draft, shaped) = read(&json, &policy).unwrap();
    let shown = format!("{draft:?}{shaped:?}");
    for secret in
        ["Wilhelmina", "Quackenbush", "4155550199", "wq@example.org", "1990-12-11", "MC-4471", "side door"]
    {
        assert!(!shown.contains(secret), "{secret}");
    }
}

#[test]
fn size_alone_does_no_harm() {
    let line = json!({"product_id": "", "quantity": "x", "a": 1, "b": 2});
    for lines in
        [vec![line; 10_000], vec![json!(0); 200_000], vec![json!({"product_id": "p", "quantity": 1}); 10_000]]
    {
        let found = problems(&with("/items", Some(Value::Array(lines))));
        assert!(found.iter().any(|(code, path)| *code == "too_many_items" && path == "items"));
        assert!(found.len() <= Problems::MOST);
    }
    let big = "é".repeat(500_000);
    for place in [
        "/customer/first_name",
        "/customer/id",
        "/customer/email",
        "/customer/phone",
        "/customer/birth_date",
        "/customer/type",
        "/note",
        "/discount_code",
    ] {
        let found = read(&with(place, Some(json!(big))), &Policy::default()).unwrap_err();
        assert_eq!(found.iter().count(), 1, "{place}");
        assert!(found.to_string().len() < 300, "{place}");
    }
    assert_eq!(problems(&with("/items", Some(json!([{"product_id": big, "quantity": 1}])))).len(), 1);
    let mut draft = good();
    for number in 0..100_000 {
        draft[format!("field{number}")] = json!(1);
    }
    draft[big.as_str()] = json!(1);
    let found = problems(&draft);
    assert_eq!(found.len(), Problems::MOST);
    assert!(found.iter().all(|(_, path)| path.chars().count() <= 40));
    let mut hostile = good();
    hostile["a\r\nSet-Cookie: b"] = json!(1);
    assert_eq!(problems(&hostile), one("unknown_field", "aSet-Cookie: b"));
}

/// Any JSON at all, with the words of the contract strewn in.
fn anything() -> impl Strategy<Value = Value> {
    let words = vec![
        "customer",
        "items",
        "fulfillment",
        "discount_code",
        "note",
        "first_name",
        "last_name",
        "phone",
        "email",
        "birth_date",
        "type",
        "product_id",
        "variant_id",
        "quantity",
        "adult",
        "pickup",
        "1990-12-10",
        "a@b.co",
    ];
    let text = prop_oneof![select(words).prop_map(str::to_owned), any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3..102_i64).prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::btree_map(text.clone(), inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A draft of the right fields with anything in them.
fn nearly() -> impl Strategy<Value = Value> {
    (anything(), anything(), anything(), anything(), proptest::collection::vec((anything(), anything(), anything()), 0..6))
        .prop_map(|(name, phone, note, kind, lines)| {
            let lines: Vec<_> = lines
                .into_iter()
                .map(|(product, size, quantity)| json!({"product_id": product, "variant_id": size, "quantity": quantity}))
                .collect();
            json!({
                "customer": {"first_name": name, "last_name": "B", "phone": phone, "type": kind},
                "items": lines, "note": note,
            })
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_is_a_draft_or_problems(json in prop_oneof![anything(), nearly()]) {
        let policy = Policy::default();
        match read(&json, &policy) {
            // What was read as good is good.
            Ok((draft, shaped)) => {
                prop_assert!(draft.unread.is_empty() && check_lines(&draft.items, &policy).is_ok());
                prop_assert!((1..=policy.max_lines).contains(&shaped.lines.len()));
                let most = Decimal::from(policy.max_units);
                prop_assert!(shaped.lines.iter().all(|l| l.quantity > Decimal::ZERO && l.quantity <= most));
                prop_assert!(!shaped.customer.last_name.reveal().is_empty());
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                let mut paths: Vec<_> = problems.iter().map(|problem| problem.path.clone()).collect();
                paths.sort();
                paths.dedup();
                prop_assert_eq!(paths.len(), problems.iter().count(), "one problem a place");
            }
        }
        if let Ok(lines) = read_lines(Some(&json), &policy) {
            prop_assert!(check_lines(&lines, &policy).is_ok());
        }
    }

    #[test]
    fn a_good_draft_survives(
        first in "\\PC*[\\p{L}]\\PC{0,40}", last in "[\\p{L}'’ -]{0,40}\\p{L}", medical: bool,
        note in proptest::option::of("\\PC{0,500}"),
        lines in proptest::collection::vec((0..9_u8, proptest::option::of(0..3_u8), 1..11_u32), 1..9),
    ) {
        prop_assume!(first.chars().count() <= 200);
        let items: Vec<_> = lines
            .iter()
            .map(|(product, size, units)| {
                json!({"product_id": format!("p{product}"), "variant_id": size.map(|s| format!("v{s}")), "quantity": units})
            })
            .collect();
        let kind = if medical { "medical" } else { "adult" };
        let json = json!({"customer": {"first_name": first, "last_name": last, "type": kind}, "items": items, "note": note});
        let policy = Policy::default();
        let (_, shaped) = read(&json, &policy).unwrap();
        prop_assert_eq!(shaped.customer.first_name.reveal(), first.trim());
        let units: u32 = lines.iter().map(|(_, _, units)| units).sum();
        let sum: Decimal = shaped.lines.iter().map(|line| line.quantity).sum();
        prop_assert_eq!(sum, Decimal::from(units), "nothing is lost when lines add up");
        let mut skus: Vec<_> = lines.iter().map(|(product, size, _)| (*product, *size)).collect();
        skus.sort_unstable();
        skus.dedup();
        prop_assert_eq!(shaped.lines.len(), skus.len());
    }
}
