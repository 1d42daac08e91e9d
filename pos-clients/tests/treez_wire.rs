//! The Treez client against a server: exactly what goes over the wire, and what is made of every answer.
#![cfg(all(feature = "treez", feature = "reqwest"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "treez_wire/support.rs"]
mod support;

#[path = "treez_wire/auth.rs"]
mod auth;
#[path = "treez_wire/changes.rs"]
mod changes;
#[path = "treez_wire/customers.rs"]
mod customers;
#[path = "treez_wire/failures.rs"]
mod failures;
#[path = "treez_wire/hostile.rs"]
mod hostile;
#[path = "treez_wire/orders.rs"]
mod orders;
#[path = "treez_wire/products.rs"]
mod products;
#[path = "treez_wire/search.rs"]
mod search;
