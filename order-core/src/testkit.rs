//! Time, randomness and sample orders for tests of code built on this crate.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::access::{Actor, Role};
use crate::lifecycle::{Placement, place};
use crate::model::{
    ActorId, Currency, CustomerKind, Fulfillment, InvalidId, LineId, Order, OrderCode, OrderCustomer,
    OrderId, OrderItem, Personal, PickState, Policy, ProductId, Quantity, StoreId, VendorLabel,
};
use crate::ports::{Clock, IdSource};

/// A clock that stands still until it is moved, and moves by itself when somebody sleeps on it.
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// A clock that shows this many seconds since 1970.
    pub fn at(seconds: i64) -> Self {
        Self(Mutex::new(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)))
    }

    /// Moves on.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += TimeDelta::from_std(duration).unwrap_or_default();
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for ever: a test that wants a timer to ring moves the clock and asks again.
    async fn sleep(&self, _duration: Duration) {
        std::future::pending::<()>().await;
    }
}

/// Random numbers from a seed: the same seed gives the same ids.
#[derive(Debug)]
pub struct SeededIds(Mutex<u64>);

impl SeededIds {
    /// A source from this seed.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl IdSource for SeededIds {
    /// The next number of the SplitMix64 sequence.
    fn random(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// An actor in this role.
pub fn actor(role: Role) -> Actor {
    Actor::new(role, ActorId::system())
}

/// A line of a sample order: product `p1`, `p2`, ... at this price, taxed with 10 %.
///
/// # Errors
/// [`InvalidId`] never in practice.
pub fn item(number: u32, units: u32, unit_price: Decimal) -> Result<OrderItem, InvalidId> {
    let mut item = OrderItem {
        id: LineId::new(number),
        product_id: ProductId::new(format!("p{number}"))?,
        variant_id: None,
        name: format!("Product {number}"),
        size: None,
        category: Some("flower".to_owned()),
        quantity: Quantity::Units(units),
        unit_price,
        line_total: Decimal::ZERO,
        discount: Decimal::ZERO,
        tax_rates: vec![Decimal::new(1, 1)],
        tax: Decimal::ZERO,
        pick: PickState::Open,
        supplied: None,
        substitute: None,
    };
    item.reprice(Currency::USD);
    Ok(item)
}

/// A sample order of this many lines, just placed at a store with a POS.
///
/// # Errors
/// [`InvalidId`] never in practice.
pub fn order(lines: u32, at: DateTime<Utc>) -> Result<Order, InvalidId> {
    let ids = SeededIds::new(u64::from(lines));
    let items: Result<Vec<_>, _> = (1..=lines).map(|n| item(n, n, Decimal::new(1250, 2))).collect();
    let placement = Placement {
        id: OrderId::new(ids.uuid(at)),
        code: OrderCode::from_random(ids.random()),
        store: StoreId::new("green-oak")?,
        vendor: Some(VendorLabel::new("register")?),
        kiosk: None,
        customer: OrderCustomer {
            id: None,
            first_name: Personal::new("Ada"),
            last_name: Personal::new("Byron"),
            phone: Some(Personal::new("4155550123")),
            email: Some(Personal::new("ada@example.com")),
            birth_date: Some(Personal::new("1990-12-10")),
            kind: CustomerKind::Adult,
        },
        items: items?,
        currency: Currency::USD,
        fulfillment: Fulfillment::default(),
        discount_code: None,
        note: None,
    };
    place(placement, &Policy::default(), &actor(Role::Kiosk), at)
        .map(|(order, _)| order)
        .map_err(|_| InvalidId::new("sample order", "at least one line"))
}
