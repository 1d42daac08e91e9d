//! The real binaries as processes of their own, and a client that talks to them as an outsider would.
#![allow(dead_code, unused_imports, reason = "every test binary uses its own part of this")]
#![allow(clippy::disallowed_methods, reason = "these tests watch real processes, so they live in real time")]

mod client;
mod process;

use std::path::{Path, PathBuf};
use std::time::Duration;

use order_examples::{TREEZ_API_KEY, TREEZ_CLIENT_ID};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use client::{Answer, Client};
pub(crate) use process::{Process, run};

/// How long a process may take to be ready, on a machine that is busy with other things.
const START: Duration = Duration::from_secs(60);
/// The pause between two looks.
const LOOK: Duration = Duration::from_millis(25);

/// Looks until something is there, for at most `patience`.
pub(crate) async fn wait_for<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let until = std::time::Instant::now() + patience;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(std::time::Instant::now() < until, "waited {patience:?} in vain for {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// `pos_simulators` as a process.
#[derive(Debug)]
pub(crate) struct Simulators {
    pub(crate) process: Process,
    /// Where the first one listens.
    pub(crate) base: String,
    http: Client,
    _folder: TempDir,
}

impl Simulators {
    /// On ports that were free a moment ago; when somebody else was faster, on others.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..5 {
            let port = free_ports();
            let args = ["--base-port", &port.to_string()];
            let mut process = Process::start("pos_simulators", &args, &[], folder.path());
            let base = format!("http://127.0.0.1:{port}");
            let http = Client::new(&base, None);
            let until = std::time::Instant::now() + START;
            while process.is_alive() && std::time::Instant::now() < until {
                if http.try_get("/_sim/orders").await.is_some() && process.is_alive() {
                    return Self { process, base, http, _folder: folder };
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        panic!("pos_simulators did not start five times in a row");
    }

    /// What the register holds.
    pub(crate) async fn orders(&self) -> Vec<Value> {
        self.http.get("/_sim/orders").await.json().as_array().unwrap().clone()
    }

    /// Plans a fault.
    pub(crate) async fn fault(&self, fault: Value) {
        assert_eq!(self.http.post("/_sim/faults", &fault).await.status, 200, "{fault}");
    }

    /// The register acts.
    pub(crate) async fn staff(&self, order: &str, action: &str) {
        let answer = self.http.post("/_sim/staff", &json!({ "order": order, "action": action })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

/// The first of six ports in a row that nobody holds.
fn free_ports() -> u16 {
    let bind = |port: u16| std::net::TcpListener::bind(("127.0.0.1", port));
    for _ in 0..100 {
        let first = bind(0).unwrap();
        let port = first.local_addr().unwrap().port();
        let others: Vec<_> = (1..6).map_while(|offset| bind(port.checked_add(offset)?).ok()).collect();
        if others.len() == 5 {
            return port;
        }
    }
    panic!("there are no six free ports in a row");
}

/// `dispensary` as a process, with a data folder that outlives it.
#[derive(Debug)]
pub(crate) struct Dispensary {
    pub(crate) process: Process,
    /// Where it listens.
    pub(crate) base: String,
    data_dir: PathBuf,
    config: Option<PathBuf>,
    _folder: Option<TempDir>,
}

impl Dispensary {
    /// The demo store on its embedded simulator, in a folder of its own.
    pub(crate) async fn demo() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let started = Self::start(folder.path(), None, &[]).await;
        Self { _folder: Some(folder), ..started }
    }

    /// Serves from this folder, with this settings file, and returns once it answers.
    pub(crate) async fn start(data_dir: &Path, config: Option<&Path>, envs: &[(&str, &str)]) -> Self {
        let mut args = vec!["--listen", "127.0.0.1:0", "--data-dir", data_dir.to_str().unwrap()];
        if let Some(config) = config {
            args.extend(["--config", config.to_str().unwrap()]);
        }
        let mut process = Process::start("dispensary", &args, envs, data_dir);
        let base = wait_for("dispensary to say where it listens", START, async || {
            let said = process.stdout();
            assert!(process.is_alive(), "dispensary ended: {}", process.stderr());
            let rest = said.split_once("listening on ")?.1;
            rest.split_once(char::is_whitespace).map(|(address, _)| address.to_owned())
        })
        .await;
        let http = Client::new(&base, None);
        wait_for("dispensary to be healthy", START, async || {
            http.try_get("/healthz").await.filter(|answer| answer.status == 200)
        })
        .await;
        Self {
            process,
            base,
            data_dir: data_dir.to_owned(),
            config: config.map(Path::to_owned),
            _folder: None,
        }
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// A token from the `token` subcommand.
    pub(crate) fn token(&self, role: &str, store: &str) -> String {
        self.token_with(&["--role", role, "--store", store])
    }

    /// A token from the `token` subcommand, with options of one's own.
    pub(crate) fn token_with(&self, options: &[&str]) -> String {
        let mut args = vec!["token", "--data-dir", self.data_dir.to_str().unwrap()];
        args.extend(options);
        if let Some(config) = &self.config {
            args.extend(["--config", config.to_str().unwrap()]);
        }
        let done = run("dispensary", &args, &[]);
        assert!(done.success, "{}", done.stderr);
        done.stdout.trim().to_owned()
    }

    /// Somebody in this role at this store.
    pub(crate) fn client(&self, role: &str, store: &str) -> Client {
        Client::new(&self.base, Some(self.token(role, store)))
    }

    /// Somebody without a token.
    pub(crate) fn anybody(&self) -> Client {
        Client::new(&self.base, None)
    }

    /// How many orders a store has, removed ones too.
    pub(crate) async fn count(&self, manager: &Client, store: &str) -> u64 {
        let all = "VERIFICATION_PENDING,AWAITING_PROCESSING,IN_PROCESS,PACKED_READY,OUT_FOR_DELIVERY,COMPLETED,\
                   CANCELED,REMOVED";
        let answer = manager.get(&format!("/api/v1/stores/{store}/orders?status={all}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["counts"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
    }
}

/// A settings file with these stores, each on the simulator at this address.
pub(crate) fn settings(stores: &[(&str, &str)], policy: &str) -> String {
    stores.iter().fold(String::new(), |text, (id, base)| {
        format!(
            r#"{text}
[[stores]]
id = "{id}"
name = "Store {id}"
time_zone = "America/Los_Angeles"
currency = "USD"
taxes = [{{ name = "EXCISE", rate = "0.15" }}, {{ name = "SALES", rate = "0.085" }}]
[stores.policy]
{policy}
[stores.notices]
staff = ["staff@{id}.example"]
[stores.pos]
vendor = "treez"
dispensary = "green-oak"
client_id = "{TREEZ_CLIENT_ID}"
api_key = "{TREEZ_API_KEY}"
base_url = "{base}/v2.0/dispensary/green-oak"
requests_per_second = 1000000
completion = {{ by_api = {{ payment_method = "CASH" }} }}
"#
        )
    })
}

/// A basket of one line for a customer the demo POS knows.
pub(crate) fn draft(product: &str, quantity: u32) -> Value {
    json!({
        "customer": {
            "first_name": "Ada", "last_name": "Byron", "phone": "4155550101",
            "email": "ada.byron@example.com", "birth_date": "1990-12-10", "type": "adult",
        },
        "items": [{ "product_id": product, "quantity": quantity }],
        "fulfillment": { "type": "pickup" },
    })
}

/// Demo products with plenty of stock.
pub(crate) mod products {
    /// 140 in stock at 12.00.
    pub(crate) const FLOWER: &str = "24422850-abc3-4525-9567-e2fd4bd0adcb";
    /// 250 in stock at 9.00.
    pub(crate) const PRE_ROLL: &str = "52304f89-8379-4744-9437-31966a7103c3";
    /// 200 in stock at 18.00.
    pub(crate) const GUMMIES: &str = "3bc6eeba-c2db-4a0b-adb1-5f2ef00d2fbb";
    /// 180 in stock at 6.00.
    pub(crate) const SELTZER: &str = "f01d0f72-88f0-48bc-b292-315fb85d17b1";
    /// 220 in stock at 3.25.
    pub(crate) const PAPERS: &str = "fc30eb76-3016-4fd1-8f65-5972f9e8fa2c";
}
