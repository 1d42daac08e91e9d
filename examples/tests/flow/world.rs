//! One store with its register, its mail and its order store, in virtual time.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use order_core::access::{Actor, Caller, Role, Scope};
use order_core::flow::{FlowConfig, FlowError, OrderFlow, StoreSetup, Submitted, SyncedMenu};
use order_core::lifecycle::{Action, Command, Lane};
use order_core::model::{
    ActorId, Channel, Currency, CustomerKind, FulfillmentKind, KioskId, NoticeSettings, Order, OrderId,
    Policy, Product, Store, StoreId, StoreRules, TaxRate, VendorLabel,
};
use order_core::ports::{
    Catalog, CatalogError, Clock, IdSource, IdempotencyKey, Listing, OrderStore, Recorded, Sku,
};
use order_core::rules::{CustomerDraft, DraftLine, OrderDraft};
use order_core::testkit::{ManualClock, SeededIds};
use order_examples::{DemoCustomer, DemoData, DemoOrder, TREEZ_API_KEY, TREEZ_CLIENT_ID, treez_config};
use order_notify::Recorder;
use order_store::{MemoryStore, SqliteStore};
use pos_clients::sim::seed::SeedCustomerType;
use pos_clients::sim::{Fault, FaultRule, SimHandle, SimOrder};
use pos_clients::transport::TransportParts;
use pos_clients::treez::sim::TreezSim;
use pos_clients::treez::{Completion, Treez, TreezConfig};
use rust_decimal::Decimal;
use tempfile::TempDir;

use crate::drive::{Driver, Outside};
use crate::tap::{Books, Fuse, Tap};
use crate::wire::{Wire, WireBooks};

/// 2026-03-02, ten in the morning at the store.
const MORNING: i64 = 1_772_474_400;

pub(crate) const CREATE: &str = "POST /ticket/detailticket";

/// Which order store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
}

/// What became of the menu since the register last told of its goods.
#[derive(Debug, Default)]
pub(crate) struct MenuNews {
    /// The ids of what was called back.
    pub(crate) recalled: BTreeSet<String>,
    /// How much dearer everything is.
    pub(crate) dearer: Decimal,
}

/// The register's menu with its news.
#[derive(Debug)]
struct ChangingMenu {
    menu: Arc<SyncedMenu>,
    news: Arc<Mutex<MenuNews>>,
}

#[async_trait]
impl Catalog for ChangingMenu {
    async fn find(&self, store: &StoreId, skus: &[Sku]) -> Result<Vec<Option<Listing>>, CatalogError> {
        let mut found = self.menu.find(store, skus).await?;
        let news = self.news.lock().unwrap();
        for listing in found.iter_mut().flatten() {
            listing.recalled |= news.recalled.contains(listing.sku.product.as_str());
            listing.price += news.dearer;
        }
        Ok(found)
    }

    async fn menu(&self, store: &StoreId) -> Result<Vec<Product>, CatalogError> {
        self.menu.menu(store).await
    }
}

enum Shelf {
    Memory(Arc<MemoryStore>),
    Sqlite(Arc<SqliteStore>, TempDir),
}

/// What a scenario may want otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    pub(crate) config: FlowConfig,
    pub(crate) policy: Policy,
    pub(crate) notices: NoticeSettings,
    pub(crate) rules: StoreRules,
    /// A search without a match proves absence.
    pub(crate) proves_absence: bool,
    /// The key the client presents.
    pub(crate) api_key: &'static str,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            config: FlowConfig::default(),
            policy: Policy::default(),
            notices: NoticeSettings {
                staff: vec!["staff@green-oak.example".into()],
                managers: vec!["manager@green-oak.example".into()],
                ..NoticeSettings::default()
            },
            rules: StoreRules::default(),
            proves_absence: true,
            api_key: TREEZ_API_KEY,
        }
    }
}

pub(crate) struct World {
    pub(crate) driver: Driver,
    pub(crate) data: DemoData,
    pub(crate) register: SimHandle,
    pub(crate) mail: Arc<Recorder>,
    pub(crate) books: Arc<Books>,
    pub(crate) wire: Arc<WireBooks>,
    pub(crate) wishes: Wishes,
    pub(crate) store: StoreId,
    /// What became of the menu meanwhile.
    pub(crate) news: Arc<Mutex<MenuNews>>,
    /// A second store of the same house, without a POS.
    pub(crate) other_store: StoreId,
    ids: Arc<dyn IdSource>,
    shelf: Shelf,
}

/// One process: a flow over the world's stores, and the fuse that ends it.
pub(crate) struct Process {
    pub(crate) flow: OrderFlow,
    pub(crate) fuse: Arc<Fuse>,
}

impl World {
    pub(crate) fn new(kind: Kind) -> Self {
        Self::with(kind, Wishes::default())
    }

    pub(crate) fn with(kind: Kind, wishes: Wishes) -> Self {
        Self::over(kind, wishes, Arc::new(SeededIds::new(7)))
    }

    pub(crate) fn over(kind: Kind, wishes: Wishes, ids: Arc<dyn IdSource>) -> Self {
        let clock = Arc::new(ManualClock::at(MORNING));
        let driver = Driver { clock: clock.clone(), outside: Arc::new(Outside::default()) };
        let data = DemoData::load().unwrap();
        let simulator = TreezSim::new(treez_config(&data.seed), &data.seed, 1);
        let register = SimHandle::new(simulator, Arc::new(move || clock.now()), 3);
        let shelf = match kind {
            Kind::Memory => Shelf::Memory(Arc::new(MemoryStore::new())),
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Shelf::Sqlite(open(&driver, &folder), folder)
            }
        };
        Self {
            driver,
            data,
            register,
            mail: Arc::new(Recorder::new(Channel::Email)),
            books: Arc::default(),
            wire: Arc::default(),
            wishes,
            store: StoreId::new("green-oak").unwrap(),
            news: Arc::default(),
            other_store: StoreId::new("corner").unwrap(),
            ids,
            shelf,
        }
    }

    /// Ends whatever ran before and starts over on what is on disk.
    pub(crate) fn reopen(&mut self) {
        if let Shelf::Sqlite(store, folder) = &mut self.shelf {
            self.driver.run(self.driver.outside.call(store.close()));
            *store = open(&self.driver, folder);
        }
    }

    /// The order store itself.
    pub(crate) fn orders(&self) -> Arc<dyn OrderStore> {
        match &self.shelf {
            Shelf::Memory(store) => store.clone(),
            Shelf::Sqlite(store, _) => store.clone(),
        }
    }

    /// A process with its menu read.
    pub(crate) fn start(&self) -> Process {
        let fuse = Arc::new(Fuse::default());
        let base = "http://localhost/v2.0/dispensary/green-oak".parse().unwrap();
        let config = TreezConfig::new("green-oak", TREEZ_CLIENT_ID, self.wishes.api_key)
            .with_base_url(base)
            .with_requests_per_second(NonZeroU32::new(10_000).unwrap())
            .with_repost_after_absent(self.wishes.proves_absence)
            .with_completion(Completion::ByApi { payment_method: "CASH".to_owned() });
        let sender = Wire::new(self.register.clone(), self.wire.clone(), fuse.clone());
        let parts = TransportParts {
            sender: Arc::new(sender),
            clock: self.driver.clock.clone(),
            ids: self.ids.clone(),
        };
        let client = Arc::new(Treez::with(config, parts).unwrap());
        let menu = Arc::new(SyncedMenu::new(client.clone()));
        // A process that cannot reach its register has no menu either.
        let _ = self.driver.run(menu.refresh());
        let store = Store {
            id: self.store.clone(),
            name: "Green Oak".to_owned(),
            time_zone: self.data.seed.store.time_zone,
            currency: Currency::USD,
            vendor: Some(VendorLabel::new("treez").unwrap()),
            address: None,
            taxes: self
                .data
                .seed
                .taxes
                .iter()
                .map(|tax| TaxRate { name: tax.name.clone(), rate: tax.rate, categories: Vec::new() })
                .collect(),
            policy: self.wishes.policy.clone(),
            notices: self.wishes.notices.clone(),
            rules: self.wishes.rules.clone(),
        };
        let corner = Store { id: self.other_store.clone(), vendor: None, ..store.clone() };
        let tap = Tap::new(self.orders(), self.books.clone(), fuse.clone(), self.driver.outside.clone());
        let flow = OrderFlow::builder(Arc::new(tap), self.driver.clock.clone(), self.ids.clone())
            .store(StoreSetup {
                store: Arc::new(store),
                pos: Some(client.clone()),
                catalog: Arc::new(ChangingMenu { menu: menu.clone(), news: self.news.clone() }),
                customers: Some(client),
            })
            .store(StoreSetup { store: Arc::new(corner), pos: None, catalog: menu, customers: None })
            .notifier(self.mail.clone())
            .config(self.wishes.config.clone())
            .build()
            .unwrap();
        Process { flow, fuse }
    }

    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.driver.run(future)
    }

    /// Time passes, with nobody at work.
    pub(crate) fn pass(&self, duration: Duration) {
        self.driver.clock.advance(duration);
    }

    pub(crate) fn fault(&self, rule: FaultRule) {
        self.register.add_fault(rule).unwrap();
    }

    /// The register cannot be reached until the faults are cleared.
    pub(crate) fn unplug(&self) {
        self.fault(FaultRule::rate(1.0, Fault::RefuseConnection));
    }

    pub(crate) fn plug_in(&self) {
        self.register.clear_faults();
    }

    /// What the register holds of an order, cancelled and removed ones left out.
    pub(crate) fn live(&self, order: OrderId) -> Vec<SimOrder> {
        let mut all = self.register.orders();
        let reference = order.to_string();
        all.retain(|there| {
            there.reference.as_deref() == Some(&reference)
                && !matches!(there.status.as_str(), "CANCELED" | "REMOVED")
        });
        all
    }

    /// The one live order of this reference at the register.
    pub(crate) fn there(&self, order: OrderId) -> SimOrder {
        let live = self.live(order);
        assert_eq!(live.len(), 1, "{live:?}");
        live.into_iter().next().unwrap()
    }

    /// Staff act on it at the register.
    pub(crate) fn at_register(&self, order: OrderId, action: &str) {
        self.register.staff(&self.there(order).id, action).unwrap();
    }

    pub(crate) fn load(&self, order: OrderId) -> Order {
        self.run(self.driver.outside.call(self.orders().load(order))).unwrap().unwrap()
    }

    pub(crate) fn history(&self, order: OrderId) -> Vec<Recorded> {
        self.run(self.driver.outside.call(self.orders().history(order))).unwrap()
    }

    /// What the timeline calls each event.
    pub(crate) fn told(&self, order: OrderId) -> Vec<&'static str> {
        self.history(order).iter().map(|recorded| recorded.event.change.name()).collect()
    }

    /// Somebody who works in the first store.
    pub(crate) fn caller(&self, role: Role) -> Caller {
        Caller {
            actor: Actor::new(role, ActorId::new(role.as_str()).unwrap()),
            scope: Scope::Stores([self.store.clone()].into()),
            kiosk: (role == Role::Kiosk).then(|| KioskId::new("kiosk-1").unwrap()),
        }
    }

    pub(crate) fn draft(&self, order: &DemoOrder) -> OrderDraft {
        let kind = |kind: SeedCustomerType| match kind {
            SeedCustomerType::Adult => CustomerKind::Adult,
            SeedCustomerType::Medical => CustomerKind::Medical,
        };
        let personal = |text: &Option<String>| text.as_deref().map(Into::into);
        let customer = match &order.customer {
            DemoCustomer::Known(at) => {
                let known = &self.data.seed.customers[*at];
                CustomerDraft {
                    id: None,
                    first_name: known.first_name.as_str().into(),
                    last_name: known.last_name.as_str().into(),
                    phone: personal(&known.phone),
                    email: personal(&known.email),
                    birth_date: Some(known.birth_date.to_string().as_str().into()),
                    kind: kind(known.kind),
                    ..CustomerDraft::default()
                }
            }
            DemoCustomer::New(new) => CustomerDraft {
                id: None,
                first_name: new.first_name.as_str().into(),
                last_name: new.last_name.as_str().into(),
                phone: personal(&new.phone),
                email: personal(&new.email),
                birth_date: new.birth_date.map(|date| date.to_string().as_str().into()),
                kind: kind(new.kind),
                ..CustomerDraft::default()
            },
        };
        let line = |item: &order_examples::DemoItem| DraftLine {
            product_id: item.product_id.to_string(),
            variant_id: None,
            quantity: Decimal::from(item.quantity),
        };
        OrderDraft {
            customer,
            items: order.items.iter().map(line).collect(),
            fulfillment: FulfillmentKind::Pickup,
            discount_code: None,
            note: order.note.clone(),
            ..OrderDraft::default()
        }
    }

    /// The first demo order, of an adult whom the register knows.
    pub(crate) fn sample(&self) -> OrderDraft {
        self.draft(&self.data.orders[0])
    }
}

fn open(driver: &Driver, folder: &TempDir) -> Arc<SqliteStore> {
    let file = folder.path().join("orders.db");
    Arc::new(driver.run(driver.outside.call(SqliteStore::open(file))).unwrap())
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

impl World {
    /// Places at the kiosk.
    pub(crate) fn submit(
        &self,
        process: &Process,
        draft: &OrderDraft,
        name: &str,
    ) -> Result<Submitted, FlowError> {
        self.run(process.flow.submit(&self.caller(Role::Kiosk), &self.store, draft, &key(name), None))
    }

    /// Places the sample order; nothing has been sent yet.
    pub(crate) fn place(&self, process: &Process) -> OrderId {
        self.submit(process, &self.sample(), "sample").unwrap().order.id
    }

    /// Places the sample order and has it accepted.
    pub(crate) fn accepted(&self, process: &Process) -> OrderId {
        let id = self.place(process);
        self.settle(process);
        assert_eq!(self.load(id).pos.state, order_core::model::PosState::Accepted);
        id
    }

    pub(crate) fn act(
        &self,
        process: &Process,
        role: Role,
        order: OrderId,
        command: &Command,
    ) -> Result<Order, FlowError> {
        self.run(process.flow.act(&self.caller(role), order, command))
    }

    /// An action that needs no words, by staff.
    pub(crate) fn staff(&self, process: &Process, order: OrderId, action: Action) -> Order {
        self.act(process, Role::Staff, order, &Command::new(action)).unwrap()
    }

    /// Does what is due now, at this moment.
    pub(crate) fn drain(&self, process: &Process) -> usize {
        self.run(process.flow.worker().drain()).unwrap()
    }

    /// Works, and lets time pass, until nothing but following is left to be done.
    pub(crate) fn settle(&self, process: &Process) {
        self.run(self.settled(&process.flow));
    }

    async fn settled(&self, flow: &OrderFlow) {
        for _ in 0..10_000 {
            flow.worker().drain().await.unwrap();
            if self.books.outbox().iter().all(|(_, effect)| effect.lane() == Lane::Follow) {
                return;
            }
            let due = flow.orders().next_due().await.unwrap().expect("work waits");
            let wait = (due - self.driver.clock.now()).to_std().unwrap_or_default();
            self.pass(wait.max(Duration::from_millis(1)));
        }
        panic!("work that never ends: {:?}", self.books.outbox());
    }

    /// Follows the register once more, whatever that takes.
    pub(crate) fn follow(&self, process: &Process) {
        self.pass(Duration::from_secs(301));
        self.settle(process);
        self.check_followed_once();
    }

    /// Works until the process dies at step `at`; whether it did. Then it is gone with all it had in memory.
    pub(crate) fn dies(&mut self, process: Process, at: usize) -> bool {
        process.fuse.burn_at(at);
        let died = {
            let work = pin!(self.settled(&process.flow));
            self.driver.run_until(work, || process.fuse.is_burnt()).is_none()
        };
        drop(process);
        self.reopen();
        died
    }
}
