//! Both stores keep every promise of the ports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::Scratch;
use order_store::MemoryStore;

order_store::conformance!(memory, || async { MemoryStore::new() });
order_store::conformance!(sqlite, Scratch::new);
