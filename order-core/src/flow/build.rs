//! Putting a flow together.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::lock::Mutex;

use super::asked::Asked;
use super::config::FlowConfig;
use super::error::{BuildError, FlowError, may};
use crate::access::{Caller, Permission};
use crate::model::{Channel, Store, StoreId};
use crate::ports::{Catalog, Clock, IdSource, Notifier, OrderStore, PosCustomers, PosOrderClient};
use crate::rules::limits::{LimitBook, LimitLibrary};

/// One store with what belongs to it.
#[derive(Debug, Clone)]
pub struct StoreSetup {
    /// The store.
    pub store: Arc<Store>,
    /// Its POS; none for a store without.
    pub pos: Option<Arc<dyn PosOrderClient>>,
    /// Its menu.
    pub catalog: Arc<dyn Catalog>,
    /// Its POS's customer base, to recognise who orders; none when it is not to be asked.
    pub customers: Option<Arc<dyn PosCustomers>>,
}

pub(super) struct Inner {
    pub(super) orders: Arc<dyn OrderStore>,
    pub(super) stores: BTreeMap<StoreId, StoreSetup>,
    pub(super) limits: BTreeMap<StoreId, LimitBook>,
    /// Where those wait who want something for a customer whom many want something for.
    pub(super) lines: BTreeMap<StoreId, Mutex<()>>,
    pub(super) notifiers: BTreeMap<Channel, Arc<dyn Notifier>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) config: FlowConfig,
    /// What the POS systems said lately.
    pub(super) asked: Asked,
    /// Rings when work was written, for workers of this process.
    pub(super) work: event_listener::Event,
    /// Rings when an order changed, for those of this process who wait for one.
    pub(super) changed: event_listener::Event,
}

/// The whole flow of a backend: stores, their POS, their menus, the order store and the notifiers.
/// Cheap to clone; every clone is the same flow.
#[derive(Clone)]
pub struct OrderFlow(pub(super) Arc<Inner>);

impl Inner {
    /// The limits a store follows.
    pub(super) fn limits(&self, setup: &StoreSetup) -> &LimitBook {
        static NONE: std::sync::LazyLock<LimitBook> = std::sync::LazyLock::new(LimitBook::default);
        self.limits.get(&setup.store.id).unwrap_or(&NONE)
    }

    /// Where to wait in a store.
    pub(super) fn line(&self, setup: &StoreSetup) -> &Mutex<()> {
        static NONE: Mutex<()> = Mutex::new(());
        self.lines.get(&setup.store.id).unwrap_or(&NONE)
    }
}

impl std::fmt::Debug for OrderFlow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrderFlow").field("stores", &self.0.stores.keys()).finish_non_exhaustive()
    }
}

impl OrderFlow {
    /// Begins a flow over an order store, with the given time and randomness.
    pub fn builder(
        orders: Arc<dyn OrderStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> FlowBuilder {
        FlowBuilder {
            orders,
            clock,
            ids,
            stores: Vec::new(),
            library: None,
            notifiers: BTreeMap::new(),
            config: FlowConfig::default(),
        }
    }

    /// The stores of this flow.
    pub fn stores(&self) -> impl Iterator<Item = &Arc<Store>> {
        self.0.stores.values().map(|setup| &setup.store)
    }

    /// One store of this flow.
    pub fn store(&self, id: &StoreId) -> Option<&StoreSetup> {
        self.0.stores.get(id)
    }

    /// One store of this flow, when the caller may do this there.
    ///
    /// # Errors
    /// [`FlowError::NoSuchStore`] also for another's store; [`FlowError::Forbidden`].
    pub fn store_for(
        &self,
        caller: &Caller,
        permission: Permission,
        store: &StoreId,
    ) -> Result<&StoreSetup, FlowError> {
        may(caller, permission, store)?;
        self.0.stores.get(store).ok_or(FlowError::NoSuchStore)
    }

    /// The order store.
    pub fn orders(&self) -> &Arc<dyn OrderStore> {
        &self.0.orders
    }

    /// Now, as this flow sees it.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.clock.now()
    }
}

/// Puts an [`OrderFlow`] together.
#[derive(Debug)]
pub struct FlowBuilder {
    orders: Arc<dyn OrderStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    stores: Vec<StoreSetup>,
    library: Option<LimitLibrary>,
    notifiers: BTreeMap<Channel, Arc<dyn Notifier>>,
    config: FlowConfig,
}

impl FlowBuilder {
    /// Adds a store.
    #[must_use]
    pub fn store(mut self, setup: StoreSetup) -> Self {
        self.stores.push(setup);
        self
    }

    /// Adds a way to tell people; a later one replaces an earlier one of the same channel.
    #[must_use]
    pub fn notifier(mut self, notifier: Arc<dyn Notifier>) -> Self {
        self.notifiers.insert(notifier.channel(), notifier);
        self
    }

    /// Replaces the purchase limits that stores can follow. Without this they are the shipped ones.
    #[must_use]
    pub fn limit_library(mut self, library: LimitLibrary) -> Self {
        self.library = Some(library);
        self
    }

    /// Replaces the settings.
    #[must_use]
    pub fn config(mut self, config: FlowConfig) -> Self {
        self.config = config;
        self
    }

    /// The flow.
    ///
    /// # Errors
    /// [`BuildError`] says which part does not fit.
    pub fn build(self) -> Result<OrderFlow, BuildError> {
        self.config.check()?;
        let library = self.library.unwrap_or_else(LimitLibrary::shipped);
        let (mut stores, mut limits) = (BTreeMap::new(), BTreeMap::new());
        let mut lines = BTreeMap::new();
        for setup in self.stores {
            let id = setup.store.id.clone();
            if setup.store.vendor.as_ref() != setup.pos.as_ref().map(|pos| pos.vendor()) {
                return Err(BuildError::VendorMismatch(id));
            }
            let checked = setup.store.rules.check();
            checked.map_err(|reason| BuildError::Rules { store: id.clone(), reason })?;
            let book = LimitBook::build(&setup.store.rules.limits, &library)
                .map_err(|reason| BuildError::Limits { store: id.clone(), reason })?;
            limits.insert(id.clone(), book);
            lines.insert(id.clone(), Mutex::new(()));
            if stores.insert(id.clone(), setup).is_some() {
                return Err(BuildError::StoreTwice(id));
            }
        }
        Ok(OrderFlow(Arc::new(Inner {
            orders: self.orders,
            stores,
            limits,
            lines,
            notifiers: self.notifiers,
            clock: self.clock,
            ids: self.ids,
            config: self.config,
            asked: Asked::default(),
            work: event_listener::Event::new(),
            changed: event_listener::Event::new(),
        })))
    }
}
