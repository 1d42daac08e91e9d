//! Whether a rule set or a store's own rules are complete and free of contradiction.

use std::collections::BTreeSet;

use thiserror::Error;

use super::compile::Rule;
use crate::model::{CustomerKind, LimitGrade, LimitRule, LimitSet, LimitWindow, ProductClass, Residency};

/// Why a store's limits cannot be followed as they are written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LimitError {
    /// No such jurisdiction.
    #[error("there are no limits for {0} here; add a set, or switch on the feature `jurisdictions`")]
    UnknownJurisdiction(String),
    /// A text that is not a rule set.
    #[error("this is not a rule set: {0}")]
    Unreadable(String),
    /// A rule set cannot be used as it is written.
    #[error("the limits {version} of {jurisdiction} must be mended: {flaw}")]
    Set {
        /// Whose.
        jurisdiction: String,
        /// Which edition.
        version: String,
        /// What is wrong.
        flaw: LimitFlaw,
    },
    /// The store's own rules cannot be used as they are written.
    #[error("the store's own limits must be mended: {0}")]
    Own(LimitFlaw),
    /// A set of a weak source that nobody has compared with the law.
    #[error(
        "the limits of {jurisdiction} rest on a weak source ({}); compare them with the law and name \
         {jurisdiction} in `confirmed`", .grade.as_str()
    )]
    NotConfirmed {
        /// Whose.
        jurisdiction: String,
        /// What they rest on.
        grade: LimitGrade,
    },
    /// A cap of the store's for a rule that is not followed.
    #[error("`caps` names {0}, and no rule that is followed is called so")]
    UnknownRule(String),
    /// A cap of the store's that may be meant for several rules.
    #[error("`caps` names {0}, and several rules are called so; write it out, as in us-ca.{0}")]
    AmbiguousRule(String),
    /// A cap of the store's above that of a hard rule.
    #[error("the cap for {rule} is above {allowed} {unit}, and nobody may loosen a hard rule")]
    Loosened {
        /// The rule.
        rule: String,
        /// Its own cap.
        allowed: rust_decimal::Decimal,
        /// In which unit.
        unit: &'static str,
    },
    /// A cap of the store's that cannot be counted with.
    #[error("the cap for {0} must be zero or above, at most a billion, and no finer than a millionth")]
    UnfitCap(String),
    /// A category mapped to two classes.
    #[error("`classes` names the category {0} twice, written differently")]
    CategoryTwice(String),
}

/// What is wrong with a rule set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LimitFlaw {
    /// An id of other characters.
    #[error("`{0}` must be lower-case letters, digits, `_` and `-`")]
    BadId(String),
    /// A text that must say something.
    #[error("`{0}` must not be empty")]
    Empty(&'static str),
    /// It ends before it begins.
    #[error("`effective_to` must be after `effective_from`")]
    EndsBeforeItBegins,
    /// Two rules of one id.
    #[error("two rules are called {0}")]
    RuleTwice(String),
    /// A rule or a part that counts nothing, or an exemption of nothing.
    #[error("{0} names no goods")]
    NoGoods(String),
    /// A rule that would count the same goods twice, or leave some of them out.
    #[error("the rule {rule} must count {class} in one part, or in one up to and one above the same THC")]
    NotOnce {
        /// The rule.
        rule: String,
        /// The goods.
        class: ProductClass,
    },
    /// An amount in a unit of another measure.
    #[error("the rule {rule} cannot measure `{amount}` there; use another unit")]
    WrongUnit {
        /// The rule.
        rule: String,
        /// The amount.
        amount: String,
    },
    /// An amount that cannot be counted with.
    #[error(
        "`{amount}` in the rule {rule} must be above zero, at most a billion, and no finer than a millionth"
    )]
    UnfitAmount {
        /// The rule.
        rule: String,
        /// The amount.
        amount: String,
    },
    /// Caps of one pool whose fractions cannot be added up exactly.
    #[error("the caps of the rule {0} have too many digits to share one limit; round them down")]
    TooFine(String),
    /// A window of no days, or of more than ten years.
    #[error("the window of the rule {0} must be 1 to 3660 days")]
    BadWindow(String),
    /// Goods that nothing is said about.
    #[error(
        "nothing is said about {class} for {} customers ({}); add a rule, an exemption, or list it as silent",
        .kind.as_str(), .residency.as_str()
    )]
    NotCovered {
        /// The goods.
        class: ProductClass,
        /// For whom.
        kind: CustomerKind,
        /// And where they live.
        residency: Residency,
    },
    /// Goods listed as silent that every customer's limits speak of.
    #[error("{0} is listed as silent, and a rule or exemption speaks of it for everybody")]
    NotSilent(ProductClass),
}

pub(super) const KINDS: [CustomerKind; 3] =
    [CustomerKind::Adult, CustomerKind::Medical, CustomerKind::Caregiver];
pub(super) const RESIDENCIES: [Residency; 2] = [Residency::Resident, Residency::Visitor];

/// Whether a list of customers, where an empty one means everybody, has these.
pub(super) fn binds(customers: &[CustomerKind], kind: CustomerKind) -> bool {
    customers.is_empty() || customers.contains(&kind)
}

impl LimitRule {
    /// Whether it binds these customers.
    pub(super) fn binds(&self, kind: CustomerKind, residency: Residency) -> bool {
        binds(&self.customers, kind) && self.residency.is_none_or(|only| only == residency)
    }

    fn counts(&self, class: ProductClass) -> bool {
        self.parts.iter().any(|part| part.classes.contains(&class))
    }
}

impl LimitSet {
    /// Reads a set from the text of a TOML file, and checks it.
    ///
    /// # Errors
    /// [`LimitError::Unreadable`] for a text of another form, [`LimitError::Set`] for one that does not hold
    /// together.
    #[cfg(feature = "jurisdictions")]
    pub fn from_toml(text: &str) -> Result<Self, LimitError> {
        let set: Self = toml::from_str(text).map_err(|error| LimitError::Unreadable(error.to_string()))?;
        set.check().map(|()| set)
    }

    /// Whether it is complete and free of contradiction: for every customer and all goods but accessories it must
    /// say that a rule counts them, that they are free, or that the source is silent.
    ///
    /// # Errors
    /// [`LimitError::Set`] with the first flaw.
    pub fn check(&self) -> Result<(), LimitError> {
        let (jurisdiction, version) = (self.jurisdiction.clone(), self.version.clone());
        self.flaw().map_err(|flaw| LimitError::Set { jurisdiction, version, flaw })
    }

    fn flaw(&self) -> Result<(), LimitFlaw> {
        check_id(&self.jurisdiction)?;
        if self.jurisdiction == super::compile::OWN {
            return Err(LimitFlaw::BadId(self.jurisdiction.clone()));
        }
        let texts = [("name", &self.name), ("version", &self.version), ("source", &self.source)];
        if let Some((field, _)) = texts.into_iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(LimitFlaw::Empty(field));
        }
        if let (Some(from), Some(to)) = (self.effective_from, self.effective_to)
            && to <= from
        {
            return Err(LimitFlaw::EndsBeforeItBegins);
        }
        check_rules(&self.rules)?;
        if self.exemptions.iter().any(|exemption| exemption.classes.is_empty()) {
            return Err(LimitFlaw::NoGoods("an exemption".to_owned()));
        }
        for class in ProductClass::ALL {
            self.check_covered(class)?;
        }
        Ok(())
    }

    fn check_covered(&self, class: ProductClass) -> Result<(), LimitFlaw> {
        let mut all = true;
        for kind in KINDS {
            for residency in RESIDENCIES {
                if !self.speaks_of(class, kind, residency) {
                    all = false;
                    if class != ProductClass::Accessory && !self.silent.contains(&class) {
                        return Err(LimitFlaw::NotCovered { class, kind, residency });
                    }
                }
            }
        }
        if all && self.silent.contains(&class) { Err(LimitFlaw::NotSilent(class)) } else { Ok(()) }
    }

    /// Whether these customers may have these goods without a limit.
    pub(super) fn frees(&self, class: ProductClass, kind: CustomerKind) -> bool {
        self.exemptions.iter().any(|free| free.classes.contains(&class) && binds(&free.customers, kind))
    }

    /// Whether a rule counts these goods for these customers, or they are free.
    pub(super) fn speaks_of(&self, class: ProductClass, kind: CustomerKind, residency: Residency) -> bool {
        self.frees(class, kind)
            || self.rules.iter().any(|rule| rule.binds(kind, residency) && rule.counts(class))
    }
}

/// Whether rules can be counted with, each by itself.
pub(super) fn check_rules(rules: &[LimitRule]) -> Result<(), LimitFlaw> {
    let mut ids = BTreeSet::new();
    for rule in rules {
        check_id(&rule.id)?;
        if !ids.insert(rule.id.as_str()) {
            return Err(LimitFlaw::RuleTwice(rule.id.clone()));
        }
        if rule.name.trim().is_empty() {
            return Err(LimitFlaw::Empty("name"));
        }
        if rule.parts.is_empty() || rule.parts.iter().any(|part| part.classes.is_empty()) {
            return Err(LimitFlaw::NoGoods(format!("the rule {}", rule.id)));
        }
        if let LimitWindow::RollingDays(days) = rule.window
            && !(1..=3660).contains(&days)
        {
            return Err(LimitFlaw::BadWindow(rule.id.clone()));
        }
        Rule::compile(rule, "")?;
    }
    Ok(())
}

fn check_id(id: &str) -> Result<(), LimitFlaw> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if !id.is_empty() && id.chars().all(fits) { Ok(()) } else { Err(LimitFlaw::BadId(id.to_owned())) }
}
