//! Our own limit on how fast one credential calls its POS.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

/// The whole of the allowed rate, in thousandths.
const WHOLE: u32 = 1000;
/// A POS that keeps asking to slow down is called at least this often, in thousandths of the allowed rate.
const LEAST: u32 = WHOLE / 16;
/// What comes back after each quiet period, in thousandths of the allowed rate.
const STEP: u32 = WHOLE / 20;
/// How long the POS must not have complained for that.
const QUIET: TimeDelta = TimeDelta::seconds(10);
/// The longest pause that one answer imposes on all callers; the call itself may be told to wait longer.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// A token bucket: so many calls a second, and that many at once after a pause.
///
/// Callers who find it empty get a place in line and the time to wait for it, so that waiting is in order
/// of arrival. When the POS says that we are too fast the rate is halved, down to a sixteenth, and comes back
/// a twentieth at a time with every ten seconds without a complaint.
#[derive(Debug)]
pub struct TokenBucket {
    /// Nanoseconds between two calls at the whole rate.
    interval: u64,
    /// How far ahead of its time a call may be, which makes the burst.
    window: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// What was taken and has not flowed back yet, in nanoseconds at the whole rate.
    owed: u64,
    /// How much of the rate is used at present, in thousandths.
    share: u32,
    seen: DateTime<Utc>,
    /// When the rate was last halved.
    cut: DateTime<Utc>,
    /// From when on the present quiet period counts.
    quiet_since: DateTime<Utc>,
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
        let interval = 1_000_000_000 / u64::from(per_second.get());
        let window = interval * u64::from(per_second.get() - 1);
        let start = DateTime::<Utc>::MIN_UTC;
        let state = State { owed: 0, share: WHOLE, seen: start, cut: start, quiet_since: start };
        Self { interval, window, state: Mutex::new(state) }
    }

    /// Takes the next place and says how long to wait for it.
    ///
    /// # Errors
    /// [`TooBusy`] when that is longer than `patience`; then no place is taken.
    pub fn take(&self, now: DateTime<Utc>, patience: Duration) -> Result<Duration, TooBusy> {
        let mut state = self.at(now);
        let ahead = state.owed.saturating_sub(self.window);
        let wait = Duration::from_nanos(ahead.saturating_mul(u64::from(WHOLE)) / u64::from(state.share));
        if wait > patience {
            return Err(TooBusy { wait });
        }
        state.owed = state.owed.saturating_add(self.interval);
        Ok(wait)
    }

    /// The POS says that we are too fast, in answer to a call that began at `began`. Halves the rate; once
    /// only for all the calls that were under way together.
    pub fn slow_down(&self, began: DateTime<Utc>, now: DateTime<Utc>) {
        let mut state = self.at(now);
        if began >= state.cut {
            state.share = (state.share / 2).max(LEAST);
            state.cut = now;
        }
        state.quiet_since = now;
    }

    /// The POS asks to wait that long: until then nobody gets a place, but for at most a minute.
    pub fn hold(&self, wait: Duration, now: DateTime<Utc>) {
        let mut state = self.at(now);
        let nanos = u64::try_from(wait.min(LONGEST_HOLD).as_nanos()).unwrap_or(u64::MAX);
        let flows_back = nanos / u64::from(WHOLE) * u64::from(state.share);
        state.owed = state.owed.max(self.window.saturating_add(flows_back));
    }

    /// How much of the allowed rate is used at present, in thousandths.
    pub fn share(&self, now: DateTime<Utc>) -> u32 {
        self.at(now).share
    }

    /// The state brought up to now.
    fn at(&self, now: DateTime<Utc>) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = now - state.seen;
        if elapsed < TimeDelta::zero() {
            // A clock that is set back must not lock callers out for as long as it was set back.
            state.cut = now;
            state.quiet_since = now;
        } else {
            let nanos = elapsed.to_std().map_or(0, |elapsed| elapsed.as_nanos());
            let flowed = nanos.saturating_mul(u128::from(state.share)) / u128::from(WHOLE);
            state.owed = state.owed.saturating_sub(u64::try_from(flowed).unwrap_or(u64::MAX));
        }
        state.seen = now;
        while state.share < WHOLE && now - state.quiet_since >= QUIET {
            state.share = (state.share + STEP).min(WHOLE);
            state.quiet_since += QUIET;
        }
        state
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

    fn wait(bucket: &TokenBucket, now: DateTime<Utc>) -> u128 {
        bucket.take(now, Duration::from_secs(3600)).unwrap().as_millis()
    }

    fn drained(now: DateTime<Utc>) -> TokenBucket {
        let bucket = bucket();
        for _ in 0..5 {
            wait(&bucket, now);
        }
        bucket
    }

    #[test]
    fn a_complaint_halves_the_rate_and_it_comes_back_slowly() {
        let now = at("2026-03-02T10:00:00Z");
        let bucket = drained(now);
        bucket.slow_down(now, now);
        assert_eq!([wait(&bucket, now), wait(&bucket, now), wait(&bucket, now)], [400, 800, 1200]);
        let share = |seconds| bucket.share(now + TimeDelta::seconds(seconds));
        assert_eq!([share(9), share(10), share(35), share(100), share(1000)], [500, 550, 650, 1000, 1000]);
    }

    #[test]
    fn calls_that_were_under_way_together_are_one_complaint() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        let answered = now + TimeDelta::milliseconds(300);
        for _ in 0..5 {
            bucket.slow_down(now, answered);
        }
        assert_eq!(bucket.share(answered), 500);
        bucket.slow_down(answered, answered + TimeDelta::seconds(1));
        assert_eq!(bucket.share(answered + TimeDelta::seconds(1)), 250);
    }

    #[test]
    fn it_never_falls_silent() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        for second in 0..100 {
            let then = now + TimeDelta::seconds(second);
            bucket.slow_down(then, then);
        }
        assert_eq!(bucket.share(now + TimeDelta::seconds(100)), LEAST);
    }

    #[test]
    fn a_pause_holds_everybody_and_ends_without_a_burst() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        bucket.hold(Duration::from_secs(4), now);
        assert_eq!([wait(&bucket, now), wait(&bucket, now)], [4000, 4200]);
        let (bucket, slow) = (self::bucket(), now + TimeDelta::seconds(1));
        bucket.slow_down(now, slow);
        bucket.hold(Duration::from_secs(4), slow);
        assert_eq!([wait(&bucket, slow), wait(&bucket, slow)], [4000, 4400]);
    }

    #[test]
    fn an_absurd_pause_is_cut() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        bucket.hold(Duration::from_secs(86_400), now);
        assert_eq!(wait(&bucket, now), 60_000);
    }

    #[test]
    fn a_clock_set_back_does_not_deafen_it() {
        let (bucket, now) = (bucket(), at("2026-03-02T10:00:00Z"));
        bucket.slow_down(now, now);
        let before = now - TimeDelta::hours(3);
        bucket.slow_down(before, before);
        assert_eq!(bucket.share(before), 250);
        assert_eq!(bucket.share(before + TimeDelta::seconds(10)), 300);
    }
}
