//! Deciding: a command and an order in, events and effects out. Pure, and the only way to change an order.

use chrono::{DateTime, Duration, Utc};

use super::table::{actions, may_ever, row_for, rows};
use super::{Action, ActionKind, Change, Effect, Event, Guard, LineChange, Need, Refusal, lines, pos};
use crate::access::{Actor, Role};
use crate::model::{
    Capabilities, FulfillmentKind, Note, NoticeKind, Order, PaymentStatus, Policy, PosState, PosTask,
    ReasonCode, Revision, Status, Version,
};
use crate::rules::{Problems, codes};

/// Something asked of an order, with what goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What.
    pub action: Action,
    /// The version it was decided on; none skips the check, for those who hold the order anyway.
    pub version: Option<Version>,
    /// Why.
    pub reason: Option<ReasonCode>,
    /// In words.
    pub note: Option<Note>,
}

impl Command {
    /// An action and nothing else.
    pub const fn new(action: Action) -> Self {
        Self { action, version: None, reason: None, note: None }
    }

    /// Made on this version.
    #[must_use]
    pub const fn on(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// For this reason.
    #[must_use]
    pub const fn because(mut self, reason: ReasonCode) -> Self {
        self.reason = Some(reason);
        self
    }

    /// With this note.
    #[must_use]
    pub fn noting(mut self, note: Note) -> Self {
        self.note = Some(note);
        self
    }
}

/// What a decision rests on besides the order and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Now.
    pub at: DateTime<Utc>,
    /// Who asks.
    pub actor: &'a Actor,
    /// What the store decided for itself.
    pub policy: &'a Policy,
    /// What its POS can do; none without a POS.
    pub pos: Option<Capabilities>,
}

/// What becomes of the stock set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HoldChange {
    /// It stays.
    #[default]
    Keep,
    /// It is taken anew for the lines as they are afterwards.
    Retake,
    /// The POS sets it aside itself from now on.
    HandOver,
    /// It ends.
    Release,
}

/// The outcome of a command. Without events the command changed nothing and was right to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What is to be done outside.
    pub effects: Vec<Effect>,
    /// Who is to be told, before the store's wishes are asked.
    pub notices: Vec<(NoticeKind, Vec<LineChange>)>,
    /// What becomes of the stock set aside.
    pub holds: HoldChange,
}

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

/// A decision in the making.
pub(super) struct Draft<'a> {
    pub(super) order: &'a Order,
    pub(super) ctx: &'a Context<'a>,
    pub(super) reason: Option<ReasonCode>,
    note: Option<&'a Note>,
    revision: Revision,
    pub(super) decision: Decision,
}

impl<'a> Draft<'a> {
    fn new(order: &'a Order, command: &'a Command, ctx: &'a Context<'a>) -> Self {
        Self {
            order,
            ctx,
            reason: None,
            note: command.note.as_ref(),
            revision: order.revision,
            decision: Decision::default(),
        }
    }

    /// Adds an event. The note belongs to the first of a decision, the reason also to every move.
    pub(super) fn push(&mut self, change: Change) {
        self.revision = self.revision.next();
        let first = self.decision.events.is_empty();
        let explained = first || matches!(change, Change::Moved { .. });
        self.decision.events.push(Event {
            order: self.order.id,
            revision: self.revision,
            at: self.ctx.at,
            actor: self.ctx.actor.clone(),
            reason: self.reason.filter(|_| explained),
            note: self.note.filter(|_| first).cloned(),
            change,
        });
    }

    pub(super) fn effect(&mut self, task: PosTask) {
        self.decision.effects.push(Effect::Pos(task));
    }

    pub(super) fn notice(&mut self, kind: NoticeKind) {
        self.decision.notices.push((kind, Vec::new()));
    }

    /// Whether the POS is to hear of a change of ours: it can, somebody other than the POS made the change,
    /// and the order is there or on its way there.
    pub(super) fn can_tell(&self, able: impl FnOnce(&Capabilities) -> bool) -> bool {
        let on_its_way = match self.order.pos.state {
            PosState::Accepted | PosState::UpdatePending => true,
            PosState::Queued | PosState::Sending | PosState::Unknown | PosState::Retrying => true,
            PosState::Attention => self.order.pos.id.is_some(),
            _ => false,
        };
        on_its_way && self.ctx.actor.role != Role::Pos && self.ctx.pos.as_ref().is_some_and(able)
    }

    fn request_cancel(mut self) -> Decision {
        if !self.order.cancel_requested {
            self.push(Change::CancelRequested);
            self.notice(NoticeKind::CancelRequested);
        }
        self.decision
    }
}

/// Moves the status, with everything that hangs on it. Also used for what the POS reports.
pub(super) fn move_to(draft: &mut Draft<'_>, by: ActionKind, to: Status) {
    let from = draft.decision_status();
    let tell_pos = !matches!(to, Status::Canceled | Status::Removed)
        && by != ActionKind::Reopen
        && draft.can_tell(|able| able.set_status.contains(to));
    let id_checked =
        matches!(by, ActionKind::Complete | ActionKind::Verify) && draft.ctx.actor.role != Role::Pos;
    draft.push(Change::Moved { by, from, to, id_checked, tell_pos });
    if tell_pos {
        draft.effect(PosTask::SetStatus(to));
    }
    match to {
        Status::Canceled => {
            draft.decision.holds = HoldChange::Release;
            draft.notice(NoticeKind::Canceled);
            pos::cancel(draft);
        }
        Status::Completed => {
            draft.decision.holds = HoldChange::Release;
            draft.notice(NoticeKind::Completed);
        }
        Status::PackedReady if by == ActionKind::Pack => draft.notice(NoticeKind::Ready),
        Status::AwaitingProcessing if by == ActionKind::Reopen => {
            draft.decision.holds = HoldChange::Retake;
            pos::reopen(draft);
        }
        _ => {}
    }
}

impl Draft<'_> {
    /// The status after the events decided so far.
    fn decision_status(&self) -> Status {
        self.decision
            .events
            .iter()
            .rev()
            .find_map(|event| match event.change {
                Change::Moved { to, .. } => Some(to),
                _ => None,
            })
            .unwrap_or(self.order.status)
    }
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
            ctx.at >= order.created_at + Duration::minutes(i64::from(ctx.policy.hold_minutes)),
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
            match order.pos.state {
                PosState::NotRequired | PosState::Queued | PosState::Retrying => true,
                PosState::Sending | PosState::Unknown | PosState::Accepted | PosState::UpdatePending => {
                    ctx.pos.is_some_and(|able| able.edit)
                }
                // A refused order is corrected here and then sent again.
                PosState::Rejected | PosState::Attention => order.pos.id.is_none(),
                _ => false,
            },
            "the POS cannot change an order it has; cancel it and order anew",
        ),
        Guard::MayCancelLate => (true, ""),
    };
    if holds { Ok(()) } else { Err(Refusal::Guarded { action: command.action.kind(), guard, detail }) }
}
