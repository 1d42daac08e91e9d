//! Our own limit on how fast one credential calls its POS.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

/// A token bucket: so many calls a second, and that many at once after a pause.
///
/// Callers who find it empty get a place in line and the time to wait for it, so that waiting is in order
/// of arrival. It keeps only the moment at which it would be full again.
#[derive(Debug)]
pub struct TokenBucket {
    interval: TimeDelta,
    window: TimeDelta,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    full_at: DateTime<Utc>,
    seen: DateTime<Utc>,
}

/// There is no free place within the time the caller has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the limit of calls a second is used up; the next free place is {wait:?} away")]
pub struct TooBusy {
    /// How long the next free place is away.
    pub wait: Duration,
}

impl TokenBucket {
    /// A full bucket for this many calls a second.
    pub fn new(per_second: NonZeroU32) -> Self {
        let interval = TimeDelta::nanoseconds(1_000_000_000 / i64::from(per_second.get()));
        let window = interval * i32::try_from(per_second.get() - 1).unwrap_or(i32::MAX);
        let start = DateTime::<Utc>::MIN_UTC;
        Self { interval, window, state: Mutex::new(State { full_at: start, seen: start }) }
    }

    /// Takes the next place and says how long to wait for it.
    ///
    /// # Errors
    /// [`TooBusy`] when that is longer than `patience`; then no place is taken.
    pub fn take(&self, now: DateTime<Utc>, patience: Duration) -> Result<Duration, TooBusy> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that is set back must not lock callers out for as long as it was set back.
        if now < state.seen {
            let back = state.seen - now;
            state.full_at = state.full_at.checked_sub_signed(back).unwrap_or(now);
        }
        state.seen = now;
        let full_at = state.full_at.max(now);
        let wait = (full_at - self.window - now).to_std().unwrap_or(Duration::ZERO);
        if wait > patience {
            return Err(TooBusy { wait });
        }
        state.full_at = full_at.checked_add_signed(self.interval).unwrap_or(full_at);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fakes::at;
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn bucket() -> TokenBucket {
        TokenBucket::new(NonZeroU32::new(5).unwrap())
    }

    #[test]
    fn lets_a_burst_through_and_then_spaces_calls() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        let waits: Vec<_> = (0..8).map(|_| bucket.take(now, PATIENCE).unwrap().as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 200, 400, 600]);
    }

    #[test]
    fn fills_again_with_time_and_never_beyond_its_size() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        for _ in 0..5 {
            bucket.take(now, PATIENCE).unwrap();
        }
        let later = now + TimeDelta::milliseconds(400);
        let waits: Vec<_> = (0..3).map(|_| bucket.take(later, PATIENCE).unwrap().as_millis()).collect();
        assert_eq!(waits, [0, 0, 200]);
        let much_later = now + TimeDelta::hours(1);
        let free = (0..10).filter(|_| bucket.take(much_later, PATIENCE) == Ok(Duration::ZERO)).count();
        assert_eq!(free, 5);
    }

    #[test]
    fn an_impatient_caller_takes_no_place() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        for _ in 0..5 {
            bucket.take(now, PATIENCE).unwrap();
        }
        let busy = Err(TooBusy { wait: Duration::from_millis(200) });
        assert_eq!(bucket.take(now, Duration::from_millis(199)), busy);
        assert_eq!(bucket.take(now, Duration::from_millis(199)), busy);
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        for _ in 0..6 {
            bucket.take(now, PATIENCE).unwrap();
        }
        assert!(bucket.take(now - TimeDelta::hours(3), PATIENCE).unwrap() <= Duration::from_millis(400));
    }
}
