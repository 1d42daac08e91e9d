//! Treez (SellTreez).

#[cfg(feature = "sim")]
pub mod sim;
