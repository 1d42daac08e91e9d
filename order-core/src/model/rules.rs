//! What a store decided about its rules. Plain data; [`crate::rules`] applies it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomerKind, LimitRule, ProductClass, ProductId};

/// All that a store decided about its rules. The default is a store that refuses only what nobody may sell:
/// always open, no purchase limits, guests welcome.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreRules {
    /// Who may order.
    pub customers: CustomerRules,
    /// When the store is open; always when not given.
    pub hours: Option<OpeningHours>,
    /// When and how often may be ordered.
    pub ordering: OrderingRules,
    /// How far a stock figure is trusted.
    pub stock: StockRules,
    /// How prices are made.
    pub prices: PriceRules,
    /// How much one customer may buy.
    pub limits: LimitRules,
}

/// Who may order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerRules {
    /// From which age adults may order, in years.
    pub adult_age: u8,
    /// From which age medical customers and caregivers may order, in years.
    pub medical_age: u8,
    /// An order without a birth date is refused. Otherwise the age is left to whoever looks at the ID.
    pub birth_date_required: bool,
    /// Orders are taken from people who give no id, phone or e-mail.
    pub guests: bool,
    /// Medical orders are refused without a card's expiry date. Otherwise the card is left to whoever verifies.
    pub card_required: bool,
    /// The store serves adults. Off in a medical-only store.
    pub adult_use: bool,
    /// The store serves medical customers and caregivers.
    pub medical: bool,
}

impl Default for CustomerRules {
    fn default() -> Self {
        Self {
            adult_age: 21,
            medical_age: 18,
            birth_date_required: false,
            guests: true,
            card_required: false,
            adult_use: true,
            medical: true,
        }
    }
}

/// A stretch of a day, in the store's own time.
///
/// One that ends at or before its beginning ends on the next day; one that begins and ends at midnight is the
/// whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenSpan {
    /// From.
    pub open: NaiveTime,
    /// Until, the moment itself excluded.
    pub close: NaiveTime,
}

/// When a store is open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpeningHours {
    /// On Mondays. A day without a span is closed.
    pub mon: Vec<OpenSpan>,
    /// On Tuesdays.
    pub tue: Vec<OpenSpan>,
    /// On Wednesdays.
    pub wed: Vec<OpenSpan>,
    /// On Thursdays.
    pub thu: Vec<OpenSpan>,
    /// On Fridays.
    pub fri: Vec<OpenSpan>,
    /// On Saturdays.
    pub sat: Vec<OpenSpan>,
    /// On Sundays.
    pub sun: Vec<OpenSpan>,
    /// Days that differ, such as holidays; an empty list is a closed day.
    pub exceptions: BTreeMap<NaiveDate, Vec<OpenSpan>>,
}

impl OpeningHours {
    /// The spans that begin on this day.
    pub fn on(&self, day: NaiveDate) -> &[OpenSpan] {
        use chrono::Datelike as _;
        if let Some(spans) = self.exceptions.get(&day) {
            return spans;
        }
        match day.weekday() {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }
}

/// At most so many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many orders.
    pub orders: u32,
    /// In how many minutes.
    pub minutes: u32,
}

/// Pick-up times on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotRules {
    /// How long one slot is, in minutes. Slots are counted from midnight in the store's time, so a length that
    /// divides an hour gives times that people expect.
    pub minutes: u32,
    /// How many orders one slot takes; no bound when not given.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// How long the store needs to prepare, in minutes: no slot begins sooner.
    #[serde(default)]
    pub lead_minutes: u32,
    /// How many days ahead may be ordered; 0 is today only.
    #[serde(default)]
    pub days_ahead: u32,
}

/// When and how often may be ordered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderingRules {
    /// The last order is taken this long before closing, in minutes.
    pub cut_off_minutes: u32,
    /// Orders are taken while the store is closed and prepared when it opens.
    pub when_closed: bool,
    /// Pick-up times on offer; none means that customers come when it is ready.
    pub slots: Option<SlotRules>,
    /// A customer with an open order is offered to add to it instead of placing another. A POS that insists on
    /// one open order for each customer switches this on by itself.
    pub one_open_order: bool,
    /// How many orders one kiosk may place.
    pub per_kiosk: Option<Rate>,
    /// How many orders may be placed with one phone number.
    pub per_phone: Option<Rate>,
}

/// How far a stock figure is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StockRules {
    /// This much of every product is kept back, in its own measure.
    pub margin: Decimal,
    /// A figure older than this is stale, in minutes; staff are told, and the order says so. Never when not given.
    pub stale_after_minutes: Option<u32>,
    /// Orders on a stale figure are refused instead.
    pub refuse_stale: bool,
}

/// What a discount takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// So many hundredths of every line it is good for.
    Percent(Decimal),
    /// So much of the basket, spread over the lines it is good for; never more than they cost.
    Amount(Decimal),
}

/// A discount of the store's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discount {
    /// The code to enter; case does not matter. Without one it applies by itself.
    #[serde(default)]
    pub code: Option<String>,
    /// What it is called on a receipt.
    pub title: String,
    /// What it takes off.
    pub off: Off,
    /// The categories it is good for; all when empty. Case does not matter.
    #[serde(default)]
    pub categories: BTreeSet<String>,
    /// The products it is good for; all when empty. With categories too, a product must be in both.
    #[serde(default)]
    pub products: BTreeSet<ProductId>,
    /// Who may have it; everybody when empty.
    #[serde(default)]
    pub customers: Vec<CustomerKind>,
    /// What the whole basket must at least come to, at the menu's prices and before discount, whatever of it the
    /// discount is good for.
    #[serde(default)]
    pub min_subtotal: Decimal,
    /// The first day it is good, in the store's time.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// The last day it is good.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// How prices are made. Money is rounded for every line, its discount and each of its taxes by itself, halves away
/// from zero, to the smallest coin of the currency.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PriceRules {
    /// The prices on the menu have the taxes in them.
    pub tax_included: bool,
    /// How far a total may move from what the customer saw before they are asked again, in the store's currency;
    /// up or down; they are not asked when not given.
    pub tolerance: Option<Decimal>,
    /// Discounts of the store's own. Of those without a code the first that fits counts, and a code counts on top
    /// of nothing: it replaces them.
    pub discounts: Vec<Discount>,
}

/// What is done with goods that a rule set does not speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silent {
    /// They are not sold until somebody found out.
    #[default]
    Refuse,
    /// They are sold without a limit; the store answers for that.
    Allow,
}

/// Which purchase limits a store follows.
///
/// Whatever is written here can only make a hard rule tighter: limits of the store's own count beside those of
/// the jurisdiction, and a cap above a hard one is an error when the flow is put together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitRules {
    /// The jurisdictions whose limits count, such as `us-ca`; all of them at once. None means no limits.
    pub jurisdictions: Vec<String>,
    /// Somebody at the store has compared a rule set of a weak source with the law and answers for it. Without
    /// this, such a set is an error when the flow is put together.
    pub confirmed: BTreeSet<String>,
    /// The store's own cap for a rule, in the unit its use is told in. The key is the rule's id, such as
    /// `us-ca.flower`, or `flower` where only one rule is called so. A hard rule's cap can only be made smaller.
    /// Where goods share a limit, the cap is that of the part named first, and the others shrink with it.
    pub caps: BTreeMap<String, Decimal>,
    /// Limits of the store's own, beside those of the jurisdictions; their ids begin with `store.`.
    pub own: Vec<LimitRule>,
    /// What is done with goods a rule set does not speak of.
    pub silent: Silent,
    /// What the store's categories are, where their names do not say it.
    pub classes: BTreeMap<String, ProductClass>,
}

/// That a store takes no orders for a while: a rush, an outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when; until somebody ends it when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl Pause {
    /// Whether it holds at this moment.
    pub fn holds_at(&self, at: DateTime<Utc>) -> bool {
        self.since <= at && self.until.is_none_or(|until| at < until)
    }
}
