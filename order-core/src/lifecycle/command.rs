//! What is asked of an order, and what the answer rests on.

use chrono::{DateTime, Utc};

use super::Action;
use crate::access::Actor;
use crate::model::{Capabilities, Note, Policy, ReasonCode, Version};

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
    /// Given when the actor lets the order pass over soft limits: the rules, by id. The flow fills in which ones
    /// stand against it; none means that there is nothing to pass over. The note says why.
    pub waive: Option<Vec<String>>,
}

impl Command {
    /// An action and nothing else.
    pub const fn new(action: Action) -> Self {
        Self { action, version: None, reason: None, note: None, waive: None }
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
