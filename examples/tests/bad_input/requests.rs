//! Requests that are no requests: broken JSON, too much of it, wrong addresses, wrong methods, odd bytes.

use reqwest::Method;
use reqwest::header::{ALLOW, CONTENT_TYPE};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::products::FLOWER;
use crate::support::{Answer, Client, Dispensary, draft};

const STORE: &str = "treez";
const ORDERS: &str = "/api/v1/stores/treez/orders";

async fn send(client: &Client, method: Method, path: &str, body: Vec<u8>) -> Answer {
    let request = client.request(method, path).header("Idempotency-Key", "broken");
    Answer::of(request.header(CONTENT_TYPE, "application/json").body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_json_is_malformed() {
    let host = Dispensary::demo().await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    let order = kiosk.accepted(STORE, "there", &draft(FLOWER, 1)).await;
    let id = order["id"].as_str().unwrap();
    let good = draft(FLOWER, 1).to_string();
    let bodies = [
        Vec::new(),
        b"{".to_vec(),
        b"{\"items\":[}".to_vec(),
        b"items=1".to_vec(),
        format!("{good} {good}").into_bytes(),
        good.replacen("\"quantity\"", "\"quantity\": 99, \"quantity\"", 1).into_bytes(),
        good.replacen('{', "{\"items\": [], \"i\\u0074ems\": [], ", 1).into_bytes(),
        [b"{\"note\":\"", &[0xff, 0xfe, 0xc0][..], b"\"}"].concat(),
        b"\xef\xbb\xbf{}".to_vec(),
        "[".repeat(10_000).into_bytes(),
        [vec![b'['; 10_000], vec![b']'; 10_000]].concat(),
        "{\"a\":".repeat(10_000).into_bytes(),
        b"{\"items\": NaN}".to_vec(),
        good.replacen("\"quantity\":1", "\"quantity\":1e400", 1).into_bytes(),
        b"{\"note\": \"\\ud800\"}".to_vec(),
    ];
    let places = [
        (&kiosk, Method::POST, ORDERS.to_owned()),
        (&kiosk, Method::POST, "/api/v1/stores/treez/quote".to_owned()),
        (&staff, Method::POST, format!("{ORDERS}/batch")),
        (&staff, Method::POST, format!("/api/v1/orders/{id}/actions")),
        (&staff, Method::POST, format!("/api/v1/orders/{id}/pos")),
        (&staff, Method::PATCH, format!("/api/v1/orders/{id}/items")),
    ];
    for (client, method, path) in &places {
        for body in &bodies {
            let answer = send(client, method.clone(), path, body.clone()).await;
            answer.problem(400, "malformed");
        }
        let large = send(client, method.clone(), path, vec![b' '; 256 * 1024 + 1]).await;
        large.problem(413, "too-large");
    }
    // As large as it may be.
    let padded = format!("{good}{}", " ".repeat(256 * 1024 - good.len()));
    assert_eq!(send(&kiosk, Method::POST, ORDERS, padded.into_bytes()).await.status, 201);
    assert_eq!(host.count(&staff, STORE).await, 2);
    assert_eq!(staff.order(id).await["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_addresses_methods_and_filters_are_named() {
    let host = Dispensary::demo().await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    for path in [
        "/",
        "/api",
        "/api/v1/orders",
        "/api/v1/orders/",
        "/api/v2/stores/treez/products",
        "/api/v1/stores/treez/products/",
        "/api/v1//stores/treez/products",
        "/API/V1/stores/treez/products",
        "/api/v1/orders/..%2f..%2fetc%2fpasswd",
        "/api/v1/orders/%2e%2e%2f%2e%2e",
        "/api/v1/orders/x%00y",
        "/api/v1/orders/%00",
        "/api/v1/orders/%ff%fe",
        "/api/v1/orders/0199aaaa-bbbb-7ccc-8ddd-eeeeffff000%00",
        "/api/v1/orders/'%20OR%201=1--",
        "/api/v1/stores/%ff/products",
        "/api/v1/stores/tree%00z/products",
        "/api/v1/stores/..%2ftreez/orders",
        "/api/v1/stores/TREEZ/orders",
        "/api/v1/track/%ff",
        "/api/v1/track/%00",
        "/api/v1/track/..%2f..",
    ] {
        staff.get(path).await.problem(404, "not-found");
    }
    let long = format!("/api/v1/orders/{}", "a".repeat(10_000));
    staff.get(&long).await.problem(404, "not-found");
    for (method, path) in [
        (Method::DELETE, ORDERS),
        (Method::PUT, ORDERS),
        (Method::GET, "/api/v1/stores/treez/quote"),
        (Method::POST, "/api/v1/stores/treez/products"),
        (Method::GET, "/api/v1/stores/treez/orders/batch"),
        (Method::DELETE, "/api/v1/orders/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"),
        (Method::PUT, "/api/v1/orders/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000/items"),
        (Method::GET, "/api/v1/orders/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000/actions"),
        (Method::POST, "/healthz"),
        (Method::TRACE, "/healthz"),
    ] {
        let answer = Answer::of(staff.request(method.clone(), path)).await;
        answer.problem(405, "method-not-allowed");
        assert!(answer.headers.contains_key(ALLOW), "{method} {path}");
    }
    for (query, code, path) in [
        ("status=OPEN", "unknown_value", "status"),
        ("status=IN_PROCESS,open", "unknown_value", "status"),
        ("pos=lost", "unknown_value", "pos"),
        ("attention=maybe", "unknown_value", "attention"),
        ("from=yesterday", "unknown_value", "from"),
        ("to=2026-13-01T00:00:00Z", "unknown_value", "to"),
        ("sort=price", "unknown_value", "sort"),
        ("cursor=zzz", "unknown_value", "cursor"),
        ("cursor=ffffffffffffffffffff.0199aaaabbbb7ccc8dddeeeeffff0000", "unknown_value", "cursor"),
        ("limit=0", "unknown_value", "limit"),
        ("limit=501", "unknown_value", "limit"),
        ("limit=-1", "unknown_value", "limit"),
        ("limit=1e3", "unknown_value", "limit"),
        ("stauts=CANCELED", "unknown_field", "stauts"),
        ("store=elm", "unknown_field", "store"),
    ] {
        staff.get(&format!("{ORDERS}?{query}")).await.invalid(code, path);
    }
    // Odd, and still a search.
    for query in [
        "q=%25%5F'%22;--",
        "q=%00",
        "q=%ff",
        "q=%F0%9F%8D%8A",
        "=&&=",
        "status=",
        "from=2026-01-01T00:00:00%2B05:00",
    ] {
        let answer = staff.get(&format!("{ORDERS}?{query}")).await;
        assert!(answer.status == 200 || answer.status == 422, "{query}: {}", answer.text);
    }
    let long = "x".repeat(5_000);
    assert_eq!(staff.get(&format!("{ORDERS}?q={long}")).await.status, 200);
    for wait in ["soon", "-1", "1.5", ""] {
        let request = kiosk.request(Method::POST, &format!("{ORDERS}?wait_ms={wait}"));
        let request = request.header("Idempotency-Key", "wait").json(&draft(FLOWER, 1));
        Answer::of(request).await.invalid("wrong_type", "wait_ms");
    }
    assert_eq!(host.count(&staff, STORE).await, 0);
}

/// Bytes that no HTTP client would send, and what comes back, if anything does.
async fn raw(host: &Dispensary, bytes: &[u8]) -> String {
    let address = host.base.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    // The host may hang up before it has read everything, which is an answer too.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_bytes_and_huge_headers_leave_the_host_alive() {
    let mut host = Dispensary::demo().await;
    let staff = host.client("staff", STORE);
    let huge = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Filler: {}\r\n\r\n", "x".repeat(1024 * 1024));
    let many = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(1_000));
    for bytes in [huge.as_bytes(), many.as_bytes()] {
        let answer = raw(&host, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"POST /api/v1/stores/treez/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n0123456789",
        b"POST /api/v1/stores/treez/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let answer = raw(&host, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    // A body that ends before it is whole.
    let token = host.token("kiosk", STORE);
    let cut = format!(
        "POST {ORDERS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: cut\r\n\
         Content-Length: 5000\r\n\r\n{}",
        draft(FLOWER, 1)
    );
    let answer = raw(&host, cut.as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(host.count(&staff, STORE).await, 0);
    assert_eq!(host.anybody().get("/readyz").await.json()["status"], json!("ok"));
    assert!(host.process.is_alive());
    let said = host.process.stderr();
    assert!(!said.contains("panicked"), "{said}");
}
