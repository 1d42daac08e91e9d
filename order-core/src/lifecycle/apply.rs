//! Applying: a snapshot and an event in, the next snapshot out. The only code that writes a status.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::lines::apply_picks;
use super::{ActionKind, Change, Event, PosChange};
use crate::model::{
    IdCheck, LimitOverride, LineId, Order, PickState, PosReceipt, PosState, PosTask, PosTrack, Printed,
    Revision, Status,
};

/// Events that do not make an order.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// There are none.
    #[error("an order has at least one event")]
    Empty,
    /// The first is not the placing of an order, or a later one is.
    #[error("event {at} does not belong there")]
    OutOfPlace {
        /// Its revision.
        at: Revision,
    },
    /// One is missing or doubled.
    #[error("expected event {expected}, found {found}")]
    Gap {
        /// The revision that should have followed.
        expected: Revision,
        /// The revision that did.
        found: Revision,
    },
}

/// The order that these events make.
///
/// # Errors
/// [`ReplayError`] when they do not make one.
pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<Order, ReplayError> {
    let mut events = events.into_iter();
    let first = events.next().ok_or(ReplayError::Empty)?;
    let Change::Submitted(order) = &first.change else {
        return Err(ReplayError::OutOfPlace { at: first.revision });
    };
    let mut order = (**order).clone();
    for event in events {
        apply(&mut order, event)?;
    }
    Ok(order)
}

/// Carries one event out on the snapshot.
///
/// # Errors
/// [`ReplayError`] when the event is not the next one; the snapshot is then unchanged.
pub fn apply(order: &mut Order, event: &Event) -> Result<(), ReplayError> {
    let expected = order.revision.next();
    if event.revision != expected {
        return Err(ReplayError::Gap { expected, found: event.revision });
    }
    match &event.change {
        Change::Submitted(_) => return Err(ReplayError::OutOfPlace { at: event.revision }),
        Change::Moved { by, to, id_checked, tell_pos, .. } => {
            moved(order, event, *by, *to, *id_checked);
            tell(&mut order.pos, *tell_pos);
        }
        Change::Picked { lines, totals, tell_pos } => {
            apply_picks(&mut order.items, lines, totals.currency);
            order.totals = *totals;
            tell(&mut order.pos, *tell_pos);
        }
        Change::LinesChanged { items, totals, tell_pos, .. } => {
            order.last_line = items.iter().map(|item| item.id).fold(order.last_line, LineId::max);
            order.items.clone_from(items);
            order.totals = *totals;
            tell(&mut order.pos, *tell_pos);
        }
        Change::Payment { to, tell_pos, .. } => {
            order.payment = *to;
            tell(&mut order.pos, *tell_pos);
        }
        Change::Printed { id } => order.printed = Some(Printed { id: id.clone(), at: event.at }),
        Change::CancelRequested => order.cancel_requested = true,
        Change::LimitOverridden { rules } => order.overrides.extend(event.note.clone().map(|note| {
            LimitOverride { rules: rules.clone(), by: event.actor.id.clone(), at: event.at, note }
        })),
        Change::Pos { state, change } => pos_changed(order, event.at, *state, change),
        Change::Notified { .. } | Change::NotifyFailed { .. } => {}
    }
    order.revision = event.revision;
    if event.change.is_material() {
        order.version = order.version.next();
    }
    order.updated_at = event.at;
    Ok(())
}

fn moved(order: &mut Order, event: &Event, by: ActionKind, to: Status, id_checked: bool) {
    order.status = to;
    if id_checked {
        order.id_check = Some(IdCheck { by: event.actor.id.clone(), at: event.at });
    }
    match by {
        ActionKind::Start => order.picker = Some(event.actor.id.clone()),
        ActionKind::Release => {
            order.picker = None;
            // What was gathered goes back to the shelf.
            for item in order.items.iter_mut().filter(|item| item.pick == PickState::Picked) {
                item.pick = PickState::Open;
            }
        }
        _ => {}
    }
    match to {
        Status::Canceled => {
            order.reason = event.reason;
            order.canceled_at = Some(event.at);
            order.cancel_requested = false;
        }
        Status::Completed => order.completed_at = Some(event.at),
        Status::Removed => order.reason = event.reason.or(order.reason),
        Status::AwaitingProcessing if by == ActionKind::Reopen => {
            order.reason = None;
            order.canceled_at = None;
            order.picker = None;
            for item in order.items.iter_mut().filter(|item| item.pick == PickState::Picked) {
                item.pick = PickState::Open;
            }
        }
        _ => {}
    }
}

/// Notes that a change of ours is to be sent.
fn tell(pos: &mut PosTrack, tell_pos: bool) {
    if tell_pos {
        pos.pending = pos.pending.saturating_add(1);
        if pos.state == PosState::Accepted {
            pos.state = PosState::UpdatePending;
        }
    }
}

fn pos_changed(order: &mut Order, at: DateTime<Utc>, state: PosState, change: &PosChange) {
    let pos = &mut order.pos;
    pos.state = state;
    match change {
        PosChange::Queued => {
            *pos = PosTrack::new(pos.vendor.take());
            pos.state = state;
        }
        PosChange::RetryAsked(task) => {
            pos.vouched = state == PosState::Unknown;
            pos.tries = 0;
            pos.attention = None;
            pos.problem = None;
            if !matches!(task, PosTask::Create | PosTask::Cancel | PosTask::Follow) {
                pos.pending = pos.pending.saturating_add(1);
            }
        }
        PosChange::Begun => pos.tries = pos.tries.saturating_add(1),
        PosChange::Retrying(problem) | PosChange::Unknown(problem) | PosChange::Rejected(problem) => {
            pos.problem = Some(problem.clone());
        }
        PosChange::Absent => {
            pos.problem = None;
            pos.vouched = false;
        }
        PosChange::Attention(attention) => {
            if !matches!(attention.task, PosTask::Create | PosTask::Cancel | PosTask::Follow) {
                pos.pending = pos.pending.saturating_sub(1);
            }
            pos.problem = Some(attention.problem.clone());
            pos.attention = Some(attention.clone());
        }
        PosChange::Accepted { receipt, customer } => {
            received(pos, receipt);
            pos.read_at = Some(at);
            if matches!(state, PosState::Accepted | PosState::UpdatePending) {
                pos.followed_since = Some(at);
            }
            settled(pos);
            if let Some(customer) = customer {
                order.customer.id = Some(customer.clone());
            }
        }
        PosChange::Updated { receipt, .. } => {
            pos.pending = pos.pending.saturating_sub(1);
            received(pos, receipt);
            pos.read_at = Some(at);
            settled(pos);
        }
        PosChange::Dropped(_) => pos.pending = pos.pending.saturating_sub(1),
        PosChange::Observed { receipt, asked_at } => {
            received(pos, receipt);
            pos.read_at = Some(*asked_at);
        }
        PosChange::Linked { id, number } => {
            pos.id = Some(id.clone());
            pos.number.clone_from(number);
            pos.followed_since = Some(at);
            settled(pos);
        }
        PosChange::Manual { number } => {
            pos.number = Some(number.clone());
            settled(pos);
        }
        PosChange::CancelQueued => pos.pending = 0,
        PosChange::Cancelled => {
            pos.pending = 0;
            settled(pos);
        }
        PosChange::CancelFailed(problem) => {
            pos.pending = 0;
            pos.problem = Some(problem.clone());
        }
    }
}

fn received(pos: &mut PosTrack, receipt: &PosReceipt) {
    pos.id = Some(receipt.id.clone());
    pos.number.clone_from(&receipt.number);
    pos.status.clone_from(&receipt.status);
    pos.totals = receipt.totals;
    pos.differences.clone_from(&receipt.differences);
}

fn settled(pos: &mut PosTrack) {
    pos.attention = None;
    pos.problem = None;
    pos.vouched = false;
}
