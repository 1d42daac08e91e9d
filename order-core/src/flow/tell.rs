//! Sending one message from the outbox.

use futures_util::future::{Either, select};

use super::build::Inner;
use super::error::FlowError;
use super::write::delta;
use crate::access::Actor;
use crate::lifecycle::{Action, Command, Notice};
use crate::ports::{Claimed, Delivery, Message, NotifyError, Settle, Settlement};

impl Inner {
    /// Sends one message and notes how that went on the order's timeline. A failure never touches the order
    /// otherwise.
    pub(super) async fn tell(
        &self,
        claimed: &Claimed,
        notice: &Notice,
        system: &Actor,
    ) -> Result<(), FlowError> {
        let done = |settlement| Settle { effect: claimed.id, token: claimed.token, settlement };
        let Some(order) = self.orders.load(claimed.order).await? else {
            return Ok(self.orders.settle(done(Settlement::Done)).await?);
        };
        let setup = self.stores.get(&order.store).ok_or(FlowError::NoSuchStore)?;
        let at = self.clock.now();
        let Notice { kind, audience, channel, revision, changes } = notice;
        let (kind, audience, channel) = (*kind, *audience, *channel);
        let key =
            format!("{}-{revision}-{}-{}-{}", order.id, kind.as_str(), audience.as_str(), channel.as_str());
        let message = Message {
            key,
            kind,
            audience,
            store: setup.store.clone(),
            changes: changes.clone(),
            at: order.updated_at,
            order,
        };
        let sent = match self.notifiers.get(&channel) {
            None => Err(NotifyError::Permanent("no notifier is set up for this channel".to_owned())),
            Some(notifier) => {
                match select(notifier.send(&message), self.clock.sleep(self.config.call_deadline)).await {
                    Either::Left((sent, _)) => sent,
                    Either::Right(_) => {
                        Err(NotifyError::Transient("the channel did not answer in time".to_owned()))
                    }
                }
            }
        };
        let action = match sent {
            Ok(Delivery::Sent { .. }) => Action::Notified { kind, audience, channel },
            Ok(Delivery::NobodyToTell) => return Ok(self.orders.settle(done(Settlement::Done)).await?),
            Err(NotifyError::Transient(detail)) if claimed.attempts < self.config.attempts => {
                tracing::warn!(order = %claimed.order, attempt = claimed.attempts, detail, "a message will be tried again");
                let due = at + delta(self.config.wait_after(claimed.attempts, self.ids.random()));
                return Ok(self.orders.settle(done(Settlement::Again { due, fresh: false })).await?);
            }
            Err(error) => {
                tracing::error!(order = %claimed.order, %error, "a message was given up");
                Action::NotifyFailed { kind, audience, channel, detail: error.to_string() }
            }
        };
        let settle = done(Settlement::Done);
        self.carry_out(claimed.order, system, &Command::new(action), None, Some(settle), |_| Ok(())).await?;
        Ok(())
    }
}
