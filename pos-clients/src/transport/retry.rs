//! When to try again, and how long to wait before it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use order_core::ports::IdSource;

/// How often and for how long a call is tried. Only what is safe to repeat is repeated, see
/// [`super::Transport::call`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The most tries, the first included; zero counts as one.
    pub attempts: u32,
    /// The longest wait before the second try; it doubles with each further try.
    pub base: Duration,
    /// The wait never grows beyond this.
    pub cap: Duration,
    /// From the start of the call to its end, with all tries and all waiting.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(300),
            cap: Duration::from_secs(5),
            deadline: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// One try, no repeat.
    pub const fn once(deadline: Duration) -> Self {
        Self { attempts: 1, base: Duration::ZERO, cap: Duration::ZERO, deadline }
    }

    /// The longest wait after this try (from 1).
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.saturating_mul(1_u32 << doublings).min(self.cap)
    }
}

/// A wait drawn evenly from zero to `ceiling`: full jitter, so that many callers do not come back at once.
pub fn full_jitter(ceiling: Duration, ids: &dyn IdSource) -> Duration {
    let nanos = ceiling.as_nanos();
    // The top 64 bits of random * (nanos + 1) spread evenly over 0..=nanos.
    let drawn = u128::from(ids.random()).saturating_mul(nanos.saturating_add(1)) >> 64;
    Duration::from_nanos(u64::try_from(drawn.min(nanos)).unwrap_or(u64::MAX))
}

/// The longest `Retry-After` that is believed.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an answer asks to wait: `Retry-After` as seconds or as an HTTP date, at most a day.
/// `None` when it is missing or makes no sense.
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let at = DateTime::parse_from_rfc2822(text).ok()?;
        (at.with_timezone(&Utc) - now).to_std().unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::super::fakes::{FakeIds, at};
    use super::*;

    fn parse(text: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::RETRY_AFTER, text.parse().unwrap());
        retry_after(&headers, at("2026-03-02T10:00:00Z"))
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(parse("7"), Some(Duration::from_secs(7)));
        assert_eq!(parse(" 0 "), Some(Duration::ZERO));
        assert_eq!(parse("Mon, 02 Mar 2026 10:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(parse("Mon, 02 Mar 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(parse("99999999999999999999999999"), Some(LONGEST_WAIT));
        for nonsense in ["", "-5", "1.5", "soon", "Mon, 02 Mar"] {
            assert_eq!(parse(nonsense), None, "{nonsense:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), at("2026-03-02T10:00:00Z")), None);
    }

    #[test]
    fn jitter_stays_between_nothing_and_the_ceiling() {
        let ceiling = Duration::from_millis(300);
        assert_eq!(full_jitter(ceiling, &FakeIds::always(0)), Duration::ZERO);
        assert_eq!(full_jitter(ceiling, &FakeIds::always(u64::MAX)), ceiling);
        assert_eq!(full_jitter(Duration::ZERO, &FakeIds::always(u64::MAX)), Duration::ZERO);
        let ids = FakeIds::default();
        let drawn: Vec<_> = (0..500).map(|_| full_jitter(ceiling, &ids)).collect();
        assert!(drawn.iter().all(|wait| *wait <= ceiling));
        assert!(
            drawn.iter().any(|wait| *wait < ceiling / 4) && drawn.iter().any(|wait| *wait > ceiling * 3 / 4)
        );
        assert!(full_jitter(Duration::MAX, &ids) <= Duration::MAX);
    }

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.ceiling(1), Duration::from_millis(300));
        assert_eq!(policy.ceiling(2), Duration::from_millis(600));
        assert_eq!(policy.ceiling(5), Duration::from_millis(4800));
        assert_eq!(policy.ceiling(u32::MAX), Duration::from_secs(5));
    }
}
