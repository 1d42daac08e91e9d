//! A store and what it decided for itself.

use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Currency, Personal, StoreId, StoreRules, VendorLabel};

/// One tax a store charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// What it is called on a receipt.
    pub name: String,
    /// As a fraction: 0.15 is 15 %.
    pub rate: Decimal,
    /// The categories it is charged on; all when empty.
    #[serde(default)]
    pub categories: Vec<String>,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A new order.
    Submitted,
    /// Lines were merged in or changed.
    Changed,
    /// Packed, waiting to be collected.
    Ready,
    /// Cancelled.
    Canceled,
    /// Handed over.
    Completed,
    /// A person is needed on the POS side.
    Attention,
    /// Staff ask a manager to cancel.
    CancelRequested,
    /// A manager let an order pass over a soft limit.
    LimitOverridden,
}

impl NoticeKind {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Changed => "changed",
            Self::Ready => "ready",
            Self::Canceled => "canceled",
            Self::Completed => "completed",
            Self::Attention => "attention",
            Self::CancelRequested => "cancel_requested",
            Self::LimitOverridden => "limit_overridden",
        }
    }
}

/// Who a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The customer of the order.
    Customer,
    /// The people who prepare orders.
    Staff,
    /// The people who answer for the store.
    Manager,
}

impl Audience {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
            Self::Manager => "manager",
        }
    }
}

/// The way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// A call to an address of the store's choice.
    Webhook,
}

impl Channel {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }
}

/// One message the store wants sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRule {
    /// On what.
    pub event: NoticeKind,
    /// To whom.
    pub audience: Audience,
    /// How.
    pub channel: Channel,
}

/// Which messages a store wants, and to which addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticeSettings {
    /// Addresses of staff.
    pub staff: Vec<Personal>,
    /// Addresses of managers.
    pub managers: Vec<Personal>,
    /// What to send.
    pub rules: Vec<NoticeRule>,
    /// A sentence of the store's own at the head of customer mail.
    pub intro: Option<String>,
}

impl Default for NoticeSettings {
    /// New and changed orders to staff and customer, calls for a person to staff and managers, by e-mail.
    fn default() -> Self {
        use Audience::{Customer, Manager, Staff};
        use NoticeKind::{Attention, CancelRequested, Changed, LimitOverridden, Submitted};
        let rules = [
            (Submitted, Customer),
            (Submitted, Staff),
            (Changed, Customer),
            (Changed, Staff),
            (Attention, Staff),
            (Attention, Manager),
            (CancelRequested, Manager),
            (LimitOverridden, Manager),
        ]
        .map(|(event, audience)| NoticeRule { event, audience, channel: Channel::Email })
        .to_vec();
        Self { staff: Vec::new(), managers: Vec::new(), rules, intro: None }
    }
}

/// The store's choices that bear on what may be done with an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// New orders wait until staff have verified the customer.
    pub verify_first: bool,
    /// Staff may start although the POS does not have the order yet.
    pub work_through_outages: bool,
    /// Orders may be dispatched to a driver.
    pub delivery: bool,
    /// A late cancel by staff becomes a request to a manager.
    pub late_cancel_needs_manager: bool,
    /// Completing needs an explicit statement that the ID was seen. Otherwise the person who completes
    /// vouches for it by completing. Either way it is recorded who and when.
    pub explicit_id_check: bool,
    /// The register takes the money, so an order may be completed while it is unpaid here.
    pub pos_takes_payment: bool,
    /// How long an order waits to be collected before it may expire, in minutes.
    pub hold_minutes: u32,
    /// How long a cancelled order may be reopened, in minutes.
    pub reopen_minutes: u32,
    /// The most lines an order may have.
    pub max_lines: usize,
    /// The most units a line may have.
    pub max_units: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            verify_first: false,
            work_through_outages: false,
            delivery: false,
            late_cancel_needs_manager: false,
            explicit_id_check: false,
            pos_takes_payment: true,
            hold_minutes: 24 * 60,
            reopen_minutes: 30,
            max_lines: 50,
            max_units: 99,
        }
    }
}

/// A store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Its id in addresses and tokens.
    pub id: StoreId,
    /// What customers know it as.
    pub name: String,
    /// Where its day begins and ends.
    pub time_zone: Tz,
    /// What it charges in.
    pub currency: Currency,
    /// Which POS it runs; none for a store without.
    pub vendor: Option<VendorLabel>,
    /// Where it is, for messages.
    pub address: Option<String>,
    /// The taxes it charges.
    pub taxes: Vec<TaxRate>,
    /// Its choices.
    pub policy: Policy,
    /// Its messages.
    pub notices: NoticeSettings,
    /// What it decided about its rules.
    pub rules: StoreRules,
}

impl Store {
    /// The rate of each tax on a category.
    pub fn tax_rates(&self, category: &str) -> Vec<Decimal> {
        self.taxes
            .iter()
            .filter(|tax| tax.categories.is_empty() || tax.categories.iter().any(|c| c == category))
            .map(|tax| tax.rate)
            .collect()
    }
}
