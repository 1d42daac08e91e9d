//! The cases. Each takes an empty store and panics where a promise is broken.

pub mod commits;
pub mod holds;
pub mod log;
pub mod outbox;
pub mod races;
pub mod search;
pub mod ties;
