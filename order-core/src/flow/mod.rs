//! The use cases: what a backend calls. Written against the ports, so it runs on any async runtime, any
//! store, any POS.
//!
//! ```text
//! submit / act ── decide ──► Commit (order + events + outbox + key + holds, one transaction)
//!                                   │
//! Worker ── claim ── call the POS or the notifier ── decide ──► Commit + settle
//! ```
//!
//! An order is durable before the POS hears of it. A worker notes that a create begins before it begins, so
//! that after a crash nobody has to guess whether one was under way.

mod act;
mod asked;
mod build;
mod compare;
mod config;
mod coupon;
mod deliver;
mod error;
mod judge;
mod menu;
mod pause;
mod quote;
mod recheck;
mod slots;
mod submit;
mod tell;
mod turn;
mod wait;
mod worker;
mod write;

pub use act::{BatchResult, PosOrderLink, Words};
pub use build::{FlowBuilder, OrderFlow, StoreSetup};
pub use compare::compare;
pub use config::FlowConfig;
pub use error::{BuildError, FlowError};
pub use menu::SyncedMenu;
pub use quote::{Quote, QuoteSource, QuotedLine};
pub use slots::PickupTime;
pub use submit::Submitted;
pub use worker::Worker;
