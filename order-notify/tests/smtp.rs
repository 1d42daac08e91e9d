//! The SMTP transport against a scripted server: dialogue, refusals, broken and stalled connections.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{message, with_store};
use order_core::model::{Audience, NoticeKind};
use order_core::ports::{Delivery, Notifier, NotifyError};
use order_notify::email::{Email, Smtp, SmtpTls};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does at a command.
#[derive(Clone)]
enum Do {
    Answer(&'static str),
    HangUp,
    Stall,
}

/// How the server departs from the usual: at commands that begin so, for so many times.
type Script = Arc<Mutex<Vec<(&'static str, Do, usize)>>>;

#[derive(Default)]
struct Seen {
    connections: usize,
    commands: Vec<String>,
    mails: Vec<String>,
}

struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    async fn start(script: Vec<(&'static str, Do, usize)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let script: Script = Arc::new(Mutex::new(script));
        let all = seen.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                all.lock().unwrap().connections += 1;
                tokio::spawn(talk(stream, script.clone(), all.clone()));
            }
        });
        Self { port, seen }
    }

    fn smtp(&self) -> Smtp {
        let builder = Smtp::builder("127.0.0.1").port(self.port).tls(SmtpTls::None);
        builder.timeout(Duration::from_secs(8)).build().unwrap()
    }

    fn email(&self) -> Email {
        Email::builder("orders@shop.example").transport(self.smtp()).build().unwrap()
    }

    fn count(&self, command: &str) -> usize {
        self.seen.lock().unwrap().commands.iter().filter(|seen| seen.starts_with(command)).count()
    }

    fn mails(&self) -> Vec<String> {
        self.seen.lock().unwrap().mails.clone()
    }

    fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }
}

async fn talk(stream: TcpStream, script: Script, seen: Arc<Mutex<Seen>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut command = "CONNECT".to_owned();
    loop {
        let due = {
            let mut script = script.lock().unwrap();
            let due = script.iter_mut().find(|(at, _, times)| *times > 0 && command.starts_with(at));
            due.map(|(_, action, times)| {
                *times -= 1;
                action.clone()
            })
        };
        let answer = match due {
            Some(Do::Answer(answer)) => answer,
            Some(Do::HangUp) => return None,
            Some(Do::Stall) => std::future::pending().await,
            None => match command.split(' ').next().unwrap_or_default() {
                "CONNECT" => "220 here",
                "EHLO" => "250-here\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
                "AUTH" => "235 ok",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            },
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        if command == "DATA" && answer.starts_with("354") {
            let mut mail = String::new();
            loop {
                let line = lines.next_line().await.ok()??;
                if line == "." {
                    break;
                }
                mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                mail.push('\n');
            }
            seen.lock().unwrap().mails.push(mail);
            command = "DOT".to_owned();
        } else {
            command = lines.next_line().await.ok()??;
        }
        seen.lock().unwrap().commands.push(command.clone());
    }
}

fn to_staff() -> order_core::ports::Message {
    message(NoticeKind::Attention, Audience::Staff)
}

fn to_customer() -> order_core::ports::Message {
    message(NoticeKind::Ready, Audience::Customer)
}

#[tokio::test]
async fn each_recipient_gets_the_mail_over_one_connection() {
    let server = Server::start(vec![]).await;
    assert_eq!(server.email().send(&to_staff()).await, Ok(Delivery::Sent { recipients: 2 }));
    assert_eq!((server.connections(), server.count("MAIL FROM:<orders@shop.example>")), (1, 2));
    assert_eq!(server.count("RCPT TO:<desk@shop.example>") + server.count("RCPT TO:<back@shop.example>"), 2);
    let mails = server.mails();
    assert!(mails.len() == 2 && mails[0] == mails[1]);
    assert!(mails[0].contains("To: desk@shop.example, back@shop.example"));
}

#[tokio::test]
async fn lines_that_begin_with_a_dot_arrive() {
    let server = Server::start(vec![]).await;
    let mut message = to_staff();
    message.order.pos.number = Some(format!("{}\n.\nQUIT", ".".repeat(200)));
    server.email().send(&message).await.unwrap();
    assert_eq!(server.count("QUIT"), 0);
    let mails = server.mails();
    assert_eq!(mails.len(), 2);
    let parsed = mail_parser::MessageParser::default().parse(mails[0].as_bytes()).unwrap();
    assert!(parsed.body_text(0).unwrap().contains(&format!("POS number: {} . QUIT", ".".repeat(200))));
}

#[tokio::test]
async fn credentials_are_sent_when_given() {
    let server = Server::start(vec![]).await;
    let smtp = Smtp::builder("127.0.0.1").port(server.port).tls(SmtpTls::None);
    let smtp = smtp.credentials("ada".into(), "secret".into()).hello("kiosk.example").build().unwrap();
    let email = Email::builder("orders@shop.example").transport(smtp).build().unwrap();
    email.send(&to_customer()).await.unwrap();
    assert_eq!((server.count("AUTH PLAIN AGFkYQBzZWNyZXQ="), server.count("EHLO kiosk.example")), (1, 1));
}

#[tokio::test]
async fn a_refusal_of_the_mail_is_final_and_tells_no_address() {
    for command in ["MAIL", "RCPT", "DATA", "DOT"] {
        let server =
            Server::start(vec![(command, Do::Answer("550 5.1.1 <zoe@mail.example> unknown"), 1)]).await;
        let error = server.email().send(&to_customer()).await.unwrap_err();
        assert!(matches!(&error, NotifyError::Permanent(text) if text.contains("550")), "{command}: {error}");
        assert!(!error.to_string().contains("zoe"), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_for_now_may_be_tried_again() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"] {
        let server =
            Server::start(vec![(command, Do::Answer("451 4.3.0 <zoe@mail.example> later"), 1)]).await;
        let email = server.email();
        let error = email.send(&to_customer()).await.unwrap_err();
        assert!(matches!(error, NotifyError::Transient(_)), "{command}: {error}");
        assert!(!error.to_string().contains("zoe"), "{error}");
        assert_eq!(email.send(&to_customer()).await, Ok(Delivery::Sent { recipients: 1 }), "{command}");
    }
}

#[tokio::test]
async fn wrong_credentials_can_be_put_right_so_the_mail_waits() {
    let server = Server::start(vec![("AUTH", Do::Answer("535 5.7.8 no"), 1)]).await;
    let smtp = Smtp::builder("127.0.0.1").port(server.port).tls(SmtpTls::None);
    let smtp = smtp.credentials("ada".into(), "secret".into()).build().unwrap();
    let email = Email::builder("orders@shop.example").transport(smtp).build().unwrap();
    let error = email.send(&to_customer()).await.unwrap_err();
    assert!(matches!(&error, NotifyError::Transient(text) if text.contains("credentials")), "{error}");
    assert!(!error.to_string().contains("secret"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_transient() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"] {
        let server = Server::start(vec![(command, Do::HangUp, 1)]).await;
        let email = server.email();
        let error = email.send(&to_customer()).await.unwrap_err();
        assert!(matches!(error, NotifyError::Transient(_)), "{command}: {error}");
        assert_eq!(email.send(&to_customer()).await, Ok(Delivery::Sent { recipients: 1 }), "{command}");
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_on() {
    for command in ["CONNECT", "MAIL", "DOT"] {
        let server = Server::start(vec![(command, Do::Stall, 1)]).await;
        let smtp = Smtp::builder("127.0.0.1").port(server.port).tls(SmtpTls::None);
        let smtp = smtp.timeout(Duration::from_millis(200)).build().unwrap();
        let email = Email::builder("orders@shop.example").transport(smtp).build().unwrap();
        let error = email.send(&to_customer()).await.unwrap_err();
        assert!(matches!(&error, NotifyError::Transient(text) if text.contains("in time")), "{error}");
    }
}

#[tokio::test]
async fn the_deadline_holds_for_all_recipients_together() {
    let server = Server::start(vec![("MAIL", Do::Stall, 9)]).await;
    let email = Email::builder("orders@shop.example").transport(server.smtp());
    let email = email.deadline(Duration::from_millis(100)).build().unwrap();
    let error = email.send(&to_staff()).await.unwrap_err();
    assert!(matches!(&error, NotifyError::Transient(text) if text.contains("too long")), "{error}");
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let smtp = Smtp::builder("127.0.0.1").port(port).tls(SmtpTls::None).build().unwrap();
    let email = Email::builder("orders@shop.example").transport(smtp).build().unwrap();
    assert!(matches!(email.send(&to_customer()).await, Err(NotifyError::Transient(_))));
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced_at_once() {
    for end in [Do::HangUp, Do::Answer("421 4.4.2 idle for too long"), Do::Stall] {
        let server = Server::start(vec![("NOOP", end, 1)]).await;
        let email = server.email();
        for _ in 0..3 {
            assert_eq!(email.send(&to_customer()).await, Ok(Delivery::Sent { recipients: 1 }));
        }
        assert_eq!((server.connections(), server.mails().len()), (2, 3));
    }
}

#[tokio::test]
async fn one_dead_mailbox_does_not_silence_the_others() {
    let server = Server::start(vec![("RCPT TO:<desk@", Do::Answer("550 gone"), 9)]).await;
    assert_eq!(server.email().send(&to_staff()).await, Ok(Delivery::Sent { recipients: 1 }));
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_second_try_goes_only_to_those_who_lack_it() {
    let server = Server::start(vec![("RCPT TO:<desk@", Do::Answer("452 full"), 1)]).await;
    let email = server.email();
    assert!(matches!(email.send(&to_staff()).await, Err(NotifyError::Transient(_))));
    assert_eq!(server.mails().len(), 1, "the other one has it already");
    assert_eq!(email.send(&to_staff()).await, Ok(Delivery::Sent { recipients: 2 }));
    assert_eq!((server.mails().len(), server.count("RCPT TO:<back@")), (2, 1));
}

#[tokio::test]
async fn without_tls_on_offer_nothing_is_said() {
    let server = Server::start(vec![]).await;
    let smtp = Smtp::builder("127.0.0.1").port(server.port).tls(SmtpTls::StartTls);
    let smtp = smtp.credentials("ada".into(), "secret".into()).build().unwrap();
    let email = Email::builder("orders@shop.example").transport(smtp).build().unwrap();
    let error = email.send(&to_customer()).await.unwrap_err();
    assert!(matches!(error, NotifyError::Transient(_)));
    assert_eq!((server.count("AUTH"), server.count("MAIL")), (0, 0));
}

#[tokio::test]
async fn letters_beyond_ascii_in_an_address_need_a_server_that_takes_them() {
    let server = Server::start(vec![]).await;
    let to = with_store(to_staff(), |store| store.notices.staff = vec!["zoë@shop.example".into()]);
    assert!(matches!(server.email().send(&to).await, Err(NotifyError::Permanent(_))));
}

#[tokio::test]
async fn many_at_once_all_arrive() {
    let server = Server::start(vec![]).await;
    let email = Arc::new(server.email());
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let (email, mut message) = (email.clone(), to_customer());
            message.key.push_str(&n.to_string());
            tokio::spawn(async move { email.send(&message).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(Delivery::Sent { recipients: 1 }));
    }
    assert_eq!(server.mails().len(), 8);
}
