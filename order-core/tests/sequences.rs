//! Any sequence of commands, sensible or not: what must hold after each of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use common::{
    World, able, by_weight, create_failed, dec, failed, gathered, note, problem, short, sized, substituted,
};
use order_core::access::Role;
use order_core::lifecycle::{Action, Change, Command, Effect, Event, actions, apply, replay, row_for};
use order_core::model::{
    AttentionCode, Audience, Capabilities, Channel, Currency, CustomerId, LineId, NoticeKind, Order,
    OrderItem, PaymentStatus, PickState, Policy, PosOrderId, PosState, PosTask, Quantity, ReasonCode, Status,
    Version,
};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::{Decimal, RoundingStrategy};

#[derive(Debug, Clone)]
struct Step {
    action: Action,
    role: Role,
    /// Take a role that may do this here, when there is one.
    apt: bool,
    reason: Option<ReasonCode>,
    note: bool,
    /// The soft limits to pass over.
    waive: Option<Vec<String>>,
    /// How far the named version lies behind; none names no version.
    behind: Option<u64>,
    minutes: i64,
}

fn goods() -> impl Strategy<Value = Vec<OrderItem>> {
    let price = select(vec!["0", "0.005", "3.33", "12.50", "19.995", "1000000"]);
    let one = (1..4_u32, select(vec![None, Some("1 g"), Some("3.5 g")]), 0..40_u32, price, 0..4_u8);
    let one = one.prop_map(|(number, size, units, price, kind)| {
        let mut item =
            if kind == 0 { by_weight(number + 10, "3.7", price) } else { sized(number, size, units, price) };
        item.discount = if kind == 1 { dec("2.22") } else { Decimal::ZERO };
        let rates: [&[&str]; 4] = [&[], &["0.0725"], &["0.15", "0.085", "0.005"], &["0.1", "0"]];
        item.tax_rates = rates[usize::from(kind)].iter().map(|rate| dec(rate)).collect();
        item
    });
    proptest::collection::vec(one, 0..5)
}

fn picks() -> impl Strategy<Value = Vec<order_core::lifecycle::LinePick>> {
    let one = (1..8_u32, 0..8_u8).prop_map(|(line, kind)| match kind {
        0 => gathered(line, PickState::Open),
        1 => gathered(line, PickState::Removed),
        2 => short(line, 0),
        3 => short(line, 1),
        4 => substituted(line, "7.77", true),
        5 => substituted(line, "-1", false),
        6 => order_core::lifecycle::LinePick {
            supplied: Some(Quantity::Grams(dec("-1"))),
            ..gathered(line, PickState::Short)
        },
        _ => gathered(line, PickState::Picked),
    });
    proptest::collection::vec(one, 0..4)
}

fn task() -> impl Strategy<Value = PosTask> {
    select(vec![
        PosTask::Create,
        PosTask::Update,
        PosTask::SetStatus(Status::PackedReady),
        PosTask::MarkPaid,
        PosTask::Cancel,
        PosTask::Follow,
    ])
}

fn receipt() -> impl Strategy<Value = order_core::model::PosReceipt> {
    (select(vec!["r-1", "r-1", "r-2"]), select(vec![None, Some("new"), Some("busy"), Some("gone")])).prop_map(
        |(id, word)| {
            let mut receipt = common::receipt(id);
            receipt.status = word.map(str::to_owned);
            receipt
        },
    )
}

fn status() -> impl Strategy<Value = Option<Status>> {
    proptest::option::weighted(0.8, select(Status::ALL.to_vec()))
}

fn action() -> impl Strategy<Value = Action> {
    let usual = select(vec![
        Action::Verify,
        Action::Reject,
        Action::Start,
        Action::Start,
        Action::Release,
        Action::Pick(Vec::new()),
        Action::Pick(Vec::new()),
        Action::Pack,
        Action::Pack,
        Action::Unpack,
        Action::Dispatch,
        Action::Return,
        Action::Complete { id_checked: true },
        Action::Complete { id_checked: false },
        Action::Cancel,
        Action::Expire,
        Action::Remove,
        Action::Reopen,
        Action::Reopen,
        Action::MarkPaid,
        Action::MarkPrinted { id: Some("print-1".to_owned()) },
        Action::PosRetry,
        Action::PosLink { id: PosOrderId::new("r-3").unwrap(), number: Some("3".to_owned()) },
        Action::PosManual { number: "44".to_owned() },
    ]);
    let reports = select(vec![
        Action::PosBegin,
        Action::PosBegin,
        Action::PosRetrying(problem()),
        Action::PosUnknown(problem()),
        Action::PosAbsent,
        Action::PosCancelled,
    ]);
    let code = select(vec![AttentionCode::Refused, AttentionCode::CannotTell, AttentionCode::Unreachable]);
    prop_oneof![
        8 => usual,
        3 => reports,
        2 => goods().prop_map(Action::Amend),
        2 => goods().prop_map(Action::Merge),
        2 => picks().prop_map(Action::Pick),
        3 => receipt().prop_map(|receipt| {
            let customer = Some(CustomerId::new("c-1").unwrap());
            Action::PosAccepted { receipt, customer }
        }),
        1 => (task(), code).prop_map(|(task, code)| match task {
            PosTask::Create => create_failed(code),
            other => failed(other),
        }),
        2 => (task(), receipt()).prop_map(|(task, receipt)| Action::PosUpdated { task, receipt }),
        1 => task().prop_map(Action::PosDropped),
        3 => (receipt(), status(), any::<Option<bool>>(), -2..3_i64).prop_map(
            |(receipt, status, paid, ago)| Action::PosObserved {
                receipt,
                status,
                paid,
                // Moved to the time of the step when it is run.
                asked_at: chrono::DateTime::UNIX_EPOCH + TimeDelta::minutes(ago),
            }
        ),
        1 => select(vec![
            Action::Notified { kind: NoticeKind::Ready, audience: Audience::Customer, channel: Channel::Email },
            Action::NotifyFailed {
                kind: NoticeKind::Ready,
                audience: Audience::Staff,
                channel: Channel::Webhook,
                detail: "refused".to_owned(),
            },
        ]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    (
        action(),
        select(Role::ALL.to_vec()),
        proptest::bool::weighted(0.85),
        proptest::option::weighted(0.8, select(ReasonCode::ALL.to_vec())),
        proptest::bool::weighted(0.8),
        proptest::option::weighted(
            0.1,
            select(vec![Vec::new(), vec!["house.a".to_owned(), "house.b".to_owned()]]),
        ),
        proptest::option::weighted(0.4, prop_oneof![3 => Just(0_u64), 1 => 1..4_u64]),
        prop_oneof![8 => 0..3_i64, 1 => Just(45), 1 => Just(1500)],
    )
        .prop_map(|(action, role, apt, reason, note, waive, behind, minutes)| Step {
            action,
            role,
            apt,
            reason,
            note,
            waive,
            behind,
            minutes,
        })
}

fn policy() -> impl Strategy<Value = Policy> {
    any::<[bool; 6]>().prop_map(|[verify, outages, delivery, manager, id, pays]| Policy {
        verify_first: verify,
        work_through_outages: outages,
        delivery,
        late_cancel_needs_manager: manager,
        explicit_id_check: id,
        pos_takes_payment: pays,
        max_lines: 6,
        ..Policy::default()
    })
}

fn capabilities() -> impl Strategy<Value = Option<Capabilities>> {
    let minimal = Capabilities::MINIMAL;
    let mut reading = Capabilities::MINIMAL;
    reading.get = true;
    prop_oneof![1 => Just(None), 1 => Just(Some(minimal)), 1 => Just(Some(reading)), 4 => Just(Some(able()))]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..40)
}

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// The sums, worked out anew from what is supplied.
fn check_money(order: &Order) {
    let (mut subtotal, mut discount, mut tax) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for item in &order.items {
        let number = |quantity| match quantity {
            Quantity::Units(units) => Decimal::from(units),
            Quantity::Grams(grams) => grams,
        };
        let (amount, price) = match (item.pick, &item.supplied, &item.substitute) {
            (PickState::Removed, None, None) => (Decimal::ZERO, item.unit_price),
            (PickState::Short, Some(supplied), None) => (number(*supplied), item.unit_price),
            (PickState::Substituted, None, Some(other)) => (number(item.quantity), other.unit_price),
            (PickState::Open | PickState::Picked, None, None) => (number(item.quantity), item.unit_price),
            other => panic!("a line that cannot be: {other:?}"),
        };
        assert!(item.line_total >= Decimal::ZERO && item.tax >= Decimal::ZERO);
        assert!(item.discount >= Decimal::ZERO && item.discount <= item.line_total);
        assert_eq!(item.line_total, cents(amount * price));
        // A line in full has all that was agreed off, and one that is not never more.
        let full = matches!(item.pick, PickState::Open | PickState::Picked);
        assert!(item.discount <= item.agreed_discount() && !(full && item.discount_agreed.is_some()));
        let net = item.line_total - item.discount;
        assert_eq!(item.tax, item.tax_rates.iter().map(|rate| cents(net * rate)).sum::<Decimal>());
        subtotal += item.line_total;
        discount += item.discount;
        tax += item.tax;
    }
    let totals = &order.totals;
    assert_eq!((totals.subtotal, totals.discount, totals.tax), (subtotal, discount, tax));
    assert_eq!(totals.total, subtotal - discount + tax);
    assert_eq!(totals.currency, Currency::USD);
    for amount in [totals.subtotal, totals.discount, totals.tax, totals.total] {
        assert!(amount >= Decimal::ZERO && amount.scale() == 2, "{amount}");
    }
}

/// What one event may do to an order.
fn check_event(before: &Order, event: &Event, after: &Order) {
    let (was, is) = (before.pos.state, after.pos.state);
    assert!(was == is || was.next().contains(&is), "{was:?} -> {is:?} by {event:?}");
    let (was, is) = (before.payment, after.payment);
    assert!(was == is || was.next().contains(&is), "{was:?} -> {is:?} by {event:?}");
    let material = matches!(
        event.change,
        Change::Moved { .. }
            | Change::Picked { .. }
            | Change::LinesChanged { .. }
            | Change::Payment { .. }
            | Change::CancelRequested
            | Change::LimitOverridden { .. }
    );
    assert_eq!(after.version.get() - before.version.get(), u64::from(material));
    assert_eq!(after.revision.get(), before.revision.get() + 1);
    match &event.change {
        Change::Moved { by, from, to, .. } => {
            assert_eq!((*from, *to), (before.status, after.status));
            let rows = order_core::lifecycle::rows(*by);
            assert!(rows.into_iter().any(|row| row.from.contains(from) && row.to == Some(*to)));
            match from {
                Status::Completed => assert_eq!(*to, Status::Removed),
                Status::Canceled => assert!(matches!(to, Status::Removed | Status::AwaitingProcessing)),
                Status::Removed => panic!("removed is final"),
                _ => {}
            }
            if *to == Status::Canceled {
                assert!(event.reason.is_some(), "{event:?}");
            }
        }
        _ => assert_eq!(before.status, after.status),
    }
    let handed_over = matches!(event.change, Change::Moved { to: Status::Completed, .. });
    let completed_at = if handed_over { Some(event.at) } else { before.completed_at };
    assert_eq!(after.completed_at, completed_at);
    assert!(after.overrides.starts_with(&before.overrides), "what was let pass is never forgotten");
    match &event.change {
        Change::LimitOverridden { rules } => {
            assert!(matches!(event.actor.role, Role::Manager | Role::Admin) && !rules.is_empty());
            let noted = after.overrides.last().unwrap();
            assert_eq!((&noted.rules, noted.at), (rules, event.at));
            assert_eq!((Some(&noted.note), &noted.by), (event.note.as_ref(), &event.actor.id));
        }
        _ => assert_eq!(after.overrides, before.overrides),
    }
    let json = serde_json::to_string(event).unwrap();
    assert_eq!(&serde_json::from_str::<Event>(&json).unwrap(), event, "{json}");
    // Any detour by a generic value reads back the same too.
    let value = serde_json::to_value(event).unwrap();
    assert_eq!(&serde_json::from_value::<Event>(value).unwrap(), event);
}

fn check_order(world: &World) {
    let order = &world.order;
    assert_eq!(order.revision.get(), world.events.len() as u64);
    let material = world.events.iter().filter(|event| event.change.is_material()).count();
    assert_eq!(order.version.get(), material as u64);
    assert_eq!(&replay(&world.events).unwrap(), order);
    let json = serde_json::to_string(order).unwrap();
    assert_eq!(&serde_json::from_str::<Order>(&json).unwrap(), order);
    check_money(order);
    match order.pos.state {
        PosState::Accepted => assert_eq!(order.pos.pending, 0, "work is still to be sent"),
        PosState::UpdatePending => assert!(order.pos.pending > 0, "waits for work that nobody does"),
        PosState::Attention => assert!(order.pos.attention.is_some(), "nobody knows why"),
        PosState::Rejected => panic!("rejected calls for a person at once"),
        _ => {}
    }
    assert_eq!(order.pos.vendor.is_some(), order.pos.state != PosState::NotRequired);
    if order.status.is_open() {
        for role in [Role::Staff, Role::Manager, Role::Admin] {
            assert!(!actions(order.status, role).is_empty());
            let cancel = Command::new(Action::Cancel).because(ReasonCode::Test).noting(note());
            let mut copy = world.clone();
            let decision = copy.run(role, &cancel).unwrap();
            let asks = role == Role::Staff && world.policy.late_cancel_needs_manager;
            assert!(copy.order.status == Status::Canceled || asks && copy.order.cancel_requested);
            // Whatever may be live there is called back, or a person is told.
            let settled = matches!(copy.order.pos.state, PosState::Cancelled | PosState::NotRequired);
            let called_back = decision.effects.contains(&Effect::Pos(PosTask::Cancel));
            let told = decision.notices.iter().any(|(kind, _)| *kind == NoticeKind::Attention);
            assert!(asks && copy.order.status.is_open() || settled || called_back || told);
        }
    }
}

fn run(world: &mut World, step: &Step, lines: &mut BTreeMap<LineId, (String, Option<String>)>) {
    world.at += TimeDelta::minutes(step.minutes);
    let kind = step.action.kind();
    let apt = Role::ALL.into_iter().find(|role| row_for(kind, world.order.status, *role).is_some());
    let role = apt.filter(|_| step.apt).unwrap_or(step.role);
    let mut action = step.action.clone();
    if let Action::PosObserved { asked_at, .. } = &mut action {
        *asked_at = world.at + (*asked_at - chrono::DateTime::UNIX_EPOCH);
    }
    let version = step.behind.map(|behind| Version::new(world.order.version.get().saturating_sub(behind)));
    let waive = step.waive.clone();
    let command = Command { action, version, reason: step.reason, note: step.note.then(note), waive };

    let before = world.order.clone();
    let outcome = world.decide(role, &command);
    assert_eq!(world.decide(role, &command), outcome, "the same question has one answer");
    assert_eq!(world.order, before, "deciding changes nothing");
    let Ok(decision) = outcome else {
        let text = format!("{outcome:?}{command:?}");
        assert!(common::PERSONAL.iter().all(|secret| !text.contains(secret)));
        return;
    };
    assert!(version.is_none_or(|version| version == before.version), "a stale command got through");
    if decision.events.is_empty() {
        assert_eq!(decision, Default::default(), "without an event nothing is to be done");
    }
    for event in &decision.events {
        let before = world.order.clone();
        apply(&mut world.order, event).unwrap();
        check_event(&before, event, &world.order);
        world.events.push(event.clone());
    }
    // A create whose answer nobody has seen is not begun again; it is looked for, or answered.
    if before.pos.state == PosState::Sending {
        assert!(!matches!(world.order.pos.state, PosState::Queued | PosState::Manual | PosState::Cancelled));
    }
    let create = decision.effects.contains(&Effect::Pos(PosTask::Create));
    assert!(!create || world.order.pos.id.is_none(), "a second create of an order that is there");
    for item in &world.order.items {
        let what = (item.product_id.to_string(), item.variant_id.as_ref().map(ToString::to_string));
        let known = lines.entry(item.id).or_insert_with(|| what.clone());
        assert_eq!(*known, what, "line {} means two things", item.id);
    }
    let mut ids: Vec<_> = world.order.items.iter().map(|item| item.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), world.order.items.len());
    check_order(world);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_the_order_stays_whole(
        policy in policy(),
        pos in capabilities(),
        steps in steps(),
    ) {
        let items = vec![sized(1, None, 2, "12.50"), sized(2, Some("1 g"), 3, "3.33"), by_weight(13, "3.5", "9.99")];
        let mut world = World::new(items, policy, pos);
        let mut lines = BTreeMap::new();
        for step in &steps {
            run(&mut world, step, &mut lines);
        }
        let shown = format!("{:?}{:?}", world.order, world.events);
        prop_assert!(common::PERSONAL.iter().all(|secret| !shown.contains(secret)));
        prop_assert!(matches!(world.order.payment, PaymentStatus::Unpaid | PaymentStatus::Paid));
    }
}
