//! Looking a coupon up in the POS.

use futures_util::future::{Either, select};

use super::build::OrderFlow;
use super::error::FlowError;
use crate::access::{Caller, Permission};
use crate::model::StoreId;
use crate::ports::Coupon;
use crate::rules::MAX_DISCOUNT_CODE;

impl OrderFlow {
    /// What the POS knows about a coupon; none when it knows no such coupon. Stores nothing.
    ///
    /// # Errors
    /// [`FlowError::NotOffered`] where the store's POS has no coupon look-up, [`FlowError::NoAnswer`] when it
    /// failed or took too long.
    pub async fn coupon(
        &self,
        caller: &Caller,
        store: &StoreId,
        code: &str,
    ) -> Result<Option<Coupon>, FlowError> {
        let setup = self.store_for(caller, Permission::Quote, store)?;
        let pos = setup
            .pos
            .as_ref()
            .filter(|pos| pos.capabilities().coupon)
            .ok_or(FlowError::NotOffered { what: "coupon look-up" })?;
        let code = code.trim();
        // What no order could carry cannot be a coupon, and is not worth a call.
        if code.is_empty() || code.chars().count() > MAX_DISCOUNT_CODE || code.chars().any(char::is_control) {
            return Ok(None);
        }
        match select(pos.coupon(code), self.0.clock.sleep(self.0.config.quote_deadline)).await {
            Either::Left((Ok(coupon), _)) => Ok(coupon),
            Either::Left((Err(error), _)) => {
                tracing::warn!(%store, %error, "the POS did not answer about a coupon");
                Err(FlowError::NoAnswer(Some(error)))
            }
            Either::Right(_) => Err(FlowError::NoAnswer(None)),
        }
    }
}
