//! The client itself: credentials, requests, answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use http::{HeaderValue, Method, Request, StatusCode, header};
use order_core::model::VendorLabel;
use order_core::ports::{PosError, PosErrorKind, RetryClass};
use rust_decimal::prelude::ToPrimitive;
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::config::{TokenPrefix, TreezConfig, TreezConfigError};
use super::map::{complaint, read_envelope, read_time};
use super::wire::{Bare, Envelope, TokenAnswer};
use crate::transport::{
    Answer, BreakerState, Call, Complaint, Token, TokenBucket, TokenCache, Transport, TransportParts,
    encode_segment,
};

/// A token lives two hours (Treez 2a).
const TOKEN_LIFE: TimeDelta = TimeDelta::hours(2);
/// How long before its end it is renewed; in the field one to five minutes (Treez 2a).
const TOKEN_MARGIN: Duration = Duration::from_secs(180);

/// One store's Treez: orders, customers and products.
///
/// Cheap to share behind an `Arc`; keep one per store, because it holds the token, which Treez wants
/// re-used, and the limit of calls a second.
pub struct Treez {
    pub(super) config: TreezConfig,
    pub(super) vendor: VendorLabel,
    base: String,
    client_id: HeaderValue,
    transport: Transport,
    tokens: TokenCache,
}

/// A request below the base address.
pub(super) struct Ask {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Vec<u8>>,
    pub(super) safe: bool,
    pub(super) hidden: Vec<String>,
}

impl Ask {
    /// A read of this path.
    pub(super) const fn get(operation: &'static str, path: String) -> Self {
        Self { operation, method: Method::GET, path, body: None, safe: true, hidden: Vec::new() }
    }

    /// Names what the call carries and no error may show.
    pub(super) fn hiding(mut self, hidden: Vec<String>) -> Self {
        self.hidden = hidden;
        self
    }
}

impl Treez {
    /// The label this vendor goes by.
    pub const LABEL: &'static str = "treez";

    /// A client over the network, with the machine's clock.
    ///
    /// # Errors
    /// [`TreezConfigError`] when a setting is wrong or the HTTP client cannot be set up.
    #[cfg(feature = "reqwest")]
    pub fn new(config: TreezConfig) -> Result<Self, TreezConfigError> {
        use crate::transport::ReqwestSender;
        let sender = ReqwestSender::new(ReqwestSender::CONNECT_TIMEOUT)
            .map_err(|error| TreezConfigError::Sender(error.to_string()))?;
        Self::with(config, TransportParts::system(Arc::new(sender)))
    }

    /// A client on other seams: a test's, a simulation's, or a host's own.
    ///
    /// # Errors
    /// [`TreezConfigError`] when a setting is wrong.
    pub fn with(config: TreezConfig, parts: TransportParts) -> Result<Self, TreezConfigError> {
        config.validate()?;
        let vendor = VendorLabel::new(Self::LABEL).map_err(|_| TreezConfigError::Empty("vendor label"))?;
        let mut client_id = HeaderValue::from_str(config.client_id.expose_secret())
            .map_err(|_| TreezConfigError::ClientId)?;
        client_id.set_sensitive(true);
        let tokens = TokenCache::new(parts.clock.clone(), TOKEN_MARGIN);
        let transport = Transport::builder(vendor.clone(), parts)
            .limits(config.limits())
            .retry(config.retry())
            .config(config.transport)
            .rate(Arc::new(TokenBucket::new(config.requests_per_second)))
            .build();
        Ok(Self { base: config.base(), config, vendor, client_id, transport, tokens })
    }

    /// Whether this store's Treez is called at present, or left alone because it kept failing.
    pub fn breaker_state(&self) -> BreakerState {
        self.transport.breaker_state()
    }

    /// Now, by the clock this client was given.
    pub(super) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.transport.clock().now()
    }

    /// An error of our own making.
    pub(super) fn fail(
        &self,
        operation: &'static str,
        kind: PosErrorKind,
        retry: RetryClass,
        detail: &'static str,
    ) -> PosError {
        PosError::build(self.vendor.clone(), operation, kind, retry, detail).finish()
    }

    /// A refusal of our own making: nothing was sent.
    pub(super) fn refuse(
        &self,
        operation: &'static str,
        kind: PosErrorKind,
        detail: &'static str,
    ) -> PosError {
        self.fail(operation, kind, RetryClass::Refused, detail)
    }

    /// A foreign text as a part of a path.
    pub(super) fn segment(&self, operation: &'static str, text: &str) -> Result<String, PosError> {
        encode_segment(text).ok_or_else(|| {
            self.refuse(
                operation,
                PosErrorKind::InvalidRequest,
                "a value is empty or only dots and cannot be asked for",
            )
        })
    }

    /// Serialises what we send.
    pub(super) fn body<T: Serialize>(&self, operation: &'static str, value: &T) -> Result<Vec<u8>, PosError> {
        serde_json::to_vec(value).map_err(|_| {
            self.refuse(operation, PosErrorKind::InvalidRequest, "the request could not be written as JSON")
        })
    }

    /// Makes a call with the token and reads the envelope of the answer.
    pub(super) async fn ask<T: DeserializeOwned + Send>(&self, ask: Ask) -> Result<Envelope<T>, PosError> {
        let ask = &ask;
        self.tokens
            .run(|| self.fetch_token(), |token| async move { self.ask_with::<T>(ask, &token).await })
            .await
    }

    async fn ask_with<T: DeserializeOwned + Send>(
        &self,
        ask: &Ask,
        token: &Token,
    ) -> Result<Envelope<T>, PosError> {
        let header_text = match self.config.token_prefix {
            TokenPrefix::Raw => token.expose().to_owned(),
            TokenPrefix::Bearer => format!("Bearer {}", token.expose()),
        };
        let mut authorization = HeaderValue::from_str(&header_text).map_err(|_| {
            self.fail(
                ask.operation,
                PosErrorKind::BadAnswer,
                RetryClass::NotSent,
                "the token the POS handed out cannot be sent in a header",
            )
        })?;
        authorization.set_sensitive(true);
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(format!("{}{}", self.base, ask.path))
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, authorization)
            .header("client_id", self.client_id.clone());
        if ask.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = self.built(ask.operation, request, ask.body.clone().unwrap_or_default().into())?;
        let call =
            if ask.safe { Call::safe(ask.operation, request) } else { Call::once(ask.operation, request) };
        let hidden = ask.hidden.iter().cloned().chain([token.expose().to_owned()]);
        self.transport.call(call.hiding(hidden).hiding(self.credentials()), read_envelope::<T>).await
    }

    fn credentials(&self) -> [String; 2] {
        [&self.config.api_key, &self.config.client_id].map(|secret| secret.expose_secret().to_owned())
    }

    fn built(
        &self,
        operation: &'static str,
        request: http::request::Builder,
        body: Bytes,
    ) -> Result<Request<Bytes>, PosError> {
        request.body(body).map_err(|_| {
            self.refuse(
                operation,
                PosErrorKind::Config,
                "base address and path do not make an address; correct them",
            )
        })
    }

    /// Fetches a token (Treez 2a). Asking twice does no harm.
    async fn fetch_token(&self) -> Result<Token, PosError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", self.config.client_id.expose_secret())
            .append_pair("apikey", self.config.api_key.expose_secret())
            .finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/config/api/gettokens", self.base))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = self.built("token", request, form.into())?;
        let asked_at = self.now();
        let read = |answer: &Answer| read_token(answer, asked_at);
        self.transport.call(Call::safe("token", request).hiding(self.credentials()), read).await
    }
}

/// The token of an answer. A failure with any status refuses the credentials; only a 404 says that there
/// is no such address.
fn read_token(answer: &Answer, asked_at: chrono::DateTime<chrono::Utc>) -> Result<Token, Complaint> {
    if answer.status == StatusCode::NOT_FOUND {
        return Err(Complaint::Refusal { kind: Some(PosErrorKind::Config), code: None, text: None });
    }
    let bare: Bare = serde_json::from_slice(&answer.body).map_err(|error| Complaint::json(&error))?;
    if !bare.result_code.is("SUCCESS") || !answer.status.is_success() {
        return Err(match complaint(answer.status, &bare) {
            Complaint::Refusal { code, text, .. } => Complaint::Credentials { code, text },
            other => other,
        });
    }
    let seen: TokenAnswer = serde_json::from_slice(&answer.body).map_err(|error| Complaint::json(&error))?;
    let secret = seen
        .access_token
        .0
        .ok_or_else(|| Complaint::Unreadable { why: "it has no access_token".to_owned() })?;
    // Seconds from our own clock first: they do not depend on the two clocks agreeing.
    let seconds = seen.expires_in.0.and_then(|seconds| seconds.to_i64()).filter(|seconds| *seconds > 0);
    let expires_at = seconds
        .and_then(TimeDelta::try_seconds)
        .and_then(|life| asked_at.checked_add_signed(life))
        .or_else(|| read_time(&seen.expires_at).filter(|end| *end > asked_at))
        .unwrap_or(asked_at + TOKEN_LIFE);
    Ok(Token::new(secret.into(), asked_at, expires_at))
}

impl fmt::Debug for Treez {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Treez").field("config", &self.config).finish_non_exhaustive()
    }
}
