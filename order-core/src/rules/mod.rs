//! What an order must be to be taken. Pure: every problem at once, one machine code, path and text each.
//!
//! [`check`] asks every rule: [`read_draft`] and [`check_shape`] give it a draft of good shape, the flow gives it the
//! [`Facts`]. The codes are listed in [`codes`] and, with what they mean and what helps, in
//! [the table of problems](../../docs/problems.md).
//!
//! # Who somebody is
//!
//! Where it cannot be known who somebody is, nobody guesses: staff are warned and ask. What this rests on:
//!
//! - A birth date counts in the store's own day. Who was born on 29 February comes of age on 1 March of a common
//!   year, not a day before.
//! - A customer of the POS is the one who orders when the id says so, else when they alone have the same e-mail,
//!   else the same phone, else the same last name and birth date. Whoever has another birth date is somebody else.
//! - A birth date in the POS stands against an order only where it cannot be a mix-up: the id is the same and staff
//!   there have seen the papers. A date that merely differs, or belongs to somebody found by a shared phone or
//!   e-mail, is a reason to ask.
//! - For limits, orders with the same phone or e-mail count as one person's even under another name, because
//!   another name is all that evasion would take. Two people who share a phone tell themselves apart by their
//!   birth dates.
//!
//! # Prices and rounding
//!
//! Money is rounded in three places and nowhere else, each time to the smallest coin of the currency (cents for
//! dollars, whole yen, thousandths of a dinar), halves away from zero:
//!
//! 1. the line before discount: price times quantity. Prices themselves may be finer than a coin;
//! 2. the discount of the line;
//! 3. each tax of the line, on what is left of it after discount.
//!
//! Sums are of rounded amounts and are exact: `total = subtotal - discount + tax`, line by line and for the order.
//! Where the menu's prices have the taxes in them, each tax is taken out of what is paid, and the total is exactly
//! the prices less the discounts, whatever the taxes round to.
//!
//! At most one discount of the store's own counts: that of the code entered, or else the first that applies by
//! itself. A percentage is taken off every line it is good for and rounded there. An amount is spread over those
//! lines in proportion to what they cost: every line gets its share rounded down, and the coins that are left go one
//! each to the lines that lost most by it, the earlier one where two lost the same. So the parts sum up to the
//! amount, no line gets more off than it costs, and the order of the lines decides nothing but such ties.
//!
//! A line that comes short, or that is replaced by something cheaper, keeps the same share of its discount, and gets
//! the rest back when it is gathered in full after all. What was promised on the day an order was placed counts for
//! later changes of its lines too; a code that no longer fits them stops counting and refuses no change.
//!
//! # Goods
//!
//! What is ordered ahead is sold on the day it is handed over: a product's last day of sale, like the last day of a
//! medical card, must not lie before that. What an open order has had already is not taken from it because the
//! product left the menu or its stock figure grew old, only because it was called back or has expired.
//!
//! What is handed over is asked about once more when it is packed and when it leaves: what stands in for a product
//! must be fit for sale too, and limits count it on the day it leaves, whenever it was wanted.

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

pub use check::{Facts, Verdict, check, check_expected, check_handed_over, check_packed};
pub use customer::{CustomerMatch, match_customer, same_customer};
pub use draft::{CustomerDraft, DraftLine, OrderDraft};
pub use json::{read_draft, read_lines};
pub use problem::{Problem, Problems};
pub(crate) use schedule::slot_of;
pub use schedule::{OfferedSlot, is_open, next_open, slots, span_at, store_day};
pub use settings::SettingError;
pub(crate) use shape::MAX_DISCOUNT_CODE;
pub use shape::{Shaped, ShapedLine, check_lines, check_shape};
