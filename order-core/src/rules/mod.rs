//! What an order must be to be taken. Pure: every problem at once, one machine code and path each.

mod draft;
mod json;
mod problem;
mod shape;

pub use draft::{CustomerDraft, DraftLine, OrderDraft};
pub use json::{read_draft, read_lines};
pub use problem::{Problem, Problems, codes};
pub(crate) use shape::MAX_DISCOUNT_CODE;
pub use shape::{Shaped, ShapedLine, check_lines, check_shape};
