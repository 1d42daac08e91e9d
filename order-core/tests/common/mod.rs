//! An order with its whole history, for tests that go through the public API only.
#![allow(dead_code, reason = "every test file uses its own part")]

use chrono::{DateTime, TimeDelta, Utc};
use order_core::access::Role;
use order_core::lifecycle::{
    Action, Command, Context, Decision, Event, LinePick, Placement, Refusal, apply, decide, place,
};
use order_core::model::{
    Capabilities, Content, Currency, CustomerKind, Fulfillment, FulfillmentKind, LineId, Note, Order,
    OrderCode, OrderCustomer, OrderId, OrderItem, Personal, PickState, Policy, PosOrderId, PosProblem,
    PosReceipt, PosState, ProductId, Quantity, ReasonCode, Status, StatusSet, StoreId, VariantId,
    VendorLabel,
};
use order_core::ports::IdSource;
use order_core::testkit::{SeededIds, actor, item};
use rust_decimal::Decimal;

/// What must never be seen in `Debug` or in an error.
pub(crate) const PERSONAL: [&str; 6] =
    ["Wilhelmina", "Quackenbush", "4155550199", "wq@example.org", "1990-12-10", "ring the side door"];

pub(crate) const SECRET_NOTE: &str = "ring the side door";

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

pub(crate) fn note() -> Note {
    Note::new(SECRET_NOTE).unwrap()
}

/// A POS that can do everything.
pub(crate) fn able() -> Capabilities {
    let mut able = Capabilities::MINIMAL;
    able.resolve = true;
    able.get = true;
    able.edit = true;
    able.cancel = true;
    able.mark_paid = true;
    able.create_lowers_stock = true;
    able.set_status = StatusSet::of(&Status::ALL);
    able
}

/// Product `p{number}` in this size.
pub(crate) fn sized(number: u32, size: Option<&str>, units: u32, price: &str) -> OrderItem {
    let mut item = item(number, units, dec(price)).unwrap();
    item.variant_id = size.map(|size| VariantId::new(size).unwrap());
    item
}

pub(crate) fn by_weight(number: u32, grams: &str, price: &str) -> OrderItem {
    let mut item = item(number, 1, dec(price)).unwrap();
    item.quantity = Quantity::Grams(dec(grams));
    item.reprice(Currency::USD);
    item
}

pub(crate) fn placement(items: Vec<OrderItem>, pos: bool) -> Placement {
    let ids = SeededIds::new(7);
    Placement {
        id: OrderId::new(ids.uuid(start())),
        code: OrderCode::from_random(ids.random()),
        store: StoreId::new("green-oak").unwrap(),
        vendor: pos.then(|| VendorLabel::new("register").unwrap()),
        kiosk: None,
        customer: OrderCustomer {
            id: None,
            first_name: Personal::new(PERSONAL[0]),
            last_name: Personal::new(PERSONAL[1]),
            phone: Some(Personal::new(PERSONAL[2])),
            email: Some(Personal::new(PERSONAL[3])),
            birth_date: Some(Personal::new(PERSONAL[4])),
            kind: CustomerKind::Adult,
            residency: None,
            medical_card: None,
        },
        items,
        currency: Currency::USD,
        fulfillment: Fulfillment { kind: FulfillmentKind::Delivery, pickup_at: None },
        discount_code: None,
        note: Some(note()),
        warnings: Vec::new(),
        overrides: None,
    }
}

/// An order, its events, and the store around it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) order: Order,
    pub(crate) events: Vec<Event>,
    pub(crate) placed: Decision,
    pub(crate) policy: Policy,
    pub(crate) pos: Option<Capabilities>,
    pub(crate) at: DateTime<Utc>,
}

impl World {
    pub(crate) fn new(items: Vec<OrderItem>, policy: Policy, pos: Option<Capabilities>) -> Self {
        let at = start();
        let placement = placement(items, pos.is_some());
        let (order, placed) = place(placement, &policy, &actor(Role::Kiosk), at).unwrap();
        Self { order, events: placed.events.clone(), placed, policy, pos, at }
    }

    /// Two lines, delivery allowed, no POS.
    pub(crate) fn plain() -> Self {
        let policy = Policy { delivery: true, ..Policy::default() };
        Self::new(vec![sized(1, None, 2, "12.50"), sized(2, None, 1, "3.33")], policy, None)
    }

    /// The same with a POS that can do everything.
    pub(crate) fn with_pos() -> Self {
        Self::with(able())
    }

    pub(crate) fn with(pos: Capabilities) -> Self {
        let plain = Self::plain();
        Self::new(plain.order.items, plain.policy, Some(pos))
    }

    pub(crate) fn decide(&self, role: Role, command: &Command) -> Result<Decision, Refusal> {
        let actor = actor(role);
        let ctx = Context { at: self.at, actor: &actor, policy: &self.policy, pos: self.pos };
        decide(&self.order, command, &ctx)
    }

    /// Decides and applies; the order stays as it was when the command is refused.
    pub(crate) fn run(&mut self, role: Role, command: &Command) -> Result<Decision, Refusal> {
        let decision = self.decide(role, command)?;
        for event in &decision.events {
            apply(&mut self.order, event).unwrap();
            self.events.push(event.clone());
        }
        Ok(decision)
    }

    /// With a reason and a note, which nothing refuses.
    pub(crate) fn go(&mut self, role: Role, action: Action) -> Decision {
        let command = Command::new(action).because(ReasonCode::StoreOperations).noting(note());
        self.run(role, &command).unwrap()
    }

    pub(crate) fn report(&mut self, action: Action) -> Decision {
        self.run(Role::System, &Command::new(action)).unwrap()
    }

    /// What a read says that was asked for now, a second later than anything before.
    pub(crate) fn observe(&mut self, word: &str, status: Option<Status>) -> Decision {
        self.at += TimeDelta::seconds(1);
        let mut receipt = receipt("r-1");
        receipt.status = Some(word.to_owned());
        let action = Action::PosObserved { receipt, status, paid: None, asked_at: self.at };
        self.run(Role::Pos, &Command::new(action)).unwrap()
    }

    /// Leads the order to this status by the usual way.
    pub(crate) fn to(mut self, status: Status) -> Self {
        use Status::{
            AwaitingProcessing, Canceled, Completed, InProcess, OutForDelivery, PackedReady, Removed,
            VerificationPending,
        };
        let manager = Role::Manager;
        match status {
            VerificationPending => {
                let mut policy = self.policy.clone();
                policy.verify_first = true;
                self = Self::new(self.order.items.clone(), policy, self.pos);
            }
            AwaitingProcessing => {}
            InProcess => {
                self.go(manager, Action::Start);
                self.go(manager, Action::Pick(Vec::new()));
            }
            PackedReady => {
                self = self.to(InProcess);
                self.go(manager, Action::Pack);
            }
            OutForDelivery => {
                self = self.to(PackedReady);
                self.go(manager, Action::Dispatch);
            }
            Completed => {
                self.go(manager, Action::Complete { id_checked: true });
            }
            Canceled => {
                self.go(manager, Action::Cancel);
            }
            Removed => {
                self = self.to(Canceled);
                self.go(Role::Admin, Action::Remove);
            }
        }
        assert_eq!(self.order.status, status);
        self
    }

    /// Leads the POS side to this state, the order being new otherwise.
    pub(crate) fn pos_to(mut self, state: PosState) -> Self {
        use PosState::{
            Accepted, Attention, CancelFailed, CancelPending, Cancelled, Manual, NotRequired, Queued,
            Rejected, Retrying, Sending, Unknown, UpdatePending,
        };
        match state {
            NotRequired | Queued => {}
            Sending => {
                self.report(Action::PosBegin);
            }
            Unknown => {
                self = self.pos_to(Sending);
                self.report(Action::PosUnknown(problem()));
            }
            Retrying => {
                self = self.pos_to(Sending);
                self.report(Action::PosRetrying(problem()));
            }
            // The state itself lasts only within a decision.
            Rejected | Attention => {
                self = self.pos_to(Sending);
                self.report(create_failed(order_core::model::AttentionCode::Refused));
            }
            Accepted => {
                self = self.pos_to(Sending);
                self.report(accepted("r-1"));
            }
            UpdatePending => {
                self = self.pos_to(Accepted);
                self.go(Role::Staff, Action::Start);
            }
            CancelPending => {
                self = self.pos_to(Accepted);
                self.go(Role::Manager, Action::Cancel);
            }
            CancelFailed => {
                self = self.pos_to(CancelPending);
                self.report(failed(order_core::model::PosTask::Cancel));
            }
            Manual => {
                self.go(Role::Staff, Action::PosManual { number: "77".to_owned() });
            }
            Cancelled => {
                self = self.pos_to(CancelPending);
                self.report(Action::PosCancelled);
            }
        }
        let expected = if state == Rejected { Attention } else { state };
        assert_eq!(self.order.pos.state, expected);
        self
    }
}

pub(crate) fn problem() -> PosProblem {
    PosProblem { kind: "timeout".to_owned(), vendor_code: None, detail: "no answer".to_owned() }
}

pub(crate) fn receipt(id: &str) -> PosReceipt {
    PosReceipt {
        id: PosOrderId::new(id).unwrap(),
        number: None,
        status: None,
        totals: None,
        differences: Vec::new(),
    }
}

pub(crate) fn accepted(id: &str) -> Action {
    Action::PosAccepted { receipt: receipt(id), customer: None }
}

pub(crate) fn create_failed(code: order_core::model::AttentionCode) -> Action {
    Action::PosFailed { task: order_core::model::PosTask::Create, code, problem: problem() }
}

pub(crate) fn failed(task: order_core::model::PosTask) -> Action {
    Action::PosFailed { task, code: order_core::model::AttentionCode::Refused, problem: problem() }
}

pub(crate) fn gathered(line: u32, pick: PickState) -> LinePick {
    LinePick { line: LineId::new(line), pick, supplied: None, substitute: None }
}

pub(crate) fn short(line: u32, supplied: u32) -> LinePick {
    LinePick { supplied: Some(Quantity::Units(supplied)), ..gathered(line, PickState::Short) }
}

pub(crate) fn substituted(line: u32, price: &str, consent: bool) -> LinePick {
    let substitute = order_core::model::Substitute {
        product_id: ProductId::new("other").unwrap(),
        variant_id: None,
        name: "Other".to_owned(),
        unit_price: dec(price),
        content: Content::default(),
        consent,
    };
    LinePick { substitute: Some(substitute), ..gathered(line, PickState::Substituted) }
}
