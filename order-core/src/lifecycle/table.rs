//! The transition table: what may follow what, by whom, under which conditions. Data, not code.

use std::fmt::Write as _;

use super::ActionKind as A;
use crate::access::{Role, Roles};
use crate::model::Status::{
    self, AwaitingProcessing, Canceled, Completed, InProcess, OutForDelivery, PackedReady, Removed,
    VerificationPending,
};

/// A condition on a transition, over and above status and role. The POS is exempt: it reports what is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Guard {
    /// The POS has the order, needs none, or somebody keyed it in; or the store works through outages; or a
    /// manager starts it with a reason.
    PosReady,
    /// Every line is picked, short, removed, or substituted with the customer's consent.
    LinesSettled,
    /// At least one line still holds something.
    SomethingKept,
    /// The order is for delivery, and the store delivers.
    IsDelivery,
    /// The ID was seen, or the one who completes vouches for it.
    IdSeen,
    /// It is paid, or the register takes the money.
    PaymentSettled,
    /// The hold time is over.
    HoldOver,
    /// It was cancelled recently enough.
    WithinReopening,
    /// The POS side is at rest: nothing there is about to be cancelled.
    PosAtRest,
    /// The lines can still reach the POS: it can edit, or has not been sent the order yet.
    LinesCanChange,
    /// A late cancel by staff does not need a manager in this store.
    MayCancelLate,
}

/// Whether a text must accompany an action. The POS and the system are exempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// A reason code, from staff, managers and admins.
    Reason,
    /// A reason code and a note, likewise.
    ReasonAndNote,
}

/// One row: from any of these statuses, these roles may do this, and it leads there.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// What is done.
    pub action: A,
    /// From where.
    pub from: &'static [Status],
    /// To where; `None` leaves the status as it is.
    pub to: Option<Status>,
    /// By whom.
    pub roles: Roles,
    /// Under which conditions.
    pub guards: &'static [Guard],
    /// With which texts.
    pub need: Need,
}

const OPEN: &[Status] = &[VerificationPending, AwaitingProcessing, InProcess, PackedReady, OutForDelivery];
const EARLY: &[Status] = &[VerificationPending, AwaitingProcessing];
const LATE: &[Status] = &[InProcess, PackedReady, OutForDelivery];
const LIVE: &[Status] =
    &[VerificationPending, AwaitingProcessing, InProcess, PackedReady, OutForDelivery, Completed];
const KEPT: &[Status] =
    &[VerificationPending, AwaitingProcessing, InProcess, PackedReady, OutForDelivery, Completed, Canceled];

const DESK: Roles = Roles::of(&[Role::Staff, Role::Manager, Role::Admin]);
const DESK_AND_POS: Roles = Roles::of(&[Role::Staff, Role::Manager, Role::Admin, Role::Pos]);
const LEAD: Roles = Roles::of(&[Role::Manager, Role::Admin]);
/// Who may order may also change the order; an admin runs the installation and does neither.
const ORDERING: Roles = Roles::of(&[Role::Customer, Role::Kiosk, Role::Staff, Role::Manager]);
const MACHINE: Roles = Roles::of(&[Role::Pos, Role::System]);

const fn row(
    action: A,
    from: &'static [Status],
    to: Status,
    roles: Roles,
    guards: &'static [Guard],
    need: Need,
) -> Transition {
    Transition { action, from, to: Some(to), roles, guards, need }
}

const fn stay(action: A, from: &'static [Status], roles: Roles, guards: &'static [Guard]) -> Transition {
    Transition { action, from, to: None, roles, guards, need: Need::Nothing }
}

/// Every transition there is.
pub const TABLE: &[Transition] = &[
    row(A::Verify, &[VerificationPending], AwaitingProcessing, DESK_AND_POS, &[], Need::Nothing),
    row(A::Reject, &[VerificationPending], Canceled, DESK, &[], Need::Nothing),
    row(A::Start, &[AwaitingProcessing], InProcess, DESK_AND_POS, &[Guard::PosReady], Need::Nothing),
    row(A::Release, &[InProcess], AwaitingProcessing, DESK_AND_POS, &[], Need::Nothing),
    row(
        A::Pack,
        &[InProcess],
        PackedReady,
        DESK_AND_POS,
        &[Guard::LinesSettled, Guard::SomethingKept],
        Need::Nothing,
    ),
    row(A::Unpack, &[PackedReady], InProcess, DESK_AND_POS, &[], Need::Reason),
    row(A::Dispatch, &[PackedReady], OutForDelivery, DESK_AND_POS, &[Guard::IsDelivery], Need::Nothing),
    row(A::Return, &[OutForDelivery], PackedReady, DESK_AND_POS, &[], Need::Reason),
    row(
        A::Complete,
        &[PackedReady, OutForDelivery],
        Completed,
        DESK_AND_POS,
        &[Guard::IdSeen, Guard::PaymentSettled],
        Need::Nothing,
    ),
    row(
        A::Complete,
        &[VerificationPending, AwaitingProcessing, InProcess],
        Completed,
        Roles::of(&[Role::Manager, Role::Admin, Role::Pos]),
        &[Guard::IdSeen, Guard::PaymentSettled],
        Need::Reason,
    ),
    row(
        A::Cancel,
        EARLY,
        Canceled,
        Roles::of(&[Role::Customer, Role::Kiosk, Role::Staff, Role::Manager, Role::Admin, Role::Pos]),
        &[],
        Need::Reason,
    ),
    row(A::Cancel, LATE, Canceled, DESK_AND_POS, &[Guard::MayCancelLate], Need::ReasonAndNote),
    row(A::Expire, OPEN, Canceled, Roles::of(&[Role::System]), &[Guard::HoldOver], Need::Nothing),
    row(A::Remove, &[Completed, Canceled], Removed, Roles::of(&[Role::Admin]), &[], Need::Reason),
    row(
        A::Reopen,
        &[Canceled],
        AwaitingProcessing,
        LEAD,
        &[Guard::WithinReopening, Guard::PosAtRest],
        Need::Nothing,
    ),
    stay(A::Pick, &[InProcess], DESK, &[]),
    stay(A::Amend, EARLY, ORDERING, &[Guard::LinesCanChange]),
    stay(A::Merge, EARLY, ORDERING, &[Guard::LinesCanChange]),
    stay(A::MarkPaid, LIVE, DESK_AND_POS, &[]),
    stay(
        A::MarkPrinted,
        KEPT,
        Roles::of(&[Role::Kiosk, Role::Staff, Role::Manager, Role::Admin, Role::System]),
        &[],
    ),
    stay(A::PosRetry, KEPT, DESK, &[]),
    stay(A::PosLink, LIVE, DESK, &[]),
    stay(A::PosManual, KEPT, DESK, &[]),
    stay(A::PosReport, &Status::ALL, MACHINE, &[]),
    stay(A::NotifyReport, &Status::ALL, Roles::of(&[Role::System]), &[]),
];

/// The rows of one action.
pub fn rows(action: A) -> impl Iterator<Item = &'static Transition> {
    TABLE.iter().filter(move |row| row.action == action)
}

/// The row that lets this role do this in this status.
pub fn row_for(action: A, from: Status, role: Role) -> Option<&'static Transition> {
    rows(action).find(|row| row.from.contains(&from) && row.roles.contains(role))
}

/// What this role may do in this status, guards aside: the buttons to offer.
pub fn actions(from: Status, role: Role) -> Vec<A> {
    A::ALL.iter().copied().filter(|action| row_for(*action, from, role).is_some()).collect()
}

/// Whether this role may ever do this.
pub(super) fn may_ever(action: A, role: Role) -> bool {
    rows(action).any(|row| row.roles.contains(role))
}

/// The shortest way from one status to another in steps the POS may report, for when it skipped some.
pub(super) fn pos_path(from: Status, to: Status) -> Option<Vec<A>> {
    let mut paths: Vec<(Status, Vec<A>)> = vec![(from, Vec::new())];
    let mut at = 0;
    while let Some((status, path)) = paths.get(at).cloned() {
        if status == to {
            return Some(path);
        }
        at += 1;
        for row in TABLE.iter().filter(|row| row.roles.contains(Role::Pos) && row.from.contains(&status)) {
            let Some(next) = row.to else { continue };
            if !next.is_open() && next != to || paths.iter().any(|(seen, _)| *seen == next) {
                continue;
            }
            let mut longer = path.clone();
            longer.push(row.action);
            paths.push((next, longer));
        }
    }
    None
}

/// The table as a Mermaid state diagram, the same text on every call.
pub fn diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n");
    text.push_str("    [*] --> VERIFICATION_PENDING: submit\n    [*] --> AWAITING_PROCESSING: submit\n");
    for row in TABLE {
        let Some(to) = row.to else { continue };
        let roles: Vec<&str> = row.roles.iter().map(Role::as_str).collect();
        for from in row.from {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "    {from} --> {to}: {} ({})", row.action, roles.join(", "));
        }
    }
    text.push_str("    REMOVED --> [*]\n");
    text
}
