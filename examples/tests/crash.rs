//! `kill -9` and faults: an order that the kiosk was told of stands exactly once in the register, or calls for a
//! person. Never twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, reason = "these tests watch real processes, so they live in real time")]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use order_examples::DemoData;
use pos_clients::sim::seed::SeedCustomerType;
use serde_json::{Value, json};
use tempfile::TempDir;

use support::{Client, Dispensary, Simulators, settings, wait_for};

const STORE: &str = "oak";
/// How many submit at the same time.
const CALLERS: usize = 8;
/// How soon an order must stand in the register or before a person.
const SETTLED: Duration = Duration::from_secs(60);

/// A settings file, a simulator to go with it, and who calls.
struct Scene {
    folder: TempDir,
    config: PathBuf,
    simulators: Simulators,
    kiosk: Client,
    staff: Client,
    drafts: Vec<Value>,
}

/// What the kiosk was told: the id by key.
type Told = BTreeMap<usize, String>;

impl Scene {
    /// `pos` goes into the settings of the POS client.
    async fn new(orders: usize, pos: &str) -> (Self, Dispensary) {
        let folder = tempfile::tempdir().unwrap();
        let simulators = Simulators::start().await;
        let config = folder.path().join("settings.toml");
        let text = settings(&[(STORE, &simulators.base)], "");
        std::fs::write(
            &config,
            format!(
                "{text}{pos}
"
            ),
        )
        .unwrap();
        let host = Dispensary::start(folder.path(), Some(&config), &[]).await;
        let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
        let scene = Self { folder, config, simulators, kiosk, staff, drafts: drafts(orders) };
        (scene, host)
    }

    async fn restart(&mut self) -> Dispensary {
        let host = Dispensary::start(self.folder.path(), Some(&self.config), &[]).await;
        self.kiosk = self.kiosk.at(&host.base);
        self.staff = self.staff.at(&host.base);
        host
    }

    /// Submits these drafts, several at a time, until all are done or the host is gone. Every answer that comes
    /// must be a good one.
    async fn submit(&self, which: &[usize], answered: &AtomicUsize) -> Vec<(usize, u16, String)> {
        let next = AtomicUsize::new(0);
        let callers = (0..CALLERS).map(|_| async {
            let mut told = Vec::new();
            while let Some(at) = which.get(next.fetch_add(1, Ordering::Relaxed)) {
                let Some(answer) =
                    self.kiosk.try_submit(STORE, &format!("order-{at}"), &self.drafts[*at]).await
                else {
                    continue;
                };
                assert!(matches!(answer.status, 200 | 201), "{at}: {}", answer.text);
                told.push((*at, answer.status, answer.json()["id"].as_str().unwrap().to_owned()));
                answered.fetch_add(1, Ordering::Release);
            }
            told
        });
        join_all(callers).await.into_iter().flatten().collect()
    }

    /// Submits all that were never answered and kills the host once `after` more were.
    async fn submit_and_kill(&self, host: &mut Dispensary, told: &mut Told, after: usize) {
        let open: Vec<usize> = (0..self.drafts.len()).filter(|at| !told.contains_key(at)).collect();
        let answered = AtomicUsize::new(0);
        let kill = async {
            while answered.load(Ordering::Acquire) < after.min(open.len()) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            host.process.kill();
        };
        let (news, ()) = tokio::join!(self.submit(&open, &answered), kill);
        told.extend(news.into_iter().map(|(at, _, id)| (at, id)));
    }

    /// Waits until each of these stands in the register or before a person, and returns how many of them do the
    /// latter.
    async fn settled(&self, told: &Told) -> usize {
        let began = Instant::now();
        let attention = wait_for("every order to be settled", SETTLED, async || {
            let open = join_all(told.values().map(|id| self.staff.order(id))).await;
            // Read last: what was accepted before must be there.
            let held = self.held_once().await;
            let attention = open.iter().filter(|order| order["pos"]["state"] == "attention").count();
            let settled = open.iter().all(|order| {
                let here = held.contains_key(order["id"].as_str().unwrap());
                match order["pos"]["state"].as_str().unwrap() {
                    "accepted" => {
                        assert!(here, "accepted, and not in the register: {order}");
                        true
                    }
                    "attention" => true,
                    _ => false,
                }
            });
            settled.then_some(attention)
        })
        .await;
        println!(
            "{} orders settled after {:?}, {attention} of them need a person",
            told.len(),
            began.elapsed()
        );
        attention
    }

    /// What the register holds under our numbers; nothing may be there twice.
    async fn held_once(&self) -> BTreeMap<String, Value> {
        let mut held = BTreeMap::new();
        for order in self.simulators.orders().await {
            let reference = order["reference"].as_str().expect("every order there is ours").to_owned();
            let twice = held.insert(reference, order);
            assert!(twice.is_none(), "twice in the register: {twice:?}");
        }
        held
    }

    /// Whether the order ever was in this state with the POS.
    async fn had(&self, id: &str, state: &str) -> bool {
        let history = self.staff.get(&format!("/api/v1/orders/{id}/history")).await.json();
        history.as_array().unwrap().iter().any(|entry| entry["to"] == state)
    }

    /// All keys once more: what was answered is answered the same, the rest is placed now.
    async fn all_again(&self, told: &mut Told) {
        let all: Vec<usize> = (0..self.drafts.len()).collect();
        let answers = self.submit(&all, &AtomicUsize::new(0)).await;
        assert_eq!(answers.len(), all.len());
        for (at, status, id) in answers {
            match told.insert(at, id.clone()) {
                Some(before) => assert_eq!((status, before), (200, id), "order {at}"),
                // 200 when it was written and only its answer was lost.
                None => assert!(matches!(status, 200 | 201)),
            }
        }
        let listed = self.staff.get("/api/v1/stores/oak/orders?limit=1").await.json();
        let stored: u64 = listed["counts"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(stored, self.drafts.len() as u64);
    }
}

/// Baskets for customers the POS knows and for some it does not, spread over the stock.
fn drafts(count: usize) -> Vec<Value> {
    let data = DemoData::load().unwrap();
    let known: Vec<_> = data
        .seed
        .customers
        .iter()
        .filter(|customer| !customer.banned && customer.kind == SeedCustomerType::Adult)
        .collect();
    let sizes: Vec<_> = data
        .seed
        .sizes()
        .filter(|(product, size)| !product.medical_only && size.stock > 60)
        .map(|(_, size)| size.id)
        .collect();
    (0..count)
        .map(|at| {
            let customer = if at % 4 == 3 {
                json!({ "first_name": format!("New{at}"), "last_name": "Comer",
                    "phone": format!("5105556{at:03}"), "birth_date": "1990-01-01", "type": "adult" })
            } else {
                let known = known[at % known.len()];
                json!({ "first_name": known.first_name, "last_name": known.last_name, "phone": known.phone,
                    "email": known.email, "birth_date": known.birth_date.to_string(), "type": "adult" })
            };
            let items = [sizes[at % sizes.len()], sizes[(at * 7 + 3) % sizes.len()]];
            json!({ "customer": customer, "fulfillment": { "type": "pickup" },
                "items": items.map(|id| json!({ "product_id": id, "quantity": 1 })) })
        })
        .collect()
}

/// Numbers that look random and are the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_loses_and_doubles_nothing() {
    let (mut scene, mut host) = Scene::new(200, "").await;
    let mut told = Told::new();
    let began = Instant::now();
    scene.submit_and_kill(&mut host, &mut told, 100).await;
    println!("{} submits answered in {:?}", told.len(), began.elapsed());
    assert!((100..200).contains(&told.len()), "killed in the middle: {}", told.len());
    let _host = scene.restart().await;
    scene.settled(&told).await;
    scene.all_again(&mut told).await;
    scene.settled(&told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_amid_faults_loses_and_doubles_nothing() {
    let (mut scene, mut host) = Scene::new(200, "").await;
    for fault in [
        json!({ "fault": "drop", "rate": 0.2, "operation": "create", "after_apply": true }),
        json!({ "fault": "throttle", "rate": 0.05, "retry_after": 1, "operation": "create" }),
        json!({ "fault": "error_500", "rate": 0.05, "operation": "create" }),
        json!({ "fault": "error_503", "rate": 0.05, "operation": "customer_find" }),
    ] {
        scene.simulators.fault(fault).await;
    }
    let mut told = Told::new();
    scene.submit_and_kill(&mut host, &mut told, 100).await;
    let _host = scene.restart().await;
    scene.settled(&told).await;
    scene.all_again(&mut told).await;
    let attention = scene.settled(&told).await;
    assert!(attention < 60, "far more than were hit: {attention}");
    let lost = join_all(told.values().map(|id| scene.had(id, "unknown"))).await;
    let lost = lost.into_iter().filter(|lost| *lost).count();
    println!("{lost} creates lost their answer");
    assert!(lost > 20, "the faults struck: {lost}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_at_any_moment_lose_and_double_nothing() {
    let (mut scene, mut host) = Scene::new(200, "repost_after_absent = true").await;
    let mut told = Told::new();
    let mut random = Random(20_260_301);
    for _ in 0..10 {
        let after = 1 + random.below(25);
        scene.submit_and_kill(&mut host, &mut told, after).await;
        host = scene.restart().await;
        for id in told.values() {
            scene.staff.order(id).await;
        }
    }
    scene.all_again(&mut told).await;
    // With a POS whose searches can be trusted nobody has to look.
    assert_eq!(scene.settled(&told).await, 0);
    assert_eq!(scene.held_once().await.len(), told.len());
    assert!(host.process.is_alive());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kiosk_never_notices_that_the_register_is_gone() {
    let (mut scene, mut host) = Scene::new(60, "").await;
    let half: Vec<usize> = (0..30).collect();
    let rest: Vec<usize> = (30..60).collect();
    let first = scene.submit(&half, &AtomicUsize::new(0)).await;
    scene.simulators.process.kill();
    let began = Instant::now();
    let then = scene.submit(&rest, &AtomicUsize::new(0)).await;
    println!("{} submits without a register in {:?}", then.len(), began.elapsed());
    let all: Told = first
        .into_iter()
        .chain(then)
        .map(|(at, status, id)| (at, (status, id)))
        .map(|(at, (status, id))| {
            assert_eq!(status, 201);
            (at, id)
        })
        .collect();
    assert_eq!(all.len(), 60);
    let on_their_way = |order: &Value| {
        matches!(order["pos"]["state"].as_str().unwrap(), "retrying" | "unknown" | "attention")
            && order["pos"]["problem"]["detail"].is_string()
    };
    wait_for("the orders to say what is wrong", SETTLED, async || {
        let orders = join_all(rest.iter().map(|at| scene.staff.order(&all[at]))).await;
        orders.iter().all(on_their_way).then_some(())
    })
    .await;
    // A kill changes nothing about that.
    host.process.kill();
    let _host = scene.restart().await;
    for id in all.values() {
        scene.staff.order(id).await;
    }
}
