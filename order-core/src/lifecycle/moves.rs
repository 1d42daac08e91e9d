//! Moving the status, with everything that hangs on it.

use super::decision::{Draft, HoldChange};
use super::{ActionKind, Change, PosChange};
use crate::access::Role;
use crate::model::{NoticeKind, PosProblem, PosState, PosTask, Status};

/// Moves the status, with everything that hangs on it. Also used for what the POS reports.
pub(super) fn move_to(draft: &mut Draft<'_>, by: ActionKind, to: Status) {
    let from = draft.status();
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
            cancel(draft);
        }
        Status::Completed => {
            draft.decision.holds = HoldChange::Release;
            draft.notice(NoticeKind::Completed);
        }
        Status::PackedReady if by == ActionKind::Pack => draft.notice(NoticeKind::Ready),
        Status::AwaitingProcessing if by == ActionKind::Reopen => {
            draft.decision.holds = HoldChange::Retake;
            reopen(draft);
        }
        _ => {}
    }
}

/// What a cancelled order means for the POS.
fn cancel(draft: &mut Draft<'_>) {
    let pos = &draft.order.pos;
    let by_pos = draft.ctx.actor.role == Role::Pos;
    match pos.state {
        PosState::NotRequired | PosState::Cancelled | PosState::CancelPending | PosState::CancelFailed => {}
        // While a create is under way nobody can know which order there the POS speaks of.
        state if by_pos && !matches!(state, PosState::Sending | PosState::Unknown) => {
            draft.pos(PosState::Cancelled, PosChange::Cancelled)
        }
        // Nothing has left, so nothing needs to be called back.
        PosState::Queued | PosState::Retrying | PosState::Rejected => {
            draft.pos(PosState::Cancelled, PosChange::Cancelled);
        }
        PosState::Attention if pos.id.is_none() && !pos.attention.as_ref().is_some_and(|a| a.maybe_there) => {
            draft.pos(PosState::Cancelled, PosChange::Cancelled);
        }
        PosState::Manual => {
            let problem = PosProblem {
                kind: "manual".to_owned(),
                vendor_code: None,
                detail: "the order was keyed into the POS by hand; void it there by hand too".to_owned(),
            };
            draft.pos(PosState::CancelFailed, PosChange::CancelFailed(problem));
            draft.notice(NoticeKind::Attention);
        }
        PosState::Sending
        | PosState::Unknown
        | PosState::Attention
        | PosState::Accepted
        | PosState::UpdatePending => {
            draft.pos(PosState::CancelPending, PosChange::CancelQueued);
            draft.effect(PosTask::Cancel);
        }
    }
}

/// What a reopened order means for the POS.
fn reopen(draft: &mut Draft<'_>) {
    match draft.order.pos.state {
        // By hand, after a cancel, means that it was voided there by hand.
        PosState::Cancelled | PosState::Manual => {
            draft.pos(PosState::Queued, PosChange::Queued);
            draft.effect(PosTask::Create);
        }
        PosState::CancelFailed => match &draft.order.pos.id {
            Some(id) => {
                let linked = PosChange::Linked { id: id.clone(), number: draft.order.pos.number.clone() };
                draft.pos(PosState::Accepted, linked);
                draft.follow();
            }
            None => {
                let number = draft.order.pos.number.clone().unwrap_or_default();
                draft.pos(PosState::Manual, PosChange::Manual { number });
            }
        },
        _ => {}
    }
}
