//! Who may order: age, card, guests, bans, and whether two orders are one person's.
//!
//! What is done where it is not certain who somebody is, is said in [`crate::rules`].

use chrono::{Datelike as _, NaiveDate};

use super::shape::{read_date, us_phone};
use super::{Problems, codes};
use crate::model::{CustomerKind, CustomerRules, OrderCustomer, OrderWarning, Personal};
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

/// Which of the customers found is the one who orders: by id, else e-mail, else phone, else last name and birth
/// date. The first of these that anybody has in common decides. A birth date known on both sides that differs
/// rules a customer out, unless the id is the same. Never guesses among several.
pub fn match_customer<'a>(asked: &OrderCustomer, found: &'a [PosCustomer]) -> CustomerMatch<'a> {
    if let Some(id) = &asked.id
        && let Some(known) = found.iter().find(|known| &known.id == id)
    {
        return CustomerMatch::One(known);
    }
    let born = asked.birth_date.as_ref().and_then(date_of);
    let candidate = |known: &&PosCustomer| !differ(born, known.birth_date.as_ref().and_then(date_of));
    let rungs: [&dyn Fn(&PosCustomer) -> bool; 3] = [
        &|known| both(asked.email.as_ref(), known.email.as_ref(), same_text),
        &|known| both(asked.phone.as_ref(), known.phone.as_ref(), same_phone),
        &|known| {
            born.is_some()
                && born == known.birth_date.as_ref().and_then(date_of)
                && same_name(&asked.last_name, &known.last_name)
        },
    ];
    for fits in rungs {
        let mut fitting = found.iter().filter(candidate).filter(|known| fits(known));
        match (fitting.next(), fitting.count()) {
            (None, _) => {}
            (Some(one), 0) => return CustomerMatch::One(one),
            (Some(_), more) => return CustomerMatch::Several(more.saturating_add(1)),
        }
    }
    CustomerMatch::None
}

/// Whether two orders are, as far as one can tell, of the same person, so that limits count them together.
///
/// The same medical card or POS id: yes. Otherwise two known birth dates that differ: no. Otherwise the same phone
/// or e-mail: yes, whatever the names; the same first and last name with the same birth date: yes. Who gives
/// nothing but a name is nobody's double.
pub fn same_customer(one: &OrderCustomer, other: &OrderCustomer) -> bool {
    if both(card_of(one), card_of(other), same_text)
        || both(one.id.as_ref(), other.id.as_ref(), |a, b| a == b)
    {
        return true;
    }
    let (born, theirs) = (one.birth_date.as_ref().map(trimmed), other.birth_date.as_ref().map(trimmed));
    if differ(born, theirs) {
        return false;
    }
    both(one.phone.as_ref(), other.phone.as_ref(), |a, b| a == b)
        || both(one.email.as_ref(), other.email.as_ref(), same_text)
        || born.is_some()
            && born == theirs
            && same_name(&one.first_name, &other.first_name)
            && same_name(&one.last_name, &other.last_name)
}

/// Whether somebody gave more than a phone number or an e-mail address that others may know: the same card, id of the
/// POS, or birth date.
pub(super) fn proves_identity(one: &OrderCustomer, other: &OrderCustomer) -> bool {
    both(card_of(one), card_of(other), same_text)
        || both(one.id.as_ref(), other.id.as_ref(), |a, b| a == b)
        || both(one.birth_date.as_ref(), other.birth_date.as_ref(), |a, b| trimmed(a) == trimmed(b))
}

/// Checks who orders. `known` is what the POS found, when it was asked. `today` is the date in the store's zone,
/// `on` the day of the hand-over, not before today.
pub(super) fn check_customer(
    customer: &OrderCustomer,
    rules: &CustomerRules,
    known: Option<&[PosCustomer]>,
    today: NaiveDate,
    on: NaiveDate,
    problems: &mut Problems,
) -> Option<OrderWarning> {
    let kind = customer.kind;
    match kind {
        CustomerKind::Adult if !rules.adult_use => {
            let message = "this store serves medical customers only";
            problems.add(codes::CUSTOMER_TYPE_NOT_SERVED, "customer.type", message);
        }
        CustomerKind::Medical | CustomerKind::Caregiver if !rules.medical => {
            let message = "this store does not serve medical customers; order as an adult customer";
            problems.add(codes::CUSTOMER_TYPE_NOT_SERVED, "customer.type", message);
        }
        _ => {}
    }
    let age = if kind.is_medical() { rules.medical_age } else { rules.adult_age };
    let born = customer.birth_date.as_ref().and_then(date_of);
    match born {
        None if rules.birth_date_required => {
            let message = "this store takes no order without a birth date";
            problems.add(codes::BIRTH_DATE_REQUIRED, "customer.birth_date", message);
        }
        Some(born) if !of_age(born, age, today) => underage(age, problems),
        _ => {}
    }
    if kind.is_medical() {
        check_card(customer, rules, today, on, problems);
    }
    let guest = customer.id.is_none() && customer.phone.is_none() && customer.email.is_none();
    if guest && !rules.guests {
        let message = "this store wants to know who orders: give a phone number or an e-mail address";
        problems.add(codes::GUESTS_NOT_SERVED, "customer", message);
    }
    known.and_then(|known| check_known(customer, born, age, known, today, problems))
}

fn check_card(
    customer: &OrderCustomer,
    rules: &CustomerRules,
    today: NaiveDate,
    on: NaiveDate,
    problems: &mut Problems,
) {
    let path = "customer.medical_card_expires";
    match customer.medical_card.as_ref().and_then(|card| card.expires_on) {
        Some(last) if last < today => {
            let message = "the medical card has expired; renew it, or order as an adult customer";
            problems.add(codes::CARD_EXPIRED, path, message);
        }
        Some(last) if last < on => {
            let message = "the medical card expires before the order is picked up; come earlier";
            problems.add(codes::CARD_EXPIRED, path, message);
        }
        None if rules.card_required => {
            let message = "say until when the medical card is valid";
            problems.add(codes::CARD_REQUIRED, path, message);
        }
        _ => {}
    }
}

/// What the POS knows of the customer.
fn check_known(
    customer: &OrderCustomer,
    born: Option<NaiveDate>,
    age: u8,
    known: &[PosCustomer],
    today: NaiveDate,
    problems: &mut Problems,
) -> Option<OrderWarning> {
    let known = match match_customer(customer, known) {
        CustomerMatch::None => return None,
        CustomerMatch::Several(_) => return Some(OrderWarning::AmbiguousCustomer),
        CustomerMatch::One(known) => known,
    };
    if known.banned {
        problems.add(codes::CUSTOMER_BANNED, "customer", "please see a staff member about this order");
    }
    let theirs = known.birth_date.as_ref().and_then(date_of)?;
    let too_young = !of_age(theirs, age, today);
    if too_young && known.verified && customer.id.as_ref() == Some(&known.id) {
        underage(age, problems);
        return None;
    }
    (too_young || differ(born, Some(theirs))).then_some(OrderWarning::AmbiguousCustomer)
}

fn underage(age: u8, problems: &mut Problems) {
    let message = format!("customers must be at least {age} years old");
    problems.add(codes::UNDERAGE, "customer.birth_date", message);
}

/// Whether somebody has reached this age on that day.
fn of_age(born: NaiveDate, age: u8, today: NaiveDate) -> bool {
    let year = born.year().saturating_add(i32::from(age));
    let birthday = NaiveDate::from_ymd_opt(year, born.month(), born.day())
        // 29 February in a common year: the day after the 28th.
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1));
    birthday.is_some_and(|birthday| birthday <= today)
}

fn date_of(text: &Personal) -> Option<NaiveDate> {
    read_date(trimmed(text))
}

fn card_of(customer: &OrderCustomer) -> Option<&Personal> {
    customer.medical_card.as_ref().and_then(|card| card.number.as_ref())
}

fn trimmed(text: &Personal) -> &str {
    text.reveal().trim()
}

/// Whether both are known, and not the same.
fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    both(one, other, |one, other| one != other)
}

fn both<T>(one: Option<T>, other: Option<T>, fit: impl Fn(T, T) -> bool) -> bool {
    one.zip(other).is_some_and(|(one, other)| fit(one, other))
}

/// The same but for case and outer blanks, as [`crate::model::OrderKey`] folds them; nothing is the same as nothing.
fn same_text(one: &Personal, other: &Personal) -> bool {
    let (one, other) = (trimmed(one), trimmed(other));
    if one.is_empty() {
        return false;
    }
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.to_lowercase() == other.to_lowercase()
}

fn same_name(one: &Personal, other: &Personal) -> bool {
    same_text(one, other)
}

/// The same number; a POS writes it as it likes.
fn same_phone(one: &Personal, other: &Personal) -> bool {
    one == other || us_phone(one.reveal()).is_some_and(|one| us_phone(other.reveal()) == Some(one))
}
