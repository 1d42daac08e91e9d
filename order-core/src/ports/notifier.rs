//! Telling people.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::lifecycle::LineChange;
use crate::model::{Audience, Channel, NoticeKind, Order, Store};

/// One message, with all that a template may want to say.
#[derive(Debug, Clone)]
pub struct Message {
    /// The same for every try of the same message, and for no other: receivers can drop repeats by it.
    pub key: String,
    /// About what.
    pub kind: NoticeKind,
    /// To whom.
    pub audience: Audience,
    /// The order as it stands now.
    pub order: Order,
    /// Its store.
    pub store: Arc<Store>,
    /// What changed in the lines, for [`NoticeKind::Changed`].
    pub changes: Vec<LineChange>,
    /// When it is sent.
    pub at: DateTime<Utc>,
}

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Handed on to this many addresses.
    Sent {
        /// How many.
        recipients: usize,
    },
    /// There was nobody to send it to, such as a customer without an address.
    NobodyToTell,
}

/// Why a message was not sent. Free of addresses and names.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// It may work later.
    #[error("the message could not be sent now and will be tried again: {0}")]
    Transient(String),
    /// It will not work, however often it is tried.
    #[error("the message cannot be sent: {0}")]
    Permanent(String),
}

/// Sends messages over one channel.
///
/// A message may be handed over twice when a process dies between sending and noting it; its `key` is the
/// same both times.
#[async_trait]
pub trait Notifier: Send + Sync + Debug {
    /// The channel this sends over.
    fn channel(&self) -> Channel;

    /// Sends one message.
    ///
    /// # Errors
    /// [`NotifyError`] says whether another try can help.
    async fn send(&self, message: &Message) -> Result<Delivery, NotifyError>;
}
