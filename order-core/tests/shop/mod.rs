//! A store with a shelf, for tests of the rules through their one door.
#![allow(dead_code, reason = "every test file uses its own part")]

use chrono::{DateTime, NaiveDate, Utc};
use order_core::access::Role;
use order_core::model::{
    Capabilities, Content, Currency, Order, Policy, ProductId, SlotRules, SoldBy, Stock, Store, StoreId,
    StoreRules,
};
use order_core::ports::{Listing, PosCustomer, Sku, Standing};
use order_core::rules::limits::LimitBook;
use order_core::rules::{Facts, Problems, Shaped, Verdict, check, check_shape, read_draft};
use rust_decimal::Decimal;
use serde_json::{Value, json};

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

/// A product at this price, sold in whole units, of which nobody knows how much there is.
pub(crate) fn listing(product: &str, price: &str) -> Listing {
    Listing {
        sku: Sku { product: ProductId::new(product).unwrap(), variant: None },
        name: format!("Product {product}"),
        size: None,
        category: "flower".to_owned(),
        price: dec(price),
        sold_by: SoldBy::Unit,
        content: Content::default(),
        medical_only: false,
        published: true,
        recalled: false,
        expires_on: None,
        stock: None,
    }
}

pub(crate) fn stock(quantity: &str, as_of: DateTime<Utc>) -> Option<Stock> {
    Some(Stock { quantity: dec(quantity), at_least: false, as_of })
}

/// Lines of these products and quantities.
pub(crate) fn items(lines: &[(&str, &str)]) -> Value {
    let line = |(product, quantity): &(&str, &str)| json!({"product_id": product, "quantity": serde_json::from_str::<Value>(quantity).unwrap()});
    Value::Array(lines.iter().map(line).collect())
}

#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) store: Store,
    /// What is on the menu, found by product.
    pub(crate) menu: Vec<Listing>,
    /// What other orders hold of every line's product.
    pub(crate) held: Vec<Decimal>,
    pub(crate) back: Vec<Decimal>,
    pub(crate) pos: Option<Capabilities>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) by: Role,
    pub(crate) known: Option<Vec<PosCustomer>>,
    pub(crate) amending: Option<Order>,
}

impl Shop {
    /// A store in New York that sells `p1` for 10.00, with no tax and no wishes; it is noon of 1 March 2026 there.
    pub(crate) fn new() -> Self {
        let store = Store {
            id: StoreId::new("green-oak").unwrap(),
            name: "Green Oak".to_owned(),
            time_zone: chrono_tz::America::New_York,
            currency: Currency::USD,
            vendor: None,
            address: None,
            taxes: Vec::new(),
            policy: Policy::default(),
            notices: Default::default(),
            rules: StoreRules::default(),
        };
        Self {
            store,
            menu: vec![listing("p1", "10.00")],
            held: Vec::new(),
            back: Vec::new(),
            pos: None,
            now: at("2026-03-01T17:00:00Z"),
            by: Role::Kiosk,
            known: None,
            amending: None,
        }
    }

    /// Takes orders for any half hour of the next month.
    pub(crate) fn ahead(mut self) -> Self {
        let slots = SlotRules { minutes: 30, capacity: None, lead_minutes: 0, days_ahead: 31 };
        self.store.rules.ordering.slots = Some(slots);
        self
    }

    pub(crate) fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.store.time_zone).date_naive()
    }

    /// A draft of good shape: one of `p1` for Ada Byron, an adult, with this laid over it.
    pub(crate) fn shaped(&self, customer: Value, lines: Value, more: Value) -> Shaped {
        let mut draft = json!({
            "customer": {"first_name": "Ada", "last_name": "Byron", "type": "adult"},
            "items": if lines.is_null() { items(&[("p1", "1")]) } else { lines },
        });
        let lay = |over: &mut Value, with: Value| {
            if let Value::Object(with) = with {
                over.as_object_mut().unwrap().extend(with);
            }
        };
        lay(&mut draft["customer"], customer);
        lay(&mut draft, more);
        let draft = read_draft(&draft, &self.store.policy);
        let (shaped, problems) = check_shape(&draft, &self.store.policy, self.today());
        assert!(problems.is_empty(), "{problems}");
        shaped
    }

    pub(crate) fn listings(&self, shaped: &Shaped) -> Vec<Option<Listing>> {
        let find = |product: &ProductId| self.menu.iter().find(|listing| &listing.sku.product == product);
        shaped.lines.iter().map(|line| find(&line.product_id).cloned()).collect()
    }

    pub(crate) fn check(&self, shaped: &Shaped) -> Verdict {
        let listings = self.listings(shaped);
        let (book, standing) = (LimitBook::default(), Standing::default());
        check(
            shaped,
            &Facts {
                store: &self.store,
                limits: &book,
                pos: self.pos,
                now: self.now,
                by: self.by,
                listings: &listings,
                held: &self.held,
                back: &self.back,
                standing: &standing,
                per_kiosk: None,
                per_phone: None,
                known: self.known.as_deref(),
                amending: self.amending.as_ref(),
            },
        )
    }

    pub(crate) fn customer(&self, customer: Value) -> Verdict {
        self.check(&self.shaped(customer, Value::Null, Value::Null))
    }

    pub(crate) fn lines(&self, lines: &[(&str, &str)]) -> Verdict {
        self.check(&self.shaped(Value::Null, items(lines), Value::Null))
    }
}

/// Code and path of every problem.
pub(crate) type Found = Vec<(&'static str, String)>;

pub(crate) fn found(problems: &Problems) -> Found {
    problems.iter().map(|problem| (problem.code, problem.path.clone())).collect()
}

pub(crate) fn one(code: &'static str, path: &str) -> Found {
    vec![(code, path.to_owned())]
}

pub(crate) fn message(problems: &Problems, code: &str) -> String {
    problems.iter().find(|problem| problem.code == code).map(|problem| problem.message.to_string()).unwrap()
}
