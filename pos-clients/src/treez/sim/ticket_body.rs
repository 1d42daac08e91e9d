//! The bodies of preview, create and update (Treez 4.2, 4.4).

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::fields::Fields;
use super::reply::{Refusal, parse_timestamp};
use super::route::Call;

const FIELDS: &[&str] = &[
    "type",
    "order_source",
    "order_status",
    "revenue_source",
    "customer_id",
    "external_order_number",
    "items",
    "fees",
    "ticket_note",
    "scheduled_date",
    // Treez 4.2: both spellings are seen.
    "schedule_start_date",
    "scheduled_start_date",
    "delivery_address",
    "state_of_residency",
    "listener_url",
];
const UPDATE_FIELDS: &[&str] = &["payments", "employee_id", "cash_drawer_name"];
const ITEM_FIELDS: &[&str] = &[
    "size_id",
    "quantity",
    "inventory_type",
    "location_name",
    "inventory_id",
    "inventory_batch_id",
    "apply_automatic_discounts",
    "pos_discounts",
    "reward_dollars",
];
const DISCOUNT_FIELDS: &[&str] = &["discount_id", "discount_title", "discount_amount", "discount_method"];
const PAYMENT_FIELDS: &[&str] = &["payment_source", "payment_method", "amount_paid"];

/// The types v2 lists.
const TYPES: &[&str] = &["POS", "DELIVERY", "PICKUP", "EXPRESS"];
const SOURCES: &[&str] = &["ECOMMERCE", "IN_STORE", "VENDING_MACHINE", "KIOSK"];
const METHODS: &[&str] = &["CREDIT", "DEBIT", "CASH", "CHECK", "ACH"];
/// What a ticket may start with.
pub(super) const INITIAL_STATUSES: &[&str] = &[
    "DRAFT",
    "VERIFICATION_PENDING",
    "AWAITING_PROCESSING",
    "IN_PROCESS",
    "PACKED_READY",
    "OUT_FOR_DELIVERY",
];
/// What an update may additionally set on v2.
const CLOSING_STATUSES: &[&str] = &["COMPLETED", "CANCELED"];

/// A discount the integrator puts on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Discount {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) amount: Decimal,
    /// `PERCENT`, otherwise `DOLLAR`.
    pub(super) percent: bool,
}

/// One line as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) size_id: Uuid,
    pub(super) quantity: u32,
    pub(super) inventory_type: Option<String>,
    pub(super) location_name: Option<String>,
    pub(super) inventory_id: Option<String>,
    pub(super) inventory_batch_id: Option<String>,
    pub(super) automatic_discounts: bool,
    pub(super) discounts: Vec<Discount>,
    pub(super) reward_dollars: Option<i64>,
}

/// One payment as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaymentBody {
    pub(super) source: String,
    pub(super) method: String,
    pub(super) amount: Decimal,
}

/// A whole body. `None` is a field that was left out.
#[derive(Debug)]
pub(super) struct TicketBody {
    pub(super) kind: String,
    pub(super) source: String,
    pub(super) status: String,
    pub(super) revenue_source: String,
    pub(super) customer_id: Option<String>,
    pub(super) external_order_number: Option<String>,
    pub(super) items: Option<Vec<Item>>,
    pub(super) fees: Option<Vec<(String, Decimal)>>,
    pub(super) note: Option<String>,
    pub(super) scheduled: Option<String>,
    pub(super) scheduled_start: Option<String>,
    pub(super) address: Option<Value>,
    pub(super) payments: Vec<PaymentBody>,
}

impl TicketBody {
    /// Reads a body, collecting everything that is wrong with its form into one `TICKET_FORMAT_ERROR`.
    pub(super) fn read(call: &Call<'_>, update: bool, strict: bool) -> Result<Self, Refusal> {
        if !call.is("application/json") {
            return Err(format_error("Content-Type must be application/json"));
        }
        let parsed: Value = serde_json::from_slice(call.body)
            .map_err(|error| format_error(format!("Malformed JSON: {error}")))?;
        let map = parsed.as_object().ok_or_else(|| format_error("The body must be an object"))?;
        let mut fields = Fields::new(map, "");
        if strict {
            fields.refuse_unknown(if update { &[FIELDS, UPDATE_FIELDS] } else { &[FIELDS] });
        }

        let kind = fields.choice("type", TYPES);
        let kind = fields.required("type", kind);
        let source = fields.choice("order_source", SOURCES);
        let source = fields.required("order_source", source);
        let status = fields.owned("order_status");
        let status = fields.required("order_status", status);
        let revenue_source = fields.owned("revenue_source");
        let revenue_source = fields.required("revenue_source", revenue_source);
        let customer_id = fields.owned("customer_id");
        let external_order_number = fields.owned("external_order_number");
        let items = read_list(&mut fields, "items", |item| read_item(item, strict));
        let fees = read_list(&mut fields, "fees", |fee| read_fee(fee, strict));
        let note = fields.owned("ticket_note");
        let scheduled = fields.owned("scheduled_date");
        let start = fields.owned("schedule_start_date");
        let scheduled_start = fields.owned("scheduled_start_date").or(start);
        let address = fields.object("delivery_address").cloned().map(Value::Object);
        for name in ["state_of_residency", "listener_url", "employee_id", "cash_drawer_name"] {
            fields.text(name);
        }
        let payments = if update {
            read_list(&mut fields, "payments", |payment| read_payment(payment, strict)).unwrap_or_default()
        } else {
            Vec::new()
        };
        if !update && kind.as_deref() == Some("DELIVERY") && address.is_none() {
            fields.report("delivery_address", "is required for DELIVERY");
        }

        let problems = fields.into_problems();
        if !problems.is_empty() {
            return Err(format_error(problems.join(", ")));
        }
        let (Some(kind), Some(source), Some(status), Some(revenue_source)) =
            (kind, source, status, revenue_source)
        else {
            return Err(format_error("Malformed ticket"));
        };
        let closing = if update { CLOSING_STATUSES } else { &[] };
        if !INITIAL_STATUSES.contains(&status.as_str()) && !closing.contains(&status.as_str()) {
            return Err(bad_status(&status, &[INITIAL_STATUSES, closing].concat()));
        }
        for date in [&scheduled, &scheduled_start].into_iter().flatten() {
            parse_timestamp(date)?;
        }
        Ok(Self {
            kind,
            source,
            status,
            revenue_source,
            customer_id,
            external_order_number,
            items,
            fees,
            note,
            scheduled,
            scheduled_start,
            address,
            payments,
        })
    }
}

pub(super) fn format_error(detail: impl Into<String>) -> Refusal {
    Refusal::bad("TICKET_FORMAT_ERROR", detail)
}

pub(super) fn bad_status(status: &str, allowed: &[&str]) -> Refusal {
    Refusal::bad("INVALID_TICKET_STATUS", format!("{status} is not one of {}", allowed.join(", ")))
}

/// Reads an array of objects; what is wrong with them ends up in `fields`.
fn read_list<T>(
    fields: &mut Fields<'_>,
    name: &str,
    read: impl Fn(&mut Fields<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let entries = fields.array(name)?;
    let mut list = Vec::with_capacity(entries.len());
    for (place, entry) in entries.iter().enumerate() {
        let Some(map) = entry.as_object() else {
            fields.report(&format!("{name}[{place}]"), "must be an object");
            continue;
        };
        let mut nested = nest(map, format!("{}[{place}].", fields.path_of(name)));
        list.extend(read(&mut nested));
        fields.absorb(nested);
    }
    Some(list)
}

fn nest(map: &Map<String, Value>, path: String) -> Fields<'_> {
    Fields::new(map, path)
}

fn read_item(fields: &mut Fields<'_>, strict: bool) -> Option<Item> {
    if strict {
        fields.refuse_unknown(&[ITEM_FIELDS]);
    }
    let size_id = fields.uuid("size_id");
    let quantity = read_quantity(fields, strict);
    let inventory_type = fields.choice("inventory_type", &["ADULT", "MEDICAL"]);
    let location_name = fields.owned("location_name");
    let inventory_id = fields.owned("inventory_id");
    let inventory_batch_id = fields.owned("inventory_batch_id");
    let automatic_discounts = fields.boolean("apply_automatic_discounts").unwrap_or(true);
    let discounts =
        read_list(fields, "pos_discounts", |discount| read_discount(discount, strict)).unwrap_or_default();
    let reward_dollars = fields.whole("reward_dollars");
    Some(Item {
        size_id: size_id?,
        quantity: quantity?,
        inventory_type,
        location_name,
        inventory_id,
        inventory_batch_id,
        automatic_discounts,
        discounts,
        reward_dollars,
    })
}

/// Whole units, at least one (Treez 4.2). One client is known to send a string; the strict simulator refuses it.
fn read_quantity(fields: &mut Fields<'_>, strict: bool) -> Option<u32> {
    let value = fields.raw("quantity");
    let number = match value {
        Some(Value::String(text)) if !strict => text.parse::<i32>().ok(),
        Some(value) => value.as_i64().and_then(|quantity| i32::try_from(quantity).ok()),
        None => None,
    };
    let quantity = number.and_then(|quantity| u32::try_from(quantity).ok()).filter(|quantity| *quantity > 0);
    if value.is_none() {
        fields.report("quantity", "is required");
    } else if quantity.is_none() {
        fields.report("quantity", "must be a positive whole number");
    }
    quantity
}

fn read_discount(fields: &mut Fields<'_>, strict: bool) -> Option<Discount> {
    if strict {
        fields.refuse_unknown(&[DISCOUNT_FIELDS]);
    }
    let amount = fields.money("discount_amount");
    let amount = fields.required("discount_amount", amount);
    let method = fields.choice("discount_method", &["DOLLAR", "PERCENT"]);
    let method = fields.required("discount_method", method);
    let id = fields.owned("discount_id");
    let title = fields.owned("discount_title");
    Some(Discount { id, title, amount: amount?, percent: method? == "PERCENT" })
}

fn read_fee(fields: &mut Fields<'_>, strict: bool) -> Option<(String, Decimal)> {
    if strict {
        fields.refuse_unknown(&[&["type", "total_amount"]]);
    }
    let kind = fields.owned("type");
    let kind = fields.required("type", kind);
    let amount = fields.money("total_amount");
    let amount = fields.required("total_amount", amount);
    Some((kind?, amount?))
}

fn read_payment(fields: &mut Fields<'_>, strict: bool) -> Option<PaymentBody> {
    if strict {
        fields.refuse_unknown(&[PAYMENT_FIELDS]);
    }
    let source = fields.choice("payment_source", SOURCES);
    let source = fields.required("payment_source", source);
    let method = fields.owned("payment_method");
    let method = fields.required("payment_method", method);
    if let Some(method) = &method {
        let custom = method.strip_suffix("_CUSTOM").is_some_and(|name| !name.is_empty());
        if !custom && !METHODS.contains(&method.as_str()) {
            fields
                .report("payment_method", &format!("must be one of {} or end in _CUSTOM", METHODS.join(" ")));
        }
    }
    let amount = fields.money("amount_paid");
    let amount = fields.required("amount_paid", amount);
    Some(PaymentBody { source: source?, method: method?, amount: amount? })
}
