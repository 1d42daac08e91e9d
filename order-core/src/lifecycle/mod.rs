//! How an order changes: one function decides, one applies, a table says what is allowed.
//!
//! [`decide`] turns a command into events and effects, or refuses; [`apply`] turns an event into the next
//! snapshot. Nothing else writes a status. Both are pure.

mod action;
mod effect;
mod event;

pub use action::{Action, ActionKind, LinePick, NewItem};
pub use effect::{Effect, Lane, LineChange, Notice};
pub use event::{Change, Event, PosChange};
