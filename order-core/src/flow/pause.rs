//! Having a store take no orders for a while.

use chrono::{DateTime, Utc};

use super::build::OrderFlow;
use super::error::FlowError;
use crate::access::{Caller, Permission};
use crate::model::{Pause, StoreId};
use crate::ports::StandingQuery;

impl OrderFlow {
    /// Has kiosks be refused: until that moment, or until [`OrderFlow::resume`]. Orders that the people of the store
    /// place themselves are taken all the same.
    ///
    /// # Errors
    /// [`FlowError::NoSuchStore`] also for another's store; [`FlowError::Forbidden`].
    pub async fn pause(
        &self,
        caller: &Caller,
        store: &StoreId,
        until: Option<DateTime<Utc>>,
    ) -> Result<Pause, FlowError> {
        self.store_for(caller, Permission::Pause, store)?;
        let pause = Pause { since: self.0.clock.now(), until };
        self.0.orders.set_pause(store, Some(pause.clone())).await?;
        tracing::info!(%store, by = %caller.actor.id, "the store takes no orders");
        Ok(pause)
    }

    /// Has kiosks be served again.
    ///
    /// # Errors
    /// As [`OrderFlow::pause`].
    pub async fn resume(&self, caller: &Caller, store: &StoreId) -> Result<(), FlowError> {
        self.store_for(caller, Permission::Pause, store)?;
        self.0.orders.set_pause(store, None).await?;
        tracing::info!(%store, by = %caller.actor.id, "the store takes orders again");
        Ok(())
    }

    /// Whether the store takes no orders now.
    ///
    /// # Errors
    /// [`FlowError::NoSuchStore`] also for another's store; [`FlowError::Forbidden`].
    pub async fn paused(&self, caller: &Caller, store: &StoreId) -> Result<Option<Pause>, FlowError> {
        self.store_for(caller, Permission::Menu, store)?;
        let now = self.0.clock.now();
        let query = StandingQuery {
            store: store.clone(),
            customer: Vec::new(),
            since: now,
            counts: Vec::new(),
            slot: None,
        };
        let standing = self.0.orders.standing(&query).await?;
        Ok(standing.pause.filter(|pause| pause.holds_at(now)))
    }
}
