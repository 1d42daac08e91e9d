//! Clients for the point-of-sale systems of dispensaries.

pub mod transport;
#[cfg(feature = "treez")]
pub mod treez;
