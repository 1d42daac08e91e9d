//! Why a command was not carried out.

use thiserror::Error;

use super::{ActionKind, Guard};
use crate::access::Role;
use crate::model::{Status, Version};
use crate::rules::Problems;

/// A command that was refused; the order is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The role may not do this, in this status or ever.
    #[error("{role} may not {action} this order")]
    Forbidden {
        /// What was asked.
        action: ActionKind,
        /// By which role.
        role: Role,
    },
    /// The command was decided on an older version. Read the order again and look before repeating.
    #[error("the order has changed: it is at version {actual}, the command was made on version {expected}")]
    Stale {
        /// The version named in the command.
        expected: Version,
        /// The version there is.
        actual: Version,
    },
    /// No transition leads from here by this action.
    #[error("cannot {action} an order that is {from}")]
    Illegal {
        /// What was asked.
        action: ActionKind,
        /// The status it is in.
        from: Status,
        /// What could be done instead, by this role.
        allowed: Vec<ActionKind>,
    },
    /// A condition of the transition does not hold.
    #[error("cannot {action} yet: {detail}")]
    Guarded {
        /// What was asked.
        action: ActionKind,
        /// The condition.
        guard: Guard,
        /// What is in the way, and what helps.
        detail: &'static str,
    },
    /// The POS side is not in a state that allows it.
    #[error("cannot {action}: {detail}")]
    PosState {
        /// What was asked.
        action: ActionKind,
        /// What is in the way.
        detail: &'static str,
    },
    /// Something about the command itself is wrong.
    #[error("the command is not valid: {0}")]
    Invalid(Problems),
}
