//! The POS axis: where the order stands on its way into the store's point-of-sale system.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{PosOrderId, Status, Totals, VendorLabel};

/// Where an order stands with the POS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PosState {
    /// The store has no POS.
    NotRequired,
    /// Written here, not sent yet.
    Queued,
    /// A call that creates it is in flight.
    Sending,
    /// A call ended without a clear answer: it may or may not exist there. Looked up before anything is repeated.
    Unknown,
    /// A call provably did not arrive; it will be tried again.
    Retrying,
    /// The POS read it and said no.
    Rejected,
    /// A person is needed.
    Attention,
    /// It exists there.
    Accepted,
    /// It exists there; a change of ours is still to be sent.
    UpdatePending,
    /// A cancel of ours is still to be sent.
    CancelPending,
    /// The POS would not cancel; a person must void it there.
    CancelFailed,
    /// A person keyed it into the POS by hand.
    Manual,
    /// Voided there, or never got there and never will.
    Cancelled,
}

impl PosState {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::NotRequired,
        Self::Queued,
        Self::Sending,
        Self::Unknown,
        Self::Retrying,
        Self::Rejected,
        Self::Attention,
        Self::Accepted,
        Self::UpdatePending,
        Self::CancelPending,
        Self::CancelFailed,
        Self::Manual,
        Self::Cancelled,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotRequired => "not_required",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Retrying => "retrying",
            Self::Rejected => "rejected",
            Self::Attention => "attention",
            Self::Accepted => "accepted",
            Self::UpdatePending => "update_pending",
            Self::CancelPending => "cancel_pending",
            Self::CancelFailed => "cancel_failed",
            Self::Manual => "manual",
            Self::Cancelled => "cancelled",
        }
    }

    /// The word, read back.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The states that may follow, as data; a state may always stay.
    pub const fn next(self) -> &'static [Self] {
        use PosState::{
            Accepted, Attention, CancelFailed, CancelPending, Cancelled, Manual, NotRequired, Queued,
            Rejected, Retrying, Sending, Unknown, UpdatePending,
        };
        match self {
            NotRequired => &[],
            Queued => &[Sending, Attention, Rejected, Accepted, UpdatePending, Manual, Cancelled],
            Sending => &[Accepted, UpdatePending, Retrying, Unknown, Rejected, Attention, CancelPending],
            Unknown => &[Queued, Accepted, UpdatePending, Rejected, Attention, Manual, CancelPending],
            Retrying => &[Queued, Sending, Accepted, UpdatePending, Rejected, Attention, Manual, Cancelled],
            Rejected => &[Attention, Queued, Accepted, UpdatePending, Manual, Cancelled],
            Attention => {
                &[Queued, Unknown, Accepted, UpdatePending, Manual, CancelPending, Cancelled, CancelFailed]
            }
            Accepted => &[UpdatePending, CancelPending, Attention, Cancelled],
            UpdatePending => &[Accepted, CancelPending, Attention, Cancelled],
            CancelPending => &[Cancelled, CancelFailed],
            CancelFailed => &[CancelPending, Cancelled, Manual, Accepted],
            Manual => &[Queued, CancelPending, CancelFailed, Accepted, UpdatePending, Cancelled],
            Cancelled => &[Queued, CancelPending],
        }
    }

    /// Whether staff may start: the POS has it, needs none, or somebody keyed it in.
    pub const fn lets_start(self) -> bool {
        matches!(self, Self::NotRequired | Self::Accepted | Self::UpdatePending | Self::Manual)
    }

    /// Whether a person must look.
    pub const fn needs_person(self) -> bool {
        matches!(self, Self::Rejected | Self::Attention | Self::CancelFailed)
    }
}

/// A piece of work to be done in the POS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "task", content = "status")]
pub enum PosTask {
    /// Create the order there.
    Create,
    /// Send the lines as they stand now.
    Update,
    /// Tell the POS our status.
    SetStatus(Status),
    /// Tell the POS that the order is paid.
    MarkPaid,
    /// Cancel it there.
    Cancel,
    /// Read it and follow what staff did there.
    Follow,
}

impl PosTask {
    /// The name of the task, for logs and figures.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::SetStatus(_) => "set_status",
            Self::MarkPaid => "mark_paid",
            Self::Cancel => "cancel",
            Self::Follow => "follow",
        }
    }
}

/// Why a person is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionCode {
    /// The POS refused the order; correct it and retry, or cancel.
    Refused,
    /// It could not be told whether the order exists there; look in the POS, then link, retry or cancel.
    CannotTell,
    /// The POS stayed unreachable through all tries; retry when it is back.
    Unreachable,
    /// The POS does not accept our credentials; an admin must mend them, then retry.
    Unauthorized,
    /// This POS offers no such call; do it by hand there.
    Unsupported,
    /// The POS answered with an order that is not ours or not as asked; compare by hand.
    Mismatch,
}

impl AttentionCode {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::CannotTell => "cannot_tell",
            Self::Unreachable => "unreachable",
            Self::Unauthorized => "unauthorized",
            Self::Unsupported => "unsupported",
            Self::Mismatch => "mismatch",
        }
    }
}

/// What the POS or the way to it had to say, free of secrets and personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosProblem {
    /// The kind of problem, such as `out_of_stock` or `timeout`.
    pub kind: String,
    /// The vendor's own code, verbatim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_code: Option<String>,
    /// One sentence for staff.
    pub detail: String,
}

/// A call for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// Why.
    pub code: AttentionCode,
    /// What was being done.
    #[serde(flatten)]
    pub task: PosTask,
    /// What is known.
    pub problem: PosProblem,
    /// Whether the order may exist in the POS although we hold no id for it.
    pub maybe_there: bool,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What the POS said it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosReceipt {
    /// The id to ask the POS with.
    pub id: PosOrderId,
    /// The number people in the store see, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The vendor's own status word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What the POS will charge, where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// What differs from what was asked; empty when nothing does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
}

/// One thing the POS holds otherwise than we do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What differs: `total`, `currency`, `reference`, or `line PRODUCT`.
    pub field: String,
    /// What we hold.
    pub ours: String,
    /// What the POS holds.
    pub theirs: String,
}

/// Everything we know of the order in the POS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosTrack {
    /// Which POS, as an opaque label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorLabel>,
    /// Where the order stands there.
    pub state: PosState,
    /// Its id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<PosOrderId>,
    /// The number staff see there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The vendor's own status word as last read, shown and never interpreted here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The call for a person, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<Attention>,
    /// The last problem met, kept until the next success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<PosProblem>,
    /// What the POS will charge, as last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// What differs there, as last read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// How many changes of ours are still to be sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pending: u32,
    /// How often a create was begun since it was last put in line.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// A person vouched that the order is not there, so a look-up that cannot tell no longer stops a create.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub vouched: bool,
    /// When the read that this rests on was asked for, or the POS last answered a change of ours, by our
    /// clock. Reads asked for before that are dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<DateTime<Utc>>,
    /// Since when it is followed: a reading that was put in line before that has a successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed_since: Option<DateTime<Utc>>,
}

impl PosTrack {
    /// The start: queued for this vendor, or not required without one.
    pub fn new(vendor: Option<VendorLabel>) -> Self {
        let state = if vendor.is_some() { PosState::Queued } else { PosState::NotRequired };
        Self {
            vendor,
            state,
            id: None,
            number: None,
            status: None,
            attention: None,
            problem: None,
            totals: None,
            differences: Vec::new(),
            pending: 0,
            tries: 0,
            vouched: false,
            read_at: None,
            followed_since: None,
        }
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
