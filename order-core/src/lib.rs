//! The order of a dispensary kiosk.

pub mod access;
pub mod flow;
pub mod lifecycle;
pub mod model;
pub mod ports;
pub mod rules;
#[cfg(feature = "testkit")]
pub mod testkit;
