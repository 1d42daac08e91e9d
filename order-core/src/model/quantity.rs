//! How much of a product: whole units, or a weight in grams.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A typed quantity. Units and grams never add up.
///
/// In JSON whole units are a number (`2`), a weight is `{"grams": "3.5"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// A count of sellable units.
    Units(u32),
    /// A weight in grams.
    Grams(Decimal),
}

impl Quantity {
    /// The bare number, for multiplying with a price per unit or per gram.
    pub fn amount(self) -> Decimal {
        match self {
            Self::Units(units) => Decimal::from(units),
            Self::Grams(grams) => grams,
        }
    }

    /// Whether there is nothing.
    pub fn is_zero(self) -> bool {
        self.amount().is_zero()
    }

    /// The sum, unless the kinds differ or it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Units(a), Self::Units(b)) => a.checked_add(b).map(Self::Units),
            (Self::Grams(a), Self::Grams(b)) => a.checked_add(b).map(Self::Grams),
            _ => None,
        }
    }

    /// Whether `self` is at most `other`; `None` when the kinds differ.
    pub fn at_most(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Units(a), Self::Units(b)) => Some(a <= b),
            (Self::Grams(a), Self::Grams(b)) => Some(a <= b),
            _ => None,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Units(units) => write!(f, "{units}"),
            Self::Grams(grams) => write!(f, "{} g", grams.normalize()),
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Units(units) => serializer.serialize_u32(*units),
            Self::Grams(grams) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("grams", grams)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of units, or {\"grams\": \"3.5\"}")
            }

            fn visit_u64<E: de::Error>(self, units: u64) -> Result<Quantity, E> {
                u32::try_from(units).map(Quantity::Units).map_err(|_| E::custom("too many units"))
            }

            fn visit_i64<E: de::Error>(self, units: i64) -> Result<Quantity, E> {
                u32::try_from(units).map(Quantity::Units).map_err(|_| E::custom("not a count of units"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Quantity, A::Error> {
                match map.next_entry::<String, Decimal>()? {
                    Some((key, grams)) if key == "grams" => Ok(Quantity::Grams(grams)),
                    _ => Err(de::Error::custom("expected the key grams")),
                }
            }
        }

        deserializer.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_keeps_the_kinds_apart() {
        for quantity in [Quantity::Units(3), Quantity::Grams(Decimal::new(35, 1))] {
            let json = serde_json::to_string(&quantity).unwrap();
            assert_eq!(serde_json::from_str::<Quantity>(&json).unwrap(), quantity);
        }
        assert!(serde_json::from_str::<Quantity>("-1").is_err());
        assert!(serde_json::from_str::<Quantity>("1.5").is_err());
        assert_eq!(Quantity::Units(1).checked_add(Quantity::Grams(Decimal::ONE)), None);
        assert_eq!(Quantity::Units(u32::MAX).checked_add(Quantity::Units(1)), None);
    }
}
