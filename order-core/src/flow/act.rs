//! Acting on orders: one, its lines, its POS side, or many at once.

use futures_util::future::join_all;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::build::OrderFlow;
use super::error::{FlowError, may, may_order};
use super::judge::{Judged, set};
use super::recheck::{lines_of, shaped_of};
use super::submit::TRIES;
use super::turn::Turn;
use super::write::Rests;
use crate::access::{Caller, Permission, Role};
use crate::lifecycle::{Action, ActionKind, Command};
use crate::model::{
    Note, Order, OrderCode, OrderId, OrderItem, PickState, PosOrderId, Quantity, StoreId, Version,
};
use crate::ports::{Recorded, Sku, StoreError};
use crate::rules::{DraftLine, Problems, ShapedLine, check_lines, codes};

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

/// What somebody says along with a change of lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// In words.
    pub note: Option<Note>,
    /// Soft limits are to be passed over; the note says why.
    pub waive: bool,
}

/// The lines of an order with more added: what is the same product in the same size adds up.
fn added_up(order: &Order, added: &[ShapedLine]) -> Vec<ShapedLine> {
    let mut all = added.to_vec();
    for mut old in lines_of(order) {
        let same =
            |line: &&mut ShapedLine| line.product_id == old.product_id && line.variant_id == old.variant_id;
        match all.iter_mut().find(same) {
            // A line that is added to is gathered anew, also what had come short of it.
            Some(line) => {
                let ordered = order.line_of(&old.product_id, old.variant_id.as_ref());
                let ordered = ordered.map_or(old.quantity, |item| item.quantity.amount());
                line.quantity = line.quantity.saturating_add(ordered);
            }
            None => {
                // Behind the lines that the caller counts.
                old.index += added.len();
                all.push(old);
            }
        }
    }
    all
}

/// Of the priced lines of the whole order, what is added to it. What the order has taken off already stays on its
/// lines, so that together they get no more off than the whole.
fn only_added(order: &Order, added: &[ShapedLine], all: Vec<OrderItem>) -> Vec<OrderItem> {
    let sum = |sum: Decimal, item: &OrderItem| sum.saturating_add(item.agreed_discount());
    let kept = order.items.iter().filter(|item| item.pick != PickState::Removed);
    let mut off = all.iter().fold(Decimal::ZERO, sum).saturating_sub(kept.fold(Decimal::ZERO, sum));
    all.into_iter()
        .zip(added)
        .map(|(mut item, line)| {
            let old = order.line_of(&item.product_id, item.variant_id.as_ref());
            if old.is_some() {
                item.quantity = match item.quantity {
                    Quantity::Units(_) => Quantity::Units(line.quantity.to_u32().unwrap_or(0)),
                    Quantity::Grams(_) => Quantity::Grams(line.quantity),
                };
            }
            let before = old.map_or(Decimal::ZERO, OrderItem::agreed_discount);
            let more = item.agreed_discount().saturating_sub(before).min(off).max(Decimal::ZERO);
            item.set_discount(more);
            off = off.saturating_sub(more);
            item
        })
        .collect()
}

impl OrderFlow {
    /// Carries out one command.
    ///
    /// # Errors
    /// [`FlowError::NoSuchOrder`] also for another's order; [`FlowError::Refused`] with the reason.
    pub async fn act(&self, caller: &Caller, id: OrderId, command: &Command) -> Result<Order, FlowError> {
        let described = self.describe_substitutes(caller, id, command).await?;
        let command = described.as_ref().unwrap_or(command);
        self.carry(caller, id, command, None).await
    }

    async fn carry(
        &self,
        caller: &Caller,
        id: OrderId,
        command: &Command,
        lines: Option<&Rests>,
    ) -> Result<Order, FlowError> {
        let permission = Permission::Act(command.action.kind());
        if command.waive.is_some() && !matches!(caller.actor.role, Role::Manager | Role::Admin) {
            return Err(FlowError::Forbidden { role: caller.actor.role });
        }
        let allowed = |order: &Order| may_order(caller, permission, order);
        match self.0.carry_out(id, &caller.actor, command, lines, None, allowed).await {
            Err(FlowError::Store(StoreError::OutOfStock { left, .. })) => {
                let left = left.max(rust_decimal::Decimal::ZERO).normalize();
                Err(Problems::one(codes::OUT_OF_STOCK, "items", format!("only {left} left of one of these"))
                    .into())
            }
            other => other,
        }
    }

    /// What the menu says is in a substitute, so that purchase limits can count it when the order is packed.
    async fn describe_substitutes(
        &self,
        caller: &Caller,
        id: OrderId,
        command: &Command,
    ) -> Result<Option<Command>, FlowError> {
        let Action::Pick(picks) = &command.action else { return Ok(None) };
        if picks.iter().all(|pick| pick.substitute.is_none()) {
            return Ok(None);
        }
        let order = self.load_for(caller, id, Permission::Act(ActionKind::Pick)).await?;
        let setup = self.0.stores.get(&order.store).ok_or(FlowError::NoSuchStore)?;
        let mut picks = picks.clone();
        for substitute in picks.iter_mut().filter_map(|pick| pick.substitute.as_mut()) {
            let sku = Sku { product: substitute.product_id.clone(), variant: substitute.variant_id.clone() };
            let listing = setup.catalog.find(&order.store, &[sku]).await?.pop().flatten();
            if let Some(listing) = listing {
                substitute.content = listing.content;
                substitute.content.class = self.0.limits(setup).class_of(&listing.category, listing.content);
            }
        }
        Ok(Some(Command { action: Action::Pick(picks), ..command.clone() }))
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
        words: Words,
    ) -> Result<Order, FlowError> {
        self.change_lines(caller, id, version, lines, words, ActionKind::Amend).await
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
        words: Words,
    ) -> Result<Order, FlowError> {
        self.change_lines(caller, id, version, lines, words, ActionKind::Merge).await
    }

    async fn change_lines(
        &self,
        caller: &Caller,
        id: OrderId,
        version: Version,
        lines: &[DraftLine],
        words: Words,
        kind: ActionKind,
    ) -> Result<Order, FlowError> {
        let mut turn = Turn::default();
        for _ in 0..TRIES {
            let order = self.load_for(caller, id, Permission::Act(kind)).await?;
            let setup = self.0.stores.get(&order.store).ok_or(FlowError::NoSuchStore)?;
            let wanted = check_lines(lines, &setup.store.policy)?;
            let merged = kind == ActionKind::Merge;
            let all = if merged { added_up(&order, &wanted) } else { wanted.clone() };
            let shaped = shaped_of(&order, all);
            let at = self.0.clock.now();
            let mut judged = self.0.judge(setup, caller.into(), &shaped, Some(&order), None, at).await?;
            let waived = judged.settle(words.waive)?;
            let Judged { verdict, holds, ties } = judged;
            let mut problems = Problems::new();
            self.0.ask_stricter(setup, &shaped, &verdict, at, &mut problems).await;
            problems.into_result()?;
            let action = match merged {
                true => Action::Merge(only_added(&order, &wanted, verdict.items)),
                false => Action::Amend(verdict.items),
            };
            let command = Command {
                action,
                version: Some(version),
                reason: None,
                note: words.note.clone(),
                waive: words.waive.then_some(waived),
            };
            match self.carry(caller, id, &command, Some(&Rests { holds: set(holds), ties: Some(ties) })).await
            {
                // The same customer ordered meanwhile: the limits have to be asked again.
                Err(FlowError::Store(StoreError::CustomerBusy)) => turn.lost(self.0.line(setup)).await,
                other => return other,
            }
        }
        Err(FlowError::Contended)
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
        self.act(caller, id, &Command { action, version: None, reason: None, note, waive: None }).await
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

#[cfg(test)]
#[cfg(feature = "testkit")]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::ProductId;
    use crate::testkit;

    fn shaped(index: usize, product: &str, quantity: u32) -> ShapedLine {
        let product_id = ProductId::new(product).unwrap();
        ShapedLine { index, product_id, variant_id: None, quantity: Decimal::from(quantity) }
    }

    fn priced(number: u32, units: u32, off: u32) -> OrderItem {
        let mut item = testkit::item(number, units, Decimal::TEN).unwrap();
        item.set_discount(Decimal::from(off));
        item
    }

    /// An order of one unit of `p1` of which 5 are off.
    fn order() -> Order {
        let mut order = testkit::order(1, DateTime::UNIX_EPOCH).unwrap();
        order.items = vec![priced(1, 1, 5)];
        order
    }

    fn added(lines: &[ShapedLine], whole: Vec<OrderItem>) -> Vec<(Decimal, Decimal)> {
        let added = only_added(&order(), lines, whole);
        added.iter().map(|item| (item.quantity.amount(), item.agreed_discount())).collect()
    }

    #[test]
    fn what_is_added_brings_no_more_off_than_the_whole_has() {
        let pairs = |pairs: &[(u32, u32)]| -> Vec<(Decimal, Decimal)> {
            pairs.iter().map(|(units, off)| (Decimal::from(*units), Decimal::from(*off))).collect()
        };
        // An amount of 5 is spread anew over both lines; the old one has all of it already.
        let new = [shaped(0, "p2", 1)];
        assert_eq!(added(&new, vec![priced(2, 1, 3), priced(1, 1, 2)]), pairs(&[(1, 0)]));
        // An amount of 20 that the old line alone could not use up.
        assert_eq!(added(&new, vec![priced(2, 1, 10), priced(1, 1, 10)]), pairs(&[(1, 10)]));
        // Half off each line, the old one grown by two.
        let more = [shaped(0, "p1", 2), shaped(1, "p2", 1)];
        assert_eq!(added(&more, vec![priced(1, 3, 15), priced(2, 1, 5)]), pairs(&[(2, 10), (1, 5)]));
        // Nothing is off any more: what was agreed stays, and that is all.
        assert_eq!(added(&more, vec![priced(1, 3, 0), priced(2, 1, 0)]), pairs(&[(2, 0), (1, 0)]));
    }
}
