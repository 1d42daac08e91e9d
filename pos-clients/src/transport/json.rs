//! Reading numbers and lists from JSON that drifts, and writing decimals, never through a float.

use std::fmt;
use std::marker::PhantomData;

use rust_decimal::Decimal;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A number as it was written, as a JSON number or as a string of one; none for anything else.
///
/// The literal itself is parsed, so `16.033` and `"16.033"` are exactly that; scientific notation works
/// too. Digits beyond the 28th are rounded. Missing or unreadable is `None`, never an error: whether a
/// number must be there is for the caller to say. JSON has to be read from a slice or a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Literal(pub Option<Decimal>);

impl Literal {
    /// The number in a text, if it is one.
    pub fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let numeric = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
        if !text.bytes().all(numeric) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if text.contains(['e', 'E']) {
            Decimal::from_scientific(text).ok()
        } else {
            Decimal::from_str_exact(text).or_else(|_| text.parse()).ok()
        }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        if raw.starts_with('"') {
            let text: String = serde_json::from_str(raw).map_err(de::Error::custom)?;
            return Ok(Self(Self::parse(&text)));
        }
        Ok(Self(Self::parse(raw)))
    }
}

/// A decimal written as a JSON number with exactly its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = self.0.normalize().to_string();
        RawValue::from_string(digits).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// What a vendor sends sometimes as one object and sometimes as a list; nothing for null, text and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Many(PhantomData))
    }
}

struct Many<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Many<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, a list, or nothing")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(|one| OneOrMany(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = list.next_element_seed(Element(PhantomData))? {
            all.extend(element);
        }
        Ok(OneOrMany(all))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(OneOrMany::default())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(OneOrMany::default())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(OneOrMany::default())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(OneOrMany::default())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(OneOrMany::default())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(OneOrMany::default())
    }
}

/// One element of a list: an object is read, anything else is passed over.
struct Element<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Element<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Element<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<String> {
        serde_json::from_str::<Literal>(json).unwrap().0.map(|number| number.to_string())
    }

    #[test]
    fn numbers_are_exact_however_they_are_written() {
        for (json, number) in [
            ("16.033", "16.033"),
            ("\"16.033\"", "16.033"),
            ("22.6", "22.6"),
            ("20.0", "20.0"),
            ("1e2", "100"),
            ("1.5E-3", "0.0015"),
            ("-5.0", "-5.0"),
            ("\" 20 \"", "20"),
            ("0.1234567890123456789012345678", "0.1234567890123456789012345678"),
            ("9007199254740993", "9007199254740993"),
        ] {
            assert_eq!(read(json).as_deref(), Some(number), "{json}");
        }
    }

    #[test]
    fn what_is_no_number_is_none_and_never_an_error() {
        for json in [
            "null",
            "\"\"",
            "\"N/A\"",
            "true",
            "{}",
            "[1]",
            "\"1_000\"",
            "\"$5\"",
            "1e400",
            "\"--1\"",
            "\"e\"",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(&deep), None);
    }

    #[test]
    fn a_decimal_is_written_as_a_number() {
        let json = |text: &str| serde_json::to_string(&Number(text.parse().unwrap())).unwrap();
        assert_eq!(json("22.60"), "22.6");
        assert_eq!(json("100"), "100");
        assert_eq!(json("-0.05"), "-0.05");
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Thing {
        id: u32,
    }

    #[test]
    fn one_and_many_and_nothing() {
        let ids = |json: &str| {
            let things: OneOrMany<Thing> = serde_json::from_str(json).unwrap();
            things.0.into_iter().map(|thing| thing.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(r#"{"id":1,"more":{}}"#), [1]);
        assert_eq!(ids(r#"[{"id":1},null,"x",[2],3,{"id":4}]"#), [1, 4]);
        for nothing in ["null", "\"\"", "7", "-1.5", "false", "[]"] {
            assert!(ids(nothing).is_empty(), "{nothing}");
        }
        assert!(serde_json::from_str::<OneOrMany<Thing>>(r#"{"id":"x"}"#).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-+0-9.eE]{0,40}") {
            let _ = Literal::parse(&text);
        }
    }
}
