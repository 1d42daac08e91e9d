//! Telling customers and staff about orders.
//!
//! [`template`] puts a [`Message`](order_core::ports::Message) into words, as a subject, plain text and HTML.
//! With the feature `email`, [`email::Email`] sends them, by SMTP or into a folder. With the feature
//! `testkit`, [`Recorder`] keeps messages for the tests of a host.
//!
//! Nothing here reads a clock: a message carries its time. Nothing here decides what is sent to whom either;
//! that is the store's settings and the flow in `order-core`.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod template;

#[cfg(any(feature = "email", feature = "testkit"))]
mod recipients;

#[cfg(feature = "email")]
pub mod email;

#[cfg(feature = "testkit")]
mod recorder;

#[cfg(feature = "testkit")]
pub use recorder::Recorder;
