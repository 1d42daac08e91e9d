//! Values as people read them.

use chrono::{DateTime, Utc};
use order_core::lifecycle::LineChange;
use order_core::model::{AttentionCode, OrderWarning, Quantity, ReasonCode, Store};

/// The text on one line, with nothing in it that steers a terminal, a header or the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let kept = text.chars().filter(|c| !steers_direction(*c));
    for c in kept.map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }) {
        if !(c.is_whitespace() && (out.is_empty() || out.ends_with(char::is_whitespace))) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

const fn steers_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// At most this many characters, with a mark where something is missing.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(limit.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// The address on one line.
pub(crate) fn address(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean).filter(|line| !line.is_empty()).collect();
    lines.join(", ")
}

/// What staff should mind, in words.
pub(crate) const fn warning(warning: OrderWarning) -> &'static str {
    match warning {
        OrderWarning::StaleStock => "the stock figure was old; look at the shelf first",
        OrderWarning::AmbiguousCustomer => "several customers in the POS fit; ask who it is",
    }
}

/// A time as the store's clock on the wall shows it.
pub(crate) fn wall_time(at: DateTime<Utc>, store: &Store) -> String {
    in_range(at).with_timezone(&store.time_zone).format("%a, %b %-d, %Y, %-I:%M %p %Z").to_string()
}

/// The time, moved to the nearest one that mail and calendars can write: years 1970 to 9999.
pub(crate) fn in_range(at: DateTime<Utc>) -> DateTime<Utc> {
    const LAST: i64 = 253_402_128_000;
    DateTime::from_timestamp(at.timestamp().clamp(86_400, LAST), 0).unwrap_or_default()
}

/// A US number grouped for reading; anything else as it is.
pub(crate) fn phone(digits: &str) -> String {
    let digits = clean(digits);
    match (digits.get(..3), digits.get(3..6), digits.get(6..)) {
        (Some(area), Some(exchange), Some(line))
            if digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            format!("({area}) {exchange}-{line}")
        }
        _ => digits,
    }
}

/// A wire word as a human one.
pub(crate) fn plain(word: &str) -> String {
    word.replace('_', " ")
}

/// One difference between the lines, as a sentence.
pub(crate) fn change(change: &LineChange) -> String {
    let name = clean(&change.name);
    match (change.from, change.to) {
        (None, Some(to)) => format!("added: {} {name}", times(to)),
        (Some(from), None) => format!("taken off: {} {name}", times(from)),
        (Some(from), Some(to)) => format!("{name}: {to} instead of {from}"),
        (None, None) => name,
    }
}

fn times(quantity: Quantity) -> String {
    match quantity {
        Quantity::Units(units) => format!("{units} ×"),
        Quantity::Grams(_) => format!("{quantity} of"),
    }
}

/// Why an order is cancelled, for customer and staff alike.
pub(crate) const fn reason(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::CustomerRequest => "The customer asked for it.",
        ReasonCode::OutOfStock => "What was ordered is out of stock.",
        ReasonCode::Payment => "The payment did not work out.",
        ReasonCode::ComplianceLimit => "A purchase limit stands against it.",
        ReasonCode::FailedVerification => "The required documents could not be verified.",
        ReasonCode::NotCollected => "It was not collected in time.",
        ReasonCode::StoreOperations => "The store cannot fulfil it.",
        ReasonCode::Duplicate => "The same order was placed before.",
        ReasonCode::PosRejected => "The store could not process it.",
        ReasonCode::Test => "It was a test.",
    }
}

/// What happened, and what to do about it.
pub(crate) const fn attention(code: AttentionCode) -> &'static str {
    match code {
        AttentionCode::Refused => "The POS refused the order. Correct it and retry, or cancel it.",
        AttentionCode::CannotTell => {
            "It is not known whether the POS has the order. Look for it there; then link it, retry, or cancel it."
        }
        AttentionCode::Unreachable => {
            "The POS could not be reached through all tries. Retry when it is back, or key the order in by hand."
        }
        AttentionCode::Unauthorized => {
            "The POS does not accept our credentials. An administrator must mend them; then retry."
        }
        AttentionCode::Unsupported => "The POS has no call for this. Do it there by hand.",
        AttentionCode::Mismatch => "The POS answered with something other than asked for. Compare by hand.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_brought_onto_one_line_and_keeps_what_people_write() {
        assert_eq!(clean(" a\r\nBcc: b\u{0}\u{85}\u{2028}c  "), "a Bcc: b c");
        assert_eq!(clean("Zoë 👩\u{200d}🌾 \u{202e}gpj"), "Zoë 👩\u{200d}🌾 gpj");
        assert_eq!(address("1 Main St\r\n\r\nDenver"), "1 Main St, Denver");
    }

    #[test]
    fn text_is_shortened_by_characters() {
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüß", 3), "äö…");
    }

    #[test]
    fn phones_are_grouped_when_they_are_us_numbers() {
        assert_eq!(phone("3035550142"), "(303) 555-0142");
        assert_eq!(phone("éééé3"), "éééé3");
        assert_eq!(phone("442079460000"), "442079460000");
    }

    #[test]
    fn impossible_times_become_writable_ones() {
        assert_eq!(in_range(DateTime::<Utc>::MIN_UTC).timestamp(), 86_400);
        assert_eq!(in_range(DateTime::<Utc>::MAX_UTC).to_rfc3339(), "9999-12-30T00:00:00+00:00");
    }
}
