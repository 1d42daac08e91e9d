//! Who may do what, and where.

mod actor;

pub use actor::{Actor, Role, Roles};
