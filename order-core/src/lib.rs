//! The order of a dispensary kiosk.

pub mod access;
pub mod lifecycle;
pub mod model;
pub mod ports;
