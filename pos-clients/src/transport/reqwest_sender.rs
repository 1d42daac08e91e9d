//! The production sender.

use std::error::Error as _;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{HttpSender, SendError, TryLimits};

/// The HTTP client could not be set up, as a rule because the TLS back end found no root certificates.
#[derive(Debug, Error)]
#[error("the HTTP client could not be set up: {0}")]
pub struct SenderSetupError(String);

/// Sends over the network with reqwest. Follows no redirect, repeats nothing by itself, decompresses
/// nothing, and stops reading at the size limit.
#[derive(Debug, Clone)]
pub struct ReqwestSender {
    client: reqwest::Client,
}

impl ReqwestSender {
    /// How long connecting may take, TLS included, when nothing else is said.
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

    /// A sender with a connection pool of its own; clones share it.
    ///
    /// # Errors
    /// [`SenderSetupError`] when the TLS back end cannot be set up.
    pub fn new(connect_timeout: Duration) -> Result<Self, SenderSetupError> {
        let client = reqwest::Client::builder()
            .connect_timeout(connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .build()
            .map_err(|error| SenderSetupError(reason(error)))?;
        Ok(Self { client })
    }
}

/// What went wrong, without the address, which may hold an e-mail or a phone number.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

fn classify(error: reqwest::Error, limits: TryLimits) -> SendError {
    if error.is_connect() || error.is_builder() {
        SendError::NotSent(reason(error))
    } else if error.is_timeout() {
        SendError::TimedOut(limits.timeout)
    } else {
        SendError::Broken(reason(error))
    }
}

#[async_trait]
impl HttpSender for ReqwestSender {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: TryLimits,
    ) -> Result<http::Response<Bytes>, SendError> {
        let mut request = reqwest::Request::try_from(request).map_err(|error| classify(error, limits))?;
        *request.timeout_mut() = Some(limits.timeout);
        let mut response = self.client.execute(request).await.map_err(|error| classify(error, limits))?;

        let too_large = SendError::TooLarge { limit: limits.max_body };
        let announced =
            response.content_length().map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced > limits.max_body {
            return Err(too_large);
        }
        let mut body = BytesMut::with_capacity(announced);
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(error, limits))? {
            if body.len().saturating_add(chunk.len()) > limits.max_body {
                return Err(too_large);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}
