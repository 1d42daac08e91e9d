//! The role matrix and the store scope.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{Actor, Role};
use crate::lifecycle::{ActionKind, rows};
use crate::model::{KioskId, Order, OrderId, StoreId};

/// Where somebody may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In every store.
    All,
    /// In these stores.
    Stores(BTreeSet<StoreId>),
    /// On this one order.
    Order(OrderId),
}

/// Somebody who asks, as the host has established from a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// Where.
    pub scope: Scope,
    /// From which kiosk, for a kiosk.
    pub kiosk: Option<KioskId>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// See the menu.
    Menu,
    /// Price a basket.
    Quote,
    /// Place an order.
    Submit,
    /// See one order.
    ReadOrder,
    /// See an order's timeline.
    ReadHistory,
    /// See a store's orders.
    ListOrders,
    /// Do this to an order.
    Act(ActionKind),
    /// Do this to many orders at once.
    Batch(ActionKind),
    /// See a store's figures.
    Report,
    /// Have a store take no orders for a while.
    Pause,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Denied {
    /// It is another's. Say "not found", so that nobody learns what exists elsewhere.
    #[error("not found")]
    NotYours,
    /// The role has no such right.
    #[error("{role} has no right to do this")]
    Forbidden {
        /// The role.
        role: Role,
    },
}

/// Whether a role has a right at all.
fn allows(role: Role, permission: Permission) -> bool {
    use Role::{Admin, Customer, Kiosk, Manager, Pos, Staff, System};
    match permission {
        Permission::Menu => matches!(role, Kiosk | Staff | Manager | Admin),
        Permission::Quote | Permission::Submit => matches!(role, Kiosk | Staff | Manager),
        Permission::ReadOrder => matches!(role, Customer | Kiosk | Staff | Manager | Admin),
        Permission::ReadHistory | Permission::ListOrders | Permission::Report | Permission::Pause => {
            matches!(role, Staff | Manager | Admin)
        }
        Permission::Act(action) => rows(action).any(|row| row.roles.contains(role)),
        Permission::Batch(action) => match role {
            // Staff move many orders forward only.
            Staff => matches!(
                action,
                ActionKind::Verify
                    | ActionKind::Start
                    | ActionKind::Pick
                    | ActionKind::Pack
                    | ActionKind::Dispatch
                    | ActionKind::Complete
                    | ActionKind::MarkPaid
                    | ActionKind::MarkPrinted
            ),
            Manager | Admin => allows(role, Permission::Act(action)),
            Customer | Kiosk | Pos | System => false,
        },
    }
}

/// Whether the caller may do this in this store.
///
/// # Errors
/// [`Denied`]: another's store counts before a missing right.
pub fn authorize(caller: &Caller, permission: Permission, store: &StoreId) -> Result<(), Denied> {
    let in_scope = match &caller.scope {
        Scope::All => true,
        Scope::Stores(stores) => stores.contains(store),
        Scope::Order(_) => false,
    };
    if !in_scope {
        return Err(Denied::NotYours);
    }
    right(caller, permission)
}

/// Whether the caller may do this to this order. A kiosk has only the orders placed at it, a customer only
/// their own.
///
/// # Errors
/// [`Denied`]: another's order counts before a missing right.
pub fn authorize_order(caller: &Caller, permission: Permission, order: &Order) -> Result<(), Denied> {
    let in_scope = match &caller.scope {
        Scope::Order(id) => *id == order.id,
        Scope::All => true,
        Scope::Stores(stores) => stores.contains(&order.store),
    };
    // However wide a scope the host gave them, these two never see more than what is theirs.
    let own = match caller.actor.role {
        Role::Customer => matches!(caller.scope, Scope::Order(_)),
        Role::Kiosk => caller.kiosk.is_some() && caller.kiosk == order.kiosk,
        _ => true,
    };
    if !in_scope || !own {
        return Err(Denied::NotYours);
    }
    right(caller, permission)
}

fn right(caller: &Caller, permission: Permission) -> Result<(), Denied> {
    let role = caller.actor.role;
    if allows(role, permission) { Ok(()) } else { Err(Denied::Forbidden { role }) }
}
