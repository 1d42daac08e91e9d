//! Who may do what, and where.

mod actor;
mod authorize;

pub use actor::{Actor, Role, Roles};
pub use authorize::{Caller, Denied, Permission, Scope, authorize, authorize_order};
