//! Menus, prices, what customers see, and the host itself.

use chrono::{DateTime, Utc};
use order_core::model::{ProductClass, ReasonCode, Status};
use utoipa::ToSchema;

use super::{
    Amount, ClassWord, PaymentStatus, PickState, Quantity, ReasonWord, StatusWord, Totals, Violation,
};

/// How much there is.
#[derive(ToSchema)]
pub(crate) struct Stock {
    /// How much.
    quantity: Amount,
    /// Whether it may be more.
    at_least: Option<bool>,
    /// When that was so.
    as_of: DateTime<Utc>,
}

/// One size of a product.
#[derive(ToSchema)]
pub(crate) struct Variant {
    /// Its id.
    id: String,
    /// In words.
    size: String,
    /// Before tax.
    price: Amount,
    /// How much there is; absent when nobody knows.
    stock: Option<Stock>,
    /// What is in one of this size, where it differs from the product.
    content: Option<Content>,
}

/// What is in one unit or gram of something.
#[derive(ToSchema)]
pub(crate) struct Content {
    /// What purchase limits take it for.
    #[schema(value_type = Option<ClassWord>)]
    class: Option<ProductClass>,
    /// Weight of cannabis.
    weight_grams: Option<Amount>,
    /// Weight of the whole product.
    net_grams: Option<Amount>,
    /// Volume of the whole product.
    volume_ml: Option<Amount>,
    /// THC.
    thc_mg: Option<Amount>,
    /// CBD.
    cbd_mg: Option<Amount>,
}

/// By the piece or by weight.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum SoldBy {
    /// By the piece.
    Unit,
    /// By the gram.
    Gram,
}

/// What a store sells.
#[derive(ToSchema)]
pub(crate) struct Product {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// Who makes it.
    brand: Option<String>,
    /// Its category.
    category: String,
    /// Its size, where it has only one.
    size: Option<String>,
    /// Before tax.
    price: Amount,
    /// By the piece or by weight.
    sold_by: SoldBy,
    /// What purchase limits take it for, where the POS says.
    #[schema(value_type = Option<ClassWord>)]
    class: Option<ProductClass>,
    /// Weight of cannabis in it.
    weight_grams: Option<Amount>,
    /// Weight of the whole product.
    net_grams: Option<Amount>,
    /// Volume of the whole product.
    volume_ml: Option<Amount>,
    /// THC in it.
    thc_mg: Option<Amount>,
    /// CBD in it.
    cbd_mg: Option<Amount>,
    /// For medical customers only.
    medical_only: bool,
    /// Whether it is for sale.
    published: bool,
    /// Whether it was called back.
    recalled: Option<bool>,
    /// The last day it may be sold, YYYY-MM-DD.
    expires_on: Option<String>,
    /// How much there is; absent when nobody knows.
    stock: Option<Stock>,
    /// Its sizes.
    variants: Option<Vec<Variant>>,
}

/// What a page needs to know about a store.
#[derive(ToSchema)]
pub(crate) struct StoreInfo {
    /// What customers know it as.
    name: String,
    /// Where it is.
    address: Option<String>,
    /// IANA name.
    time_zone: String,
    /// Whether coupons can be looked up.
    coupons: bool,
    /// Whether kiosks are refused now.
    paused: bool,
}

/// A pick-up time with a place left.
#[derive(ToSchema)]
pub(crate) struct PickupTime {
    /// From when; what an order names as its `pickup_at`.
    from: DateTime<Utc>,
    /// Until when.
    until: DateTime<Utc>,
    /// How many orders it still takes; absent where there is no bound.
    left: Option<u64>,
}

/// The pick-up times that may be chosen now.
#[derive(ToSchema)]
pub(crate) struct PickupTimes {
    /// Earliest first.
    slots: Vec<PickupTime>,
}

/// Whether a store takes no orders.
#[derive(ToSchema)]
pub(crate) struct Paused {
    /// Whether it does.
    paused: bool,
    /// Since when.
    since: Option<DateTime<Utc>>,
    /// Until when; until somebody ends it when not given.
    until: Option<DateTime<Utc>>,
}

/// A store's menu.
#[derive(ToSchema)]
pub(crate) struct Menu {
    /// What it sells.
    products: Vec<Product>,
    /// In which currency.
    currency: String,
    /// Whose menu it is.
    store: StoreInfo,
}

/// A line of a quote.
#[derive(ToSchema)]
pub(crate) struct QuotedLine {
    /// The product.
    product_id: String,
    /// Its size.
    variant_id: Option<String>,
    /// What it is called.
    name: String,
    /// How much.
    quantity: Quantity,
    /// Price per unit or gram, as the menu shows it.
    unit_price: Amount,
    /// The line before discount and tax.
    line_total: Amount,
    /// Taken off.
    discount: Amount,
    /// All taxes on it.
    tax: Amount,
}

/// Whose limit it is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum LimitSource {
    /// The jurisdiction's.
    Law,
    /// The store's own.
    Store,
    /// The POS's.
    Pos,
}

/// How much of something still fits under a limit.
#[derive(ToSchema)]
pub(crate) struct Room {
    /// Of what.
    #[schema(value_type = ClassWord)]
    class: ProductClass,
    /// How much.
    amount: Amount,
    /// In which unit.
    unit: String,
}

/// How much of a purchase limit is used: by this basket and the customer's other orders at this store.
#[derive(ToSchema)]
pub(crate) struct LimitUsage {
    /// Which rule.
    rule: String,
    /// What it limits.
    name: String,
    /// How much of it is used.
    used: Amount,
    /// Out of how much.
    allowed: Amount,
    /// What is left.
    left: Amount,
    /// In which unit: g, mg, ml or units; absent where the POS does not say.
    unit: Option<String>,
    /// Whose limit it is.
    source: LimitSource,
    /// Nobody may let an order pass over it.
    hard: bool,
    /// What still fits, class by class.
    room: Vec<Room>,
    /// In words, such as `you may add 3.5 g of flower`.
    advice: String,
}

/// What staff should know about how an order was taken.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum OrderWarning {
    /// A stock figure was older than the store trusts.
    StaleStock,
    /// Several customers in the POS fit.
    AmbiguousCustomer,
}

/// Whose sums a quote shows.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum QuoteSource {
    /// The POS's.
    Pos,
    /// Our own.
    Store,
}

/// What a basket costs.
#[derive(ToSchema)]
pub(crate) struct Quote {
    /// The lines.
    items: Vec<QuotedLine>,
    /// The sums.
    totals: Totals,
    /// Whose sums they are.
    source: QuoteSource,
    /// Whether the prices have the taxes in them.
    tax_included: bool,
    /// How much of each purchase limit is used and left.
    limits: Vec<LimitUsage>,
    /// What staff will be told.
    warnings: Vec<OrderWarning>,
    /// True when our own sums are shown.
    estimate: bool,
}

/// A basket that cannot be sold as it is (RFC 9457).
#[derive(ToSchema)]
pub(crate) struct QuoteProblem {
    /// `/problems/invalid`.
    r#type: String,
    /// The kind in words.
    title: String,
    /// The HTTP status again.
    status: u16,
    /// Everything that stands against it.
    errors: Vec<Violation>,
    /// What it would cost, and how much of the purchase limits it uses.
    quote: Quote,
}

/// A coupon the POS knows.
#[derive(ToSchema)]
pub(crate) struct Coupon {
    /// Its code.
    code: String,
    /// What it gives, for people.
    title: String,
}

/// A line as its customer sees it.
#[derive(ToSchema)]
pub(crate) struct CustomerLine {
    /// What it is called.
    name: String,
    /// Its size in words.
    size: Option<String>,
    /// How much.
    quantity: Quantity,
    /// The line before tax.
    line_total: Amount,
    /// How far it is gathered.
    pick: PickState,
}

/// An order as its customer sees it.
#[derive(ToSchema)]
pub(crate) struct CustomerOrder {
    /// Its code.
    code: String,
    /// What the store is doing with it.
    #[schema(value_type = StatusWord)]
    status: Status,
    /// Why it was cancelled.
    #[schema(value_type = Option<ReasonWord>)]
    reason: Option<ReasonCode>,
    /// What the customer is called by: first name and initial.
    called: String,
    /// The lines.
    items: Vec<CustomerLine>,
    /// The sums.
    totals: Totals,
    /// Where money stands.
    payment: PaymentStatus,
    /// Whether something is stuck that staff will mend.
    staff_will_help: bool,
    /// When it was placed.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

/// That the process answers.
#[derive(ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: String,
}

/// Work that waits.
#[derive(ToSchema)]
pub(crate) struct Outbox {
    /// How much.
    waiting: u64,
    /// How much of it is due.
    due: u64,
    /// Since when.
    oldest_due: Option<DateTime<Utc>>,
}

/// Whether the host can do its work.
#[derive(ToSchema)]
pub(crate) struct Readiness {
    /// `ok`, or what is not.
    status: String,
    /// Work that waits; absent when the order store does not answer.
    outbox: Option<Outbox>,
}
