//! Reading a draft from JSON, with every wrong type, unknown field and missing value named at once.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::{CustomerDraft, DraftLine, OrderDraft, Problems, check_lines, codes};
use crate::model::{CustomerKind, FulfillmentKind, Personal, Policy, Residency};

/// Reads a draft. What cannot be read is noted in [`OrderDraft::unread`], so that it is told together with
/// everything else that is wrong.
pub fn read_draft(json: &Value, policy: &Policy) -> OrderDraft {
    let mut problems = Problems::new();
    let mut draft = OrderDraft::default();
    if let Some(fields) = object(json, "", &mut problems) {
        known(fields, "", &FIELDS, &mut problems);
        match fields.get("customer") {
            None | Some(Value::Null) => problems.add(codes::REQUIRED, "customer", "say who orders"),
            Some(customer) => draft.customer = customer_of(customer, &mut problems),
        }
        draft.items = lines_of(fields.get("items"), policy, &mut problems);
        if let Some(fields) = fulfillment_of(fields.get("fulfillment"), &mut problems) {
            draft.fulfillment = kind_of(fields, &mut problems);
            draft.pickup_at = text(fields, "fulfillment", "pickup_at", &mut problems);
        }
        draft.discount_code = text(fields, "", "discount_code", &mut problems);
        draft.note = text(fields, "", "note", &mut problems);
        draft.override_note = text(fields, "", "override_note", &mut problems);
        draft.expected_total = amount(fields, "expected_total", &mut problems);
    }
    draft.unread = problems;
    draft
}

const FIELDS: [&str; 7] =
    ["customer", "items", "fulfillment", "discount_code", "note", "expected_total", "override_note"];

/// Reads the lines of an amendment, `[{"product_id", "variant_id"?, "quantity"}]`, and checks their shape.
///
/// # Errors
/// Every problem of type and of shape at once.
pub fn read_lines(json: Option<&Value>, policy: &Policy) -> Result<Vec<DraftLine>, Problems> {
    let mut problems = Problems::new();
    let lines = lines_of(json, policy, &mut problems);
    if let Err(more) = check_lines(&lines, policy) {
        problems.extend(more);
    }
    problems.into_result().map(|()| lines)
}

const CUSTOMER_FIELDS: [&str; 10] = [
    "id",
    "first_name",
    "last_name",
    "phone",
    "email",
    "birth_date",
    "type",
    "residency",
    "medical_card",
    "medical_card_expires",
];

fn customer_of(json: &Value, problems: &mut Problems) -> CustomerDraft {
    let Some(fields) = object(json, "customer", problems) else { return CustomerDraft::default() };
    known(fields, "customer", &CUSTOMER_FIELDS, problems);
    let mut get = |name| text(fields, "customer", name, problems);
    let (id, first, last) = (get("id"), get("first_name"), get("last_name"));
    let (phone, email, birth_date, kind) = (get("phone"), get("email"), get("birth_date"), get("type"));
    let (card, expires, residency) = (get("medical_card"), get("medical_card_expires"), get("residency"));
    let residency = match residency.as_deref() {
        None => None,
        Some("resident") => Some(Residency::Resident),
        Some("visitor") => Some(Residency::Visitor),
        Some(_) => {
            problems.add(codes::UNKNOWN_VALUE, "customer.residency", "expected resident or visitor");
            None
        }
    };
    let kind = match kind.as_deref() {
        Some("adult") => CustomerKind::Adult,
        Some("medical") => CustomerKind::Medical,
        Some("caregiver") => CustomerKind::Caregiver,
        Some(_) => {
            problems.add(codes::UNKNOWN_VALUE, "customer.type", "expected adult, medical or caregiver");
            CustomerKind::Adult
        }
        None => {
            problems.add(codes::REQUIRED, "customer.type", "say adult, medical or caregiver");
            CustomerKind::Adult
        }
    };
    CustomerDraft {
        id,
        first_name: Personal::new(first.unwrap_or_default()),
        last_name: Personal::new(last.unwrap_or_default()),
        phone: phone.map(Personal::new),
        email: email.map(Personal::new),
        birth_date: birth_date.map(Personal::new),
        kind,
        residency,
        medical_card: card.map(Personal::new),
        medical_card_expires: expires.map(Personal::new),
    }
}

fn fulfillment_of<'a>(json: Option<&'a Value>, problems: &mut Problems) -> Option<&'a Map<String, Value>> {
    let fields = object(json.filter(|json| !json.is_null())?, "fulfillment", problems)?;
    known(fields, "fulfillment", &["type", "pickup_at"], problems);
    Some(fields)
}

fn kind_of(fields: &Map<String, Value>, problems: &mut Problems) -> FulfillmentKind {
    match text(fields, "fulfillment", "type", problems).as_deref() {
        None | Some("pickup") => FulfillmentKind::Pickup,
        Some("delivery") => FulfillmentKind::Delivery,
        Some(_) => {
            problems.add(codes::UNKNOWN_VALUE, "fulfillment.type", "expected pickup or delivery");
            FulfillmentKind::Pickup
        }
    }
}

/// An amount of money, as a decimal text like all money here.
fn amount(fields: &Map<String, Value>, name: &str, problems: &mut Problems) -> Option<Decimal> {
    let read = text(fields, "", name, problems)?.trim().parse().ok();
    if read.is_none() {
        problems.add(codes::WRONG_TYPE, name, "expected an amount of money as a text, such as \"12.50\"");
    }
    read
}

fn lines_of(json: Option<&Value>, policy: &Policy, problems: &mut Problems) -> Vec<DraftLine> {
    let lines = match json {
        None | Some(Value::Null) => {
            problems.add(codes::NO_ITEMS, "items", "an order needs at least one item");
            return Vec::new();
        }
        Some(Value::Array(lines)) => lines,
        Some(_) => {
            problems.add(codes::WRONG_TYPE, "items", "expected a list");
            return Vec::new();
        }
    };
    // One line past the limit is enough to be told that there are too many.
    let read = policy.max_lines.saturating_add(1);
    lines.iter().take(read).enumerate().map(|(at, line)| line_of(at, line, problems)).collect()
}

fn line_of(at: usize, json: &Value, problems: &mut Problems) -> DraftLine {
    let mut line = DraftLine { product_id: String::new(), variant_id: None, quantity: Decimal::ZERO };
    let path = format!("items.{at}");
    let Some(fields) = object(json, &path, problems) else { return line };
    known(fields, &path, &["product_id", "variant_id", "quantity"], problems);
    line.product_id = text(fields, &path, "product_id", problems).unwrap_or_default();
    line.variant_id = text(fields, &path, "variant_id", problems);
    let place = format!("{path}.quantity");
    match fields.get("quantity") {
        None | Some(Value::Null) => problems.add(codes::REQUIRED, place, "say how much"),
        Some(Value::Number(number)) => match read_number(&number.to_string()) {
            Some(quantity) => line.quantity = quantity,
            None if number.as_f64().is_some_and(|number| number < 1.0) => {
                problems.add(codes::QUANTITY_NOT_POSITIVE, place, "the quantity must be at least 1");
            }
            None => problems.add(codes::QUANTITY_TOO_LARGE, place, "the quantity is out of range"),
        },
        Some(_) => problems.add(codes::WRONG_TYPE, place, "expected a number"),
    }
    line
}

fn read_number(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

fn object<'a>(json: &'a Value, path: &str, problems: &mut Problems) -> Option<&'a Map<String, Value>> {
    let fields = json.as_object();
    if fields.is_none() {
        problems.add(codes::WRONG_TYPE, path, "expected an object");
    }
    fields
}

fn known(fields: &Map<String, Value>, path: &str, names: &[&str], problems: &mut Problems) {
    for field in fields.keys().filter(|field| !names.contains(&field.as_str())) {
        // The name came from outside: bounded and stripped before it is repeated.
        let field: String = field.chars().filter(|c| !c.is_control()).take(40).collect();
        let expected = format!("not a field of this call; known are {}", names.join(", "));
        problems.add(codes::UNKNOWN_FIELD, join(path, &field), expected);
    }
}

fn text(fields: &Map<String, Value>, path: &str, name: &str, problems: &mut Problems) -> Option<String> {
    match fields.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => {
            problems.add(codes::WRONG_TYPE, join(path, name), "expected a text");
            None
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
