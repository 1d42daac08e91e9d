//! What every vendor client shares on the way to its POS.
//!
//! A vendor client builds requests and reads answers; a [`Transport`] does everything between: rate limit,
//! deadlines, retries where they are safe, classification of failures, redaction and tracing. A
//! [`TokenCache`] keeps the credential that a vendor hands out for a while.
//!
//! # Around a try
//!
//! From the outside in: the deadline of the whole call, the repeats, the breaker, our own limit of calls a
//! second, the try with its own time limit. So every try asks the breaker, and nobody sleeps or takes a place in
//! line for a POS that is left alone. [`TransportConfig`] holds the settings and their defaults.
//!
//! - The **breaker** ([`BreakerPolicy`]) counts tries that found the POS unreachable, silent, broken or not making
//!   sense. With enough of them it opens: calls end at once in
//!   [`BreakerOpen`](order_core::ports::PosErrorKind::BreakerOpen), which is provably
//!   [not sent](order_core::ports::RetryClass::NotSent). After a while a few tries are let through, and decide.
//!   [`Transport::breaker_state`] shows how it stands. A caller who goes away before the answer counts neither way.
//! - The **retry budget** ([`BudgetPolicy`]) lets repeats be a share of the calls only. A call without budget ends in
//!   its own error.
//! - The **rate** ([`TokenBucket`]) is halved by a 429 and comes back slowly. A `Retry-After`, in seconds or as a
//!   date, holds all callers back, not only the one who was told.
//!
//! # What is told
//!
//! Each call is a `tracing` span `pos_call` with `vendor`, `operation`, `attempt` (how many tries it took), `outcome`
//! (`ok`, or the kind of the error), `http_status` and `latency_ms`. A change of the breaker is a warning.
//!
//! With the feature `metrics` the same is counted through the `metrics` facade; the host picks the exporter. All
//! labels come from small fixed sets: `vendor` is the client's label, `operation` and `outcome` are as in the span.
//!
//! | name | kind | labels | what |
//! |---|---|---|---|
//! | `pos_calls_total` | counter | `vendor`, `operation`, `outcome` | calls that ended |
//! | `pos_call_seconds` | histogram | `vendor`, `operation` | how long a call took, with all tries and waits |
//! | `pos_retries_total` | counter | `vendor`, `operation` | repeated tries |
//! | `pos_breaker_changes_total` | counter | `vendor`, `to` (`open`, `half_open`, `closed`) | changes of the breaker |
//! | `pos_throttled_total` | counter | `vendor`, `by` (`pos`, `own_limit`) | tries turned away by the POS, calls by our own limit |

mod address;
mod breaker;
mod bucket;
mod budget;
mod call;
mod classify;
mod config;
mod figures;
mod json;
mod redact;
#[cfg(feature = "reqwest")]
mod reqwest_sender;
mod retry;
mod sender;
mod token;

#[cfg(test)]
pub(crate) mod fakes;

pub use address::{AddressError, encode_segment, is_loopback, require_https};
pub use breaker::BreakerState;
pub use bucket::{TokenBucket, TooBusy};
pub use call::{Answer, Call, Transport, TransportBuilder, TransportParts};
pub use classify::Complaint;
pub use config::{BreakerPolicy, BudgetPolicy, OutOfRange, TransportConfig};
pub use json::{Literal, Number, OneOrMany};
pub use redact::redact;
#[cfg(feature = "reqwest")]
pub use reqwest_sender::{ReqwestSender, SenderSetupError};
pub use retry::{RetryPolicy, full_jitter, retry_after};
pub use sender::{HttpSender, SendError, TryLimits};
pub use token::{Token, TokenCache};
