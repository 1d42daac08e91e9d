//! Shared parts of the example hosts: the demo data, and the simulated POS of every vendor over it.

mod demo;
mod simulators;

pub use demo::{DemoCustomer, DemoData, DemoError, DemoItem, DemoOrder, NewCustomer};
pub use simulators::{DemoSimulator, TREEZ_API_KEY, TREEZ_CLIENT_ID, simulators, treez_config};
