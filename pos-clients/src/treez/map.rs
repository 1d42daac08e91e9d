//! From Treez's words to ours and back. Pure functions.

use chrono::{DateTime, NaiveDate, Utc};
use http::StatusCode;
use order_core::model::{
    Content, Currency, CustomerId, CustomerKind, Personal, PosOrderId, Product, ProductId, Quantity, SoldBy,
    Status, Stock, Totals,
};
use order_core::ports::{LimitUse, PosCustomer, PosErrorKind, PosLine, PosSnapshot};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::DeserializeOwned;

use super::wire::{Bare, Customer, Envelope, Item, Maybe, ProductSeen, Ticket, Word};
use crate::transport::{Answer, Complaint, Literal};

/// Our status as Treez writes it (Treez 4.5).
pub(super) const fn status_word(status: Status) -> &'static str {
    match status {
        Status::VerificationPending => "VERIFICATION_PENDING",
        Status::AwaitingProcessing => "AWAITING_PROCESSING",
        Status::InProcess => "IN_PROCESS",
        Status::PackedReady => "PACKED_READY",
        Status::OutForDelivery => "OUT_FOR_DELIVERY",
        Status::Completed => "COMPLETED",
        Status::Canceled => "CANCELED",
        Status::Removed => "REMOVED",
    }
}

/// Treez's status as ours; none for drafts, previews and words we do not know. A ticket removed at the
/// register is an order that will not be handed over, so it reads as cancelled (Treez 4.5).
pub(super) fn read_status(word: &str) -> Option<Status> {
    Some(match word {
        "VERIFICATION_PENDING" => Status::VerificationPending,
        "AWAITING_PROCESSING" => Status::AwaitingProcessing,
        "IN_PROCESS" => Status::InProcess,
        "PACKED_READY" => Status::PackedReady,
        "OUT_FOR_DELIVERY" => Status::OutForDelivery,
        "COMPLETED" => Status::Completed,
        "CANCELED" | "REMOVED" => Status::Canceled,
        _ => return None,
    })
}

/// Reads the envelope of an answer; anything but `SUCCESS` is a complaint (Treez 6).
pub(super) fn read_envelope<T: DeserializeOwned>(answer: &Answer) -> Result<Envelope<T>, Complaint> {
    match serde_json::from_slice::<Envelope<T>>(&answer.body) {
        Ok(envelope) if envelope.result_code.is("SUCCESS") => Ok(envelope),
        Ok(Envelope { result_code, reason, detail, .. }) => {
            Err(complaint(answer.status, &Bare { result_code, reason, detail }))
        }
        Err(error) => match serde_json::from_slice::<Bare>(&answer.body) {
            Ok(bare) if !bare.result_code.is("SUCCESS") => Err(complaint(answer.status, &bare)),
            _ => Err(Complaint::json(&error)),
        },
    }
}

/// What an answer without `SUCCESS` says.
pub(super) fn complaint(status: StatusCode, bare: &Bare) -> Complaint {
    let (code, text) = (bare.reason.0.clone(), bare.detail.0.clone());
    let silent = bare.result_code.0.is_none() && code.is_none() && text.is_none();
    if silent && status.is_success() {
        return Complaint::Unreadable { why: "it has no resultCode".to_owned() };
    }
    let words = format!("{} {}", code.as_deref().unwrap_or(""), text.as_deref().unwrap_or("")).to_uppercase();
    if code.as_deref().is_some_and(|code| code.to_uppercase().contains("AUTHENTICATION")) {
        return Complaint::Credentials { code, text };
    }
    let kind = if silent { None } else { Some(refusal_kind(status, code.as_deref(), &words)) };
    Complaint::Refusal { kind, code, text }
}

/// The published codes mean what they say; of others, key words are no more than a hint (Treez 6).
fn refusal_kind(status: StatusCode, code: Option<&str>, words: &str) -> PosErrorKind {
    match code {
        Some("TICKET_NOT_FOUND" | "NOT_FOUND" | "CUSTOMER_DOESNT_EXIST") => return PosErrorKind::NotFound,
        Some("PRODUCT_NOT_FOUND") => return PosErrorKind::UnknownProduct,
        Some("INVALID_TICKET_STATUS") => return PosErrorKind::WrongState,
        Some(
            "TICKET_FORMAT_ERROR"
            | "CUSTOMER_FIRST_NAME_BLANK"
            | "MODEL_VALIDATION_FAIL"
            | "INCORRECT_VALUE"
            | "INVALID_REQUEST"
            | "INVALID_DATE_FORMAT"
            | "RESPONSE_LIMIT_EXCEEDS"
            | "INVALID_ACTIVE_PARAMETER"
            | "UNKNOWN_FILE_TYPE",
        ) => return PosErrorKind::InvalidRequest,
        _ => {}
    }
    let hints = |keys: &[&str]| keys.iter().any(|key| words.contains(key));
    if status == StatusCode::NOT_FOUND {
        PosErrorKind::NotFound
    } else if hints(&["INVENTOR", "STOCK", "AVAILAB", "QUANTITY"]) {
        PosErrorKind::OutOfStock
    } else if hints(&["LIMIT"]) {
        PosErrorKind::LimitExceeded
    } else if hints(&["CUSTOMER"]) {
        PosErrorKind::Customer
    } else {
        PosErrorKind::Refused
    }
}

/// A time with offset, with or without a colon in it (Treez 2a, 4.3).
pub(super) fn read_time(word: &Word) -> Option<DateTime<Utc>> {
    let text = word.as_str()?;
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|time| time.with_timezone(&Utc))
}

/// The sums of a ticket, as ours; none when Treez gives no total.
///
/// Treez's `sub_total` is already net of discounts, its `discount_total` is zero or negative, and its
/// `total` holds fees, which ours have no place for (Treez 4.3). Total, tax and discount are taken over;
/// the subtotal is what then remains, so fees, and the cent that rounding may leave, are in it.
pub(super) fn totals(ticket: &Ticket, currency: Currency) -> Option<Totals> {
    let total = currency.round(ticket.total.0?);
    let tax = currency.round(ticket.tax_total.0.unwrap_or_default());
    let discount = currency.round(ticket.discount_total.0.unwrap_or_default().abs());
    let subtotal = total.checked_sub(tax)?.checked_add(discount)?;
    Totals::of(subtotal, discount, tax, currency).ok()
}

/// Whether a line is a fee, which Treez lists among the items too (Treez 4.3).
pub(super) fn is_fee(item: &Item) -> bool {
    let kind = &item.product_type;
    item.product_subtype.is("FEE") && (kind.0.is_none() || kind.is("NON-INV"))
}

/// The id a line is ordered by.
pub(super) fn size_of(item: &Item) -> Option<&str> {
    item.size_id.as_str().or_else(|| item.product_id.as_str())
}

/// A line as ours. A fraction of a unit cannot be ordered through us; it reads as a weight, so that a
/// comparison shows it.
fn line(item: &Item) -> Option<PosLine> {
    let product_id = ProductId::new(size_of(item)?).ok()?;
    let count = item.quantity.0?;
    let units = if count.is_integer() { count.to_u32() } else { None };
    let quantity = units.map_or(Quantity::Grams(count), Quantity::Units);
    Some(PosLine { product_id, variant_id: None, quantity })
}

/// Whether a ticket is paid; none for a word we do not know. A refunded one is not (Treez 4.3).
pub(super) fn paid(ticket: &Ticket) -> Option<bool> {
    let word = &ticket.payment_status;
    if word.is("PAID") {
        Some(true)
    } else if word.is("UNPAID") || word.is("REFUNDED") {
        Some(false)
    } else {
        None
    }
}

/// A ticket as ours; none without a usable id.
pub(super) fn snapshot(ticket: &Ticket, currency: Currency) -> Option<PosSnapshot> {
    let raw_status = ticket.order_status.0.clone().unwrap_or_default();
    Some(PosSnapshot {
        id: PosOrderId::new(ticket.ticket_id.as_str()?).ok()?,
        number: ticket.order_number.0.clone(),
        reference: ticket.external_order_number.0.clone(),
        status: read_status(&raw_status),
        raw_status,
        paid: paid(ticket),
        totals: totals(ticket, currency),
        lines: ticket.items.0.iter().filter(|item| !is_fee(item)).filter_map(line).collect(),
        customer: ticket.customer_id.as_str().and_then(|id| CustomerId::new(id).ok()),
        updated_at: read_time(&ticket.last_updated_at),
    })
}

/// The limits of a preview, written `used/allowed` (Treez 4.3); one that is not is left out.
pub(super) fn limits(ticket: &Ticket) -> Vec<LimitUse> {
    let Maybe(Some(limits)) = &ticket.purchase_limit else { return Vec::new() };
    let read = |(name, word): (&String, &Word)| {
        let (used, allowed) = word.as_str()?.split_once('/')?;
        let (used, allowed) = (Literal::parse(used)?, Literal::parse(allowed)?);
        Some(LimitUse { name: name.clone(), used, allowed })
    };
    limits.iter().filter_map(read).collect()
}

/// A phone number as Treez takes it: ten digits, the first neither 0 nor 1; a leading US 1 is dropped.
/// None when it is anything else: better no phone than no order (Treez 3, 9.5).
pub(super) fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let ten = match digits.len() {
        11 => digits.strip_prefix('1')?,
        _ => &digits,
    };
    let good = ten.len() == 10 && !ten.starts_with(['0', '1']);
    good.then(|| ten.to_owned())
}

/// A birth date in the one form Treez takes, `YYYY-MM-DD`; none when it is no date.
pub(super) fn birth_date(text: &str) -> Option<String> {
    let date = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    Some(date.format("%Y-%m-%d").to_string())
}

/// The kind of patient Treez is told for a customer of ours.
pub(super) const fn patient_type(kind: CustomerKind) -> &'static str {
    match kind {
        CustomerKind::Adult => "ADULT",
        // Who buys for a patient buys from the medical pool.
        CustomerKind::Medical | CustomerKind::Caregiver => "MEDICAL",
    }
}

/// A customer as ours; none without a usable id.
pub(super) fn customer(seen: &Customer) -> Option<PosCustomer> {
    let personal = |word: &Word| word.as_str().map(Personal::new);
    let medical = seen.patient_type.as_str().is_some_and(|word| word.starts_with("MEDICAL"));
    Some(PosCustomer {
        id: CustomerId::new(seen.customer_id.as_str()?).ok()?,
        first_name: personal(&seen.first_name).unwrap_or_else(|| Personal::new("")),
        last_name: personal(&seen.last_name).unwrap_or_else(|| Personal::new("")),
        phone: personal(&seen.phone),
        email: personal(&seen.email),
        birth_date: personal(&seen.birthday),
        kind: if medical { CustomerKind::Medical } else { CustomerKind::Adult },
        verified: seen.verification_status.is("VERIFIED"),
        banned: seen.banned.is("true"),
    })
}

/// A product as ours; none without a usable id. `asked_at` is when we asked, before the answer came.
pub(super) fn product(seen: &ProductSeen, cap: Option<u32>, asked_at: DateTime<Utc>) -> Option<Product> {
    let id = ProductId::new(seen.product_id.as_str()?).ok()?;
    let fields = seen.product_configurable_fields.0.as_ref();
    let shown = seen.e_commerce.0.as_ref();
    let pricing = seen.pricing.0.as_ref();
    let text = |word: Option<&Word>| word.and_then(|word| word.0.clone());
    let amount =
        |literal: Option<&Literal>| literal.and_then(|literal| literal.0).filter(|n| *n >= Decimal::ZERO);

    let name = text(fields.map(|f| &f.name)).or_else(|| text(shown.map(|s| &s.menu_title)));
    let tiered = pricing.is_some_and(|pricing| pricing.price_type.is("TIER"));
    let price = amount(pricing.map(|pricing| &pricing.price_sell)).filter(|_| !tiered);
    let hidden = shown.is_some_and(|shown| shown.hide_from_menu.is("true"));
    let inactive = seen.product_status.0.is_some() && !seen.product_status.is("ACTIVE");
    // Inferred from the pools of Treez 4.2 and 5: what lies in the medical pool alone is for medical customers.
    let pools = &seen.sellable_quantity_detail.0;
    let in_grams = fields.is_some_and(|fields| fields.uom.is("GRAMS"));
    let stock = seen.sellable_quantity.0.map(|quantity| Stock {
        quantity: quantity.max(Decimal::ZERO),
        at_least: cap.is_some_and(|cap| quantity >= Decimal::from(cap)),
        as_of: asked_at,
    });
    Some(Product {
        published: price.is_some() && name.is_some() && !hidden && !inactive,
        name: name.unwrap_or_else(|| id.to_string()),
        id,
        brand: text(fields.map(|f| &f.brand)),
        category: text(Some(&seen.category_type)).unwrap_or_default().to_lowercase(),
        size: text(fields.map(|f| &f.size)),
        price: price.unwrap_or_default(),
        sold_by: SoldBy::Unit,
        content: Content {
            class: None,
            weight_grams: amount(fields.map(|f| &f.amount)).filter(|_| in_grams),
            net_grams: None,
            volume_ml: None,
            thc_mg: amount(fields.map(|f| &f.total_mg_thc)),
            cbd_mg: amount(fields.map(|f| &f.total_mg_cbd)),
        },
        medical_only: !pools.is_empty() && pools.iter().all(|pool| pool.inventory_type.is("MEDICAL")),
        recalled: false,
        expires_on: None,
        stock,
        variants: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(json: &str) -> Ticket {
        serde_json::from_str(json).unwrap()
    }

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn status_words_go_both_ways() {
        for status in Status::ALL.into_iter().filter(|status| *status != Status::Removed) {
            assert_eq!(read_status(status_word(status)), Some(status));
        }
        assert_eq!(read_status("REMOVED"), Some(Status::Canceled));
        for unknown in ["PREVIEW", "DRAFT", "", "CANCELLED", "in_process", "SHIPPED"] {
            assert_eq!(read_status(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn sums_are_ours_and_exact() {
        let json = r#"{"sub_total":20,"discount_total":-5.0,"tax_total":2.6,"total":22.6}"#;
        let sums = totals(&ticket(json), Currency::USD).unwrap();
        let shown = [sums.subtotal, sums.discount, sums.tax, sums.total].map(|sum| sum.to_string());
        assert_eq!(shown, ["25.00", "5.00", "2.60", "22.60"]);

        let with_fee = r#"{"sub_total":20,"discount_total":0,"tax_total":2.6,"total":27.6,
            "fees":[{"type":"DELIVERY FEE","total_amount":5}]}"#;
        assert_eq!(totals(&ticket(with_fee), Currency::USD).unwrap().subtotal, dec("25.00"));

        let unrounded = r#"{"sub_total":"16.033","tax_total":2.084,"total":18.12}"#;
        let sums = totals(&ticket(unrounded), Currency::USD).unwrap();
        assert_eq!(sums.subtotal - sums.discount + sums.tax, sums.total);
        assert_eq!(sums.total, dec("18.12"));

        assert_eq!(totals(&ticket(r#"{"sub_total":20}"#), Currency::USD), None);
        let huge =
            r#"{"total":79228162514264337593543950335,"discount_total":-79228162514264337593543950335}"#;
        assert_eq!(totals(&ticket(huge), Currency::USD), None);
    }

    #[test]
    fn fees_are_no_lines_and_fractions_stay_visible() {
        let json = r#"{"ticket_id":"t1","order_status":"SOMETHING_NEW","customer_id":4711,"items":[
            {"product_id":"p1","size_id":"s1","quantity":2.0},{"product_id":"p2","quantity":"1"},
            {"product_id":"f","product_type":"NON-INV","product_subtype":"FEE","quantity":1},
            {"product_id":"p3","quantity":1.5},{"quantity":1}]}"#;
        let snapshot = snapshot(&ticket(json), Currency::USD).unwrap();
        let lines: Vec<_> =
            snapshot.lines.iter().map(|line| format!("{} {}", line.product_id, line.quantity)).collect();
        assert_eq!(lines, ["s1 2", "p2 1", "p3 1.5 g"]);
        assert_eq!((snapshot.status, snapshot.raw_status.as_str()), (None, "SOMETHING_NEW"));
        assert_eq!(snapshot.customer.unwrap().as_str(), "4711");
        assert_eq!(snapshot.paid, None);
    }

    #[test]
    fn limits_are_read_from_their_notation() {
        let json = r#"{"purchase_limit":{"concentrated":"0.2/8","plant":"0/6","odd":"much","none":null}}"#;
        let limits = limits(&ticket(json));
        let shown: Vec<_> =
            limits.iter().map(|limit| format!("{} {}/{}", limit.name, limit.used, limit.allowed)).collect();
        assert_eq!(shown, ["concentrated 0.2/8", "plant 0/6"]);
    }

    #[test]
    fn refusals_have_kinds() {
        use PosErrorKind as K;
        for (status, reason, detail, kind) in [
            (404, "CUSTOMER_DOESNT_EXIST", "", K::NotFound),
            (404, "NOT_FOUND", "Nothing was found", K::NotFound),
            (404, "ODD", "no inventory", K::NotFound),
            (400, "TICKET_NOT_FOUND", "Cannot find the ticket", K::NotFound),
            (400, "TICKET_FORMAT_ERROR", "Invalid UUID format, quantity", K::InvalidRequest),
            (400, "PRODUCT_NOT_FOUND", "", K::UnknownProduct),
            (400, "INVALID_TICKET_STATUS", "", K::WrongState),
            (400, "CUSTOMER_FIRST_NAME_BLANK", "", K::InvalidRequest),
            (400, "RESPONSE_LIMIT_EXCEEDS", "", K::InvalidRequest),
            (400, "X", "Not enough inventory", K::OutOfStock),
            (200, "PURCHASE_LIMIT", "", K::LimitExceeded),
            (200, "X", "customer is banned", K::Customer),
            (200, "X", "", K::Refused),
        ] {
            let bare = Bare {
                result_code: Word(Some("FAIL".into())),
                reason: Word(Some(reason.into())),
                detail: Word((!detail.is_empty()).then(|| detail.into())),
            };
            match complaint(StatusCode::from_u16(status).unwrap(), &bare) {
                Complaint::Refusal { kind: found, code, .. } => {
                    assert_eq!((found, code.as_deref()), (Some(kind), Some(reason)), "{reason} {detail}");
                }
                other => panic!("{reason}: {other:?}"),
            }
        }
    }

    #[test]
    fn phones_and_birth_dates_are_normalised_or_dropped() {
        assert_eq!(phone("+1 (415) 555-0123").as_deref(), Some("4155550123"));
        assert_eq!(phone("4155550123").as_deref(), Some("4155550123"));
        for bad in ["", "555-0123", "1155550123", "0155550123", "24155550123"] {
            assert_eq!(phone(bad), None, "{bad}");
        }
        assert_eq!(birth_date("1990-12-10").as_deref(), Some("1990-12-10"));
        assert_eq!(birth_date("1990-12-10T00:00:00").as_deref(), Some("1990-12-10"));
        for bad in ["", "10.12.1990", "1990-13-01", "1990-12-1", "ääääää"] {
            assert_eq!(birth_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_are_read_with_and_without_a_colon() {
        let time = |text: &str| read_time(&Word(Some(text.into()))).map(|time| time.to_rfc3339());
        assert_eq!(time("2026-03-02T15:04:05.000-0800").as_deref(), Some("2026-03-02T23:04:05+00:00"));
        assert_eq!(time("2026-03-02T10:00:00.000-08:00").as_deref(), Some("2026-03-02T18:00:00+00:00"));
        assert_eq!(time("2026-03-02 10:00:00.000"), None);
    }

    #[test]
    fn products_say_whether_they_can_be_sold() {
        let now = "2026-03-02T10:00:00Z".parse().unwrap();
        let read = |json: &str| product(&serde_json::from_str(json).unwrap(), Some(30), now).unwrap();
        let flat = read(
            r#"{"product_id":"p1","product_status":"ACTIVE","sellable_quantity":30,"category_type":"FLOWER",
            "product_configurable_fields":{"name":"Blue","brand":"ACME","size":"3.5G","amount":3.5,"uom":"GRAMS",
            "total_mg_thc":"700"},"pricing":{"price_type":"FLAT","price_sell":35.5}}"#,
        );
        assert!(flat.published && flat.stock.unwrap().at_least);
        assert_eq!(
            (flat.category.as_str(), flat.price, flat.content.weight_grams),
            ("flower", dec("35.5"), Some(dec("3.5")))
        );
        assert_eq!((flat.size.as_deref(), flat.content.thc_mg), (Some("3.5G"), Some(dec("700"))));
        let edible = read(
            r#"{"product_id":"p2","sellable_quantity":-2,"product_configurable_fields":{"name":"Mint","amount":100,
            "uom":"MILLIGRAMS"},"pricing":{"price_type":"FLAT","price_sell":"5"}}"#,
        );
        assert!(edible.published && edible.content.weight_grams.is_none());
        assert_eq!(edible.stock.unwrap().quantity, Decimal::ZERO);
        for unsold in [
            r#"{"product_id":"p","product_configurable_fields":{"name":"x"},"pricing":{"price_type":"TIER","price_sell":null}}"#,
            r#"{"product_id":"p","product_configurable_fields":{"name":"x"},"pricing":{"price_sell":5},"product_status":"DEACTIVATED"}"#,
            r#"{"product_id":"p","product_configurable_fields":{"name":"x"},"pricing":{"price_sell":5},"e_commerce":{"hide_from_menu":true}}"#,
            r#"{"product_id":"p","pricing":{"price_sell":5}}"#,
        ] {
            assert!(!read(unsold).published, "{unsold}");
        }
    }
}
