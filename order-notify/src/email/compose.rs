//! A rendered message as the bytes of a mail.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message as Mail};
use order_core::ports::{Message, NotifyError};
use sha2::{Digest, Sha256};

use crate::template::{Rendered, in_range};

/// The most characters of a key in a header.
const LONGEST_KEY: usize = 200;

macro_rules! text_header {
    ($type:ident, $name:literal) => {
        #[derive(Clone)]
        struct $type(String);

        impl Header for $type {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

text_header!(AutoSubmitted, "Auto-Submitted");
text_header!(EventKey, "X-Order-Event-Key");

/// The key as hexadecimal digits: fit for an id, a boundary or a file name, whatever the key holds.
pub(super) fn digest(key: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(key.as_bytes()).iter().take(16).fold(String::with_capacity(32), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The mail. Made of nothing but its input, so that every try of a message has the same bytes.
pub(super) fn compose(
    from: &Mailbox,
    reply_to: Option<&Mailbox>,
    to: &[Address],
    message: &Message,
    rendered: Rendered,
) -> Result<Vec<u8>, NotifyError> {
    let digest = digest(&message.key);
    let seconds = u64::try_from(in_range(message.at).timestamp()).unwrap_or_default();
    let key = message.key.chars().filter(char::is_ascii_graphic).take(LONGEST_KEY).collect();
    let mut builder = Mail::builder()
        .from(from.clone())
        .subject(rendered.subject)
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(format!("<{digest}@{}>", from.email.domain())))
        .header(AutoSubmitted("auto-generated".to_owned()))
        .header(EventKey(key));
    if let Some(reply_to) = reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    for address in to {
        builder = builder.to(Mailbox::new(None, address.clone()));
    }
    // "=_" occurs in no quoted-printable text, so no line of an order can be taken for the boundary.
    let parts = MultiPart::alternative()
        .boundary(format!("=_{digest}"))
        .singlepart(part(ContentType::TEXT_PLAIN, rendered.text)?)
        .singlepart(part(ContentType::TEXT_HTML, rendered.html)?);
    let mail = builder.multipart(parts).map_err(|_| unfit())?;
    Ok(mail.formatted())
}

fn part(content_type: ContentType, text: String) -> Result<SinglePart, NotifyError> {
    let body =
        Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable).map_err(|_| unfit())?;
    Ok(SinglePart::builder().header(content_type).body(body))
}

fn unfit() -> NotifyError {
    NotifyError::Permanent("the mail could not be put together from its parts".to_owned())
}
