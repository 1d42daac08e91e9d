//! Waiting for the POS's answer on behalf of somebody at a kiosk.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::build::OrderFlow;
use super::error::FlowError;
use super::write::delta;
use crate::model::{Order, PosState};

/// How often the store is looked at for answers that another process got.
const LOOK: Duration = Duration::from_millis(250);

impl OrderFlow {
    /// The order once the POS has answered, or as it stands when the wait is over.
    pub(super) async fn wait_for_pos(&self, mut order: Order, wait: Duration) -> Result<Order, FlowError> {
        let until = self.0.clock.now() + delta(wait);
        loop {
            // Registered before looking, so that no change slips between the look and the wait.
            let changed = self.0.changed.listen();
            order = self.0.orders.load(order.id).await?.ok_or(FlowError::NoSuchOrder)?;
            let left = (until - self.0.clock.now()).to_std().unwrap_or_default();
            if is_answered(order.pos.state) || left.is_zero() {
                return Ok(order);
            }
            match select(changed, self.0.clock.sleep(left.min(LOOK))).await {
                Either::Left(_) | Either::Right(_) => {}
            }
        }
    }
}

fn is_answered(state: PosState) -> bool {
    !matches!(state, PosState::Queued | PosState::Sending | PosState::Retrying | PosState::Unknown)
}
