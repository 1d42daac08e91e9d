//! What the POS said about baskets lately, so that a kiosk that asked for a price need not wait for the same answer
//! again when it orders.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::{OrderCustomer, OrderItem, StoreId};
use crate::ports::{LimitUse, PosCustomer, PosQuote};
use crate::rules::{Problems, Shaped, codes};

/// How long an answer is as good as a new one.
const GOOD_FOR: TimeDelta = TimeDelta::seconds(60);
/// How long a POS that did not answer is not asked again on the way of an order.
const SILENT_FOR: TimeDelta = TimeDelta::seconds(30);
/// The most answers kept.
const MOST: usize = 1_000;

/// A question, told apart from every other without keeping who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// What a basket costs, by what is in it and who wants it.
    pub(super) fn of_basket(store: &StoreId, shaped: &Shaped, items: &[OrderItem]) -> Self {
        let lines: Vec<_> =
            items.iter().map(|item| (&item.product_id, &item.variant_id, item.quantity)).collect();
        Self::of(&(store, &shaped.customer, &shaped.discount_code, lines))
    }

    /// Who a customer is.
    pub(super) fn of_customer(store: &StoreId, customer: &OrderCustomer) -> Self {
        Self::of(&(store, customer))
    }

    fn of(question: &impl Serialize) -> Self {
        Self(Sha256::digest(serde_json::to_vec(question).unwrap_or_default()).into())
    }
}

/// What the POS said about a basket.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// This is what it costs, and how much of the limits it uses.
    Price(PosQuote),
    /// It is more than one customer may buy.
    TooMuch,
}

impl Said {
    /// Notes the limits of the POS's own that are exceeded.
    pub(super) fn problems(&self, problems: &mut Problems) {
        let words: Vec<String> = match self {
            Self::Price(quote) => {
                let over = quote.limits.iter().filter(|limit| limit.used > limit.allowed);
                let of = |limit: &LimitUse| {
                    format!("{}: {} of {}", limit.name, limit.used.normalize(), limit.allowed.normalize())
                };
                over.map(of).collect()
            }
            Self::TooMuch => vec!["the POS does not say which limit".to_owned()],
        };
        if !words.is_empty() {
            let message = format!("more than one customer may buy ({})", words.join(", "));
            problems.add(codes::LIMIT_EXCEEDED_POS, "items", message);
        }
    }
}

/// Answers of the last minute, a bounded number of them.
#[derive(Debug)]
struct Recent<T>(Mutex<BTreeMap<Key, (DateTime<Utc>, T)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Recent<T> {
    fn keep(&self, key: Key, answer: T, at: DateTime<Utc>) {
        let mut answers = lock(&self.0);
        if answers.len() >= MOST {
            answers.retain(|_, (kept_at, _)| *kept_at + GOOD_FOR > at);
        }
        if answers.len() < MOST || answers.contains_key(&key) {
            answers.insert(key, (at, answer));
        }
    }

    fn about(&self, key: Key, at: DateTime<Utc>) -> Option<T> {
        let answers = lock(&self.0);
        answers.get(&key).filter(|(kept_at, _)| *kept_at + GOOD_FOR > at).map(|(_, answer)| answer.clone())
    }
}

/// What the POS systems said within the last minute.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// With the customer it was about.
    baskets: Recent<(Key, Said)>,
    customers: Recent<Vec<PosCustomer>>,
    silent: Mutex<BTreeMap<StoreId, DateTime<Utc>>>,
}

impl Asked {
    /// Keeps what the POS said about a basket, or that it said nothing.
    pub(super) fn keep(
        &self,
        store: &StoreId,
        key: Key,
        customer: Key,
        answer: Option<&Said>,
        at: DateTime<Utc>,
    ) {
        match answer {
            None => {
                lock(&self.silent).insert(store.clone(), at);
            }
            Some(answer) => {
                lock(&self.silent).remove(store);
                self.baskets.keep(key, (customer, answer.clone()), at);
            }
        }
    }

    /// What the POS said about this basket.
    pub(super) fn about(&self, key: Key, at: DateTime<Utc>) -> Option<Said> {
        self.baskets.about(key, at).map(|(_, said)| said)
    }

    /// Forgets what was said of a customer's baskets: they have ordered since, and the POS may count that.
    pub(super) fn forget(&self, customer: Key) {
        lock(&self.baskets.0).retain(|_, (_, (whose, _))| *whose != customer);
    }

    /// Whether the store's POS was silent lately.
    pub(super) fn is_silent(&self, store: &StoreId, at: DateTime<Utc>) -> bool {
        lock(&self.silent).get(store).is_some_and(|since| *since + SILENT_FOR > at)
    }

    /// Keeps who the POS says may be this customer, or that it said nothing.
    pub(super) fn keep_customers(
        &self,
        store: &StoreId,
        key: Key,
        found: Option<&[PosCustomer]>,
        at: DateTime<Utc>,
    ) {
        match found {
            None => {
                lock(&self.silent).insert(store.clone(), at);
            }
            Some(found) => {
                lock(&self.silent).remove(store);
                self.customers.keep(key, found.to_vec(), at);
            }
        }
    }

    /// Who the POS said may be this customer.
    pub(super) fn customers(&self, key: Key, at: DateTime<Utc>) -> Option<Vec<PosCustomer>> {
        self.customers.about(key, at)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept is whole between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
