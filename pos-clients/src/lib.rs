//! Clients for the point-of-sale systems of dispensaries.

pub mod transport;
