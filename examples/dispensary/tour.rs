//! `dispensary tour`: one order per demo store, from kiosk to hand-over, told step by step over the HTTP API.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;
use http::StatusCode;
use order_core::access::Role;
use order_core::model::StoreId;
use order_examples::{DemoCustomer, DemoData, DemoOrder};
use pos_clients::sim::seed::SeedCustomerType;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::config::Settings;
use crate::host::{Failure, Host};
use crate::refusals::Refusals;

/// How long one step may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a step is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// What to play.
#[derive(Debug, Args)]
pub(crate) struct TourOptions {
    /// Which of the demo orders to play, from 1.
    #[arg(long, default_value_t = 1)]
    order: usize,
    /// Play all demo orders, one after the other.
    #[arg(long)]
    all: bool,
}

/// One line of the summary.
struct Row {
    store: StoreId,
    code: String,
    ours: String,
    theirs: String,
    total: String,
    pos_total: String,
}

impl TourOptions {
    /// Plays the tour. Without a data folder of the caller's it plays in a folder of its own, emptied first.
    ///
    /// # Errors
    /// [`Failure::Tour`] names the step that did not go as it should.
    pub(crate) async fn play(
        self,
        data_dir: Option<PathBuf>,
        simulators: Option<&str>,
    ) -> Result<(), Failure> {
        let data_dir = match data_dir {
            Some(data_dir) => data_dir,
            None => own_folder()?,
        };
        let data = DemoData::load().map_err(|error| Failure::Demo(error.to_string()))?;
        let orders: Vec<&DemoOrder> =
            match (self.all, self.order.checked_sub(1).and_then(|at| data.orders.get(at))) {
                (true, _) => data.orders.iter().collect(),
                (false, Some(order)) => vec![order],
                (false, None) => return Err(Failure::Usage("there is no demo order of that number")),
            };
        let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let host = Host::start(Settings::demo(Some(data_dir.clone())), simulators, Some(listen)).await?;
        let base = format!("http://{}", host.address()?);
        let mut guides = Vec::new();
        for (store, register) in host.registers() {
            let token = |role| host.token(role, store);
            guides.push(Guide {
                http: reqwest::Client::new(),
                base: base.clone(),
                register: register.base.clone(),
                store: store.clone(),
                kiosk: token(Role::Kiosk)?,
                staff: token(Role::Staff)?,
                manager: token(Role::Manager)?,
                data: &data,
            });
        }
        println!("the host listens on {base}, its data is in {}", data_dir.display());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(host.serve(async move {
            // An error means that the tour is over too.
            let _ = stopped.await;
        }));
        let played = play_all(&guides, &orders).await;
        let _ = stop.send(());
        serving.await.map_err(|_| Failure::Tour("the host ended badly".to_owned()))??;
        let rows = played?;
        summary(&rows, &data_dir);
        match rows.iter().find(|row| row.ours != "COMPLETED" || row.theirs != "COMPLETED") {
            None => Ok(()),
            Some(row) => {
                Err(Failure::Tour(format!("the order of {} is not completed on both sides", row.store)))
            }
        }
    }
}

fn own_folder() -> Result<PathBuf, Failure> {
    let folder = Path::new("dispensary-data").join("tour");
    match std::fs::remove_dir_all(&folder) {
        Ok(()) => Ok(folder),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(folder),
        Err(source) => Err(Failure::DataDir { folder, source }),
    }
}

async fn play_all(guides: &[Guide<'_>], orders: &[&DemoOrder]) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for guide in guides {
        if let Some(first) = orders.first() {
            guide.refusals(first).await?;
        }
        for (at, order) in orders.iter().enumerate() {
            rows.push(guide.play(at, order).await?);
        }
    }
    Ok(rows)
}

fn summary(rows: &[Row], data_dir: &Path) {
    println!(
        "\n{:<10} {:<10} {:<20} {:<20} {:>10} {:>10}",
        "store", "code", "ours", "POS", "total", "POS total"
    );
    for Row { store, code, ours, theirs, total, pos_total } in rows {
        println!("{:<10} {code:<10} {ours:<20} {theirs:<20} {total:>10} {pos_total:>10}", store.as_str());
    }
    let mail = data_dir.join("mail");
    let mut files: Vec<_> = std::fs::read_dir(&mail)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    files.sort();
    println!("\n{} messages in {}:", files.len(), mail.display());
    for file in files.iter().filter_map(|file| file.file_name()).take(10) {
        println!("  {}", file.to_string_lossy());
    }
}

/// Leads one order through one store.
struct Guide<'a> {
    http: reqwest::Client,
    base: String,
    register: String,
    store: StoreId,
    kiosk: String,
    staff: String,
    manager: String,
    data: &'a DemoData,
}

impl Guide<'_> {
    /// What the kiosk does not take.
    async fn refusals(&self, order: &DemoOrder) -> Result<(), Failure> {
        println!("\n== {}: what is refused, and why", self.store);
        let refusals = Refusals {
            http: &self.http,
            store: format!("{}/api/v1/stores/{}", self.base, self.store),
            kiosk: &self.kiosk,
            manager: &self.manager,
            data: self.data,
            good: &self.draft(order)?,
        };
        refusals.play().await
    }

    async fn play(&self, at: usize, order: &DemoOrder) -> Result<Row, Failure> {
        println!("\n== {}: from kiosk to hand-over", self.store);
        let draft = self.draft(order)?;
        let stores = format!("{}/api/v1/stores/{}", self.base, self.store);
        let menu = self.get(&self.kiosk, &format!("{stores}/products")).await?;
        let for_sale = menu["products"].as_array().map_or(0, Vec::len);
        println!("kiosk    the menu has {for_sale} products");

        let quote = self.post(&self.kiosk, &format!("{stores}/quote"), &draft, None).await?;
        println!(
            "kiosk    quote: {} + {} tax = {} {} (priced by the {})",
            word(&quote["totals"]["subtotal"]),
            word(&quote["totals"]["tax"]),
            word(&quote["totals"]["total"]),
            word(&quote["totals"]["currency"]),
            word(&quote["source"]),
        );

        let key = format!("tour-{at}-{}", self.store);
        let submit = format!("{stores}/orders?wait_ms=10000");
        let placed = self.post(&self.kiosk, &submit, &draft, Some(&key)).await?;
        let id = word(&placed["id"]).to_owned();
        println!("kiosk    placed: code {}, order {id}", word(&placed["code"]));
        self.both(&placed).await?;
        if placed["pos"]["state"] != "accepted" {
            return Err(Failure::Tour(format!("the POS did not take the order: {}", placed["pos"])));
        }
        let again = self.post(&self.kiosk, &submit, &draft, Some(&key)).await?;
        if again["id"] != placed["id"] {
            return Err(Failure::Tour("the same key made a second order".to_owned()));
        }
        println!("kiosk    the customer taps again: same order, nothing doubled");

        if placed["status"] == "VERIFICATION_PENDING" {
            self.step(
                &id,
                json!({ "action": "verify", "note": "ID and card seen" }),
                "VERIFICATION_PENDING -> seen",
            )
            .await?;
        }
        self.step(&id, json!({ "action": "start" }), "starts picking").await?;
        self.step(&id, json!({ "action": "pick" }), "gathers every line").await?;
        self.step(&id, json!({ "action": "pack" }), "packs the bag").await?;
        self.step(&id, json!({ "action": "mark_paid" }), "takes the money").await?;
        self.step(&id, json!({ "action": "complete", "id_checked": true }), "checks the ID and hands over")
            .await?;
        let done = self.settle(&id).await?;
        self.mails(&id).await?;
        let theirs = self.register_view(&id).await?;
        Ok(Row {
            store: self.store.clone(),
            code: word(&done["code"]).to_owned(),
            ours: word(&done["status"]).to_owned(),
            theirs: word(&theirs["status"]).to_owned(),
            total: word(&done["totals"]["total"]).to_owned(),
            pos_total: word(&theirs["total"]).to_owned(),
        })
    }

    /// One action of staff, then both views once the POS has been told.
    async fn step(&self, id: &str, mut body: Value, told: &str) -> Result<(), Failure> {
        let order = self.get(&self.staff, &self.order(id)).await?;
        body["version"] = order["version"].clone();
        let actions = format!("{}/actions", self.order(id));
        self.post(&self.staff, &actions, &body, None).await?;
        println!("staff    {told}");
        let order = self.settle(id).await?;
        self.both(&order).await
    }

    /// Waits until nothing of ours is on its way to the POS.
    async fn settle(&self, id: &str) -> Result<Value, Failure> {
        self.wait("the POS to be told", async || {
            let order = self.get(&self.staff, &self.order(id)).await?;
            let state = word(&order["pos"]["state"]);
            if matches!(state, "attention" | "cancel_failed") {
                return Err(Failure::Tour(format!("the POS needs a person: {}", order["pos"])));
            }
            Ok((state == "accepted").then_some(order))
        })
        .await
    }

    /// Waits until staff and customer have been written to, where there is an address.
    async fn mails(&self, id: &str) -> Result<(), Failure> {
        let order = self.get(&self.staff, &self.order(id)).await?;
        let expected = if order["customer"]["email"].is_string() { 2 } else { 1 };
        self.wait("the mails", async || {
            let history = self.get(&self.staff, &format!("{}/history", self.order(id))).await?;
            let sent =
                history.as_array().map_or(0, |all| all.iter().filter(|e| e["event"] == "notified").count());
            Ok((sent >= expected).then_some(()))
        })
        .await?;
        println!("system   {expected} mails sent");
        Ok(())
    }

    async fn wait<T>(
        &self,
        what: &str,
        mut look: impl AsyncFnMut() -> Result<Option<T>, Failure>,
    ) -> Result<T, Failure> {
        for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            order_core::ports::Clock::sleep(&order_core::ports::SystemClock, LOOK).await;
        }
        Err(Failure::Tour(format!("waited too long for {what}")))
    }

    async fn both(&self, order: &Value) -> Result<(), Failure> {
        let theirs = self.register_view(word(&order["id"])).await?;
        println!(
            "           ours {:<20} {:>9}   POS {:<20} {:>9}",
            word(&order["status"]),
            word(&order["totals"]["total"]),
            word(&theirs["status"]),
            word(&theirs["total"]),
        );
        Ok(())
    }

    /// What the register holds under our reference; it must be exactly one order.
    async fn register_view(&self, id: &str) -> Result<Value, Failure> {
        let all = self.get("", &format!("{}/_sim/orders", self.register)).await?;
        let mut ours = all.as_array().into_iter().flatten().filter(|order| order["reference"] == id);
        match (ours.next(), ours.next()) {
            (Some(one), None) => Ok(one.clone()),
            (None, _) => Err(Failure::Tour("the register does not have the order".to_owned())),
            (Some(_), Some(_)) => Err(Failure::Tour("the register has the order twice".to_owned())),
        }
    }

    fn order(&self, id: &str) -> String {
        format!("{}/api/v1/orders/{id}", self.base)
    }

    fn draft(&self, order: &DemoOrder) -> Result<Value, Failure> {
        let kind = |kind: SeedCustomerType| match kind {
            SeedCustomerType::Adult => "adult",
            SeedCustomerType::Medical => "medical",
        };
        let born = |date: NaiveDate| date.to_string();
        let customer = match &order.customer {
            DemoCustomer::Known(at) => {
                let known = self.data.seed.customers.get(*at);
                let known = known.ok_or_else(|| Failure::Demo(format!("there is no customer {at}")))?;
                json!({
                    "first_name": known.first_name, "last_name": known.last_name, "phone": known.phone,
                    "email": known.email, "birth_date": born(known.birth_date), "type": kind(known.kind),
                })
            }
            DemoCustomer::New(new) => json!({
                "first_name": new.first_name, "last_name": new.last_name, "phone": new.phone,
                "email": new.email, "birth_date": new.birth_date.map(born), "type": kind(new.kind),
            }),
        };
        Ok(json!({
            "customer": customer,
            "items": order.items.iter()
                .map(|item| json!({ "product_id": item.product_id, "quantity": item.quantity }))
                .collect::<Vec<_>>(),
            "fulfillment": { "type": "pickup" },
            "note": order.note,
        }))
    }

    async fn get(&self, token: &str, url: &str) -> Result<Value, Failure> {
        self.send(self.http.get(url), token, url).await
    }

    async fn post(&self, token: &str, url: &str, body: &Value, key: Option<&str>) -> Result<Value, Failure> {
        let mut request = self.http.post(url).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.send(request, token, url).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, token: &str, url: &str) -> Result<Value, Failure> {
        let failed = |what: String| Failure::Tour(format!("{url}: {what}"));
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let answer = request.timeout(PATIENCE).send().await.map_err(|error| failed(error.to_string()))?;
        let status: StatusCode = answer.status();
        let body: Value = answer.json().await.map_err(|error| failed(error.to_string()))?;
        if status.is_success() { Ok(body) } else { Err(failed(format!("{status} {body}"))) }
    }
}

/// A JSON text, bare.
fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}
