//! What must be refused: bad orders, bad requests, wrong callers, wrong settings. Nothing of it may be stored,
//! and the host must live on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod command_line;
mod orders;
mod privacy;
mod requests;
mod rights;
mod tokens;
