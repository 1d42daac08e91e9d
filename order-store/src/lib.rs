//! Where orders are kept.
//!
//! Two implementations of the ports [`OrderStore`](order_core::ports::OrderStore) and
//! [`OrderSearch`](order_core::ports::OrderSearch), and the suite that any third one must pass:
//!
//! * [`sqlite`] (feature `sqlite`, on by default): one file, durable when a call returns;
//! * [`memory`] (feature `memory`): for tests and simulations, deterministic, nothing survives it;
//! * [`testkit`] (feature `testkit`): the promises of the ports as named cases, with
//!   [`conformance!`] to run them on a store of one's own.
//!
//! Moments are kept to the microsecond wherever a store compares or sorts by them; snapshots and events
//! come back exactly as they were given.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(any(feature = "memory", feature = "sqlite"))]
mod shared;

#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(feature = "testkit")]
pub mod testkit;

#[cfg(feature = "memory")]
pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{OpenError, SqliteOptions, SqliteStore};

/// Has the examples of the README compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
