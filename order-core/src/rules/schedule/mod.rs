//! When may be ordered: opening hours, cut-off, pick-up slots; how often; and whether the store takes orders at all.
//!
//! All times are the store's own. A time of the clock that a change to summer time leaves out is the first moment
//! after the gap; of one that comes twice, an opening takes the first and a closing the second.

mod hours;
mod ordering;
mod pickup;
mod words;

pub use hours::{is_open, next_open, span_at, store_day};
pub(super) use ordering::{check_one_open, check_ordering};
pub(super) use pickup::check_time;
pub(crate) use pickup::slot_of;
pub use pickup::{OfferedSlot, slots};
