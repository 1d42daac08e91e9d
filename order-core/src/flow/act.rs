//! Acting on orders: one, its lines, its POS side, or many at once.

use futures_util::future::join_all;

use super::build::OrderFlow;
use super::error::{FlowError, may, may_order};
use crate::access::{Caller, Permission};
use crate::lifecycle::{Action, ActionKind, Command};
use crate::model::{Note, Order, OrderCode, OrderId, PosOrderId, StoreId, Version};
use crate::ports::{Recorded, StoreError};
use crate::rules::{DraftLine, Problems, check_lines, codes};

/// What became of one order of a batch.
#[derive(Debug)]
pub struct BatchResult {
    /// Which.
    pub id: OrderId,
    /// The order afterwards, or why it stayed as it was.
    pub outcome: Result<Order, FlowError>,
}

/// What a person says about an order's POS side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PosOrderLink {
    /// Try again what failed.
    Retry,
    /// It is this order there.
    Link {
        /// Its id there.
        id: PosOrderId,
        /// Its number there.
        number: Option<String>,
    },
    /// It was keyed in by hand.
    Manual {
        /// Its number there.
        number: String,
    },
}

impl OrderFlow {
    /// Carries out one command.
    ///
    /// # Errors
    /// [`FlowError::NoSuchOrder`] also for another's order; [`FlowError::Refused`] with the reason.
    pub async fn act(&self, caller: &Caller, id: OrderId, command: &Command) -> Result<Order, FlowError> {
        let permission = Permission::Act(command.action.kind());
        let allowed = |order: &Order| may_order(caller, permission, order);
        match self.0.carry_out(id, &caller.actor, command, None, allowed).await {
            Err(FlowError::Store(StoreError::OutOfStock { left, .. })) => {
                let left = left.max(rust_decimal::Decimal::ZERO).normalize();
                Err(Problems::one(codes::OUT_OF_STOCK, "items", format!("only {left} left of one of these"))
                    .into())
            }
            other => other,
        }
    }

    /// Makes the order's lines exactly these, priced from the menu as it is now.
    ///
    /// # Errors
    /// As [`OrderFlow::act`], and [`FlowError::Invalid`] for the lines.
    pub async fn amend(
        &self,
        caller: &Caller,
        id: OrderId,
        version: Version,
        lines: &[DraftLine],
        note: Option<Note>,
    ) -> Result<Order, FlowError> {
        self.change_lines(caller, id, version, lines, note, ActionKind::Amend).await
    }

    /// Adds lines to the order; the same product in the same size adds up.
    ///
    /// # Errors
    /// As [`OrderFlow::amend`].
    pub async fn merge(
        &self,
        caller: &Caller,
        id: OrderId,
        version: Version,
        lines: &[DraftLine],
        note: Option<Note>,
    ) -> Result<Order, FlowError> {
        self.change_lines(caller, id, version, lines, note, ActionKind::Merge).await
    }

    async fn change_lines(
        &self,
        caller: &Caller,
        id: OrderId,
        version: Version,
        lines: &[DraftLine],
        note: Option<Note>,
        kind: ActionKind,
    ) -> Result<Order, FlowError> {
        let order = self.load_for(caller, id, Permission::Act(kind)).await?;
        let setup = self.0.stores.get(&order.store).ok_or(FlowError::NoSuchStore)?;
        let shaped = check_lines(lines, &setup.store.policy)?;
        let items = self.0.price(setup, &shaped, order.customer.kind).await?;
        let action = if kind == ActionKind::Merge { Action::Merge(items) } else { Action::Amend(items) };
        let command = Command { action, version: Some(version), reason: None, note };
        self.act(caller, id, &command).await
    }

    /// Does what a person asks for on the POS side of an order.
    ///
    /// # Errors
    /// As [`OrderFlow::act`].
    pub async fn pos_link(
        &self,
        caller: &Caller,
        id: OrderId,
        link: PosOrderLink,
        note: Option<Note>,
    ) -> Result<Order, FlowError> {
        let action = match link {
            PosOrderLink::Retry => Action::PosRetry,
            PosOrderLink::Link { id, number } => Action::PosLink { id, number },
            PosOrderLink::Manual { number } => Action::PosManual { number },
        };
        self.act(caller, id, &Command { action, version: None, reason: None, note }).await
    }

    /// Carries out one command on many orders of a store; each succeeds or fails on its own.
    ///
    /// # Errors
    /// [`FlowError::Forbidden`] when the caller may not do this to many at once.
    pub async fn batch(
        &self,
        caller: &Caller,
        store: &StoreId,
        ids: &[OrderId],
        command: &Command,
    ) -> Result<Vec<BatchResult>, FlowError> {
        may(caller, Permission::Batch(command.action.kind()), store)?;
        let each = ids.iter().map(|id| async move {
            let outcome = match self.load_for(caller, *id, Permission::ReadOrder).await {
                Ok(order) if &order.store != store => Err(FlowError::NoSuchOrder),
                Ok(_) => self.act(caller, *id, command).await,
                Err(error) => Err(error),
            };
            BatchResult { id: *id, outcome }
        });
        Ok(join_all(each).await)
    }

    /// One order.
    ///
    /// # Errors
    /// [`FlowError::NoSuchOrder`] also for another's order.
    pub async fn order(&self, caller: &Caller, id: OrderId) -> Result<Order, FlowError> {
        self.load_for(caller, id, Permission::ReadOrder).await
    }

    /// An order's timeline, oldest first.
    ///
    /// # Errors
    /// [`FlowError::NoSuchOrder`] also for another's order.
    pub async fn history(&self, caller: &Caller, id: OrderId) -> Result<Vec<Recorded>, FlowError> {
        self.load_for(caller, id, Permission::ReadHistory).await?;
        Ok(self.0.orders.history(id).await?)
    }

    /// The order with this spoken code, for its customer: whoever knows the code may see that much.
    ///
    /// # Errors
    /// [`FlowError::NoSuchOrder`] when there is none.
    pub async fn track(&self, code: OrderCode) -> Result<crate::model::CustomerOrder, FlowError> {
        let order = self.0.orders.load_by_code(code).await?.ok_or(FlowError::NoSuchOrder)?;
        Ok((&order).into())
    }

    async fn load_for(
        &self,
        caller: &Caller,
        id: OrderId,
        permission: Permission,
    ) -> Result<Order, FlowError> {
        let order = self.0.orders.load(id).await?.ok_or(FlowError::NoSuchOrder)?;
        may_order(caller, permission, &order)?;
        Ok(order)
    }
}
