//! From what happened on the wire to the one question that counts: may the call have taken effect?

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::StatusCode;
use order_core::model::VendorLabel;
use order_core::ports::{PosError, PosErrorBuilder, PosErrorKind, RetryClass};

use super::{Answer, SendError, redact, retry_after};

/// What a vendor client has to say against an answer it was given to read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Complaint {
    /// The vendor says no, in its own words.
    Refusal {
        /// What kind of no, where the vendor's words tell.
        kind: Option<PosErrorKind>,
        /// The vendor's code, verbatim.
        code: Option<String>,
        /// The vendor's explanation; it is redacted before it is shown.
        text: Option<String>,
    },
    /// The vendor does not accept the credentials, whatever HTTP status it says so with.
    Credentials {
        /// The vendor's code, verbatim.
        code: Option<String>,
        /// The vendor's explanation; it is redacted before it is shown.
        text: Option<String>,
    },
    /// The answer is not what this call is answered with.
    Unreadable {
        /// Why, without repeating any of the answer.
        why: String,
    },
}

impl Complaint {
    /// An answer that is not the JSON this call is answered with. Only the place of the fault is kept,
    /// because the parser's own message repeats values.
    pub fn json(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            serde_json::error::Category::Eof => "ends early",
            serde_json::error::Category::Data => "has an unexpected shape",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "is not JSON",
        };
        let why = format!("it {what} at line {} column {}", error.line(), error.column());
        Self::Unreadable { why }
    }
}

/// A failed try: the error to report, and whether another try may follow it at once.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: PosError,
    pub(super) repeat: bool,
    pub(super) after: Option<Duration>,
}

/// Whether such a failure says that the POS is in a bad way. One that refuses, asks to wait or does not
/// accept the credentials is alive.
pub(super) const fn is_ill(kind: PosErrorKind) -> bool {
    matches!(
        kind,
        PosErrorKind::Unreachable
            | PosErrorKind::Timeout
            | PosErrorKind::Unavailable
            | PosErrorKind::BadAnswer
    )
}

/// The call that failures are judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) vendor: &'a VendorLabel,
    pub(super) operation: &'static str,
    /// Repeating the call is harmless.
    pub(super) safe: bool,
    /// What must not be shown, wherever the answer repeats it.
    pub(super) hidden: &'a [String],
}

impl Judge<'_> {
    fn build(&self, kind: PosErrorKind, retry: RetryClass, detail: String) -> PosErrorBuilder {
        PosError::build(self.vendor.clone(), self.operation, kind, retry, detail)
    }

    /// The class of a call that may have arrived.
    const fn unsure(&self) -> RetryClass {
        if self.safe { RetryClass::NotSent } else { RetryClass::Ambiguous }
    }

    fn looked_for(&self) -> &'static str {
        if self.safe {
            "it changes nothing and can be repeated"
        } else {
            "it may have taken effect: look there first"
        }
    }

    /// No place within the deadline: our own limit, nothing was sent.
    pub(super) fn too_busy(&self, wait: Duration) -> PosError {
        let detail = "our own limit of calls a second is used up; try again later".to_owned();
        self.build(PosErrorKind::Throttled, RetryClass::Throttled { after: Some(wait) }, detail).finish()
    }

    /// The breaker is open: nothing was sent.
    pub(super) fn left_alone(&self, wait: Duration) -> PosError {
        let soon = wait.as_millis().div_ceil(1000);
        let detail =
            format!("the POS kept failing and is left alone for {soon} more seconds; try again later");
        self.build(PosErrorKind::BreakerOpen, RetryClass::NotSent, detail).finish()
    }

    /// No answer was read.
    pub(super) fn unsent(&self, error: &SendError) -> Failure {
        let (kind, retry, repeat) = match error {
            SendError::NotSent(_) => (PosErrorKind::Unreachable, RetryClass::NotSent, true),
            SendError::TimedOut(_) => (PosErrorKind::Timeout, self.unsure(), self.safe),
            SendError::Broken(_) => (PosErrorKind::Unavailable, self.unsure(), self.safe),
            // The next answer will be as large.
            SendError::TooLarge { .. } => (PosErrorKind::BadAnswer, self.unsure(), false),
        };
        let happened = redact(&error.to_string(), self.hidden);
        let detail = match error {
            SendError::NotSent(_) => format!("{happened}; check address and network, then try again"),
            _ => format!("{happened}; {}", self.looked_for()),
        };
        Failure { error: self.build(kind, retry, detail).finish(), repeat, after: None }
    }

    /// An answer was read: what it means, given what the vendor client reads in it.
    pub(super) fn answered<T>(
        &self,
        answer: &Answer,
        reading: Result<T, Complaint>,
        now: DateTime<Utc>,
    ) -> Result<T, Failure> {
        let status = answer.status;
        let complaint = match reading {
            Ok(value) if status.is_success() => return Ok(value),
            Ok(_) => None,
            Err(complaint) => Some(complaint),
        };
        let after = retry_after(&answer.headers, now);
        let (kind, retry, repeat) = self.meaning(status, complaint.as_ref(), after);
        let error = self.describe(answer, complaint, kind, retry);
        Err(Failure { error, repeat, after })
    }

    fn meaning(
        &self,
        status: StatusCode,
        complaint: Option<&Complaint>,
        after: Option<Duration>,
    ) -> (PosErrorKind, RetryClass, bool) {
        let credentials = matches!(complaint, Some(Complaint::Credentials { .. }));
        let named = match complaint {
            Some(Complaint::Refusal { kind, .. }) => *kind,
            _ => None,
        };
        match status.as_u16() {
            401 => (PosErrorKind::Unauthorized, RetryClass::Unauthorized, false),
            429 => (PosErrorKind::Throttled, RetryClass::Throttled { after }, self.safe),
            200..=499 if credentials => (PosErrorKind::Unauthorized, RetryClass::Unauthorized, false),
            200..=299 if matches!(complaint, Some(Complaint::Refusal { .. })) => {
                (named.unwrap_or(PosErrorKind::Refused), RetryClass::Refused, false)
            }
            // A reading that succeeded with a success status never gets here.
            100..=299 => (PosErrorKind::BadAnswer, self.unsure(), false),
            300..=399 => (PosErrorKind::Config, RetryClass::Refused, false),
            403 => (PosErrorKind::Forbidden, RetryClass::Refused, false),
            // Given up or turned away before it was read whole, but by whom is not known.
            408 | 425 => (PosErrorKind::Timeout, self.unsure(), self.safe),
            404 | 410 => (named.unwrap_or(PosErrorKind::NotFound), RetryClass::Refused, false),
            400 | 413 | 415 | 422 => {
                (named.unwrap_or(PosErrorKind::InvalidRequest), RetryClass::Refused, false)
            }
            400..=499 => (named.unwrap_or(PosErrorKind::Refused), RetryClass::Refused, false),
            503 if self.safe && after.is_some() => {
                (PosErrorKind::Unavailable, RetryClass::Throttled { after }, true)
            }
            _ => (PosErrorKind::Unavailable, self.unsure(), self.safe),
        }
    }

    fn describe(
        &self,
        answer: &Answer,
        complaint: Option<Complaint>,
        kind: PosErrorKind,
        retry: RetryClass,
    ) -> PosError {
        let (code, text, why) = match complaint {
            Some(Complaint::Refusal { code, text, .. } | Complaint::Credentials { code, text }) => {
                (code, text, None)
            }
            Some(Complaint::Unreadable { why }) => (None, None, Some(why)),
            None => (None, None, None),
        };
        let text = text.map(|text| redact(&text, self.hidden));
        let detail = match (kind, retry) {
            (PosErrorKind::Unauthorized, _) => {
                "the POS does not accept the credentials; check them in the settings".to_owned()
            }
            (PosErrorKind::Forbidden, _) => {
                "the credentials are accepted, but the POS does not allow this call; ask it for the right"
                    .to_owned()
            }
            (PosErrorKind::Config, _) if answer.status.is_redirection() => {
                "the POS redirects to another address; credentials do not follow, so correct the base address"
                    .to_owned()
            }
            (PosErrorKind::Config, _) => {
                "there is nothing at this address; correct the base address and the store's name in it"
                    .to_owned()
            }
            (_, RetryClass::Throttled { .. }) => "the POS asks to wait; try again later".to_owned(),
            (PosErrorKind::BadAnswer, _) => match why {
                Some(why) => format!("the answer could not be read: {why}; {}", self.looked_for()),
                None => format!("the answer could not be read; {}", self.looked_for()),
            },
            (_, RetryClass::Refused) => match &text {
                Some(text) => format!("the POS refuses: {text}"),
                None => "the POS refuses".to_owned(),
            },
            _ => format!("the POS failed with an error of its own; {}", self.looked_for()),
        };
        let mut error = self.build(kind, retry, detail).http_status(answer.status.as_u16());
        if let Some(code) = code {
            error = error.vendor_code(redact(&code, self.hidden));
        }
        if let Some(id) = answer.headers.get("x-request-id").and_then(|value| value.to_str().ok()) {
            error = error.request_id(redact(id, self.hidden));
        }
        match text.or_else(|| self.excerpt(answer)) {
            Some(text) => error.excerpt(text).finish(),
            None => error.finish(),
        }
    }

    /// The beginning of an answer that is not JSON, such as a gateway's page. JSON that could not be
    /// read is not shown: it may hold a customer.
    fn excerpt(&self, answer: &Answer) -> Option<String> {
        let start = answer.body.get(..2048).unwrap_or(&answer.body);
        let text = String::from_utf8_lossy(start);
        let text = text.trim();
        let shown = !answer.status.is_success() || text.starts_with('<');
        if text.is_empty() || text.starts_with(['{', '[', '"']) || !shown {
            return None;
        }
        Some(redact(text, self.hidden))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::super::fakes::at;
    use super::*;

    fn judged(safe: bool, status: u16, body: &str, complaint: Option<Complaint>) -> PosError {
        let vendor = VendorLabel::new("acme").unwrap();
        let hidden = ["Byron".to_owned()];
        let judge = Judge { vendor: &vendor, operation: "create", safe, hidden: &hidden };
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        let reading: Result<(), _> = complaint.map_or(Ok(()), Err);
        judge.answered(&answer, reading, at("2026-03-02T10:00:00Z")).unwrap_err().error
    }

    fn refusal(kind: Option<PosErrorKind>) -> Option<Complaint> {
        Some(Complaint::Refusal {
            kind,
            code: Some("NO_STOCK".into()),
            text: Some("no stock for Byron".into()),
        })
    }

    #[test]
    fn every_status_has_its_class() {
        use PosErrorKind as K;
        use RetryClass as R;
        let throttled = R::Throttled { after: None };
        for (status, kind, safe, unsafe_) in [
            (301, K::Config, R::Refused, R::Refused),
            (400, K::InvalidRequest, R::Refused, R::Refused),
            (401, K::Unauthorized, R::Unauthorized, R::Unauthorized),
            (403, K::Forbidden, R::Refused, R::Refused),
            (404, K::NotFound, R::Refused, R::Refused),
            (408, K::Timeout, R::NotSent, R::Ambiguous),
            (418, K::Refused, R::Refused, R::Refused),
            (429, K::Throttled, throttled, throttled),
            (500, K::Unavailable, R::NotSent, R::Ambiguous),
            (503, K::Unavailable, R::NotSent, R::Ambiguous),
            (599, K::Unavailable, R::NotSent, R::Ambiguous),
        ] {
            for (is_safe, class) in [(true, safe), (false, unsafe_)] {
                let error = judged(is_safe, status, "", None);
                assert_eq!((error.kind(), error.retry()), (kind, class), "{status} {is_safe}");
                assert_eq!(error.http_status(), Some(status));
            }
        }
    }

    #[test]
    fn the_vendors_words_refine_the_kind_and_are_redacted() {
        let error = judged(false, 400, "", refusal(Some(PosErrorKind::OutOfStock)));
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::OutOfStock, RetryClass::Refused));
        assert_eq!(error.vendor_code(), Some("NO_STOCK"));
        assert!(error.detail().contains("no stock") && !format!("{error:?}{error}").contains("Byron"));
        let with_200 = judged(false, 200, "", refusal(None));
        assert_eq!((with_200.kind(), with_200.retry()), (PosErrorKind::Refused, RetryClass::Refused));
        let with_500 = judged(false, 500, "", refusal(Some(PosErrorKind::OutOfStock)));
        assert_eq!(with_500.retry(), RetryClass::Ambiguous);
    }

    #[test]
    fn an_unreadable_success_is_ambiguous_when_it_matters() {
        let unreadable = || Some(Complaint::Unreadable { why: "it ends early".into() });
        assert_eq!(judged(false, 200, "{\"a", unreadable()).retry(), RetryClass::Ambiguous);
        assert_eq!(judged(true, 200, "{\"a", unreadable()).retry(), RetryClass::NotSent);
        assert_eq!(judged(true, 200, "{\"first_name\":\"Ada", unreadable()).excerpt(), None);
        let page = judged(false, 502, "<html><title>Bad Gateway</title></html>", unreadable());
        assert_eq!(page.excerpt(), Some("Bad Gateway"));
    }

    #[test]
    fn credentials_may_be_refused_with_any_status() {
        let credentials = || Some(Complaint::Credentials { code: None, text: None });
        for status in [200, 400, 401, 403] {
            assert_eq!(judged(false, status, "", credentials()).retry(), RetryClass::Unauthorized);
        }
        assert_eq!(judged(false, 500, "", credentials()).retry(), RetryClass::Ambiguous);
    }
}
