//! Tokens that are none.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::support::products::FLOWER;
use crate::support::{Answer, Dispensary, draft};

const STORE: &str = "treez";
/// `{"alg":"none","typ":"JWT"}`.
const NONE: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
/// `{"alg":"RS256","typ":"JWT"}`.
const RS256: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9";
/// Far away: 2100.
const LATER: i64 = 4_102_444_800;

fn signed(algorithm: Algorithm, key: &[u8], claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key)).unwrap()
}

fn claims(role: &str, stores: &Value, exp: &Value) -> Value {
    json!({ "sub": "mallory", "role": role, "stores": stores, "exp": exp })
}

#[tokio::test(flavor = "multi_thread")]
async fn only_good_tokens_open_the_door() {
    let host = Dispensary::demo().await;
    let key = std::fs::read_to_string(host.data_dir().join("jwt.key")).unwrap();
    let key = key.trim().as_bytes();
    let staff_of = json!([STORE]);
    let good_claims = claims("staff", &staff_of, &json!(LATER));
    let good = signed(Algorithm::HS256, key, &good_claims);
    let anybody = host.anybody();
    let orders = "/api/v1/stores/treez/orders";
    assert_eq!(anybody.with_token(&good).get(orders).await.status, 200, "this is how a good one is made");

    let parts: Vec<&str> = good.split('.').collect();
    let [head, body, signature] = parts[..] else { panic!("{good}") };
    let confused = format!("{RS256}.{body}");
    let confusing = EncodingKey::from_secret(key);
    let confusing = jsonwebtoken::crypto::sign(confused.as_bytes(), &confusing, Algorithm::HS256).unwrap();
    let other_body = signed(Algorithm::HS256, b"another", &claims("admin", &json!(["*"]), &json!(LATER)));
    let other_body = other_body.split('.').nth(1).unwrap().to_owned();
    let sign = |claims: &Value| signed(Algorithm::HS256, key, claims);
    let without = |field: &str| {
        let mut claims = good_claims.clone();
        claims.as_object_mut().unwrap().remove(field);
        sign(&claims)
    };
    let mut extra = good_claims.clone();
    extra["admin"] = json!(true);
    let bad = [
        String::new(),
        "x".to_owned(),
        "..".to_owned(),
        "null".to_owned(),
        sign(&claims("staff", &staff_of, &json!(1_000_000_000))),
        sign(&claims("staff", &staff_of, &json!(-1))),
        sign(&claims("staff", &staff_of, &json!("2100-01-01"))),
        sign(&claims("owner", &staff_of, &json!(LATER))),
        sign(&claims("pos", &staff_of, &json!(LATER))),
        sign(&claims("system", &staff_of, &json!(LATER))),
        sign(&claims("customer", &staff_of, &json!(LATER))),
        sign(&claims("staff", &json!(["../treez"]), &json!(LATER))),
        sign(&extra),
        without("exp"),
        without("role"),
        without("stores"),
        without("sub"),
        signed(Algorithm::HS384, key, &good_claims),
        signed(Algorithm::HS512, key, &good_claims),
        signed(Algorithm::HS256, b"another key, just as long as the right one is", &good_claims),
        signed(Algorithm::HS256, b"", &good_claims),
        format!("{NONE}.{body}."),
        format!("{NONE}.{body}.{signature}"),
        format!("{confused}.{confusing}"),
        format!("{confused}.{signature}"),
        format!("{head}.{other_body}.{signature}"),
        format!("{head}.{body}"),
        format!("{head}.{body}."),
        good[..good.len() - 1].to_owned(),
        good[1..].to_owned(),
        format!("{good}.{signature}"),
        format!("{good} {good}"),
        good.to_uppercase(),
        "a".repeat(100_000),
    ];
    let mut texts = Vec::new();
    for token in &bad {
        let caller = anybody.with_token(token);
        for answer in [
            caller.get(orders).await,
            caller.submit(STORE, "forged", &draft(FLOWER, 1)).await,
            caller.get("/api/v1/stores/no-such-store/orders").await,
        ] {
            answer.problem(401, "unauthorized");
            assert_eq!(answer.headers[WWW_AUTHENTICATE], "Bearer", "{token}");
            texts.push(answer.text);
        }
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "every bad token gets the same answer: {texts:?}");
    anybody.get(orders).await.problem(401, "unauthorized");
    for header in [
        HeaderValue::from_str(&format!("Basic {good}")).unwrap(),
        HeaderValue::from_str(&good).unwrap(),
        HeaderValue::from_static("Bearer"),
        HeaderValue::from_static(""),
        HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap(),
    ] {
        let request = anybody.request(Method::GET, orders).header(AUTHORIZATION, header);
        Answer::of(request).await.problem(401, "unauthorized");
    }
    // In the address a token would end up in logs, so it does not count there.
    anybody.get(&format!("{orders}?access_token={good}")).await.problem(401, "unauthorized");
    assert_eq!(host.count(&anybody.with_token(&good), STORE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_the_subcommand_say_what_was_asked() {
    let host = Dispensary::demo().await;
    let anybody = host.anybody();
    let menu = "/api/v1/stores/treez/products";
    for role in ["kiosk", "staff", "manager", "admin"] {
        assert_eq!(host.client(role, STORE).get(menu).await.status, 200, "{role}");
        host.client(role, "elsewhere").get(menu).await.problem(404, "not-found");
    }
    let both = host.token_with(&["--role", "staff", "--store", "elsewhere", "--store", STORE]);
    assert_eq!(anybody.with_token(&both).get(menu).await.status, 200);
    let everywhere = host.token_with(&["--role", "admin"]);
    assert_eq!(anybody.with_token(&everywhere).get(menu).await.status, 200);
    let named = host.token_with(&["--role", "staff", "--store", STORE, "--id", "kim"]);
    let kim = anybody.with_token(&named);
    let order = host.client("kiosk", STORE).accepted(STORE, "kim", &draft(FLOWER, 1)).await;
    assert_eq!(
        kim.step(order["id"].as_str().unwrap(), "start", json!({}), "IN_PROCESS").await["picker"],
        "kim"
    );
}
