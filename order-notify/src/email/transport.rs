//! The seam between a finished mail and the way it leaves.

use std::fmt::Debug;

use async_trait::async_trait;
use order_core::model::{Audience, Personal};
use order_core::ports::NotifyError;

/// Where one copy of a mail goes. `Debug` shows no customer's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailEnvelope {
    /// The key of the message, the same for every try.
    pub key: String,
    /// For whom the message is.
    pub audience: Audience,
    /// The sender's address.
    pub from: String,
    /// The recipient's address.
    pub to: Personal,
}

/// A way for mail to leave.
///
/// Each recipient has an envelope of their own, so that one dead mailbox does not keep a mail from the others.
/// The same copy may be handed over twice; its bytes are the same both times.
#[async_trait]
pub trait MailTransport: Send + Sync + Debug {
    /// Hands one copy on.
    ///
    /// # Errors
    /// [`NotifyError`] says whether another try can help. Its text names no address.
    async fn deliver(&self, envelope: &MailEnvelope, message: &[u8]) -> Result<(), NotifyError>;
}
