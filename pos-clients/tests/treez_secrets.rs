//! That nothing the Treez client shows holds a secret or a person: not its logs, its errors, its `Debug`, what is
//! kept of an error in the order's timeline, and no panic. Every call is driven through answers of every kind, and
//! each answer repeats what it was asked with.
//!
//! One test, alone in its process, because logs and panics are caught for the whole of it.
#![cfg(feature = "treez")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::{Debug, Write as _};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use order_core::model::{
    CustomerId, CustomerKind, FulfillmentKind, Note, OrderCustomer, PosOrderId, ProductId, Quantity, Status,
};
use order_core::ports::{
    CustomerQuery, NewCustomer, PosCustomers, PosError, PosLine, PosOrder, PosOrderClient, Probe,
    ProductSource,
};
use order_core::testkit::{ManualClock, SeededIds};
use pos_clients::transport::{HttpSender, RetryPolicy, SendError, TransportParts, TryLimits};
use pos_clients::treez::{Completion, Treez, TreezConfig};
use serde_json::{Value, json};
use tracing_subscriber::fmt::format::FmtSpan;

const TICKET: &str = "9d3c2f10-6b0a-4d5e-8f57-3c1a2b4d5e6f";
const MINTS: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const REFERENCE: &str = "5b0e6c0e-7a50-4c1f-9d55-0d0f0f6f2a11";

/// What must never be seen, whatever the case it is written in.
const MARKED: [&str; 12] = [
    "zephyrine",
    "quackenbush",
    "4155550199",
    "555-0199",
    "quack.example",
    "1987-06-05",
    "x77licence",
    "knock thrice",
    "client-mark-1",
    "api-key-mark-2",
    "tok-mark-3",
    "refresh-mark-4",
];

/// How the vendor answers everything but the token call.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Good,
    /// Good, but the answer is cut.
    Cut,
    /// The answer's types are wrong.
    Odd,
    /// A refusal with this status that repeats the request in its words.
    Refuses(u16),
    /// A gateway's page with this status that repeats the request.
    Page(u16),
    /// A redirect to an address that repeats the request.
    Redirect,
    Broken,
    Unreachable,
    /// No token is handed out, and the answer repeats the key.
    NoToken,
}

/// The vendor, and whether the call at hand was given the person: only then may free words of the vendor name
/// them, because a name that nobody told us cannot be known for one.
#[derive(Debug)]
struct Parrot(Mood, AtomicBool);

impl Parrot {
    fn answer(&self, request: &Request<Bytes>) -> (u16, String) {
        let path = request.uri().path().to_owned();
        let told = format!(
            "{} {:?} {}",
            request.uri(),
            request
                .headers()
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect::<Vec<_>>(),
            String::from_utf8_lossy(request.body())
        );
        let name = if self.1.load(Ordering::SeqCst) { "Zephyrine Quackenbush" } else { "somebody" };
        let person = format!("{name} (zephyrine@quack.example, 415-555-0199, 1987-06-05)");
        if path.ends_with("/gettokens") {
            return match self.0 {
                Mood::NoToken => (400, fail(&format!("no such key: {told}"))),
                _ => (200, token()),
            };
        }
        match self.0 {
            Mood::Good | Mood::NoToken => (200, good(&path).to_string()),
            Mood::Cut => {
                let whole = good(&path).to_string();
                (200, whole[..whole.len() * 2 / 3].to_owned())
            }
            Mood::Odd => {
                (200, json!({"resultCode": "SUCCESS", "data": [[person]], "ticketList": person}).to_string())
            }
            Mood::Refuses(status) => (status, fail(&format!("{person}: {told}"))),
            Mood::Page(status) => (status, format!("<html><h1>Oops</h1><p>{told}</p></html>")),
            Mood::Redirect => (302, told),
            Mood::Broken | Mood::Unreachable => (500, told),
        }
    }
}

#[async_trait]
impl HttpSender for Parrot {
    async fn send(&self, request: Request<Bytes>, _: TryLimits) -> Result<Response<Bytes>, SendError> {
        match self.0 {
            Mood::Broken => return Err(SendError::Broken(format!("reset by {}", request.uri()))),
            Mood::Unreachable => return Err(SendError::NotSent(format!("no way to {}", request.uri()))),
            _ => {}
        }
        let (status, body) = self.answer(&request);
        // A gateway that traces by what it was given.
        let trace = if self.0 == Mood::NoToken { "api-key-mark-2" } else { "tok-mark-3" };
        Ok(Response::builder().status(status).header("x-request-id", trace).body(body.into()).unwrap())
    }
}

fn fail(detail: &str) -> String {
    json!({"resultCode": "FAIL", "resultReason": "ODD", "resultDetail": detail, "data": null}).to_string()
}

fn token() -> String {
    json!({"resultCode": "SUCCESS", "access_token": "tok-mark-3", "refresh_token": "refresh-mark-4",
        "expires_in": "7200"})
    .to_string()
}

fn good(path: &str) -> Value {
    let customer = json!({"status": "ACTIVE", "customer_id": "4711", "first_name": "ZEPHYRINE",
        "last_name": "QUACKENBUSH", "birthday": "1987-06-05", "drivers_license": "X77LICENCE",
        "email": "zephyrine@quack.example", "phone": "4155550199", "banned": false, "patient_type": "ADULT"});
    let ticket = json!({"type": "PICKUP", "ticket_id": TICKET, "order_number": "K7Q2ZX",
        "external_order_number": REFERENCE, "customer_id": 4711, "order_status": "AWAITING_PROCESSING",
        "payment_status": "UNPAID", "date_created": "2026-03-02T10:00:00.000-08:00", "sub_total": 20,
        "tax_total": 2.6, "discount_total": 0, "total": 22.6, "ticket_note": "knock thrice",
        "items": [{"product_id": MINTS, "size_id": MINTS, "product_type": "EDIBLE", "quantity": 2,
            "price_sell": 20}], "fees": [], "payments": []});
    if path.contains("/customer/") && !path.contains("/ticket/") {
        json!({"resultCode": "SUCCESS", "data": customer})
    } else if path.contains("/product/") {
        json!({"resultCode": "SUCCESS", "data": {"product_list": [{"product_id": MINTS}], "page_count": 1}})
    } else if path.contains("/page/") {
        json!({"resultCode": "SUCCESS", "ticketList": [ticket]})
    } else {
        json!({"resultCode": "SUCCESS", "data": ticket})
    }
}

fn order(known: bool) -> PosOrder {
    PosOrder {
        reference: REFERENCE.parse().unwrap(),
        code: "K7QM-2XRD".to_owned(),
        placed_at: "2026-03-02T18:00:00Z".parse().unwrap(),
        status: Status::AwaitingProcessing,
        fulfillment: FulfillmentKind::Pickup,
        customer: OrderCustomer {
            id: known.then(|| CustomerId::new("4711").unwrap()),
            first_name: "Zephyrine".into(),
            last_name: "Quackenbush".into(),
            phone: Some("+1 (415) 555-0199".into()),
            email: Some("zephyrine@quack.example".into()),
            birth_date: Some("1987-06-05".into()),
            kind: CustomerKind::Adult,
            residency: None,
            medical_card: None,
        },
        lines: vec![PosLine {
            product_id: ProductId::new(MINTS).unwrap(),
            variant_id: None,
            quantity: Quantity::Units(2),
        }],
        totals: None,
        note: Some(Note::new("knock thrice").unwrap()),
        discount_code: None,
    }
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<String>>);

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seen {
    fn note(&self, shown: impl Debug) {
        writeln!(self.0.lock().unwrap(), "{shown:?}").unwrap();
    }

    /// Everything that is made of an outcome; whether it was a success.
    fn outcome<T: Debug>(&self, outcome: Result<T, PosError>) -> bool {
        self.note(&outcome);
        if let Err(error) = &outcome {
            self.note(error.to_string());
            self.note(serde_json::to_string(&error.problem()).unwrap());
            self.note((error.detail(), error.excerpt(), error.vendor_code(), error.request_id()));
        }
        outcome.is_ok()
    }
}

async fn drive(mood: Mood, seen: &Seen) -> usize {
    let json = json!({"dispensary": "green-oak", "client_id": "client-mark-1", "api_key": "api-key-mark-2",
        "deadline_seconds": 60});
    let config: TreezConfig = serde_json::from_value(json).unwrap();
    let config = config
        .with_base_url("http://127.0.0.1:9/".parse().unwrap())
        .with_requests_per_second(1_000_000.try_into().unwrap())
        .with_completion(Completion::ByApi { payment_method: "CASH".to_owned() });
    let clock = Arc::new(ManualClock::at(1_772_445_600));
    let parrot = Arc::new(Parrot(mood, AtomicBool::new(true)));
    let parts =
        TransportParts { sender: parrot.clone(), clock: clock.clone(), ids: Arc::new(SeededIds::new(1)) };
    seen.note((&config, RetryPolicy::default()));
    let treez = Treez::with(config, parts).unwrap();
    let id = PosOrderId::new(TICKET).unwrap();
    let (known, stranger) = (order(true), order(false));
    let probe = Probe { order: stranger.clone(), sent_after: "2026-03-02T10:00:00Z".parse().unwrap() };
    seen.note((&known, &stranger, &probe));
    let customer = NewCustomer {
        first_name: "Zephyrine".into(),
        last_name: "Quackenbush".into(),
        phone: Some("4155550199".into()),
        email: Some("zephyrine@quack.example".into()),
        birth_date: "1987-06-05".into(),
        kind: CustomerKind::Adult,
    };
    let by_name = CustomerQuery::Name { first: "Zephyrine".into(), last: "Quackenbush".into() };
    let by_phone = CustomerQuery::Phone("4155550199".into());
    let by_email = CustomerQuery::Email("zephyrine@quack.example".into());
    seen.note((&customer, &by_name, &by_phone, &by_email));
    let calls = async {
        let mut good = vec![
            seen.outcome(treez.quote(&stranger).await),
            seen.outcome(treez.create(&known).await),
            seen.outcome(treez.create(&stranger).await),
            seen.outcome(treez.resolve(&probe).await),
            seen.outcome(treez.update(&id, &known).await),
            seen.outcome(treez.create_customer(&customer).await),
            seen.outcome(treez.find(&by_name).await),
        ];
        parrot.1.store(false, Ordering::SeqCst);
        good.extend([
            seen.outcome(treez.check().await),
            seen.outcome(treez.get(&id).await),
            seen.outcome(treez.set_status(&id, Status::InProcess).await),
            seen.outcome(treez.mark_paid(&id).await),
            seen.outcome(treez.cancel(&id).await),
            seen.outcome(treez.coupon("knock thrice").await),
            seen.outcome(treez.products(None).await),
            seen.outcome(treez.find(&by_phone).await),
            seen.outcome(treez.find(&by_email).await),
        ]);
        good.into_iter().filter(|good| *good).count()
    };
    let mut calls = std::pin::pin!(calls);
    let good = loop {
        tokio::select! {
            biased;
            good = &mut calls => break good,
            () = tokio::task::yield_now() => if let Some(wake) = clock.next_wake() {
                clock.advance((wake - order_core::ports::Clock::now(clock.as_ref())).to_std().unwrap());
            }
        }
    };
    seen.note(&treez);
    good
}

#[tokio::test]
async fn nothing_shown_holds_a_secret_or_a_person() {
    let seen = Seen::default();
    let sink = seen.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("trace")
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || sink.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let (sink, before) = (seen.clone(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| sink.note(format!("PANIC {panic}"))));
    let mut works = Vec::new();
    for mood in [
        Mood::Good,
        Mood::Cut,
        Mood::Odd,
        Mood::Refuses(200),
        Mood::Refuses(400),
        Mood::Refuses(401),
        Mood::Refuses(403),
        Mood::Refuses(404),
        Mood::Refuses(429),
        Mood::Refuses(500),
        Mood::Page(200),
        Mood::Page(404),
        Mood::Page(502),
        Mood::Redirect,
        Mood::Broken,
        Mood::Unreachable,
        Mood::NoToken,
    ] {
        seen.note(format!("--- {mood:?}"));
        works.push((mood, drive(mood, &seen).await));
    }
    std::panic::set_hook(before);
    drop(guard);
    let log = seen.0.lock().unwrap().to_lowercase();
    for line in log.lines() {
        for private in MARKED {
            assert!(!line.contains(private), "{private:?} in {line}");
        }
        assert!(!line.contains("panic "), "{line}");
    }
    // That it is not silence that was searched.
    let (_, good) = works[0];
    assert!(good >= 8, "{works:?}");
    assert!(
        log.len() > 50_000 && log.contains("pos_call{") && log.contains("the breaker changes"),
        "{}",
        log.len()
    );
}
