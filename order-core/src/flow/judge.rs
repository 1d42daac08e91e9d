//! Gathering what the rules rest on, and asking them.

use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use futures_util::future::{Either, select};
use rust_decimal::Decimal;

use super::asked::{Key, Said};
use super::build::{Inner, StoreSetup};
use super::error::FlowError;
use crate::access::{Caller, Role};
use crate::model::{KioskId, Order, OrderCustomer, OrderId, OrderItem, OrderKey, PickState, Rate, Status};
use crate::ports::{
    CustomerQuery, Hold, Holds, Listing, PosCustomer, PosError, PosErrorKind, PosLine, PosOrder, RetryClass,
    Sku, Standing, StandingQuery, Ties,
};
use crate::rules::limits::{LimitBook, LimitReport};
use crate::rules::{
    CustomerMatch, Facts, Problems, Shaped, ShapedLine, Verdict, check, check_handed_over, check_packed,
    match_customer, slot_of,
};

/// Who asks, as far as rules mind.
#[derive(Debug, Clone, Copy)]
pub(super) struct By<'a> {
    pub(super) role: Role,
    pub(super) kiosk: Option<&'a KioskId>,
}

impl<'a> From<&'a Caller> for By<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self { role: caller.actor.role, kiosk: caller.kiosk.as_ref() }
    }
}

/// A verdict, with what a commit that rests on it must carry.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) holds: Vec<Hold>,
    pub(super) ties: Ties,
}

impl Judged {
    /// The verdict's problems, with the soft limits among them unless they are let pass; the rules passed over.
    pub(super) fn settle(&mut self, waive: bool) -> Result<Vec<String>, Problems> {
        let mut problems = std::mem::take(&mut self.verdict.problems);
        let passed = pass_over(std::mem::take(&mut self.verdict.soft), waive, &mut problems);
        problems.into_result().map(|()| passed)
    }
}

/// The soft limits passed over, or their problems.
pub(super) fn pass_over(soft: Vec<(String, Problems)>, waive: bool, problems: &mut Problems) -> Vec<String> {
    let mut passed = Vec::new();
    for (rule, more) in soft {
        if waive {
            passed.push(rule);
        } else {
            problems.extend(more);
        }
    }
    passed
}

impl Inner {
    /// Asks every rule about a draft, or about new lines of an order that exists.
    pub(super) async fn judge(
        &self,
        setup: &StoreSetup,
        by: By<'_>,
        shaped: &Shaped,
        amending: Option<&Order>,
        known: Option<&[PosCustomer]>,
        at: DateTime<Utc>,
    ) -> Result<Judged, FlowError> {
        let store = &setup.store;
        let skus: Vec<Sku> = shaped.lines.iter().map(sku_of).collect();
        let listings = setup.catalog.find(&store.id, &skus).await?;
        let except = amending.map(|order| order.id);
        let figures: Vec<(Sku, DateTime<Utc>)> = skus
            .iter()
            .zip(&listings)
            .map(|(sku, listing)| (sku.clone(), stock_moment(listing.as_ref(), at)))
            .collect();
        let held = self.orders.held(&store.id, except, &figures).await?;
        let back: Vec<Decimal> =
            figures.iter().map(|(sku, as_of)| taken_out(setup, amending, sku, *as_of)).collect();
        let ordering = &store.rules.ordering;
        let phone = shaped.customer.phone.as_ref().map(OrderKey::phone);
        let kiosk = by.kiosk.map(OrderKey::kiosk);
        let slot = slot_of(store, &shaped.fulfillment);
        let mut counts = Vec::new();
        let mut ask = |key: Option<OrderKey>, rate: Option<Rate>| {
            let (key, rate) = (key?, rate?);
            counts.push((key, before(at, Duration::minutes(i64::from(rate.minutes)))));
            Some(counts.len() - 1)
        };
        let per_kiosk = ask(kiosk, ordering.per_kiosk);
        let per_phone = ask(phone, ordering.per_phone);
        let customer = OrderKey::of_customer(&shaped.customer);
        let book = self.limits(setup);
        let since = self.since(setup, book, amending, at);
        let watched = looks_at_others(setup, book);
        let query = StandingQuery {
            store: store.id.clone(),
            customer: if watched { customer.clone() } else { Vec::new() },
            since,
            counts,
            slot: slot.map(|slot| slot.from),
        };
        let standing = self.orders.standing(&query).await?;
        let count = |at: Option<usize>| at.and_then(|at| standing.counts.get(at).copied());
        let facts = Facts {
            store,
            limits: book,
            pos: setup.pos.as_ref().map(|pos| pos.capabilities()),
            now: at,
            by: by.role,
            listings: &listings,
            held: &held,
            back: &back,
            standing: &standing,
            per_kiosk: count(per_kiosk),
            per_phone: count(per_phone),
            known,
            amending,
        };
        let verdict = check(shaped, &facts);
        let margin = store.rules.stock.margin;
        let holds = shaped
            .lines
            .iter()
            .zip(&listings)
            .zip(figures.into_iter().zip(back))
            .map(|((line, listing), ((sku, as_of), back))| {
                let stock = listing.as_ref().and_then(|listing| listing.stock);
                Hold {
                    sku,
                    quantity: line.quantity,
                    // A capped figure cannot prove that there is not enough.
                    available: stock
                        .filter(|stock| !stock.at_least)
                        .map(|stock| stock.quantity.saturating_sub(margin).saturating_add(back)),
                    as_of,
                }
            })
            .collect();
        let ties = Ties {
            customer,
            seen: watched.then_some(standing.mark),
            since,
            counted: kiosk.into_iter().collect(),
            slot: verdict.slot,
        };
        Ok(Judged { verdict, holds, ties })
    }

    /// What stands against an order as it is about to be packed, or, where it `leaves`, to be handed over.
    pub(super) async fn judge_given(
        &self,
        setup: &StoreSetup,
        role: Role,
        order: &Order,
        leaves: bool,
        at: DateTime<Utc>,
    ) -> Result<(LimitReport, Option<Ties>), FlowError> {
        let skus: Vec<Sku> = order.items.iter().map(given).collect();
        // Without a menu nobody can tell that what is on the table must not be sold.
        let listings = setup.catalog.find(&order.store, &skus).await.unwrap_or_else(|error| {
            tracing::warn!(store = %order.store, %error, "goods are given out without a look at the menu");
            Vec::new()
        });
        let book = self.limits(setup);
        let mut ties = None;
        let mut standing = Standing::default();
        if looks_at_others(setup, book) {
            let customer = OrderKey::of_customer(&order.customer);
            let since = self.since(setup, book, Some(order), at);
            let (store, of) = (order.store.clone(), customer.clone());
            let query = StandingQuery { store, customer: of, since, counts: Vec::new(), slot: None };
            standing = self.orders.standing(&query).await?;
            ties = Some(Ties { customer, seen: Some(standing.mark), since, ..Ties::default() });
        }
        let facts = Facts {
            store: &setup.store,
            limits: book,
            pos: None,
            now: at,
            by: role,
            listings: &listings,
            held: &[],
            back: &[],
            standing: &standing,
            per_kiosk: None,
            per_phone: None,
            known: None,
            amending: Some(order),
        };
        let report = if leaves { check_handed_over(order, &facts) } else { check_packed(order, &facts) };
        Ok((report, ties))
    }

    /// From when on a customer's other orders may matter: completed ones within the longest window, open ones
    /// for as long as an order may wait and as far ahead as it may be wanted.
    fn since(
        &self,
        setup: &StoreSetup,
        book: &LimitBook,
        amending: Option<&Order>,
        at: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let ahead = setup.store.rules.ordering.days_ahead();
        let days = i64::from(book.reach_days()) + i64::from(ahead) + 1;
        let waits = Duration::minutes(i64::from(setup.store.policy.hold_minutes));
        let since = before(at, Duration::days(days) + waits);
        amending.map_or(since, |order| since.min(order.created_at))
    }

    /// The customers of the POS that may be the one who orders, as it said within the last minute, else anew; none
    /// when it cannot say, or was silent lately and somebody waits to order.
    pub(super) async fn known_customers(
        &self,
        setup: &StoreSetup,
        shaped: &Shaped,
        at: DateTime<Utc>,
        ordering: bool,
    ) -> Option<Vec<PosCustomer>> {
        let customers = setup.customers.as_ref()?;
        let (store, customer) = (&setup.store.id, &shaped.customer);
        let key = Key::of_customer(store, customer);
        let known = self.asked.customers(key, at);
        if known.is_some() || ordering && self.asked.is_silent(store, at) {
            return known;
        }
        let queries = queries(customer);
        if queries.is_empty() {
            return None;
        }
        let mut found: Vec<PosCustomer> = Vec::new();
        for query in &queries {
            match select(customers.find(query), self.clock.sleep(self.patience(at))).await {
                Either::Left((Ok(more), _)) => {
                    let known: Vec<_> = found.iter().map(|one| one.id.clone()).collect();
                    found.extend(more.into_iter().filter(|one| !known.contains(&one.id)));
                }
                Either::Left((Err(error), _)) => {
                    tracing::warn!(%store, %error, "the POS did not say who a customer is");
                    if !is_answer(&error) {
                        self.asked.keep_customers(store, key, None, at);
                        return None;
                    }
                }
                Either::Right(_) => {
                    self.asked.keep_customers(store, key, None, at);
                    return None;
                }
            }
            if match_customer(customer, &found) != CustomerMatch::None {
                break;
            }
        }
        self.asked.keep_customers(store, key, Some(&found), at);
        Some(found)
    }

    /// What the POS makes of a basket; none when it cannot say, or not in time.
    pub(super) async fn ask_pos(
        &self,
        setup: &StoreSetup,
        shaped: &Shaped,
        verdict: &Verdict,
        at: DateTime<Utc>,
        within: StdDuration,
    ) -> Option<Said> {
        let pos = setup.pos.as_ref().filter(|pos| pos.capabilities().quote && !within.is_zero())?;
        let basket = PosOrder {
            reference: OrderId::new(self.ids.uuid(at)),
            code: String::new(),
            placed_at: at,
            status: Status::AwaitingProcessing,
            fulfillment: shaped.fulfillment.kind,
            customer: shaped.customer.clone(),
            lines: verdict.items.iter().map(PosLine::from).collect(),
            totals: Some(verdict.totals),
            note: None,
            discount_code: shaped.discount_code.clone(),
        };
        let answer = match select(pos.quote(&basket), self.clock.sleep(within)).await {
            Either::Left((Ok(theirs), _)) => Some(Said::Price(theirs)),
            Either::Left((Err(error), _)) if error.kind() == PosErrorKind::LimitExceeded => {
                Some(Said::TooMuch)
            }
            Either::Left((Err(error), _)) => {
                tracing::warn!(store = %setup.store.id, %error, "the POS did not price a basket; our own sums count");
                if is_answer(&error) {
                    return None;
                }
                None
            }
            Either::Right(_) => None,
        };
        let key = Key::of_basket(&setup.store.id, shaped, &verdict.items);
        let customer = Key::of_customer(&setup.store.id, &shaped.customer);
        self.asked.keep(&setup.store.id, key, customer, answer.as_ref(), at);
        answer
    }

    /// How long somebody who began to wait then still waits for the POS.
    pub(super) fn patience(&self, since: DateTime<Utc>) -> StdDuration {
        let waited = (self.clock.now() - since).to_std().unwrap_or_default();
        self.config.quote_deadline.saturating_sub(waited)
    }

    /// What the POS makes of a basket on the way of an order: as it said within the last minute, else anew, unless
    /// it was silent lately. An order does not wait for a POS that is down.
    pub(super) async fn ask_pos_again(
        &self,
        setup: &StoreSetup,
        shaped: &Shaped,
        verdict: &Verdict,
        at: DateTime<Utc>,
    ) -> Option<Said> {
        let known = self.asked.about(Key::of_basket(&setup.store.id, shaped, &verdict.items), at);
        if known.is_some() || self.asked.is_silent(&setup.store.id, at) {
            return known;
        }
        self.ask_pos(setup, shaped, verdict, at, self.patience(at)).await
    }
}

/// What to look a customer up by, in turn, until somebody fits: what [`match_customer`] goes by. A bare name tells
/// nobody apart.
fn queries(customer: &OrderCustomer) -> Vec<CustomerQuery> {
    let named =
        || CustomerQuery::Name { first: customer.first_name.clone(), last: customer.last_name.clone() };
    let by = [
        customer.id.clone().map(CustomerQuery::Id),
        customer.email.clone().map(CustomerQuery::Email),
        customer.phone.clone().map(CustomerQuery::Phone),
        customer.birth_date.as_ref().map(|_| named()),
    ];
    by.into_iter().flatten().collect()
}

/// Whether a POS that gave no figures answered all the same: it read the question and said no. One that did is not
/// down, and the next customer may ask.
fn is_answer(error: &PosError) -> bool {
    matches!(error.retry(), RetryClass::Refused | RetryClass::Unsupported)
}

/// Whether a rule of the store rests on the customer's other orders. Where none does, two orders of one customer need
/// not wait for each other.
fn looks_at_others(setup: &StoreSetup, book: &LimitBook) -> bool {
    let insists = setup.pos.as_ref().is_some_and(|pos| pos.capabilities().one_open_order);
    book.reach_days() > 0 || setup.store.rules.ordering.one_open_order || insists
}

/// So much earlier; the beginning of all time when that is before it.
fn before(at: DateTime<Utc>, long: Duration) -> DateTime<Utc> {
    at.checked_sub_signed(long).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// The stock to set aside, as a commit takes it.
pub(super) fn set(holds: Vec<Hold>) -> Holds {
    Holds::Set(holds.into_iter().filter(|hold| !hold.quantity.is_zero()).collect())
}

pub(super) fn sku_of(line: &ShapedLine) -> Sku {
    Sku { product: line.product_id.clone(), variant: line.variant_id.clone() }
}

/// What is given of a line: what was ordered, or what takes its place.
fn given(item: &OrderItem) -> Sku {
    match (&item.substitute, item.pick) {
        (Some(instead), PickState::Substituted) => {
            Sku { product: instead.product_id.clone(), variant: instead.variant_id.clone() }
        }
        _ => Sku { product: item.product_id.clone(), variant: item.variant_id.clone() },
    }
}

fn stock_moment(listing: Option<&Listing>, at: DateTime<Utc>) -> DateTime<Utc> {
    listing.and_then(|listing| listing.stock).map_or(at, |stock| stock.as_of)
}

/// How much of this the order has already taken out of the POS's figure: it may have that much again.
fn taken_out(setup: &StoreSetup, amending: Option<&Order>, sku: &Sku, as_of: DateTime<Utc>) -> Decimal {
    let lowers = setup.pos.as_ref().is_some_and(|pos| pos.capabilities().create_lowers_stock);
    let inside = |order: &&Order| {
        lowers && order.pos.id.is_some() && order.pos.followed_since.is_some_and(|since| since < as_of)
    };
    amending
        .filter(inside)
        .and_then(|order| order.line_of(&sku.product, sku.variant.as_ref()))
        .map_or_else(Decimal::default, |item| item.effective_quantity().amount())
}
