//! A ticket as the vendor writes it (Treez 4.3).

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::TreezSim;
use super::pricing::Line;
use super::products::LOCATION;
use super::reply::{float, number};
use super::tickets::Ticket;
use crate::sim::seed::SeedCategory;

/// Grams of extracts a customer may buy in one go.
const CONCENTRATED_LIMIT: &str = "8";
/// Grams of flower and the like.
const NON_CONCENTRATED_LIMIT: &str = "28.5";
/// Plants.
const PLANT_LIMIT: &str = "6";

impl TreezSim {
    pub(super) fn render_ticket(&self, ticket: &Ticket) -> Value {
        let content = &ticket.content;
        let totals = content.totals();
        let preview = ticket.number.is_none();
        let patient_type = content
            .customer
            .and_then(|id| self.customers.get(id))
            .map_or("ADULT", |customer| customer.ticket_type());
        let mut items: Vec<Value> = content.lines.iter().map(|line| self.render_line(line)).collect();
        items.extend(content.fees.iter().map(|(name, amount)| render_fee_line(name, *amount)));
        let fees: Vec<Value> = content
            .fees
            .iter()
            .map(|(name, amount)| json!({"type": name, "total_amount": number(*amount)}))
            .collect();
        let payments: Vec<Value> = ticket
            .payments
            .iter()
            .map(|payment| {
                json!({
                    "payment_id": payment.id,
                    "payment_source": payment.source,
                    "payment_method": payment.method,
                    "amount_paid": number(payment.amount),
                    "payment_date": self.time.iso(payment.at),
                    "processor_fee": null,
                    "processor_tip": null,
                })
            })
            .collect();

        // Written as pairs: one literal of this size exceeds what the `json!` macro can expand.
        let fields: [(&str, Value); 39] = [
            ("type", json!(content.kind)),
            ("ticket_id", json!(ticket.id)),
            ("order_number", json!(ticket.number)),
            ("external_order_number", json!(content.external_order_number)),
            ("order_source", json!(content.source)),
            ("created_by_employee", json!({"employee_id": "Default", "name": "Default", "role": "employee"})),
            ("packed_by_employee", Value::Null),
            // A number here, a string everywhere else.
            ("customer_id", json!(content.customer)),
            ("ticket_patient_type", json!(patient_type)),
            ("cash_register_id", Value::Null),
            ("order_status", json!(ticket.status)),
            ("payment_status", json!(if ticket.is_paid() { "PAID" } else { "UNPAID" })),
            ("payment_authorization", Value::Null),
            ("date_created", json!(self.time.iso(ticket.created))),
            ("last_updated_at", json!((!preview).then(|| self.time.iso(ticket.updated)))),
            ("date_closed", json!(ticket.closed.map(|at| self.time.iso(at)))),
            ("post_tax_pricing", json!(false)),
            ("sub_total", number(totals.sub_total)),
            ("post_tax_subtotal", Value::Null),
            ("tax_total", number(totals.tax)),
            ("discount_total", number(totals.discount)),
            ("total", number(totals.total)),
            ("ticket_note", json!(content.note)),
            ("refund_reason", Value::Null),
            ("original_ticket_id", Value::Null),
            ("refund_ticket_ids", Value::Null),
            ("delivery_address", json!(content.address)),
            ("scheduled_start_date", json!(content.scheduled_start)),
            ("scheduled_date", json!(content.scheduled)),
            ("discount_ids", json!([])),
            ("items", json!(items)),
            ("fees", json!(fees)),
            ("payments", json!(payments)),
            ("reward_eligible", json!(true)),
            ("reward_points_earned", json!(0)),
            ("reward_points_used", json!(0)),
            ("purchase_limit", self.render_limits(ticket)),
            ("revenue_source", json!(content.revenue_source)),
            ("coupon_codes", json!([])),
        ];
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    }

    fn render_line(&self, line: &Line) -> Value {
        let item = &line.item;
        let product = self.shelf.get(&item.size_id);
        let discounts: Vec<Value> = item
            .discounts
            .iter()
            .map(|discount| {
                json!({
                    "discount_id": discount.id,
                    "discount_title": discount.title,
                    "discount_amount": number(discount.amount),
                    "discount_method": if discount.percent { "PERCENT" } else { "DOLLAR" },
                })
            })
            .collect();
        json!({
            "id": line.id,
            "product_id": item.size_id,
            "size_id": item.size_id,
            "barcodes": [],
            "inventory_barcodes": product.map(|product| vec![product.sku.as_str()]),
            "location_name": item.location_name,
            "product_size_name": product.map(|product| format!("{} - {}", product.name.to_uppercase(), product.size)),
            "product_type": product.map(|product| product.category_type()),
            "product_brand": product.map(|product| product.brand.to_uppercase()),
            "product_subtype": product.map(|product| product.subtype.as_str()),
            "quantity": float(item.quantity),
            "price_sell": number(line.net),
            "price_total": number(line.net.saturating_add(line.tax())),
            "product_unit": product.map(|product| product.unit),
            "product_amount": product.map(|product| number(product.amount)),
            "apply_automatic_discounts": item.automatic_discounts,
            "POS_discounts": discounts,
            "discounts": [],
            "tax": line.render_taxes(),
            "reward_dollars": item.reward_dollars,
            "price_target": null,
            "price_target_note": null,
            "inventory_type": item.inventory_type,
            "inventory_id": item.inventory_id,
            "inventory_batch_id": item.inventory_batch_id,
        })
    }

    /// Used and allowed amounts. They are shown, not enforced.
    fn render_limits(&self, ticket: &Ticket) -> Value {
        let (mut concentrated, mut other, mut plants) = (Decimal::ZERO, Decimal::ZERO, 0_u64);
        for line in &ticket.content.lines {
            let Some(product) = self.shelf.get(&line.item.size_id) else { continue };
            let grams = product.grams.saturating_mul(Decimal::from(line.item.quantity));
            match product.category {
                SeedCategory::Flower | SeedCategory::PreRoll => other = other.saturating_add(grams),
                SeedCategory::Plant => plants = plants.saturating_add(u64::from(line.item.quantity)),
                _ => concentrated = concentrated.saturating_add(grams),
            }
        }
        json!({
            "concentrated": format!("{}/{}", concentrated.normalize(), CONCENTRATED_LIMIT),
            "non_concentrated": format!("{}/{}", other.normalize(), NON_CONCENTRATED_LIMIT),
            "plant": format!("{plants}/{PLANT_LIMIT}"),
        })
    }
}

/// A fee also shows up among the items (Treez 4.3).
fn render_fee_line(name: &str, amount: Decimal) -> Value {
    json!({
        "id": null,
        "product_id": null,
        "size_id": null,
        "location_name": LOCATION,
        "product_size_name": name,
        "product_type": "NON-INV",
        "product_subtype": "FEE",
        "quantity": float(1),
        "price_sell": number(amount),
        "price_total": number(amount),
        "POS_discounts": [],
        "discounts": [],
        "tax": [],
    })
}
