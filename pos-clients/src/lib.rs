//! Clients for the point-of-sale systems of dispensaries, each usable alone, each with a simulator.
//!
//! A client implements [`PosOrderClient`](order_core::ports::PosOrderClient) and says in its
//! [`Capabilities`](order_core::model::Capabilities) what its POS can do. One feature enables one vendor; with
//! `sim` comes its simulator, with `sim-server` a socket for it.
//!
//! ```no_run
//! # #[cfg(all(feature = "treez", feature = "reqwest"))]
//! # async fn run(order: order_core::ports::PosOrder) -> Result<(), Box<dyn std::error::Error>> {
//! use order_core::ports::PosOrderClient;
//! use pos_clients::treez::{Treez, TreezConfig};
//!
//! let treez = Treez::new(TreezConfig::new("green-oak", "client-id", "api-key"))?;
//! treez.check().await?;
//! let quote = treez.quote(&order).await?;
//! let created = treez.create(&order).await?;
//! # let _ = (quote, created);
//! # Ok(())
//! # }
//! ```
//!
//! An error tells above all whether the call may have taken effect: see
//! [`RetryClass`](order_core::ports::RetryClass). A create that ended
//! [`Ambiguous`](order_core::ports::RetryClass::Ambiguous) is looked for with `resolve` before anything is repeated.
//!
//! [`transport`] says what stands around every call: deadlines, repeats, the breaker, the limit of calls a second, and
//! what is logged and (with the feature `metrics`) counted.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "sim")]
pub mod sim;
pub mod transport;
#[cfg(feature = "treez")]
pub mod treez;
