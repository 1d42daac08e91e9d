//! A headless Chromium, driven through chromedriver: as much of the WebDriver protocol as the tests need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use order_core::ports::{Clock, SystemClock};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything on a page may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser window; it closes with this value.
pub(crate) struct Browser {
    driver: Child,
    session: String,
    http: reqwest::Client,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session closes the browser; the driver alone would leave it behind. This also runs when a test
        // has failed, so nothing here may fail again.
        let _ = self.end_session();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Whether a browser is there. Where tests must not be left out (`CI=true`), a missing one is a failure.
pub(crate) fn is_installed() -> bool {
    let answers = |program: &str| {
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    let missing: Vec<&str> =
        ["chromium", "chromedriver"].into_iter().filter(|program| answers(program).is_err()).collect();
    if !missing.is_empty() {
        let why = format!("not installed: {}", missing.join(", "));
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
        eprintln!("skipped: {why}");
    }
    missing.is_empty()
}

impl Browser {
    /// Opens a window of this size.
    pub(crate) async fn open(width: u32, height: u32) -> Self {
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port: u16 = loop {
            let line = lines.next().expect("chromedriver ended").unwrap();
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        let profile = TempDir::new().unwrap();
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let mut flags: Vec<String> = flags.map(str::to_owned).to_vec();
        flags.push(format!("--window-size={width},{height}"));
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let base = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { driver, session: base, http: reqwest::Client::new(), _profile: profile };
        let answer = browser.post("", wanted).await.unwrap();
        browser.session = format!("{}/{}", browser.session, answer["sessionId"].as_str().unwrap());
        browser
    }

    /// By hand, because dropping cannot wait for the HTTP client.
    fn end_session(&self) -> std::io::Result<()> {
        let address = self.session.trim_start_matches("http://");
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "DELETE /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n")?;
        // The answer begins once the browser is gone.
        stream.read(&mut [0; 1]).map(|_| ())
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        let response = self.http.post(format!("{}{path}", self.session)).json(&body).send().await.unwrap();
        let good = response.status().is_success();
        let mut answer: Value = response.json().await.unwrap();
        if good { Ok(answer["value"].take()) } else { Err(answer["value"]["message"].to_string()) }
    }

    /// Goes to an address.
    pub(crate) async fn go(&self, address: &str) {
        self.post("/url", json!({ "url": address })).await.unwrap();
    }

    /// Runs a script in the page.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] })).await.unwrap()
    }

    /// Waits until the expression is true in the page, and gives what it is.
    pub(crate) async fn until(&self, expression: &str) -> Value {
        let script = format!("return {expression}");
        self.retry(expression, || async {
            let found = self.run(&script).await;
            match found {
                Value::Null | Value::Bool(false) => Err("not yet".to_owned()),
                Value::String(text) if text.is_empty() => Err("still empty".to_owned()),
                found => Ok(found),
            }
        })
        .await
    }

    /// Clicks as a person does: the element must be there, visible and not covered.
    pub(crate) async fn click(&self, selector: &str) {
        self.retry(selector, || async {
            let id = self.find(selector).await?;
            self.post(&format!("/element/{id}/click"), json!({})).await
        })
        .await;
    }

    /// Types into a field.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        self.retry(selector, || async {
            let id = self.find(selector).await?;
            self.post(&format!("/element/{id}/value"), json!({ "text": text })).await
        })
        .await;
    }

    async fn find(&self, selector: &str) -> Result<String, String> {
        let found = self.post("/element", json!({ "using": "css selector", "value": selector })).await?;
        Ok(found[ELEMENT].as_str().unwrap().to_owned())
    }

    /// The text of an element.
    pub(crate) async fn text(&self, selector: &str) -> String {
        let found = self.until(&format!("document.querySelector({})?.textContent", json!(selector))).await;
        found.as_str().unwrap().to_owned()
    }

    /// What the browser complained about since it was last asked.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", json!({ "type": "browser" })).await.unwrap();
        let entries = log.as_array().unwrap().iter();
        entries.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    async fn retry<T, F: Future<Output = Result<T, String>>>(
        &self,
        what: &str,
        mut attempt: impl FnMut() -> F,
    ) -> T {
        let end = SystemClock.now() + PATIENCE;
        loop {
            match attempt().await {
                Ok(done) => return done,
                Err(_) if SystemClock.now() < end => SystemClock.sleep(LOOK).await,
                Err(why) => {
                    let page = self.run("return document.body.innerText").await;
                    panic!(
                        "{what}: {why}\n{}\n{:?}",
                        page.as_str().unwrap_or_default(),
                        self.complaints().await
                    );
                }
            }
        }
    }
}
