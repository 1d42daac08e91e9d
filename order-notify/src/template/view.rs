//! What a template may say. Built per audience, so that no template can tell a customer what is for staff.

use order_core::model::{
    Audience, Currency, FulfillmentKind, NoticeKind, Order, OrderItem, PaymentStatus, PickState, PosTrack,
    Quantity,
};
use order_core::ports::Message;
use serde::Serialize;

use super::words;

/// The longest name or text that is printed in full; beyond it a mail is hard to read and may be refused.
const LONGEST: usize = 500;

#[derive(Clone, Serialize)]
pub(crate) struct View {
    pub(crate) kind: &'static str,
    pub(crate) audience: &'static str,
    pub(crate) code: String,
    pub(crate) store: StoreView,
    pub(crate) intro: Option<String>,
    pub(crate) called: String,
    pub(crate) updated: bool,
    pub(crate) changes: Vec<String>,
    pub(crate) lines: Vec<LineView>,
    pub(crate) totals: TotalsView,
    pub(crate) tax_included: bool,
    pub(crate) placed: String,
    pub(crate) reason: Option<&'static str>,
    pub(crate) delivery: bool,
    pub(crate) paid: bool,
    pub(crate) hint: Option<&'static str>,
    pub(crate) staff: Option<StaffView>,
}

#[derive(Clone, Serialize)]
pub(crate) struct StoreView {
    pub(crate) name: String,
    pub(crate) address: Option<String>,
}

#[derive(Clone, Serialize)]
pub(crate) struct LineView {
    name: String,
    size: Option<String>,
    quantity: String,
    per_gram: bool,
    unit_price: String,
    total: String,
    discount: Option<String>,
    remark: Option<String>,
    removed: bool,
    product_id: Option<String>,
}

#[derive(Clone, Serialize)]
pub(crate) struct TotalsView {
    subtotal: String,
    discount: Option<String>,
    tax: String,
    total: String,
}

#[derive(Clone, Serialize)]
pub(crate) struct StaffView {
    facts: Vec<Fact>,
    differences: Vec<DifferenceView>,
    attention: Option<AttentionView>,
}

#[derive(Clone, Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Clone, Serialize)]
struct DifferenceView {
    field: String,
    ours: String,
    theirs: String,
}

#[derive(Clone, Serialize)]
struct AttentionView {
    code: &'static str,
    what: &'static str,
    maybe_there: bool,
}

impl View {
    pub(crate) fn of(message: &Message) -> Self {
        let Message { kind, audience, order, store, changes, .. } = message;
        let for_customer = *audience == Audience::Customer;
        let intro = store.notices.intro.as_deref().map(text).filter(|intro| !intro.is_empty());
        Self {
            kind: kind.as_str(),
            audience: audience.as_str(),
            code: order.code.to_string(),
            store: StoreView {
                name: text(&store.name),
                address: store.address.as_deref().map(words::address).filter(|address| !address.is_empty()),
            },
            intro: intro.filter(|_| for_customer),
            called: text(order.customer.called().reveal()),
            updated: *kind == NoticeKind::Changed,
            changes: changes.iter().map(words::change).collect(),
            lines: order
                .items
                .iter()
                .map(|item| LineView::of(item, order.totals.currency, !for_customer))
                .collect(),
            totals: TotalsView::of(order),
            tax_included: order.tax_included(),
            placed: words::wall_time(order.created_at, store),
            reason: order.reason.map(words::reason),
            delivery: order.fulfillment.kind == FulfillmentKind::Delivery,
            paid: order.payment == PaymentStatus::Paid,
            hint: if for_customer { hint(*kind, order) } else { None },
            staff: (!for_customer).then(|| StaffView::of(message)),
        }
    }

    /// The same without anything that names a product or a person: all that a subject line may know.
    pub(crate) fn for_subject(&self) -> Self {
        Self {
            intro: None,
            called: String::new(),
            changes: Vec::new(),
            lines: Vec::new(),
            staff: self.staff.as_ref().map(|staff| StaffView {
                facts: Vec::new(),
                differences: Vec::new(),
                attention: staff.attention.clone(),
            }),
            ..self.clone()
        }
    }
}

fn text(text: &str) -> String {
    words::shorten(&words::clean(text), LONGEST)
}

/// What to bring, while there is something to come for.
fn hint(kind: NoticeKind, order: &Order) -> Option<&'static str> {
    let waiting = matches!(kind, NoticeKind::Submitted | NoticeKind::Changed | NoticeKind::Ready);
    if !waiting || !order.status.is_open() {
        return None;
    }
    let medical = order.customer.kind.is_medical();
    let paid = order.payment == PaymentStatus::Paid;
    Some(match (order.fulfillment.kind, paid, medical) {
        (FulfillmentKind::Pickup, false, false) => "To pick it up, bring your ID and cash.",
        (FulfillmentKind::Pickup, false, true) => "To pick it up, bring your ID, your medical card and cash.",
        (FulfillmentKind::Pickup, true, false) => "To pick it up, bring your ID.",
        (FulfillmentKind::Pickup, true, true) => "To pick it up, bring your ID and your medical card.",
        (FulfillmentKind::Delivery, false, false) => "Have your ID and cash at hand for the driver.",
        (FulfillmentKind::Delivery, false, true) => {
            "Have your ID, your medical card and cash at hand for the driver."
        }
        (FulfillmentKind::Delivery, true, false) => "Have your ID at hand for the driver.",
        (FulfillmentKind::Delivery, true, true) => {
            "Have your ID and your medical card at hand for the driver."
        }
    })
}

impl LineView {
    fn of(item: &OrderItem, currency: Currency, for_staff: bool) -> Self {
        let quantity = item.effective_quantity();
        let substitute = item.substitute.as_deref().filter(|_| item.pick == PickState::Substituted);
        let removed = item.pick == PickState::Removed;
        let remark = match (item.pick, substitute) {
            (PickState::Removed, _) => Some(format!("taken off the order (was {})", item.quantity)),
            (PickState::Short, _) => Some(format!("{quantity} of {} available", item.quantity)),
            (PickState::Substituted, Some(substitute)) => {
                let asks = if substitute.consent { "" } else { ", to be agreed with the customer" };
                Some(format!("instead of {}{asks}", text(&item.name)))
            }
            _ => None,
        };
        let (product, variant) = match substitute {
            Some(substitute) => (&substitute.product_id, substitute.variant_id.as_ref()),
            None => (&item.product_id, item.variant_id.as_ref()),
        };
        Self {
            name: text(substitute.map_or(&item.name, |substitute| &substitute.name)),
            // The size of a substitute is not known; the one of the original would be a claim.
            size: item.size.as_deref().filter(|_| substitute.is_none()).map(text).filter(|s| !s.is_empty()),
            quantity: quantity.to_string(),
            per_gram: matches!(quantity, Quantity::Grams(_)),
            unit_price: currency.round(item.effective_price()).to_string(),
            total: currency.round(item.gross()).to_string(),
            discount: (!item.discount.is_zero()).then(|| currency.round(item.discount).to_string()),
            remark,
            removed,
            product_id: for_staff.then(|| match variant {
                Some(variant) => format!("{product} / {variant}"),
                None => product.to_string(),
            }),
        }
    }
}

impl TotalsView {
    fn of(order: &Order) -> Self {
        let totals = &order.totals;
        let currency = totals.currency;
        // Where the prices on the lines have the tax in them, so has their sum.
        let subtotal =
            if order.tax_included() { totals.subtotal.saturating_add(totals.tax) } else { totals.subtotal };
        Self {
            subtotal: format!("{} {currency}", currency.round(subtotal)),
            discount: (!totals.discount.is_zero())
                .then(|| format!("{} {currency}", currency.round(totals.discount))),
            tax: format!("{} {currency}", currency.round(totals.tax)),
            total: format!("{} {currency}", currency.round(totals.total)),
        }
    }
}

impl StaffView {
    fn of(message: &Message) -> Self {
        let order = &message.order;
        let mut facts = Facts(Vec::new());
        facts.add("Customer", Some(text(order.customer.called().reveal())));
        facts.add("Phone", order.customer.phone.as_ref().map(|phone| words::phone(phone.reveal())));
        facts.add("Kind", order.customer.kind.is_medical().then(|| order.customer.kind.as_str().to_owned()));
        facts.add("Note", order.note.as_ref().map(|note| text(note.as_str())));
        facts.add("Handed over by", Some(order.fulfillment.kind.as_str().to_owned()));
        let wanted = order.fulfillment.pickup_at.map(|at| words::wall_time(at, &message.store));
        facts.add("Wanted for", wanted);
        for warning in &order.warnings {
            facts.add("Mind", Some(words::warning(*warning).to_owned()));
        }
        for passed in &order.overrides {
            facts.add("Limit passed over", Some(text(&passed.rules.join(", "))));
            facts.add("Let pass by", Some(passed.by.to_string()));
            facts.add("Because", Some(text(passed.note.as_str())));
        }
        facts.add("Payment", Some(order.payment.as_str().to_owned()));
        facts.add("Coupon", order.discount_code.as_deref().map(text));
        facts.add("Kiosk", order.kiosk.as_ref().map(ToString::to_string));
        facts.pos(&order.pos);
        if message.kind == NoticeKind::Attention
            && let Some(attention) = &order.pos.attention
        {
            facts.add("Task", Some(words::plain(attention.task.as_str())));
            facts.add("Since", Some(words::wall_time(attention.since, &message.store)));
        }
        let problem = order.pos.attention.as_ref().map(|a| &a.problem).or(order.pos.problem.as_ref());
        if let Some(problem) = problem {
            facts.add("Problem", Some(words::plain(&text(&problem.kind))));
            facts.add("Detail", Some(text(&problem.detail)));
            facts.add("POS says", problem.vendor_code.as_deref().map(text));
        }
        Self {
            facts: facts.0,
            differences: order
                .pos
                .differences
                .iter()
                .map(|difference| DifferenceView {
                    field: text(&difference.field),
                    ours: text(&difference.ours),
                    theirs: text(&difference.theirs),
                })
                .collect(),
            attention: order.pos.attention.as_ref().map(|attention| AttentionView {
                code: attention.code.as_str(),
                what: words::attention(attention.code),
                maybe_there: attention.maybe_there,
            }),
        }
    }
}

struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, name: &'static str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.0.push(Fact { name, value });
        }
    }

    fn pos(&mut self, pos: &PosTrack) {
        self.add("POS", pos.vendor.as_ref().map(ToString::to_string));
        self.add("POS state", Some(words::plain(pos.state.as_str())));
        self.add("POS number", pos.number.as_deref().map(text));
        self.add("POS id", pos.id.as_ref().map(ToString::to_string));
        self.add("POS status", pos.status.as_deref().map(text));
        self.add("POS total", pos.totals.map(|totals| totals.payable().to_string()));
    }
}
