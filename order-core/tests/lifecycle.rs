//! Every status, every action, every role: what may follow, by whom, with which texts, under which conditions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use chrono::TimeDelta;
use common::{World, gathered, note, problem, receipt, short, sized, substituted};
use order_core::access::Role;
use order_core::lifecycle::{
    Action, ActionKind, Change, Command, Guard, Refusal, Waiver, actions, apply, place, replay,
};
use order_core::model::{
    Audience, Channel, CustomerKind, FulfillmentKind, NoticeKind, PaymentStatus, PickState, Policy,
    PosOrderId, PosState, ReasonCode, Status, Version,
};
use order_core::testkit::actor;

/// The table of the domain text, written down anew: action, from, to, roles.
///
/// Statuses: Verification pending, Awaiting processing, In process, Packed ready, Out for delivery, Completed,
/// X cancelled, Removed. Roles: customer, kiosk, staff, manager, admin, pos, y system.
const TEXT: &[(&str, &str, Option<char>, &str)] = &[
    ("verify", "V", Some('A'), "smap"),
    ("reject", "V", Some('X'), "sma"),
    ("start", "A", Some('I'), "smap"),
    ("release", "I", Some('A'), "smap"),
    ("pick", "I", None, "sma"),
    ("pack", "I", Some('P'), "smap"),
    ("unpack", "P", Some('I'), "smap"),
    ("dispatch", "P", Some('O'), "smap"),
    ("return", "O", Some('P'), "smap"),
    ("complete", "PO", Some('C'), "smap"),
    ("complete", "VAI", Some('C'), "map"),
    ("cancel", "VA", Some('X'), "cksmap"),
    ("cancel", "IPO", Some('X'), "smap"),
    ("expire", "VAIPO", Some('X'), "y"),
    ("remove", "CX", Some('R'), "a"),
    ("reopen", "X", Some('A'), "ma"),
    ("amend", "VA", None, "cksm"),
    ("merge", "VA", None, "cksm"),
    ("mark_paid", "VAIPOC", None, "smap"),
    ("mark_printed", "VAIPOCX", None, "ksmay"),
    ("pos_retry", "VAIPOCX", None, "sma"),
    ("pos_link", "VAIPOC", None, "sma"),
    ("pos_manual", "VAIPOCX", None, "sma"),
    ("pos_report", "VAIPOCXR", None, "py"),
    ("notify_report", "VAIPOCXR", None, "y"),
];

fn letter(status: Status) -> char {
    match status {
        Status::VerificationPending => 'V',
        Status::AwaitingProcessing => 'A',
        Status::InProcess => 'I',
        Status::PackedReady => 'P',
        Status::OutForDelivery => 'O',
        Status::Completed => 'C',
        Status::Canceled => 'X',
        Status::Removed => 'R',
    }
}

fn initial(role: Role) -> char {
    match role {
        Role::Customer => 'c',
        Role::Kiosk => 'k',
        Role::Staff => 's',
        Role::Manager => 'm',
        Role::Admin => 'a',
        Role::Pos => 'p',
        Role::System => 'y',
    }
}

fn sample(kind: ActionKind) -> Action {
    match kind {
        ActionKind::Verify => Action::Verify,
        ActionKind::Reject => Action::Reject,
        ActionKind::Start => Action::Start,
        ActionKind::Release => Action::Release,
        ActionKind::Pick => Action::Pick(vec![gathered(1, PickState::Open)]),
        ActionKind::Pack => Action::Pack,
        ActionKind::Unpack => Action::Unpack,
        ActionKind::Dispatch => Action::Dispatch,
        ActionKind::Return => Action::Return,
        ActionKind::Complete => Action::Complete { id_checked: true },
        ActionKind::Cancel => Action::Cancel,
        ActionKind::Expire => Action::Expire,
        ActionKind::Remove => Action::Remove,
        ActionKind::Reopen => Action::Reopen,
        ActionKind::Amend => Action::Amend(vec![sized(1, None, 5, "12.50")]),
        ActionKind::Merge => Action::Merge(vec![sized(3, None, 1, "1.00")]),
        ActionKind::MarkPaid => Action::MarkPaid,
        ActionKind::MarkPrinted => Action::MarkPrinted { id: None },
        ActionKind::PosRetry => Action::PosRetry,
        ActionKind::PosLink => Action::PosLink { id: PosOrderId::new("r-9").unwrap(), number: None },
        ActionKind::PosManual => Action::PosManual { number: "9".to_owned() },
        ActionKind::PosReport => Action::PosBegin,
        ActionKind::NotifyReport => Action::Notified {
            kind: NoticeKind::Ready,
            audience: Audience::Customer,
            channel: Channel::Email,
        },
        other => panic!("{other} has no sample"),
    }
}

#[test]
fn every_status_action_and_role_ends_as_the_text_says() {
    for from in Status::ALL {
        let mut world = World::plain().to(from);
        // Hold over, yet within the time for reopening: the guards stand aside here.
        world.policy.hold_minutes = 0;
        let here = letter(from);
        for kind in ActionKind::ALL.iter().copied() {
            for role in Role::ALL {
                let who = initial(role);
                let mine: Vec<_> = TEXT
                    .iter()
                    .filter(|(action, _, _, roles)| *action == kind.as_str() && roles.contains(who))
                    .collect();
                let row = mine.iter().find(|(_, statuses, _, _)| statuses.contains(here));
                let somebody = TEXT
                    .iter()
                    .any(|(action, statuses, ..)| *action == kind.as_str() && statuses.contains(here));
                let command = Command::new(sample(kind))
                    .because(ReasonCode::Duplicate)
                    .noting(note())
                    .on(world.order.version);
                let mut after = world.clone();
                let outcome = after.run(role, &command);
                let case = format!("{role} {kind} from {from}: {outcome:?}");
                match row {
                    // The sample order has no POS.
                    Some(_) if kind.as_str().starts_with("pos_") && kind != ActionKind::PosReport => {
                        assert!(matches!(outcome, Err(Refusal::PosState { .. })), "{case}");
                    }
                    Some((_, _, to, _)) => {
                        assert!(outcome.is_ok(), "{case}");
                        assert_eq!(letter(after.order.status), to.unwrap_or(here), "{case}");
                    }
                    None if mine.is_empty() || somebody => {
                        assert!(matches!(outcome, Err(Refusal::Forbidden { .. })), "{case}");
                    }
                    None if mine.iter().any(|(_, _, to, _)| *to == Some(here)) => {
                        assert!(outcome.is_ok_and(|decision| decision == Default::default()), "{case}");
                        let stale = command.clone().on(Version::new(world.order.version.get() + 1));
                        assert!(matches!(world.decide(role, &stale), Err(Refusal::Stale { .. })), "{case}");
                    }
                    None => {
                        let Err(Refusal::Illegal { allowed, .. }) = outcome else { panic!("{case}") };
                        let text: Vec<_> = ActionKind::ALL
                            .iter()
                            .copied()
                            .filter(|kind| {
                                TEXT.iter().any(|(action, statuses, _, roles)| {
                                    *action == kind.as_str() && statuses.contains(here) && roles.contains(who)
                                })
                            })
                            .collect();
                        assert_eq!(allowed, text, "{case}");
                        assert_eq!(actions(from, role), text, "{case}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_right_is_asked_before_the_version_and_the_version_before_the_status() {
    let world = World::plain();
    let old = Version::new(99);
    let forbidden = world.decide(Role::Customer, &Command::new(Action::Start).on(old));
    assert!(matches!(forbidden, Err(Refusal::Forbidden { .. })));
    let stale = world.decide(Role::Staff, &Command::new(Action::Pack).on(old));
    assert_eq!(stale, Err(Refusal::Stale { expected: old, actual: world.order.version }));
    let illegal = world.decide(Role::Staff, &Command::new(Action::Pack).on(world.order.version));
    assert!(matches!(illegal, Err(Refusal::Illegal { .. })));
}

#[test]
fn a_repeated_start_is_fine_and_a_stale_one_is_not() {
    let mut world = World::plain();
    let before = world.order.version;
    world.run(Role::Staff, &Command::new(Action::Start).on(before)).unwrap();
    let again = Command::new(Action::Start);
    assert_eq!(
        world.decide(Role::Staff, &again.clone().on(world.order.version)).unwrap(),
        Default::default()
    );
    assert!(matches!(world.decide(Role::Staff, &again.on(before)), Err(Refusal::Stale { .. })));
}

fn missing(outcome: Result<order_core::lifecycle::Decision, Refusal>) -> Vec<&'static str> {
    match outcome {
        Ok(_) => Vec::new(),
        Err(Refusal::Invalid(problems)) => problems.iter().map(|problem| problem.code).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn reasons_and_notes_are_asked_where_the_text_asks() {
    const REASON: &[&str] = &["reason_required"];
    const BOTH: &[&str] = &["reason_required", "note_required"];
    const NONE: &[&str] = &[];
    let done = Action::Complete { id_checked: true };
    let cases: [(Status, Action, Role, &[&str]); 22] = [
        (Status::VerificationPending, Action::Cancel, Role::Staff, REASON),
        (Status::AwaitingProcessing, Action::Cancel, Role::Staff, REASON),
        (Status::AwaitingProcessing, Action::Cancel, Role::Admin, REASON),
        (Status::AwaitingProcessing, Action::Cancel, Role::Customer, NONE),
        (Status::AwaitingProcessing, Action::Cancel, Role::Kiosk, NONE),
        (Status::AwaitingProcessing, Action::Cancel, Role::Pos, NONE),
        (Status::InProcess, Action::Cancel, Role::Staff, BOTH),
        (Status::PackedReady, Action::Cancel, Role::Manager, BOTH),
        (Status::OutForDelivery, Action::Cancel, Role::Admin, BOTH),
        (Status::OutForDelivery, Action::Cancel, Role::Pos, NONE),
        (Status::PackedReady, Action::Unpack, Role::Staff, REASON),
        (Status::OutForDelivery, Action::Return, Role::Manager, REASON),
        (Status::PackedReady, done.clone(), Role::Staff, NONE),
        (Status::AwaitingProcessing, done.clone(), Role::Manager, REASON),
        (Status::InProcess, done.clone(), Role::Admin, REASON),
        (Status::InProcess, done, Role::Pos, NONE),
        (Status::Completed, Action::Remove, Role::Admin, REASON),
        (Status::Canceled, Action::Remove, Role::Admin, REASON),
        (Status::Canceled, Action::Reopen, Role::Manager, NONE),
        (Status::VerificationPending, Action::Reject, Role::Staff, NONE),
        (Status::AwaitingProcessing, Action::Start, Role::Staff, NONE),
        (Status::InProcess, Action::Release, Role::Staff, NONE),
    ];
    for (from, action, role, expected) in cases {
        let world = World::plain().to(from);
        let case = format!("{role} {} from {from}", action.kind());
        assert_eq!(missing(world.decide(role, &Command::new(action.clone()))), expected, "{case}");
        let reasoned = Command::new(action).because(ReasonCode::OutOfStock);
        let rest: &[&str] = if expected == BOTH { &["note_required"] } else { NONE };
        assert_eq!(missing(world.decide(role, &reasoned)), rest, "{case}");
        assert_eq!(missing(world.decide(role, &reasoned.noting(note()))), NONE, "{case}");
    }
}

#[test]
fn some_moves_say_why_by_themselves() {
    let cases = [
        (Status::VerificationPending, Action::Reject, Role::Staff, ReasonCode::FailedVerification),
        (Status::AwaitingProcessing, Action::Cancel, Role::Kiosk, ReasonCode::CustomerRequest),
        (Status::AwaitingProcessing, Action::Cancel, Role::Pos, ReasonCode::StoreOperations),
        (Status::PackedReady, Action::Expire, Role::System, ReasonCode::NotCollected),
    ];
    for (from, action, role, reason) in cases {
        let mut world = World::plain().to(from);
        world.policy.hold_minutes = 0;
        world.run(role, &Command::new(action)).unwrap();
        assert_eq!(world.order.reason, Some(reason), "{role} from {from}");
    }
    // A refused card is a refused card, whatever else is said.
    let mut world = World::plain().to(Status::VerificationPending);
    world.run(Role::Staff, &Command::new(Action::Reject).because(ReasonCode::Test)).unwrap();
    assert_eq!(world.order.reason, Some(ReasonCode::FailedVerification));
}

fn guarded(world: &World, role: Role, action: Action) -> Option<Guard> {
    let command = Command::new(action).because(ReasonCode::StoreOperations).noting(note());
    match world.decide(role, &command) {
        Ok(_) => None,
        Err(Refusal::Guarded { guard, .. }) => Some(guard),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn start_waits_for_the_pos_unless_a_manager_forces_it() {
    let mut world = World::with_pos();
    let start = |world: &World, role, reason: Option<ReasonCode>| {
        let mut command = Command::new(Action::Start);
        command.reason = reason;
        world.decide(role, &command).is_ok()
    };
    let reason = Some(ReasonCode::StoreOperations);
    assert!(!start(&world, Role::Staff, reason));
    assert!(!start(&world, Role::Manager, None));
    assert!(start(&world, Role::Manager, reason));
    assert!(start(&world, Role::Admin, reason));
    world.policy.work_through_outages = true;
    assert!(start(&world, Role::Staff, None));
    for state in PosState::ALL {
        let open = [PosState::Accepted, PosState::Manual, PosState::Queued, PosState::Unknown];
        if open.contains(&state) {
            let ready = matches!(state, PosState::Accepted | PosState::Manual);
            assert_eq!(start(&World::with_pos().pos_to(state), Role::Staff, None), ready, "{state:?}");
        }
    }
    assert!(start(&World::plain(), Role::Staff, None), "without a POS there is nothing to wait for");
}

#[test]
fn packing_wants_every_line_settled_and_something_left() {
    let mut world = World::plain();
    world.go(Role::Staff, Action::Start);
    assert_eq!(guarded(&world, Role::Staff, Action::Pack), Some(Guard::LinesSettled));
    world.go(Role::Staff, Action::Pick(vec![gathered(1, PickState::Picked), substituted(2, "4.00", false)]));
    assert_eq!(guarded(&world, Role::Staff, Action::Pack), Some(Guard::LinesSettled));
    world.go(Role::Staff, Action::Pick(vec![substituted(2, "4.00", true)]));
    assert_eq!(guarded(&world, Role::Staff, Action::Pack), None);
    world.go(Role::Staff, Action::Pick(vec![short(1, 0), gathered(2, PickState::Removed)]));
    assert_eq!(guarded(&world, Role::Staff, Action::Pack), Some(Guard::SomethingKept));
    world.go(Role::Staff, Action::Pick(vec![short(1, 1)]));
    assert_eq!(guarded(&world, Role::Staff, Action::Pack), None);
}

#[test]
fn delivery_id_payment_and_time_are_guarded() {
    let mut world = World::plain().to(Status::PackedReady);
    assert_eq!(guarded(&world, Role::Staff, Action::Dispatch), None);
    world.policy.delivery = false;
    assert_eq!(guarded(&world, Role::Staff, Action::Dispatch), Some(Guard::IsDelivery));
    world.policy.delivery = true;
    world.order.fulfillment.kind = FulfillmentKind::Pickup;
    assert_eq!(guarded(&world, Role::Staff, Action::Dispatch), Some(Guard::IsDelivery));

    let unseen = Action::Complete { id_checked: false };
    assert_eq!(guarded(&world, Role::Staff, unseen.clone()), None);
    world.policy.explicit_id_check = true;
    assert_eq!(guarded(&world, Role::Manager, unseen.clone()), Some(Guard::IdSeen));
    assert_eq!(guarded(&world, Role::Pos, unseen), None, "the register has closed the sale already");
    let seen = Action::Complete { id_checked: true };
    world.policy.pos_takes_payment = false;
    assert_eq!(guarded(&world, Role::Staff, seen.clone()), Some(Guard::PaymentSettled));
    world.go(Role::Staff, Action::MarkPaid);
    assert_eq!(guarded(&world, Role::Staff, seen.clone()), None);
    world.go(Role::Staff, seen);
    assert!(world.order.id_check.is_some());

    let mut world = World::plain();
    world.at += TimeDelta::minutes(24 * 60 - 1);
    assert_eq!(guarded(&world, Role::System, Action::Expire), Some(Guard::HoldOver));
    world.at += TimeDelta::minutes(1);
    assert_eq!(guarded(&world, Role::System, Action::Expire), None);

    let mut world = World::plain().to(Status::Canceled);
    world.at += TimeDelta::minutes(30);
    assert_eq!(guarded(&world, Role::Manager, Action::Reopen), None);
    world.at += TimeDelta::seconds(1);
    assert_eq!(guarded(&world, Role::Manager, Action::Reopen), Some(Guard::WithinReopening));
}

#[test]
fn a_late_cancel_by_staff_asks_a_manager_where_the_store_says_so() {
    for from in [Status::InProcess, Status::PackedReady, Status::OutForDelivery] {
        let mut world = World::plain().to(from);
        world.policy.late_cancel_needs_manager = true;
        let cancel = Command::new(Action::Cancel).because(ReasonCode::Payment).noting(note());
        let asked = world.run(Role::Staff, &cancel).unwrap();
        assert!(matches!(asked.events[0].change, Change::CancelRequested));
        assert_eq!(asked.notices[0].0, NoticeKind::CancelRequested);
        assert!(world.order.status == from && world.order.cancel_requested && world.order.needs_attention());
        assert_eq!(world.run(Role::Staff, &cancel).unwrap(), Default::default(), "asked once is enough");
        world.run(Role::Manager, &cancel).unwrap();
        assert!(world.order.status == Status::Canceled && !world.order.cancel_requested);
    }
    let mut early = World::plain();
    early.policy.late_cancel_needs_manager = true;
    early.run(Role::Staff, &Command::new(Action::Cancel).because(ReasonCode::Payment)).unwrap();
    assert_eq!(early.order.status, Status::Canceled);
}

#[test]
fn an_order_begins_where_the_text_says() {
    let first = |kind, verify_first| {
        let mut placement = common::placement(vec![sized(1, None, 1, "1")], false);
        placement.customer.kind = kind;
        let policy = Policy { verify_first, ..Policy::default() };
        place(placement, &policy, &actor(Role::Kiosk), common::start()).unwrap().0.status
    };
    assert_eq!(first(CustomerKind::Adult, false), Status::AwaitingProcessing);
    assert_eq!(first(CustomerKind::Adult, true), Status::VerificationPending);
    assert_eq!(first(CustomerKind::Medical, false), Status::VerificationPending);
    assert_eq!(first(CustomerKind::Caregiver, false), Status::VerificationPending);
}

#[test]
fn a_limit_is_passed_over_by_a_manager_who_says_why_and_on_the_record() {
    let world = World::plain().to(Status::InProcess);
    let rules = vec!["house.daily".to_owned()];
    let pack = |waive: &[String], noted: bool| {
        let mut command = Command::new(Action::Pack);
        command.waive = Some(waive.to_vec());
        command.note = noted.then(note);
        command
    };
    for role in [Role::Staff, Role::Pos] {
        let refused = Refusal::Forbidden { action: ActionKind::Pack, role };
        assert_eq!(world.decide(role, &pack(&rules, true)), Err(refused));
        // With nothing to pass over, it is a pack like any other.
        assert!(world.decide(role, &pack(&[], true)).is_ok());
    }
    for role in [Role::Manager, Role::Admin] {
        assert_eq!(missing(world.decide(role, &pack(&rules, false))), ["override_needs_note"]);
        let mut world = world.clone();
        let decision = world.run(role, &pack(&rules, true)).unwrap();
        let what: Vec<_> = decision.events.iter().map(|event| event.change.name()).collect();
        assert_eq!(what, ["limit_overridden", "packed"], "the permission comes before what it permits");
        assert!(decision.notices.iter().any(|(kind, _)| *kind == NoticeKind::LimitOverridden));
        let [pass] = &world.order.overrides[..] else { panic!("{:?}", world.order.overrides) };
        assert_eq!((&pass.rules, pass.at, &pass.note), (&rules, world.at, &note()));
        assert_eq!(pass.by, actor(role).id);
        assert_eq!(replay(&world.events).unwrap(), world.order);
    }
    // A command that says nothing of limits leaves no trace of them.
    let plain = world.decide(Role::Manager, &Command::new(Action::Pack)).unwrap();
    assert_eq!(plain.events.len(), 1);
    assert!(plain.notices.iter().all(|(kind, _)| *kind != NoticeKind::LimitOverridden));

    let mut placement = common::placement(vec![sized(1, None, 1, "1")], false);
    placement.overrides = Some(Waiver { rules: rules.clone(), note: note() });
    let manager = actor(Role::Manager);
    let (order, decision) = place(placement, &Policy::default(), &manager, common::start()).unwrap();
    assert_eq!(order.overrides.len(), 1);
    assert_eq!((&order.overrides[0].rules, &order.overrides[0].by), (&rules, &manager.id));
    assert!(decision.notices.iter().any(|(kind, _)| *kind == NoticeKind::LimitOverridden));
    assert_eq!(replay(&decision.events).unwrap(), order);
}

#[test]
fn the_moment_of_handing_over_stays() {
    let mut world = World::plain().to(Status::PackedReady);
    assert_eq!(world.order.completed_at, None);
    world.at += TimeDelta::minutes(7);
    let at = world.at;
    world.go(Role::Staff, Action::Complete { id_checked: true });
    assert_eq!(world.order.completed_at, Some(at));
    world.at += TimeDelta::minutes(7);
    world.go(Role::Staff, Action::MarkPaid);
    world.go(Role::Admin, Action::Remove);
    assert_eq!(world.order.completed_at, Some(at));
    assert_ne!(world.order.updated_at, at);
}

#[test]
fn who_works_on_it_who_saw_the_id_and_when() {
    let mut world = World::plain().to(Status::VerificationPending);
    world.go(Role::Staff, Action::Verify);
    assert!(world.order.id_check.is_some());
    let mut by_pos = World::plain().to(Status::VerificationPending);
    by_pos.go(Role::Pos, Action::Verify);
    assert_eq!(by_pos.order.id_check, None, "a register has no eyes");
    world.go(Role::Staff, Action::Start);
    assert!(world.order.picker.is_some());
    world.go(Role::Staff, Action::Pick(vec![gathered(1, PickState::Picked), short(2, 0)]));
    world.go(Role::Staff, Action::Release);
    assert_eq!(world.order.picker, None);
    let picks: Vec<_> = world.order.items.iter().map(|item| item.pick).collect();
    assert_eq!(picks, [PickState::Open, PickState::Short], "what is on no shelf stays missing");
}

#[test]
fn money_is_marked_once_and_not_after_it_was_given_back() {
    let mut world = World::plain();
    world.go(Role::Staff, Action::MarkPaid);
    assert_eq!(world.go(Role::Staff, Action::MarkPaid), Default::default());
    for (from, allowed) in [
        (PaymentStatus::Unpaid, true),
        (PaymentStatus::Pending, true),
        (PaymentStatus::Failed, true),
        (PaymentStatus::Refunded, false),
        (PaymentStatus::Voided, false),
    ] {
        let mut world = World::plain();
        world.order.payment = from;
        let expected = (!allowed).then_some(Guard::PaymentSettled);
        assert_eq!(guarded(&world, Role::Staff, Action::MarkPaid), expected, "{from:?}");
    }
}

#[test]
fn a_history_with_a_gap_a_double_or_no_beginning_is_no_order() {
    let world = World::plain().to(Status::PackedReady);
    assert_eq!(replay(&world.events).unwrap(), world.order);
    assert!(replay([]).is_err());
    assert!(replay(&world.events[1..]).is_err());
    for at in 1..world.events.len() {
        let mut gap = world.events.clone();
        gap.remove(at);
        let broken = at + 1 < world.events.len();
        assert_eq!(replay(&gap).is_err(), broken);
        let mut double = world.events.clone();
        double.insert(at, world.events[at].clone());
        assert!(replay(&double).is_err());
    }
    let mut order = world.order.clone();
    let again = order_core::lifecycle::Event { revision: order.revision.next(), ..world.events[0].clone() };
    assert!(apply(&mut order, &again).is_err());
    assert_eq!(order, world.order, "a refused event leaves the snapshot alone");
}

#[test]
fn nothing_personal_shows_in_debug() {
    let mut shown = String::new();
    for from in Status::ALL {
        let world = World::plain().to(from);
        shown += &format!("{world:?}");
        for kind in ActionKind::ALL.iter().copied() {
            let command = Command::new(sample(kind)).noting(note());
            for role in Role::ALL {
                shown += &format!("{command:?}{:?}", world.decide(role, &command));
                if let Err(refusal) = world.decide(role, &command) {
                    shown += &refusal.to_string();
                }
            }
        }
    }
    shown += &format!("{:?}{:?}", problem(), receipt("r"));
    for secret in common::PERSONAL {
        assert!(!shown.contains(secret), "{secret}");
    }
}
