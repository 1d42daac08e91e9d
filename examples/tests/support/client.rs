//! A client of the HTTP API.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who calls, with a token or without.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Client {
    pub(crate) fn new(base: &str, token: Option<String>) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { http, base: base.to_owned(), token }
    }

    /// The same caller at another address, as after a restart.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same place with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// None when nobody answers.
    pub(crate) async fn try_get(&self, path: &str) -> Option<Answer> {
        Answer::try_of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    fn submission(&self, store: &str, key: &str, draft: &Value, wait_ms: u64) -> RequestBuilder {
        let path = match wait_ms {
            0 => format!("/api/v1/stores/{store}/orders"),
            wait => format!("/api/v1/stores/{store}/orders?wait_ms={wait}"),
        };
        self.request(Method::POST, &path).header("Idempotency-Key", key).json(draft)
    }

    /// Submits without waiting for the POS.
    pub(crate) async fn submit(&self, store: &str, key: &str, draft: &Value) -> Answer {
        Answer::of(self.submission(store, key, draft, 0)).await
    }

    /// Submits; none when the answer never came.
    pub(crate) async fn try_submit(&self, store: &str, key: &str, draft: &Value) -> Option<Answer> {
        Answer::try_of(self.submission(store, key, draft, 0)).await
    }

    /// An order that the POS has taken.
    pub(crate) async fn accepted(&self, store: &str, key: &str, draft: &Value) -> Value {
        let answer = Answer::of(self.submission(store, key, draft, 30_000)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let order = answer.json();
        assert_eq!(order["pos"]["state"], "accepted", "{order}");
        order
    }

    pub(crate) async fn order(&self, id: &str) -> Value {
        let answer = self.get(&format!("/api/v1/orders/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Carries out an action on the order as it stands; `more` goes along.
    pub(crate) async fn act(&self, id: &str, action: &str, more: Value) -> Answer {
        let mut body = json!({ "action": action, "version": self.order(id).await["version"] });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.post(&format!("/api/v1/orders/{id}/actions"), &body).await
    }

    /// The same, and it must lead to this status.
    pub(crate) async fn step(&self, id: &str, action: &str, more: Value, status: &str) -> Value {
        let answer = self.act(id, action, more).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text);
        let order = answer.json();
        assert_eq!(order["status"], status, "{action}: {order}");
        order
    }
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        Self::try_of(request).await.expect("an answer")
    }

    pub(crate) async fn try_of(request: RequestBuilder) -> Option<Self> {
        let answer = request.send().await.ok()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Some(Self { status, headers, text: answer.text().await.ok()? })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The problem document; it must be one, of this status and type.
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json", "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
        if status == 422 {
            let errors = problem["errors"].as_array().expect("errors");
            assert!(!errors.is_empty(), "{problem}");
            for field in ["code", "path", "message"] {
                assert!(errors.iter().all(|error| error[field].is_string()), "{field}: {problem}");
            }
        }
        problem
    }

    /// Refused as invalid, with this code at this path among the errors.
    pub(crate) fn invalid(&self, code: &str, path: &str) {
        let problem = self.problem(422, "invalid");
        let found =
            problem["errors"].as_array().unwrap().iter().any(|e| e["code"] == code && e["path"] == path);
        assert!(found, "no {code} at {path}: {problem}");
    }
}
