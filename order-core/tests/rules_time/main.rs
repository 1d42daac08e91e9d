//! When may be ordered: hours on days of every kind, pick-up times, pauses, rates, one open order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod hours;
mod ordering;
mod pickup;
mod settings;
mod walk;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use order_core::access::Role;
use order_core::model::{
    Capabilities, Currency, Fulfillment, NoticeSettings, OrderCustomer, Policy, Store, StoreId, StoreRules,
};
use order_core::ports::Standing;
use order_core::rules::limits::LimitBook;
use order_core::rules::{Facts, Shaped, Verdict, check};
use serde_json::{Value, json};

const NEW_YORK: Tz = Tz::America__New_York;
const HONOLULU: Tz = Tz::Pacific__Honolulu;

/// A store that decided this.
fn store(zone: Tz, rules: Value) -> Store {
    with_rules(zone, serde_json::from_value(rules).unwrap())
}

fn with_rules(zone: Tz, rules: StoreRules) -> Store {
    Store {
        id: StoreId::new("green-oak").unwrap(),
        name: "Green Oak".to_owned(),
        time_zone: zone,
        currency: Currency::USD,
        vendor: None,
        address: None,
        taxes: Vec::new(),
        policy: Policy::default(),
        notices: NoticeSettings::default(),
        rules,
    }
}

/// One span on every day.
fn daily(open: &str, close: &str) -> Value {
    let span = json!([{"open": open, "close": close}]);
    json!({"mon": span, "tue": span, "wed": span, "thu": span, "fri": span, "sat": span, "sun": span})
}

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// What is known when an order is asked for.
struct Ask<'a> {
    store: &'a Store,
    now: DateTime<Utc>,
    pickup_at: Option<DateTime<Utc>>,
    customer: OrderCustomer,
    by: Role,
    pos: Option<Capabilities>,
    standing: Standing,
    per_kiosk: Option<u64>,
    per_phone: Option<u64>,
}

impl<'a> Ask<'a> {
    fn new(store: &'a Store, now: DateTime<Utc>) -> Self {
        Self {
            store,
            now,
            pickup_at: None,
            customer: OrderCustomer::default(),
            by: Role::Kiosk,
            pos: None,
            standing: Standing::default(),
            per_kiosk: None,
            per_phone: None,
        }
    }

    fn pickup(store: &'a Store, now: DateTime<Utc>, at: DateTime<Utc>) -> Self {
        Self { pickup_at: Some(at), ..Self::new(store, now) }
    }

    fn verdict(&self) -> Verdict {
        let shaped = Shaped {
            customer: self.customer.clone(),
            lines: Vec::new(),
            fulfillment: Fulfillment { pickup_at: self.pickup_at, ..Fulfillment::default() },
            discount_code: None,
            note: None,
            expected_total: None,
            override_note: None,
        };
        check(
            &shaped,
            &Facts {
                store: self.store,
                limits: &LimitBook::default(),
                pos: self.pos,
                now: self.now,
                by: self.by,
                listings: &[],
                held: &[],
                back: &[],
                standing: &self.standing,
                per_kiosk: self.per_kiosk,
                per_phone: self.per_phone,
                known: None,
                amending: None,
            },
        )
    }

    /// Code, path and message of each problem.
    fn problems(&self) -> Vec<(&'static str, String, String)> {
        let verdict = self.verdict();
        verdict.problems.iter().map(|p| (p.code, p.path.clone(), p.message.to_string())).collect()
    }

    fn codes(&self) -> Vec<&'static str> {
        self.problems().into_iter().map(|(code, ..)| code).collect()
    }
}
