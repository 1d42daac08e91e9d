//! order-core
