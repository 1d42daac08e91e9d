//! Deciding about lines: picking, amending, merging.

use super::decision::{Draft, HoldChange};
use super::{Change, LineChange, LinePick, NewItem, Refusal};
use crate::model::{
    Currency, NoticeKind, OrderItem, PickState, Policy, PosState, PosTask, Quantity, Totals, sum_items,
};
use crate::rules::{Problems, codes};
use rust_decimal::Decimal;

/// Records what became of lines. An empty list gathers every open line as ordered.
pub(super) fn pick(draft: &mut Draft<'_>, picks: &[LinePick]) -> Result<(), Refusal> {
    let order = draft.order;
    let all_open: Vec<LinePick>;
    let picks = if picks.is_empty() {
        all_open = order
            .items
            .iter()
            .filter(|item| item.pick == PickState::Open)
            .map(|item| LinePick { line: item.id, pick: PickState::Picked, supplied: None, substitute: None })
            .collect();
        &all_open
    } else {
        picks
    };
    let mut problems = Problems::new();
    for (at, pick) in picks.iter().enumerate() {
        if picks.iter().take(at).any(|other| other.line == pick.line) {
            problems.add(codes::INVALID_PICK, format!("lines.{at}.line"), "the line is named twice");
        }
        match order.item(pick.line) {
            None => {
                problems.add(codes::UNKNOWN_LINE, format!("lines.{at}.line"), "no such line in this order")
            }
            Some(item) => check_pick(at, pick, item, &mut problems),
        }
    }
    problems.into_result().map_err(Refusal::Invalid)?;
    let changed: Vec<LinePick> = picks
        .iter()
        .filter(|pick| order.item(pick.line).is_some_and(|item| !is_same(pick, item)))
        .cloned()
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let mut items = order.items.clone();
    apply_picks(&mut items, &changed, order.totals.currency);
    let totals = totals_of(&items, order.totals)?;
    let tell_pos = totals != order.totals && draft.can_tell(|able| able.edit);
    draft.push(Change::Picked { lines: changed, totals, tell_pos });
    if tell_pos {
        draft.effect(PosTask::Update);
    }
    Ok(())
}

fn check_pick(at: usize, pick: &LinePick, item: &OrderItem, problems: &mut Problems) {
    let path = format!("lines.{at}");
    let invalid = |problems: &mut Problems, field: &str, message: &'static str| {
        problems.add(codes::INVALID_PICK, format!("{path}.{field}"), message);
    };
    match (pick.pick, pick.supplied) {
        (PickState::Short, None) => invalid(problems, "supplied", "say how much there is"),
        (PickState::Short, Some(supplied)) => {
            let fewer = supplied.at_most(item.quantity) == Some(true) && supplied != item.quantity;
            if !fewer || supplied.amount().is_sign_negative() {
                invalid(problems, "supplied", "must be less than ordered, in the same measure");
            }
        }
        (_, Some(_)) => invalid(problems, "supplied", "goes with short only"),
        (_, None) => {}
    }
    match (pick.pick, &pick.substitute) {
        (PickState::Substituted, None) => invalid(problems, "substitute", "say what is given instead"),
        (PickState::Substituted, Some(substitute)) if substitute.unit_price.is_sign_negative() => {
            invalid(problems, "substitute", "the price cannot be negative");
        }
        (PickState::Substituted, Some(_)) | (_, None) => {}
        (_, Some(_)) => invalid(problems, "substitute", "goes with substituted only"),
    }
}

fn is_same(pick: &LinePick, item: &OrderItem) -> bool {
    pick.pick == item.pick
        && pick.supplied == item.supplied
        && pick.substitute.as_ref() == item.substitute.as_deref()
}

/// Writes picks into lines and works their sums out anew.
pub(super) fn apply_picks(items: &mut [OrderItem], picks: &[LinePick], currency: Currency) {
    for pick in picks {
        if let Some(item) = items.iter_mut().find(|item| item.id == pick.line) {
            item.pick = pick.pick;
            item.supplied = pick.supplied;
            item.substitute = pick.substitute.clone().map(Box::new);
            item.reprice(currency);
        }
    }
}

/// Makes the lines exactly these; lines that stay keep their number. A product named twice adds up.
pub(super) fn amend(draft: &mut Draft<'_>, wanted: &[NewItem]) -> Result<(), Refusal> {
    let order = draft.order;
    let mut next = order.next_line();
    let mut items: Vec<OrderItem> = Vec::with_capacity(wanted.len());
    for new in wanted {
        if let Some(same) =
            items.iter_mut().find(|item| item.is_same_product(&new.product_id, new.variant_id.as_ref()))
        {
            add_up(same, new, order.totals.currency)?;
            continue;
        }
        let mut item = new.clone();
        match order.line_of(&new.product_id, new.variant_id.as_ref()) {
            Some(old) => item.id = old.id,
            None => {
                item.id = next;
                next = next.next();
            }
        }
        open(&mut item, order.totals.currency);
        items.push(item);
    }
    if items.is_empty() {
        let message = "an order cannot be left without items; cancel it instead";
        return Err(Refusal::Invalid(Problems::one(codes::NOTHING_LEFT, "items", message)));
    }
    change_lines(draft, items, false)
}

/// Adds lines; the same product in the same size adds up, at the price the order has already.
pub(super) fn merge(draft: &mut Draft<'_>, added: &[NewItem]) -> Result<(), Refusal> {
    let order = draft.order;
    // Checked before they are added up: two wrongs must not cancel each other out.
    check_items(added)?;
    let mut next = order.next_line();
    let mut items: Vec<OrderItem> = order.items.clone();
    for new in added {
        let same = items.iter_mut().find(|item| {
            item.pick != PickState::Removed && item.is_same_product(&new.product_id, new.variant_id.as_ref())
        });
        match same {
            Some(item) => add_up(item, new, order.totals.currency)?,
            None => {
                let mut item = new.clone();
                item.id = next;
                next = next.next();
                open(&mut item, order.totals.currency);
                items.push(item);
            }
        }
    }
    change_lines(draft, items, true)
}

/// Adds to a line. What was found out about the old amount says nothing about the new one, so the line is to
/// be gathered again.
fn add_up(item: &mut OrderItem, more: &OrderItem, currency: Currency) -> Result<(), Refusal> {
    item.quantity = item.quantity.checked_add(more.quantity).ok_or_else(|| {
        let message = "the quantities do not add up: different measures, or too much";
        Refusal::Invalid(Problems::one(codes::QUANTITY_TOO_LARGE, "items", message))
    })?;
    item.set_discount(item.agreed_discount().saturating_add(more.agreed_discount()));
    open(item, currency);
    Ok(())
}

/// Makes a line one that nobody has gathered yet.
pub(super) fn open(item: &mut OrderItem, currency: Currency) {
    item.pick = PickState::Open;
    item.supplied = None;
    item.substitute = None;
    item.reprice(currency);
}

/// Refuses lines that hold nothing or less, or whose price or tax is below zero: no sum of an order may be.
pub(super) fn check_items(items: &[OrderItem]) -> Result<(), Refusal> {
    let mut problems = Problems::new();
    for (at, item) in items.iter().enumerate() {
        if item.quantity.amount() <= Decimal::ZERO {
            let message = "the quantity must be above zero";
            problems.add(codes::QUANTITY_NOT_POSITIVE, format!("items.{at}.quantity"), message);
        }
        if item.unit_price < Decimal::ZERO || item.tax_rates.iter().any(|rate| *rate < Decimal::ZERO) {
            let message = "neither price nor tax can be below zero";
            problems.add(codes::NEGATIVE_PRICE, format!("items.{at}.unit_price"), message);
        }
    }
    problems.into_result().map_err(Refusal::Invalid)
}

fn change_lines(draft: &mut Draft<'_>, items: Vec<OrderItem>, merged: bool) -> Result<(), Refusal> {
    check_items(&items)?;
    check_size(&items, draft.ctx.policy)?;
    if items == draft.order.items {
        return Ok(());
    }
    let changes = differences(&draft.order.items, &items);
    let totals = totals_of(&items, draft.order.totals)?;
    // A create that has not left yet will carry the new lines by itself.
    let unsent = matches!(draft.order.pos.state, PosState::Queued | PosState::Retrying);
    let tell_pos = !unsent && draft.can_tell(|able| able.edit);
    draft.push(Change::LinesChanged { merged, items, totals, changes: changes.clone(), tell_pos });
    if tell_pos {
        draft.effect(PosTask::Update);
    }
    draft.decision.holds = HoldChange::Retake;
    draft.decision.notices.push((NoticeKind::Changed, changes));
    Ok(())
}

fn totals_of(items: &[OrderItem], before: Totals) -> Result<Totals, Refusal> {
    sum_items(items, before.currency).map_err(|_| {
        Refusal::Invalid(Problems::one(codes::AMOUNT_TOO_LARGE, "items", "the sum of the order does not fit"))
    })
}

fn check_size(items: &[OrderItem], policy: &Policy) -> Result<(), Refusal> {
    let mut problems = Problems::new();
    if items.len() > policy.max_lines {
        let message = format!("an order may have at most {} items", policy.max_lines);
        problems.add(codes::TOO_MANY_ITEMS, "items", message);
    }
    for (at, item) in items.iter().enumerate() {
        if item.quantity.amount() > Decimal::from(policy.max_units) {
            let message = format!("the quantity may be at most {}", policy.max_units);
            problems.add(codes::QUANTITY_TOO_LARGE, format!("items.{at}.quantity"), message);
        }
    }
    problems.into_result().map_err(Refusal::Invalid)
}

/// What is different between two states of the lines, for people.
fn differences(before: &[OrderItem], after: &[OrderItem]) -> Vec<LineChange> {
    let quantity = |items: &[OrderItem], line| -> Option<Quantity> {
        items.iter().find(|item| item.id == line).map(OrderItem::effective_quantity).filter(|q| !q.is_zero())
    };
    let gone = before.iter().filter(|item| !after.iter().any(|other| other.id == item.id));
    after
        .iter()
        .chain(gone)
        .filter_map(|item| {
            let (from, to) = (quantity(before, item.id), quantity(after, item.id));
            (from != to).then(|| LineChange { name: item.name.clone(), from, to })
        })
        .collect()
}
