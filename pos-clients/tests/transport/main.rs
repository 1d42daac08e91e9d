//! How a transport spares a POS that is slow, down, or asks for it; on a clock that the test moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod breaker;
mod budget;
#[cfg(feature = "metrics")]
mod figures;
mod rate;
mod support;
