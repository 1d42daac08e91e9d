//! Deciding about the POS side: what delivery reports, and what people do about it.

use super::decision::Draft;
use super::moves::move_to;
use super::table::pos_path;
use super::{Action, ActionKind, Change, PosChange, Refusal};
use crate::model::{
    Attention, AttentionCode, CustomerId, NoticeKind, Order, PaymentStatus, PosProblem, PosReceipt, PosState,
    PosTask, ReasonCode, Status,
};

/// Decides what is neither a move nor about lines, payment or messages.
pub(super) fn decide(draft: &mut Draft<'_>, action: &Action) -> Result<(), Refusal> {
    let state = draft.order.pos.state;
    match action {
        Action::PosBegin => begin(draft),
        Action::PosAccepted { receipt, customer } => accepted(draft, receipt, customer.clone()),
        Action::PosRetrying(problem) if state == PosState::Sending => {
            draft.pos(PosState::Retrying, PosChange::Retrying(problem.clone()));
        }
        // Cancelled while the call was on its way, and the call never arrived: nothing to call back.
        Action::PosRetrying(_) if state == PosState::CancelPending && draft.order.pos.id.is_none() => {
            draft.pos(PosState::Cancelled, PosChange::Cancelled);
        }
        Action::PosUnknown(problem) if state == PosState::Sending => {
            draft.pos(PosState::Unknown, PosChange::Unknown(problem.clone()));
        }
        Action::PosAbsent if state == PosState::Unknown => draft.pos(PosState::Queued, PosChange::Absent),
        Action::PosAbsent if state == PosState::CancelPending && draft.order.pos.id.is_none() => {
            draft.pos(PosState::Cancelled, PosChange::Cancelled);
        }
        Action::PosFailed { task, code, problem } => failed(draft, *task, *code, problem),
        Action::PosUpdated { task, receipt } => updated(draft, *task, receipt),
        Action::PosDropped(task) if draft.order.pos.pending > 0 => {
            let after = match state {
                PosState::UpdatePending => there(draft.order.pos.pending - 1),
                other => other,
            };
            draft.pos(after, PosChange::Dropped(*task));
        }
        Action::PosCancelled if matches!(state, PosState::CancelPending | PosState::CancelFailed) => {
            draft.pos(PosState::Cancelled, PosChange::Cancelled);
        }
        // A read that was asked for before what we rest on tells nothing new.
        Action::PosObserved { receipt, status, paid, asked_at }
            if draft.order.pos.read_at.is_none_or(|read_at| read_at < *asked_at) =>
        {
            observed(draft, receipt, *status, *paid, *asked_at);
        }
        Action::PosRetry => return retry(draft),
        Action::PosLink { id, number } => {
            let linkable = matches!(
                draft.order.pos.state,
                PosState::Queued
                    | PosState::Retrying
                    | PosState::Unknown
                    | PosState::Attention
                    | PosState::Rejected
            ) && draft.order.pos.id.is_none();
            if !linkable {
                return Err(refuse(
                    ActionKind::PosLink,
                    "the order is linked already, or is being sent right now",
                ));
            }
            let linked = PosChange::Linked { id: id.clone(), number: number.clone() };
            draft.pos(there(draft.order.pos.pending), linked);
            catch_up(draft, PosState::UpdatePending);
            draft.hand_over();
            draft.follow();
        }
        Action::PosManual { number } => {
            let open_question = matches!(
                draft.order.pos.state,
                PosState::Queued
                    | PosState::Retrying
                    | PosState::Unknown
                    | PosState::Attention
                    | PosState::Rejected
                    | PosState::CancelFailed
            );
            // Once cancelled, only a cancel that the POS would not take can be settled by hand.
            let settles = draft.order.status != Status::Canceled || state == PosState::CancelFailed;
            if !open_question || !settles {
                return Err(refuse(
                    ActionKind::PosManual,
                    "the POS has the order, or is being sent it right now",
                ));
            }
            draft.pos(PosState::Manual, PosChange::Manual { number: number.clone() });
            if draft.order.status != Status::Canceled {
                draft.hand_over();
            }
        }
        _ => {}
    }
    Ok(())
}

fn refuse(action: ActionKind, detail: &'static str) -> Refusal {
    Refusal::PosState { action, detail }
}

/// The state of an order that is in the POS, with this many changes of ours still to be sent.
const fn there(pending: u32) -> PosState {
    if pending > 0 { PosState::UpdatePending } else { PosState::Accepted }
}

fn begin(draft: &mut Draft<'_>) {
    if matches!(draft.order.pos.state, PosState::Queued | PosState::Retrying) {
        draft.pos(PosState::Sending, PosChange::Begun);
    }
}

fn accepted(draft: &mut Draft<'_>, receipt: &PosReceipt, customer: Option<CustomerId>) {
    let order = draft.order;
    let pos = &order.pos;
    let received = PosChange::Accepted { receipt: receipt.clone(), customer };
    match pos.state {
        PosState::Queued
        | PosState::Sending
        | PosState::Unknown
        | PosState::Retrying
        | PosState::Rejected
        | PosState::Attention
            if pos.id.is_none() =>
        {
            draft.pos(there(pos.pending), received);
            draft.hand_over();
            draft.follow();
        }
        // The cancel that waits in line finds the id here.
        PosState::CancelPending if pos.id.is_none() => draft.pos(PosState::CancelPending, received),
        // It was thought never to have arrived, or could not be found, and is there: it has to go.
        PosState::Cancelled | PosState::Manual
            if matches!(order.status, Status::Canceled | Status::Removed)
                && pos.id.as_ref() != Some(&receipt.id) =>
        {
            draft.pos(PosState::CancelPending, received);
            draft.effect(PosTask::Cancel);
        }
        PosState::CancelFailed if pos.id.is_none() => {
            draft.pos(PosState::CancelPending, received);
            draft.effect(PosTask::Cancel);
        }
        // Keyed in by hand while an unclear create was being looked for: one order, or one too many.
        PosState::Manual => {
            let same = pos.number == receipt.number
                || pos.number.as_deref().is_some_and(|number| number == receipt.id.as_str());
            draft.pos(there(pos.pending), received);
            draft.follow();
            if !same {
                second_order(draft, receipt);
            }
        }
        PosState::Accepted | PosState::UpdatePending | PosState::Attention
            if pos.id.as_ref() != Some(&receipt.id) =>
        {
            second_order(draft, receipt);
        }
        _ => {}
    }
}

/// Two orders of ours may be live in the POS. Only a person can tell which one is to go.
fn second_order(draft: &mut Draft<'_>, receipt: &PosReceipt) {
    let problem = PosProblem {
        kind: "second_order".to_owned(),
        vendor_code: None,
        detail: format!("the POS holds {} for this order besides the one known; void one there", receipt.id),
    };
    let attention = Attention {
        code: AttentionCode::Mismatch,
        task: PosTask::Follow,
        problem,
        maybe_there: false,
        since: draft.ctx.at,
    };
    draft.pos(PosState::Attention, PosChange::Attention(attention));
    draft.notice(NoticeKind::Attention);
}

fn failed(draft: &mut Draft<'_>, task: PosTask, code: AttentionCode, problem: &PosProblem) {
    let state = draft.order.pos.state;
    if state == PosState::CancelPending {
        let never_arrived =
            task == PosTask::Create && code != AttentionCode::CannotTell && draft.order.pos.id.is_none();
        if never_arrived {
            draft.pos(PosState::Cancelled, PosChange::Cancelled);
        } else if task == PosTask::Cancel {
            draft.pos(PosState::CancelFailed, PosChange::CancelFailed(problem.clone()));
            draft.notice(NoticeKind::Attention);
        }
        return;
    }
    let concerned = match task {
        PosTask::Create => {
            matches!(state, PosState::Queued | PosState::Sending | PosState::Unknown | PosState::Retrying)
        }
        PosTask::Follow => matches!(state, PosState::Accepted | PosState::UpdatePending),
        // Concerns an order that is being cancelled, which is dealt with above.
        PosTask::Cancel => false,
        PosTask::Update | PosTask::SetStatus(_) | PosTask::MarkPaid => {
            matches!(state, PosState::Accepted | PosState::UpdatePending) || overtaken(draft.order)
        }
    };
    if !concerned {
        return;
    }
    if overtaken(draft.order) {
        // The call for a person is about the change from here on, so following goes on by itself.
        draft.follow();
    }
    if task == PosTask::Create && code == AttentionCode::Refused {
        draft.pos(PosState::Rejected, PosChange::Rejected(problem.clone()));
    }
    let attention = Attention {
        code,
        task,
        problem: problem.clone(),
        maybe_there: task == PosTask::Create && code == AttentionCode::CannotTell,
        since: draft.ctx.at,
    };
    draft.pos(PosState::Attention, PosChange::Attention(attention));
    draft.notice(NoticeKind::Attention);
}

/// Whether a read that failed called for a person while a change of ours was still on its way: reads do not
/// wait for changes, so either may end first.
fn overtaken(order: &Order) -> bool {
    let about_reading = order.pos.attention.as_ref().is_some_and(|call| call.task == PosTask::Follow);
    order.pos.state == PosState::Attention && about_reading && order.pos.pending > 0
}

fn updated(draft: &mut Draft<'_>, task: PosTask, receipt: &PosReceipt) {
    let order = draft.order;
    let state = match order.pos.state {
        PosState::Accepted | PosState::UpdatePending => there(order.pos.pending.saturating_sub(1)),
        PosState::CancelPending => PosState::CancelPending,
        PosState::Attention if overtaken(order) => {
            draft.follow();
            there(order.pos.pending - 1)
        }
        _ => return,
    };
    draft.pos(state, PosChange::Updated { task, receipt: receipt.clone() });
    if task == PosTask::Update && order.status.is_open() {
        draft.hand_over();
    }
}

fn observed(
    draft: &mut Draft<'_>,
    receipt: &PosReceipt,
    status: Option<Status>,
    paid: Option<bool>,
    asked_at: chrono::DateTime<chrono::Utc>,
) {
    let order = draft.order;
    let pos = &order.pos;
    // Read without having been known to be there: the question whether it arrived is answered, and creating
    // it anew would make a second one. What it holds is followed from the next read on.
    if pos.state == PosState::Attention && pos.id.is_none() {
        return accepted(draft, receipt, None);
    }
    // Until our own change has arrived there, what it holds is older than what we know.
    let at_rest = pos.pending == 0
        && matches!(
            pos.state,
            PosState::Accepted | PosState::Attention | PosState::CancelFailed | PosState::Manual
        );
    if !at_rest {
        return;
    }
    let moved_there = receipt.status != pos.status;
    let news = moved_there
        || receipt.number != pos.number
        || receipt.totals != pos.totals
        || receipt.differences != pos.differences;
    if news {
        draft.pos(pos.state, PosChange::Observed { receipt: receipt.clone(), asked_at });
    }
    if paid == Some(true)
        && order.payment != PaymentStatus::Paid
        && order.payment.next().contains(&PaymentStatus::Paid)
    {
        draft.push(Change::Payment { from: order.payment, to: PaymentStatus::Paid, tell_pos: false });
    }
    // A cancel the POS refused may have been carried out there by hand meanwhile.
    if pos.state == PosState::CancelFailed && matches!(status, Some(Status::Canceled | Status::Removed)) {
        draft.pos(PosState::Cancelled, PosChange::Cancelled);
        return;
    }
    let Some(to) = status.filter(|to| moved_there && *to != order.status) else { return };
    if !order.status.is_open() {
        return;
    }
    // For us a record that is gone from the register is a cancelled order.
    let to = if to == Status::Removed { Status::Canceled } else { to };
    if to == Status::Canceled {
        draft.reason = Some(ReasonCode::StoreOperations);
    }
    for action in pos_path(order.status, to).unwrap_or_default() {
        if let Some(next) = super::table::rows(action).find_map(|row| row.to) {
            move_to(draft, action, next);
        }
    }
}

fn retry(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let pos = &draft.order.pos;
    let (state, task) = match (pos.state, &pos.attention) {
        (PosState::CancelFailed, _) => (PosState::CancelPending, PosTask::Cancel),
        (PosState::Attention, Some(attention)) => match attention.task {
            // Somebody vouches for a create whose fate was unclear; it is looked for once more all the same.
            PosTask::Create if attention.maybe_there => (PosState::Unknown, PosTask::Create),
            PosTask::Create => (PosState::Queued, PosTask::Create),
            PosTask::Follow => (there(pos.pending), PosTask::Follow),
            task => (PosState::UpdatePending, task),
        },
        (PosState::Queued | PosState::Retrying, _) => (PosState::Queued, PosTask::Create),
        _ => return Err(refuse(ActionKind::PosRetry, "there is nothing to be tried again")),
    };
    if draft.order.status == Status::Canceled && task != PosTask::Cancel {
        return Err(refuse(ActionKind::PosRetry, "the order is cancelled"));
    }
    let given_up = pos.state == PosState::Attention;
    draft.pos(state, PosChange::RetryAsked(task));
    draft.effect(task);
    if task == PosTask::Create && given_up {
        catch_up(draft, state);
    }
    Ok(())
}

/// Tells the POS what a create does not carry and what was done while it did not have the order: the changes
/// that were in line then have been dropped.
fn catch_up(draft: &mut Draft<'_>, state: PosState) {
    let (order, able) = (draft.order, draft.ctx.pos);
    let begun = !matches!(order.status, Status::VerificationPending | Status::AwaitingProcessing);
    let paid = order.payment == PaymentStatus::Paid && able.is_some_and(|able| able.mark_paid);
    let status = PosTask::SetStatus(order.status);
    let moved = begun && able.is_some_and(|able| able.set_status.contains(order.status));
    for (task, due) in [(PosTask::MarkPaid, paid), (status, moved)] {
        if due {
            draft.pos(state, PosChange::RetryAsked(task));
            draft.effect(task);
        }
    }
}
