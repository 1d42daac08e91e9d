//! The nouns: an order and everything it is made of. Plain data, no I/O, no clock, no randomness.
//!
//! An [`Order`] is a snapshot on four independent axes ([`Status`], [`PosState`], [`PaymentStatus`] and
//! per line [`PickState`]), so that no combined state can trap it. Only [`crate::lifecycle`] changes one.

mod capabilities;
mod content;
mod customer;
mod fulfillment;
mod id;
mod item;
mod key;
mod limit;
mod money;
mod order;
mod payment;
mod pick;
mod pos;
mod product;
mod quantity;
mod reason;
mod rules;
mod schedule;
mod status;
mod store;
mod text;
mod view;

pub use capabilities::{Capabilities, Repeat, StatusSet};
pub use content::{Content, ProductClass};
pub use customer::{CustomerKind, MedicalCard, OrderCustomer, Residency};
pub use fulfillment::{Fulfillment, FulfillmentKind};
pub use id::{
    ActorId, CustomerId, InvalidId, KioskId, LineId, OrderCode, OrderId, PosOrderId, ProductId, Revision,
    StoreId, VariantId, VendorLabel, Version,
};
pub use item::{OrderItem, sum_items};
pub use key::OrderKey;
pub use limit::{
    InvalidAmount, LimitAmount, LimitExemption, LimitGrade, LimitPart, LimitRule, LimitSet, LimitUnit,
    LimitWindow, Measure,
};
pub use money::{Currency, Money, MoneyError, Totals};
pub use order::{IdCheck, LimitOverride, Order, OrderWarning, Printed};
pub use payment::PaymentStatus;
pub use pick::{PickState, Substitute};
pub use pos::{Attention, AttentionCode, Difference, PosProblem, PosReceipt, PosState, PosTask, PosTrack};
pub use product::{Product, SoldBy, Stock, Variant};
pub use quantity::Quantity;
pub use reason::ReasonCode;
pub use rules::{
    CustomerRules, Discount, LimitRules, Off, OpenSpan, OpeningHours, OrderingRules, Pause, PriceRules, Rate,
    Silent, SlotRules, StockRules, StoreRules,
};
pub use schedule::ScheduleError;
pub use status::Status;
pub use store::{Audience, Channel, NoticeKind, NoticeRule, NoticeSettings, Policy, Store, TaxRate};
pub use text::{InvalidText, Note, Personal};
pub use view::{CustomerLine, CustomerOrder};
