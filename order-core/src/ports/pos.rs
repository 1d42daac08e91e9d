//! A point-of-sale system, as the flow sees it.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::PosError;
use crate::model::{
    Capabilities, CustomerId, CustomerKind, FulfillmentKind, Note, Order, OrderCustomer, OrderId, OrderItem,
    Personal, PosOrderId, ProductId, Quantity, Status, Totals, VariantId, VendorLabel,
};

/// A line as it is sent to, or read from, a POS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosLine {
    /// The product.
    pub product_id: ProductId,
    /// Its size, where the catalogue distinguishes them.
    pub variant_id: Option<VariantId>,
    /// How much.
    pub quantity: Quantity,
}

/// An order as it is sent to a POS. Build it by hand, or from an [`Order`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosOrder {
    /// Our id: the reference that the order is found again by.
    pub reference: OrderId,
    /// The code the customer is called by; shown to staff in the POS.
    pub code: String,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// The status to begin in, or the present one for an update.
    pub status: Status,
    /// How it is handed over.
    pub fulfillment: FulfillmentKind,
    /// Who ordered.
    pub customer: OrderCustomer,
    /// What, with nothing that was removed.
    pub lines: Vec<PosLine>,
    /// The sums we work with, to compare with what the POS says.
    pub totals: Option<Totals>,
    /// What the customer wrote.
    pub note: Option<Note>,
    /// The coupon entered.
    pub discount_code: Option<String>,
}

impl From<&OrderItem> for PosLine {
    fn from(item: &OrderItem) -> Self {
        let (product_id, variant_id) = match (&item.substitute, item.pick) {
            (Some(substitute), crate::model::PickState::Substituted) => {
                (substitute.product_id.clone(), substitute.variant_id.clone())
            }
            _ => (item.product_id.clone(), item.variant_id.clone()),
        };
        Self { product_id, variant_id, quantity: item.effective_quantity() }
    }
}

impl From<&Order> for PosOrder {
    fn from(order: &Order) -> Self {
        Self {
            reference: order.id,
            code: order.code.to_string(),
            placed_at: order.created_at,
            status: order.status,
            fulfillment: order.fulfillment.kind,
            customer: order.customer.clone(),
            lines: order.items.iter().map(PosLine::from).filter(|line| !line.quantity.is_zero()).collect(),
            totals: Some(order.totals),
            note: order.note.clone(),
            discount_code: order.discount_code.clone(),
        }
    }
}

/// How much of a purchase limit is used, in the POS's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitUse {
    /// Which limit.
    pub name: String,
    /// How much of it this order and what the POS knows use up.
    pub used: Decimal,
    /// How much is allowed.
    pub allowed: Decimal,
}

/// What the POS would charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosQuote {
    /// The sums.
    pub totals: Totals,
    /// The limits it reported.
    pub limits: Vec<LimitUse>,
}

/// What the POS holds of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosSnapshot {
    /// The id to ask with.
    pub id: PosOrderId,
    /// The number people in the store see.
    pub number: Option<String>,
    /// Our reference, as the POS gives it back.
    pub reference: Option<String>,
    /// The vendor's own status word.
    pub raw_status: String,
    /// The status in our words; none for a word we do not know.
    pub status: Option<Status>,
    /// Whether it is paid, when the POS says.
    pub paid: Option<bool>,
    /// The sums, when the POS gives them.
    pub totals: Option<Totals>,
    /// The lines, without fees.
    pub lines: Vec<PosLine>,
    /// The customer there.
    pub customer: Option<CustomerId>,
    /// When it last changed there, when the POS says.
    pub updated_at: Option<DateTime<Utc>>,
}

/// What to look for after an unclear answer.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The order as it was sent.
    pub order: PosOrder,
    /// When the unclear call was made, at the earliest.
    pub sent_after: DateTime<Utc>,
}

/// What a look-up after an unclear answer found.
#[derive(Debug, Clone)]
pub enum Resolution {
    /// It is there.
    Found(Box<PosSnapshot>),
    /// It is provably not there: creating it again is safe.
    Absent,
    /// The POS offers no way to be sure.
    CannotTell {
        /// Why not, in one sentence.
        why: String,
    },
}

/// A discount code the POS knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// The code.
    pub code: String,
    /// What it is called.
    pub title: String,
}

/// Orders in one store of one POS.
///
/// Every call answers with one of the classes of [`super::RetryClass`]. A call that the
/// [`Capabilities`] rule out fails with [`super::PosErrorKind::Unsupported`] before any I/O.
#[async_trait]
pub trait PosOrderClient: Send + Sync + Debug {
    /// The vendor's label.
    fn vendor(&self) -> &VendorLabel;

    /// What this client, as set up, can do.
    fn capabilities(&self) -> Capabilities;

    /// Asks the POS whether address, credentials and rights are in order. Changes nothing there.
    async fn check(&self) -> Result<(), PosError>;

    /// Prices a basket. Changes nothing there.
    async fn quote(&self, order: &PosOrder) -> Result<PosQuote, PosError>;

    /// Creates the order. Never repeated after [`super::RetryClass::Ambiguous`] without [`Self::resolve`].
    async fn create(&self, order: &PosOrder) -> Result<PosSnapshot, PosError>;

    /// Looks for an order whose create ended without a clear answer.
    async fn resolve(&self, probe: &Probe) -> Result<Resolution, PosError>;

    /// Reads an order.
    async fn get(&self, id: &PosOrderId) -> Result<PosSnapshot, PosError>;

    /// Makes the order there hold these lines. Doing it twice is doing it once.
    async fn update(&self, id: &PosOrderId, order: &PosOrder) -> Result<PosSnapshot, PosError>;

    /// Sets the status. Doing it twice is doing it once.
    async fn set_status(&self, id: &PosOrderId, status: Status) -> Result<PosSnapshot, PosError>;

    /// Tells the POS that the order is paid.
    async fn mark_paid(&self, id: &PosOrderId) -> Result<PosSnapshot, PosError>;

    /// Cancels. An order already cancelled there is a success.
    async fn cancel(&self, id: &PosOrderId) -> Result<PosSnapshot, PosError>;

    /// Looks a discount code up; none when the POS does not know it.
    async fn coupon(&self, code: &str) -> Result<Option<Coupon>, PosError>;
}

/// What to look a customer up by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustomerQuery {
    /// The POS's own id.
    Id(CustomerId),
    /// Phone, digits only.
    Phone(Personal),
    /// E-mail.
    Email(Personal),
    /// First and last name.
    Name {
        /// Given name.
        first: Personal,
        /// Family name.
        last: Personal,
    },
}

/// A customer in the POS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PosCustomer {
    /// Their id there.
    pub id: CustomerId,
    /// Given name, as the POS writes it.
    pub first_name: Personal,
    /// Family name.
    pub last_name: Personal,
    /// Phone.
    pub phone: Option<Personal>,
    /// E-mail.
    pub email: Option<Personal>,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: Option<Personal>,
    /// Adult-use or medical.
    pub kind: CustomerKind,
    /// Staff have seen their papers.
    pub verified: bool,
    /// The store does not sell to them.
    pub banned: bool,
}

/// A customer to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// Given name.
    pub first_name: Personal,
    /// Family name.
    pub last_name: Personal,
    /// Phone.
    pub phone: Option<Personal>,
    /// E-mail.
    pub email: Option<Personal>,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: Personal,
    /// Adult-use or medical.
    pub kind: CustomerKind,
}

/// The customer base of a POS.
#[async_trait]
pub trait PosCustomers: Send + Sync + Debug {
    /// All customers that fit; none when nobody does. Never picks one of several.
    async fn find(&self, query: &CustomerQuery) -> Result<Vec<PosCustomer>, PosError>;

    /// Creates a customer.
    async fn create_customer(&self, customer: &NewCustomer) -> Result<PosCustomer, PosError>;
}
