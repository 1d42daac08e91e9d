//! What can be asked of an order.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{
    AttentionCode, Audience, Channel, CustomerId, InvalidId, LineId, NoticeKind, OrderItem, PickState,
    PosOrderId, PosProblem, PosReceipt, PosTask, Quantity, Status, Substitute,
};

/// A line of an amendment or a merge, priced from the catalogue by the caller.
pub type NewItem = OrderItem;

/// What happened to one line while picking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePick {
    /// Which line.
    pub line: LineId,
    /// What became of it.
    pub pick: PickState,
    /// How much could be gathered; with `short` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplied: Option<Quantity>,
    /// What is given instead; with `substituted` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<Substitute>,
}

/// One thing asked of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// The ID, age or medical card has been seen and is in order.
    Verify,
    /// It was seen and is not in order.
    Reject,
    /// Begin picking; whoever starts is the picker.
    Start,
    /// Give it back.
    Release,
    /// Record lines as gathered, short, substituted or removed. No lines means: every open line is gathered.
    Pick(Vec<LinePick>),
    /// All gathered and bagged.
    Pack,
    /// Open the bag again.
    Unpack,
    /// Hand to a driver.
    Dispatch,
    /// The driver brought it back.
    Return,
    /// Handed over.
    Complete {
        /// The one who completes says that the ID was seen at hand-over.
        id_checked: bool,
    },
    /// Call it off.
    Cancel,
    /// Call it off because nobody came in time.
    Expire,
    /// Void a finished record.
    Remove,
    /// Take a cancelled order up again.
    Reopen,
    /// Replace the lines: what is not listed is taken off.
    Amend(Vec<NewItem>),
    /// Add lines to the order; the same product in the same size adds up.
    Merge(Vec<NewItem>),
    /// The money has been taken.
    MarkPaid,
    /// A ticket was printed.
    MarkPrinted {
        /// The print's own id.
        id: Option<String>,
    },
    /// A person wants the POS work that failed to be tried again.
    PosRetry,
    /// A person found the order in the POS.
    PosLink {
        /// Its id there.
        id: PosOrderId,
        /// Its number there.
        number: Option<String>,
    },
    /// A person keyed the order into the POS.
    PosManual {
        /// Its number there.
        number: String,
    },
    /// Delivery begins a call that creates.
    PosBegin,
    /// The POS has it.
    PosAccepted {
        /// What the POS says it holds.
        receipt: PosReceipt,
        /// The customer's id in the POS, when it was found or created on the way.
        customer: Option<CustomerId>,
    },
    /// The call provably did not arrive and will be tried again.
    PosRetrying(PosProblem),
    /// The call may or may not have arrived.
    PosUnknown(PosProblem),
    /// A look-up proved that the order is not there.
    PosAbsent,
    /// The POS read the call and said no, or all tries are used up: a person is needed.
    PosFailed {
        /// What was being done.
        task: PosTask,
        /// Why a person is needed.
        code: AttentionCode,
        /// What is known.
        problem: PosProblem,
    },
    /// A change of ours arrived.
    PosUpdated {
        /// What was done.
        task: PosTask,
        /// What the POS holds now.
        receipt: PosReceipt,
    },
    /// Work in line became pointless.
    PosDropped(PosTask),
    /// It is cancelled there.
    PosCancelled,
    /// The POS was read.
    PosObserved {
        /// What it holds.
        receipt: PosReceipt,
        /// Its status in our words; none when its word is unknown.
        status: Option<Status>,
        /// Whether it is paid there, when the POS says.
        paid: Option<bool>,
        /// When the read was asked for.
        asked_at: DateTime<Utc>,
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
    /// A message could not be sent; staff have to tell the customer themselves.
    NotifyFailed {
        /// About what.
        kind: NoticeKind,
        /// To whom.
        audience: Audience,
        /// How.
        channel: Channel,
        /// Why, free of personal data.
        detail: String,
    },
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $word:literal, $past:literal;)*) => {
        /// The kind of an [`Action`], as the transition table and the wire name it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ActionKind {
            $($(#[$doc])* $name,)*
        }

        impl ActionKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What the timeline calls it once done.
            pub const fn past(self) -> &'static str {
                match self { $(Self::$name => $past,)* }
            }
        }
    };
}

kinds! {
    /// Verify the customer.
    Verify => "verify", "verified";
    /// Refuse the customer.
    Reject => "reject", "verification_failed";
    /// Begin picking.
    Start => "start", "started";
    /// Give it back.
    Release => "release", "released";
    /// Record picked lines.
    Pick => "pick", "picked";
    /// Bag it.
    Pack => "pack", "packed";
    /// Open the bag.
    Unpack => "unpack", "unpacked";
    /// Hand to a driver.
    Dispatch => "dispatch", "dispatched";
    /// Bring back.
    Return => "return", "returned";
    /// Hand over.
    Complete => "complete", "completed";
    /// Call off.
    Cancel => "cancel", "canceled";
    /// Call off for lateness.
    Expire => "expire", "expired";
    /// Void the record.
    Remove => "remove", "removed";
    /// Take up again.
    Reopen => "reopen", "reopened";
    /// Replace lines.
    Amend => "amend", "amended";
    /// Add lines.
    Merge => "merge", "merged";
    /// Record payment.
    MarkPaid => "mark_paid", "paid";
    /// Record print.
    MarkPrinted => "mark_printed", "printed";
    /// Try the POS again.
    PosRetry => "pos_retry", "pos_retry_asked";
    /// Link to an order in the POS.
    PosLink => "pos_link", "pos_linked";
    /// Entered by hand.
    PosManual => "pos_manual", "pos_manual";
    /// What delivery reports.
    PosReport => "pos_report", "pos_reported";
    /// What the notifier reports.
    NotifyReport => "notify_report", "notified";
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ActionKind {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or(InvalidId::new("action", "a known action, such as start or cancel"))
    }
}

impl Action {
    /// Which kind of action this is.
    pub const fn kind(&self) -> ActionKind {
        match self {
            Self::Verify => ActionKind::Verify,
            Self::Reject => ActionKind::Reject,
            Self::Start => ActionKind::Start,
            Self::Release => ActionKind::Release,
            Self::Pick(_) => ActionKind::Pick,
            Self::Pack => ActionKind::Pack,
            Self::Unpack => ActionKind::Unpack,
            Self::Dispatch => ActionKind::Dispatch,
            Self::Return => ActionKind::Return,
            Self::Complete { .. } => ActionKind::Complete,
            Self::Cancel => ActionKind::Cancel,
            Self::Expire => ActionKind::Expire,
            Self::Remove => ActionKind::Remove,
            Self::Reopen => ActionKind::Reopen,
            Self::Amend(_) => ActionKind::Amend,
            Self::Merge(_) => ActionKind::Merge,
            Self::MarkPaid => ActionKind::MarkPaid,
            Self::MarkPrinted { .. } => ActionKind::MarkPrinted,
            Self::PosRetry => ActionKind::PosRetry,
            Self::PosLink { .. } => ActionKind::PosLink,
            Self::PosManual { .. } => ActionKind::PosManual,
            Self::PosBegin
            | Self::PosAccepted { .. }
            | Self::PosRetrying(_)
            | Self::PosUnknown(_)
            | Self::PosAbsent
            | Self::PosFailed { .. }
            | Self::PosUpdated { .. }
            | Self::PosDropped(_)
            | Self::PosCancelled
            | Self::PosObserved { .. } => ActionKind::PosReport,
            Self::Notified { .. } | Self::NotifyFailed { .. } => ActionKind::NotifyReport,
        }
    }
}
