use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{SimRandom, TOKEN_OPERATION};

/// The fault names of `POST /_sim/faults`. `error_500` stands for every `error_5xx`.
pub const FAULT_NAMES: &[&str] =
    &["error_500", "html", "throttle", "slow", "truncate", "drop", "refuse_connection", "token_revoked"];

/// The longest planned delay: a typo must not hang a simulator for a day.
const MAX_DELAY: Duration = Duration::from_secs(600);

/// Something that goes wrong on the way to the vendor or back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `error_5xx`: the vendor answers with this status and a short text body.
    Error {
        /// 500 to 599.
        status: u16,
    },
    /// `html`: a gateway in front of the vendor answers with an HTML page.
    Html {
        /// The page's status, 200 to 599; 502 unless told.
        status: u16,
    },
    /// `throttle`: 429.
    Throttle {
        /// The value of `Retry-After` in seconds; the header is missing when there is none.
        retry_after: Option<u64>,
    },
    /// `slow`: the answer comes late.
    Slow {
        /// How late; 5 s unless told.
        delay: Duration,
    },
    /// `truncate`: the answer breaks off in the middle of its body.
    Truncate,
    /// `drop`: the connection breaks and there is no answer.
    Drop,
    /// `refuse_connection`: the request provably never leaves. Never applied. A socket that already accepted
    /// cannot refuse any more, so the socket server treats it as a `drop`.
    RefuseConnection,
    /// `token_revoked`: every credential handed out so far becomes worthless just before the request is
    /// handled, or just after it with `after_apply`. Passes over the request for a token itself unless aimed at it.
    TokenRevoked,
}

/// How often a [`FaultRule`] strikes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Frequency {
    /// The next so many requests that match.
    Count(u32),
    /// Each request that matches with this probability, 0 to 1.
    Rate(f64),
}

/// A fault, how often it strikes, and which requests it is aimed at.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    /// What goes wrong.
    pub fault: Fault,
    /// How often.
    pub frequency: Frequency,
    /// Only requests for this operation; all when `None`.
    pub operation: Option<String>,
    /// Whether the vendor acts on the request before its answer is lost, replaced, cut or delayed.
    pub after_apply: bool,
}

impl FaultRule {
    /// Strikes the next `count` requests of any operation, before the vendor acts on them.
    pub fn next(count: u32, fault: Fault) -> Self {
        Self { fault, frequency: Frequency::Count(count), operation: None, after_apply: false }
    }

    /// Strikes each request with the probability `rate`, before the vendor acts on it.
    pub fn rate(rate: f64, fault: Fault) -> Self {
        Self { fault, frequency: Frequency::Rate(rate), operation: None, after_apply: false }
    }

    /// Only for this operation.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// The vendor acts first, then the answer is lost.
    #[must_use]
    pub fn after_apply(mut self) -> Self {
        self.after_apply = true;
        self
    }

    fn matches(&self, operation: &str) -> bool {
        match &self.operation {
            Some(wanted) => wanted == operation,
            None => self.fault != Fault::TokenRevoked || operation != TOKEN_OPERATION,
        }
    }
}

/// What strikes one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    /// What goes wrong.
    pub fault: Fault,
    /// Whether the vendor acts on the request first.
    pub after_apply: bool,
}

/// The planned faults. The first rule that strikes wins; rates are drawn from a seeded generator.
#[derive(Debug, Clone)]
pub struct FaultPlan {
    rules: Vec<FaultRule>,
    random: SimRandom,
}

impl FaultPlan {
    /// No faults yet.
    pub fn new(seed: u64) -> Self {
        Self { rules: Vec::new(), random: SimRandom::new(seed) }
    }

    /// Adds a rule behind those already there.
    pub fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    /// Removes all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules that can still strike, with the counts that are left.
    pub fn rules(&self) -> &[FaultRule] {
        &self.rules
    }

    /// Decides what strikes a request for `operation`, and uses it up.
    pub fn strike(&mut self, operation: &str) -> Option<Strike> {
        let mut found = None;
        for rule in &mut self.rules {
            if !rule.matches(operation) {
                continue;
            }
            let strikes = match &mut rule.frequency {
                Frequency::Count(0) => false,
                Frequency::Count(left) => {
                    *left -= 1;
                    true
                }
                Frequency::Rate(rate) => self.random.next_unit() < *rate,
            };
            if strikes {
                found = Some(Strike { fault: rule.fault.clone(), after_apply: rule.after_apply });
                break;
            }
        }
        self.rules.retain(|rule| rule.frequency != Frequency::Count(0));
        found
    }
}

/// The JSON of a [`FaultRule`]:
/// `{"fault","count"|"rate","operation"?,"after_apply"?,"status"?,"retry_after"?,"delay_ms"?}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// One of [`FAULT_NAMES`], or any `error_500` to `error_599`.
    pub fault: String,
    /// How many requests it strikes; 1 when neither this nor `rate` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The probability, 0 to 1, with which it strikes each request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The operation it is aimed at; all when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Whether the vendor acts on the request first; `false` when missing.
    #[serde(default)]
    pub after_apply: bool,
    /// The HTTP status of `error_500` and `html`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Seconds told by `throttle`; no header when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The delay of `slow` in milliseconds, at most ten minutes; 5000 when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
}

/// Why a [`FaultSpec`] is no [`FaultRule`].
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FaultError {
    /// No fault of this name.
    #[error("no fault {0:?}; known: {known} (error_500 to error_599)", known = FAULT_NAMES.join(", "))]
    UnknownFault(String),
    /// The simulator has no such operation, so the fault would never strike.
    #[error("no operation {operation:?}; known: {}", known.join(", "))]
    UnknownOperation {
        /// What was asked for.
        operation: String,
        /// What there is.
        known: &'static [&'static str],
    },
    /// Both a count and a rate, or a rate outside 0 to 1.
    #[error("give either count, or rate from 0 to 1")]
    BadFrequency,
    /// A status the fault cannot have.
    #[error("status {0} does not fit this fault")]
    BadStatus(u16),
    /// A delay beyond ten minutes.
    #[error("delay_ms is beyond ten minutes")]
    BadDelay,
}

impl TryFrom<FaultSpec> for FaultRule {
    type Error = FaultError;

    fn try_from(spec: FaultSpec) -> Result<Self, FaultError> {
        let frequency = match (spec.count, spec.rate) {
            (count, None) => Frequency::Count(count.unwrap_or(1)),
            (None, Some(rate)) if (0.0..=1.0).contains(&rate) => Frequency::Rate(rate),
            _ => return Err(FaultError::BadFrequency),
        };
        let status = |default: u16, lowest: u16| {
            let status = spec.status.unwrap_or(default);
            if (lowest..600).contains(&status) { Ok(status) } else { Err(FaultError::BadStatus(status)) }
        };
        let fault = match spec.fault.as_str() {
            "html" => Fault::Html { status: status(502, 200)? },
            "throttle" => Fault::Throttle { retry_after: spec.retry_after },
            "slow" => {
                let delay = Duration::from_millis(spec.delay_ms.unwrap_or(5000));
                if delay > MAX_DELAY {
                    return Err(FaultError::BadDelay);
                }
                Fault::Slow { delay }
            }
            "truncate" => Fault::Truncate,
            "drop" => Fault::Drop,
            "refuse_connection" => Fault::RefuseConnection,
            "token_revoked" => Fault::TokenRevoked,
            other => match other.strip_prefix("error_").map(str::parse::<u16>) {
                Some(Ok(named)) if (500..600).contains(&named) => {
                    Fault::Error { status: status(named, 500)? }
                }
                _ => return Err(FaultError::UnknownFault(spec.fault)),
            },
        };
        Ok(Self { fault, frequency, operation: spec.operation, after_apply: spec.after_apply })
    }
}

impl From<&FaultRule> for FaultSpec {
    fn from(rule: &FaultRule) -> Self {
        let (count, rate) = match rule.frequency {
            Frequency::Count(count) => (Some(count), None),
            Frequency::Rate(rate) => (None, Some(rate)),
        };
        let mut spec = Self {
            fault: String::new(),
            count,
            rate,
            operation: rule.operation.clone(),
            after_apply: rule.after_apply,
            status: None,
            retry_after: None,
            delay_ms: None,
        };
        spec.fault = match &rule.fault {
            Fault::Error { status } => format!("error_{status}"),
            Fault::Html { status } => {
                spec.status = Some(*status);
                "html".to_owned()
            }
            Fault::Throttle { retry_after } => {
                spec.retry_after = *retry_after;
                "throttle".to_owned()
            }
            Fault::Slow { delay } => {
                spec.delay_ms = u64::try_from(delay.as_millis()).ok();
                "slow".to_owned()
            }
            Fault::Truncate => "truncate".to_owned(),
            Fault::Drop => "drop".to_owned(),
            Fault::RefuseConnection => "refuse_connection".to_owned(),
            Fault::TokenRevoked => "token_revoked".to_owned(),
        };
        spec
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<FaultRule, FaultError> {
        FaultRule::try_from(serde_json::from_str::<FaultSpec>(json).unwrap())
    }

    #[test]
    fn every_name_parses_and_is_written_back() {
        for name in FAULT_NAMES {
            let rule =
                parse(&format!(r#"{{"fault":"{name}","count":2,"operation":"create","after_apply":true}}"#))
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
            let spec = FaultSpec::from(&rule);
            assert_eq!(&spec.fault, name);
            assert_eq!(FaultRule::try_from(spec).unwrap(), rule);
        }
        assert_eq!(parse(r#"{"fault":"error_503"}"#).unwrap().fault, Fault::Error { status: 503 });
    }

    #[test]
    fn nonsense_is_refused_with_the_known_names() {
        let text = parse(r#"{"fault":"meteor","count":1}"#).unwrap_err().to_string();
        assert!(FAULT_NAMES.iter().all(|name| text.contains(name)), "{text}");
        assert_eq!(parse(r#"{"fault":"drop","count":1,"rate":0.5}"#), Err(FaultError::BadFrequency));
        assert_eq!(parse(r#"{"fault":"drop","rate":1.5}"#), Err(FaultError::BadFrequency));
        assert_eq!(parse(r#"{"fault":"error_500","status":200}"#), Err(FaultError::BadStatus(200)));
        assert_eq!(parse(r#"{"fault":"slow","delay_ms":600001}"#), Err(FaultError::BadDelay));
        assert!(matches!(parse(r#"{"fault":"error_404"}"#), Err(FaultError::UnknownFault(_))));
    }

    #[test]
    fn counts_run_out_and_rates_follow_the_seed() {
        let mut plan = FaultPlan::new(1);
        plan.add(FaultRule::next(2, Fault::Drop).on("create"));
        assert_eq!(plan.strike("get"), None);
        assert!(plan.strike("create").is_some() && plan.strike("create").is_some());
        assert_eq!(plan.strike("create"), None);
        assert!(plan.rules().is_empty());

        let draw = |seed| {
            let mut plan = FaultPlan::new(seed);
            plan.add(FaultRule::rate(0.5, Fault::Drop));
            (0..64).map(|_| plan.strike("get").is_some()).collect::<Vec<_>>()
        };
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }

    #[test]
    fn a_revoked_token_passes_over_the_token_call() {
        let mut plan = FaultPlan::new(1);
        plan.add(FaultRule::next(1, Fault::TokenRevoked));
        assert_eq!(plan.strike("token"), None);
        assert!(plan.strike("get").is_some());
    }
}
