//! E-mail: [`Email`] puts a message together and hands it to a [`MailTransport`]: [`Smtp`] or [`EmlFolder`].
//!
//! A message is one mail whose `To` lists everybody of its audience; each of them gets it in an envelope of
//! their own. So one mailbox that is full or gone does not keep the mail from the others, and a message tried
//! again goes only to those who did not get it yet, as long as the process lives. `Message-ID`, `Date`,
//! boundaries and thus all bytes follow from the message alone, so that what arrives twice is seen to be the
//! same.

mod compose;
mod config;
mod folder;
mod smtp;
mod transport;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::Address;
use lettre::message::Mailbox;
use order_core::model::{Channel, Personal, StoreId};
use order_core::ports::{Delivery, Message, Notifier, NotifyError};
use thiserror::Error;

use crate::recipients::recipients;
use crate::template::{TemplateError, Templates};

pub use config::{EmailConfig, EmailConfigError, SmtpConfig};
pub use folder::EmlFolder;
pub use smtp::{Smtp, SmtpBuilder, SmtpError, SmtpTls};
pub use transport::{MailEnvelope, MailTransport};

/// How long one message may take over all its recipients, unless told otherwise.
const DEADLINE: Duration = Duration::from_secs(60);

/// How many half-sent messages are remembered.
const REMEMBERED: usize = 256;

/// An [`Email`] that cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmailError {
    /// The sender is no address.
    #[error("`from` is not a mail address: write it as shop@example.com or Shop <shop@example.com>")]
    From,
    /// The address for answers is none.
    #[error("`reply_to` is not a mail address: write it as shop@example.com or Shop <shop@example.com>")]
    ReplyTo,
    /// There is no way for mail to leave.
    #[error("no transport: give the builder an Smtp or an EmlFolder")]
    NoTransport,
    /// The templates cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Sends messages as e-mail. Needs a tokio runtime with time (and I/O, for [`Smtp`]) when it sends.
pub struct Email {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    transport: Arc<dyn MailTransport>,
    templates: Templates,
    store_templates: BTreeMap<StoreId, Templates>,
    deadline: Duration,
    half_sent: HalfSent,
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("transport", &self.transport)
            .field("templates", &self.templates)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// Collects what [`Email`] needs.
#[derive(Debug)]
pub struct EmailBuilder {
    from: Personal,
    reply_to: Option<Personal>,
    transport: Option<Arc<dyn MailTransport>>,
    templates: Option<Templates>,
    store_templates: BTreeMap<StoreId, Templates>,
    deadline: Duration,
}

impl Email {
    /// Starts with the sender: `shop@example.com` or `Shop <shop@example.com>`.
    pub fn builder(from: impl Into<String>) -> EmailBuilder {
        EmailBuilder {
            from: Personal::new(from),
            reply_to: None,
            transport: None,
            templates: None,
            store_templates: BTreeMap::new(),
            deadline: DEADLINE,
        }
    }

    fn templates(&self, store: &StoreId) -> &Templates {
        self.store_templates.get(store).unwrap_or(&self.templates)
    }
}

impl EmailBuilder {
    /// Where answers go, when not to the sender.
    #[must_use]
    pub fn reply_to(mut self, address: impl Into<String>) -> Self {
        self.reply_to = Some(Personal::new(address));
        self
    }

    /// How mail leaves.
    #[must_use]
    pub fn transport(mut self, transport: impl MailTransport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The templates of every store that has none of its own; those of the crate when not given.
    #[must_use]
    pub fn templates(mut self, templates: Templates) -> Self {
        self.templates = Some(templates);
        self
    }

    /// The templates of one store.
    #[must_use]
    pub fn store_templates(mut self, store: StoreId, templates: Templates) -> Self {
        self.store_templates.insert(store, templates);
        self
    }

    /// How long one message may take over all its recipients; a minute when not given. Keep it below the time
    /// for which the outbox reserves a message, or a second worker sends it, too.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`EmailError`] says what is missing or wrong.
    pub fn build(self) -> Result<Email, EmailError> {
        let reply_to = self.reply_to.map(|text| mailbox(&text).ok_or(EmailError::ReplyTo)).transpose()?;
        Ok(Email {
            from: mailbox(&self.from).ok_or(EmailError::From)?,
            reply_to,
            transport: self.transport.ok_or(EmailError::NoTransport)?,
            templates: match self.templates {
                Some(templates) => templates,
                None => Templates::new()?,
            },
            store_templates: self.store_templates,
            deadline: self.deadline,
            half_sent: HalfSent::default(),
        })
    }
}

/// A sender. Control characters are refused here, so that none can reach a header, and so are letters beyond
/// ASCII in the address itself, which many servers do not take; a domain has its `xn--` form for that.
fn mailbox(text: &Personal) -> Option<Mailbox> {
    let text = text.reveal();
    if text.chars().any(char::is_control) {
        return None;
    }
    text.parse().ok().filter(|mailbox: &Mailbox| (mailbox.email.as_ref() as &str).is_ascii())
}

#[async_trait]
impl Notifier for Email {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    /// A recipient whose address is none, or whom the server refuses for good, counts as refused. The message
    /// is sent when anybody got it and nobody can still get it; [`NotifyError::Permanent`] means that nobody did.
    async fn send(&self, message: &Message) -> Result<Delivery, NotifyError> {
        let listed = recipients(message);
        if listed.is_empty() {
            return Ok(Delivery::NobodyToTell);
        }
        let addresses: Vec<Address> =
            listed.iter().filter_map(|listed| listed.reveal().parse().ok()).collect();
        if addresses.is_empty() {
            return Err(NotifyError::Permanent(
                "the address on record is not a mail address; correct it".to_owned(),
            ));
        }
        let rendered = self
            .templates(&message.store.id)
            .render(message)
            .map_err(|error| NotifyError::Permanent(error.to_string()))?;
        let mail = compose::compose(&self.from, self.reply_to.as_ref(), &addresses, message, rendered)?;
        let refused = listed.len() - addresses.len();
        let round = self.round(message, &addresses, &mail, refused);
        match tokio::time::timeout(self.deadline, round).await {
            Ok(result) => result,
            Err(_) => Err(NotifyError::Transient("sending took too long".to_owned())),
        }
    }
}

impl Email {
    /// Hands the mail to everybody who does not have it yet.
    async fn round(
        &self,
        message: &Message,
        addresses: &[Address],
        mail: &[u8],
        mut refused: usize,
    ) -> Result<Delivery, NotifyError> {
        let key = &message.key;
        let had_it = self.half_sent.of(key);
        let mut reached = 0;
        let (mut later, mut never) = (None, None);
        for address in addresses {
            if had_it.iter().any(|had| had.reveal() == address.as_ref() as &str) {
                reached += 1;
                continue;
            }
            let envelope = MailEnvelope {
                key: key.clone(),
                audience: message.audience,
                from: self.from.email.to_string(),
                to: Personal::new(address.as_ref() as &str),
            };
            match self.transport.deliver(&envelope, mail).await {
                Ok(()) => {
                    reached += 1;
                    self.half_sent.add(key, envelope.to);
                }
                Err(error @ NotifyError::Permanent(_)) => {
                    refused += 1;
                    never = Some(error);
                }
                Err(error) => later = Some(error),
            }
        }
        if let Some(error) = later {
            return Err(error);
        }
        self.half_sent.forget(key);
        match never {
            Some(error) if reached == 0 => Err(error),
            _ => {
                if refused > 0 {
                    tracing::warn!(%key, refused, reached, "a mail was refused for some of its recipients");
                }
                Ok(Delivery::Sent { recipients: reached })
            }
        }
    }
}

/// Who already got a message that others are still to get. Bounded; forgotten with the process, after which
/// the stable `Message-ID` is what tells a repeat.
#[derive(Default)]
struct HalfSent(Mutex<VecDeque<(String, Vec<Personal>)>>);

impl HalfSent {
    fn of(&self, key: &str) -> Vec<Personal> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|(known, _)| known == key).map(|(_, had)| had.clone()).unwrap_or_default()
    }

    fn add(&self, key: &str, address: Personal) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, had)) = entries.iter_mut().find(|(known, _)| known == key) {
            had.push(address);
            return;
        }
        if entries.len() >= REMEMBERED {
            entries.pop_front();
        }
        entries.push_back((key.to_owned(), vec![address]));
    }

    fn forget(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| known != key);
    }
}
