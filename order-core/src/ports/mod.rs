//! The seams: traits that adapters implement and the flow is written against.
//!
//! Nothing in the library crates reads a clock, draws randomness, opens a socket or touches a file except
//! through one of these.

mod catalog;
mod clock;
mod ids;
mod notifier;
mod pos;
mod pos_error;
mod reading;
mod store;

pub use crate::model::{Capabilities, Repeat, StatusSet};
pub use catalog::{Catalog, CatalogError, Listing, ProductPage, ProductSource, Sku};
pub use clock::Clock;
#[cfg(feature = "system")]
pub use clock::SystemClock;
pub use ids::IdSource;
#[cfg(feature = "system")]
pub use ids::SystemIds;
pub use notifier::{Delivery, Message, Notifier, NotifyError};
pub use pos::{
    Coupon, CustomerQuery, LimitUse, NewCustomer, PosCustomer, PosCustomers, PosLine, PosOrder,
    PosOrderClient, PosQuote, PosSnapshot, Probe, Resolution,
};
pub use pos_error::{PosError, PosErrorBuilder, PosErrorKind, RetryClass};
pub use reading::{Backlog, Cursor, OrderPage, OrderQuery, OrderSearch, Sort};
pub use store::{
    Claim, Claimed, Commit, Committed, EffectId, Hold, Holds, IdempotencyKey, NewEffect, OrderStore,
    Position, Recorded, Settle, Settlement, Slot, Standing, StandingQuery, StoreError, Submission, Ties,
};
