//! What can go wrong between us and a POS, and the one question that decides what to do about it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::model::{PosProblem, VendorLabel};

/// What happened. Flat, and open to new kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PosErrorKind {
    /// The client is set up wrongly.
    Config,
    /// This POS, or this set-up of it, has no such call. Found before any I/O.
    Unsupported,
    /// The credentials were refused.
    Unauthorized,
    /// The credentials are good, the right is missing.
    Forbidden,
    /// The POS could not be reached.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The connection broke, or the POS failed with an error of its own.
    Unavailable,
    /// The POS, or our own limit, asks to slow down.
    Throttled,
    /// We do not call this POS for the moment because it kept failing.
    BreakerOpen,
    /// The POS found the request malformed.
    InvalidRequest,
    /// A product is not known there, or not sold.
    UnknownProduct,
    /// There is not enough of a product.
    OutOfStock,
    /// A purchase limit stands against it.
    LimitExceeded,
    /// The customer is not known, banned, or several fit.
    Customer,
    /// The order exists already.
    Duplicate,
    /// The order's state there does not allow it.
    WrongState,
    /// No such order, customer or product.
    NotFound,
    /// The POS refused for a reason it does not explain in a way we know.
    Refused,
    /// The answer could not be understood.
    BadAnswer,
    /// The answer is about another order, or not what was asked for.
    Mismatch,
}

impl PosErrorKind {
    /// The word for logs, figures and the order's timeline.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Unsupported => "unsupported",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Throttled => "throttled",
            Self::BreakerOpen => "breaker_open",
            Self::InvalidRequest => "invalid_request",
            Self::UnknownProduct => "unknown_product",
            Self::OutOfStock => "out_of_stock",
            Self::LimitExceeded => "limit_exceeded",
            Self::Customer => "customer",
            Self::Duplicate => "duplicate",
            Self::WrongState => "wrong_state",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::BadAnswer => "bad_answer",
            Self::Mismatch => "mismatch",
        }
    }
}

/// Whether the call may have taken effect, and so whether it may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryClass {
    /// It provably had no effect there: repeat it later.
    NotSent,
    /// The POS asks to wait, and did nothing: repeat it after that.
    Throttled {
        /// How long, when it said so.
        after: Option<Duration>,
    },
    /// The POS read it and said no: a repeat will meet the same answer.
    Refused,
    /// The credentials were refused, also after renewing them: a person must mend them.
    Unauthorized,
    /// It may have taken effect: look before anything is repeated.
    Ambiguous,
    /// There is no such call: no repeat will help.
    Unsupported,
}

/// A failed call to a POS. Carries no secret and no personal data.
#[derive(Clone)]
pub struct PosError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: PosErrorKind,
    retry: RetryClass,
    vendor: VendorLabel,
    operation: &'static str,
    http_status: Option<u16>,
    vendor_code: Option<String>,
    request_id: Option<String>,
    detail: Cow<'static, str>,
    excerpt: Option<String>,
}

impl PosError {
    /// The longest excerpt of an answer that is kept, in characters.
    pub const MAX_EXCERPT: usize = 300;

    /// Begins an error of this kind; `detail` is one sentence for staff and logs.
    pub fn build(
        vendor: VendorLabel,
        operation: &'static str,
        kind: PosErrorKind,
        retry: RetryClass,
        detail: impl Into<Cow<'static, str>>,
    ) -> PosErrorBuilder {
        PosErrorBuilder(Inner {
            kind,
            retry,
            vendor,
            operation,
            http_status: None,
            vendor_code: None,
            request_id: None,
            detail: detail.into(),
            excerpt: None,
        })
    }

    /// This POS has no such call.
    pub fn unsupported(vendor: VendorLabel, operation: &'static str, detail: &'static str) -> Self {
        Self::build(vendor, operation, PosErrorKind::Unsupported, RetryClass::Unsupported, detail).finish()
    }

    /// What happened.
    pub fn kind(&self) -> PosErrorKind {
        self.0.kind
    }

    /// Whether and how it may be repeated.
    pub fn retry(&self) -> RetryClass {
        self.0.retry
    }

    /// The same failure under another retry class, for a caller that knows more than the transport:
    /// a failed look-up before a create, for one, leaves the create unsent.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryClass) -> Self {
        self.0.retry = retry;
        self
    }

    /// Which POS.
    pub fn vendor(&self) -> &VendorLabel {
        &self.0.vendor
    }

    /// Which call.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The HTTP status, when there was an answer.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The vendor's own code, verbatim.
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.vendor_code.as_deref()
    }

    /// The vendor's id of the request, to quote to its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// One sentence.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The beginning of the answer, redacted.
    pub fn excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// Whether another try can help without a person.
    pub fn is_transient(&self) -> bool {
        matches!(self.0.retry, RetryClass::NotSent | RetryClass::Throttled { .. } | RetryClass::Ambiguous)
    }

    /// As an order's timeline keeps it.
    pub fn problem(&self) -> PosProblem {
        PosProblem {
            kind: self.0.kind.as_str().to_owned(),
            vendor_code: self.0.vendor_code.clone(),
            detail: self.0.detail.clone().into_owned(),
        }
    }
}

impl fmt::Display for PosError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { vendor, operation, detail, .. } = &*self.0;
        write!(f, "{vendor} {operation}: {detail}")?;
        if let Some(status) = self.0.http_status {
            write!(f, " (HTTP {status})")?;
        }
        if let Some(code) = &self.0.vendor_code {
            write!(f, " [{code}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PosError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PosError")
            .field("kind", &self.0.kind)
            .field("retry", &self.0.retry)
            .field("vendor", &self.0.vendor.as_str())
            .field("operation", &self.0.operation)
            .field("http_status", &self.0.http_status)
            .field("vendor_code", &self.0.vendor_code)
            .field("request_id", &self.0.request_id)
            .field("detail", &self.0.detail)
            .field("excerpt", &self.0.excerpt)
            .finish()
    }
}

impl std::error::Error for PosError {}

/// Puts a [`PosError`] together.
#[must_use]
pub struct PosErrorBuilder(Inner);

impl fmt::Debug for PosErrorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PosErrorBuilder").field("kind", &self.0.kind).finish_non_exhaustive()
    }
}

impl PosErrorBuilder {
    /// The HTTP status of the answer.
    pub fn http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// The vendor's own code.
    pub fn vendor_code(mut self, code: impl Into<String>) -> Self {
        self.0.vendor_code = Some(clip(code.into(), 100));
        self
    }

    /// The vendor's id of the request.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(clip(id.into(), 100));
        self
    }

    /// The beginning of the answer; the caller has redacted it.
    pub fn excerpt(mut self, excerpt: impl Into<String>) -> Self {
        self.0.excerpt = Some(clip(excerpt.into(), PosError::MAX_EXCERPT));
        self
    }

    /// The error.
    pub fn finish(self) -> PosError {
        PosError(Box::new(self.0))
    }
}

fn clip(text: String, most: usize) -> String {
    if text.chars().count() <= most { text } else { text.chars().take(most).chain(['…']).collect() }
}
