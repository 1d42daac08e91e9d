//! Problems: what is wrong with an input, where, and in words.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::codes;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A stable word for machines; see [`super::codes`].
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
    /// Of what is no object at all, no part is missed.
    ///
    /// A limit is a cause of its own: several may be exceeded at one place, beside whatever else is wrong there,
    /// and all are kept.
    pub fn add(
        &mut self,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<Cow<'static, str>>,
    ) {
        let new = Problem::new(code, path, message);
        let covered = |known: &Problem| {
            if known.path.is_empty() && known.code == codes::WRONG_TYPE {
                return true;
            }
            let apart = is_own_cause(known.code) || is_own_cause(new.code);
            known.path == new.path && (!apart || *known == new)
        };
        if self.0.len() < Self::MOST && !self.0.iter().any(covered) {
            self.0.push(new);
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

/// Whether a problem of this code says something that no other at its place can say.
fn is_own_cause(code: &str) -> bool {
    [codes::LIMIT_EXCEEDED, codes::LIMIT_EXCEEDED_SOFT, codes::LIMIT_EXCEEDED_POS, codes::LIMIT_OUTDATED]
        .contains(&code)
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
