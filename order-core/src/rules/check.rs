//! All rules at once: a draft of good shape, and what is known, in; prices, limits and every problem out.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::catalogue::{Sale, Shelf};
use super::limits::{LimitAsk, LimitBook, LimitLine, LimitReport, LimitUsage, Purchase};
use super::price::Deal;
use super::{Problems, Shaped, ShapedLine, catalogue, codes, customer, price, schedule};
use crate::access::Role;
use crate::model::{
    Capabilities, Order, OrderCustomer, OrderItem, OrderWarning, PickState, Status, Store, Totals, sum_items,
};
use crate::ports::{Listing, PosCustomer, Slot, Standing};

/// What the rules rest on besides the order itself.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The store.
    pub store: &'a Store,
    /// The limits it follows.
    pub limits: &'a LimitBook,
    /// What its POS can do; none without.
    pub pos: Option<Capabilities>,
    /// Now.
    pub now: DateTime<Utc>,
    /// Who asks. What keeps a kiosk in bounds (hours, pause, rates) does not bind the people of the store.
    pub by: Role,
    /// What the menu says of each line, in the same order.
    pub listings: &'a [Option<Listing>],
    /// How much of each line's product other orders hold, beyond what the stock figure shows.
    pub held: &'a [Decimal],
    /// How much of each line's product this order has already taken out of the stock figure.
    pub back: &'a [Decimal],
    /// The customer's other orders, the pause, the slot.
    pub standing: &'a Standing,
    /// How many orders this kiosk placed within the store's rate; none when there is no rate.
    pub per_kiosk: Option<u64>,
    /// How many orders were placed with this phone within the store's rate.
    pub per_phone: Option<u64>,
    /// The customers of the POS that fit, when it was asked.
    pub known: Option<&'a [PosCustomer]>,
    /// The order these lines are for, when it exists already: only what its lines bear on is checked.
    pub amending: Option<&'a Order>,
}

/// What the rules say about an order.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The lines that are sold here, priced.
    pub items: Vec<OrderItem>,
    /// Their sums.
    pub totals: Totals,
    /// How much of each limit is used and left.
    pub limits: Vec<LimitUsage>,
    /// What stands against it.
    pub problems: Problems,
    /// The soft limits that stand against it too, unless a manager lets it pass: rule id and problems.
    pub soft: Vec<(String, Problems)>,
    /// What staff should know.
    pub warnings: Vec<OrderWarning>,
    /// The slot it takes a place in.
    pub slot: Option<Slot>,
}

/// What is wrong with a time whoever names it: an order that nobody will ever collect would hold its goods for ever.
const BINDS_ALL: [&str; 2] = [codes::PICKUP_IN_PAST, codes::PICKUP_TOO_FAR];

/// Asks every rule.
pub fn check(shaped: &Shaped, facts: &Facts<'_>) -> Verdict {
    let store = facts.store;
    let mut problems = Problems::new();
    let mut warnings = Vec::new();
    let day_of = |at: DateTime<Utc>| schedule::store_day(store.time_zone, at);
    let today = day_of(facts.now);
    // What is ordered ahead is sold on the day it is handed over.
    let on = shaped.fulfillment.pickup_at.map_or(today, day_of).max(today);
    let kind = shaped.customer.kind;
    let desk = matches!(facts.by, Role::Staff | Role::Manager | Role::Admin);
    let mut slot = None;
    if facts.amending.is_none() {
        warnings.extend(customer::check_customer(
            &shaped.customer,
            &store.rules.customers,
            facts.known,
            today,
            on,
            &mut problems,
        ));
        if !desk {
            schedule::check_ordering(
                store,
                facts.standing,
                facts.per_kiosk,
                facts.per_phone,
                facts.now,
                &mut problems,
            );
        }
        schedule::check_one_open(store, &shaped.customer, facts.standing, facts.pos, &mut problems);
        let mut time = Problems::new();
        slot = schedule::check_time(store, &shaped.fulfillment, facts.now, facts.standing.in_slot, &mut time);
        if desk {
            // People of the store may squeeze one in; it is counted all the same.
            slot = slot.map(|slot| Slot { capacity: None, ..slot });
        }
        for problem in time.iter().filter(|problem| !desk || BINDS_ALL.contains(&problem.code)) {
            problems.add(problem.code, problem.path.as_str(), problem.message.clone());
        }
    }
    let mut items = Vec::with_capacity(shaped.lines.len());
    let mut places = Vec::with_capacity(shaped.lines.len());
    for (at, line) in shaped.lines.iter().enumerate() {
        let Some(listing) = facts.listings.get(at).and_then(Option::as_ref) else {
            let path = format!("items.{}.product_id", line.index);
            let message = "this store does not sell that, or not in that size";
            problems.add(codes::UNKNOWN_PRODUCT, path, message);
            continue;
        };
        let kept = facts.amending.is_some_and(|order| has_had(order, line));
        catalogue::check_listing(line, listing, Sale { kind, on, kept }, &mut problems);
        let of = |amounts: &[Decimal]| amounts.get(at).copied().unwrap_or_default();
        let shelf = Shelf { held: of(facts.held), back: of(facts.back), refuse_stale: !desk && !kept };
        let rules = &store.rules.stock;
        warnings.extend(catalogue::check_stock(line, listing, shelf, rules, facts.now, &mut problems));
        let mut content = listing.content;
        content.class = facts.limits.class_of(&listing.category, content);
        items.push(price::price_line(store, line, listing, content, &mut problems));
        places.push(line.index);
    }
    let code = shaped.discount_code.as_deref();
    let pos_knows_codes = facts.pos.is_some_and(|able| able.coupon);
    let deal = Deal {
        code,
        kind,
        // What was promised on the day the order was placed stays promised.
        day: facts.amending.map_or(today, |order| day_of(order.created_at)),
        pos_knows_codes,
        // Who changes lines cannot leave the code out. Where they lose the right to it, it no longer counts.
        insists: facts.amending.is_none(),
    };
    price::discount(store, &mut items, deal, &mut problems);
    let totals = sum_items(&items, store.currency).unwrap_or_else(|_| {
        problems.add(codes::AMOUNT_TOO_LARGE, "items", "the sum of the basket does not fit");
        Totals::zero(store.currency)
    });
    let lines: Vec<LimitLine> =
        items.iter().zip(&places).map(|(item, at)| limit_line(item, Some(*at))).collect();
    let at = shaped.fulfillment.pickup_at.unwrap_or(facts.now).max(facts.now);
    let others = others_of(&shaped.customer, facts, |_| true);
    let report = facts.limits.assess(&LimitAsk {
        kind,
        residency: shaped.customer.residency,
        at,
        zone: store.time_zone,
        lines: &lines,
        others: &others,
    });
    problems.extend(report.problems);
    warnings.sort_unstable();
    warnings.dedup();
    Verdict { items, totals, limits: report.uses, problems, soft: report.soft, warnings, slot }
}

/// What stands against an order as it is about to be packed: what will be handed over counts, not what was asked for,
/// on the day it is wanted. The listings are those of what is given, substitutes among it.
pub fn check_packed(order: &Order, facts: &Facts<'_>) -> LimitReport {
    let others = others_of(&order.customer, facts, |_| true);
    given(order, facts, order.fulfillment.pickup_at.unwrap_or(facts.now).max(facts.now), &others)
}

/// What stands against an order as it is about to be handed over, now, whenever it was wanted. Only what the customer
/// has been handed already counts beside it: of what still waits they may never have more.
pub fn check_handed_over(order: &Order, facts: &Facts<'_>) -> LimitReport {
    let others = others_of(&order.customer, facts, |other| other.status == Status::Completed);
    given(order, facts, facts.now, &others)
}

/// What stands against handing over, then, what the lines come to.
fn given(order: &Order, facts: &Facts<'_>, at: DateTime<Utc>, others: &[Purchase]) -> LimitReport {
    let zone = facts.store.time_zone;
    let lines: Vec<LimitLine> =
        order.items.iter().enumerate().map(|(at, item)| limit_line(item, Some(at))).collect();
    let (kind, residency) = (order.customer.kind, order.customer.residency);
    let mut report = facts.limits.assess(&LimitAsk { kind, residency, at, zone, lines: &lines, others });
    let sale = Sale { kind, on: schedule::store_day(zone, at), kept: true };
    let given = order.items.iter().zip(facts.listings).enumerate();
    for (at, (_, listing)) in given.filter(|(_, (item, _))| !item.effective_quantity().is_zero()) {
        if let Some(listing) = listing {
            catalogue::check_goods(at, listing, sale, &mut report.problems);
        }
    }
    report
}

/// Whether the total has moved too far from what the customer was shown; the problem, when it has.
pub fn check_expected(store: &Store, shaped: &Shaped, total: Decimal) -> Result<(), Problems> {
    let mut problems = Problems::new();
    if shaped.expected_total.is_some_and(|expected| price::has_moved(store, total, expected)) {
        price::moved(store, total, &mut problems);
    }
    problems.into_result()
}

/// Those of the customer's other orders in this store that count, as limits see them.
fn others_of(customer: &OrderCustomer, facts: &Facts<'_>, counts: impl Fn(&Order) -> bool) -> Vec<Purchase> {
    let this = facts.amending.map(|order| order.id);
    facts
        .standing
        .orders
        .iter()
        .filter(|order| Some(order.id) != this && customer::same_customer(customer, &order.customer))
        .filter(|order| !matches!(order.status, Status::Canceled | Status::Removed) && counts(order))
        .map(|order| Purchase {
            at: match order.status {
                Status::Completed => Some(order.completed_at.unwrap_or(order.updated_at)),
                _ => order.fulfillment.pickup_at.map(|at| at.max(facts.now)),
            },
            lines: order.items.iter().map(|item| limit_line(item, None)).collect(),
        })
        .collect()
}

/// Whether an order that is still open holds this much of it already.
fn has_had(order: &Order, line: &ShapedLine) -> bool {
    let had = || order.line_of(&line.product_id, line.variant_id.as_ref());
    order.status.is_open() && had().is_some_and(|item| line.quantity <= item.effective_quantity().amount())
}

fn limit_line(item: &OrderItem, index: Option<usize>) -> LimitLine {
    let content = match (&item.substitute, item.pick) {
        (Some(substitute), PickState::Substituted) => substitute.content,
        _ => item.content,
    };
    LimitLine { index, content, quantity: item.effective_quantity() }
}
