//! The Treez simulator answers as documented, in memory and on a socket, with and without faults.
#![cfg(all(feature = "treez", feature = "sim-server", feature = "reqwest"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod customers;
mod faults;
mod products;
mod robustness;
mod socket;
mod support;
mod tickets;
mod updates;
