//! Problem documents.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use order_core::flow::FlowError;
use order_core::lifecycle::Refusal;
use order_core::ports::StoreError;
use order_core::rules::Problems;
use serde::Serialize;

use super::views::QuoteView;

/// An answer that is not a success.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Problems>,
    /// What a basket that cannot be sold as it is would cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<Box<QuoteView>>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str) -> Self {
        Self { kind, title, status, detail: None, errors: None, quote: None }
    }

    fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The input is wrong.
    pub(crate) fn invalid(errors: Problems) -> Self {
        let problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "/problems/invalid", "The input is not valid");
        Self { errors: Some(errors), ..problem }
    }

    /// The basket cannot be sold as it is.
    pub(crate) fn of_quote(quote: QuoteView) -> Self {
        let problem = Self::invalid(quote.problems().clone());
        Self { quote: Some(Box::new(quote)), ..problem }
    }

    /// The body is not JSON.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "/problems/malformed", "The body is not valid JSON")
            .because(detail)
    }

    /// The body is too large.
    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "/problems/too-large", "The body is too large")
    }

    /// No token, or not a good one.
    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "/problems/unauthorized", "A valid bearer token is needed")
    }

    /// Nothing there, or not for this caller.
    pub(crate) fn not_found(detail: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "/problems/not-found", "Not found").because(detail)
    }

    /// The address is right, the method is not.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "/problems/method-not-allowed",
            "This address does not take that method",
        )
    }

    fn forbidden(detail: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, "/problems/forbidden", "The role has no such right").because(detail)
    }

    fn conflict(kind: &'static str, title: &'static str, detail: String) -> Self {
        Self::new(StatusCode::CONFLICT, kind, title).because(detail)
    }

    fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "/problems/unavailable", "Try again in a moment")
            .because(detail)
    }

    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "/problems/internal", "Something is broken here")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}

impl From<Problems> for Problem {
    fn from(errors: Problems) -> Self {
        Self::invalid(errors)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        FlowError::Store(error).into()
    }
}

impl From<FlowError> for Problem {
    fn from(error: FlowError) -> Self {
        let detail = error.to_string();
        match error {
            FlowError::Invalid(errors) => Self::invalid(errors),
            FlowError::Forbidden { .. } | FlowError::Refused(Refusal::Forbidden { .. }) => {
                Self::forbidden(detail)
            }
            FlowError::NoSuchOrder => Self::not_found("no such order"),
            FlowError::NoSuchStore => Self::not_found("no such store"),
            FlowError::Refused(Refusal::Stale { .. }) => {
                Self::conflict("/problems/stale-version", "The order has changed meanwhile", detail)
            }
            FlowError::Refused(_) => {
                Self::conflict("/problems/wrong-state", "The order does not allow that now", detail)
            }
            FlowError::KeyReused => {
                Self::conflict("/problems/key-reused", "The idempotency key belongs to another order", detail)
            }
            FlowError::NotOffered { .. } => {
                Self::new(StatusCode::NOT_FOUND, "/problems/not-offered", "Not offered here").because(detail)
            }
            FlowError::Contended | FlowError::Catalog(_) | FlowError::NoAnswer(_) => {
                Self::unavailable(detail)
            }
            FlowError::Store(error) if error.is_transient() => {
                tracing::error!(%error, "the order store is not available");
                Self::unavailable("the order store is not available")
            }
            error => {
                tracing::error!(%error, "a request failed");
                Self::internal()
            }
        }
    }
}
