use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use pos_clients::sim::{FAULT_NAMES, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{FLOWER, Till, order, text};

/// A simulator on a port, and a client of it.
struct Socket {
    till: Till,
    address: SocketAddr,
    client: reqwest::Client,
}

impl Socket {
    async fn open() -> Self {
        let till = Till::open().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, till.handle.clone()));
        Self { till, address, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn send(&self, method: &str, path: &str, body: String) -> reqwest::Result<(u16, String)> {
        let method = method.parse::<reqwest::Method>().unwrap();
        let request = self
            .client
            .request(method, format!("http://{}{path}", self.address))
            .header("authorization", &self.till.token)
            .header("client_id", "kiosk")
            .header("content-type", "application/json")
            .timeout(Duration::from_secs(5))
            .body(body);
        let response = request.send().await?;
        Ok((response.status().as_u16(), response.text().await?))
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let (status, text) = self.send(method, path, body.to_string()).await.unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    async fn plan(&self, fault: Value) {
        assert_eq!(self.control("POST", "/_sim/faults", fault).await.0, 200);
    }

    async fn create(&self) -> reqwest::Result<(u16, String)> {
        let body = order(&[(FLOWER, 1)]).to_string();
        self.send("POST", "/v2.0/dispensary/green-oak/ticket/detailticket", body).await
    }

    async fn held(&self) -> usize {
        self.control("GET", "/_sim/orders", Value::Null).await.1.as_array().unwrap().len()
    }
}

#[tokio::test]
async fn orders_and_staff() {
    let socket = Socket::open().await;
    let (status, body) = socket.create().await.unwrap();
    let ticket: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 200, "{body}");
    let (_, orders) = socket.control("GET", "/_sim/orders", Value::Null).await;
    let id = text(&ticket["data"]["ticket_id"]);
    assert_eq!(
        orders,
        json!([{"id": id, "reference": "ref-1", "status": "AWAITING_PROCESSING", "total": "44.45",
                "lines": [{"product_id": FLOWER, "quantity": 1}]}])
    );
    let act = |order: &str, action: &str| json!({"order": order, "action": action});
    assert_eq!(socket.control("POST", "/_sim/staff", act(id, "complete")).await, (200, json!({"ok": true})));
    assert_eq!(socket.control("POST", "/_sim/staff", act(id, "cancel")).await.0, 409);
    assert_eq!(socket.control("POST", "/_sim/staff", act("x", "cancel")).await.0, 404);
    assert_eq!(socket.control("POST", "/_sim/staff", act(id, "fly")).await.0, 400);
    assert_eq!(socket.control("POST", "/_sim/staff", json!({"order": 1})).await.0, 400);
    assert_eq!(socket.control("GET", "/_sim/staff", Value::Null).await.0, 405);
    assert_eq!(socket.control("GET", "/_sim/else", Value::Null).await.0, 404);
}

#[tokio::test]
async fn faults_are_planned_listed_and_cleared() {
    let socket = Socket::open().await;
    for name in FAULT_NAMES {
        socket.plan(json!({"fault": name, "count": 2, "operation": "create", "after_apply": true})).await;
    }
    let (_, planned) = socket.control("GET", "/_sim/faults", Value::Null).await;
    assert_eq!(planned.as_array().unwrap().len(), FAULT_NAMES.len());
    assert_eq!(socket.control("DELETE", "/_sim/faults", Value::Null).await, (200, json!([])));
    assert_eq!(socket.control("GET", "/_sim/faults", Value::Null).await.1, json!([]));
    for bad in [
        json!({"fault": "meteor", "count": 1}),
        json!({"fault": "drop", "rate": 2}),
        json!({"fault": "drop", "operation": "fly"}),
        json!({"fault": "drop", "often": true}),
        json!({"count": 1}),
        json!([]),
    ] {
        let (status, body) = socket.control("POST", "/_sim/faults", bad).await;
        assert!(status == 400 && body["error"].is_string(), "{body}");
    }
    let (_, body) = socket.control("POST", "/_sim/faults", json!({"fault": "meteor"})).await;
    assert!(FAULT_NAMES.iter().all(|name| text(&body["error"]).contains(name)), "{body}");
}

#[tokio::test]
async fn a_dropped_connection_is_really_dropped() {
    let socket = Socket::open().await;
    for (after_apply, held) in [(false, 0), (true, 1)] {
        socket
            .plan(json!({"fault": "drop", "count": 1, "operation": "create", "after_apply": after_apply}))
            .await;
        let error = socket.create().await.unwrap_err();
        assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
        assert_eq!(socket.held().await, held);
    }
    // There is no connection left to refuse, but the request is not applied either.
    socket.plan(json!({"fault": "refuse_connection", "after_apply": true})).await;
    assert!(socket.create().await.is_err());
    assert_eq!(socket.held().await, 1);
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let socket = Socket::open().await;
    for (after_apply, held) in [(false, 0), (true, 1)] {
        socket
            .plan(json!({"fault": "truncate", "count": 1, "operation": "create", "after_apply": after_apply}))
            .await;
        let error = socket.create().await.unwrap_err();
        // The head arrived whole; it is the body that broke off.
        assert!(error.is_body() || error.is_decode(), "{error:?}");
        assert_eq!(socket.held().await, held);
    }
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "real time is what is measured")]
async fn a_slow_answer_is_really_slow() {
    let socket = Socket::open().await;
    socket.plan(json!({"fault": "slow", "count": 1, "delay_ms": 200})).await;
    let start = Instant::now();
    assert_eq!(socket.create().await.unwrap().0, 200);
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "waits for a connection to be noticed as gone")]
async fn a_client_that_gives_up_on_a_slow_answer_leaves_no_order_unless_it_was_applied_first() {
    let socket = Socket::open().await;
    for (after_apply, held) in [(false, 0), (true, 1)] {
        let slow =
            json!({"fault": "slow", "operation": "create", "delay_ms": 500, "after_apply": after_apply});
        socket.plan(slow).await;
        let patience = Duration::from_millis(100);
        assert!(tokio::time::timeout(patience, socket.create()).await.is_err());
        tokio::time::sleep(Duration::from_millis(800)).await;
        assert_eq!(socket.held().await, held);
    }
}

#[tokio::test]
async fn replaced_answers_and_revoked_tokens() {
    let socket = Socket::open().await;
    for (fault, status) in [
        (json!({"fault": "error_503", "count": 1}), 503),
        (json!({"fault": "error_500", "status": 507}), 507),
        (json!({"fault": "html", "rate": 1.0}), 502),
        (json!({"fault": "throttle", "retry_after": 2}), 429),
        (json!({"fault": "token_revoked"}), 401),
    ] {
        socket.plan(fault).await;
        assert_eq!(socket.create().await.unwrap().0, status);
        socket.control("DELETE", "/_sim/faults", Value::Null).await;
    }
    assert_eq!(socket.held().await, 0);
}

#[tokio::test]
async fn it_survives_whatever_it_is_sent() {
    let socket = Socket::open().await;
    let big = "x".repeat(2 * 1024 * 1024);
    // A server that stops reading may reset the connection before its answer is seen.
    if let Ok((status, _)) = socket.send("POST", "/v2.0/dispensary/green-oak/ticket/detailticket", big).await
    {
        assert_eq!(status, 413);
    }
    let address = socket.address;
    tokio::task::spawn_blocking(move || {
        for junk in [
            &b"GARBAGE\r\n\r\n"[..],
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"POST /_sim/faults HTTP/1.1\r\ncontent-length: 99\r\n\r\nshort",
            b"GET /%ff%fe HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            b"POST /_sim/staff HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            b"",
        ] {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            let _ = stream.write_all(junk);
            let _ = stream.read(&mut [0; 512]);
        }
    })
    .await
    .unwrap();
    assert_eq!(socket.create().await.unwrap().0, 200);
}
