//! A notifier for tests.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use order_core::model::Channel;
use order_core::ports::{Delivery, Message, Notifier, NotifyError};

use crate::recipients::recipients;

#[derive(Default)]
struct Inside {
    sent: Vec<Message>,
    failures: Vec<NotifyError>,
    tries: usize,
}

/// Records messages instead of sending them, and fails when told to.
///
/// It answers as e-mail would: [`Delivery::NobodyToTell`] where the audience has no address.
pub struct Recorder {
    channel: Channel,
    inside: Mutex<Inside>,
}

impl Recorder {
    /// A recorder that stands in for this channel.
    pub fn new(channel: Channel) -> Self {
        Self { channel, inside: Mutex::new(Inside::default()) }
    }

    /// Lets the next `times` tries fail with this error.
    pub fn fail(&self, times: usize, error: NotifyError) {
        let mut inside = self.inside();
        inside.failures.extend(std::iter::repeat_n(error, times));
    }

    /// What was sent, in order.
    pub fn sent(&self) -> Vec<Message> {
        self.inside().sent.clone()
    }

    /// The keys of what was sent, in order.
    pub fn keys(&self) -> Vec<String> {
        self.inside().sent.iter().map(|message| message.key.clone()).collect()
    }

    /// How often sending was tried, failures included.
    pub fn tries(&self) -> usize {
        self.inside().tries
    }

    /// Forgets everything, failures still due included.
    pub fn clear(&self) {
        *self.inside() = Inside::default();
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inside = self.inside();
        f.debug_struct("Recorder")
            .field("channel", &self.channel)
            .field("sent", &inside.sent.len())
            .field("failures_due", &inside.failures.len())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Notifier for Recorder {
    fn channel(&self) -> Channel {
        self.channel
    }

    async fn send(&self, message: &Message) -> Result<Delivery, NotifyError> {
        let mut inside = self.inside();
        inside.tries += 1;
        if !inside.failures.is_empty() {
            return Err(inside.failures.remove(0));
        }
        match recipients(message).len() {
            0 => Ok(Delivery::NobodyToTell),
            recipients => {
                inside.sent.push(message.clone());
                Ok(Delivery::Sent { recipients })
            }
        }
    }
}
