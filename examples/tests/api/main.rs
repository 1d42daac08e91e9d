//! The HTTP contract of `dispensary`, driven from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod acting;
mod reading;
mod rules;
mod shape;
