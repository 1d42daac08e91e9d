//! Clients for the point-of-sale systems of dispensaries.

#[cfg(feature = "sim")]
pub mod sim;
pub mod transport;
#[cfg(feature = "treez")]
pub mod treez;
