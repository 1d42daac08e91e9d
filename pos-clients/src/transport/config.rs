//! The settings that every vendor's client has, beside those of its own.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How a client spares a POS that is slow, down, or asks to be spared. Each part can be switched off.
///
/// ```
/// use pos_clients::transport::TransportConfig;
///
/// let json = r#"{"breaker": {"open_seconds": 60}, "retry_budget": {"enabled": false}}"#;
/// let config: TransportConfig = serde_json::from_str(json)?;
/// assert_eq!(config.breaker.open_seconds, 60);
/// assert_eq!(config.breaker.window_seconds, 60);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransportConfig {
    /// When a POS that keeps failing is left alone.
    pub breaker: BreakerPolicy,
    /// How many of all tries may be repeats.
    pub retry_budget: BudgetPolicy,
    /// Whether our own limit of calls a second gives way when the POS says that we are too fast. On when
    /// nothing is said.
    pub learn_from_throttling: bool,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            breaker: BreakerPolicy::default(),
            retry_budget: BudgetPolicy::default(),
            learn_from_throttling: true,
        }
    }
}

/// When a POS that keeps failing is left alone, and for how long.
///
/// A failure is a try that found the POS unreachable, silent, broken (5xx) or not making sense. Whoever
/// refuses, asks to wait or rejects the credentials is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerPolicy {
    /// Whether there is a breaker at all. On when nothing is said.
    pub enabled: bool,
    /// Over how long tries are counted, in seconds; 60 when nothing is said.
    pub window_seconds: u32,
    /// Which share of the tries must have failed, in percent; 50 when nothing is said.
    pub failure_percent: u8,
    /// How many tries there must have been before the share says anything; 30 when nothing is said. A single
    /// order that is delivered and followed while its POS is down makes some twenty a minute.
    pub min_tries: u32,
    /// How long nothing is sent, in seconds; 15 when nothing is said. Waiting orders are tried again at least
    /// every minute, so a longer pause than half of that costs them tries without asking the POS.
    pub open_seconds: u32,
    /// How many tries are let through after that, and have to work before all are; 2 when nothing is said.
    pub probes: u32,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            window_seconds: 60,
            failure_percent: 50,
            min_tries: 30,
            open_seconds: 15,
            probes: 2,
        }
    }
}

/// How many of all tries may be repeats, so that a dying POS is not asked several times as often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetPolicy {
    /// Whether repeats are limited by it. On when nothing is said.
    pub enabled: bool,
    /// How many repeats a hundred calls pay for; 20 when nothing is said.
    pub share_percent: u32,
    /// How many repeats can be saved up, and are there at the start; 10 when nothing is said.
    pub reserve: u32,
}

impl Default for BudgetPolicy {
    fn default() -> Self {
        Self { enabled: true, share_percent: 20, reserve: 10 }
    }
}

/// A shared setting is outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{name} must be between {least} and {most}")]
pub struct OutOfRange {
    /// Which setting.
    pub name: &'static str,
    /// The least it may be.
    pub least: u32,
    /// The most it may be.
    pub most: u32,
}

impl TransportConfig {
    /// Checks every setting.
    ///
    /// # Errors
    /// [`OutOfRange`] names the first setting that is wrong.
    pub fn validate(&self) -> Result<(), OutOfRange> {
        let Self { breaker, retry_budget: budget, .. } = self;
        for (name, value, least, most) in [
            ("breaker.window_seconds", breaker.window_seconds, 1, 3600),
            ("breaker.failure_percent", u32::from(breaker.failure_percent), 1, 100),
            ("breaker.min_tries", breaker.min_tries, 1, 100_000),
            ("breaker.open_seconds", breaker.open_seconds, 1, 3600),
            ("breaker.probes", breaker.probes, 1, 100),
            ("retry_budget.share_percent", budget.share_percent, 0, 1000),
            ("retry_budget.reserve", budget.reserve, 0, 10_000),
        ] {
            if !(least..=most).contains(&value) {
                return Err(OutOfRange { name, least, most });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_leave_out_what_it_does_not_change() {
        let read = |json: &str| serde_json::from_str::<TransportConfig>(json);
        assert_eq!(read("{}").unwrap(), TransportConfig::default());
        let off = read(r#"{"breaker":{"enabled":false},"learn_from_throttling":false}"#).unwrap();
        assert!(!off.breaker.enabled && !off.learn_from_throttling && off.retry_budget.enabled);
        assert_eq!(off.breaker.min_tries, 30);
        assert!(read(r#"{"braker":{}}"#).is_err());
        assert!(read(r#"{"breaker":{"window":5}}"#).is_err());
        let written = serde_json::to_string(&off).unwrap();
        assert_eq!(read(&written).unwrap(), off);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        assert_eq!(TransportConfig::default().validate(), Ok(()));
        let mut config = TransportConfig::default();
        config.breaker.failure_percent = 0;
        let problem = config.validate().unwrap_err().to_string();
        assert_eq!(problem, "breaker.failure_percent must be between 1 and 100");
        let mut config = TransportConfig::default();
        config.breaker.probes = 0;
        assert_eq!(config.validate().unwrap_err().name, "breaker.probes");
    }
}
