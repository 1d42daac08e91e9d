//! How long the rules take on an order of twenty lines, under each jurisdiction's limits, with five other orders of
//! the same customer on the same day.
#![allow(missing_docs, reason = "the criterion macros make undocumented functions")]
#![allow(clippy::expect_used, reason = "a measurement that cannot set itself up has nothing to measure")]

use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use order_core::access::Role;
use order_core::model::{
    Content, Currency, CustomerId, CustomerKind, LimitRules, LimitWindow, OpenSpan, OpeningHours, Order,
    OrderCustomer, ProductClass, ProductId, Quantity, SoldBy, Stock, Store, StoreId, StoreRules, TaxRate,
};
use order_core::ports::{Listing, Sku, Standing};
use order_core::rules::limits::{LimitAsk, LimitBook, LimitLibrary, LimitLine, Purchase};
use order_core::rules::{Facts, Shaped, ShapedLine, check};
use order_core::testkit;
use rust_decimal::Decimal;

const LINES: usize = 20;
const OTHERS: i64 = 5;

/// The goods that most jurisdictions speak of, in turn.
const CLASSES: [ProductClass; 8] = [
    ProductClass::Flower,
    ProductClass::PreRoll,
    ProductClass::Concentrate,
    ProductClass::Vape,
    ProductClass::EdibleSolid,
    ProductClass::EdibleLiquid,
    ProductClass::ImmaturePlant,
    ProductClass::Seed,
];

/// Several orders of a few things at this scale; nothing is over any limit at 1.
fn content(at: usize, scale: i64) -> Content {
    Content {
        class: CLASSES.get(at % CLASSES.len()).copied(),
        weight_grams: Some(Decimal::new(scale, 2)),
        net_grams: Some(Decimal::new(125 * scale, 2)),
        volume_ml: Some(Decimal::new(355 * scale, 2)),
        thc_mg: Some(Decimal::new(125 * scale, 2)),
        cbd_mg: None,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_530) + TimeDelta::hours(18)
}

/// One jurisdiction's limits; over thirty days instead of its own windows when asked.
fn book(jurisdiction: &str, rolling: bool) -> LimitBook {
    let mut library = LimitLibrary::new();
    for set in LimitLibrary::shipped().sets() {
        let mut set = set.clone();
        for rule in set.rules.iter_mut().filter(|_| rolling) {
            rule.window = LimitWindow::RollingDays(30);
        }
        library = library.with(set).expect("a shipped set");
    }
    let rules = LimitRules {
        jurisdictions: vec![jurisdiction.to_owned()],
        confirmed: [jurisdiction.to_owned()].into(),
        silent: order_core::model::Silent::Allow,
        ..LimitRules::default()
    };
    LimitBook::build(&rules, &library).expect("a shipped set")
}

fn lines(count: usize, scale: i64) -> Vec<LimitLine> {
    let line = |at| LimitLine { index: Some(at), content: content(at, scale), quantity: Quantity::Units(1) };
    (0..count).map(line).collect()
}

fn limits_alone(criterion: &mut Criterion) {
    let ours = lines(LINES, 1);
    let earlier = |n| Purchase { at: Some(now() - TimeDelta::minutes(n)), lines: lines(5, 1) };
    let others: Vec<_> = (0..OTHERS).map(earlier).collect();
    let mut measure = |name: &str, book: &LimitBook, ours: &[LimitLine]| {
        let ask = LimitAsk {
            kind: CustomerKind::Adult,
            residency: None,
            at: now(),
            zone: chrono_tz::America::Los_Angeles,
            lines: ours,
            others: &others,
        };
        criterion.bench_function(&format!("limits, {LINES} lines: {name}"), |bencher| {
            bencher.iter(|| book.assess(black_box(&ask)));
        });
    };
    for set in LimitLibrary::shipped().sets() {
        measure(&set.jurisdiction, &book(&set.jurisdiction, false), &ours);
    }
    measure("us-or, every limit over", &book("us-or", false), &lines(LINES, 1_000));
    measure("us-or, rolling 30 days", &book("us-or", true), &ours);
}

fn store() -> Store {
    let hour = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).expect("a time of day");
    let day = || vec![OpenSpan { open: hour(7), close: hour(22) }];
    let hours = OpeningHours {
        mon: day(),
        tue: day(),
        wed: day(),
        thu: day(),
        fri: day(),
        sat: day(),
        sun: day(),
        ..OpeningHours::default()
    };
    Store {
        id: StoreId::new("green-oak").expect("a plain id"),
        name: "Green Oak".to_owned(),
        time_zone: chrono_tz::America::Los_Angeles,
        currency: Currency::USD,
        vendor: None,
        address: None,
        taxes: ["Excise", "City"]
            .map(|name| TaxRate { name: name.to_owned(), rate: Decimal::new(15, 2), categories: Vec::new() })
            .to_vec(),
        policy: Default::default(),
        notices: Default::default(),
        rules: StoreRules { hours: Some(hours), ..StoreRules::default() },
    }
}

fn customer() -> OrderCustomer {
    let order = testkit::order(1, now()).expect("a sample order");
    OrderCustomer { id: Some(CustomerId::new("c1").expect("a plain id")), ..order.customer }
}

fn other(minutes: i64) -> Order {
    let mut order = testkit::order(5, now() - TimeDelta::minutes(minutes)).expect("a sample order");
    order.customer = customer();
    for (at, item) in order.items.iter_mut().enumerate() {
        item.content = content(at, 1);
        item.quantity = Quantity::Units(1);
    }
    order
}

fn sku(at: usize) -> Sku {
    Sku { product: ProductId::new(format!("product-{at}")).expect("a plain id"), variant: None }
}

fn listing(at: usize) -> Listing {
    Listing {
        sku: sku(at),
        name: format!("Product {at}"),
        size: Some("1 g".to_owned()),
        category: content(at, 1).class.map_or_else(String::new, |class| class.as_str().to_owned()),
        price: Decimal::new(1250, 2),
        sold_by: SoldBy::Unit,
        content: content(at, 1),
        medical_only: false,
        published: true,
        recalled: false,
        expires_on: None,
        stock: Some(Stock { quantity: Decimal::from(50), as_of: now(), at_least: false }),
    }
}

fn every_rule(criterion: &mut Criterion) {
    let store = store();
    let line = |at| {
        let sku = sku(at);
        ShapedLine { index: at, product_id: sku.product, variant_id: sku.variant, quantity: Decimal::ONE }
    };
    let shaped = Shaped {
        customer: customer(),
        lines: (0..LINES).map(line).collect(),
        fulfillment: Default::default(),
        discount_code: None,
        note: None,
        expected_total: None,
        override_note: None,
    };
    let listings: Vec<_> = (0..LINES).map(|at| Some(listing(at))).collect();
    let standing = Standing { orders: (0..OTHERS).map(other).collect(), ..Standing::default() };
    let none = [Decimal::ZERO; LINES];
    for jurisdiction in ["us-ca", "us-or"] {
        let limits = book(jurisdiction, false);
        let facts = Facts {
            store: &store,
            limits: &limits,
            pos: None,
            now: now(),
            by: Role::Kiosk,
            listings: &listings,
            held: &none,
            back: &none,
            standing: &standing,
            per_kiosk: None,
            per_phone: None,
            known: None,
            amending: None,
        };
        let verdict = check(&shaped, &facts);
        assert_eq!(verdict.items.len(), LINES);
        assert!(!verdict.limits.is_empty());
        criterion.bench_function(&format!("every rule, {LINES} lines: {jurisdiction}"), |bencher| {
            bencher.iter(|| check(black_box(&shaped), black_box(&facts)));
        });
    }
}

criterion_group!(benches, limits_alone, every_rule);
criterion_main!(benches);
