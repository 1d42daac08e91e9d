//! What delivery reports and what people do about it, state by state.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use chrono::TimeDelta;
use common::{World, able, accepted, create_failed, failed, note, problem, receipt, sized};
use order_core::access::Role;
use order_core::lifecycle::{Action, Command, Effect, HoldChange, Refusal};
use order_core::model::{
    AttentionCode, Capabilities, NoticeKind, PaymentStatus, PosOrderId, PosState, PosTask, ReasonCode, Status,
};

use PosState::{
    Accepted, Attention, CancelFailed, CancelPending, Cancelled, Manual, NotRequired, Queued, Retrying,
    Sending, Unknown, UpdatePending,
};

const LASTING: [PosState; 12] = [
    NotRequired,
    Queued,
    Sending,
    Unknown,
    Retrying,
    Attention,
    Accepted,
    UpdatePending,
    CancelPending,
    CancelFailed,
    Manual,
    Cancelled,
];

fn at(state: PosState) -> World {
    if state == NotRequired { World::plain() } else { World::with_pos().pos_to(state) }
}

fn link() -> Action {
    Action::PosLink { id: PosOrderId::new("r-5").unwrap(), number: Some("5".to_owned()) }
}

fn manual() -> Action {
    Action::PosManual { number: "44".to_owned() }
}

fn told(decision: &order_core::lifecycle::Decision) -> bool {
    decision.notices.iter().any(|(kind, _)| *kind == NoticeKind::Attention)
}

fn tasks(decision: &order_core::lifecycle::Decision) -> Vec<PosTask> {
    decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Pos(task) => Some(*task),
            _ => None,
        })
        .collect()
}

#[test]
fn placing_asks_for_a_create_only_where_there_is_a_pos() {
    assert_eq!(tasks(&World::with_pos().placed), [PosTask::Create]);
    assert_eq!(tasks(&World::plain().placed), []);
}

#[test]
fn retry_link_and_manual_go_where_they_may() {
    // What each leads to from each state; none where it is refused.
    type Row = (PosState, Option<PosState>, Option<PosState>, Option<PosState>);
    let table: [Row; 12] = [
        (NotRequired, None, None, None),
        (Queued, Some(Queued), Some(Accepted), Some(Manual)),
        (Sending, None, None, None),
        (Unknown, None, Some(Accepted), Some(Manual)),
        (Retrying, Some(Queued), Some(Accepted), Some(Manual)),
        (Attention, Some(Queued), Some(Accepted), Some(Manual)),
        (Accepted, None, None, None),
        (UpdatePending, None, None, None),
        (CancelPending, None, None, None),
        (CancelFailed, Some(CancelPending), None, Some(Manual)),
        (Manual, None, None, None),
        (Cancelled, None, None, None),
    ];
    for (from, retry, linked, keyed) in table {
        for (action, to) in [(Action::PosRetry, retry), (link(), linked), (manual(), keyed)] {
            for role in [Role::Staff, Role::Manager, Role::Admin] {
                let mut world = at(from);
                let outcome = world.run(role, &Command::new(action.clone()));
                let case = format!("{} from {from:?}: {outcome:?}", action.kind());
                match (to, outcome) {
                    (Some(to), Ok(_)) => assert_eq!(world.order.pos.state, to, "{case}"),
                    (None, Err(Refusal::PosState { .. } | Refusal::Illegal { .. })) => {}
                    _ => panic!("{case}"),
                }
            }
        }
    }
}

#[test]
fn a_create_that_nobody_answered_is_looked_for_before_it_is_repeated() {
    let mut world = at(Sending);
    for action in [Action::PosBegin, Action::PosAbsent, Action::PosCancelled] {
        assert_eq!(world.report(action), Default::default());
    }
    for action in [Action::PosRetry, link(), manual()] {
        assert!(world.run(Role::Admin, &Command::new(action)).is_err());
    }
    world.report(Action::PosUnknown(problem()));
    assert_eq!(world.report(Action::PosBegin), Default::default(), "an unclear create is not begun again");
    world.report(Action::PosAbsent);
    assert_eq!(world.order.pos.state, Queued);
    world.report(Action::PosBegin);
    assert_eq!((world.order.pos.state, world.order.pos.tries), (Sending, 2));
}

#[test]
fn an_answer_ends_a_create() {
    for from in [Queued, Sending, Unknown, Retrying, Attention] {
        let mut world = at(from);
        let decision = world.report(accepted("r-1"));
        assert_eq!(world.order.pos.state, Accepted, "{from:?}");
        assert_eq!(tasks(&decision), [PosTask::Follow]);
        assert_eq!(decision.holds, HoldChange::HandOver);
        assert!(world.order.pos.problem.is_none() && world.order.pos.attention.is_none());
        assert_eq!(world.report(accepted("r-1")), Default::default(), "told twice is told once");
    }
    // A POS that neither reads nor sets stock aside is neither followed nor given the stock.
    for action in [accepted("r-1"), link(), manual()] {
        let mut world = World::with(Capabilities::MINIMAL);
        let decision = world.go(if action == accepted("r-1") { Role::System } else { Role::Staff }, action);
        assert_eq!((tasks(&decision), decision.holds), (Vec::new(), HoldChange::Keep));
    }
}

#[test]
fn a_refusal_calls_for_a_person_once() {
    for code in [AttentionCode::Refused, AttentionCode::Unreachable, AttentionCode::CannotTell] {
        let mut world = at(Sending);
        let decision = world.report(create_failed(code));
        assert!(told(&decision));
        assert_eq!(world.order.pos.state, Attention);
        let call = world.order.pos.attention.clone().unwrap();
        assert_eq!(call.code, code);
        assert_eq!(call.maybe_there, code == AttentionCode::CannotTell);
        assert_eq!(world.report(create_failed(code)), Default::default());
        // A create that may be there is looked for even after somebody vouched that it is not.
        world.go(Role::Staff, Action::PosRetry);
        let expected = if call.maybe_there { Unknown } else { Queued };
        assert_eq!((world.order.pos.state, world.order.pos.vouched), (expected, call.maybe_there));
    }
}

#[test]
fn a_cancel_calls_back_exactly_what_may_be_there() {
    for (from, to, calls) in [
        (NotRequired, NotRequired, false),
        (Queued, Cancelled, false),
        (Retrying, Cancelled, false),
        (Attention, Cancelled, false),
        (Sending, CancelPending, true),
        (Unknown, CancelPending, true),
        (Accepted, CancelPending, true),
        (UpdatePending, CancelPending, true),
        (Manual, CancelFailed, false),
    ] {
        let mut world = at(from);
        let decision = world.go(Role::Manager, Action::Cancel);
        assert_eq!((world.order.status, world.order.pos.state), (Status::Canceled, to), "{from:?}");
        assert_eq!(tasks(&decision), if calls { vec![PosTask::Cancel] } else { vec![] }, "{from:?}");
        assert_eq!(decision.holds, HoldChange::Release);
        assert_eq!(told(&decision), from == Manual, "keyed in by hand is voided by hand");
    }
    let mut unclear = at(Sending);
    unclear.report(create_failed(AttentionCode::CannotTell));
    unclear.go(Role::Manager, Action::Cancel);
    assert_eq!(unclear.order.pos.state, CancelPending, "it may be there");

    // The POS itself says so: it is gone, except that nobody knows of what it speaks during a create.
    for (from, to) in
        [(Accepted, Cancelled), (Manual, Cancelled), (Attention, Cancelled), (Sending, CancelPending)]
    {
        let mut world = at(from);
        world.run(Role::Pos, &Command::new(Action::Cancel)).unwrap();
        assert_eq!(world.order.pos.state, to, "{from:?}");
    }
}

#[test]
fn answers_that_come_after_a_cancel_are_not_lost() {
    // The create arrived after all: its id is kept for the cancel that waits.
    let mut world = at(Sending);
    world.go(Role::Manager, Action::Cancel);
    assert_eq!(tasks(&world.report(accepted("r-1"))), []);
    assert_eq!((world.order.pos.state, world.order.pos.id.is_some()), (CancelPending, true));
    // Now that it is known to be there, nothing makes it absent but a cancel.
    for action in [Action::PosAbsent, Action::PosRetrying(problem()), create_failed(AttentionCode::Refused)] {
        assert_eq!(world.report(action), Default::default());
    }
    world.report(Action::PosCancelled);
    assert_eq!(world.order.pos.state, Cancelled);
    assert_eq!(world.report(accepted("r-1")), Default::default(), "that one is cancelled already");

    // It never arrived: nothing to call back.
    for action in [Action::PosRetrying(problem()), create_failed(AttentionCode::Refused), Action::PosAbsent] {
        let mut world = at(Sending);
        world.go(Role::Manager, Action::Cancel);
        world.report(action);
        assert_eq!(world.order.pos.state, Cancelled);
        // And yet it turns up: then it has to go, even from a record removed meanwhile.
        for remove in [false, true] {
            let mut world = world.clone();
            if remove {
                world.go(Role::Admin, Action::Remove);
            }
            assert_eq!(tasks(&world.report(accepted("r-1"))), [PosTask::Cancel]);
            assert_eq!(world.order.pos.state, CancelPending);
        }
    }

    // It could not be found, so a person was called; then it turns up.
    let mut world = at(Unknown);
    world.go(Role::Manager, Action::Cancel);
    assert!(told(&world.report(failed(PosTask::Cancel))));
    assert_eq!(world.order.pos.state, CancelFailed);
    assert_eq!(tasks(&world.report(accepted("r-1"))), [PosTask::Cancel]);
}

#[test]
fn a_refused_cancel_can_be_tried_again_settled_by_hand_or_by_the_register() {
    let world = at(CancelFailed);
    assert!(world.order.needs_attention());

    let mut again = world.clone();
    assert_eq!(tasks(&again.go(Role::Staff, Action::PosRetry)), [PosTask::Cancel]);

    let mut by_hand = world.clone();
    let decision = by_hand.go(Role::Staff, manual());
    assert_eq!((by_hand.order.pos.state, decision.holds), (Manual, HoldChange::Keep));
    assert!(!by_hand.order.needs_attention());
    // What was voided by hand is created anew when the order is taken up again.
    assert_eq!(tasks(&by_hand.go(Role::Manager, Action::Reopen)), [PosTask::Create]);
    assert_eq!(by_hand.order.pos.state, Queued);

    let mut by_register = world.clone();
    by_register.observe("void", Some(Status::Canceled));
    assert_eq!(by_register.order.pos.state, Cancelled);

    let mut reopened = world;
    reopened.go(Role::Manager, Action::Reopen);
    assert_eq!(reopened.order.pos.state, Accepted, "it is still there");
    let mut keyed = at(Manual);
    keyed.go(Role::Manager, Action::Cancel);
    keyed.go(Role::Manager, Action::Reopen);
    assert_eq!((keyed.order.pos.state, keyed.order.pos.number.as_deref()), (Manual, Some("77")));
}

#[test]
fn a_second_order_there_calls_for_a_person() {
    let mut keyed = at(Unknown);
    keyed.go(Role::Staff, manual());
    assert!(told(&keyed.report(accepted("r-1"))));
    assert_eq!(keyed.order.pos.attention.as_ref().unwrap().code, AttentionCode::Mismatch);

    let mut same = at(Unknown);
    same.go(Role::Staff, manual());
    let mut found = receipt("r-1");
    found.number = Some("44".to_owned());
    assert!(!told(&same.report(Action::PosAccepted { receipt: found, customer: None })));
    assert_eq!(same.order.pos.state, Accepted);

    let mut linked = at(Unknown);
    linked.go(Role::Staff, link());
    assert!(told(&linked.report(accepted("r-1"))));
    assert_eq!(linked.order.pos.id.as_ref().unwrap().as_str(), "r-5");
    linked.go(Role::Staff, Action::PosRetry);
    assert_eq!(linked.order.pos.state, Accepted, "a person has dealt with it");
}

#[test]
fn what_turns_up_after_all_was_settled_by_hand_has_to_go() {
    let mut world = at(Unknown);
    world.go(Role::Manager, Action::Cancel);
    world.report(failed(PosTask::Cancel));
    world.go(Role::Staff, manual());
    assert_eq!(tasks(&world.report(accepted("r-1"))), [PosTask::Cancel]);
    assert_eq!(world.order.pos.state, CancelPending);

    let mut handed_over = at(Unknown);
    handed_over.go(Role::Staff, manual());
    handed_over.go(Role::Manager, Action::Complete { id_checked: true });
    assert!(told(&handed_over.report(accepted("r-1"))));
}

#[test]
fn changes_are_counted_until_they_have_arrived() {
    let mut world = at(Accepted);
    assert_eq!(tasks(&world.go(Role::Staff, Action::Start)), [PosTask::SetStatus(Status::InProcess)]);
    assert_eq!(tasks(&world.go(Role::Staff, Action::MarkPaid)), [PosTask::MarkPaid]);
    assert_eq!((world.order.pos.state, world.order.pos.pending), (UpdatePending, 2));
    let done = |task| Action::PosUpdated { task, receipt: receipt("r-1") };
    world.report(done(PosTask::SetStatus(Status::InProcess)));
    assert_eq!((world.order.pos.state, world.order.pos.pending), (UpdatePending, 1));
    world.report(done(PosTask::MarkPaid));
    assert_eq!((world.order.pos.state, world.order.pos.pending), (Accepted, 0));

    // One that became pointless counts no longer.
    world.go(Role::Staff, Action::Release);
    world.report(Action::PosDropped(PosTask::SetStatus(Status::AwaitingProcessing)));
    assert_eq!((world.order.pos.state, world.order.pos.pending), (Accepted, 0));

    // Changed while the create is on its way: accepted with the change still to be sent, linked likewise.
    for answer in [accepted("r-1"), link()] {
        let mut world = at(Unknown);
        world.go(Role::Staff, Action::Merge(vec![sized(3, None, 1, "1.00")]));
        assert_eq!((world.order.pos.state, world.order.pos.pending), (Unknown, 1));
        world.go(if matches!(answer, Action::PosLink { .. }) { Role::Staff } else { Role::System }, answer);
        assert_eq!((world.order.pos.state, world.order.pos.pending), (UpdatePending, 1));
    }
    // Not sent yet: the create itself carries the change.
    let mut unsent = at(Queued);
    assert_eq!(tasks(&unsent.go(Role::Kiosk, Action::Merge(vec![sized(3, None, 1, "1.00")]))), []);
    assert_eq!(unsent.order.pos.pending, 0);
}

#[test]
fn a_cancel_ends_every_change_still_to_be_sent() {
    // Started by force while the create waits, keyed in by hand, cancelled, and voided by nobody.
    let mut world = World::with_pos();
    world.go(Role::Manager, Action::Start);
    assert_eq!(world.order.pos.pending, 1);
    world.go(Role::Staff, manual());
    world.go(Role::Manager, Action::Cancel);
    assert_eq!((world.order.pos.state, world.order.pos.pending), (CancelFailed, 0));
}

#[test]
fn a_change_that_failed_can_be_sent_again() {
    let mut world = at(UpdatePending);
    let task = PosTask::SetStatus(Status::InProcess);
    assert!(told(&world.report(failed(task))));
    assert_eq!((world.order.pos.state, world.order.pos.pending), (Attention, 0));
    assert_eq!(tasks(&world.go(Role::Staff, Action::PosRetry)), [task]);
    assert_eq!((world.order.pos.state, world.order.pos.pending), (UpdatePending, 1));
}

#[test]
fn a_change_that_ends_after_a_read_called_for_a_person_is_not_lost() {
    let task = PosTask::SetStatus(Status::InProcess);
    for (answer, to, pending) in [
        (Action::PosUpdated { task, receipt: receipt("r-1") }, Accepted, 0),
        (failed(task), Attention, 0),
        (Action::PosDropped(task), Attention, 0),
    ] {
        let mut world = at(UpdatePending);
        world.report(failed(PosTask::Follow));
        assert_eq!((world.order.pos.state, world.order.pos.pending), (Attention, 1));
        world.report(answer);
        assert_eq!((world.order.pos.state, world.order.pos.pending), (to, pending));
    }
    let mut early = at(UpdatePending);
    early.report(failed(PosTask::Follow));
    assert_eq!(tasks(&early.go(Role::Staff, Action::PosRetry)), [PosTask::Follow]);
    assert_eq!(early.order.pos.state, UpdatePending, "the change is still on its way");
}

#[test]
fn the_register_moves_the_order_along_the_table() {
    use Status::{AwaitingProcessing, Canceled, Completed, InProcess, OutForDelivery, PackedReady, Removed};
    let moves: [(Status, Status, Status); 12] = [
        (AwaitingProcessing, InProcess, InProcess),
        (AwaitingProcessing, PackedReady, PackedReady),
        (AwaitingProcessing, OutForDelivery, OutForDelivery),
        (AwaitingProcessing, Completed, Completed),
        (Status::VerificationPending, PackedReady, PackedReady),
        (PackedReady, InProcess, InProcess),
        (PackedReady, AwaitingProcessing, AwaitingProcessing),
        (OutForDelivery, AwaitingProcessing, AwaitingProcessing),
        (InProcess, Canceled, Canceled),
        (PackedReady, Removed, Canceled),
        // Nothing leads back there, so nothing moves.
        (InProcess, Status::VerificationPending, InProcess),
        (OutForDelivery, Completed, Completed),
    ];
    for (from, read, to) in moves {
        let mut world = led(from);
        let decision = world.observe("moved", Some(read));
        assert_eq!(world.order.status, to, "{from} read as {read}");
        assert!(tasks(&decision).is_empty(), "the register is not told what it said");
        assert_eq!(world.order.pos.status.as_deref(), Some("moved"));
        if to == Canceled {
            assert_eq!(world.order.pos.state, Cancelled);
            assert_eq!(world.order.reason, Some(ReasonCode::StoreOperations));
        }
        assert_eq!(world.observe("moved", Some(read)).events, [], "a repeated word moves nothing");
    }
}

/// In this status, with the POS side at rest.
fn led(status: Status) -> World {
    let mut pos = able();
    pos.set_status = Default::default();
    let mut world = World::with(pos);
    if status == Status::VerificationPending {
        world = world.to(status);
    }
    world = world.pos_to(Accepted);
    if status == Status::VerificationPending { world } else { world.to(status) }
}

#[test]
fn the_register_never_leads_out_of_an_end() {
    for end in [Status::Completed, Status::Canceled, Status::Removed] {
        let mut world = led(end);
        for read in Status::ALL {
            world.observe(read.as_str(), Some(read));
            assert_eq!(world.order.status, end, "{end} read as {read}");
        }
    }
}

#[test]
fn unknown_words_are_kept_and_move_nothing() {
    let mut world = led(Status::InProcess);
    let decision = world.observe("Fnord", None);
    assert_eq!(decision.events.len(), 1);
    assert_eq!(world.order.status, Status::InProcess);
    assert_eq!(world.order.pos.status.as_deref(), Some("Fnord"));
}

#[test]
fn older_reads_are_dropped() {
    let read = |ago: i64, world: &World| {
        let mut receipt = receipt("r-1");
        receipt.status = Some("awaiting".to_owned());
        let status = Some(Status::AwaitingProcessing);
        let asked_at = world.at - TimeDelta::seconds(ago);
        Command::new(Action::PosObserved { receipt, status, paid: Some(true), asked_at })
    };
    let mut world = led(Status::AwaitingProcessing);
    world.observe("picking", Some(Status::InProcess));
    for ago in [0, 1, 60] {
        assert_eq!(world.decide(Role::Pos, &read(ago, &world)).unwrap(), Default::default(), "{ago}");
    }
    world.at += TimeDelta::seconds(1);
    world.run(Role::Pos, &read(0, &world)).unwrap();
    assert_eq!(world.order.status, Status::AwaitingProcessing);

    // A read asked for before the POS answered our own change knows nothing of that change.
    let mut world = at(Accepted);
    world.at += TimeDelta::seconds(10);
    world.go(Role::Staff, Action::Start);
    world.at += TimeDelta::seconds(10);
    assert_eq!(
        world.decide(Role::Pos, &read(0, &world)).unwrap(),
        Default::default(),
        "a change is on its way"
    );
    let task = PosTask::SetStatus(Status::InProcess);
    world.report(Action::PosUpdated { task, receipt: receipt("r-1") });
    assert_eq!(world.decide(Role::Pos, &read(5, &world)).unwrap(), Default::default());
    assert_eq!(world.order.status, Status::InProcess);
}

#[test]
fn payment_at_the_register_is_followed_and_never_taken_back() {
    let mut world = led(Status::InProcess);
    for (paid, expected) in [
        (None, PaymentStatus::Unpaid),
        (Some(false), PaymentStatus::Unpaid),
        (Some(true), PaymentStatus::Paid),
        (Some(false), PaymentStatus::Paid),
    ] {
        world.at += TimeDelta::seconds(1);
        let action = Action::PosObserved { receipt: receipt("r-1"), status: None, paid, asked_at: world.at };
        world.run(Role::Pos, &Command::new(action)).unwrap();
        assert_eq!(world.order.payment, expected);
    }
}

#[test]
fn a_read_of_an_order_thought_refused_links_it() {
    let mut world = at(Attention);
    world.observe("new", Some(Status::AwaitingProcessing));
    assert_eq!(world.order.pos.state, Accepted);
    assert!(
        world.run(Role::Staff, &Command::new(Action::PosRetry)).is_err(),
        "a retry would make a second one"
    );
}

#[test]
fn cancel_is_open_in_every_state_and_reopening_waits_for_rest() {
    for state in LASTING {
        let mut world = at(state);
        if world.order.status.is_open() {
            world.go(Role::Manager, Action::Cancel);
        }
        let rest = matches!(world.order.pos.state, NotRequired | Cancelled | CancelFailed | Manual);
        let reopen = Command::new(Action::Reopen).noting(note());
        assert_eq!(world.run(Role::Manager, &reopen).is_ok(), rest, "{state:?}");
    }
}
