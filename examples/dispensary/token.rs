//! `dispensary token`: print a token for somebody.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use clap::Args;
use order_core::access::{Actor, Caller, Role, Scope};
use order_core::model::{ActorId, KioskId, StoreId};
use order_core::ports::{Clock, SystemClock};

use crate::auth::Tokens;
use crate::config::Settings;
use crate::host::{Failure, prepare_data_dir};

/// Whom a token is for.
#[derive(Debug, Args)]
pub(crate) struct TokenOptions {
    /// kiosk, staff, manager or admin.
    #[arg(long)]
    role: Role,
    /// The store; may be given several times. Without it an admin gets all stores.
    #[arg(long)]
    store: Vec<StoreId>,
    /// Who it is; the role's name when not given.
    #[arg(long)]
    id: Option<ActorId>,
    /// The kiosk, for a kiosk.
    #[arg(long)]
    kiosk: Option<KioskId>,
    /// How long it is good, in hours.
    #[arg(long, default_value_t = 24)]
    hours: u32,
}

impl TokenOptions {
    /// The token.
    ///
    /// # Errors
    /// [`Failure`] when the options do not go together or there is no key.
    pub(crate) fn mint(&self, settings: &Settings) -> Result<String, Failure> {
        let scope = match (self.role, self.store.is_empty()) {
            (Role::Admin, true) => Scope::All,
            (_, true) => return Err(Failure::Usage("name a --store for this role")),
            (_, false) => Scope::Stores(self.store.iter().cloned().collect()),
        };
        if !matches!(self.role, Role::Kiosk | Role::Staff | Role::Manager | Role::Admin) {
            return Err(Failure::Usage("tokens are for kiosk, staff, manager and admin"));
        }
        prepare_data_dir(&settings.data_dir)?;
        let tokens = Tokens::open(settings.jwt_key.as_ref(), &settings.data_dir)?;
        let caller = caller(self.role, scope, self.id.clone(), self.kiosk.clone())?;
        Ok(tokens.mint(&caller, SystemClock.now() + TimeDelta::hours(i64::from(self.hours)))?)
    }
}

/// A caller in this role. A kiosk without a name is `kiosk-1`.
///
/// # Errors
/// [`Failure`] never in practice: the built-in names are valid.
pub(crate) fn caller(
    role: Role,
    scope: Scope,
    id: Option<ActorId>,
    kiosk: Option<KioskId>,
) -> Result<Caller, Failure> {
    let invalid = |_| Failure::Usage("not a usable name");
    let kiosk = match (role, kiosk) {
        (Role::Kiosk, None) => Some(KioskId::new("kiosk-1").map_err(invalid)?),
        (_, kiosk) => kiosk,
    };
    let id = match (id, &kiosk) {
        (Some(id), _) => id,
        (None, Some(kiosk)) => ActorId::new(kiosk.as_str()).map_err(invalid)?,
        (None, None) => ActorId::new(role.as_str()).map_err(invalid)?,
    };
    Ok(Caller { actor: Actor::new(role, id), scope, kiosk })
}

/// The scope of one store.
pub(crate) fn one(store: &StoreId) -> Scope {
    Scope::Stores(BTreeSet::from([store.clone()]))
}
