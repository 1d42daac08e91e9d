//! Asking the rules again about an order that exists: before it is packed, before it is handed over, and before it is
//! taken up again.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::build::{Inner, StoreSetup};
use super::error::FlowError;
use super::judge::{By, Judged, pass_over, set};
use super::write::Rests;
use crate::access::Role;
use crate::lifecycle::{Action, Command};
use crate::model::{Currency, Order, OrderItem, PickState};
use crate::ports::Holds;
use crate::rules::{Problems, Shaped, ShapedLine, check_expected};

/// A command that stood the rules, with the soft limits it passes over filled in.
pub(super) struct Checked {
    pub(super) command: Command,
    pub(super) rests: Rests,
}

impl Inner {
    /// Asks the rules again where a command calls for it. What the POS or the system report is never questioned.
    ///
    /// # Errors
    /// [`FlowError::Invalid`] with every problem at once.
    pub(super) async fn recheck(
        &self,
        setup: &StoreSetup,
        role: Role,
        order: &Order,
        command: &Command,
        at: DateTime<Utc>,
    ) -> Result<Option<Checked>, FlowError> {
        if matches!(role, Role::Pos | Role::System) {
            return Ok(None);
        }
        match command.action {
            Action::Pack => self.before_giving(setup, role, order, command, false, at).await.map(Some),
            Action::Complete { .. } => {
                self.before_giving(setup, role, order, command, true, at).await.map(Some)
            }
            Action::Reopen => self.before_reopening(setup, role, order, command, at).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn before_giving(
        &self,
        setup: &StoreSetup,
        role: Role,
        order: &Order,
        command: &Command,
        leaves: bool,
        at: DateTime<Utc>,
    ) -> Result<Checked, FlowError> {
        let (report, ties) = self.judge_given(setup, role, order, leaves, at).await?;
        let mut problems = report.problems;
        // What a manager let pass when the lines were decided stays passed.
        let passed: Vec<&String> = order.overrides.iter().flat_map(|pass| &pass.rules).collect();
        let soft = report.soft.into_iter().filter(|(rule, _)| !passed.contains(&rule)).collect();
        let waived = pass_over(soft, command.waive.is_some(), &mut problems);
        problems.into_result()?;
        Ok(Checked { command: with(command, waived), rests: Rests { holds: Holds::Keep, ties } })
    }

    async fn before_reopening(
        &self,
        setup: &StoreSetup,
        role: Role,
        order: &Order,
        command: &Command,
        at: DateTime<Utc>,
    ) -> Result<Checked, FlowError> {
        let mut shaped = shaped_of(order, lines_of(order));
        shaped.expected_total = Some(order.totals.total);
        let by = By { role, kiosk: None };
        let mut judged = self.judge(setup, by, &shaped, Some(order), None, at).await?;
        let mut problems = Problems::new();
        let waived = judged.settle(command.waive.is_some()).unwrap_or_else(|more| {
            problems.extend(more);
            Vec::new()
        });
        let Judged { verdict, holds, ties } = judged;
        // Its own prices, discounts and substitutes stay: what counts is how far the menu has moved since.
        let currency = setup.store.currency;
        let (then, now) = (at_menu_price(&order.items, currency), at_menu_price(&verdict.items, currency));
        let total = order.totals.total.saturating_sub(then).saturating_add(now);
        if let Err(more) = check_expected(&setup.store, &shaped, total) {
            problems.extend(more);
        }
        problems.into_result()?;
        Ok(Checked { command: with(command, waived), rests: Rests { holds: set(holds), ties: Some(ties) } })
    }
}

/// What these lines come to at the prices of their menu, with tax and nothing taken off.
fn at_menu_price(items: &[OrderItem], currency: Currency) -> Decimal {
    items.iter().fold(Decimal::ZERO, |sum, item| {
        let mut item = OrderItem {
            quantity: item.effective_quantity(),
            pick: PickState::Open,
            supplied: None,
            substitute: None,
            ..item.clone()
        };
        item.set_discount(Decimal::ZERO);
        item.reprice(currency);
        sum.saturating_add(item.line_total).saturating_add(item.tax)
    })
}

fn with(command: &Command, waived: Vec<String>) -> Command {
    let waive = command.waive.as_ref().map(|_| waived);
    Command { waive, ..command.clone() }
}

/// The lines that an order still holds, as the rules take them.
pub(super) fn lines_of(order: &Order) -> Vec<ShapedLine> {
    let line = |(index, item): (usize, &OrderItem)| ShapedLine {
        index,
        product_id: item.product_id.clone(),
        variant_id: item.variant_id.clone(),
        quantity: item.effective_quantity().amount(),
    };
    let kept = |(_, item): &(usize, &OrderItem)| item.pick != PickState::Removed;
    order.items.iter().enumerate().filter(kept).map(line).collect()
}

/// The order with these lines, as the rules take it.
pub(super) fn shaped_of(order: &Order, lines: Vec<ShapedLine>) -> Shaped {
    Shaped {
        customer: order.customer.clone(),
        lines,
        fulfillment: order.fulfillment,
        discount_code: order.discount_code.clone(),
        note: None,
        expected_total: None,
        override_note: None,
    }
}
