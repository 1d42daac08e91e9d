//! What the log promises.

use order_core::lifecycle::{Change, PosChange};
use order_core::model::{
    Attention, AttentionCode, Audience, Channel, Note, NoticeKind, PaymentStatus, PosOrderId, PosProblem,
    PosReceipt, PosState, PosTask, ReasonCode, Revision, Status,
};
use order_core::ports::{OrderSearch, OrderStore, Position};

use crate::testkit::{Maker, at, store};

/// A later event has a later place, and a commit is told the place of its last.
pub async fn positions_grow_with_every_event<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let mut last = Position(0);
    for n in 0..5 {
        let order = make.order("oak", at(n));
        let mut commit = make.place(&order);
        commit.order.revision = Revision::new(2);
        commit.events.push(make.event(&order, 2, Change::CancelRequested));
        let position = s.commit(commit).await.unwrap().position;
        let history = s.history(order.id).await.unwrap();
        assert!(history[0].position > last && history[0].position < history[1].position);
        assert_eq!(history[1].position, position);
        last = position;
    }
}

/// Strictly after the place, ascending, as many as asked for, to the end.
pub async fn events_after_a_place_come_in_order<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let mut order = make.order("oak", at(0));
    s.commit(make.place(&order)).await.unwrap();
    for _ in 0..6 {
        let step = make.step(&order, |_| {});
        order = step.order.clone();
        s.commit(step).await.unwrap();
    }
    let (mut after, mut revisions) = (Position(0), Vec::new());
    loop {
        let page = s.events_after(None, after, 3).await.unwrap();
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        assert!(page.iter().all(|recorded| recorded.position > after));
        after = last.position;
        revisions.extend(page.iter().map(|recorded| recorded.event.revision.get()));
    }
    assert_eq!(revisions, [1, 2, 3, 4, 5, 6, 7]);
    assert!(s.events_after(None, Position(u64::MAX), 3).await.unwrap().is_empty());
    assert!(s.events_after(None, Position(0), 0).await.unwrap().is_empty());
}

/// Asked for one store, no other store's events come, and none is left out.
pub async fn events_of_one_store_only<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    for n in 0..6 {
        let order = make.order(if n % 2 == 0 { "oak" } else { "elm" }, at(n));
        s.commit(make.place(&order)).await.unwrap();
    }
    let elm = store("elm");
    let events = s.events_after(Some(&elm), Position(0), 10).await.unwrap();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|recorded| recorded.store == elm));
    let rest = s.events_after(Some(&elm), events[0].position, 10).await.unwrap();
    assert_eq!(rest, events[1..]);
    assert_eq!(s.events_after(None, Position(0), 10).await.unwrap().len(), 6);
    assert!(s.events_after(Some(&store("ash")), Position(0), 10).await.unwrap().is_empty());
}

/// One order's events, all of them, in the order of its revisions.
pub async fn history_is_by_revision<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let mut orders = [make.order("oak", at(0)), make.order("oak", at(1))];
    for order in &orders {
        s.commit(make.place(order)).await.unwrap();
    }
    for _ in 0..3 {
        for order in &mut orders {
            let step = make.step(order, |_| {});
            *order = step.order.clone();
            s.commit(step).await.unwrap();
        }
    }
    for order in &orders {
        let history = s.history(order.id).await.unwrap();
        let revisions: Vec<u64> = history.iter().map(|recorded| recorded.event.revision.get()).collect();
        assert_eq!(revisions, [1, 2, 3, 4]);
        assert!(history.iter().all(|recorded| recorded.event.order == order.id));
    }
}

/// Events of many shapes come back as they went in.
pub async fn every_kind_of_event_is_read_back<S: OrderStore + OrderSearch>(s: S) {
    let make = Maker::new();
    let order = make.order("oak", at(0));
    let problem =
        PosProblem { kind: "timeout".into(), vendor_code: Some("E-7".into()), detail: "no answer".into() };
    let receipt = PosReceipt {
        id: PosOrderId::new("77").unwrap(),
        number: Some("A 77".into()),
        status: None,
        totals: Some(order.totals),
        differences: Vec::new(),
    };
    let changes = [
        Change::LinesChanged {
            merged: true,
            items: order.items.clone(),
            totals: order.totals,
            changes: Vec::new(),
            tell_pos: true,
        },
        Change::Payment { from: PaymentStatus::Unpaid, to: PaymentStatus::Paid, tell_pos: false },
        Change::Moved {
            by: order_core::lifecycle::ActionKind::Start,
            from: Status::AwaitingProcessing,
            to: Status::InProcess,
            id_checked: true,
            tell_pos: false,
        },
        Change::Pos {
            state: PosState::Attention,
            change: PosChange::Attention(Attention {
                code: AttentionCode::CannotTell,
                task: PosTask::SetStatus(Status::PackedReady),
                problem: problem.clone(),
                maybe_there: true,
                since: at(3),
            }),
        },
        Change::Pos { state: PosState::Accepted, change: PosChange::Observed { receipt, asked_at: at(4) } },
        Change::NotifyFailed {
            kind: NoticeKind::Ready,
            audience: Audience::Customer,
            channel: Channel::Email,
            detail: "refused".into(),
        },
    ];
    let mut commit = make.place(&order);
    for change in changes {
        let revision = commit.order.revision.next();
        let mut event = make.event(&order, revision.get(), change);
        event.reason = Some(ReasonCode::StoreOperations);
        event.note = Some(Note::new("geändert").unwrap());
        commit.events.push(event);
        commit.order.revision = revision;
    }
    s.commit(commit.clone()).await.unwrap();
    let read: Vec<_> =
        s.history(order.id).await.unwrap().into_iter().map(|recorded| recorded.event).collect();
    assert_eq!(read, commit.events);
}
