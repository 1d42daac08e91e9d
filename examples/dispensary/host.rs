//! Putting the host together and running it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use order_core::access::{Role, Scope};
use order_core::flow::{BuildError, OrderFlow, StoreSetup, SyncedMenu};
use order_core::model::StoreId;
use order_core::ports::{Clock, PosCustomers, PosOrderClient, ProductSource, SystemClock, SystemIds};
use order_notify::email::{EmailConfig, EmailConfigError};
use order_store::sqlite::{OpenError, SqliteStore};
use pos_clients::treez::Treez;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::api::{self, State};
use crate::auth::{KeyError, Tokens};
use crate::config::{ConfigError, PosSettings, Settings, StoreSettings};
use crate::demo::{Demo, Register, demo};
use crate::token::{caller, one};

/// Why the host does not run.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder cannot be used.
    #[error("the data folder {folder} cannot be made or written: {source}; choose another with --data-dir")]
    DataDir {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}; choose another with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("the database {file} cannot be opened: {source}; if it is not ours, choose another --data-dir")]
    Database {
        /// The file.
        file: PathBuf,
        /// Why.
        source: OpenError,
    },
    /// There is no key to sign with.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The mail settings do not fit.
    #[error("the mail settings cannot be used: {0}")]
    Mail(#[from] EmailConfigError),
    /// A POS client cannot be set up.
    #[error("the POS of store {store} cannot be set up: {reason}")]
    Pos {
        /// The store.
        store: StoreId,
        /// Why.
        reason: String,
    },
    /// The flow does not fit together.
    #[error(transparent)]
    Flow(#[from] BuildError),
    /// An embedded simulator has no port.
    #[error("a simulator cannot listen: {0}")]
    Simulator(std::io::Error),
    /// The demo data is malformed.
    #[error("the demo data cannot be used: {0}")]
    Demo(String),
    /// Serving ended with an error.
    #[error("serving ended: {0}")]
    Serve(std::io::Error),
    /// The command line does not fit together.
    #[error("{0}")]
    Usage(&'static str),
    /// The tour did not reach its end.
    #[error("the tour stopped: {0}")]
    Tour(String),
}

/// How often a menu is read anew, and how soon again after a failure.
const MENU_EVERY: Duration = Duration::from_secs(60);
const MENU_RETRY: Duration = Duration::from_secs(2);
/// How long start-up waits for the first menu. Without one, orders wait for the next try.
const FIRST_MENU: Duration = Duration::from_secs(10);

/// The assembled host, its port taken.
pub(crate) struct Host {
    listener: TcpListener,
    state: State,
    data_dir: PathBuf,
    registers: Vec<(StoreId, Register)>,
}

impl Host {
    /// Opens the database, sets every store up, takes the port and starts delivery.
    ///
    /// # Errors
    /// [`Failure`] says what to mend.
    pub(crate) async fn start(
        mut settings: Settings,
        simulators: Option<&str>,
        listen: Option<SocketAddr>,
    ) -> Result<Self, Failure> {
        prepare_data_dir(&settings.data_dir)?;
        let tokens = Tokens::open(settings.jwt_key.as_ref(), &settings.data_dir)?;
        let address = listen.unwrap_or(settings.listen);
        let listener =
            TcpListener::bind(address).await.map_err(|source| Failure::Listen { address, source })?;
        let file = settings.database_file()?;
        let orders = SqliteStore::open(&file).await.map_err(|source| Failure::Database { file, source })?;
        let orders = Arc::new(orders);
        let mut registers = Vec::new();
        if settings.demo {
            let Demo { stores, registers: found } = demo(simulators).await?;
            settings.stores = stores;
            registers = found;
        }
        let mail = settings.mail.take().unwrap_or_else(|| mail_folder(&settings.data_dir));
        let mail = mail.builder()?.build().map_err(|error| Failure::Tour(error.to_string()))?;
        let clock = Arc::new(SystemClock);
        let mut builder =
            OrderFlow::builder(orders.clone(), clock.clone(), Arc::new(SystemIds)).notifier(Arc::new(mail));
        let mut menus = Vec::new();
        for store in &settings.stores {
            let (setup, menu) = set_up(store)?;
            builder = builder.store(setup);
            menus.push((store.id.clone(), menu));
        }
        let flow = builder.build()?;
        fill_menus(menus).await;
        let state = State { flow, search: orders, tokens };
        Ok(Self { listener, state, data_dir: settings.data_dir, registers })
    }

    /// The address taken.
    ///
    /// # Errors
    /// [`Failure::Serve`] when the system does not tell.
    pub(crate) fn address(&self) -> Result<SocketAddr, Failure> {
        self.listener.local_addr().map_err(Failure::Serve)
    }

    /// The registers of the demo stores.
    pub(crate) fn registers(&self) -> &[(StoreId, Register)] {
        &self.registers
    }

    /// A token for this role in this store, good for a day.
    ///
    /// # Errors
    /// [`Failure::Key`] when it cannot be signed.
    pub(crate) fn token(&self, role: Role, store: &StoreId) -> Result<String, Failure> {
        let scope = if role == Role::Admin { Scope::All } else { one(store) };
        let expires = SystemClock.now() + TimeDelta::days(1);
        Ok(self.state.tokens.mint(&caller(role, scope, None, None)?, expires)?)
    }

    /// Prints addresses and, for the demo, tokens.
    pub(crate) fn announce(&self) {
        let Ok(address) = self.address() else { return };
        println!("listening on http://{address}   data in {}", self.data_dir.display());
        for store in self.state.flow.stores() {
            println!("store {:<10} http://{address}/api/v1/stores/{}/products", store.id, store.id);
        }
        for (store, register) in &self.registers {
            println!("register of {store}: {}/_sim/orders", register.base);
            for role in [Role::Kiosk, Role::Staff, Role::Manager, Role::Admin] {
                let Ok(token) = self.token(role, store) else { continue };
                println!("token {:<8} {token}", role.as_str());
                // Browsers keep what follows the # to themselves.
                match role {
                    Role::Kiosk => println!("page  kiosk    http://{address}/kiosk/{store}#token={token}"),
                    Role::Staff => println!("page  staff    http://{address}/staff/{store}#token={token}"),
                    _ => {}
                }
            }
        }
    }

    /// Serves and delivers until `stopping` is ready, then finishes what is in hand.
    ///
    /// # Errors
    /// [`Failure::Serve`] when the socket fails.
    pub(crate) async fn serve(
        self,
        stopping: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Failure> {
        let (stop, stopped) = watch::channel(false);
        let worker = tokio::spawn(self.state.flow.worker().run(until(stopped.clone())));
        let app = api::router(self.state);
        let served = axum::serve(self.listener, app).with_graceful_shutdown(async move {
            stopping.await;
            // The receiver may be gone already, which is as good as told.
            let _ = stop.send(true);
        });
        let served = served.await.map_err(Failure::Serve);
        if worker.await.is_err() {
            tracing::error!("the delivery worker did not end in order");
        }
        served
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it whoever could serve.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Makes the data folder and proves that it can be written.
///
/// # Errors
/// [`Failure::DataDir`] when not.
pub(crate) fn prepare_data_dir(folder: &Path) -> Result<(), Failure> {
    let failed = |source| Failure::DataDir { folder: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Of its own for each process: `token` is run beside a host that starts.
    let probe = folder.join(format!(".writable-{}", std::process::id()));
    std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(failed)
}

fn mail_folder(data_dir: &Path) -> EmailConfig {
    EmailConfig {
        from: "Orders <orders@dispensary.example>".to_owned(),
        reply_to: None,
        folder: Some(data_dir.join("mail")),
        smtp: None,
    }
}

fn set_up(settings: &StoreSettings) -> Result<(StoreSetup, Arc<SyncedMenu>), Failure> {
    let (pos, source, customers): (Arc<dyn PosOrderClient>, Arc<dyn ProductSource>, Arc<dyn PosCustomers>) =
        match &settings.pos {
            PosSettings::Treez(config) => {
                let client = Treez::new(config.clone()).map_err(|error| Failure::Pos {
                    store: settings.id.clone(),
                    reason: error.to_string(),
                })?;
                let client = Arc::new(client);
                (client.clone(), client.clone(), client)
            }
        };
    let menu = Arc::new(SyncedMenu::new(source));
    let store = Arc::new(settings.store()?);
    Ok((StoreSetup { store, pos: Some(pos), catalog: menu.clone(), customers: Some(customers) }, menu))
}

/// Reads every menu once, within a bound, and keeps them fresh from then on.
async fn fill_menus(menus: Vec<(StoreId, Arc<SyncedMenu>)>) {
    let first = menus.iter().map(|(store, menu)| async move {
        if let Ok(Err(error)) = tokio::time::timeout(FIRST_MENU, menu.refresh()).await {
            tracing::warn!(%store, %error, "the menu could not be read yet; orders wait for it");
        }
    });
    futures_util::future::join_all(first).await;
    for (_, menu) in menus {
        tokio::spawn(async move {
            SystemClock.sleep(MENU_RETRY).await;
            menu.keep_fresh(&SystemClock, MENU_EVERY, MENU_RETRY).await;
        });
    }
}

/// Ready when the system asks the process to end.
#[cfg(unix)]
pub(crate) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// Ready when the system asks the process to end.
#[cfg(not(unix))]
pub(crate) async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
