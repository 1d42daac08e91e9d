//! Building the ticket we send: a new one from an order, or an echo of what is there (Treez 4.2, 4.4).

use std::collections::BTreeMap;

use order_core::model::{FulfillmentKind, Quantity, Status};
use order_core::ports::{PosErrorKind, PosLine, PosOrder};
use rust_decimal::Decimal;

use super::config::TreezConfig;
use super::map::{is_fee, patient_type, size_of, status_word};
use super::wire::{FeeRequest, ItemRequest, PaymentRequest, Ticket, TicketRequest};
use crate::transport::Number;

/// The most characters of a note we send; Treez names no limit.
const MAX_NOTE: usize = 500;

/// Why an order cannot be put into a ticket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unfit(pub(super) PosErrorKind, pub(super) &'static str);

/// What each size should come to.
pub(super) type Basket = BTreeMap<String, Decimal>;

fn key(size: &str) -> String {
    size.to_ascii_lowercase()
}

fn size_id(line: &PosLine) -> &str {
    line.variant_id.as_ref().map_or_else(|| line.product_id.as_str(), |variant| variant.as_str())
}

fn units(line: &PosLine) -> Result<Decimal, Unfit> {
    match line.quantity {
        // Treez reads quantities as 32-bit whole numbers (Treez 4.2).
        Quantity::Units(units) if units > 0 && i32::try_from(units).is_ok() => Ok(Decimal::from(units)),
        Quantity::Units(_) => {
            Err(Unfit(PosErrorKind::InvalidRequest, "a line's quantity is zero or too large; correct it"))
        }
        Quantity::Grams(_) => Err(Unfit(
            PosErrorKind::InvalidRequest,
            "Treez takes whole units only, not grams; order the product in a packed size",
        )),
    }
}

/// What the lines of an order come to.
pub(super) fn wanted(lines: &[PosLine]) -> Result<Basket, Unfit> {
    if lines.is_empty() {
        return Err(Unfit(PosErrorKind::InvalidRequest, "the order has no lines; cancel it instead"));
    }
    let mut basket = Basket::new();
    for line in lines {
        let sum = basket.entry(key(size_id(line))).or_default();
        *sum = sum.saturating_add(units(line)?);
    }
    Ok(basket)
}

/// What the lines of a ticket come to, without fees.
pub(super) fn held(ticket: &Ticket) -> Basket {
    let mut basket = Basket::new();
    for item in ticket.items.0.iter().filter(|item| !is_fee(item)) {
        if let (Some(size), Some(quantity)) = (size_of(item), item.quantity.0) {
            let sum = basket.entry(key(size)).or_default();
            *sum = sum.saturating_add(quantity);
        }
    }
    basket.retain(|_, quantity| !quantity.is_zero());
    basket
}

/// What staff read on the ticket: the code to call, the coupon they have to apply, and the customer's words.
fn note(order: &PosOrder) -> String {
    let mut note = format!("Pick-up code {}", order.code);
    if let Some(coupon) = &order.discount_code {
        note.push_str(". Coupon ");
        note.push_str(coupon);
    }
    if let Some(text) = &order.note {
        note.push_str(". ");
        note.push_str(text.as_str());
    }
    note.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_NOTE).collect()
}

/// A new ticket without a customer.
pub(super) fn new_ticket(config: &TreezConfig, order: &PosOrder) -> Result<TicketRequest, Unfit> {
    if !order.status.is_open() {
        return Err(Unfit(
            PosErrorKind::WrongState,
            "the order is closed; a ticket would set stock aside for nothing",
        ));
    }
    if order.fulfillment == FulfillmentKind::Delivery {
        return Err(Unfit(
            PosErrorKind::InvalidRequest,
            "Treez needs an address for a delivery, and the order carries none; enter it at the register",
        ));
    }
    wanted(&order.lines)?;
    let status = match order.status {
        Status::VerificationPending => Status::VerificationPending,
        _ => Status::AwaitingProcessing,
    };
    let pool = config.send_inventory_type.then(|| patient_type(order.customer.kind).to_owned());
    let item = |line: &PosLine| {
        Ok(ItemRequest {
            size_id: size_id(line).to_owned(),
            quantity: Number(units(line)?),
            inventory_type: pool.clone(),
            location_name: None,
            apply_automatic_discounts: Some(true),
        })
    };
    Ok(TicketRequest {
        kind: "PICKUP".to_owned(),
        order_source: config.order_source.as_str().to_owned(),
        order_status: status_word(status).to_owned(),
        revenue_source: config.revenue_source.clone(),
        customer_id: None,
        external_order_number: Some(order.reference.to_string()),
        ticket_note: Some(note(order)),
        scheduled_date: None,
        items: order.lines.iter().map(item).collect::<Result<_, _>>()?,
        fees: Vec::new(),
        payments: Vec::new(),
    })
}

/// The whole ticket as it is: whether an update keeps what it does not name is not documented, so it
/// names everything (Treez 4.4).
pub(super) fn echo(config: &TreezConfig, ticket: &Ticket) -> TicketRequest {
    let or = |word: &Option<String>, default: &str| word.clone().unwrap_or_else(|| default.to_owned());
    let item = |item: &super::wire::Item| {
        Some(ItemRequest {
            size_id: size_of(item)?.to_owned(),
            quantity: Number(item.quantity.0?),
            inventory_type: item.inventory_type.0.clone(),
            location_name: item.location_name.0.clone(),
            apply_automatic_discounts: item
                .apply_automatic_discounts
                .0
                .is_some()
                .then(|| item.apply_automatic_discounts.is("true")),
        })
    };
    let fee = |fee: &super::wire::Fee| {
        Some(FeeRequest { kind: fee.kind.0.clone()?, total_amount: Number(fee.total_amount.0?) })
    };
    TicketRequest {
        kind: or(&ticket.kind.0, "PICKUP"),
        order_source: or(&ticket.order_source.0, config.order_source.as_str()),
        order_status: or(&ticket.order_status.0, status_word(Status::AwaitingProcessing)),
        revenue_source: or(&ticket.revenue_source.0, &config.revenue_source),
        customer_id: ticket.customer_id.0.clone(),
        external_order_number: ticket.external_order_number.0.clone(),
        ticket_note: ticket.ticket_note.0.clone(),
        scheduled_date: ticket.scheduled_date.0.clone(),
        items: ticket.items.0.iter().filter(|item| !is_fee(item)).filter_map(item).collect(),
        fees: ticket.fees.0.iter().filter_map(fee).collect(),
        payments: Vec::new(),
    }
}

/// The echo with its lines brought to `basket`: lines that fit stay as they are, the last of a size takes
/// up a difference, sizes no longer wanted go, new ones come last.
pub(super) fn with_basket(mut request: TicketRequest, order: &PosOrder, mut basket: Basket) -> TicketRequest {
    let mut items: Vec<ItemRequest> = Vec::with_capacity(request.items.len());
    for mut item in std::mem::take(&mut request.items) {
        let size = key(&item.size_id);
        let Some(open) = basket.get_mut(&size) else { continue };
        item.quantity.0 = item.quantity.0.min(*open);
        *open = open.saturating_sub(item.quantity.0);
        if !item.quantity.0.is_zero() {
            items.push(item);
        }
    }
    for line in &order.lines {
        let Some(open) = basket.remove(&key(size_id(line))).filter(|open| !open.is_zero()) else { continue };
        match items.iter_mut().rev().find(|item| item.size_id.eq_ignore_ascii_case(size_id(line))) {
            Some(item) => item.quantity.0 = item.quantity.0.saturating_add(open),
            None => items.push(ItemRequest {
                size_id: size_id(line).to_owned(),
                quantity: Number(open),
                inventory_type: None,
                location_name: None,
                apply_automatic_discounts: Some(true),
            }),
        }
    }
    request.items = items;
    request
}

/// The echo with one payment of the whole total (Treez 4.4).
pub(super) fn with_payment(
    mut request: TicketRequest,
    config: &TreezConfig,
    total: Decimal,
) -> TicketRequest {
    request.payments = vec![PaymentRequest {
        payment_source: config.order_source.as_str(),
        payment_method: config.payment_method().to_owned(),
        amount_paid: Number(total),
    }];
    request
}

#[cfg(test)]
mod tests {
    use order_core::model::{CustomerKind, Note, OrderCustomer, OrderId, ProductId, VariantId};

    use super::*;

    fn config() -> TreezConfig {
        TreezConfig::new("green-oak", "client", "key")
    }

    fn line(product: &str, variant: Option<&str>, quantity: Quantity) -> PosLine {
        PosLine {
            product_id: ProductId::new(product).unwrap(),
            variant_id: variant.map(|variant| VariantId::new(variant).unwrap()),
            quantity,
        }
    }

    fn order(lines: Vec<PosLine>) -> PosOrder {
        PosOrder {
            reference: "5b0e6c0e-7a50-4c1f-9d55-0d0f0f6f2a11".parse::<OrderId>().unwrap(),
            code: "K7QM-2XRD".to_owned(),
            placed_at: "2026-03-02T10:00:00Z".parse().unwrap(),
            status: Status::AwaitingProcessing,
            fulfillment: FulfillmentKind::Pickup,
            customer: OrderCustomer {
                id: None,
                first_name: "Ada".into(),
                last_name: "Byron".into(),
                phone: None,
                email: None,
                birth_date: None,
                kind: CustomerKind::Adult,
                residency: None,
                medical_card: None,
            },
            lines,
            totals: None,
            note: Some(Note::new("no bag").unwrap()),
            discount_code: Some("MARCH".to_owned()),
        }
    }

    #[test]
    fn a_new_ticket_says_what_it_must() {
        let lines = vec![line("p1", Some("s1"), Quantity::Units(2)), line("p2", None, Quantity::Units(1))];
        let json = serde_json::to_value(new_ticket(&config(), &order(lines)).unwrap()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "PICKUP", "order_source": "KIOSK", "order_status": "AWAITING_PROCESSING",
                "revenue_source": "Dispensary Kiosk",
                "external_order_number": "5b0e6c0e-7a50-4c1f-9d55-0d0f0f6f2a11",
                "ticket_note": "Pick-up code K7QM-2XRD. Coupon MARCH. no bag",
                "items": [
                    {"size_id": "s1", "quantity": 2, "apply_automatic_discounts": true},
                    {"size_id": "p2", "quantity": 1, "apply_automatic_discounts": true}
                ]
            })
        );
    }

    #[test]
    fn what_treez_cannot_take_is_refused_here() {
        let unfit = |lines| new_ticket(&config(), &order(lines)).err().map(|unfit| unfit.0);
        assert_eq!(unfit(vec![]), Some(PosErrorKind::InvalidRequest));
        for quantity in [Quantity::Units(0), Quantity::Units(u32::MAX), Quantity::Grams(Decimal::ONE)] {
            assert_eq!(unfit(vec![line("p1", None, quantity)]), Some(PosErrorKind::InvalidRequest));
        }
        let mut closed = order(vec![line("p1", None, Quantity::Units(1))]);
        closed.status = Status::Canceled;
        assert_eq!(new_ticket(&config(), &closed).err().map(|unfit| unfit.0), Some(PosErrorKind::WrongState));
    }

    #[test]
    fn the_pool_is_named_when_asked_for() {
        let mut medical = order(vec![line("p1", None, Quantity::Units(1))]);
        medical.customer.kind = CustomerKind::Medical;
        let request = new_ticket(&config().with_inventory_type(true), &medical).unwrap();
        assert_eq!(request.items[0].inventory_type.as_deref(), Some("MEDICAL"));
    }

    #[test]
    fn a_long_note_is_cut() {
        let mut long = order(vec![line("p1", None, Quantity::Units(1))]);
        long.note = Some(Note::new(&"é".repeat(500)).unwrap());
        let note = new_ticket(&config(), &long).unwrap().ticket_note.unwrap();
        assert_eq!(note.chars().count(), MAX_NOTE);
    }

    #[test]
    fn lines_change_with_the_least_disturbance() {
        let ticket: Ticket = serde_json::from_str(
            r#"{"items":[{"size_id":"A","quantity":1,"location_name":"FRONT"},{"size_id":"a","quantity":2.0},
            {"size_id":"b","quantity":1},{"size_id":"c","quantity":4},
            {"size_id":"f","product_type":"NON-INV","product_subtype":"FEE","quantity":1}]}"#,
        )
        .unwrap();
        let changed = |lines: Vec<PosLine>| {
            let order = order(lines);
            let basket = wanted(&order.lines).unwrap();
            let request = with_basket(echo(&config(), &ticket), &order, basket);
            request
                .items
                .iter()
                .map(|item| format!("{}{}", item.size_id, item.quantity.0.normalize()))
                .collect::<Vec<_>>()
        };
        let units = |product, count| line(product, None, Quantity::Units(count));
        assert_eq!(changed(vec![units("a", 3), units("b", 1), units("c", 4)]), ["A1", "a2", "b1", "c4"]);
        assert_eq!(changed(vec![units("a", 5), units("d", 1), units("c", 1)]), ["A1", "a4", "c1", "d1"]);
        assert_eq!(changed(vec![units("a", 1), units("d", 1), units("d", 2)]), ["A1", "d3"]);
        assert_eq!(held(&ticket).len(), 3);
    }
}
