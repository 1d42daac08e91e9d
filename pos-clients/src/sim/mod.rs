//! Simulators of the vendors: plain state machines that take a request and return a response.
//!
//! A simulator owns no socket, no clock and no source of randomness. A [`SimHandle`] adds the clock and the
//! planned faults; [`SimSender`] then plugs it under a real client without a socket, and `serve` (feature
//! `sim-server`) puts the very same handle on a port.

mod fault;
mod handle;
mod random;
pub mod seed;
mod sender;
#[cfg(feature = "sim-server")]
mod server;

use std::fmt::Debug;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use fault::{FAULT_NAMES, Fault, FaultError, FaultPlan, FaultRule, FaultSpec, Frequency, Strike};
pub use handle::{Outcome, SimClock, SimHandle};
pub use random::SimRandom;
pub use sender::SimSender;
#[cfg(feature = "sim-server")]
pub use server::serve;

/// A vendor's documented behaviour as a state machine.
///
/// Everything it does follows from its construction, the requests, the staff actions and the times it is given:
/// the same sequence always yields the same answers.
pub trait Simulator: Send + Debug {
    /// Answers one request as the vendor would at `now`. Never fails: whatever is wrong with the request is
    /// answered the vendor's way.
    fn handle(&mut self, request: http::Request<Bytes>, now: DateTime<Utc>) -> http::Response<Bytes>;

    /// What the POS holds, oldest first.
    fn orders(&self) -> Vec<SimOrder>;

    /// Lets the store's staff act at the register.
    ///
    /// `order` is the POS's own id or its number; `action` one of [`Simulator::staff_actions`].
    ///
    /// # Errors
    ///
    /// [`SimError`] when there is no such order or action, or when the register would not allow it now.
    fn staff(&mut self, order: &str, action: &str, now: DateTime<Utc>) -> Result<(), SimError>;

    /// The actions [`Simulator::staff`] knows.
    fn staff_actions(&self) -> &'static [&'static str];

    /// The name of the operation a request asks for, one of [`Simulator::operations`]. Faults are aimed by it.
    fn operation(&self, request: &http::Request<Bytes>) -> &'static str;

    /// Every name [`Simulator::operation`] can return.
    fn operations(&self) -> &'static [&'static str];

    /// Makes every credential handed out so far worthless, as if the vendor had revoked it.
    fn revoke_tokens(&mut self);
}

/// The operation that hands out credentials; [`Fault::TokenRevoked`] leaves it alone unless aimed at it.
pub const TOKEN_OPERATION: &str = "token";

/// An order as a POS holds it, in one shape for all vendors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimOrder {
    /// The POS's own id.
    pub id: String,
    /// The number the integrator gave the order, where it gave one.
    pub reference: Option<String>,
    /// The vendor's own status word.
    pub status: String,
    /// What the customer owes, in the store's currency, as a decimal string.
    pub total: String,
    /// What was ordered.
    pub lines: Vec<SimLine>,
}

/// One line of a [`SimOrder`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimLine {
    /// The sellable id.
    pub product_id: String,
    /// Whole units.
    pub quantity: u32,
}

/// Why the staff could not act.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SimError {
    /// The POS holds no order with this id or number.
    #[error("no order {0}")]
    NoSuchOrder(String),
    /// The register has no such action.
    #[error("no action {action}; known: {}", known.join(", "))]
    UnknownAction {
        /// What was asked for.
        action: String,
        /// What there is.
        known: &'static [&'static str],
    },
    /// The action exists, but not for this order as it is now.
    #[error("not possible now: {0}")]
    NotAllowed(String),
}
