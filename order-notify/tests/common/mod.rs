//! Messages for the tests.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::sync::Arc;

use order_core::model::{
    Audience, Content, Currency, Fulfillment, LineId, NoticeKind, NoticeSettings, Order, OrderCode,
    OrderCustomer, OrderItem, PaymentStatus, PickState, Policy, PosTrack, ProductId, Quantity, Revision,
    Status, Store, StoreId, StoreRules, Totals, VendorLabel, Version,
};
use order_core::model::{CustomerKind, Note};
use order_core::ports::Message;

pub(crate) const KINDS: [NoticeKind; 8] = [
    NoticeKind::Submitted,
    NoticeKind::Changed,
    NoticeKind::Ready,
    NoticeKind::Canceled,
    NoticeKind::Completed,
    NoticeKind::Attention,
    NoticeKind::CancelRequested,
    NoticeKind::LimitOverridden,
];

pub(crate) const AUDIENCES: [Audience; 3] = [Audience::Customer, Audience::Staff, Audience::Manager];

pub(crate) fn store() -> Store {
    Store {
        id: StoreId::new("green-oak").unwrap(),
        name: "Green Oak Café".to_owned(),
        time_zone: "America/Denver".parse().unwrap(),
        currency: Currency::USD,
        vendor: Some(VendorLabel::new("some-pos").unwrap()),
        address: Some("12 Main St\nDenver, CO 80202".to_owned()),
        taxes: Vec::new(),
        policy: Policy::default(),
        notices: NoticeSettings {
            staff: vec!["desk@shop.example".into(), "back@shop.example".into()],
            managers: vec!["boss@shop.example".into()],
            intro: Some("Welcome <b>friends</b> & family".to_owned()),
            ..NoticeSettings::default()
        },
        rules: StoreRules::default(),
    }
}

pub(crate) fn item(number: u32, name: &str, units: u32, price: &str) -> OrderItem {
    let mut item = OrderItem {
        id: LineId::new(number),
        product_id: ProductId::new(format!("product-{number}")).unwrap(),
        variant_id: None,
        name: name.to_owned(),
        size: Some("3.5 g".to_owned()),
        category: None,
        content: Content::default(),
        quantity: Quantity::Units(units),
        unit_price: price.parse().unwrap(),
        tax_included: false,
        line_total: "0".parse().unwrap(),
        discount: "0".parse().unwrap(),
        discount_agreed: None,
        tax_rates: vec!["0.1".parse().unwrap()],
        tax: "0".parse().unwrap(),
        pick: PickState::Open,
        supplied: None,
        substitute: None,
    };
    item.reprice(Currency::USD);
    item
}

pub(crate) fn totals(items: &[OrderItem]) -> Totals {
    let subtotal = items.iter().map(|item| item.line_total).sum();
    let discount = items.iter().map(|item| item.discount).sum();
    let tax = items.iter().map(|item| item.tax).sum();
    Totals::of(subtotal, discount, tax, Currency::USD).unwrap()
}

pub(crate) fn order() -> Order {
    let mut first = item(1, "Blue Dream", 2, "35");
    first.discount = "5".parse().unwrap();
    first.reprice(Currency::USD);
    let items = vec![first, item(2, "Mango Gummies", 1, "18.5")];
    let totals = totals(&items);
    let mut pos = PosTrack::new(Some(VendorLabel::new("some-pos").unwrap()));
    pos.number = Some("POS-4711".to_owned());
    Order {
        id: "01980000-0000-7000-8000-000000000001".parse().unwrap(),
        code: "K7QM-2XRD".parse::<OrderCode>().unwrap(),
        store: StoreId::new("green-oak").unwrap(),
        kiosk: None,
        version: Version::new(1),
        revision: Revision::new(1),
        status: Status::AwaitingProcessing,
        reason: None,
        pos,
        payment: PaymentStatus::Unpaid,
        items,
        last_line: LineId::new(2),
        totals,
        quoted: totals,
        customer: OrderCustomer {
            id: None,
            first_name: "Zoë".into(),
            last_name: "Byron".into(),
            phone: Some("3035550142".into()),
            email: Some("zoe@mail.example".into()),
            birth_date: None,
            kind: CustomerKind::Adult,
            residency: None,
            medical_card: None,
        },
        fulfillment: Fulfillment::default(),
        discount_code: None,
        note: Some(Note::new("no bag, please").unwrap()),
        picker: None,
        id_check: None,
        printed: None,
        cancel_requested: false,
        completed_at: None,
        warnings: Vec::new(),
        overrides: Vec::new(),
        canceled_at: None,
        created_at: "2026-07-14T16:32:05Z".parse().unwrap(),
        updated_at: "2026-07-14T16:32:05Z".parse().unwrap(),
    }
}

pub(crate) fn message(kind: NoticeKind, audience: Audience) -> Message {
    Message {
        key: format!("01980000.1.{}.{}.email", kind.as_str(), audience.as_str()),
        kind,
        audience,
        order: order(),
        store: Arc::new(store()),
        changes: Vec::new(),
        at: "2026-07-14T16:33:00Z".parse().unwrap(),
    }
}

/// The message with its store changed.
pub(crate) fn with_store(mut message: Message, change: impl FnOnce(&mut Store)) -> Message {
    let mut store = (*message.store).clone();
    change(&mut store);
    message.store = Arc::new(store);
    message
}
