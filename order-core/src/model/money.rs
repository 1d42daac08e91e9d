//! Money: decimal amounts in a currency, never a float.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// US dollar.
    pub const USD: Self = Self(*b"USD");
    /// Canadian dollar.
    pub const CAD: Self = Self(*b"CAD");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimal places the smallest coin has: 2 for most, 0 for yen and its like, 3 for a few dinars.
    pub fn minor_units(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"XAF" | b"XOF" | b"XPF" | b"PYG" | b"UGX" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// Rounds to the smallest coin, halves away from zero, as tills and tax tables do, and writes
    /// exactly that many places.
    pub fn round(self, amount: Decimal) -> Decimal {
        let places = self.minor_units();
        let mut rounded = match amount.scale() > places {
            true => amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero),
            false => amount,
        };
        if rounded.scale() != places {
            rounded.rescale(places);
        }
        rounded
    }

    /// The same amount written with at least the currency's decimal places; finer ones, as in prices per
    /// gram, stay.
    pub fn pad(self, amount: Decimal) -> Decimal {
        let mut padded = amount.normalize();
        padded.rescale(padded.scale().max(self.minor_units()));
        padded
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Self(code)),
            _ => Err(MoneyError::UnknownCurrency),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Arithmetic on money that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Two currencies met in one sum.
    #[error("cannot combine {left} with {right}: convert one of them first")]
    CurrencyMismatch {
        /// The currency on the left.
        left: Currency,
        /// The currency on the right.
        right: Currency,
    },
    /// The result does not fit.
    #[error("the amount is too large to represent")]
    Overflow,
    /// Not three capital letters.
    #[error("a currency is three capital letters, as in ISO 4217")]
    UnknownCurrency,
}

/// An amount in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// How much, in whole units of the currency (dollars, not cents).
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError`] when the currencies differ or the sum does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount, currency: self.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// The sums of an order. `total = subtotal - discount + tax`, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The lines at their unit prices.
    pub subtotal: Decimal,
    /// What is taken off, as a positive amount.
    pub discount: Decimal,
    /// All taxes.
    pub tax: Decimal,
    /// What the customer pays.
    pub total: Decimal,
    /// The currency of all four.
    pub currency: Currency,
}

impl Totals {
    /// Adds up; the total cannot disagree with its parts.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the total does not fit.
    pub fn of(
        subtotal: Decimal,
        discount: Decimal,
        tax: Decimal,
        currency: Currency,
    ) -> Result<Self, MoneyError> {
        let total = subtotal
            .checked_sub(discount)
            .and_then(|net| net.checked_add(tax))
            .ok_or(MoneyError::Overflow)?;
        Ok(Self {
            subtotal: currency.round(subtotal),
            discount: currency.round(discount),
            tax: currency.round(tax),
            total: currency.round(total),
            currency,
        })
    }

    /// Nothing to pay.
    pub fn zero(currency: Currency) -> Self {
        let zero = currency.round(Decimal::ZERO);
        Self { subtotal: zero, discount: zero, tax: zero, total: zero, currency }
    }

    /// What the customer pays, as money.
    pub const fn payable(&self) -> Money {
        Money::new(self.total, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn rounds_halves_away_from_zero_to_the_smallest_coin() {
        assert_eq!(Currency::USD.round(dec("1.005")).to_string(), "1.01");
        assert_eq!(Currency::USD.round(dec("-1.005")).to_string(), "-1.01");
        assert_eq!(Currency::USD.round(dec("3")).to_string(), "3.00");
        assert_eq!("JPY".parse::<Currency>().unwrap().round(dec("2.5")).to_string(), "3");
        assert_eq!("KWD".parse::<Currency>().unwrap().round(dec("1.0005")).to_string(), "1.001");
    }

    #[test]
    fn prices_show_their_cents_and_keep_finer_parts() {
        assert_eq!(Currency::USD.pad(dec("12")).to_string(), "12.00");
        assert_eq!(Currency::USD.pad(dec("12.5000")).to_string(), "12.50");
        assert_eq!(Currency::USD.pad(dec("7.125")).to_string(), "7.125");
        assert_eq!("JPY".parse::<Currency>().unwrap().pad(dec("3.00")).to_string(), "3");
    }

    #[test]
    fn currencies_do_not_mix() {
        let sum = Money::new(dec("1"), Currency::USD).checked_add(Money::new(dec("1"), Currency::CAD));
        assert_eq!(sum, Err(MoneyError::CurrencyMismatch { left: Currency::USD, right: Currency::CAD }));
        assert!(
            Money::new(Decimal::MAX, Currency::USD).checked_add(Money::new(dec("1"), Currency::USD)).is_err()
        );
        assert!("usd".parse::<Currency>().is_err());
    }

    #[test]
    fn money_is_a_string_in_json() {
        let totals = Totals::of(dec("20"), dec("5"), dec("2.6"), Currency::USD).unwrap();
        assert_eq!(
            serde_json::to_string(&totals).unwrap(),
            r#"{"subtotal":"20.00","discount":"5.00","tax":"2.60","total":"17.60","currency":"USD"}"#
        );
    }
}
