//! Identifiers, each a type of its own so that one cannot stand in for another.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;
use uuid::Uuid;

/// A text or number that is not a valid identifier of its kind.
///
/// The offending value is not repeated: it may be anything a client sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a valid {what}: expected {expected}")]
pub struct InvalidId {
    what: &'static str,
    expected: &'static str,
}

impl InvalidId {
    pub(crate) const fn new(what: &'static str, expected: &'static str) -> Self {
        Self { what, expected }
    }
}

/// Our own id of an order: a UUIDv7, so that ids sort by the time they were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(Uuid);

impl OrderId {
    /// Wraps an id that was drawn elsewhere.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The id as a UUID.
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for OrderId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId { what: "order id", expected: "a UUID" })
    }
}

/// The number of a line within its order, from 1; never reused within the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineId(u32);

impl LineId {
    /// The line with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number within the order.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The count after this many steps.
            pub const fn new(count: u64) -> Self {
                Self(count)
            }

            /// The count.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// One step later.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

counter! {
    /// How many events an order has had. Storage compares it, so that no write is lost.
    Revision
}
counter! {
    /// How often an order has changed in a way that people must have seen before they act: status, lines,
    /// picks, payment. Delivery to the POS and messages do not count, so that they never get in the way of
    /// somebody who has the order before them.
    Version
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            #[doc = concat!("Checks the text and wraps it as a ", $what, ".")]
            ///
            /// # Errors
            #[doc = concat!("[`InvalidId`] unless it is ", $expected, ".")]
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(Arc::from(text)))
                } else {
                    Err(InvalidId { what: $what, expected: $expected })
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::new(text).map_err(de::Error::custom)
            }
        }
    };
}

fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_opaque(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.trim() == text && !text.chars().any(char::is_control)
}

text_id!(
    /// A store (one dispensary location), as it stands in addresses and tokens.
    StoreId, "store id", "1 to 64 of a-z, 0-9 and '-'", is_slug
);
text_id!(
    /// A kiosk device of a store.
    KioskId, "kiosk id", "1 to 64 of a-z, 0-9 and '-'", is_slug
);
text_id!(
    /// The label of a POS vendor. To this crate it is opaque: it is shown and stored, never interpreted.
    VendorLabel, "vendor label", "1 to 64 of a-z, 0-9 and '-'", is_slug
);
text_id!(
    /// A product in a store's catalogue, as the catalogue's owner calls it.
    ProductId, "product id", "1 to 128 characters, none a control character, no outer space", is_opaque
);
text_id!(
    /// One size or kind of a product, where the catalogue distinguishes them.
    VariantId, "variant id", "1 to 128 characters, none a control character, no outer space", is_opaque
);
text_id!(
    /// A customer in the POS's own customer base.
    CustomerId, "customer id", "1 to 128 characters, none a control character, no outer space", is_opaque
);
text_id!(
    /// An order in the POS, under the id the POS wants to be asked with.
    PosOrderId, "POS order id", "1 to 128 characters, none a control character, no outer space", is_opaque
);
text_id!(
    /// Who acted: a user, a kiosk, a POS, or a part of the system.
    ActorId, "actor id", "1 to 128 characters, none a control character, no outer space", is_opaque
);

impl ActorId {
    /// Our own machinery, where no one else acts.
    pub fn system() -> Self {
        Self(Arc::from("system"))
    }
}

impl From<&VendorLabel> for ActorId {
    fn from(vendor: &VendorLabel) -> Self {
        Self(vendor.0.clone())
    }
}

/// The alphabet of spoken codes: Crockford's base 32, which has no I, L, O or U.
const CODE_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The short code a customer is called by and follows the order with: eight characters, two groups of four.
///
/// Parsing is forgiving in the way speech and handwriting need: case, spaces and dashes do not matter,
/// `O` reads as `0`, `I` and `L` read as `1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderCode([u8; 8]);

impl OrderCode {
    /// The code made of the lowest 40 bits of `random`.
    pub fn from_random(random: u64) -> Self {
        let mut code = [0; 8];
        let mut rest = random;
        for place in &mut code {
            *place = CODE_ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        Self(code)
    }
}

impl fmt::Display for OrderCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if at == 4 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*byte))?;
        }
        Ok(())
    }
}

impl FromStr for OrderCode {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId { what: "order code", expected: "eight letters and digits" };
        let mut code = [0; 8];
        let mut count = 0;
        for c in text.chars().filter(|c| !matches!(c, ' ' | '-')) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let byte = u8::try_from(c).map_err(|_| invalid())?;
            let place = code.get_mut(count).ok_or_else(invalid)?;
            if !CODE_ALPHABET.contains(&byte) {
                return Err(invalid());
            }
            *place = byte;
            count += 1;
        }
        if count == code.len() { Ok(Self(code)) } else { Err(invalid()) }
    }
}

impl Serialize for OrderCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OrderCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_spoken() {
        let code = OrderCode::from_random(0x12_3456_789A);
        let written = code.to_string();
        assert_eq!(written.len(), 9);
        assert_eq!(written.parse::<OrderCode>(), Ok(code));
        assert_eq!(written.to_lowercase().replace('-', " ").parse::<OrderCode>(), Ok(code));
        assert_eq!("ooll-1100".parse::<OrderCode>(), "0011-1100".parse::<OrderCode>());
        assert!("K7QM-2XR".parse::<OrderCode>().is_err());
        assert!("K7QM-2XRDD".parse::<OrderCode>().is_err());
        assert!("K7QM-2XRÜ".parse::<OrderCode>().is_err());
    }

    #[test]
    fn ids_refuse_what_could_confuse() {
        assert!(StoreId::new("green-oak").is_ok());
        for bad in ["", "Green", "a b", "../x", "ä"] {
            assert!(StoreId::new(bad).is_err(), "{bad:?}");
        }
        for bad in ["", " x", "x ", "a\nb"] {
            assert!(ProductId::new(bad).is_err(), "{bad:?}");
        }
        assert!(serde_json::from_str::<StoreId>("\"NOT A SLUG\"").is_err());
    }
}
