//! order-notify
