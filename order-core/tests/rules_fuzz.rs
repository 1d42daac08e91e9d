//! Anything at all, put to every rule: a verdict that adds up, or problems; never a panic, and always the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod shop;

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use order_core::access::Role;
use order_core::model::{
    CustomerId, CustomerKind, CustomerRules, Discount, Off, OpenSpan, OpeningHours, OrderingRules, Pause,
    Policy, PriceRules, ProductId, Rate, SlotRules, SoldBy, Stock, StockRules, StoreRules, TaxRate,
};
use order_core::ports::{Listing, PosCustomer, Standing};
use order_core::rules::limits::LimitBook;
use order_core::rules::{
    Facts, Problems, Shaped, Verdict, check, check_expected, check_shape, codes, read_draft,
};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use shop::{Shop, currency, listing};

const NAMES: [&str; 2] = ["Wilhelmina", "Quackenbush"];

/// Words of the contract, values that are nearly right, and junk.
fn leaf() -> impl Strategy<Value = Value> {
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
        "residency",
        "medical_card",
        "medical_card_expires",
        "product_id",
        "variant_id",
        "quantity",
        "expected_total",
        "override_note",
        "pickup_at",
        "adult",
        "medical",
        "caregiver",
        "pickup",
        "delivery",
        "resident",
        "p1",
        "p2",
        "SPRING",
        "1990-12-10",
        "2004-02-29",
        "2026-02-29",
        "a@b.co",
        "4155550123",
        "2026-03-01T17:30:00Z",
        "0001-01-01T00:00:00-23:59",
        "9999-12-31T23:59:60Z",
        "12.50",
        "-79228162514264337593543950335",
        "1e28",
        "",
    ];
    prop_oneof![
        6 => select(words).prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        2 => (-3..102_i64).prop_map(Value::from),
        1 => (0..4000_i64).prop_map(|n| json!(n as f64 / 100.0)),
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 48, 6, |inner| {
        let key = leaf().prop_map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec((key, inner), 0..6).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// An order that is good but for what the store makes of it.
fn good() -> impl Strategy<Value = Value> {
    let quantity =
        prop_oneof![(1..40_u32).prop_map(|n| json!(n)), (1..400_u32).prop_map(|n| json!(f64::from(n) / 8.0))];
    let line = (1..6_u8, proptest::option::of(select(vec!["v1", "v2"])), quantity).prop_map(|(product, size, quantity)| {
        json!({"product_id": format!("p{product}"), "variant_id": size, "quantity": quantity})
    });
    let words = |words: &[&'static str]| proptest::option::of(select(words.to_vec()));
    let customer = (
        select(vec!["adult", "medical", "caregiver"]),
        words(&["1990-12-10", "2004-02-29", "2005-03-01", "2010-01-01"]),
        words(&["4155550123"]),
        words(&["wq@example.org"]),
        words(&["c-1"]),
        words(&["2026-03-01", "2025-01-01"]),
        words(&["resident", "visitor"]),
    )
        .prop_map(|(kind, born, phone, email, id, expires, residency)| {
            json!({
                "first_name": NAMES[0], "last_name": NAMES[1], "type": kind, "birth_date": born, "phone": phone,
                "email": email, "id": id, "medical_card_expires": expires, "residency": residency,
            })
        });
    (
        customer,
        proptest::collection::vec(line, 1..8),
        words(&["SPRING", "other"]),
        words(&["2026-03-01T17:30:00Z", "2026-03-04T05:30:00Z", "2020-01-01T00:00:00Z"]),
        words(&["10.00", "79228162514264337593543950335", "-5"]),
    )
        .prop_map(|(customer, lines, code, pickup, expected)| {
            json!({
                "customer": customer, "items": lines, "discount_code": code, "expected_total": expected,
                "fulfillment": {"type": "pickup", "pickup_at": pickup},
            })
        })
}

/// The same with one or a few places put to something else, or taken away.
fn mutated() -> impl Strategy<Value = Value> {
    let change = (any::<prop::sample::Index>(), proptest::option::weighted(0.8, anything()));
    (good(), proptest::collection::vec(change, 1..4)).prop_map(|(mut json, changes)| {
        for (place, with) in changes {
            let mut places = Vec::new();
            pointers(&json, &mut String::new(), &mut places);
            let pointer = place.get(&places).clone();
            match (pointer.rsplit_once('/'), with) {
                (_, Some(with)) => *json.pointer_mut(&pointer).unwrap() = with,
                (Some((parent, key)), None) => match json.pointer_mut(parent).unwrap() {
                    Value::Object(fields) => drop(fields.remove(&key.replace("~1", "/").replace("~0", "~"))),
                    Value::Array(list) => drop(list.remove(key.parse().unwrap())),
                    _ => {}
                },
                (None, None) => {}
            }
        }
        json
    })
}

fn pointers(json: &Value, at: &mut String, places: &mut Vec<String>) {
    places.push(at.clone());
    let mut visit = |key: &str, inner: &Value| {
        let length = at.len();
        at.push('/');
        at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        pointers(inner, at, places);
        at.truncate(length);
    };
    match json {
        Value::Object(fields) => fields.iter().for_each(|(key, inner)| visit(key, inner)),
        Value::Array(list) => list.iter().enumerate().for_each(|(at, inner)| visit(&at.to_string(), inner)),
        _ => {}
    }
}

/// A number as somebody sets or syncs it: mostly sensible, sometimes the end of the scale.
fn number() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        8 => (0..20_000_i64, 0..4_u32).prop_map(|(n, scale)| Decimal::new(n, scale)),
        1 => (-20_000..0_i64, 0..4_u32).prop_map(|(n, scale)| Decimal::new(n, scale)),
        1 => select(vec![
            Decimal::ZERO, Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::MAX / Decimal::from(3),
            Decimal::from_i128_with_scale(79_228_162_514_264_337_593_543_950_335, 28),
        ]),
    ]
}

fn menu() -> impl Strategy<Value = Vec<Option<Listing>>> {
    let figure = proptest::option::of((number(), any::<bool>(), -100..100_i64));
    let one =
        (number(), any::<[bool; 3]>(), select(vec!["flower", "gear", ""]), figure, -3..3_i64, any::<bool>())
            .prop_map(|(price, flags, category, figure, days, known)| {
                let now = Shop::new().now;
                let stock = figure.map(|(quantity, at_least, minutes)| Stock {
                    quantity,
                    at_least,
                    as_of: now - TimeDelta::minutes(minutes),
                });
                let listing = Listing {
                    price,
                    category: category.to_owned(),
                    sold_by: if flags[0] { SoldBy::Gram } else { SoldBy::Unit },
                    medical_only: flags[1] && flags[2],
                    recalled: flags[0] && flags[1] && flags[2],
                    expires_on: flags[1].then(|| Shop::new().today() + TimeDelta::days(days)),
                    stock,
                    ..listing("p1", "1")
                };
                (known || flags[0]).then_some(listing)
            });
    proptest::collection::vec(one, 0..10)
}

fn discounts() -> impl Strategy<Value = Vec<Discount>> {
    let off = prop_oneof![number().prop_map(Off::Percent), number().prop_map(Off::Amount)];
    let one =
        (off, any::<[bool; 5]>(), number()).prop_map(|(off, [code, gear, product, kind, least], sum)| {
            Discount {
                code: code.then(|| " spring".to_owned()),
                title: "Discount".to_owned(),
                off,
                categories: if gear { BTreeSet::from(["gear".to_owned()]) } else { BTreeSet::new() },
                products: if product {
                    BTreeSet::from([ProductId::new("p2").unwrap()])
                } else {
                    BTreeSet::new()
                },
                customers: if kind { vec![CustomerKind::Medical] } else { Vec::new() },
                min_subtotal: if least { sum } else { Decimal::ZERO },
                from: None,
                until: (gear && product).then_some(NaiveDate::MIN),
            }
        });
    proptest::collection::vec(one, 0..4)
}

fn rules() -> impl Strategy<Value = StoreRules> {
    let customers = (any::<u8>(), any::<[bool; 7]>()).prop_map(|(age, flags)| CustomerRules {
        adult_age: if flags[0] { age } else { 21 },
        medical_age: if flags[1] { age } else { 18 },
        birth_date_required: flags[2] && flags[3],
        guests: flags[2] || flags[3],
        card_required: flags[4] && flags[5],
        adult_use: flags[4] || flags[6],
        medical: flags[5] || flags[6],
    });
    let span = (0..48_u32, 0..48_u32).prop_map(|(open, close)| {
        let time = |half: u32| NaiveTime::from_num_seconds_from_midnight_opt(half * 1800, 0).unwrap();
        OpenSpan { open: time(open), close: time(close) }
    });
    let hours = proptest::collection::vec(span, 0..3).prop_map(|spans| OpeningHours {
        sun: spans.clone(),
        mon: spans,
        ..OpeningHours::default()
    });
    let slots = (select(vec![0, 15, 60, u32::MAX]), any::<[Option<u32>; 3]>()).prop_map(
        |(minutes, [capacity, lead, days])| SlotRules {
            minutes,
            capacity,
            lead_minutes: lead.unwrap_or(20),
            days_ahead: days.unwrap_or(7),
        },
    );
    let ordering = (any::<[bool; 3]>(), proptest::option::of(slots), any::<Option<u32>>()).prop_map(
        |([when_closed, one_open_order, late], slots, rate)| OrderingRules {
            cut_off_minutes: if late { 30 } else { 0 },
            when_closed,
            slots,
            one_open_order,
            per_kiosk: rate.map(|orders| Rate { orders: orders % 5, minutes: 10 }),
            per_phone: rate.map(|orders| Rate { orders: orders % 3, minutes: 60 }),
        },
    );
    let stock = (number(), any::<Option<u8>>(), any::<bool>()).prop_map(|(margin, minutes, refuse_stale)| {
        StockRules { margin, stale_after_minutes: minutes.map(u32::from), refuse_stale }
    });
    let prices = (any::<bool>(), proptest::option::of(number()), discounts())
        .prop_map(|(tax_included, tolerance, discounts)| PriceRules { tax_included, tolerance, discounts });
    (customers, proptest::option::weighted(0.3, hours), ordering, stock, prices).prop_map(
        |(customers, hours, ordering, stock, prices)| StoreRules {
            customers,
            hours,
            ordering,
            stock,
            prices,
            ..StoreRules::default()
        },
    )
}

fn known() -> impl Strategy<Value = Option<Vec<PosCustomer>>> {
    let one = any::<[bool; 5]>().prop_map(|[id, phone, email, banned, verified]| PosCustomer {
        id: CustomerId::new(if id { "c-1" } else { "c-2" }).unwrap(),
        first_name: NAMES[0].into(),
        last_name: NAMES[1].into(),
        phone: phone.then(|| "(415) 555-0123".into()),
        email: email.then(|| "WQ@example.org".into()),
        birth_date: (phone != email).then(|| if id { "2010-01-01".into() } else { "soon".into() }),
        kind: CustomerKind::Adult,
        verified,
        banned,
    });
    proptest::option::of(proptest::collection::vec(one, 0..3))
}

#[derive(Debug, Clone)]
struct Given {
    shop: Shop,
    menu: Vec<Option<Listing>>,
    standing: Standing,
    counts: (Option<u64>, Option<u64>),
}

fn given_facts() -> impl Strategy<Value = Given> {
    let store = (rules(), select(vec!["USD", "JPY", "KWD"]), proptest::collection::vec(number(), 0..3));
    let amounts = || proptest::collection::vec(number(), 0..4);
    let role = select(vec![Role::Kiosk, Role::Customer, Role::Staff, Role::Manager]);
    let rest = (known(), role, any::<[bool; 3]>(), any::<[Option<u8>; 3]>());
    (store, menu(), amounts(), amounts(), rest).prop_map(
        |((rules, code, rates), menu, held, back, (known, by, [amending, paused, pos], counts))| {
            let mut shop = Shop::new();
            shop.store.rules = rules;
            shop.store.currency = currency(code);
            let tax = |rate: Decimal| TaxRate { name: "tax".to_owned(), rate, categories: Vec::new() };
            // Rates as they are written, and a few that nobody means.
            shop.store.taxes = rates
                .into_iter()
                .map(|rate| tax(if rate < Decimal::from(50) { rate / Decimal::from(100) } else { rate }))
                .collect();
            (shop.held, shop.back, shop.known, shop.by) = (held, back, known, by);
            shop.pos = pos.then(common::able);
            shop.amending = amending.then(|| common::World::plain().order);
            let order = common::World::plain().order;
            let standing = Standing {
                orders: if paused { vec![order] } else { Vec::new() },
                pause: paused.then_some(Pause { since: shop.now, until: None }),
                in_slot: counts[2].map_or(0, u64::from),
                ..Standing::default()
            };
            Given { shop, menu, standing, counts: (counts[0].map(u64::from), counts[1].map(u64::from)) }
        },
    )
}

fn judge(json: &Value, given: &Given) -> (Shaped, Verdict, Problems) {
    let shop = &given.shop;
    let policy = Policy { max_lines: 6, ..Policy::default() };
    let draft = read_draft(json, &policy);
    let (shaped, mut problems) = check_shape(&draft, &policy, shop.today());
    let verdict = check(
        &shaped,
        &Facts {
            store: &shop.store,
            limits: &LimitBook::default(),
            pos: shop.pos,
            now: shop.now,
            by: shop.by,
            listings: &given.menu,
            held: &shop.held,
            back: &shop.back,
            standing: &given.standing,
            per_kiosk: given.counts.0,
            per_phone: given.counts.1,
            known: shop.known.as_deref(),
            amending: shop.amending.as_ref(),
        },
    );
    problems.extend(verdict.problems.clone());
    if let Err(more) = check_expected(&shop.store, &shaped, verdict.totals.total) {
        problems.extend(more);
    }
    (shaped, verdict, problems)
}

fn check_good(shaped: &Shaped, verdict: &Verdict, given: &Given) -> Result<(), TestCaseError> {
    let money = given.shop.store.currency;
    prop_assert!(!shaped.lines.is_empty());
    prop_assert_eq!(verdict.items.len(), shaped.lines.len());
    let (mut subtotal, mut discount, mut tax) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for (item, line) in verdict.items.iter().zip(&shaped.lines) {
        prop_assert_eq!(&item.product_id, &line.product_id);
        prop_assert_eq!(item.quantity.amount(), line.quantity);
        prop_assert!(item.line_total >= Decimal::ZERO && item.tax >= Decimal::ZERO);
        prop_assert!(item.discount >= Decimal::ZERO && item.discount <= item.gross());
        subtotal += item.line_total;
        discount += item.discount;
        tax += item.tax;
    }
    let totals = verdict.totals;
    prop_assert_eq!((totals.subtotal, totals.discount, totals.tax), (subtotal, discount, tax));
    prop_assert_eq!(totals.total, subtotal - discount + tax);
    prop_assert!(totals.total >= Decimal::ZERO);
    prop_assert_eq!(totals.currency, money);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_ends_in_a_verdict_that_adds_up_or_in_problems(
        json in prop_oneof![2 => good(), 3 => mutated(), 1 => anything()],
        given in given_facts(),
    ) {
        let (shaped, verdict, problems) = judge(&json, &given);
        let (again, other, same) = judge(&json, &given);
        prop_assert_eq!(&shaped, &again);
        prop_assert_eq!(&problems, &same);
        prop_assert_eq!(format!("{verdict:?}"), format!("{other:?}"), "the same question has one answer");
        prop_assert_eq!(&verdict.items, &other.items);
        if problems.is_empty() {
            check_good(&shaped, &verdict, &given)?;
        }
        let mut paths = BTreeSet::new();
        for problem in problems.iter() {
            prop_assert!(codes::ALL.iter().any(|code| code.code == problem.code), "{}", problem.code);
            prop_assert!(!problem.message.is_empty() && problem.message.chars().count() < 400);
            prop_assert!(paths.insert(problem.path.clone()), "one problem a place");
        }
        let shown = format!("{problems}{verdict:?}");
        prop_assert!(NAMES.iter().all(|name| !shown.contains(name)), "{shown}");
    }
}

/// The strategies above must reach both ends, or they prove nothing.
#[test]
fn both_ends_are_reached() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    let mut accepted = 0;
    for _ in 0..3000 {
        let (json, given) = (good(), given_facts()).new_tree(&mut runner).unwrap().current();
        let (_, _, problems) = judge(&json, &given);
        accepted += usize::from(problems.is_empty());
        seen.extend(problems.iter().map(|problem| problem.code));
    }
    assert!(accepted > 30, "{accepted}");
    for code in [
        codes::UNDERAGE,
        codes::BIRTH_DATE_REQUIRED,
        codes::CARD_EXPIRED,
        codes::CARD_REQUIRED,
        codes::GUESTS_NOT_SERVED,
        codes::CUSTOMER_TYPE_NOT_SERVED,
        codes::CUSTOMER_BANNED,
        codes::UNKNOWN_PRODUCT,
        codes::RECALLED,
        codes::EXPIRED,
        codes::MEDICAL_ONLY,
        codes::OUT_OF_STOCK,
        codes::STALE_STOCK,
        codes::QUANTITY_NOT_WHOLE,
        codes::NEGATIVE_PRICE,
        codes::AMOUNT_TOO_LARGE,
        codes::PRICE_CHANGED,
        codes::UNKNOWN_DISCOUNT,
        codes::DISCOUNT_NOT_APPLICABLE,
    ] {
        assert!(seen.contains(code), "{code}");
    }
}
