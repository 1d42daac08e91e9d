//! What has to be done outside because of a decision: the rows of the outbox.

use serde::{Deserialize, Serialize};

use crate::model::{Audience, Channel, NoticeKind, PosTask, Quantity, Revision};

/// One difference between the lines before and after, for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    /// What the line is called.
    pub name: String,
    /// How much there was; none for a new line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Quantity>,
    /// How much there is now; none for a line taken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Quantity>,
}

/// A message to be sent.
///
/// Order, revision, kind, audience and channel together are the message's key: it is sent once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// About what.
    pub kind: NoticeKind,
    /// To whom.
    pub audience: Audience,
    /// How.
    pub channel: Channel,
    /// The order's revision that gave rise to it.
    pub revision: Revision,
    /// What changed in the lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<LineChange>,
}

/// Work outside, written in the transaction of the decision that asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "effect", content = "of")]
pub enum Effect {
    /// Something to do in the POS.
    Pos(PosTask),
    /// A message to send.
    Notify(Notice),
}

/// How effects of one order queue up behind each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Changes in the POS: strictly one after the other within an order.
    Pos,
    /// Reading the POS: never waits for, and never holds up, anything else.
    Follow,
    /// Messages: each on its own.
    Notify,
}

impl Lane {
    /// The word in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pos => "pos",
            Self::Follow => "follow",
            Self::Notify => "notify",
        }
    }
}

impl Effect {
    /// The lane it queues in.
    pub const fn lane(&self) -> Lane {
        match self {
            Self::Pos(PosTask::Follow) => Lane::Follow,
            Self::Pos(_) => Lane::Pos,
            Self::Notify(_) => Lane::Notify,
        }
    }
}
