//! How an order changes: one function decides, one applies, a table says what is allowed.
//!
//! [`decide`] turns a command into events and effects, or refuses; [`apply`] turns an event into the next
//! snapshot. Nothing else writes a status. Both are pure.
//!
#![doc = include_str!("../../docs/lifecycle.md")]

mod action;
mod apply;
mod command;
mod decide;
mod decision;
mod effect;
mod event;
mod lines;
mod moves;
mod place;
mod pos;
mod refusal;
mod table;

pub use action::{Action, ActionKind, LinePick, NewItem};
pub use apply::{ReplayError, apply, replay};
pub use command::{Command, Context};
pub use decide::decide;
pub use decision::{Decision, HoldChange};
pub use effect::{Effect, Lane, LineChange, Notice};
pub use event::{Change, Event, PosChange};
pub use place::{Placement, Waiver, place};
pub use refusal::Refusal;
pub use table::{Guard, Need, TABLE, Transition, actions, diagram, row_for, rows};
