//! Rules made ready to be counted with, once, when a flow is put together.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::LimitSource;
use super::exact::{MICRO, Unfit, cap_micro, common, exact_micro, shown};
use super::set::{KINDS, LimitError, LimitFlaw, RESIDENCIES, binds};
use crate::model::{
    CustomerKind, LimitAmount, LimitPart, LimitRule, LimitSet, LimitWindow, Measure, ProductClass, Residency,
};

/// The first half of the ids of a store's own rules.
pub(super) const OWN: &str = "store";

/// Goods as a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Classes(u16);

impl Classes {
    pub(super) const fn has(self, class: ProductClass) -> bool {
        self.0 & (1 << class as u16) != 0
    }

    const fn add(&mut self, class: ProductClass) {
        self.0 |= 1 << class as u16;
    }
}

/// Which of a rule's parts counts a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Slot {
    /// None.
    #[default]
    Free,
    /// Always this one.
    One(usize),
    /// That depends on the THC in a unit, in millionths of a milligram.
    ByThc { edge: u128, up_to: usize, above: usize },
}

/// Goods counted in one way.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) classes: Vec<ProductClass>,
    pub(super) measure: Measure,
    /// How heavily a millionth of a millionth of a unit counts.
    pub(super) weight: u128,
    /// The edge in millionths of a milligram of THC, and whether it counts what is above.
    pub(super) thc: Option<(u128, bool)>,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) source: LimitSource,
    pub(super) hard: bool,
    pub(super) window: LimitWindow,
    customers: Vec<CustomerKind>,
    residency: Option<Residency>,
    pub(super) parts: Vec<Part>,
    slots: [Slot; ProductClass::ALL.len()],
    /// How much is allowed, weighed.
    pub(super) limit: u128,
    /// The same as it is shown.
    pub(super) allowed: Decimal,
}

impl Rule {
    /// Makes a rule ready. `space` is what its id begins with.
    pub(super) fn compile(rule: &LimitRule, space: &str) -> Result<Self, LimitFlaw> {
        let mut caps = Vec::with_capacity(rule.parts.len());
        for part in &rule.parts {
            match amount(rule, part.cap, part.measure)? {
                0 => return Err(unfit(rule, part.cap)),
                cap => caps.push(cap),
            }
        }
        let mut all = 1;
        for cap in &caps {
            all = common(all, *cap).ok_or_else(|| LimitFlaw::TooFine(rule.id.clone()))?;
        }
        let mut parts = Vec::with_capacity(rule.parts.len());
        for (part, cap) in rule.parts.iter().zip(caps) {
            parts.push(Part {
                classes: part.classes.iter().copied().collect(),
                measure: part.measure,
                weight: all / cap,
                thc: thc_edge(rule, part)?,
            });
        }
        let mut slots = [Slot::Free; ProductClass::ALL.len()];
        for (slot, class) in slots.iter_mut().zip(ProductClass::ALL) {
            *slot = slot_of(rule, &parts, class)?;
        }
        let first = parts.first().map_or(1, |part| part.weight);
        Ok(Self {
            id: format!("{space}.{}", rule.id),
            name: rule.name.clone(),
            source: if space == OWN { LimitSource::Store } else { LimitSource::Law },
            hard: rule.hard,
            window: rule.window,
            customers: rule.customers.clone(),
            residency: rule.residency,
            parts,
            slots,
            limit: all.saturating_mul(MICRO),
            allowed: shown(all / first),
        })
    }

    /// Whether it binds this customer; an unknown residency is both.
    pub(super) fn binds(&self, kind: CustomerKind, residency: Option<Residency>) -> bool {
        let lives = |only: Residency| residency.is_none_or(|known| known == only);
        binds(&self.customers, kind) && self.residency.is_none_or(lives)
    }

    /// Which part counts these goods.
    pub(super) fn slot(&self, class: ProductClass) -> Slot {
        self.slots.get(class as usize).copied().unwrap_or_default()
    }

    /// The part its figures are told in.
    pub(super) fn first(&self) -> (u128, Measure) {
        self.parts.first().map_or((1, Measure::Units), |part| (part.weight, part.measure))
    }

    /// The short id, without its set.
    pub(super) fn short(&self) -> &str {
        self.id.split_once('.').map_or(self.id.as_str(), |(_, short)| short)
    }

    /// Puts the store's own cap in place of the rule's.
    pub(super) fn recap(&mut self, cap: Decimal) -> Result<(), LimitError> {
        let micro = exact_micro(cap).filter(|micro| *micro <= 1_000_000_000 * MICRO);
        let micro = micro.ok_or_else(|| LimitError::UnfitCap(self.id.clone()))?;
        let limit = micro.saturating_mul(MICRO).saturating_mul(self.first().0);
        if self.hard && limit > self.limit {
            let (rule, allowed) = (self.id.clone(), self.allowed);
            return Err(LimitError::Loosened { rule, allowed, unit: self.first().1.unit() });
        }
        if limit != self.limit {
            self.limit = limit;
            self.allowed = shown(micro);
            self.source = LimitSource::Store;
        }
        Ok(())
    }
}

fn unfit(rule: &LimitRule, amount: LimitAmount) -> LimitFlaw {
    LimitFlaw::UnfitAmount { rule: rule.id.clone(), amount: amount.to_string() }
}

fn amount(rule: &LimitRule, amount: LimitAmount, measure: Measure) -> Result<u128, LimitFlaw> {
    cap_micro(amount, measure).map_err(|why| match why {
        Unfit::Unit => LimitFlaw::WrongUnit { rule: rule.id.clone(), amount: amount.to_string() },
        Unfit::Number => unfit(rule, amount),
    })
}

fn thc_edge(rule: &LimitRule, part: &LimitPart) -> Result<Option<(u128, bool)>, LimitFlaw> {
    let edge = |edge: LimitAmount| amount(rule, edge, Measure::Thc);
    Ok(match (part.thc_up_to, part.thc_above) {
        (None, None) => None,
        (Some(up_to), None) => Some((edge(up_to)?, false)),
        (None, Some(above)) => Some((edge(above)?, true)),
        (Some(up_to), Some(_)) => return Err(unfit(rule, up_to)),
    })
}

/// Every unit of a class must be counted by exactly one part.
fn slot_of(rule: &LimitRule, parts: &[Part], class: ProductClass) -> Result<Slot, LimitFlaw> {
    let mut counting = parts.iter().enumerate().filter(|(_, part)| part.classes.contains(&class));
    match (counting.next(), counting.next(), counting.next()) {
        (None, ..) => Ok(Slot::Free),
        (Some((at, part)), None, _) if part.thc.is_none() => Ok(Slot::One(at)),
        (Some((a, left)), Some((b, right)), None) => match (left.thc, right.thc) {
            (Some((edge, false)), Some((same, true))) if edge == same => {
                Ok(Slot::ByThc { edge, up_to: a, above: b })
            }
            (Some((edge, true)), Some((same, false))) if edge == same => {
                Ok(Slot::ByThc { edge, up_to: b, above: a })
            }
            _ => Err(LimitFlaw::NotOnce { rule: rule.id.clone(), class }),
        },
        _ => Err(LimitFlaw::NotOnce { rule: rule.id.clone(), class }),
    }
}

/// One dated set.
#[derive(Debug, Clone)]
pub(super) struct Edition {
    pub(super) from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    pub(super) rules: Vec<Rule>,
    free: [Classes; KINDS.len()],
    silent: [[Classes; RESIDENCIES.len()]; KINDS.len()],
}

impl Edition {
    pub(super) fn compile(set: &LimitSet) -> Result<Self, LimitFlaw> {
        let rules = set.rules.iter().map(|rule| Rule::compile(rule, &set.jurisdiction));
        let (mut free, mut silent) = ([Classes::default(); 3], [[Classes::default(); 2]; 3]);
        for class in ProductClass::ALL {
            for ((kind, free), silent) in KINDS.into_iter().zip(&mut free).zip(&mut silent) {
                if set.frees(class, kind) {
                    free.add(class);
                }
                for (residency, silent) in RESIDENCIES.into_iter().zip(silent) {
                    if class != ProductClass::Accessory && !set.speaks_of(class, kind, residency) {
                        silent.add(class);
                    }
                }
            }
        }
        Ok(Self {
            from: set.effective_from,
            to: set.effective_to,
            rules: rules.collect::<Result<_, _>>()?,
            free,
            silent,
        })
    }

    /// What these customers may have without a limit.
    pub(super) fn free(&self, kind: CustomerKind) -> Classes {
        self.free.get(kind as usize).copied().unwrap_or_default()
    }

    /// Whether it says nothing about these goods for these customers; an unknown residency is both.
    pub(super) fn is_silent(
        &self,
        class: ProductClass,
        kind: CustomerKind,
        residency: Option<Residency>,
    ) -> bool {
        let silent = self.silent.get(kind as usize);
        let here = |(lives, silent): (Residency, &Classes)| {
            residency.is_none_or(|known| known == lives) && silent.has(class)
        };
        silent.is_some_and(|silent| RESIDENCIES.into_iter().zip(silent).any(here))
    }
}

/// All editions of a jurisdiction's limits, the latest first.
#[derive(Debug, Clone)]
pub(super) struct Law {
    pub(super) name: String,
    pub(super) editions: Vec<Edition>,
}

impl Law {
    /// What is in force on that day: the edition that began last, unless it has ended.
    pub(super) fn on(&self, day: NaiveDate) -> Option<&Edition> {
        let begun = |edition: &&Edition| edition.from.is_none_or(|from| from <= day);
        let last = self.editions.iter().find(begun)?;
        last.to.is_none_or(|to| day < to).then_some(last)
    }
}
