//! The SMTP transport against a mail server that somebody else wrote: Postfix's `smtp-sink`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod common;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::message;
use mail_parser::MessageParser;
use order_core::model::{Audience, NoticeKind};
use order_core::ports::{Delivery, Notifier, NotifyError};
use order_notify::email::{Email, Smtp, SmtpTls};

/// A running sink; ends with the test.
struct Sink {
    process: Child,
    port: u16,
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn binary() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/lib/postfix/sbin".into()]);
    let found = folders.map(|folder| folder.join("smtp-sink")).find(|binary| binary.is_file());
    if found.is_none() {
        assert!(
            !std::env::var("CI").is_ok_and(|ci| ci == "true"),
            "smtp-sink is missing: install the Debian package postfix"
        );
        eprintln!("left out: smtp-sink is not installed (Debian package postfix)");
    }
    found
}

/// Starts a sink that writes every mail into `folder`, and waits until it answers.
async fn start(binary: &Path, folder: &Path, options: &[&str]) -> Sink {
    for _ in 0..5 {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(binary);
        command.args(options).arg("-d").arg("mail.").current_dir(folder);
        if std::fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("\nUid:\t0\t")) {
            command.args(["-u", "root"]);
        }
        command.arg(format!("127.0.0.1:{port}")).arg("16");
        let process = command.stderr(Stdio::null()).spawn().unwrap();
        let mut sink = Sink { process, port };
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        for _ in 0..500 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return sink;
            }
            if sink.process.try_wait().unwrap().is_some() {
                break;
            }
            // Between two looks at a process that offers nothing to wait on.
            tokio::task::spawn_blocking(|| std::thread::park_timeout(Duration::from_millis(10)))
                .await
                .unwrap();
        }
    }
    panic!("smtp-sink did not start");
}

fn email(port: u16) -> Email {
    let smtp = Smtp::builder("127.0.0.1").port(port).tls(SmtpTls::None).build().unwrap();
    Email::builder("Green Oak <orders@shop.example>").transport(smtp).build().unwrap()
}

fn mails(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[tokio::test]
async fn mails_arrive_at_a_real_server_as_they_were_meant() {
    let Some(binary) = binary() else { return };
    let folder = tempfile::tempdir().unwrap();
    let sink = start(&binary, folder.path(), &[]).await;
    let email = email(sink.port);
    let message = message(NoticeKind::Attention, Audience::Staff);
    assert_eq!(email.send(&message).await, Ok(Delivery::Sent { recipients: 2 }));

    let mails = mails(folder.path());
    assert_eq!(mails.len(), 2);
    for address in ["desk@shop.example", "back@shop.example"] {
        assert!(mails.iter().any(|mail| mail.contains(&format!("X-Rcpt-Args: <{address}>"))), "{mails:?}");
    }
    for mail in &mails {
        assert!(mail.contains("X-Mail-Args: <orders@shop.example>"));
        let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert_eq!(parsed.subject(), Some("Green Oak Café K7QM-2XRD: a person is needed"));
        assert!(parsed.body_text(0).unwrap().contains("91.85 USD"));
        assert!(parsed.body_html(0).unwrap().contains("91.85 USD"));
    }
}

#[tokio::test]
async fn a_real_server_refuses_for_now_and_for_good() {
    let Some(binary) = binary() else { return };
    let message = message(NoticeKind::Ready, Audience::Customer);
    for (options, for_good) in
        [(["-r", "RCPT"], false), (["-f", "RCPT"], true), (["-q", "DATA"], false), (["-Q", "MAIL"], false)]
    {
        let folder = tempfile::tempdir().unwrap();
        let sink = start(&binary, folder.path(), &options).await;
        let error = email(sink.port).send(&message).await.unwrap_err();
        assert_eq!(matches!(error, NotifyError::Permanent(_)), for_good, "{options:?}: {error}");
    }
}
