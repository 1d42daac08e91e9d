//! A vendor, or somebody in its place, that means harm; over a real socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mockito::{Matcher, Server};
use order_core::ports::{PosErrorKind, PosOrderClient, RetryClass};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{
    Kit, TICKET, assert_clean, client, config, customer, order, success, ticket, ticket_id, token,
};

const HUGE: usize = 100 * 1024 * 1024;

/// Answers the token call, and everything else with this head and a hundred megabytes of spaces. Counts what
/// it got rid of.
async fn flood(head: &'static str, chunk: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let poured = Arc::new(AtomicUsize::new(0));
    let count = poured.clone();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let count = count.clone();
            tokio::spawn(async move {
                let mut seen = vec![0; 16 * 1024];
                let length = socket.read(&mut seen).await.unwrap_or(0);
                if seen[..length].starts_with(b"POST /config") {
                    let body = token("tok-1");
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = socket.write_all(answer.as_bytes()).await;
                    return;
                }
                let mut sent = socket.write_all(head.as_bytes()).await;
                while sent.is_ok() && count.load(Ordering::SeqCst) < HUGE {
                    sent = socket.write_all(chunk).await;
                    count.fetch_add(chunk.len(), Ordering::SeqCst);
                }
            });
        }
    });
    (base, poured)
}

#[tokio::test]
async fn a_hundred_megabytes_are_not_read() {
    // A length that tells, and chunks that do not.
    let told = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n";
    let untold = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk: &'static [u8] =
        Box::leak([b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat().into_boxed_slice());
    for head in [told, untold] {
        let (base, poured) = flood(head, chunk).await;
        let (treez, _) = client(config(&base));
        let error = treez.get(&ticket_id()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::BadAnswer, RetryClass::NotSent));
        assert!(error.detail().contains("larger than"), "{error}");
        let poured = poured.load(Ordering::SeqCst);
        assert!(poured < HUGE / 2, "we hung up long before, after {poured}");
    }
}

/// Spaces, 258 for every 13 bits: a gzip stream of a length that is announced nowhere.
fn bomb(repeats: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    let mut code = |value: u32, length: u32| bits.extend((0..length).rev().map(|bit| value >> bit & 1 == 1));
    code(0x30 + u32::from(b' '), 8);
    for _ in 0..repeats {
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bytes.extend(bits.chunks(8).map(|eight| {
        eight.iter().enumerate().fold(0_u8, |byte, (place, bit)| byte | u8::from(*bit) << place)
    }));
    bytes
}

#[tokio::test]
async fn a_compressed_bomb_stays_small() {
    let bomb = bomb(800_000);
    assert!(bomb.len() < 2 * 1024 * 1024, "small enough to be let in: it unpacks to 200 MB");
    for encoding in ["gzip", "gzip, gzip", "deflate", "br", "zstd"] {
        let mut kit = Kit::new().await;
        kit.server
            .mock("GET", format!("/ticket/{TICKET}").as_str())
            .match_header("accept-encoding", Matcher::Missing)
            .with_header("content-encoding", encoding)
            .with_header("content-type", "application/json")
            .with_body(&bomb)
            .create_async()
            .await;
        let error = kit.treez.get(&ticket_id()).await.unwrap_err();
        assert_eq!(error.kind(), PosErrorKind::BadAnswer, "{encoding}");
        assert!(error.detail().contains("is not JSON"), "read as it came, packed: {error}");
    }
}

#[tokio::test]
async fn the_content_type_decides_nothing() {
    for content_type in
        ["text/html", "image/png", "application/octet-stream; charset=\"", "text/plain; charset=utf-16"]
    {
        let path = format!("/ticket/{TICKET}");
        let good = success(&ticket("IN_PROCESS"));
        for (body, reads) in [
            (good.as_bytes(), true),
            (b"\x89PNG\r\n\x1a\n\xff\xfe Ada".as_slice(), false),
            (b"\xff\xfe{\0", false),
        ] {
            let mut kit = Kit::new().await;
            kit.server
                .mock("GET", path.as_str())
                .with_header("content-type", content_type)
                .with_body(body)
                .create_async()
                .await;
            match kit.treez.get(&ticket_id()).await {
                Ok(_) => assert!(reads, "{content_type}"),
                Err(error) => {
                    assert!(!reads, "{content_type}: {error}");
                    assert_eq!(error.kind(), PosErrorKind::BadAnswer, "{content_type}");
                    assert_clean(&format!("{error:?}"));
                }
            }
        }
    }
}

#[tokio::test]
async fn neither_the_key_nor_an_order_follows_a_redirect() {
    let mut elsewhere = Server::new_async().await;
    let stolen = elsewhere.mock("POST", Matcher::Any).expect(0).create_async().await;
    let also = elsewhere.mock("GET", Matcher::Any).expect(0).create_async().await;
    let target = format!("{}/take", elsewhere.url());
    for status in [301, 302, 303, 307, 308] {
        let mut kit = Kit::bare(|config| config).await;
        kit.server
            .mock("POST", "/config/api/gettokens")
            .with_status(status)
            .with_header("location", &target)
            .create_async()
            .await;
        let error = kit.treez.check().await.unwrap_err();
        assert_ne!(error.kind(), PosErrorKind::Unavailable, "{status}");
        assert!(!error.is_transient() || error.retry() == RetryClass::NotSent, "{error:?}");

        let mut kit = Kit::new().await;
        kit.on("GET", "/customer/4711", 200, &success(&customer("4711"))).await;
        kit.server
            .mock("POST", "/ticket/detailticket")
            .with_status(status)
            .with_header("location", &target)
            .create_async()
            .await;
        let error = kit.treez.create(&order()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::Config, RetryClass::Refused), "{status}");
    }
    stolen.assert_async().await;
    also.assert_async().await;
}
