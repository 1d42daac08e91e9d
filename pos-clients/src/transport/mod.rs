//! What every vendor client shares on the way to its POS.
//!
//! A vendor client builds requests and reads answers; a [`Transport`] does everything between: rate limit,
//! deadlines, retries where they are safe, classification of failures, redaction and tracing. A
//! [`TokenCache`] keeps the credential that a vendor hands out for a while.

mod address;
mod bucket;
mod call;
mod classify;
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
pub use bucket::{TokenBucket, TooBusy};
pub use call::{Answer, Call, Transport, TransportBuilder, TransportParts};
pub use classify::Complaint;
pub use json::{Literal, Number, OneOrMany};
pub use redact::redact;
#[cfg(feature = "reqwest")]
pub use reqwest_sender::{ReqwestSender, SenderSetupError};
pub use retry::{RetryPolicy, full_jitter, retry_after};
pub use sender::{HttpSender, SendError, TryLimits};
pub use token::{Token, TokenCache};
