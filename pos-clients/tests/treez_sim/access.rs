use chrono::TimeDelta;
use pos_clients::treez::sim::TokenPrefix;
use serde_json::{Value, json};

use crate::support::Till;

const NEEDED: &str = "Full authentication is required to access this resource";

#[tokio::test]
async fn a_token_stands_at_the_top_level_and_lives_two_hours() {
    let till = Till::open().await;
    let reply = till.fetch_token("client_id=kiosk&apikey=key-1").await;
    let json = reply.json();
    assert_eq!((reply.status, &json["resultCode"]), (200, &json!("SUCCESS")));
    assert!(json.get("data").is_none());
    assert_eq!(json["expires_in"], "7200");
    assert_eq!(json["expires_at"], "2026-03-02T12:00:00.000-0800");
    assert!(json["refresh_token"].is_string());
    // The older token stays good, and both die in time.
    assert_ne!(json["access_token"], till.token.as_str());
    till.pass(TimeDelta::seconds(7199));
    assert_eq!(till.get("customer/4711").await.status, 200);
    till.pass(TimeDelta::seconds(1));
    let expired = till.get("customer/4711").await;
    assert_eq!(expired.status, 401);
    assert_eq!(expired.json(), json!({"resultCode": "FAIL", "resultReason": NEEDED}));
}

#[tokio::test]
async fn both_credentials_are_checked() {
    let till = Till::open().await;
    for form in [
        "client_id=kiosk&apikey=no",
        "client_id=no&apikey=key-1",
        "client_id=kiosk",
        "client_id=kiosk&api_key=key-1",
        "",
    ] {
        let reply = till.fetch_token(form).await;
        assert_eq!((reply.status, &reply.json()["resultCode"]), (401, &json!("FAIL")), "{form}");
    }
    let mut request =
        till.request("POST", "config/api/gettokens", r#"{"client_id":"kiosk","apikey":"key-1"}"#);
    assert_eq!(till.send(request).await.unwrap().status, 401);
    let lenient = Till::with(|config| config.token_failure_status = 200).await;
    let reply = lenient.fetch_token("client_id=kiosk&apikey=no").await;
    assert_eq!((reply.status, &reply.json()["resultCode"]), (200, &json!("FAIL")));

    request = till.request("GET", "customer/4711", "");
    request.headers_mut().insert("client_id", "other".parse().unwrap());
    assert_eq!(till.send(request).await.unwrap().status, 401);
    for header in ["client_id", "authorization"] {
        let mut request = till.request("GET", "customer/4711", "");
        request.headers_mut().remove(header);
        assert_eq!(till.send(request).await.unwrap().json()["resultReason"], NEEDED);
    }
}

#[tokio::test]
async fn the_prefix_is_a_switch() {
    for (prefix, raw, bearer) in
        [(TokenPrefix::Any, 200, 200), (TokenPrefix::Raw, 200, 401), (TokenPrefix::Bearer, 401, 200)]
    {
        let mut till = Till::with(|config| config.prefix = prefix).await;
        assert_eq!(till.get("customer/4711").await.status, raw, "{prefix:?}");
        till.token = format!("Bearer {}", till.token);
        assert_eq!(till.get("customer/4711").await.status, bearer, "{prefix:?}");
    }
}

#[tokio::test]
async fn undocumented_paths_and_other_stores_are_not_found() {
    let till = Till::open().await;
    for (method, path) in [
        ("GET", "ticket/externalordernumber/x"),
        ("DELETE", "ticket/1"),
        ("POST", "ticket/preview"),
        ("POST", "tickets/preview"),
        ("PUT", "ticket/detailticket"),
        ("GET", "customer/"),
        ("GET", ""),
        ("GET", "ticket/%zz"),
    ] {
        till.call(method, path, Value::Null).await.refused(404, "NOT_FOUND");
    }
    let mut request = till.request("GET", "customer/4711", "");
    *request.uri_mut() = "http://pos.invalid/v2.0/dispensary/other/customer/4711".parse().unwrap();
    till.send(request).await.unwrap().refused(404, "NOT_FOUND");
    till.get("customer/4711?includeImageList=true").await.refused(400, "INVALID_REQUEST");
    assert_eq!(till.get("customer/4711?include_image_list=true").await.status, 200);
}

#[tokio::test]
async fn the_rate_limit_is_a_switch() {
    let till = Till::with(|config| config.rate_limit = true).await;
    let mut refused = 0;
    for _ in 0..12 {
        refused += usize::from(till.get("customer/4711").await.status == 429);
    }
    // One of the ten went to the token.
    assert_eq!(refused, 3);
    till.pass(TimeDelta::seconds(1));
    assert_eq!(till.get("customer/4711").await.status, 200);
}
