//! What an order must be to be taken. Pure: every problem at once, one machine code, path and text each.
//!
//! [`check`] asks every rule: [`read_draft`] and [`check_shape`] give it a draft of good shape, the flow gives it the
//! [`Facts`]. The codes are listed in [`codes`] and, with what they mean and what helps, in
//! [the table of problems](../../docs/problems.md).

mod catalogue;
mod check;
pub mod codes;
mod customer;
mod draft;
mod json;
pub mod limits;
mod price;
mod problem;
mod schedule;
mod settings;
mod shape;

pub use check::{Facts, Verdict, check, check_expected, check_packed};
pub use customer::{CustomerMatch, match_customer, same_customer};
pub use draft::{CustomerDraft, DraftLine, OrderDraft};
pub use json::{read_draft, read_lines};
pub use problem::{Problem, Problems};
pub(crate) use schedule::slot_of;
pub use schedule::{OfferedSlot, is_open, next_open, slots, span_at, store_day};
pub use settings::SettingError;
pub(crate) use shape::MAX_DISCOUNT_CODE;
pub use shape::{Shaped, ShapedLine, check_lines, check_shape};
