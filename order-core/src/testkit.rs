//! Time, randomness and sample orders for tests of code built on this crate.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::access::{Actor, Role};
use crate::lifecycle::{Placement, place};
use crate::model::{
    ActorId, Content, Currency, CustomerKind, Fulfillment, InvalidId, LineId, Order, OrderCode,
    OrderCustomer, OrderId, OrderItem, Personal, PickState, Policy, ProductId, Quantity, StoreId,
    VendorLabel,
};
use crate::ports::{Clock, IdSource};

/// A clock that stands still until it is moved. Who sleeps on it wakes once it was moved far enough.
#[derive(Debug)]
pub struct ManualClock(Mutex<Hands>);

#[derive(Debug)]
struct Hands {
    now: DateTime<Utc>,
    /// Tells sleepers of the same moment apart.
    drawn: u64,
    /// Who sleeps until when, with the means to wake them.
    sleepers: BTreeMap<(DateTime<Utc>, u64), Waker>,
}

impl ManualClock {
    /// A clock that shows this many seconds since 1970.
    pub const fn at(seconds: i64) -> Self {
        let now = match DateTime::from_timestamp(seconds, 0) {
            Some(moment) => moment,
            None => DateTime::UNIX_EPOCH,
        };
        Self(Mutex::new(Hands { now, drawn: 0, sleepers: BTreeMap::new() }))
    }

    /// Moves on, and wakes those whose time has come.
    pub fn advance(&self, duration: Duration) {
        let due = {
            let mut hands = self.hands();
            hands.now += TimeDelta::from_std(duration).unwrap_or_default();
            let until_now = (hands.now, u64::MAX);
            let later = hands.sleepers.split_off(&until_now);
            std::mem::replace(&mut hands.sleepers, later)
        };
        // Outside the lock: who is woken may look at the clock at once.
        due.into_values().for_each(Waker::wake);
    }

    /// When the first of those who sleep is to wake; none when nobody sleeps.
    pub fn next_wake(&self) -> Option<DateTime<Utc>> {
        self.hands().sleepers.keys().next().map(|(until, _)| *until)
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.hands().now
    }

    /// Waits until the clock was moved that far; for ever when nobody moves it.
    async fn sleep(&self, duration: Duration) {
        let key = {
            let mut hands = self.hands();
            hands.drawn += 1;
            (hands.now + TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(36_500)), hands.drawn)
        };
        Nap { clock: self, key }.await;
    }
}

/// One sleep; it leaves the clock's list when it is given up.
struct Nap<'a> {
    clock: &'a ManualClock,
    key: (DateTime<Utc>, u64),
}

impl Future for Nap<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut hands = self.clock.hands();
        if hands.now >= self.key.0 {
            return Poll::Ready(());
        }
        hands.sleepers.insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Nap<'_> {
    fn drop(&mut self) {
        self.clock.hands().sleepers.remove(&self.key);
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
        content: Content::default(),
        quantity: Quantity::Units(units),
        unit_price,
        tax_included: false,
        line_total: Decimal::ZERO,
        discount: Decimal::ZERO,
        discount_agreed: None,
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
            residency: None,
            medical_card: None,
        },
        items: items?,
        currency: Currency::USD,
        fulfillment: Fulfillment::default(),
        discount_code: None,
        note: None,
        warnings: Vec::new(),
        overrides: None,
    };
    place(placement, &Policy::default(), &actor(Role::Kiosk), at)
        .map(|(order, _)| order)
        .map_err(|_| InvalidId::new("sample order", "at least one line"))
}

#[cfg(test)]
mod tests {
    use futures_util::future::{FutureExt, join};

    use super::*;

    #[test]
    fn sleepers_wake_when_the_clock_was_moved_far_enough() {
        let clock = ManualClock::at(1_000);
        let (one, two) = (Duration::from_secs(1), Duration::from_secs(2));
        assert!(clock.sleep(Duration::ZERO).now_or_never().is_some());
        let mut both = Box::pin(join(clock.sleep(two), clock.sleep(one)));
        assert!(both.as_mut().now_or_never().is_none());
        assert_eq!(clock.next_wake(), Some(clock.now() + TimeDelta::seconds(1)));
        clock.advance(one);
        assert!(both.as_mut().now_or_never().is_none());
        assert_eq!(clock.next_wake(), Some(clock.now() + TimeDelta::seconds(1)));
        clock.advance(one);
        assert!(both.now_or_never().is_some());
        assert_eq!(clock.next_wake(), None);
    }

    #[test]
    fn a_sleep_that_is_given_up_leaves_nothing_behind() {
        let clock = ManualClock::at(1_000);
        let mut nap = Box::pin(clock.sleep(Duration::from_secs(5)));
        assert!(nap.as_mut().now_or_never().is_none());
        drop(nap);
        assert_eq!(clock.next_wake(), None);
    }

    #[test]
    fn moving_the_clock_rings_at_the_sleepers() {
        struct Bell(Mutex<u32>);
        impl std::task::Wake for Bell {
            fn wake(self: std::sync::Arc<Self>) {
                *self.0.lock().unwrap() += 1;
            }
        }
        let (clock, bell) = (ManualClock::at(0), std::sync::Arc::new(Bell(Mutex::new(0))));
        let waker = Waker::from(bell.clone());
        let mut nap = Box::pin(clock.sleep(Duration::from_secs(5)));
        assert!(nap.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        clock.advance(Duration::from_secs(4));
        assert_eq!(*bell.0.lock().unwrap(), 0);
        clock.advance(Duration::from_secs(1));
        assert_eq!(*bell.0.lock().unwrap(), 1);
    }
}
