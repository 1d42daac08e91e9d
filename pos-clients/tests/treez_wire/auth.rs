//! Tokens: fetched once, kept, renewed, never shown.

use mockito::Matcher;
use order_core::model::CustomerId;
use order_core::ports::{CustomerQuery, PosCustomers, PosErrorKind, PosOrderClient, RetryClass};
use pos_clients::treez::TokenPrefix;
use serde_json::json;

use crate::support::{
    API_KEY, CLIENT_ID, Kit, assert_clean, customer, fail, listed, order, success, ticket, ticket_id, token,
};

const TOKENS: &str = "/config/api/gettokens";

fn get_path() -> String {
    format!("/ticket/{}", crate::support::TICKET)
}

#[tokio::test]
async fn the_token_is_asked_for_with_a_form_and_used_again() {
    let mut kit = Kit::bare(|config| config).await;
    let tokens = kit
        .server
        .mock("POST", TOKENS)
        .match_header("content-type", "application/x-www-form-urlencoded")
        .match_header("authorization", Matcher::Missing)
        .match_body(format!("client_id={CLIENT_ID}&apikey={API_KEY}").as_str())
        .with_body(token("tok-1"))
        .expect(1)
        .create_async()
        .await;
    let gets = kit.on("GET", &get_path(), 200, &success(&ticket("IN_PROCESS"))).await.expect(3);
    for _ in 0..3 {
        kit.treez.get(&ticket_id()).await.unwrap();
    }
    tokens.assert_async().await;
    gets.assert_async().await;
}

#[tokio::test]
async fn the_prefix_is_a_setting() {
    let mut kit = Kit::with(|config| config.with_token_prefix(TokenPrefix::Bearer)).await;
    let get = kit
        .server
        .mock("GET", get_path().as_str())
        .match_header("authorization", "Bearer tok-1")
        .with_body(success(&ticket("IN_PROCESS")))
        .create_async()
        .await;
    kit.treez.get(&ticket_id()).await.unwrap();
    get.assert_async().await;
}

#[tokio::test]
async fn calls_at_once_share_one_token() {
    let mut kit = Kit::bare(|config| config).await;
    let tokens = kit.server.mock("POST", TOKENS).with_body(token("tok-1")).expect(1).create_async().await;
    kit.on("GET", &get_path(), 200, &success(&ticket("IN_PROCESS"))).await;
    let id = ticket_id();
    let (a, b) = tokio::join!(kit.treez.get(&id), kit.treez.get(&id));
    assert!(a.is_ok() && b.is_ok());
    tokens.assert_async().await;
}

#[tokio::test]
async fn the_token_is_renewed_before_it_ends_by_our_clock() {
    let mut kit = Kit::bare(|config| config).await;
    let tokens = kit.server.mock("POST", TOKENS).with_body(token("tok-1")).expect(2).create_async().await;
    kit.on("GET", &get_path(), 200, &success(&ticket("IN_PROCESS"))).await;
    kit.treez.get(&ticket_id()).await.unwrap();
    kit.clock.advance(7200 - 180 - 1);
    kit.treez.get(&ticket_id()).await.unwrap();
    kit.clock.advance(2);
    kit.treez.get(&ticket_id()).await.unwrap();
    tokens.assert_async().await;
}

#[tokio::test]
async fn without_seconds_the_end_is_read_from_its_time() {
    let mut kit = Kit::bare(|config| config).await;
    // Our clock stands at 18:00 UTC, which is 10:00 there.
    let short = json!({"resultCode": "SUCCESS", "access_token": "tok-1", "expires_at": "2026-03-02T10:10:00.000-0800"});
    let tokens = kit.server.mock("POST", TOKENS).with_body(short.to_string()).expect(2).create_async().await;
    kit.on("GET", &get_path(), 200, &success(&ticket("IN_PROCESS"))).await;
    kit.treez.get(&ticket_id()).await.unwrap();
    kit.clock.advance(60 * 8);
    kit.treez.get(&ticket_id()).await.unwrap();
    tokens.assert_async().await;
}

/// A server whose first token is refused and whose second is good.
async fn expired() -> (Kit, mockito::Mock, mockito::Mock) {
    let mut kit = Kit::bare(|config| config).await;
    let old = kit.server.mock("POST", TOKENS).with_body(token("old")).expect(1).create_async().await;
    let new = kit.server.mock("POST", TOKENS).with_body(token("tok-1")).expect(1).create_async().await;
    (kit, old, new)
}

async fn refuse_old(kit: &mut Kit, method: &str, path: &str, times: usize) -> mockito::Mock {
    kit.server
        .mock(method, path)
        .match_header("authorization", "old")
        .with_status(401)
        .with_body(fail("Full authentication is required to access this resource", ""))
        .expect(times)
        .create_async()
        .await
}

#[tokio::test]
async fn a_401_renews_the_token_once_and_repeats_the_call_once() {
    let (mut kit, old, new) = expired().await;
    let refused = refuse_old(&mut kit, "GET", &get_path(), 1).await;
    let accepted = kit.on("GET", &get_path(), 200, &success(&ticket("IN_PROCESS"))).await.expect(2);
    kit.treez.get(&ticket_id()).await.unwrap();
    kit.treez.get(&ticket_id()).await.unwrap();
    for mock in [old, new, refused, accepted] {
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn a_create_too_is_repeated_after_a_401_and_only_then() {
    let (mut kit, old, new) = expired().await;
    kit.on("GET", "/customer/4711", 200, &success(&customer("4711"))).await;
    refuse_old(&mut kit, "GET", "/customer/4711", 1).await;
    kit.treez.find(&CustomerQuery::Id(CustomerId::new("4711").unwrap())).await.unwrap();
    for mock in [old, new] {
        mock.assert_async().await;
    }
    // The good token ends early, at the create itself.
    let path = "/ticket/detailticket";
    let refused = kit.on("POST", path, 401, "").await.expect(1);
    let accepted = kit.on("POST", path, 200, &success(&ticket("AWAITING_PROCESSING"))).await.expect(1);
    kit.treez.create(&order()).await.unwrap();
    refused.assert_async().await;
    accepted.assert_async().await;
}

#[tokio::test]
async fn a_second_401_is_the_end() {
    let mut kit = Kit::bare(|config| config).await;
    let tokens = kit.server.mock("POST", TOKENS).with_body(token("old")).expect(2).create_async().await;
    let refused = refuse_old(&mut kit, "GET", &get_path(), 2).await;
    let error = kit.treez.get(&ticket_id()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Unauthorized, RetryClass::Unauthorized));
    assert_eq!(error.vendor_code(), Some("Full authentication is required to access this resource"));
    tokens.assert_async().await;
    refused.assert_async().await;
}

#[tokio::test]
async fn a_missing_login_told_with_200_counts_as_401() {
    let mut kit = Kit::bare(|config| config).await;
    let tokens = kit.server.mock("POST", TOKENS).with_body(token("tok-1")).expect(2).create_async().await;
    let body = r#"{"resultCode":"FAIL","resultReason":"Full authentication is required"}"#;
    kit.on("GET", &get_path(), 200, body).await;
    let error = kit.treez.get(&ticket_id()).await.unwrap_err();
    assert_eq!(error.retry(), RetryClass::Unauthorized);
    tokens.assert_async().await;
}

#[tokio::test]
async fn check_tells_key_dispensary_and_right_apart() {
    async fn checked(tokens: (usize, String), read: (usize, &str)) -> Result<(), (PosErrorKind, RetryClass)> {
        let mut kit = Kit::bare(|config| config).await;
        kit.server.mock("POST", TOKENS).with_status(tokens.0).with_body(tokens.1).create_async().await;
        kit.on("GET", "/ticket/status/AWAITING_PROCESSING/page/1/pagesize/1", read.0, read.1).await;
        kit.treez.check().await.map_err(|error| {
            assert_clean(&format!("{error:?} {error}"));
            (error.kind(), error.retry())
        })
    }
    let good = || (200, token("tok-1"));
    let none = listed(&[]);
    assert_eq!(checked(good(), (200, &none)).await, Ok(()));
    assert_eq!(checked(good(), (400, &fail("TICKET_NOT_FOUND", ""))).await, Ok(()));
    let unauthorized = Err((PosErrorKind::Unauthorized, RetryClass::Unauthorized));
    for status in [200, 400, 401, 403] {
        let refused = fail("INVALID_API_KEY", &format!("key {API_KEY} is not valid"));
        assert_eq!(checked((status, refused), (200, &none)).await, unauthorized, "{status}");
    }
    let config = Err((PosErrorKind::Config, RetryClass::Refused));
    assert_eq!(checked((404, fail("NOT_FOUND", "")), (200, &none)).await, config);
    assert_eq!(checked((404, "<html>no such page</html>".to_owned()), (200, &none)).await, config);
    assert_eq!(checked(good(), (404, "<html>no such page</html>")).await, config);
    assert_eq!(checked(good(), (403, "")).await, Err((PosErrorKind::Forbidden, RetryClass::Refused)));
    assert_eq!(
        checked((503, String::new()), (200, &none)).await,
        Err((PosErrorKind::Unavailable, RetryClass::NotSent))
    );
}

#[tokio::test]
async fn nothing_shows_the_credentials() {
    let kit = Kit::new().await;
    assert_clean(&format!("{:?}", kit.treez));
}
