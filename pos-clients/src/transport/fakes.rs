//! A clock, an id source and a sender that tests hold in their hands.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use order_core::ports::{Clock, IdSource};

use super::{HttpSender, SendError, TryLimits};

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A clock that moves only when somebody sleeps on it or pushes it.
#[derive(Debug)]
pub(crate) struct FakeClock(Mutex<(DateTime<Utc>, Vec<Duration>)>);

impl FakeClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new((at("2026-03-02T10:00:00Z"), Vec::new())))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.lock().unwrap().0 += by;
    }

    pub(crate) fn slept(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.lock().unwrap().0
    }

    async fn sleep(&self, duration: Duration) {
        {
            let mut state = self.0.lock().unwrap();
            state.0 += duration;
            state.1.push(duration);
        }
        tokio::task::yield_now().await;
    }
}

/// A counter stirred well, or one number for ever.
#[derive(Debug, Default)]
pub(crate) struct FakeIds {
    count: AtomicU64,
    fixed: Option<u64>,
}

impl FakeIds {
    pub(crate) fn always(number: u64) -> Self {
        Self { count: AtomicU64::new(0), fixed: Some(number) }
    }
}

impl IdSource for FakeIds {
    fn random(&self) -> u64 {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        self.fixed.unwrap_or_else(|| {
            let mut x = count.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            x ^ (x >> 31)
        })
    }
}

pub(crate) type Outcome = Result<http::Response<Bytes>, SendError>;

/// Hands out prepared outcomes, one a try, and counts the tries.
#[derive(Debug, Default)]
pub(crate) struct Script {
    outcomes: Mutex<VecDeque<Outcome>>,
    seen: Mutex<Vec<TryLimits>>,
}

impl Script {
    pub(crate) fn new(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        Self { outcomes: Mutex::new(outcomes.into_iter().collect()), seen: Mutex::default() }
    }

    pub(crate) fn tries(&self) -> Vec<TryLimits> {
        self.seen.lock().unwrap().clone()
    }
}

#[async_trait]
impl HttpSender for Script {
    async fn send(&self, _: http::Request<Bytes>, limits: TryLimits) -> Outcome {
        self.seen.lock().unwrap().push(limits);
        let next = self.outcomes.lock().unwrap().pop_front();
        next.unwrap_or_else(|| Err(SendError::Broken("nothing more in the script".into())))
    }
}

pub(crate) fn answer(status: u16, body: &str) -> Outcome {
    Ok(http::Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap())
}
