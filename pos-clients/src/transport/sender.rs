//! The HTTP seam: whoever can turn a request into a response can carry a POS client.
//!
//! Production uses reqwest; tests and the simulation plug a
//! simulator in directly, so that the real wire code runs without a socket.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;

/// How one try is bounded. All three are enforced by the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TryLimits {
    /// Longest wait from the first byte sent to the last byte read.
    pub timeout: Duration,
    /// Largest answer body accepted, in bytes after decompression.
    pub max_body: usize,
}

impl Default for TryLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(20), max_body: 8 * 1024 * 1024 }
    }
}

/// Sends one HTTP request and returns the whole answer, whatever its status.
///
/// Implementations do not retry and do not follow redirects: credentials must never travel to
/// another host.
#[async_trait]
pub trait HttpSender: Send + Sync + Debug {
    /// Sends `request`; an `Err` means that no complete answer was read.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: TryLimits,
    ) -> Result<http::Response<Bytes>, SendError>;
}

/// Why no answer was read, split by the one question that matters: can the vendor have seen the request?
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SendError {
    /// The request provably never left: name lookup, connect or TLS handshake failed.
    #[error("the request was not sent: {0}")]
    NotSent(String),
    /// The answer did not come in time; the vendor may have acted.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The connection broke after the request was under way; the vendor may have acted.
    #[error("the connection broke before the answer was complete: {0}")]
    Broken(String),
    /// The answer is larger than the limit; the vendor has acted.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit that was exceeded, in bytes.
        limit: usize,
    },
}
