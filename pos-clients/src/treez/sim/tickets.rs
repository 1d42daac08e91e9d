//! Tickets and the rules of changing them (Treez 4).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::pricing::{Line, Totals};
use super::products::{LOCATION, Wanted, no_stock};
use super::reply::{Answer, Refusal, data, parse_day, parse_timestamp, ticket_list};
use super::route::{Call, Paging, TicketFilter};
use super::ticket_body::{INITIAL_STATUSES, Item, PaymentBody, TicketBody, bad_status};
use super::{DataShape, Omitted, TreezSim, undocumented};
use crate::sim::{SimLine, SimOrder};

/// How far back the list of changed tickets reaches (Treez 4.1).
const CHANGES_REACH: TimeDelta = TimeDelta::days(30);

/// Every status the server accepts in a list by status (Treez 4.5).
const KNOWN_STATUSES: &[&str] = &[
    "VERIFICATION_PENDING",
    "AWAITING_PROCESSING",
    "IN_PROCESS",
    "PACKED_READY",
    "OUT_FOR_DELIVERY",
    "COMPLETED",
    "CANCELED",
    "REMOVED",
    "PREVIEW",
    "DRAFT",
];

/// What was ordered, by whom and how: everything an update may edit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) kind: String,
    pub(super) source: String,
    pub(super) revenue_source: String,
    pub(super) customer: Option<u64>,
    pub(super) external_order_number: Option<String>,
    pub(super) lines: Vec<Line>,
    pub(super) fees: Vec<(String, Decimal)>,
    pub(super) note: Option<String>,
    pub(super) scheduled: Option<String>,
    pub(super) scheduled_start: Option<String>,
    pub(super) address: Option<Value>,
}

impl Content {
    pub(super) fn totals(&self) -> Totals {
        Totals::of(&self.lines, &self.fees)
    }

    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::new();
        for line in &self.lines {
            let units = wanted.entry(line.item.size_id).or_default();
            *units = units.saturating_add(u64::from(line.item.quantity));
        }
        wanted
    }
}

/// A payment on a ticket.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub(super) id: Uuid,
    pub(super) source: String,
    pub(super) method: String,
    pub(super) amount: Decimal,
    pub(super) at: DateTime<Utc>,
}

/// One step in the life of a ticket.
#[derive(Debug, Clone)]
struct Step {
    status: String,
    user: &'static str,
    at: DateTime<Utc>,
}

/// A ticket. A preview is one without a number.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) id: Uuid,
    pub(super) number: Option<String>,
    pub(super) status: String,
    pub(super) content: Content,
    pub(super) payments: Vec<Payment>,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
    pub(super) closed: Option<DateTime<Utc>>,
    steps: Vec<Step>,
}

impl Ticket {
    pub(super) fn is_paid(&self) -> bool {
        !self.payments.is_empty()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.is_some()
    }
}

/// All tickets in the order of their creation. None is ever deleted.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    all: Vec<Ticket>,
    /// Ids and order numbers.
    places: BTreeMap<String, usize>,
}

impl Tickets {
    fn add(&mut self, ticket: Ticket) {
        self.places.insert(ticket.id.to_string(), self.all.len());
        if let Some(number) = &ticket.number {
            self.places.insert(number.clone(), self.all.len());
        }
        self.all.push(ticket);
    }

    /// By id or order number.
    pub(super) fn find(&self, key: &str) -> Option<&Ticket> {
        self.all.get(*self.places.get(key)?)
    }

    pub(super) fn find_mut(&mut self, key: &str) -> Option<&mut Ticket> {
        self.all.get_mut(*self.places.get(key)?)
    }

    fn by_id(&self, id: &str) -> Result<&Ticket, Refusal> {
        let found = self.find(id).filter(|ticket| ticket.number.as_deref() != Some(id));
        found.ok_or_else(|| Refusal::no_ticket(id))
    }

    pub(super) fn orders(&self) -> Vec<SimOrder> {
        self.all
            .iter()
            .map(|ticket| SimOrder {
                id: ticket.id.to_string(),
                reference: ticket.content.external_order_number.clone(),
                status: ticket.status.clone(),
                total: format!("{:.2}", ticket.content.totals().total),
                lines: ticket
                    .content
                    .lines
                    .iter()
                    .map(|line| SimLine {
                        product_id: line.item.size_id.to_string(),
                        quantity: line.item.quantity,
                    })
                    .collect(),
            })
            .collect()
    }
}

impl TreezSim {
    /// Validates like a create, stock included, but stores and reserves nothing.
    pub(super) fn preview_ticket(&mut self, call: &Call<'_>) -> Answer {
        let body = TicketBody::read(call, false, self.config.strict)?;
        let content = self.resolve(body, None)?;
        self.shelf.check(&content.wanted(), &Wanted::new())?;
        let preview = self.new_ticket(None, "PREVIEW".to_owned(), content, call.now);
        Ok(data(self.render_ticket(&preview)))
    }

    /// Creates a ticket and reserves its stock. The integrator's number is stored, but not unique (Treez 4.2).
    pub(super) fn create_ticket(&mut self, call: &Call<'_>) -> Answer {
        let body = TicketBody::read(call, false, self.config.strict)?;
        let status = body.status.clone();
        let content = self.resolve(body, None)?;
        let wanted = content.wanted();
        self.shelf.check(&wanted, &Wanted::new())?;
        self.shelf.reserve(&wanted);
        let mut number = self.random.next_code(6);
        while self.tickets.find(&number).is_some() {
            number = self.random.next_code(6);
        }
        let ticket = self.new_ticket(Some(number), status, content, call.now);
        let answer = data(self.render_ticket(&ticket));
        self.tickets.add(ticket);
        Ok(answer)
    }

    /// Edits, moves, pays or cancels a ticket (Treez 4.4).
    pub(super) fn update_ticket(&mut self, id: &str, call: &Call<'_>) -> Answer {
        let old = self.tickets.by_id(id)?.clone();
        let body = TicketBody::read(call, true, self.config.strict)?;
        let status = body.status.clone();
        let payments = body.payments.clone();
        let content = self.resolve(body, Some(&old.content))?;
        check_update(&old, &content, &status, &payments)?;
        if old.is_closed() {
            return Ok(data(self.render_ticket(&old)));
        }

        let (held, wanted) = (old.content.wanted(), content.wanted());
        if held != wanted {
            self.shelf.check(&wanted, &held)?;
            self.shelf.release(&held);
            self.shelf.reserve(&wanted);
        }
        let paid: Vec<Payment> = payments
            .into_iter()
            .map(|payment| Payment {
                id: self.random.next_uuid(),
                source: payment.source,
                method: payment.method,
                amount: payment.amount,
                at: call.now,
            })
            .collect();
        if let Some(ticket) = self.tickets.find_mut(id) {
            ticket.content = content;
            ticket.payments.extend(paid);
            ticket.updated = call.now;
        }
        self.move_ticket(id, &status, "API", call.now);
        let ticket = self.tickets.by_id(id)?;
        Ok(data(self.render_ticket(ticket)))
    }

    /// Sets the status of an open ticket and settles its stock when that closes it.
    pub(super) fn move_ticket(&mut self, id: &str, status: &str, user: &'static str, now: DateTime<Utc>) {
        let Some(ticket) = self.tickets.find_mut(id) else { return };
        if ticket.status == status {
            return;
        }
        ticket.status = status.to_owned();
        ticket.updated = now;
        ticket.steps.push(Step { status: status.to_owned(), user, at: now });
        match status {
            "COMPLETED" => {
                ticket.closed = Some(now);
                self.shelf.hand_over(&ticket.content.wanted());
            }
            "CANCELED" | "REMOVED" => {
                ticket.closed = Some(now);
                self.shelf.release(&ticket.content.wanted());
            }
            _ => {}
        }
    }

    pub(super) fn ticket(&self, id: &str) -> Answer {
        let ticket = self.render_ticket(self.tickets.by_id(id)?);
        Ok(match self.config.ticket_data {
            DataShape::Object => data(ticket),
            DataShape::Array => data(json!([ticket])),
            DataShape::TicketList => ticket_list(vec![ticket]),
        })
    }

    pub(super) fn ticket_by_number(&self, number: &str) -> Answer {
        let found = self.tickets.find(number).filter(|ticket| ticket.number.as_deref() == Some(number));
        Ok(data(self.render_ticket(found.ok_or_else(|| Refusal::no_ticket(number))?)))
    }

    pub(super) fn list_tickets(&self, filter: &TicketFilter, paging: &Paging, call: &Call<'_>) -> Answer {
        let day = |text: &str| {
            parse_day(text).ok_or_else(|| Refusal::bad("INVALID_DATE_FORMAT", "Expected yyyy-MM-dd"))
        };
        let mut found: Vec<&Ticket> = match filter {
            TicketFilter::Customer(id) => {
                let id = id.parse::<u64>().ok();
                self.select(|ticket| id.is_some() && ticket.content.customer == id)
            }
            TicketFilter::Status(status) => {
                if !KNOWN_STATUSES.contains(&status.as_str()) {
                    return Err(bad_status(status, KNOWN_STATUSES));
                }
                self.select(|ticket| &ticket.status == status)
            }
            TicketFilter::Opened(text) => {
                let day = day(text)?;
                self.select(|ticket| self.time.day(ticket.created) == day)
            }
            TicketFilter::Closed(text) => {
                let day = day(text)?;
                self.select(|ticket| ticket.closed.is_some_and(|closed| self.time.day(closed) == day))
            }
            TicketFilter::Updated(text) => {
                let after = parse_timestamp(text)?;
                if call.now.signed_duration_since(after) > CHANGES_REACH {
                    return Err(Refusal::bad("RESPONSE_LIMIT_EXCEEDS", "At most 30 days back"));
                }
                let mut found = self.select(|ticket| ticket.updated > after);
                // Newest first (Treez 9); of equally new ones the later created.
                found.reverse();
                found.sort_by_key(|ticket| std::cmp::Reverse(ticket.updated));
                found
            }
        };
        if let Some(field) = call.parameter("sort_by_field") {
            if field != "lastUpdatedAt" {
                return Err(Refusal::bad("INCORRECT_VALUE", "sort_by_field must be lastUpdatedAt"));
            }
            found.sort_by_key(|ticket| ticket.updated);
            match call.parameter("sort_order") {
                None | Some("asc") => {}
                Some("desc") => found.reverse(),
                Some(_) => return Err(Refusal::bad("INCORRECT_VALUE", "sort_order must be asc or desc")),
            }
        }
        if call.parameter("hide_empty_tickets") == Some("true") {
            found.retain(|ticket| !ticket.content.lines.is_empty());
        }
        let page = paging.cut(found)?;
        Ok(ticket_list(page.into_iter().map(|ticket| self.render_ticket(ticket)).collect()))
    }

    /// The steps of a ticket, oldest first (Treez 4.3).
    pub(super) fn ticket_history(&self, id: &str) -> Answer {
        let ticket = self.tickets.by_id(id)?;
        let rows: Vec<Value> = ticket
            .steps
            .iter()
            .map(|step| {
                json!({
                    "status": step.status,
                    "description": format!("Status set to {}", step.status),
                    "date": step.at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
                    "user": step.user,
                    "userId": null,
                    "employeeNumber": null,
                })
            })
            .collect();
        Ok(data(Value::Array(rows)))
    }

    fn select(&self, keep: impl Fn(&Ticket) -> bool) -> Vec<&Ticket> {
        self.tickets.all.iter().filter(|ticket| keep(ticket)).collect()
    }

    fn new_ticket(
        &mut self,
        number: Option<String>,
        status: String,
        content: Content,
        now: DateTime<Utc>,
    ) -> Ticket {
        let steps = vec![Step { status: status.clone(), user: "API", at: now }];
        Ticket {
            id: self.random.next_uuid(),
            number,
            status,
            content,
            payments: Vec::new(),
            created: now,
            updated: now,
            closed: None,
            steps,
        }
    }

    /// Looks up what a body names and prices it. `old` is what an update starts from.
    fn resolve(&mut self, body: TicketBody, old: Option<&Content>) -> Result<Content, Refusal> {
        let kept = old.filter(|_| self.config.omitted == Omitted::Keep);
        let customer = match body.customer_id.as_deref().map(str::trim) {
            None => kept.and_then(|old| old.customer),
            Some("") => None,
            Some(id) => Some(self.customers.by_id(id).ok_or_else(Refusal::no_customer)?.id),
        };
        let lines = match (body.items, kept) {
            (None, Some(old)) => old.lines.clone(),
            (items, _) => self.price(items.unwrap_or_default(), old)?,
        };
        Ok(Content {
            kind: body.kind,
            source: body.source,
            revenue_source: body.revenue_source,
            customer,
            external_order_number: body
                .external_order_number
                .or_else(|| kept.and_then(|old| old.external_order_number.clone())),
            lines,
            fees: body.fees.or_else(|| kept.map(|old| old.fees.clone())).unwrap_or_default(),
            note: body.note.or_else(|| kept.and_then(|old| old.note.clone())),
            scheduled: body.scheduled.or_else(|| kept.and_then(|old| old.scheduled.clone())),
            scheduled_start: body
                .scheduled_start
                .or_else(|| kept.and_then(|old| old.scheduled_start.clone())),
            address: body.address.or_else(|| kept.and_then(|old| old.address.clone())),
        })
    }

    fn price(&mut self, mut items: Vec<Item>, old: Option<&Content>) -> Result<Vec<Line>, Refusal> {
        for item in &mut items {
            let Some(product) = self.shelf.get(&item.size_id) else {
                return Err(Refusal::bad(
                    "PRODUCT_NOT_FOUND",
                    format!("Product {} was not found", item.size_id),
                ));
            };
            let pool = item.inventory_type.get_or_insert_with(|| product.pool().to_owned());
            let location = item.location_name.get_or_insert_with(|| LOCATION.to_owned());
            // Medical-only products lie in the medical pool alone; the others serve both.
            if (product.medical_only && pool != "MEDICAL") || location != LOCATION {
                return Err(no_stock(&item.size_id));
            }
        }
        if let Some(old) = old.filter(|old| old.lines.iter().map(|line| &line.item).eq(&items)) {
            return Ok(old.lines.clone());
        }
        let (shelf, taxes, random) = (&self.shelf, &self.taxes, &mut self.random);
        let priced = items.into_iter().filter_map(|item| {
            let product = shelf.get(&item.size_id)?;
            Some(Line::price(item, product, taxes, random))
        });
        Ok(priced.collect())
    }
}

/// The documented rules of an update (Treez 4.4); the codes of their refusals are unpublished.
fn check_update(
    old: &Ticket,
    content: &Content,
    status: &str,
    payments: &[PaymentBody],
) -> Result<(), Refusal> {
    let refuse = |detail: &str| Err(Refusal::bad(undocumented::INVALID_REQUEST, detail));
    let edited = *content != old.content;
    if old.is_closed() {
        if edited || status != old.status || !payments.is_empty() {
            let detail = format!("The ticket is {} and cannot be changed to {status}", old.status);
            return Err(Refusal::bad("INVALID_TICKET_STATUS", detail));
        }
        return Ok(());
    }
    if !payments.is_empty() {
        if old.is_paid() {
            return refuse("The ticket is already paid");
        }
        if content.lines != old.content.lines || content.fees != old.content.fees {
            return refuse("Payments and item changes cannot share a request");
        }
        let total = content.totals().total;
        if payments.len() != 1 || payments.iter().any(|payment| payment.amount != total) {
            return refuse("amount_paid must equal the total of the ticket");
        }
    }
    if old.is_paid() && edited {
        return refuse("A paid ticket cannot be edited");
    }
    let paid = old.is_paid() || !payments.is_empty();
    match status {
        "COMPLETED" if edited => refuse("A completing request may only add the payment"),
        "COMPLETED" if !paid => refuse("Only a paid ticket can be completed"),
        "CANCELED" if paid => refuse("A paid ticket cannot be canceled"),
        _ if INITIAL_STATUSES.contains(&status) || matches!(status, "COMPLETED" | "CANCELED") => Ok(()),
        _ => Err(bad_status(status, KNOWN_STATUSES)),
    }
}
