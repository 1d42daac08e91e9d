//! What a POS can do, stated as data so that nobody has to ask which vendor it is.

use serde::{Deserialize, Serialize};

use super::Status;

/// Whether repeating a create is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// A repeat makes a second order.
    Never,
    /// A repeat with the same id or key is the same order.
    SameKey,
}

/// A set of statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatusSet(u8);

impl StatusSet {
    /// The set of these statuses.
    pub const fn of(statuses: &[Status]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < statuses.len() {
            bits |= 1 << statuses[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    /// Whether the status is in the set.
    pub const fn contains(self, status: Status) -> bool {
        self.0 & (1 << status as u8) != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The statuses in the set.
    pub fn iter(self) -> impl Iterator<Item = Status> {
        Status::ALL.into_iter().filter(move |status| self.contains(*status))
    }
}

/// What a POS, as it is set up, can do. The flow asks this, never which vendor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether a create may be repeated.
    pub repeat_create: Repeat,
    /// After an unclear answer the order can be looked for.
    pub resolve: bool,
    /// After an unclear answer it can even be proved absent.
    pub prove_absence: bool,
    /// Orders can be read back by id.
    pub get: bool,
    /// Lines can be changed after the create.
    pub edit: bool,
    /// The statuses that can be set there.
    pub set_status: StatusSet,
    /// Orders can be cancelled.
    pub cancel: bool,
    /// It can be told that an order is paid.
    pub mark_paid: bool,
    /// Baskets can be priced.
    pub quote: bool,
    /// It checks purchase limits itself, and a quote tells how much of them is used.
    pub limits: bool,
    /// Customers can be looked up.
    pub customer_find: bool,
    /// Customers can be created.
    pub customer_create: bool,
    /// Coupons can be looked up.
    pub coupon: bool,
    /// The stock figure falls as soon as an order is created there. Where it falls only with the sale, our own
    /// holds count until then.
    pub create_lowers_stock: bool,
    /// One customer may have one open order only.
    pub one_open_order: bool,
    /// The most lines an order may have; none when there is no known limit.
    pub max_lines: Option<usize>,
}

impl Capabilities {
    /// A POS that can take an order and nothing else.
    pub const MINIMAL: Self = Self {
        repeat_create: Repeat::Never,
        resolve: false,
        prove_absence: false,
        get: false,
        edit: false,
        set_status: StatusSet::of(&[]),
        cancel: false,
        mark_paid: false,
        quote: false,
        limits: false,
        customer_find: false,
        customer_create: false,
        coupon: false,
        create_lowers_stock: false,
        one_open_order: false,
        max_lines: None,
    };
}
