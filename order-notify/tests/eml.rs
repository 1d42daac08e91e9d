//! Mails as they end up in a folder, read back by an independent parser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;

use common::{AUDIENCES, KINDS, message, with_store};
use mail_parser::{MessageParser, MimeHeaders};
use order_core::model::{Audience, NoticeKind, Personal};
use order_core::ports::{Delivery, Message, Notifier, NotifyError};
use order_notify::email::{Email, EmlFolder};

fn email(folder: &Path) -> Email {
    Email::builder("Green Oak <orders@shop.example>")
        .reply_to("desk@shop.example")
        .transport(EmlFolder::new(folder))
        .build()
        .unwrap()
}

async fn mail(message: &Message) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(email(folder.path()).send(message).await, Ok(Delivery::Sent { .. })));
    std::fs::read(EmlFolder::new(folder.path()).path(&message.key)).unwrap()
}

fn parse(bytes: &[u8]) -> mail_parser::Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

#[tokio::test]
async fn every_mail_has_both_parts_and_its_headers() {
    for kind in KINDS {
        for audience in AUDIENCES {
            let message = message(kind, audience);
            let bytes = mail(&message).await;
            assert!(bytes.is_ascii() && bytes.split(|b| *b == b'\n').all(|line| line.len() <= 200));
            let parsed = parse(&bytes);
            assert!(parsed.subject().unwrap().starts_with("Green Oak Café K7QM-2XRD: "));
            assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-07-14T16:33:00Z");
            assert_eq!(parsed.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
            assert_eq!(parsed.header_raw("X-Order-Event-Key").unwrap().trim(), message.key);
            assert!(parsed.message_id().unwrap().ends_with("@shop.example"));
            assert_eq!(parsed.from().unwrap().first().unwrap().address(), Some("orders@shop.example"));
            assert_eq!(parsed.reply_to().unwrap().first().unwrap().address(), Some("desk@shop.example"));
            assert_eq!(parsed.content_type().unwrap().subtype(), Some("alternative"));
            assert_eq!((parsed.text_body_count(), parsed.html_body_count()), (1, 1));
            let text = parsed.body_text(0).unwrap();
            let html = parsed.body_html(0).unwrap();
            for needle in ["Green Oak Café", "Blue Dream", "91.85 USD", "K7QM-2XRD"] {
                assert!(text.contains(needle) && html.contains(needle), "{needle}");
            }
            assert_eq!(text.contains("POS-4711"), audience != Audience::Customer);
            for part in &parsed.parts[1..] {
                let charset = part.content_type().unwrap().attribute("charset").unwrap();
                assert!(charset.eq_ignore_ascii_case("utf-8"));
            }
        }
    }
}

#[tokio::test]
async fn recipients_follow_the_audience() {
    let expected: [&[&str]; 3] =
        [&["zoe@mail.example"], &["desk@shop.example", "back@shop.example"], &["boss@shop.example"]];
    for (audience, expected) in AUDIENCES.into_iter().zip(expected) {
        let bytes = mail(&message(NoticeKind::Attention, audience)).await;
        let parsed = parse(&bytes);
        let to: Vec<_> = parsed.to().unwrap().iter().filter_map(|to| to.address()).collect();
        assert_eq!(to, expected);
    }
}

#[tokio::test]
async fn nobody_is_told_when_there_is_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let email = email(&folder.path().join("mail"));
    for audience in AUDIENCES {
        let mut message = with_store(message(NoticeKind::Submitted, audience), |store| {
            store.notices.staff.clear();
            store.notices.managers = vec![" ".into()];
        });
        message.order.customer.email = None;
        assert_eq!(email.send(&message).await, Ok(Delivery::NobodyToTell));
    }
    assert!(!folder.path().join("mail").exists());
}

#[tokio::test]
async fn a_bad_address_is_permanent_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let email = email(folder.path());
    for bad in ["no-at-sign", "a@b\r\nBcc: c@d.example", "a b@c.example>", "zoe@mail.example, x@y.example"] {
        let mut message = message(NoticeKind::Ready, Audience::Customer);
        message.order.customer.email = Some(Personal::new(bad));
        let error = email.send(&message).await.unwrap_err();
        assert!(matches!(error, NotifyError::Permanent(_)), "{bad}: {error}");
        assert!(!error.to_string().contains('@') && !error.to_string().contains("no-at"), "{error}");
    }
    let some_good = with_store(message(NoticeKind::Attention, Audience::Staff), |store| {
        store.notices.staff = vec!["broken".into(), "desk@shop.example".into(), "DESK@shop.example".into()];
    });
    assert_eq!(email.send(&some_good).await, Ok(Delivery::Sent { recipients: 1 }));
}

#[tokio::test]
async fn no_text_reaches_a_header() {
    let evil = "Oak\r\nBcc: all@evil.example\r\nX-Evil: 1\r\n\r\n<html>";
    for audience in AUDIENCES {
        let mut message = with_store(message(NoticeKind::Submitted, audience), |store| {
            store.name = evil.to_owned();
        });
        message.key = format!("key\r\nX-Evil: 2 {evil}");
        message.order.customer.first_name = evil.into();
        message.order.items[0].name = evil.to_owned();
        let bytes = mail(&message).await;
        let parsed = parse(&bytes);
        assert!(parsed.header("X-Evil").is_none() && parsed.bcc().is_none());
        assert_eq!(parsed.subject().unwrap().lines().count(), 1);
        assert_eq!((parsed.text_body_count(), parsed.html_body_count()), (1, 1));
        let head = String::from_utf8(bytes.clone()).unwrap();
        let head = head.split("\r\n\r\n").next().unwrap();
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        assert!(!names.contains(&"Bcc") && !names.contains(&"X-Evil"), "{names:?}");
    }
}

#[tokio::test]
async fn subjects_name_no_product_in_any_mail() {
    for kind in KINDS {
        for audience in AUDIENCES {
            let bytes = mail(&message(kind, audience)).await;
            let parsed = parse(&bytes);
            let subject = parsed.subject().unwrap();
            assert!(!subject.contains("Blue") && !subject.contains("Mango") && !subject.contains("Zo"));
        }
    }
}

#[tokio::test]
async fn a_repeat_is_the_same_file_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let message = message(NoticeKind::Submitted, Audience::Staff);
    let path = EmlFolder::new(folder.path()).path(&message.key);
    assert_eq!(path.file_name().unwrap(), "01980000.1.submitted.staff.email.eml");
    email(folder.path()).send(&message).await.unwrap();
    let first = std::fs::read(&path).unwrap();
    email(folder.path()).send(&message).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), first);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "and no drafts are left");

    let mut other = message;
    other.key.push('2');
    email(folder.path()).send(&other).await.unwrap();
    let second = std::fs::read(EmlFolder::new(folder.path()).path(&other.key)).unwrap();
    assert_ne!(parse(&first).message_id(), parse(&second).message_id());
}

#[tokio::test]
async fn many_writers_of_one_key_leave_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let email = std::sync::Arc::new(email(folder.path()));
    let message = std::sync::Arc::new(message(NoticeKind::Submitted, Audience::Staff));
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (email, message) = (email.clone(), message.clone());
            tokio::spawn(async move { email.send(&message).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(Delivery::Sent { recipients: 2 }));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_transient() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let result = email(&file.join("mail")).send(&message(NoticeKind::Ready, Audience::Customer)).await;
    assert!(matches!(result, Err(NotifyError::Transient(_))), "{result:?}");
}

#[tokio::test]
async fn times_that_no_mail_can_carry_do_no_harm() {
    let mut message = message(NoticeKind::Ready, Audience::Customer);
    message.at = chrono::DateTime::<chrono::Utc>::MAX_UTC;
    message.order.created_at = chrono::DateTime::<chrono::Utc>::MIN_UTC;
    let bytes = mail(&message).await;
    assert_eq!(parse(&bytes).date().unwrap().year, 9999);
}
