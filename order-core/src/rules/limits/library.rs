//! The rule sets there are to choose from.

use super::set::LimitError;
use crate::model::LimitSet;

/// The rule sets that stores can follow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LimitLibrary {
    sets: Vec<LimitSet>,
}

/// The texts of the shipped sets.
#[cfg(feature = "jurisdictions")]
const SHIPPED: [&str; 11] = [
    include_str!("../../../data/limits/us-ca.toml"),
    include_str!("../../../data/limits/us-co.toml"),
    include_str!("../../../data/limits/us-il.toml"),
    include_str!("../../../data/limits/us-ma.toml"),
    include_str!("../../../data/limits/us-md.toml"),
    include_str!("../../../data/limits/us-mi.toml"),
    include_str!("../../../data/limits/us-mt.toml"),
    include_str!("../../../data/limits/us-nj.toml"),
    include_str!("../../../data/limits/us-nv.toml"),
    include_str!("../../../data/limits/us-or.toml"),
    include_str!("../../../data/limits/us-wa.toml"),
];
#[cfg(not(feature = "jurisdictions"))]
const SHIPPED: [&str; 0] = [];

impl LimitLibrary {
    /// A library without a set.
    pub const fn new() -> Self {
        Self { sets: Vec::new() }
    }

    /// The sets that ship with this crate; none without its feature `jurisdictions`.
    pub fn shipped() -> Self {
        // A test reads every one of them. One that could not be read would be missing, and a store that
        // follows it would not start.
        Self { sets: SHIPPED.iter().filter_map(|text| read(text)).collect() }
    }

    /// This library with another set. Of several sets of one jurisdiction the one that began last counts on a day;
    /// one that begins on the same day as an earlier one replaces it.
    ///
    /// # Errors
    /// [`LimitError::Set`] when the set does not hold together.
    pub fn with(mut self, set: LimitSet) -> Result<Self, LimitError> {
        set.check()?;
        self.sets.retain(|known| {
            known.jurisdiction != set.jurisdiction || known.effective_from != set.effective_from
        });
        self.sets.push(set);
        Ok(self)
    }

    /// The sets.
    pub fn sets(&self) -> &[LimitSet] {
        &self.sets
    }
}

#[cfg(feature = "jurisdictions")]
fn read(text: &str) -> Option<LimitSet> {
    LimitSet::from_toml(text).ok()
}

#[cfg(not(feature = "jurisdictions"))]
fn read(_text: &str) -> Option<LimitSet> {
    None
}
