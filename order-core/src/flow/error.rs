//! What a caller of the flow may be told.

use thiserror::Error;

use crate::access::{Caller, Denied, Permission, Role, authorize, authorize_order};
use crate::lifecycle::Refusal;
use crate::model::{Order, StoreId};
use crate::ports::{CatalogError, PosError, StoreError};
use crate::rules::limits::LimitError;
use crate::rules::{Problems, SettingError};

/// Why a use case did not do as asked. Nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FlowError {
    /// The input is wrong; every problem at once.
    #[error("the input is not valid: {0}")]
    Invalid(Problems),
    /// The caller's role has no such right.
    #[error("{role} has no right to do this")]
    Forbidden {
        /// The role.
        role: Role,
    },
    /// There is no such order, or not for this caller.
    #[error("no such order")]
    NoSuchOrder,
    /// There is no such store, or not for this caller.
    #[error("no such store")]
    NoSuchStore,
    /// The order does not allow it now.
    #[error(transparent)]
    Refused(Refusal),
    /// The idempotency key was used for another order. Use a new key for a new order.
    #[error("the idempotency key was used for another order; use a new key for a new order")]
    KeyReused,
    /// The order kept changing under our hands. Try again.
    #[error("the order kept changing while this was decided; try again")]
    Contended,
    /// This store's POS does not offer that.
    #[error("this store's POS does not offer {what}")]
    NotOffered {
        /// What was asked for.
        what: &'static str,
    },
    /// The POS did not answer a question that nobody else can answer. Nothing was changed; ask again later.
    #[error("the POS did not answer")]
    NoAnswer(#[source] Option<PosError>),
    /// The menu is not available.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The order store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether the caller may do this in this store; another's store is one that does not exist.
pub(super) fn may(caller: &Caller, permission: Permission, store: &StoreId) -> Result<(), FlowError> {
    authorize(caller, permission, store).map_err(|denied| match denied {
        Denied::NotYours => FlowError::NoSuchStore,
        Denied::Forbidden { role } => FlowError::Forbidden { role },
    })
}

/// Whether the caller may do this to this order; another's order is one that does not exist.
pub(super) fn may_order(caller: &Caller, permission: Permission, order: &Order) -> Result<(), FlowError> {
    authorize_order(caller, permission, order).map_err(|denied| match denied {
        Denied::NotYours => FlowError::NoSuchOrder,
        Denied::Forbidden { role } => FlowError::Forbidden { role },
    })
}

impl From<Problems> for FlowError {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

impl From<Refusal> for FlowError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(problems) => Self::Invalid(problems),
            other => Self::Refused(other),
        }
    }
}

/// How a flow was put together wrongly.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Two stores share an id.
    #[error("the store {0} is set up twice")]
    StoreTwice(StoreId),
    /// The store names a vendor and has no client, or the other way round, or they differ.
    #[error("the store {0} must name the vendor of its POS client, and only with one")]
    VendorMismatch(StoreId),
    /// The store's purchase limits cannot be followed as they are written.
    #[error("the purchase limits of store {store} cannot be followed: {reason}")]
    Limits {
        /// The store.
        store: StoreId,
        /// Why.
        reason: LimitError,
    },
    /// A rule of the store's own cannot be meant as it is written.
    #[error("the rules of store {store} cannot be followed: {reason}")]
    Rules {
        /// The store.
        store: StoreId,
        /// Which, and why.
        reason: SettingError,
    },
    /// A setting is out of range.
    #[error("the setting {0} must be above zero")]
    NotPositive(&'static str),
}
