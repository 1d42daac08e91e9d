//! Deciding: a command and an order in, events and effects out. Pure, and the only way to change an order.

use chrono::Duration;

use super::decision::Draft;
use super::moves::move_to;
use super::table::{actions, may_ever, row_for, rows};
use super::{Action, ActionKind, Change, Command, Context, Decision, Guard, Need, Refusal, lines, pos};
use crate::access::Role;
use crate::model::{
    FulfillmentKind, Note, NoticeKind, Order, PaymentStatus, Policy, PosState, PosTask, ReasonCode, Status,
};
use crate::rules::{Problems, codes};

/// Decides one command.
///
/// # Errors
/// [`Refusal`] says why not; the checks run in this order: right, version, repetition, table, texts, guards.
pub fn decide(order: &Order, command: &Command, ctx: &Context<'_>) -> Result<Decision, Refusal> {
    let (action, role) = (command.action.kind(), ctx.actor.role);
    if !may_ever(action, role) {
        return Err(Refusal::Forbidden { action, role });
    }
    if let Some(expected) = command.version.filter(|version| *version != order.version) {
        return Err(Refusal::Stale { expected, actual: order.version });
    }
    let Some(row) = row_for(action, order.status, role) else {
        return without_row(order.status, action, role);
    };
    let mut draft = Draft::new(order, command, ctx);
    draft.reason = reason_of(action, role, command.reason);
    check_need(row.need, role, draft.reason, command.note.as_ref())?;
    if role != Role::Pos {
        for guard in row.guards {
            if *guard == Guard::MayCancelLate && must_ask_manager(role, ctx.policy) {
                return Ok(draft.request_cancel());
            }
            check_guard(*guard, order, command, ctx)?;
        }
    }
    if let Some(rules) = command.waive.as_ref().filter(|rules| !rules.is_empty()) {
        waive(&mut draft, rules)?;
    }
    match (&command.action, row.to) {
        (_, Some(to)) => move_to(&mut draft, action, to),
        (Action::Pick(picks), None) => lines::pick(&mut draft, picks)?,
        (Action::Amend(items), None) => lines::amend(&mut draft, items)?,
        (Action::Merge(items), None) => lines::merge(&mut draft, items)?,
        (Action::MarkPaid, None) => mark_paid(&mut draft)?,
        (Action::MarkPrinted { id }, None) => draft.push(Change::Printed { id: id.clone() }),
        (Action::Notified { kind, audience, channel }, None) => {
            draft.push(Change::Notified { kind: *kind, audience: *audience, channel: *channel });
        }
        (Action::NotifyFailed { kind, audience, channel, detail }, None) => {
            draft.push(Change::NotifyFailed {
                kind: *kind,
                audience: *audience,
                channel: *channel,
                detail: detail.clone(),
            });
        }
        (report, None) => pos::decide(&mut draft, report)?,
    }
    Ok(draft.decision)
}

/// Notes the soft limits passed over, before what passes over them.
fn waive(draft: &mut Draft<'_>, rules: &[String]) -> Result<(), Refusal> {
    let (action, role) = (draft.action, draft.ctx.actor.role);
    if !matches!(role, Role::Manager | Role::Admin) {
        return Err(Refusal::Forbidden { action, role });
    }
    if !draft.has_note() {
        let message = "say why the order may pass over the limit";
        return Err(Refusal::Invalid(Problems::one(codes::OVERRIDE_NEEDS_NOTE, "note", message)));
    }
    draft.push(Change::LimitOverridden { rules: rules.to_vec() });
    draft.notice(NoticeKind::LimitOverridden);
    Ok(())
}

fn mark_paid(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let from = draft.order.payment;
    if from == PaymentStatus::Paid {
        return Ok(());
    }
    if !from.next().contains(&PaymentStatus::Paid) {
        let detail = "the payment was given back; take a new order";
        return Err(Refusal::Guarded { action: ActionKind::MarkPaid, guard: Guard::PaymentSettled, detail });
    }
    let tell_pos = draft.can_tell(|able| able.mark_paid);
    draft.push(Change::Payment { from, to: PaymentStatus::Paid, tell_pos });
    if tell_pos {
        draft.effect(PosTask::MarkPaid);
    }
    Ok(())
}

/// No row fits: the order may be there already, the role may lack the right here, or nobody may.
fn without_row(from: Status, action: ActionKind, role: Role) -> Result<Decision, Refusal> {
    let is_there = rows(action).any(|row| row.to == Some(from) && row.roles.contains(role));
    let leaves_from_here = rows(action).any(|row| row.from.contains(&from));
    match (is_there, leaves_from_here) {
        (_, true) => Err(Refusal::Forbidden { action, role }),
        (true, false) => Ok(Decision::default()),
        (false, false) => Err(Refusal::Illegal { action, from, allowed: actions(from, role) }),
    }
}

fn reason_of(action: ActionKind, role: Role, given: Option<ReasonCode>) -> Option<ReasonCode> {
    match (action, role) {
        // These two say why by what they are.
        (ActionKind::Reject, _) => Some(ReasonCode::FailedVerification),
        (ActionKind::Expire, _) => Some(ReasonCode::NotCollected),
        (ActionKind::Cancel, Role::Customer | Role::Kiosk) => given.or(Some(ReasonCode::CustomerRequest)),
        (ActionKind::Cancel, Role::Pos) => given.or(Some(ReasonCode::StoreOperations)),
        _ => given,
    }
}

fn check_need(
    need: Need,
    role: Role,
    reason: Option<ReasonCode>,
    note: Option<&Note>,
) -> Result<(), Refusal> {
    if matches!(role, Role::Pos | Role::System) {
        return Ok(());
    }
    let mut problems = Problems::new();
    if need != Need::Nothing && reason.is_none() {
        problems.add(codes::REASON_REQUIRED, "reason", "say why, with one of the reason codes");
    }
    if need == Need::ReasonAndNote && note.is_none() {
        problems.add(codes::NOTE_REQUIRED, "note", "say in a few words what happened");
    }
    problems.into_result().map_err(Refusal::Invalid)
}

fn must_ask_manager(role: Role, policy: &Policy) -> bool {
    role == Role::Staff && policy.late_cancel_needs_manager
}

fn check_guard(guard: Guard, order: &Order, command: &Command, ctx: &Context<'_>) -> Result<(), Refusal> {
    let (holds, detail) = match guard {
        Guard::PosReady => {
            let linked = order.pos.state == PosState::Attention && order.pos.id.is_some();
            let forced = matches!(ctx.actor.role, Role::Manager | Role::Admin) && command.reason.is_some();
            (
                order.pos.state.lets_start() || linked || ctx.policy.work_through_outages || forced,
                "the POS does not have the order yet; wait, mend it, or let a manager start it with a reason",
            )
        }
        Guard::LinesSettled => (
            order.items.iter().all(|item| {
                item.pick.is_settled() && item.substitute.as_ref().is_none_or(|substitute| substitute.consent)
            }),
            "every line must be picked, short, removed, or substituted with the customer's consent",
        ),
        Guard::SomethingKept => (
            order.items.iter().any(|item| !item.effective_quantity().is_zero()),
            "nothing is left in the order; cancel it instead",
        ),
        Guard::IsDelivery => (
            ctx.policy.delivery && order.fulfillment.kind == FulfillmentKind::Delivery,
            "this order is not for delivery, or the store does not deliver",
        ),
        Guard::IdSeen => (
            !ctx.policy.explicit_id_check || matches!(command.action, Action::Complete { id_checked: true }),
            "state that the customer's ID was seen",
        ),
        Guard::PaymentSettled => (
            ctx.policy.pos_takes_payment || order.payment == PaymentStatus::Paid,
            "the order is not paid; mark it paid first",
        ),
        Guard::HoldOver => (
            // What is wanted for later waits from then on.
            order.fulfillment.pickup_at.map_or(order.created_at, |wanted| wanted.max(order.created_at))
                <= ctx.at - Duration::minutes(i64::from(ctx.policy.hold_minutes)),
            "the hold time is not over",
        ),
        Guard::WithinReopening => (
            order
                .canceled_at
                .is_some_and(|at| ctx.at <= at + Duration::minutes(i64::from(ctx.policy.reopen_minutes))),
            "it was cancelled too long ago; take a new order",
        ),
        Guard::PosAtRest => (
            matches!(
                order.pos.state,
                PosState::NotRequired | PosState::Cancelled | PosState::CancelFailed | PosState::Manual
            ),
            "the POS is still being told of the cancel; wait until that is settled",
        ),
        Guard::LinesCanChange => (
            order.pos_lets_lines_change(ctx.pos),
            "the POS cannot change an order it has; cancel it and order anew",
        ),
        Guard::MayCancelLate => (true, ""),
    };
    if holds { Ok(()) } else { Err(Refusal::Guarded { action: command.action.kind(), guard, detail }) }
}
