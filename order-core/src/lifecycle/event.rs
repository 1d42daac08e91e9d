//! What happened: the facts an order is made of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ActionKind, LineChange, LinePick};
use crate::access::Actor;
use crate::model::{
    Attention, Audience, Channel, CustomerId, Note, NoticeKind, Order, OrderId, OrderItem, PaymentStatus,
    PosOrderId, PosProblem, PosReceipt, PosState, PosTask, ReasonCode, Revision, Status, Totals,
};

/// One fact of an order's life: who, when, what, why. The events are the order; the snapshot is their sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Whose.
    pub order: OrderId,
    /// The order's revision once this happened: 1 for the first event.
    pub revision: Revision,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Actor,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
    /// What the actor wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// What.
    #[serde(flatten)]
    pub change: Change,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event", content = "data")]
#[non_exhaustive]
pub enum Change {
    /// The order was placed, and looked like this.
    Submitted(Box<Order>),
    /// The status moved.
    Moved {
        /// By which action.
        by: ActionKind,
        /// From where.
        from: Status,
        /// To where.
        to: Status,
        /// The ID was seen on this occasion.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        id_checked: bool,
        /// The POS is to be told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        tell_pos: bool,
    },
    /// Lines were gathered or put back.
    Picked {
        /// Which, and how.
        lines: Vec<LinePick>,
        /// The sums afterwards.
        totals: Totals,
        /// The POS is to be told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        tell_pos: bool,
    },
    /// The lines were changed or added to.
    LinesChanged {
        /// Whether lines were added by the customer's second order.
        merged: bool,
        /// The lines afterwards.
        items: Vec<OrderItem>,
        /// The sums afterwards.
        totals: Totals,
        /// What is different, for people.
        changes: Vec<LineChange>,
        /// The POS is to be told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        tell_pos: bool,
    },
    /// The payment moved.
    Payment {
        /// From where.
        from: PaymentStatus,
        /// To where.
        to: PaymentStatus,
        /// The POS is to be told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        tell_pos: bool,
    },
    /// A ticket was printed.
    Printed {
        /// The print's own id.
        id: Option<String>,
    },
    /// Staff asked a manager to cancel.
    CancelRequested,
    /// A manager let the order pass over soft limits; the note says why.
    LimitOverridden {
        /// The rules, by id.
        rules: Vec<String>,
    },
    /// Something moved on the POS side.
    Pos {
        /// The state afterwards.
        state: PosState,
        /// What moved it.
        change: PosChange,
    },
    /// A message went out.
    Notified {
        /// About what.
        kind: NoticeKind,
        /// To whom.
        audience: Audience,
        /// How.
        channel: Channel,
    },
    /// A message could not be sent.
    NotifyFailed {
        /// About what.
        kind: NoticeKind,
        /// To whom.
        audience: Audience,
        /// How.
        channel: Channel,
        /// Why.
        detail: String,
    },
}

/// What moved on the POS side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "pos", content = "with")]
#[non_exhaustive]
pub enum PosChange {
    /// A person asked for this work to be tried again.
    RetryAsked(PosTask),
    /// The order is to be created there anew.
    Queued,
    /// A call that creates began.
    Begun,
    /// A call did not arrive and will be repeated.
    Retrying(PosProblem),
    /// It cannot be told whether a call arrived.
    Unknown(PosProblem),
    /// A look-up proved that nothing arrived.
    Absent,
    /// The POS said no.
    Rejected(PosProblem),
    /// A person is needed.
    Attention(Attention),
    /// Work in line became pointless: the order never got there, or its next try carries the change.
    Dropped(PosTask),
    /// The POS has it.
    Accepted {
        /// What it holds.
        receipt: PosReceipt,
        /// The customer's id there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
    },
    /// A change of ours arrived.
    Updated {
        /// Which.
        task: PosTask,
        /// What it holds now.
        receipt: PosReceipt,
    },
    /// It was read and holds something new.
    Observed {
        /// What it holds.
        receipt: PosReceipt,
        /// When the read was asked for.
        asked_at: DateTime<Utc>,
    },
    /// A person linked it.
    Linked {
        /// Its id there.
        id: PosOrderId,
        /// Its number there.
        number: Option<String>,
    },
    /// A person keyed it in.
    Manual {
        /// Its number there.
        number: String,
    },
    /// A cancel was put in line.
    CancelQueued,
    /// It is cancelled there, or never was there.
    Cancelled,
    /// The POS would not cancel.
    CancelFailed(PosProblem),
}

impl Change {
    /// Whether people must have seen this before they act on the order: it then counts in its version.
    pub const fn is_material(&self) -> bool {
        match self {
            Self::Submitted(_)
            | Self::Moved { .. }
            | Self::Picked { .. }
            | Self::LinesChanged { .. }
            | Self::Payment { .. }
            | Self::CancelRequested
            | Self::LimitOverridden { .. } => true,
            Self::Printed { .. } | Self::Pos { .. } | Self::Notified { .. } | Self::NotifyFailed { .. } => {
                false
            }
        }
    }

    /// What the timeline calls it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submitted(_) => "submitted",
            Self::Moved { by, .. } => by.past(),
            Self::Picked { .. } => "picked",
            Self::LinesChanged { merged: true, .. } => "merged",
            Self::LinesChanged { merged: false, .. } => "amended",
            Self::Payment { .. } => "payment_changed",
            Self::Printed { .. } => "printed",
            Self::CancelRequested => "cancel_requested",
            Self::LimitOverridden { .. } => "limit_overridden",
            Self::Pos { change, .. } => change.name(),
            Self::Notified { .. } => "notified",
            Self::NotifyFailed { .. } => "notify_failed",
        }
    }
}

impl PosChange {
    /// What the timeline calls it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RetryAsked(_) => "pos_retry_asked",
            Self::Queued => "pos_queued",
            Self::Begun => "pos_sending",
            Self::Retrying(_) => "pos_retrying",
            Self::Unknown(_) => "pos_unknown",
            Self::Absent => "pos_absent",
            Self::Rejected(_) => "pos_rejected",
            Self::Attention(_) => "pos_attention",
            Self::Dropped(_) => "pos_dropped",
            Self::Accepted { .. } => "pos_accepted",
            Self::Updated { .. } => "pos_updated",
            Self::Observed { .. } => "pos_observed",
            Self::Linked { .. } => "pos_linked",
            Self::Manual { .. } => "pos_manual",
            Self::CancelQueued => "pos_cancel_queued",
            Self::Cancelled => "pos_cancelled",
            Self::CancelFailed(_) => "pos_cancel_failed",
        }
    }
}
