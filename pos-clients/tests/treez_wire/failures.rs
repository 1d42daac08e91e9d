//! What is made of every kind of failure, and that no error shows a person or a secret.

use std::time::Duration;

use order_core::ports::{PosError, PosErrorKind, PosOrderClient, RetryClass};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{
    Kit, TICKET, assert_clean, client, config, customer, fail, order, success, ticket, ticket_id, token,
};

const CREATE: &str = "/ticket/detailticket";

async fn create_answered(status: usize, body: &[u8]) -> PosError {
    let mut kit = Kit::new().await;
    kit.on("GET", "/customer/4711", 200, &success(&customer("4711"))).await;
    let create =
        kit.server.mock("POST", CREATE).with_status(status).with_body(body).expect(1).create_async().await;
    let error = kit.treez.create(&order()).await.unwrap_err();
    // Whatever the answer: a create is never repeated by itself.
    create.assert_async().await;
    assert_clean(&format!("{error:?} {error} {:?}", error.problem()));
    error
}

async fn get_answered(status: usize, body: &[u8]) -> PosError {
    let mut kit = Kit::new().await;
    kit.server
        .mock("GET", format!("/ticket/{TICKET}").as_str())
        .with_status(status)
        .with_body(body)
        .create_async()
        .await;
    let error = kit.treez.get(&ticket_id()).await.unwrap_err();
    assert_clean(&format!("{error:?} {error}"));
    error
}

#[tokio::test]
async fn documented_refusals_keep_their_code_and_get_a_kind() {
    use PosErrorKind as K;
    for (status, reason, detail, kind) in [
        (404, "CUSTOMER_DOESNT_EXIST", "", K::NotFound),
        (404, "NOT_FOUND", "Nothing was found", K::NotFound),
        (400, "TICKET_NOT_FOUND", "Cannot find the ticket", K::NotFound),
        (400, "TICKET_FORMAT_ERROR", "Invalid UUID format, size_id is required", K::InvalidRequest),
        (400, "PRODUCT_NOT_FOUND", "", K::UnknownProduct),
        (400, "INVALID_TICKET_STATUS", "", K::WrongState),
        (400, "CUSTOMER_FIRST_NAME_BLANK", "Field first_name cannot be blank", K::InvalidRequest),
        (400, "MODEL_VALIDATION_FAIL", "", K::InvalidRequest),
        (400, "INCORRECT_VALUE", "", K::InvalidRequest),
        (400, "INVALID_REQUEST", "", K::InvalidRequest),
        (400, "INVALID_DATE_FORMAT", "", K::InvalidRequest),
        (400, "RESPONSE_LIMIT_EXCEEDS", "", K::InvalidRequest),
        (400, "ODD_1", "Not enough INVENTORY for Ada Byron, 415-555-0123", K::OutOfStock),
        (400, "PURCHASE_LIMIT_REACHED", "", K::LimitExceeded),
        (200, "ODD_2", "Customer ada@example.com is banned", K::Customer),
        (200, "ODD_3", "", K::Refused),
    ] {
        let error = create_answered(status, fail(reason, detail).as_bytes()).await;
        assert_eq!((error.kind(), error.retry()), (kind, RetryClass::Refused), "{reason}");
        assert_eq!(error.vendor_code(), Some(reason));
        assert_eq!(error.http_status(), u16::try_from(status).ok());
    }
}

#[tokio::test]
async fn an_unknown_ticket_is_not_found_whatever_the_status() {
    let body = json!({"resultCode": "FAIL", "resultReason": "TICKET_NOT_FOUND", "ticketList": [],
        "resultDetail": "Cannot find the ticket"})
    .to_string();
    for (status, body) in [(400, body.as_str()), (404, ""), (404, "<html>nothing here</html>")] {
        let error = get_answered(status, body.as_bytes()).await;
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::NotFound, RetryClass::Refused), "{body}");
    }
    let none = get_answered(200, crate::support::listed(&[]).as_bytes()).await;
    assert_eq!(none.kind(), PosErrorKind::NotFound);
}

#[tokio::test]
async fn answers_that_cannot_be_read_are_ambiguous_for_a_create() {
    let good = success(&ticket("AWAITING_PROCESSING"));
    let deep = format!(r#"{{"resultCode":"SUCCESS","data":{}{}}}"#, "[".repeat(200_000), "]".repeat(200_000));
    let deep_ignored = format!(
        r#"{{"resultCode":"SUCCESS","x":{}1{},"data":null}}"#,
        r#"{"a":"#.repeat(50_000),
        "}".repeat(50_000)
    );
    for body in [
        b"".as_slice(),
        b"<html><title>502</title>Ada</html>",
        b"\xff\xfe{\"resultCode\":\"SUCCESS\"}",
        b"{\"resultCode\":\"SUCCESS\",\"data\":{\"ticket_note\":\"\xff\"}}",
        &good.as_bytes()[..good.len() / 2],
        b"null",
        b"[]",
        b"\"SUCCESS\"",
        b"{}",
        b"{\"data\":{}}",
        deep.as_bytes(),
        deep_ignored.as_bytes(),
    ] {
        let error = create_answered(200, body).await;
        let shown = String::from_utf8_lossy(body).chars().take(60).collect::<String>();
        assert_eq!(
            (error.kind(), error.retry()),
            (PosErrorKind::BadAnswer, RetryClass::Ambiguous),
            "{shown}"
        );
    }
    // Reading does no harm, so the same answer to a read may be asked for again.
    let read = get_answered(200, b"<html>login</html>").await;
    assert_eq!((read.kind(), read.retry()), (PosErrorKind::BadAnswer, RetryClass::NotSent));
}

#[tokio::test]
async fn statuses_have_their_class_on_a_create() {
    use PosErrorKind as K;
    use RetryClass as R;
    for (status, kind, retry) in [
        (403, K::Forbidden, R::Refused),
        (405, K::Refused, R::Refused),
        (429, K::Throttled, R::Throttled { after: None }),
        (500, K::Unavailable, R::Ambiguous),
        (502, K::Unavailable, R::Ambiguous),
        (503, K::Unavailable, R::Ambiguous),
        (504, K::Unavailable, R::Ambiguous),
    ] {
        let error = create_answered(status, b"<html><h1>Ada</h1>Service page</html>").await;
        assert_eq!((error.kind(), error.retry()), (kind, retry), "{status}");
        assert!(error.excerpt().is_some_and(|text| text.contains("Service page")), "{status}");
    }
}

#[tokio::test]
async fn reads_are_repeated_and_told_how_long_to_wait() {
    let mut kit = Kit::new().await;
    let path = format!("/ticket/{TICKET}");
    let busy = kit
        .server
        .mock("GET", path.as_str())
        .with_status(503)
        .with_header("retry-after", "3")
        .expect(1)
        .create_async()
        .await;
    kit.on("GET", &path, 200, &success(&ticket("IN_PROCESS"))).await;
    kit.treez.get(&ticket_id()).await.unwrap();
    busy.assert_async().await;

    let mut kit = Kit::new().await;
    kit.server
        .mock("GET", path.as_str())
        .with_status(429)
        .with_header("retry-after", "600")
        .create_async()
        .await;
    let error = kit.treez.get(&ticket_id()).await.unwrap_err();
    assert_eq!(error.retry(), RetryClass::Throttled { after: Some(Duration::from_secs(600)) });
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect() {
    let mut elsewhere = mockito::Server::new_async().await;
    let stolen = elsewhere.mock("GET", mockito::Matcher::Any).expect(0).create_async().await;
    for status in [301, 302, 307, 308] {
        let mut kit = Kit::new().await;
        let target = format!("{}/take", elsewhere.url());
        kit.server
            .mock("GET", format!("/ticket/{TICKET}").as_str())
            .with_status(status)
            .with_header("location", &target)
            .create_async()
            .await;
        let error = kit.treez.get(&ticket_id()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::Config, RetryClass::Refused), "{status}");
    }
    stolen.assert_async().await;
}

#[tokio::test]
async fn an_oversize_answer_is_dropped_while_it_is_read() {
    let error = create_answered(200, &vec![b' '; 9 * 1024 * 1024]).await;
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::BadAnswer, RetryClass::Ambiguous));
    assert!(error.detail().contains("larger than"));
}

#[tokio::test]
async fn a_refused_connection_means_nothing_was_sent() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let (treez, _) = client(config(&format!("http://127.0.0.1:{port}")));
    let error = treez.create(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Unreachable, RetryClass::NotSent));
    assert_clean(&format!("{error:?} {error}"));
}

/// A server that answers everything properly but the create: that it reads and then does as told.
async fn flaky(then: fn(&mut Vec<u8>) -> Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut seen = Vec::new();
                let mut buffer = [0; 4096];
                while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
                    let count = socket.read(&mut buffer).await.unwrap_or(0);
                    if count == 0 {
                        return;
                    }
                    seen.extend_from_slice(&buffer[..count]);
                }
                let head = String::from_utf8_lossy(&seen).into_owned();
                let answer = |body: String| {
                    format!(
                        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    )
                    .into_bytes()
                };
                let mut bytes = if head.starts_with("POST /config") {
                    answer(token("tok-1"))
                } else if head.starts_with("GET /customer") {
                    answer(success(&customer("4711")))
                } else {
                    let mut bytes = answer(success(&ticket("AWAITING_PROCESSING")));
                    let wait = then(&mut bytes);
                    #[allow(clippy::disallowed_methods, reason = "the server is slow in real time")]
                    tokio::time::sleep(wait).await;
                    bytes
                };
                let _ = socket.write_all(&bytes).await;
                bytes.clear();
                let _ = socket.shutdown().await;
            });
        }
    });
    base
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_ambiguous() {
    let no_answer = flaky(|bytes| {
        bytes.clear();
        Duration::ZERO
    })
    .await;
    let half_an_answer = flaky(|bytes| {
        bytes.truncate(bytes.len() / 2);
        Duration::ZERO
    })
    .await;
    for base in [no_answer, half_an_answer] {
        let (treez, _) = client(config(&base));
        let error = treez.create(&order()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::Unavailable, RetryClass::Ambiguous));
        assert_clean(&format!("{error:?} {error}"));
    }
    let slow = flaky(|_| Duration::from_secs(20)).await;
    let (treez, _) = client(config(&slow).with_timeouts(1, 30));
    let error = treez.create(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Timeout, RetryClass::Ambiguous));
}
