//! Reads a JSON object field by field and collects everything that is wrong with it.

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::reply::decimal;

/// One object of a request body. A field that is `null` counts as left out.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// Put before field names in problems, e.g. `items[0].`.
    path: String,
    problems: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(map: &'a Map<String, Value>, path: impl Into<String>) -> Self {
        Self { map, path: path.into(), problems: Vec::new() }
    }

    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems
    }

    pub(super) fn report(&mut self, name: &str, problem: &str) {
        self.problems.push(format!("{}{name} {problem}", self.path));
    }

    /// Takes over what is wrong with a nested object.
    pub(super) fn absorb(&mut self, nested: Fields<'_>) {
        self.problems.extend(nested.problems);
    }

    pub(super) fn refuse_unknown(&mut self, known: &[&[&str]]) {
        let map = self.map;
        for name in map.keys().filter(|name| !known.iter().any(|part| part.contains(&name.as_str()))) {
            self.report(name, "is not a known field");
        }
    }

    pub(super) fn raw(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn path_of(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    fn read<T>(&mut self, name: &str, what: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.raw(name)?;
        let found = read(value);
        if found.is_none() {
            self.report(name, &format!("must be {what}"));
        }
        found
    }

    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        self.read(name, "a string", Value::as_str)
    }

    pub(super) fn owned(&mut self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub(super) fn required<T>(&mut self, name: &str, found: Option<T>) -> Option<T> {
        if self.raw(name).is_none() {
            self.report(name, "is required");
        }
        found
    }

    pub(super) fn choice(&mut self, name: &str, allowed: &[&str]) -> Option<String> {
        let value = self.text(name)?;
        if !allowed.contains(&value) {
            self.report(name, &format!("must be one of {}", allowed.join(" ")));
            return None;
        }
        Some(value.to_owned())
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.read(name, "true or false", Value::as_bool)
    }

    pub(super) fn whole(&mut self, name: &str) -> Option<i64> {
        self.read(name, "a whole number", Value::as_i64)
    }

    pub(super) fn money(&mut self, name: &str) -> Option<Decimal> {
        self.read(name, "a number that is not negative", |value| {
            decimal(value).filter(|amount| *amount >= Decimal::ZERO)
        })
    }

    pub(super) fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        self.read(name, "an object", Value::as_object)
    }

    pub(super) fn array(&mut self, name: &str) -> Option<&'a Vec<Value>> {
        self.read(name, "an array", Value::as_array)
    }

    /// A hyphenated UUID; the words of the problem are the vendor's (Treez 4.2).
    pub(super) fn uuid(&mut self, name: &str) -> Option<Uuid> {
        let Some(value) = self.raw(name) else {
            self.problems.push(format!("{name} is required"));
            return None;
        };
        let found =
            value.as_str().filter(|text| text.len() == 36).and_then(|text| Uuid::parse_str(text).ok());
        if found.is_none() {
            self.problems.push(format!("Invalid UUID format: {}{name}", self.path));
        }
        found
    }
}
