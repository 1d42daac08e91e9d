//! The order of a dispensary kiosk: what it is, how it changes, who may change it, and the flow that takes it
//! into the store's point-of-sale system exactly once.
//!
//! | module | what it holds |
//! |---|---|
//! | [`model`] | the nouns; an [`Order`](model::Order) on four independent axes |
//! | [`lifecycle`] | the transition table as data, [`decide`](lifecycle::decide) and [`apply`](lifecycle::apply) |
//! | [`rules`] | what a draft must be; every problem at once, a code and a path each |
//! | [`access`] | roles, scope, and who may do what |
//! | [`ports`] | the traits that adapters implement |
//! | [`flow`] | the use cases over the ports: submit, act, amend, batch, quote; deliver, follow, notify |
//!
//! Nothing here does I/O, reads a clock or draws randomness: all of that comes in through [`ports`].
//!
//! A decision is pure. It gives events, which make the next snapshot, and effects, which are done later from
//! the outbox:
//!
//! ```
//! # #[cfg(feature = "testkit")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use order_core::access::Role;
//! use order_core::lifecycle::{Action, Command, Context, apply, decide};
//! use order_core::model::{Policy, ReasonCode, Status};
//! use order_core::testkit;
//!
//! let mut order = testkit::order(2, chrono::DateTime::UNIX_EPOCH)?;
//! let policy = Policy::default();
//! let kiosk = testkit::actor(Role::Kiosk);
//! let context = Context { at: order.updated_at, actor: &kiosk, policy: &policy, pos: None };
//!
//! let cancel = Command::new(Action::Cancel).on(order.version).because(ReasonCode::CustomerRequest);
//! let decision = decide(&order, &cancel, &context)?;
//! for event in &decision.events {
//!     apply(&mut order, event)?;
//! }
//! assert_eq!(order.status, Status::Canceled);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "testkit"))]
//! # fn main() {}
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod access;
pub mod flow;
pub mod lifecycle;
pub mod model;
pub mod ports;
pub mod rules;
#[cfg(feature = "testkit")]
pub mod testkit;
