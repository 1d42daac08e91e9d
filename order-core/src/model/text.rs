//! Free text: what staff and customers write, and what must not reach a log.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Personal data as text. `Debug` never shows it, there is no `Display`, and reading it takes a
/// deliberate call, so that it cannot slip into a log, an error or a panic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal(String);

impl Personal {
    /// Marks a text as personal.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Text that cannot be a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidText {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Over the limit.
    #[error("the text is longer than {limit} characters")]
    TooLong {
        /// The most characters allowed.
        limit: usize,
    },
    /// Holds a control character, which could forge lines in a log or a ticket.
    #[error("the text holds a control character")]
    ControlCharacter,
}

/// A short free text of a person: trimmed, at most 500 characters, no control characters.
///
/// People write names and numbers into notes, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Note(Box<str>);

impl Note {
    /// The most characters a note may have.
    pub const MAX_CHARS: usize = 500;

    /// Trims and checks.
    ///
    /// # Errors
    /// [`InvalidText`] says which rule the text breaks.
    pub fn new(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidText::ControlCharacter);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidText::TooLong { limit: Self::MAX_CHARS });
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[note]")
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Note {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::new(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_trimmed_and_bounded() {
        assert_eq!(Note::new("  no bag  ").unwrap().as_str(), "no bag");
        assert_eq!(Note::new("   "), Err(InvalidText::Empty));
        assert_eq!(Note::new("a\u{7}b"), Err(InvalidText::ControlCharacter));
        assert!(Note::new(&"é".repeat(500)).is_ok());
        assert_eq!(Note::new(&"é".repeat(501)), Err(InvalidText::TooLong { limit: 500 }));
    }

    #[test]
    fn personal_text_does_not_show_in_debug() {
        let name = Personal::new("Ada Byron");
        assert!(!format!("{name:?}{:?}", Note::new("call Ada").unwrap()).contains("Ada"));
        assert_eq!(name.reveal(), "Ada Byron");
    }
}
