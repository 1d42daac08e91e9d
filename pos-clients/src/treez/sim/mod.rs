//! The documented behaviour of the v2 API as a state machine.
//!
//! Facts are cited by the section of the vendor notes they stand in, e.g. "Treez 4.3". Where those are silent the
//! simulator does the plainest thing and says so:
//!
//! * Refusals whose codes are unpublished (stock, duplicate customer, broken payment rule, changes to a closed
//!   ticket) use [`INVALID_REQUEST`](undocumented) or `INVALID_TICKET_STATUS` with a telling detail. No client
//!   may match those texts.
//! * Every method and path that is not documented, and every other store's slug, is `404 NOT_FOUND`.
//! * Purchase limits are reported (Treez 4.3) but not enforced, and a banned customer's order is not refused
//!   (Treez 3): both behaviours are unpublished.
//! * A ticket in `COMPLETED`, `CANCELED` or `REMOVED` is closed; repeating its own status is a no-op, anything
//!   else is refused. A paid ticket cannot be cancelled, since refunds are not possible through the API.
//! * Reward dollars are echoed, never redeemed, and automatic discounts never apply.

mod customer_body;
mod customers;
mod fields;
mod pricing;
mod products;
mod reply;
mod route;
mod staff;
mod ticket_body;
mod ticket_json;
mod tickets;
mod tokens;
pub mod undocumented;

use std::collections::VecDeque;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{Request, Response};
use secrecy::SecretString;

use self::customers::Customers;
use self::products::Shelf;
use self::reply::{Answer, Refusal, StoreTime};
use self::route::{Call, Route};
use self::tickets::Tickets;
use self::tokens::Tokens;
use crate::sim::seed::{Seed, SeedTax};
use crate::sim::{SimError, SimOrder, SimRandom, Simulator};

/// Requests a store may make within one second (Treez 6).
const RATE_LIMIT: usize = 10;

/// How the token must be written in the `authorization` header; working clients disagree (Treez 2a).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPrefix {
    /// The token alone.
    Raw,
    /// `Bearer ` and the token.
    Bearer,
    /// Either.
    Any,
}

/// Where an answer keeps its content when the notes know two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataShape {
    /// `data` is an object.
    Object,
    /// `data` is an array of objects.
    Array,
    /// `ticketList` is an array of objects. Customers have no such list and use an array in `data` instead.
    TicketList,
}

/// What an update does with fields it leaves out (unknown, Treez 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Omitted {
    /// They stay as they are.
    Keep,
    /// They are erased, items too.
    Clear,
}

/// What a [`TreezSim`] expects of its clients, and which of the vendor's disputed habits it shows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TreezSimConfig {
    /// The store's slug in every path (Treez 1).
    pub slug: String,
    /// The partner's client id, in the token call and in a header of every other (Treez 2a).
    pub client_id: String,
    /// The store's key (Treez 2a).
    pub api_key: SecretString,
    /// How the token must be written; any way unless told.
    pub prefix: TokenPrefix,
    /// Whether unknown body fields, unknown query parameters and quantities in strings are refused; they are unless told.
    pub strict: bool,
    /// The status of a refused token call: 200 or a 4xx (Treez 2a); 401 unless told.
    pub token_failure_status: u16,
    /// The `data` of a customer found by phone, e-mail, name or licence (Treez 3); an object unless told.
    pub customer_data: DataShape,
    /// Where a ticket read by id stands (Treez 4.3); in `ticketList` unless told.
    pub ticket_data: DataShape,
    /// What an update does with omitted fields; it keeps them unless told.
    pub omitted: Omitted,
    /// The highest `sellable_quantity` shown (Treez 5); no cap unless told.
    pub sellable_cap: Option<u32>,
    /// Products on one page of the product list (Treez 5); 50 unless told.
    pub product_page_size: usize,
    /// Whether the eleventh request within a second is answered with 429 (Treez 6); it is not unless told.
    pub rate_limit: bool,
}

impl TreezSimConfig {
    /// The usual habits, for one store and one partner.
    pub fn new(slug: impl Into<String>, client_id: impl Into<String>, api_key: impl Into<String>) -> Self {
        Self {
            slug: slug.into(),
            client_id: client_id.into(),
            api_key: SecretString::from(api_key.into()),
            prefix: TokenPrefix::Any,
            strict: true,
            token_failure_status: 401,
            customer_data: DataShape::Object,
            ticket_data: DataShape::TicketList,
            omitted: Omitted::Keep,
            sellable_cap: None,
            product_page_size: 50,
            rate_limit: false,
        }
    }
}

/// One store at the vendor, served below `/v2.0/dispensary/{slug}/`.
#[derive(Debug)]
pub struct TreezSim {
    config: TreezSimConfig,
    time: StoreTime,
    taxes: Vec<SeedTax>,
    customers: Customers,
    shelf: Shelf,
    tickets: Tickets,
    tokens: Tokens,
    random: SimRandom,
    recent: VecDeque<DateTime<Utc>>,
}

impl TreezSim {
    /// A store with the seed's catalogue, stock, taxes and customers. `prng_seed` decides its ids and tokens.
    pub fn new(config: TreezSimConfig, seed: &Seed, prng_seed: u64) -> Self {
        Self {
            time: StoreTime(seed.store.time_zone),
            taxes: seed.taxes.clone(),
            customers: Customers::new(&seed.customers),
            shelf: Shelf::new(seed),
            tickets: Tickets::default(),
            tokens: Tokens::default(),
            random: SimRandom::new(prng_seed),
            recent: VecDeque::new(),
            config,
        }
    }

    fn answer(&mut self, request: &Request<Bytes>, now: DateTime<Utc>) -> Answer {
        let Some(call) = Call::read(request, &self.config.slug, now) else {
            return Err(Refusal::nothing_found());
        };
        if self.config.rate_limit {
            self.count_request(now)?;
        }
        if call.route == Route::Token {
            return self.issue_token(&call);
        }
        self.tokens.check(request.headers(), &self.config, now)?;
        if self.config.strict {
            call.check_query()?;
        }
        match &call.route {
            Route::Token => Err(Refusal::nothing_found()),
            Route::Customer(key) => self.find_customer(key),
            Route::CustomersSignedUp { from, to, paging } => self.customers_signed_up(from, to, paging),
            Route::CustomersUpdated { after, paging } => self.customers_updated(after, paging),
            Route::CustomerCreate => self.create_customer(&call),
            Route::CustomerUpdate(id) => self.update_customer(id, &call),
            Route::Products => self.list_products(&call, None),
            Route::ProductsUpdated(after) => self.list_products(&call, Some(after)),
            Route::Product(id) => self.product(id),
            Route::Locations => self.locations(),
            Route::Preview => self.preview_ticket(&call),
            Route::Create => self.create_ticket(&call),
            Route::Update(id) => self.update_ticket(id, &call),
            Route::Ticket(id) => self.ticket(id),
            Route::TicketByNumber(number) => self.ticket_by_number(number),
            Route::Tickets { filter, paging } => self.list_tickets(filter, paging, &call),
            Route::History(id) => self.ticket_history(id),
        }
    }

    fn count_request(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        while self.recent.front().is_some_and(|first| now - *first >= TimeDelta::seconds(1)) {
            self.recent.pop_front();
        }
        if self.recent.len() >= RATE_LIMIT {
            return Err(Refusal::throttled());
        }
        self.recent.push_back(now);
        Ok(())
    }
}

impl Simulator for TreezSim {
    fn handle(&mut self, request: Request<Bytes>, now: DateTime<Utc>) -> Response<Bytes> {
        self.answer(&request, now).unwrap_or_else(Refusal::into_response)
    }

    fn orders(&self) -> Vec<SimOrder> {
        self.tickets.orders()
    }

    fn staff(&mut self, order: &str, action: &str, now: DateTime<Utc>) -> Result<(), SimError> {
        self.act(order, action, now)
    }

    fn staff_actions(&self) -> &'static [&'static str] {
        staff::ACTIONS
    }

    fn operation(&self, request: &Request<Bytes>) -> &'static str {
        route::operation(request)
    }

    fn operations(&self) -> &'static [&'static str] {
        route::OPERATIONS
    }

    fn revoke_tokens(&mut self) {
        self.tokens.revoke_all();
    }
}
