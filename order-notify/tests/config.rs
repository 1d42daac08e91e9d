//! Settings: what is accepted, what is refused and why, and that secrets stay secret.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use order_notify::email::{Email, EmailConfig, EmailConfigError, EmailError, Smtp, SmtpError, SmtpTls};

fn config(text: &str) -> EmailConfig {
    toml::from_str(text).unwrap()
}

#[test]
fn both_ways_out_are_accepted() {
    for good in [
        "from = 'a@shop.example'\nfolder = '/var/spool/shop'",
        "from = 'Shop <a@shop.example>'\nreply_to = 'b@shop.example'\n[smtp]\nhost = 'mail.example'",
        "from = 'a@shop.example'\n[smtp]\nhost = '127.0.0.1'\nport = 2525\ntls = 'none'\ntimeout_seconds = 5",
        "from = 'a@shop.example'\n[smtp]\nhost = 'mail.example'\ntls = 'starttls'\nusername = 'u'\npassword = 'p'",
        "from = 'Büro <a@xn--bcher-kva.example>'\n[smtp]\nhost = 'mail.example'",
    ] {
        config(good).validate().unwrap();
        config(good).builder().unwrap().build().unwrap();
    }
}

#[test]
fn what_cannot_work_is_refused() {
    let refused = |text: &str| config(text).validate().unwrap_err();
    assert_eq!(refused("from = 'a@b.example'"), EmailConfigError::NoTransport);
    assert_eq!(
        refused("from = 'a@b.example'\nfolder = 'x'\n[smtp]\nhost = 'h'"),
        EmailConfigError::TwoTransports
    );
    assert_eq!(refused("from = 'nobody'\nfolder = 'x'"), EmailConfigError::Email(EmailError::From));
    assert_eq!(
        refused("from = \"a@b.example\\r\\nBcc: c@d.example\"\nfolder = 'x'"),
        EmailConfigError::Email(EmailError::From)
    );
    assert_eq!(refused("from = 'a@bücher.example'\nfolder = 'x'"), EmailConfigError::Email(EmailError::From));
    assert_eq!(
        refused("from = 'a@b.example'\nreply_to = ''\nfolder = 'x'"),
        EmailConfigError::Email(EmailError::ReplyTo)
    );
    assert_eq!(
        refused("from = 'a@b.example'\n[smtp]\nhost = 'h'\nusername = 'u'"),
        EmailConfigError::HalfCredentials
    );
    for (smtp, error) in [
        ("host = 'mail.example'\ntls = 'none'", SmtpError::ClearText),
        ("host = '10.0.0.1'\ntls = 'none'", SmtpError::ClearText),
        ("host = ''", SmtpError::Host),
        ("host = 'a b'", SmtpError::Host),
        ("host = 'h'\ntimeout_seconds = 0", SmtpError::Timeout),
    ] {
        assert_eq!(refused(&format!("from = 'a@b.example'\n[smtp]\n{smtp}")), EmailConfigError::Smtp(error));
    }
}

#[test]
fn unknown_keys_are_refused() {
    for bad in ["from = 'a'\nfolders = 'x'", "from = 'a'\n[smtp]\nhost = 'h'\ntls = 'maybe'", "folder = 'x'"]
    {
        assert!(toml::from_str::<EmailConfig>(bad).is_err());
    }
}

#[test]
fn debug_shows_no_secret() {
    let config = config(
        "from = 'a@shop.example'\n[smtp]\nhost = 'mail.example'\nusername = 'kimono'\npassword = 'hunter2'",
    );
    let email = config.builder().unwrap().build().unwrap();
    for shown in [format!("{config:?}"), format!("{email:?}")] {
        assert!(!shown.contains("hunter2") && !shown.contains("kimono"), "{shown}");
    }
}

#[test]
fn it_is_made_and_dropped_without_a_runtime() {
    let smtp = Smtp::builder("localhost").tls(SmtpTls::None).build().unwrap();
    drop(Email::builder("a@b.example").transport(smtp).build().unwrap());
    assert_eq!(Email::builder("a@b.example").build().unwrap_err(), EmailError::NoTransport);
}
