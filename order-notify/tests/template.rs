//! Messages in words: content, escaping, and what each audience may see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{AUDIENCES, KINDS, message, with_store};
use order_core::lifecycle::LineChange;
use order_core::model::{
    Attention, AttentionCode, Audience, Content, Currency, CustomerKind, Difference, FulfillmentKind,
    NoticeKind, PaymentStatus, PickState, PosProblem, PosTask, ProductId, Quantity, ReasonCode, Status,
    Substitute,
};
use order_core::ports::Message;
use order_notify::template::{Rendered, TemplateError, Templates};

fn render(message: &Message) -> Rendered {
    Templates::new().unwrap().check(message).unwrap()
}

fn in_both(rendered: &Rendered, needle: &str) {
    assert!(rendered.text.contains(needle), "{needle:?} is missing from the text:\n{}", rendered.text);
    assert!(rendered.html.contains(needle), "{needle:?} is missing from the HTML:\n{}", rendered.html);
}

fn in_neither(rendered: &Rendered, needle: &str) {
    assert!(!rendered.text.contains(needle), "{needle:?} is in the text:\n{}", rendered.text);
    assert!(!rendered.html.contains(needle), "{needle:?} is in the HTML:\n{}", rendered.html);
}

fn attention(message: &mut Message) {
    message.order.pos.attention = Some(Attention {
        code: AttentionCode::CannotTell,
        task: PosTask::Create,
        problem: PosProblem {
            kind: "timed_out".to_owned(),
            vendor_code: Some("E<17>".to_owned()),
            detail: "the answer never came".to_owned(),
        },
        maybe_there: true,
        since: "2026-07-14T16:32:40Z".parse().unwrap(),
    });
}

#[test]
fn every_kind_for_every_audience_carries_the_order() {
    for kind in KINDS {
        for audience in AUDIENCES {
            let message = message(kind, audience);
            let rendered = render(&message);
            for needle in [
                "K7QM-2XRD",
                "Green Oak Café",
                "12 Main St, Denver, CO 80202",
                "Tue, Jul 14, 2026, 10:32 AM MDT",
                "Blue Dream",
                "3.5 g",
                "35.00",
                "70.00",
                "less 5.00",
                "88.50 USD",
                "-5.00 USD",
                "8.35 USD",
                "91.85 USD",
            ] {
                in_both(&rendered, needle);
            }
            assert!(rendered.subject.starts_with("Green Oak Café K7QM-2XRD: "), "{}", rendered.subject);
            for product in ["Blue", "Mango", "Zo"] {
                assert!(!rendered.subject.contains(product), "{}", rendered.subject);
            }
            in_neither(&rendered, "{{");
            in_neither(&rendered, "none");
            assert!(!rendered.text.contains("\n\n\n"), "{kind:?} {audience:?}\n{}", rendered.text);
        }
    }
}

#[test]
fn a_plain_text_mail_reads_as_written() {
    let expected = "\
We have your order

Order K7QM-2XRD
Green Oak Café
12 Main St, Denver, CO 80202
Placed Tue, Jul 14, 2026, 10:32 AM MDT

Welcome <b>friends</b> & family

Zoë B., thank you for ordering. Keep the code at hand: we call your order by it.

2 x Blue Dream (3.5 g)
    35.00 each, 70.00, less 5.00
1 x Mango Gummies (3.5 g)
    18.50 each, 18.50

Subtotal  88.50 USD
Discount  -5.00 USD
Tax       8.35 USD
Total     91.85 USD

To pick it up, bring your ID and cash.
";
    let rendered = render(&message(NoticeKind::Submitted, Audience::Customer));
    assert_eq!(rendered.text, expected);
}

#[test]
fn customers_see_no_staff_detail_in_any_kind() {
    for kind in KINDS {
        let mut message = message(kind, Audience::Customer);
        attention(&mut message);
        message.order.pos.differences =
            vec![Difference { field: "total".to_owned(), ours: "1".to_owned(), theirs: "77.77".to_owned() }];
        let rendered = render(&message);
        for needle in [
            "some-pos",
            "POS",
            "4711",
            "303",
            "no bag",
            "timed",
            "never came",
            "E&lt;17",
            "77.77",
            "product-1",
            "For staff",
        ] {
            in_neither(&rendered, needle);
        }
    }
}

#[test]
fn staff_see_who_to_call_and_what_the_pos_holds() {
    let mut message = message(NoticeKind::Submitted, Audience::Staff);
    message.order.customer.kind = CustomerKind::Medical;
    let rendered = render(&message);
    for needle in ["Zoë B.", "(303) 555-0142", "medical", "no bag, please", "some-pos", "queued", "POS-4711"]
    {
        in_both(&rendered, needle);
    }
    in_neither(&rendered, "Byron");
    in_neither(&rendered, "Welcome");
    in_neither(&rendered, "zoe@mail.example");
}

#[test]
fn attention_says_what_happened_and_lists_every_line_for_keying_in() {
    for audience in [Audience::Staff, Audience::Manager] {
        let mut message = message(NoticeKind::Attention, audience);
        attention(&mut message);
        message.order.items = (1..=17).map(|n| common::item(n, &format!("Product {n}"), n, "1.25")).collect();
        message.order.totals = common::totals(&message.order.items);
        let rendered = render(&message);
        in_both(&rendered, "Look for it there");
        in_both(&rendered, "the answer never came");
        in_both(&rendered, "timed out");
        in_both(&rendered, "10:32 AM MDT");
        for n in 1..=17 {
            in_both(&rendered, &format!("Product {n}"));
            in_both(&rendered, &format!("Item product-{n}"));
        }
        assert!(rendered.html.contains("E&lt;17&gt;") && rendered.text.contains("E<17>"));
    }
    let settled = render(&message(NoticeKind::Attention, Audience::Staff));
    in_both(&settled, "settled before");
}

#[test]
fn changes_are_listed_and_marked() {
    let mut message = message(NoticeKind::Changed, Audience::Staff);
    message.changes = vec![
        LineChange {
            name: "Blue Dream".into(),
            from: Some(Quantity::Units(1)),
            to: Some(Quantity::Units(2)),
        },
        LineChange { name: "Mango\nGummies".into(), from: None, to: Some(Quantity::Units(1)) },
        LineChange {
            name: "<i>Old</i>".into(),
            from: Some(Quantity::Grams("3.50".parse().unwrap())),
            to: None,
        },
    ];
    let rendered = render(&message);
    in_both(&rendered, "Blue Dream: 2 instead of 1");
    in_both(&rendered, "added: 1 × Mango Gummies");
    in_both(&rendered, "updated");
    assert!(rendered.text.contains("taken off: 3.5 g of <i>Old</i>"));
    assert!(rendered.html.contains("&lt;i&gt;Old"));
    message.audience = Audience::Customer;
    in_both(&render(&message), "Blue Dream: 2 instead of 1");
}

#[test]
fn text_from_outside_is_escaped_in_html_and_left_alone_in_text() {
    for audience in AUDIENCES {
        let mut message = with_store(message(NoticeKind::Ready, audience), |store| {
            store.name = "O'Neil & <Sons>".to_owned();
            store.address = Some("<img src=x onerror=alert(1)>".to_owned());
            store.notices.intro = Some("<script>intro()</script>".to_owned());
        });
        message.order.items[0].name =
            "<script>alert(\"x\")</script> {{ 7 * 7 }} Crème 🌿 👩\u{200d}🌾".to_owned();
        message.order.items[0].size = Some("<b>3</b>".to_owned());
        message.order.customer.first_name = "<u>Zoë</u>".into();
        let rendered = render(&message);
        for needle in ["<script", "<img", "<b>3", "<u>", "<Sons>", "onerror=alert(1)>"] {
            assert!(!rendered.html.contains(needle), "{needle}");
        }
        assert!(rendered.html.contains("&lt;script&gt;alert(&quot;x&quot;)"));
        assert!(rendered.text.contains("<script>alert(\"x\")</script> {{ 7 * 7 }} Crème 🌿 👩\u{200d}🌾"));
        in_both(&rendered, "Crème 🌿 👩\u{200d}🌾");
    }
}

#[test]
fn no_text_can_make_a_line_of_its_own() {
    let mut message = with_store(message(NoticeKind::Submitted, Audience::Customer), |store| {
        store.name = "Green\r\nBcc: all@evil.example\r\n\r\nOak\u{2028}\u{85}".to_owned();
    });
    message.order.items[0].name = "Blue\nTotal     0.00 USD".to_owned();
    message.order.customer.first_name = "Zoë\r\nX: y".into();
    let rendered = render(&message);
    assert!(!rendered.subject.chars().any(char::is_control));
    assert!(rendered.subject.starts_with("Green Bcc: all@evil.example Oak K7QM-2XRD"));
    assert!(!rendered.text.lines().any(|line| line.starts_with("Bcc") || line.starts_with("X: ")));
    assert_eq!(rendered.text.lines().filter(|line| line.starts_with("Total")).count(), 1);
}

#[test]
fn very_long_texts_stay_bounded() {
    let mut message = with_store(message(NoticeKind::Ready, Audience::Staff), |store| {
        store.name = "Ö".repeat(3_000);
    });
    message.order.items[0].name = "x".repeat(100_000);
    let rendered = render(&message);
    assert!(rendered.subject.chars().count() < 150);
    assert!(rendered.html.len() < 30_000 && rendered.text.len() < 10_000);
}

#[test]
fn lines_show_what_the_customer_gets() {
    let mut message = message(NoticeKind::Ready, Audience::Customer);
    message.order.items = vec![
        common::item(1, "Short One", 3, "10"),
        common::item(2, "Gone", 1, "9.99"),
        common::item(3, "Wanted", 1, "20"),
        common::item(4, "By Weight", 1, "10"),
    ];
    let items = &mut message.order.items;
    items[0].pick = PickState::Short;
    items[0].supplied = Some(Quantity::Units(2));
    items[1].pick = PickState::Removed;
    items[2].pick = PickState::Substituted;
    items[2].substitute = Some(Box::new(Substitute {
        product_id: ProductId::new("other").unwrap(),
        variant_id: None,
        name: "Given".to_owned(),
        unit_price: "17".parse().unwrap(),
        content: Content::default(),
        consent: true,
    }));
    items[3].quantity = Quantity::Grams("1.50".parse().unwrap());
    items.iter_mut().for_each(|item| item.reprice(Currency::USD));
    message.order.totals = common::totals(&message.order.items);
    let rendered = render(&message);
    for needle in
        ["2 of 3 available", "20.00", "taken off the order (was 1)", "instead of Wanted", "17.00", "15.00"]
    {
        in_both(&rendered, needle);
    }
    assert!(rendered.text.contains("1.5 g x By Weight"));
    assert!(rendered.text.contains("10.00 per g, 15.00"));
    in_both(&rendered, "52.00 USD");
}

#[test]
fn the_hint_fits_the_order() {
    let hint = |change: fn(&mut Message)| {
        let mut message = message(NoticeKind::Ready, Audience::Customer);
        change(&mut message);
        render(&message).text
    };
    assert!(hint(|_| ()).contains("bring your ID and cash."));
    assert!(hint(|m| m.order.customer.kind = CustomerKind::Medical).contains("your medical card and cash."));
    let paid = hint(|m| m.order.payment = PaymentStatus::Paid);
    assert!(paid.contains("bring your ID.") && paid.contains("Paid."));
    assert!(hint(|m| m.order.fulfillment.kind = FulfillmentKind::Delivery).contains("for the driver."));
    assert!(!hint(|m| m.order.status = Status::Canceled).contains("bring"));
    assert!(!hint(|m| m.audience = Audience::Staff).contains("bring"));
}

#[test]
fn a_cancellation_says_why() {
    let mut message = message(NoticeKind::Canceled, Audience::Customer);
    message.order.reason = Some(ReasonCode::OutOfStock);
    in_both(&render(&message), "What was ordered is out of stock.");
}

#[test]
fn a_store_words_its_own_messages_and_the_subject_still_names_no_product() {
    let own = "{% block subject %}bonjour {{ called }}{% for line in lines %}{{ line.name }}{% endfor %}{% endblock %}\
               {% block heading %}Bonjour{% endblock %}{% block lead %}Prêt, {{ called }} & co.{% endblock %}";
    let templates = Templates::builder().override_template("ready.txt", own).build().unwrap();
    let rendered = templates.check(&message(NoticeKind::Ready, Audience::Customer)).unwrap();
    assert_eq!(rendered.subject, "Green Oak Café K7QM-2XRD: bonjour");
    assert!(rendered.text.contains("Prêt, Zoë B. & co.") && rendered.html.contains("Prêt, Zoë B. &amp; co."));
}

#[test]
fn unusable_templates_are_told_apart() {
    let build = |name: &str, source: &str| Templates::builder().override_template(name, source).build();
    assert_eq!(build("readi.txt", "").unwrap_err(), TemplateError::Unknown { name: "readi.txt".into() });
    let error = build("layout.html", "a\n{% if %}").unwrap_err();
    assert!(
        matches!(&error, TemplateError::Syntax { name, line: 2, .. } if name == "layout.html"),
        "{error}"
    );
    let message = message(NoticeKind::Ready, Audience::Customer);
    for source in [
        "{% block subject %}x{% endblock %}",
        "{% block subject %}{% endblock %}{% block heading %}{{ nothing.here }}{% endblock %}{% block lead %}{% endblock %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
    ] {
        let templates = build("ready.txt", source).unwrap();
        let error = templates.check(&message).unwrap_err();
        assert!(matches!(&error, TemplateError::Render { name, .. } if name == "ready.txt"), "{error}");
        assert!(!error.to_string().contains("Zoë"));
        assert_eq!(templates.render(&message).unwrap(), render(&message), "the standard one steps in");
    }
}

#[test]
fn debug_shows_no_bodies() {
    let rendered = render(&message(NoticeKind::Submitted, Audience::Staff));
    assert!(!format!("{rendered:?}").contains("Zoë"));
}
