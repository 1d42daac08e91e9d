#![doc = include_str!("docs.md")]

mod client;
mod config;
mod customers;
mod map;
mod orders;
mod products;
mod resolve;
#[cfg(feature = "sim")]
pub mod sim;
mod ticket;
mod wire;

pub use client::Treez;
pub use config::{Completion, OrderSource, TokenPrefix, TreezConfig, TreezConfigError};
