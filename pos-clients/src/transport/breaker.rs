//! Leaving a POS alone that keeps failing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::BreakerPolicy;

/// In how many pieces the window slides on.
const SLOTS: usize = 12;

/// How a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BreakerState {
    /// Every call goes through.
    Closed,
    /// Nothing is sent: the POS kept failing.
    Open {
        /// From then on a few calls are let through to see how it is.
        until: DateTime<Utc>,
    },
    /// A few calls are let through; how they end decides.
    HalfOpen,
}

impl BreakerState {
    /// The word for logs and figures.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open { .. } => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// Nothing is sent for the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    /// How long until a call may be let through.
    pub(super) wait: Duration,
}

/// One state took the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) from: BreakerState,
    pub(super) to: BreakerState,
}

/// Counts how tries end, over a window that slides with our clock.
#[derive(Debug)]
pub(super) struct Breaker {
    policy: BreakerPolicy,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Counts the changes of phase: what began in an earlier phase has no say in a later one.
    era: u64,
    seen: DateTime<Utc>,
    slots: [Slot; SLOTS],
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    Closed,
    Open { until: DateTime<Utc> },
    HalfOpen { out: u32, worked: u32 },
}

/// What ended within one piece of the window.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    number: i64,
    worked: u32,
    failed: u32,
}

/// Leave to make one try. Whoever drops it without a word is not counted, for better or worse.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    breaker: Option<&'a Breaker>,
    era: u64,
}

impl Breaker {
    pub(super) fn new(policy: BreakerPolicy) -> Self {
        let state = State {
            phase: Phase::Closed,
            era: 0,
            seen: DateTime::<Utc>::MIN_UTC,
            slots: [Slot::default(); SLOTS],
        };
        Self { policy, state: Mutex::new(state) }
    }

    /// How it stands now.
    pub(super) fn state(&self, now: DateTime<Utc>) -> BreakerState {
        match self.lock().phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { until } if now < until => BreakerState::Open { until },
            Phase::Open { .. } | Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Asks for leave to make a try.
    pub(super) fn enter(&self, now: DateTime<Utc>) -> (Result<Pass<'_>, Refused>, Option<Change>) {
        if !self.policy.enabled {
            return (Ok(Pass { breaker: None, era: 0 }), None);
        }
        let mut state = self.lock();
        state.look_at(now);
        let mut change = None;
        if let Phase::Open { until } = state.phase {
            if now < until {
                let wait = (until - now).to_std().unwrap_or_default();
                return (Err(Refused { wait }), None);
            }
            change = Some(state.turn(Phase::HalfOpen { out: 0, worked: 0 }));
        }
        if let Phase::HalfOpen { out, worked } = &mut state.phase {
            // No more than are still needed to decide.
            if out.saturating_add(*worked) >= self.policy.probes.max(1) {
                return (Err(Refused { wait: Duration::ZERO }), change);
            }
            *out += 1;
        }
        (Ok(Pass { breaker: Some(self), era: state.era }), change)
    }

    /// Takes note of how a try ended.
    fn note(&self, era: u64, failed: bool, now: DateTime<Utc>) -> Option<Change> {
        let mut state = self.lock();
        state.look_at(now);
        if state.era != era {
            return None;
        }
        let open = Phase::Open { until: now + seconds(self.policy.open_seconds) };
        match &mut state.phase {
            Phase::Closed => {
                state.count(self.policy.slot(), failed, now);
                state.is_too_bad(&self.policy, now).then(|| state.turn(open))
            }
            Phase::HalfOpen { .. } if failed => Some(state.turn(open)),
            Phase::HalfOpen { out, worked } => {
                *out = out.saturating_sub(1);
                *worked += 1;
                (*worked >= self.policy.probes.max(1)).then(|| state.turn(Phase::Closed))
            }
            Phase::Open { .. } => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A clock that is set back must not hold the breaker open, or keep old failures, for as long as that.
    fn look_at(&mut self, now: DateTime<Utc>) {
        if now < self.seen {
            let back = self.seen - now;
            if let Phase::Open { until } = &mut self.phase {
                *until = until.checked_sub_signed(back).unwrap_or(now);
            }
            self.slots = [Slot::default(); SLOTS];
        }
        self.seen = now;
    }

    fn turn(&mut self, phase: Phase) -> Change {
        let from = self.phase.shown();
        self.phase = phase;
        self.era += 1;
        self.slots = [Slot::default(); SLOTS];
        Change { from, to: phase.shown() }
    }

    fn count(&mut self, slot: i64, failed: bool, now: DateTime<Utc>) {
        let number = now.timestamp_millis().div_euclid(slot);
        // The remainder is below SLOTS, so there always is one.
        let place = usize::try_from(number.rem_euclid(SLOTS as i64)).unwrap_or_default();
        let Some(slot) = self.slots.get_mut(place) else { return };
        if slot.number != number {
            *slot = Slot { number, ..Slot::default() };
        }
        let counter = if failed { &mut slot.failed } else { &mut slot.worked };
        *counter = counter.saturating_add(1);
    }

    fn is_too_bad(&self, policy: &BreakerPolicy, now: DateTime<Utc>) -> bool {
        let newest = now.timestamp_millis().div_euclid(policy.slot());
        let within = self.slots.iter().filter(|slot| slot.number > newest - SLOTS as i64);
        let (failed, all) = within.fold((0_u64, 0_u64), |(failed, all), slot| {
            let bad = u64::from(slot.failed);
            (failed + bad, all + bad + u64::from(slot.worked))
        });
        all >= u64::from(policy.min_tries.max(1)) && failed * 100 >= all * u64::from(policy.failure_percent)
    }
}

impl Phase {
    const fn shown(self) -> BreakerState {
        match self {
            Self::Closed => BreakerState::Closed,
            Self::Open { until } => BreakerState::Open { until },
            Self::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }
}

impl BreakerPolicy {
    /// The length of one piece of the window, in milliseconds.
    fn slot(&self) -> i64 {
        (i64::from(self.window_seconds) * 1000 / SLOTS as i64).max(1)
    }
}

fn seconds(count: u32) -> TimeDelta {
    TimeDelta::seconds(i64::from(count))
}

impl Pass<'_> {
    /// Whether it is still good: the breaker may have opened while its holder stood in line.
    pub(super) fn is_good(&self) -> bool {
        self.breaker.is_none_or(|breaker| breaker.lock().era == self.era)
    }

    /// The POS answered, be it with a refusal.
    pub(super) fn worked(mut self, now: DateTime<Utc>) -> Option<Change> {
        self.breaker.take().and_then(|breaker| breaker.note(self.era, false, now))
    }

    /// The POS failed.
    pub(super) fn failed(mut self, now: DateTime<Utc>) -> Option<Change> {
        self.breaker.take().and_then(|breaker| breaker.note(self.era, true, now))
    }
}

impl Drop for Pass<'_> {
    /// Gives a probe's place back: a caller who went away must not keep the breaker half open for ever.
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker {
            let mut state = breaker.lock();
            if state.era == self.era
                && let Phase::HalfOpen { out, .. } = &mut state.phase
            {
                *out = out.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fakes::at;
    use super::*;

    const POLICY: BreakerPolicy = BreakerPolicy {
        enabled: true,
        window_seconds: 60,
        failure_percent: 50,
        min_tries: 4,
        open_seconds: 30,
        probes: 2,
    };

    fn start() -> DateTime<Utc> {
        at("2026-03-02T10:00:00Z")
    }

    fn later(seconds: i64) -> DateTime<Utc> {
        start() + TimeDelta::seconds(seconds)
    }

    fn pass(breaker: &Breaker, now: DateTime<Utc>) -> Pass<'_> {
        breaker.enter(now).0.unwrap()
    }

    fn fail(breaker: &Breaker, times: usize, now: DateTime<Utc>) {
        for _ in 0..times {
            pass(breaker, now).failed(now);
        }
    }

    #[test]
    fn opens_on_enough_failures_among_enough_tries() {
        let breaker = Breaker::new(POLICY);
        fail(&breaker, 3, start());
        assert_eq!(breaker.state(start()), BreakerState::Closed);
        fail(&breaker, 1, start());
        assert_eq!(breaker.state(start()), BreakerState::Open { until: later(30) });
        assert_eq!(breaker.enter(later(10)).0.unwrap_err(), Refused { wait: Duration::from_secs(20) });
    }

    #[test]
    fn a_few_failures_among_many_do_not_open_it() {
        let breaker = Breaker::new(POLICY);
        for _ in 0..100 {
            pass(&breaker, start()).worked(start());
        }
        fail(&breaker, 99, start());
        assert_eq!(breaker.state(start()), BreakerState::Closed);
        fail(&breaker, 1, start());
        assert_eq!(breaker.state(start()).as_str(), "open");
    }

    #[test]
    fn failures_leave_the_window_with_time() {
        let breaker = Breaker::new(POLICY);
        fail(&breaker, 3, start());
        fail(&breaker, 3, later(67));
        assert_eq!(breaker.state(later(67)), BreakerState::Closed);
        fail(&breaker, 1, later(90));
        assert_eq!(breaker.state(later(90)).as_str(), "open");
    }

    #[test]
    fn a_trickle_decides_whether_it_closes() {
        let breaker = Breaker::new(POLICY);
        fail(&breaker, 4, start());
        assert_eq!(breaker.state(later(30)), BreakerState::HalfOpen);
        let (first, change) = breaker.enter(later(30));
        let second = pass(&breaker, later(30));
        assert_eq!(change.unwrap().to, BreakerState::HalfOpen);
        assert!(breaker.enter(later(30)).0.is_err(), "two probes are out");
        assert_eq!(first.unwrap().worked(later(31)), None);
        assert!(breaker.enter(later(31)).0.is_err(), "one worked, one is out");
        let closed = Change { from: BreakerState::HalfOpen, to: BreakerState::Closed };
        assert_eq!(second.worked(later(31)), Some(closed));
        fail(&breaker, 3, later(31));
        assert_eq!(breaker.state(later(31)), BreakerState::Closed, "it starts with a clean sheet");
    }

    #[test]
    fn a_failed_probe_opens_it_again() {
        let breaker = Breaker::new(POLICY);
        fail(&breaker, 4, start());
        let other = pass(&breaker, later(30));
        fail(&breaker, 1, later(40));
        assert_eq!(breaker.state(later(40)), BreakerState::Open { until: later(70) });
        assert!(!other.is_good());
        assert_eq!(other.worked(later(41)), None, "the other probe has no say any more");
        assert_eq!(breaker.state(later(41)).as_str(), "open");
    }

    #[test]
    fn an_abandoned_probe_gives_its_place_back() {
        let breaker = Breaker::new(POLICY);
        fail(&breaker, 4, start());
        for _ in 0..10 {
            drop(pass(&breaker, later(30)));
        }
        assert_eq!(breaker.state(later(30)), BreakerState::HalfOpen);
        let _held = (pass(&breaker, later(30)), pass(&breaker, later(30)));
        assert!(breaker.enter(later(30)).0.is_err());
    }

    #[test]
    fn a_straggler_of_an_earlier_phase_has_no_say() {
        let breaker = Breaker::new(POLICY);
        let straggler = pass(&breaker, start());
        fail(&breaker, 4, start());
        for _ in 0..2 {
            pass(&breaker, later(30)).worked(later(30));
        }
        fail(&breaker, 3, later(30));
        assert_eq!(straggler.failed(later(30)), None);
        assert_eq!(breaker.state(later(30)), BreakerState::Closed);
    }

    #[test]
    fn a_clock_set_back_does_not_hold_it_open() {
        let breaker = Breaker::new(POLICY);
        fail(&breaker, 4, start());
        assert_eq!(breaker.enter(later(-3600)).0.unwrap_err(), Refused { wait: Duration::from_secs(30) });
        assert!(breaker.enter(later(-3570)).0.is_ok());
    }

    #[test]
    fn it_can_be_switched_off() {
        let breaker = Breaker::new(BreakerPolicy { enabled: false, ..POLICY });
        fail(&breaker, 1000, start());
        assert_eq!(breaker.state(start()), BreakerState::Closed);
    }
}
