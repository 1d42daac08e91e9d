//! order-store
