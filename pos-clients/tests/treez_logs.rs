//! What a log of the Treez client shows of a call, and what it never shows.
//!
//! Alone in its process: whether a span is recorded is remembered for the whole process, so a test beside this one
//! that calls without a subscriber would decide what this one sees.
#![cfg(all(feature = "treez", feature = "reqwest"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(dead_code, reason = "the support is shared with the wire tests, and only a part is used here")]

#[path = "treez_wire/support.rs"]
mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use order_core::ports::PosOrderClient;
use tracing_subscriber::fmt::format::FmtSpan;

use support::{Kit, assert_clean, customer, fail, strangers_order, success};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_span_tells_the_call_and_nothing_personal() {
    let log = Log::default();
    let sink = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("pos_clients=trace")
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || sink.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let mut kit = Kit::new().await;
    kit.on("GET", "/customer/phone/4155550123", 404, &fail("NOT_FOUND", "no 4155550123")).await;
    kit.on("GET", "/customer/email/ada%40example.com", 200, &success(&customer("4711"))).await;
    kit.on("POST", "/ticket/detailticket", 400, &fail("ODD", "Ada Byron, ada@example.com: tok-1")).await;
    kit.treez.create(&strangers_order()).await.unwrap_err();
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_clean(&log);
    for told in [
        "vendor=treez",
        "operation=\"token\"",
        "operation=\"find_customer\"",
        "operation=\"create\"",
        "attempt=1",
        "outcome=\"ok\"",
        "outcome=\"refused\"",
        "http_status=400",
        "latency_ms=0",
    ] {
        assert!(log.contains(told), "{told} in {log}");
    }
    assert!(!log.contains("/customer"), "{log}");
}
