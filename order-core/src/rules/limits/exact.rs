//! Amounts as whole numbers, so that sums and comparisons are exact.
//!
//! Rule files and contents are read to a millionth of a unit ([`micro`]). A line's amount is content times quantity
//! and so counted in millionths of a millionth. Parts of a pool are weighed with whole numbers that make their caps
//! equal ([`common`]). What does not fit stays at the largest number, which is above every cap.

use rust_decimal::Decimal;

use crate::model::{LimitAmount, LimitUnit, Measure};

/// Millionths in a unit.
pub(super) const MICRO: u128 = 1_000_000;

/// The largest cap, in millionths: a thousand tonnes of grams.
const LARGEST: u128 = 1_000_000_000 * MICRO;

/// The largest common multiple of caps for which every figure that is at most the cap fits.
const LARGEST_COMMON: u128 = 10_u128.pow(26);

/// Powers of ten by which a figure of so many digits becomes millionths.
const TO_MICRO: [u64; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/// In millionths; what is finer counts as one more, what is below zero as nothing, what is too large as the largest
/// number, which is above every cap.
pub(super) fn micro(amount: Decimal) -> u64 {
    let mantissa = amount.mantissa();
    match (u64::try_from(mantissa), TO_MICRO.get(amount.scale() as usize)) {
        (Ok(mantissa), Some(power)) => mantissa.saturating_mul(*power),
        (_, Some(_)) if mantissa > 0 => u64::MAX,
        (_, None) if mantissa > 0 => {
            let finer = 10_u128.pow(amount.scale().saturating_sub(6));
            u64::try_from(mantissa.unsigned_abs().div_ceil(finer)).unwrap_or(u64::MAX)
        }
        _ => 0,
    }
}

/// Why an amount of a rule cannot be counted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is in a unit of another measure.
    Unit,
    /// It is below zero, too large or finer than a millionth.
    Number,
}

/// A rule's amount in millionths of its measure's unit.
pub(super) fn cap_micro(amount: LimitAmount, measure: Measure) -> Result<u128, Unfit> {
    use LimitUnit::{FluidOunce, Gram, Milligram, Millilitre, Ounce, Units};
    let factor = match (measure, amount.unit) {
        (Measure::Weight | Measure::NetWeight, Gram)
        | (Measure::Thc, Milligram)
        | (Measure::Volume, Millilitre)
        | (Measure::Units, Units) => Decimal::ONE,
        (Measure::Weight | Measure::NetWeight, Ounce) => Decimal::new(2835, 2),
        (Measure::Weight | Measure::NetWeight, Milligram) => Decimal::new(1, 3),
        (Measure::Thc, Gram) => Decimal::ONE_THOUSAND,
        (Measure::Volume, FluidOunce) => Decimal::new(2957, 2),
        _ => return Err(Unfit::Unit),
    };
    let exact = amount.value.checked_mul(factor).ok_or(Unfit::Number)?;
    exact_micro(exact).filter(|micro| *micro <= LARGEST).ok_or(Unfit::Number)
}

/// In millionths, when it is not below zero and no finer than that.
pub(super) fn exact_micro(amount: Decimal) -> Option<u128> {
    let amount = amount.normalize();
    (amount.scale() <= 6 && amount >= Decimal::ZERO).then(|| u128::from(micro(amount)))
}

/// The least common multiple, while figures up to the cap fit.
pub(super) fn common(a: u128, b: u128) -> Option<u128> {
    let product = (a / gcd(a, b).max(1)).checked_mul(b)?;
    (product <= LARGEST_COMMON).then_some(product)
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A number of millionths as it is shown, without loss.
pub(super) fn shown(micro: u128) -> Decimal {
    decimal(micro, 6).normalize()
}

/// A weighed amount as it is shown in units of a part, rounded down.
pub(super) fn shown_down(amount: u128, weight: u128, measure: Measure) -> Decimal {
    let (step, digits) = step(measure);
    decimal(amount / weight.max(1) / step, digits).normalize()
}

/// A weighed amount as it is shown in units of a part, rounded up.
pub(super) fn shown_up(amount: u128, weight: u128, measure: Measure) -> Decimal {
    let (step, digits) = step(measure);
    decimal(amount.div_ceil(weight.max(1).saturating_mul(step)), digits).normalize()
}

/// How finely a measure is shown, in millionths of millionths, and with how many digits.
const fn step(measure: Measure) -> (u128, u32) {
    match measure {
        Measure::Units => (MICRO * MICRO, 0),
        _ => (MICRO * 1_000, 3),
    }
}

fn decimal(amount: u128, digits: u32) -> Decimal {
    let amount = i128::try_from(amount).unwrap_or(i128::MAX);
    Decimal::try_from_i128_with_scale(amount, digits).unwrap_or(Decimal::MAX)
}
