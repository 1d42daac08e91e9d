//! Shape: what can be told of a draft without knowing the store's catalogue.

use chrono::{DateTime, Months, NaiveDate};
use rust_decimal::Decimal;

use super::{CustomerDraft, DraftLine, OrderDraft, Problems, codes};
use crate::model::{
    CustomerId, Fulfillment, FulfillmentKind, InvalidText, MedicalCard, Note, OrderCustomer, Personal,
    Policy, ProductId, VariantId,
};

/// The longest name, in characters.
const MAX_NAME: usize = 200;
/// The longest card number, in characters.
const MAX_CARD: usize = 64;
/// The longest coupon code, in characters.
pub(crate) const MAX_DISCOUNT_CODE: usize = 64;

/// A line of good shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapedLine {
    /// Its place in the draft, for problems found later.
    pub index: usize,
    /// The product.
    pub product_id: ProductId,
    /// Its size.
    pub variant_id: Option<VariantId>,
    /// Above zero, within the store's limit; a whole number unless the product turns out to be sold by weight.
    pub quantity: Decimal,
}

/// A draft of good shape: trimmed, normalised, equal lines added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shaped {
    /// Who orders.
    pub customer: OrderCustomer,
    /// What, each product and size once.
    pub lines: Vec<ShapedLine>,
    /// How and when it is handed over.
    pub fulfillment: Fulfillment,
    /// A coupon.
    pub discount_code: Option<String>,
    /// For the staff.
    pub note: Option<Note>,
    /// The total that the customer was shown.
    pub expected_total: Option<Decimal>,
    /// Why it is let pass over soft limits.
    pub override_note: Option<Note>,
}

/// Checks everything about a draft that needs no catalogue. `today` is the date in the store's own zone.
///
/// Gives what is of good shape along with every problem, so that the other rules can be asked about the rest.
pub fn check_shape(draft: &OrderDraft, policy: &Policy, today: NaiveDate) -> (Shaped, Problems) {
    let mut problems = draft.unread.clone();
    let customer = check_customer(&draft.customer, today, &mut problems);
    let lines = shape_lines(&draft.items, policy, &mut problems);
    let pickup_at = draft.pickup_at.as_deref().and_then(|text| {
        let read = DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.to_utc());
        if read.is_none() {
            let message = "expected an RFC 3339 time, such as 2026-03-01T17:30:00Z";
            problems.add(codes::INVALID_DATE, "fulfillment.pickup_at", message);
        }
        read
    });
    if draft.fulfillment == FulfillmentKind::Delivery && !policy.delivery {
        problems.add(codes::UNKNOWN_VALUE, "fulfillment.type", "this store does not deliver");
    }
    let discount_code =
        line_of_text(draft.discount_code.as_deref(), "discount_code", MAX_DISCOUNT_CODE, &mut problems);
    let note = note_of(draft.note.as_deref(), "note", &mut problems);
    let override_note = note_of(draft.override_note.as_deref(), "override_note", &mut problems);
    let fulfillment = Fulfillment { kind: draft.fulfillment, pickup_at };
    let expected_total = draft.expected_total;
    (Shaped { customer, lines, fulfillment, discount_code, note, expected_total, override_note }, problems)
}

fn note_of(text: Option<&str>, path: &str, problems: &mut Problems) -> Option<Note> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    let refused = |invalid: InvalidText| {
        let code = match invalid {
            InvalidText::TooLong { .. } => codes::TOO_LONG,
            _ => codes::CONTROL_CHARACTER,
        };
        problems.add(code, path, invalid.to_string());
    };
    Note::new(text).map_err(refused).ok()
}

/// Checks the lines of a draft or an amendment; the same product in the same size adds up.
///
/// # Errors
/// Every problem at once.
pub fn check_lines(lines: &[DraftLine], policy: &Policy) -> Result<Vec<ShapedLine>, Problems> {
    let mut problems = Problems::new();
    let shaped = shape_lines(lines, policy, &mut problems);
    problems.into_result().map(|()| shaped)
}

/// The lines of good shape, with a problem for each of the others.
fn shape_lines(lines: &[DraftLine], policy: &Policy, problems: &mut Problems) -> Vec<ShapedLine> {
    if lines.is_empty() {
        problems.add(codes::NO_ITEMS, "items", "an order needs at least one item");
    }
    if lines.len() > policy.max_lines {
        let message = format!("an order may have at most {} items", policy.max_lines);
        problems.add(codes::TOO_MANY_ITEMS, "items", message);
    }
    let mut shaped: Vec<ShapedLine> = Vec::with_capacity(lines.len().min(policy.max_lines));
    for (index, line) in lines.iter().enumerate().take(policy.max_lines) {
        let product = check_product(index, line, problems);
        let quantity = check_quantity(index, line.quantity, policy, problems);
        let (Some((product_id, variant_id)), Some(quantity)) = (product, quantity) else { continue };
        let same = shaped.iter_mut().find(|s| s.product_id == product_id && s.variant_id == variant_id);
        match same {
            Some(same) => {
                let sum = same.quantity.saturating_add(quantity);
                same.quantity = check_quantity(index, sum, policy, problems).unwrap_or(quantity);
            }
            None => shaped.push(ShapedLine { index, product_id, variant_id, quantity }),
        }
    }
    shaped
}

fn check_product(
    index: usize,
    line: &DraftLine,
    problems: &mut Problems,
) -> Option<(ProductId, Option<VariantId>)> {
    let product = line.product_id.trim();
    let product_id = if product.is_empty() {
        problems.add(codes::REQUIRED, format!("items.{index}.product_id"), "say which product");
        None
    } else {
        ProductId::new(product)
            .map_err(|invalid| {
                problems.add(codes::INVALID_ID, format!("items.{index}.product_id"), invalid.to_string());
            })
            .ok()
    };
    let variant_id = match line.variant_id.as_deref().map(str::trim) {
        None => Some(None),
        Some(variant) => VariantId::new(variant)
            .map(Some)
            .map_err(|invalid| {
                problems.add(codes::INVALID_ID, format!("items.{index}.variant_id"), invalid.to_string());
            })
            .ok(),
    };
    Some((product_id?, variant_id?))
}

fn check_quantity(
    index: usize,
    quantity: Decimal,
    policy: &Policy,
    problems: &mut Problems,
) -> Option<Decimal> {
    let path = || format!("items.{index}.quantity");
    if quantity <= Decimal::ZERO {
        problems.add(codes::QUANTITY_NOT_POSITIVE, path(), "the quantity must be at least 1");
        None
    } else if quantity > Decimal::from(policy.max_units) {
        let message = format!("the quantity may be at most {}", policy.max_units);
        problems.add(codes::QUANTITY_TOO_LARGE, path(), message);
        None
    } else {
        Some(quantity.normalize())
    }
}

fn check_customer(draft: &CustomerDraft, today: NaiveDate, problems: &mut Problems) -> OrderCustomer {
    let id = match draft.id.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(id) => CustomerId::new(id)
            .map_err(|invalid| problems.add(codes::INVALID_ID, "customer.id", invalid.to_string()))
            .ok(),
    };
    let first_name = name(&draft.first_name, "customer.first_name", problems);
    let last_name = name(&draft.last_name, "customer.last_name", problems);
    let given = |text: &Option<Personal>| {
        text.as_ref().map(|text| text.reveal().trim().to_owned()).filter(|text| !text.is_empty())
    };
    let phone = given(&draft.phone).and_then(|phone| {
        let found = us_phone(&phone);
        if found.is_none() {
            problems.add(codes::INVALID_PHONE, "customer.phone", "expected a ten-digit US phone number");
        }
        found
    });
    let email = given(&draft.email).filter(|email| {
        let good = is_email(email);
        if !good {
            problems.add(codes::INVALID_EMAIL, "customer.email", "expected an e-mail address");
        }
        good
    });
    let birth_date = given(&draft.birth_date).filter(|date| {
        let good = is_birth_date(date, today);
        if !good {
            let message = "expected a date as YYYY-MM-DD, not in the future and within 120 years";
            problems.add(codes::INVALID_DATE, "customer.birth_date", message);
        }
        good
    });
    let number = line_of_text(
        draft.medical_card.as_ref().map(Personal::reveal),
        "customer.medical_card",
        MAX_CARD,
        problems,
    );
    let expires_on = given(&draft.medical_card_expires).and_then(|date| {
        let read = read_date(&date);
        if read.is_none() {
            problems.add(
                codes::INVALID_DATE,
                "customer.medical_card_expires",
                "expected a date as YYYY-MM-DD",
            );
        }
        read
    });
    let card = MedicalCard { number: number.map(Personal::new), expires_on };
    OrderCustomer {
        residency: draft.residency,
        medical_card: Some(card).filter(|card| *card != MedicalCard::default()),
        id,
        first_name,
        last_name,
        phone: phone.map(Personal::new),
        email: email.map(Personal::new),
        birth_date: birth_date.map(Personal::new),
        kind: draft.kind,
    }
}

fn name(name: &Personal, path: &str, problems: &mut Problems) -> Personal {
    match line_of_text(Some(name.reveal()), path, MAX_NAME, problems) {
        Some(name) => Personal::new(name),
        None => {
            problems.add(codes::REQUIRED, path, "the name is missing");
            Personal::default()
        }
    }
}

fn line_of_text(text: Option<&str>, path: &str, most: usize, problems: &mut Problems) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty())?;
    if text.chars().any(char::is_control) {
        problems.add(codes::CONTROL_CHARACTER, path, "must be a single line without control characters");
    } else if text.chars().count() > most {
        problems.add(codes::TOO_LONG, path, format!("may have at most {most} characters"));
    }
    Some(text.to_owned())
}

/// Ten digits, a leading country code 1 taken off; the area code does not begin with 0 or 1.
pub(super) fn us_phone(text: &str) -> Option<String> {
    if text.chars().any(|c| !c.is_ascii_digit() && !" +-.()/".contains(c)) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.strip_prefix('1') {
        Some(rest) if digits.len() == 11 => rest.to_owned(),
        _ => digits,
    };
    (digits.len() == 10 && !digits.starts_with(['0', '1'])).then_some(digits)
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let good = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(good)
        && domain.chars().all(good)
        && domain.contains('.')
        && domain
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
}

fn is_birth_date(text: &str, today: NaiveDate) -> bool {
    let oldest = today.checked_sub_months(Months::new(120 * 12));
    read_date(text).is_some_and(|date| date <= today && oldest.is_none_or(|oldest| date >= oldest))
}

/// `YYYY-MM-DD` and nothing else.
pub(super) fn read_date(text: &str) -> Option<NaiveDate> {
    let digits = |(at, b): (usize, u8)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() };
    let well_formed = text.len() == 10 && text.bytes().enumerate().all(digits);
    well_formed.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_take_one_stored_form() {
        for good in ["4155550123", "(415) 555-0123", "+1 415 555 0123", "1-415-555-0123", "415.555.0123"] {
            assert_eq!(us_phone(good).as_deref(), Some("4155550123"), "{good}");
        }
        for bad in
            ["", "555-0123", "1155550123", "0155550123", "415555012x", "+44 20 7946 0958", "+1+4155550123#"]
        {
            assert_eq!(us_phone(bad), None, "{bad}");
        }
    }

    #[test]
    fn emails_are_single_and_syntactic() {
        for good in ["a@b.co", "zoë+kiosk@exämple.org", "first.last@sub.example.com"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "a@@b.co",
            "a b@c.de",
            "a@b.co\r\nBcc: x@y.zz",
            "a@.co",
            "a@b..co",
            "<a@b.co>",
            "a@-b.co",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn birth_dates_are_real_and_plausible() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        for good in ["1990-12-10", "2026-03-01", "1906-03-01", "2024-02-29"] {
            assert!(is_birth_date(good, today), "{good}");
        }
        for bad in [
            "",
            "1990-13-01",
            "2023-02-29",
            "2026-03-02",
            "1906-02-28",
            "10-12-1990",
            "1990-1-01",
            "1990/12/10",
        ] {
            assert!(!is_birth_date(bad, today), "{bad}");
        }
    }
}
