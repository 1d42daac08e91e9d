//! Envelopes, refusals, numbers and dates (Treez 4.3, 6).

use std::str::FromStr;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Number, Value, json};

use super::undocumented;

/// What a handler returns.
pub(super) type Answer = Result<Response<Bytes>, Refusal>;

/// A request the vendor said no to.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    /// A 400 with `data: null`.
    pub(super) fn bad(reason: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason, detail)
    }

    fn new(status: StatusCode, reason: &str, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        Self {
            status,
            body: json!({"resultCode": "FAIL", "resultReason": reason, "resultDetail": detail, "data": null}),
        }
    }

    /// Unknown order id or number: a 400, not a 404 (Treez 6).
    pub(super) fn no_ticket(key: &str) -> Self {
        let detail = format!("Cannot find the ticket {key}");
        let body = json!({"resultCode": "FAIL", "resultReason": "TICKET_NOT_FOUND", "resultDetail": detail, "ticketList": []});
        Self { status: StatusCode::BAD_REQUEST, body }
    }

    pub(super) fn no_customer() -> Self {
        Self::new(StatusCode::NOT_FOUND, "CUSTOMER_DOESNT_EXIST", "Customer does not exist")
    }

    pub(super) fn nothing_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "Nothing was found")
    }

    /// No, a wrong or an expired token, or a wrong client id (Treez 2).
    pub(super) fn unauthenticated() -> Self {
        let reason = "Full authentication is required to access this resource";
        Self { status: StatusCode::UNAUTHORIZED, body: json!({"resultCode": "FAIL", "resultReason": reason}) }
    }

    /// A refused token call (Treez 2a).
    pub(super) fn token(status: u16) -> Self {
        let body = json!({"resultCode": "FAIL", "resultReason": undocumented::BAD_CREDENTIALS});
        Self { status: StatusCode::from_u16(status).unwrap_or(StatusCode::UNAUTHORIZED), body }
    }

    /// One request too many; the body is unpublished, so it is not even JSON (Treez 6).
    pub(super) fn throttled() -> Self {
        Self { status: StatusCode::TOO_MANY_REQUESTS, body: Value::Null }
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        if self.body.is_null() {
            let mut response = Response::new(Bytes::from_static(undocumented::TOO_MANY_REQUESTS.as_bytes()));
            *response.status_mut() = self.status;
            return response;
        }
        respond(self.status, &self.body)
    }
}

/// A success with its content under `data`.
pub(super) fn data(content: Value) -> Response<Bytes> {
    respond(
        StatusCode::OK,
        &json!({"resultCode": "SUCCESS", "resultReason": null, "resultDetail": null, "data": content}),
    )
}

/// A success with its content under `ticketList`.
pub(super) fn ticket_list(content: Vec<Value>) -> Response<Bytes> {
    respond(
        StatusCode::OK,
        &json!({"resultCode": "SUCCESS", "resultReason": null, "resultDetail": null, "ticketList": content}),
    )
}

pub(super) fn respond(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    response
}

/// A JSON number with the digits of `amount` and no trailing zeros, as the vendor mixes `3` and `3.39` (Treez 4.3).
pub(super) fn number(amount: Decimal) -> Value {
    Number::from_str(&amount.normalize().to_string()).map_or(Value::Null, Value::Number)
}

/// A whole number written as a float, as the vendor writes quantities in tickets (Treez 4.3).
pub(super) fn float(whole: u32) -> Value {
    Number::from_str(&format!("{whole}.0")).map_or(Value::Null, Value::Number)
}

/// The decimal a JSON number spells.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    let literal = value.as_number()?.to_string();
    Decimal::from_str(&literal).or_else(|_| Decimal::from_scientific(&literal)).ok()
}

/// Half a cent goes up.
pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Dates as the store writes them.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoreTime(pub(super) Tz);

impl StoreTime {
    /// With milliseconds and the store's offset, `-08:00` (Treez 4.3).
    pub(super) fn iso(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.0).format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// The same with an offset without a colon, only seen on tokens (Treez 2a).
    pub(super) fn token_iso(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.0).format("%Y-%m-%dT%H:%M:%S%.3f%z").to_string()
    }

    /// Without a zone, seen on some customer fields (Treez 3).
    pub(super) fn plain(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.0).format("%Y-%m-%d %H:%M:%S%.3f").to_string()
    }

    pub(super) fn day(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }
}

/// Reads exactly `yyyy-MM-ddTHH:mm:ss.SSS±hh:mm`.
pub(super) fn parse_timestamp(text: &str) -> Result<DateTime<Utc>, Refusal> {
    let parsed = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.3f%:z").ok();
    // The fixed length rules out the spellings the parser is lenient about.
    parsed
        .filter(|_| text.len() == 29)
        .map(|at| at.with_timezone(&Utc))
        .ok_or_else(|| Refusal::bad("INVALID_DATE_FORMAT", "Expected yyyy-MM-ddTHH:mm:ss.SSS±hh:mm"))
}

/// Reads exactly `yyyy-MM-dd`.
pub(super) fn parse_day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10)
}
