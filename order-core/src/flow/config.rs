//! The flow's own settings.

use std::time::Duration;

use super::error::BuildError;

/// How hard and how long delivery tries. The defaults suit a POS on the internet.
#[derive(Debug, Clone)]
pub struct FlowConfig {
    /// How long a claimed piece of work is ours before another worker may take it over. Longer than
    /// `call_deadline`, so that a slow call is not taken for a dead worker.
    pub lease: Duration,
    /// After this a call to the POS counts as unanswered. Longer than the client's own deadline, because the
    /// client can tell more exactly what became of a call than somebody who stops waiting for it.
    pub call_deadline: Duration,
    /// How long a customer who asks for a price waits for the POS before our own sums are shown.
    pub quote_deadline: Duration,
    /// The most pieces of work one worker has in hand.
    pub in_flight: usize,
    /// The most pieces taken at once; a store with this many in hand is passed over until some are done, so
    /// that a POS that hangs does not hold up the others.
    pub in_flight_per_store: usize,
    /// How long a worker sleeps at most when nothing is due.
    pub poll: Duration,
    /// The first wait before a repeat; it doubles with every further one.
    pub backoff: Duration,
    /// The longest wait before a repeat.
    pub backoff_max: Duration,
    /// How often work is tried before a person is called.
    pub attempts: u32,
    /// The waits before each look-up after an unclear answer; after the last one a person is called.
    pub look_ups: Vec<Duration>,
    /// How often the POS is asked about an order of up to this age; the last entry serves for older ones.
    pub follow: Vec<(Duration, Duration)>,
    /// How long a finished order is still followed when the POS has not finished it.
    pub follow_for: Duration,
}

impl Default for FlowConfig {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            lease: seconds(25),
            call_deadline: seconds(20),
            quote_deadline: seconds(3),
            in_flight: 64,
            in_flight_per_store: 16,
            poll: seconds(1),
            backoff: seconds(1),
            backoff_max: seconds(60),
            attempts: 12,
            look_ups: vec![seconds(2), seconds(6)],
            follow: vec![
                (seconds(300), seconds(10)),
                (seconds(3600), seconds(60)),
                (seconds(86_400), seconds(300)),
            ],
            follow_for: seconds(2 * 86_400),
        }
    }
}

impl FlowConfig {
    pub(super) fn check(&self) -> Result<(), BuildError> {
        let positive = [
            ("lease", !self.lease.is_zero()),
            ("call_deadline", !self.call_deadline.is_zero()),
            ("in_flight", self.in_flight > 0),
            ("in_flight_per_store", self.in_flight_per_store > 0),
            ("poll", !self.poll.is_zero()),
            ("attempts", self.attempts > 0),
            ("follow", !self.follow.is_empty()),
            ("lease less call_deadline", self.lease > self.call_deadline),
        ];
        match positive.into_iter().find(|(_, good)| !good) {
            Some((name, _)) => Err(BuildError::NotPositive(name)),
            None => Ok(()),
        }
    }

    /// How long until the POS is asked again about an order of this age.
    pub(super) fn follow_every(&self, age: Duration) -> Duration {
        self.follow
            .iter()
            .find(|(up_to, _)| age <= *up_to)
            .or(self.follow.last())
            .map_or(Duration::from_secs(60), |(_, every)| *every)
    }

    /// How long to wait before try number `attempt + 1`: doubling, capped, and somewhere in its upper half,
    /// so that many orders that failed together do not come back together.
    pub(super) fn wait_after(&self, attempt: u32, random: u64) -> Duration {
        let doubled =
            self.backoff.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let ceiling = doubled.min(self.backoff_max);
        let half = ceiling / 2;
        let span = u64::try_from(half.as_millis()).unwrap_or(u64::MAX).max(1);
        half + Duration::from_millis(random % span)
    }
}
