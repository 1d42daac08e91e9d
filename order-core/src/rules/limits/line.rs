//! A line as limits count it.

use rust_decimal::Decimal;

use super::LimitLine;
use super::compile::{Rule, Slot};
use super::exact::{MICRO, micro};
use crate::model::{Content, Measure, ProductClass, Quantity};

/// What of a line's content nobody knows, as a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Missing(u8);

impl Missing {
    pub(super) const fn none(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn has(self, measure: Measure) -> bool {
        self.0 & (1 << measure as u8) != 0
    }

    pub(super) const fn add(&mut self, measure: Measure) {
        self.0 |= 1 << measure as u8;
    }
}

/// How a rule counts a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// Not at all.
    Free,
    /// It would, but this is not known.
    Unknown(Measure),
    /// So much, weighed, and by this part.
    Some(u128, usize),
}

/// A line with what it holds of every measure, in millionths of millionths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) index: Option<usize>,
    pub(super) class: Option<ProductClass>,
    amounts: [Option<u128>; Measure::ALL.len()],
    /// THC in one unit or gram, in millionths of a milligram.
    thc: Option<u128>,
}

impl Line {
    /// None when there is nothing of it, as of a line that was taken out.
    pub(super) fn read(line: &LimitLine) -> Option<Self> {
        let (content, quantity) = (line.content, line.quantity);
        let bulk = matches!(quantity, Quantity::Grams(_));
        let times = match quantity {
            Quantity::Units(units) => u128::from(units) * MICRO,
            Quantity::Grams(grams) => u128::from(micro(grams)),
        };
        if times == 0 {
            return None;
        }
        let amount =
            |per_unit: Option<Decimal>| per_unit.map(|each| u128::from(micro(each)).saturating_mul(times));
        Some(Self {
            index: line.index,
            class: content.class,
            amounts: [
                amount(weight(content, bulk)),
                // A gram of whatever is sold by weight weighs a gram.
                amount(positive(content.net_grams).or(bulk.then_some(Decimal::ONE))),
                amount(positive(content.volume_ml)),
                amount(thc(content)),
                (!bulk).then_some(times.saturating_mul(MICRO)),
            ],
            thc: thc(content).map(|mg| u128::from(micro(mg))),
        })
    }

    /// How this rule counts it.
    pub(super) fn count(&self, rule: &Rule, class: ProductClass) -> Count {
        let at = match rule.slot(class) {
            Slot::Free => return Count::Free,
            Slot::One(at) => at,
            Slot::ByThc { edge, up_to, above } => match self.thc {
                None => return Count::Unknown(Measure::Thc),
                Some(thc) if thc <= edge => up_to,
                Some(_) => above,
            },
        };
        let Some(part) = rule.parts.get(at) else { return Count::Free };
        match self.amounts.get(part.measure as usize).copied().flatten() {
            Some(amount) => Count::Some(amount.saturating_mul(part.weight), at),
            None => Count::Unknown(part.measure),
        }
    }
}

/// The cannabis in a unit or gram. A catalogue that gives none for flower or extract does not know it.
fn weight(content: Content, bulk: bool) -> Option<Decimal> {
    use ProductClass::{Concentrate, Flower, PreRoll, Vape};
    let known = content.weight_grams.filter(|grams| *grams >= Decimal::ZERO);
    match content.class {
        // All of it is cannabis.
        Some(Flower | Concentrate) => positive(known).or(bulk.then_some(Decimal::ONE)),
        Some(PreRoll | Vape) => positive(known),
        _ => known,
    }
}

fn thc(content: Content) -> Option<Decimal> {
    content.thc_mg.filter(|mg| *mg >= Decimal::ZERO)
}

/// A figure that is not zero: no product weighs nothing, so a zero there means that nobody filled it in.
fn positive(figure: Option<Decimal>) -> Option<Decimal> {
    figure.filter(|figure| *figure > Decimal::ZERO)
}
