//! The built `dispensary`, running on a free port with data of its own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use tempfile::TempDir;

/// A running host; it ends with this value.
pub(crate) struct Host {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    tokens: BTreeMap<String, String>,
    http: reqwest::Client,
    keys: AtomicU64,
    _data: TempDir,
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Host {
    /// Starts the host over its demo store and waits until it has said how it can be reached.
    pub(crate) fn start() -> Self {
        let program = std::env::current_exe().unwrap();
        let program = program.parent().unwrap().parent().unwrap().join("examples").join("dispensary");
        let data = TempDir::new().unwrap();
        let mut child = Command::new(&program)
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{}: {error}; build it first: cargo build --examples", program.display())
            });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut base, mut tokens) = (String::new(), BTreeMap::new());
        while !tokens.contains_key("admin") {
            let line = lines.next().expect("the host ended before it was ready").unwrap();
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["listening", "on", address, ..] => base = (*address).to_owned(),
                ["token", role, token] => {
                    tokens.insert((*role).to_owned(), (*token).to_owned());
                }
                ["page", role, link] => {
                    let path = link.strip_prefix(&base).expect("a link to this host");
                    assert!(path.starts_with(&format!("/{role}/treez#token=")), "{line}");
                }
                _ => {}
            }
        }
        Self { child, base, tokens, http: reqwest::Client::new(), keys: AtomicU64::new(1), _data: data }
    }

    /// The token of that role.
    #[allow(dead_code, reason = "not every test that includes this file acts for somebody else")]
    pub(crate) fn token(&self, role: &str) -> &str {
        &self.tokens[role]
    }

    /// The address of a page, with the token of that role where it cannot be logged.
    pub(crate) fn page(&self, path: &str, role: &str) -> String {
        format!("{}{path}#token={}", self.base, self.tokens[role])
    }

    /// Calls the API in that role, or without a token; gives status and body.
    pub(crate) async fn call(
        &self,
        role: Option<&str>,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(role) = role {
            request = request.bearer_auth(&self.tokens[role]);
        }
        if let Some(body) = body {
            // Every call places an order of its own.
            let key = self.keys.fetch_add(1, Ordering::Relaxed);
            request = request.header("Idempotency-Key", format!("key-{key}")).json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }
}
