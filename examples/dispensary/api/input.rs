//! Reading what a request says, with every problem named.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use chrono::{DateTime, Utc};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use order_core::flow::{PosOrderLink, Words};
use order_core::lifecycle::{Action, ActionKind, Command, LinePick};
use order_core::model::{
    Content, InvalidText, LineId, Note, OrderId, PickState, PosOrderId, PosState, ProductId, Quantity,
    ReasonCode, Status, StoreId, Substitute, VariantId, Version,
};
use order_core::ports::{IdempotencyKey, OrderQuery, Sort};
use order_core::rules::{Problems, codes};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::json::refuse_repeats;
use super::{Problem, State};

/// A JSON body in which no object names a field twice.
pub(crate) struct Body(pub Value);

impl FromRequest<State> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &State) -> Result<Self, Problem> {
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection: BytesRejection| match rejection
                .status()
            {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
                _ => Problem::malformed("the body could not be read"),
            })?;
        // The position helps, the text around it may be personal.
        let at = |error: &serde_json::Error| format!("at line {}, column {}", error.line(), error.column());
        let body = serde_json::from_slice(&bytes).map_err(|error| Problem::malformed(at(&error)))?;
        refuse_repeats(&bytes)
            .map_err(|error| Problem::malformed(format!("a field is given twice {}", at(&error))))?;
        Ok(Self(body))
    }
}

/// The variable part of an address. What is not text is an address that does not exist.
pub(crate) struct Segment<T = String>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<State> for Segment<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(variable)| Self(variable))
            .map_err(|_| Problem::not_found("there is nothing at this address"))
    }
}

/// The store named in the path; a malformed name is a store that does not exist.
pub(crate) fn store_of(Segment(store): Segment) -> Result<StoreId, Problem> {
    StoreId::new(store).map_err(|_| Problem::not_found("no such store"))
}

/// The order named in the path, likewise.
pub(crate) fn order_of(Segment(id): Segment) -> Result<OrderId, Problem> {
    id.parse().map_err(|_| Problem::not_found("no such order"))
}

/// The `Idempotency-Key` header.
pub(crate) fn key_of(headers: &HeaderMap) -> Result<IdempotencyKey, Problems> {
    const NAME: &str = "Idempotency-Key";
    let Some(value) = headers.get(NAME) else {
        let message = "send a key of your own with every order, and the same one with every repeat of it";
        return Err(Problems::one(codes::REQUIRED, NAME, message));
    };
    let invalid = || Problems::one(codes::INVALID_ID, NAME, "expected 1 to 255 visible ASCII characters");
    IdempotencyKey::new(value.to_str().map_err(|_| invalid())?).map_err(|_| invalid())
}

/// The fields of a JSON object.
pub(crate) fn fields(body: &Value) -> Result<&Map<String, Value>, Problems> {
    body.as_object().ok_or_else(|| Problems::one(codes::WRONG_TYPE, "", "expected an object"))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str, problems: &mut Problems) -> Option<&'a str> {
    match fields.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            problems.add(codes::WRONG_TYPE, name, "expected a text");
            None
        }
    }
}

/// Names every field that the call does not know: a misspelt one must not be passed over in silence.
pub(crate) fn only(fields: &Map<String, Value>, known: &[&str], problems: &mut Problems) {
    for field in fields.keys().filter(|field| !known.contains(&field.as_str())) {
        let field: String = field.chars().filter(|c| !c.is_control()).take(40).collect();
        let message = format!("not a field of this call; known are {}", known.join(", "));
        problems.add(codes::UNKNOWN_FIELD, field, message);
    }
}

/// The `note` of a body.
pub(crate) fn note_of(fields: &Map<String, Value>, problems: &mut Problems) -> Option<Note> {
    let note = text(fields, "note", problems).map(str::trim).filter(|note| !note.is_empty())?;
    let refused = |invalid: InvalidText| {
        let code = match invalid {
            InvalidText::TooLong { .. } => codes::TOO_LONG,
            _ => codes::CONTROL_CHARACTER,
        };
        problems.add(code, "note", invalid.to_string());
    };
    Note::new(note).map_err(refused).ok()
}

/// A moment of a body, RFC 3339.
pub(crate) fn moment_of(
    fields: &Map<String, Value>,
    name: &str,
    problems: &mut Problems,
) -> Option<DateTime<Utc>> {
    let read = text(fields, name, problems)?.parse().ok();
    if read.is_none() {
        problems.add(codes::INVALID_DATE, name, "expected an RFC 3339 time, such as 2026-03-01T00:00:00Z");
    }
    read
}

/// What somebody says along with a change of lines.
pub(crate) fn words_of(fields: &Map<String, Value>, problems: &mut Problems) -> Words {
    Words { note: note_of(fields, problems), waive: flag(fields, "override", problems) }
}

fn flag(fields: &Map<String, Value>, name: &str, problems: &mut Problems) -> bool {
    match fields.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(_) => {
            problems.add(codes::WRONG_TYPE, name, "expected true or false");
            false
        }
    }
}

/// The `version` of a body, which every write by a person must name.
pub(crate) fn version_of(fields: &Map<String, Value>, problems: &mut Problems) -> Option<Version> {
    match fields.get("version") {
        None | Some(Value::Null) => {
            problems.add(codes::VERSION_REQUIRED, "version", "name the version of the order you have seen");
            None
        }
        Some(version) => {
            let version = version.as_u64().map(Version::new);
            if version.is_none() {
                problems.add(codes::WRONG_TYPE, "version", "expected a whole number");
            }
            version
        }
    }
}

/// The command a body asks for. Whether it needs a version is the caller's to check; `beside` names the
/// fields that are the caller's own.
pub(crate) fn command_of(
    fields: &Map<String, Value>,
    beside: &'static str,
    problems: &mut Problems,
) -> Option<Command> {
    let reason = text(fields, "reason", problems).and_then(|word| {
        word.parse::<ReasonCode>()
            .map_err(|invalid| problems.add(codes::UNKNOWN_VALUE, "reason", invalid.to_string()))
            .ok()
    });
    let note = note_of(fields, problems);
    let Some(word) = text(fields, "action", problems) else {
        problems.add(codes::REQUIRED, "action", "say what is to be done");
        return None;
    };
    let kind = word.parse::<ActionKind>().ok();
    let own: &[&str] = match kind {
        Some(ActionKind::Pick) => &["lines"],
        Some(ActionKind::Complete) => &["id_checked", "override"],
        Some(ActionKind::Pack | ActionKind::Reopen) => &["override"],
        Some(ActionKind::MarkPrinted) => &["printed_id"],
        _ => &[],
    };
    let known: Vec<&str> = ["action", beside, "reason", "note"].iter().chain(own).copied().collect();
    only(fields, &known, problems);
    let action = match kind {
        Some(ActionKind::Verify) => Action::Verify,
        Some(ActionKind::Reject) => Action::Reject,
        Some(ActionKind::Start) => Action::Start,
        Some(ActionKind::Release) => Action::Release,
        Some(ActionKind::Pick) => Action::Pick(picks_of(fields, problems)),
        Some(ActionKind::Pack) => Action::Pack,
        Some(ActionKind::Unpack) => Action::Unpack,
        Some(ActionKind::Dispatch) => Action::Dispatch,
        Some(ActionKind::Return) => Action::Return,
        Some(ActionKind::Complete) => Action::Complete { id_checked: flag(fields, "id_checked", problems) },
        Some(ActionKind::Cancel) => Action::Cancel,
        Some(ActionKind::Remove) => Action::Remove,
        Some(ActionKind::Reopen) => Action::Reopen,
        Some(ActionKind::MarkPaid) => Action::MarkPaid,
        Some(ActionKind::MarkPrinted) => Action::MarkPrinted {
            id: text(fields, "printed_id", problems).map(|id| id.chars().take(100).collect()),
        },
        _ => {
            problems.add(
                codes::UNKNOWN_VALUE,
                "action",
                "expected one of the actions, such as start or cancel",
            );
            return None;
        }
    };
    let waive = (own.contains(&"override") && flag(fields, "override", problems)).then(Vec::new);
    Some(Command { action, version: None, reason, note, waive })
}

/// `lines`: `[{"line", "pick", "supplied"?, "substitute"?}]`; without it every open line is gathered.
fn picks_of(fields: &Map<String, Value>, problems: &mut Problems) -> Vec<LinePick> {
    let lines = match fields.get("lines") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(lines)) => lines,
        Some(_) => {
            problems.add(codes::WRONG_TYPE, "lines", "expected a list");
            return Vec::new();
        }
    };
    lines.iter().enumerate().filter_map(|(at, line)| pick_of(at, line, problems)).collect()
}

fn pick_of(at: usize, json: &Value, problems: &mut Problems) -> Option<LinePick> {
    let path = |field: &str| format!("lines.{at}.{field}");
    let line = json.get("line").and_then(Value::as_u64).and_then(|line| u32::try_from(line).ok());
    if line.is_none() {
        problems.add(codes::REQUIRED, path("line"), "name the line by its number");
    }
    let pick = match json.get("pick") {
        None => Some(PickState::Picked),
        Some(word) => serde_json::from_value(word.clone()).ok(),
    };
    if pick.is_none() {
        problems.add(
            codes::UNKNOWN_VALUE,
            path("pick"),
            "expected open, picked, short, substituted or removed",
        );
    }
    let supplied =
        json.get("supplied").map(|supplied| serde_json::from_value::<Quantity>(supplied.clone()).ok());
    if supplied == Some(None) {
        problems.add(codes::WRONG_TYPE, path("supplied"), "expected a quantity");
    }
    let substitute = json.get("substitute").map(substitute_of);
    if matches!(substitute, Some(None)) {
        let message = "expected product_id, name, unit_price as a decimal text, and consent";
        problems.add(codes::WRONG_TYPE, path("substitute"), message);
    }
    Some(LinePick {
        line: LineId::new(line?),
        pick: pick?,
        supplied: supplied.flatten(),
        substitute: substitute.flatten(),
    })
}

fn substitute_of(json: &Value) -> Option<Substitute> {
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    let variant_id = match text("variant_id") {
        Some(variant) => Some(VariantId::new(variant).ok()?),
        None => None,
    };
    Some(Substitute {
        product_id: ProductId::new(text("product_id")?).ok()?,
        variant_id,
        name: text("name")?.chars().filter(|c| !c.is_control()).take(200).collect(),
        unit_price: text("unit_price")?.parse::<Decimal>().ok()?,
        content: Content::default(),
        consent: json.get("consent").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// What a person says about the POS side: `retry`, `link` with an id, or `manual` with a number.
pub(crate) fn pos_link_of(fields: &Map<String, Value>, problems: &mut Problems) -> Option<PosOrderLink> {
    only(fields, &["action", "id", "number", "note"], problems);
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).take(100).collect::<String>();
    let number = text(fields, "number", problems).map(clean).filter(|number| !number.is_empty());
    match text(fields, "action", problems) {
        Some("retry") => Some(PosOrderLink::Retry),
        Some("link") => match text(fields, "id", problems).map(PosOrderId::new) {
            Some(Ok(id)) => Some(PosOrderLink::Link { id, number }),
            _ => {
                problems.add(codes::REQUIRED, "id", "name the order's id in the POS");
                None
            }
        },
        Some("manual") => {
            if number.is_none() {
                problems.add(codes::REQUIRED, "number", "name the order's number in the POS");
            }
            number.map(|number| PosOrderLink::Manual { number })
        }
        _ => {
            problems.add(codes::UNKNOWN_VALUE, "action", "expected retry, link or manual");
            None
        }
    }
}

/// The `ids` of a batch: 1 to 200 orders.
pub(crate) fn ids_of(fields: &Map<String, Value>, problems: &mut Problems) -> Vec<OrderId> {
    const MOST: usize = 200;
    let ids = match fields.get("ids") {
        Some(Value::Array(ids)) if (1..=MOST).contains(&ids.len()) => ids,
        _ => {
            problems.add(codes::REQUIRED, "ids", format!("expected a list of 1 to {MOST} order ids"));
            return Vec::new();
        }
    };
    let mut found = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        match id.as_str().and_then(|id| id.parse().ok()) {
            Some(id) => found.push(id),
            None => problems.add(codes::INVALID_ID, format!("ids.{at}"), "not an order id"),
        }
    }
    found
}

/// The filters of a list.
pub(crate) fn query_of(
    store: StoreId,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<OrderQuery, Problems> {
    let mut query = OrderQuery::of(store);
    let mut problems = Problems::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let words = || value.split(',').map(str::trim).filter(|word| !word.is_empty());
        let mut invalid = |message: String| problems.add(codes::UNKNOWN_VALUE, name.as_str(), message);
        match name.as_str() {
            "status" => words().for_each(|word| match word.parse::<Status>() {
                Ok(status) => query.statuses.push(status),
                Err(error) => invalid(error.to_string()),
            }),
            "pos" => words().for_each(|word| match PosState::from_word(word) {
                Some(state) => query.pos.push(state),
                None => invalid("expected a POS state, such as accepted or attention".to_owned()),
            }),
            "attention" => match value.as_str() {
                "true" | "1" => query.attention = Some(true),
                "false" | "0" => query.attention = Some(false),
                _ => invalid("expected true or false".to_owned()),
            },
            "q" => query.text = Some(value.chars().take(200).collect()),
            "from" | "to" => match value.parse::<DateTime<Utc>>() {
                Ok(at) if name == "from" => query.from = Some(at),
                Ok(at) => query.to = Some(at),
                Err(_) => invalid("expected an RFC 3339 time, such as 2026-03-01T00:00:00Z".to_owned()),
            },
            "sort" => match value.parse::<Sort>() {
                Ok(sort) => query.sort = sort,
                Err(error) => invalid(error.to_string()),
            },
            "cursor" => match value.parse() {
                Ok(cursor) => query.cursor = Some(cursor),
                Err(error) => invalid(error.to_string()),
            },
            "limit" => match value.parse::<usize>() {
                Ok(limit) if (1..=500).contains(&limit) => query.limit = limit,
                _ => invalid("expected 1 to 500".to_owned()),
            },
            _ => problems.add(codes::UNKNOWN_FIELD, name.as_str(), "not a filter of this list"),
        }
    }
    problems.into_result().map(|()| query)
}
