//! Problems: what is wrong with an input, where, and in words.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A stable word for machines; see [`codes`].
    pub code: &'static str,
    /// Where, as in `items.0.quantity`; empty for the input as a whole.
    pub path: String,
    /// For people. Never repeats personal data.
    pub message: Cow<'static, str>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(code: &'static str, path: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, path: path.into(), message: message.into() }
    }
}

/// Everything that is wrong with one input; never empty where it is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The most problems kept: more help nobody, and a hostile input must cost neither time nor memory.
    pub const MOST: usize = 500;

    /// Nothing wrong yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One thing wrong.
    pub fn one(code: &'static str, path: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self(vec![Problem::new(code, path, message)])
    }

    /// Adds a problem, unless the same place has one already: the first is the cause, the rest follow from it.
    pub fn add(
        &mut self,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<Cow<'static, str>>,
    ) {
        let path = path.into();
        if self.0.len() < Self::MOST && !self.0.iter().any(|problem| problem.path == path) {
            self.0.push(Problem::new(code, path, message));
        }
    }

    /// Adds another input's problems, under the same rule.
    pub fn extend(&mut self, other: Self) {
        for problem in other.0 {
            self.add(problem.code, problem.path, problem.message);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// `Ok` when nothing is wrong.
    ///
    /// # Errors
    /// Itself, when something is.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            if problem.path.is_empty() {
                write!(f, "{}", problem.message)?;
            } else {
                write!(f, "{}: {}", problem.path, problem.message)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The machine codes, with what they mean and what helps.
pub mod codes {
    /// The field is missing or empty. Send it.
    pub const REQUIRED: &str = "required";
    /// The field is of another JSON type. Send the type the message names.
    pub const WRONG_TYPE: &str = "wrong_type";
    /// The field is not one this call knows. Check its spelling.
    pub const UNKNOWN_FIELD: &str = "unknown_field";
    /// The word is not one of those allowed.
    pub const UNKNOWN_VALUE: &str = "unknown_value";
    /// The text is too long.
    pub const TOO_LONG: &str = "too_long";
    /// The text holds control characters or line breaks.
    pub const CONTROL_CHARACTER: &str = "control_character";
    /// The order has no lines.
    pub const NO_ITEMS: &str = "no_items";
    /// The order has too many lines. Split it, or merge lines.
    pub const TOO_MANY_ITEMS: &str = "too_many_items";
    /// The quantity is zero or below.
    pub const QUANTITY_NOT_POSITIVE: &str = "quantity_not_positive";
    /// The quantity is a fraction, and the product is sold in whole units.
    pub const QUANTITY_NOT_WHOLE: &str = "quantity_not_whole";
    /// The quantity is over the store's limit for one line.
    pub const QUANTITY_TOO_LARGE: &str = "quantity_too_large";
    /// The store does not sell this product, or not in this size.
    pub const UNKNOWN_PRODUCT: &str = "unknown_product";
    /// The product is not for sale now.
    pub const NOT_FOR_SALE: &str = "not_for_sale";
    /// The product is for medical customers only.
    pub const MEDICAL_ONLY: &str = "medical_only";
    /// There is less than that. The message says how much.
    pub const OUT_OF_STOCK: &str = "out_of_stock";
    /// Not an e-mail address.
    pub const INVALID_EMAIL: &str = "invalid_email";
    /// Not a ten-digit US phone number.
    pub const INVALID_PHONE: &str = "invalid_phone";
    /// Not a calendar date as YYYY-MM-DD, in the future, or over 120 years ago.
    pub const INVALID_DATE: &str = "invalid_date";
    /// The identifier is malformed.
    pub const INVALID_ID: &str = "invalid_id";
    /// A price or tax rate from the catalogue is below zero. Mend the catalogue.
    pub const NEGATIVE_PRICE: &str = "negative_price";
    /// The sum does not fit.
    pub const AMOUNT_TOO_LARGE: &str = "amount_too_large";
    /// This action needs a reason code.
    pub const REASON_REQUIRED: &str = "reason_required";
    /// This action needs a note.
    pub const NOTE_REQUIRED: &str = "note_required";
    /// This action needs the order's version.
    pub const VERSION_REQUIRED: &str = "version_required";
    /// Nothing is left in the order. Cancel it instead.
    pub const NOTHING_LEFT: &str = "nothing_left";
    /// The line is not in this order.
    pub const UNKNOWN_LINE: &str = "unknown_line";
    /// What is said about a line does not fit together, such as short without an amount.
    pub const INVALID_PICK: &str = "invalid_pick";
}
