//! The outcome of a command, and the making of it.

use super::{ActionKind, Change, Command, Context, Effect, Event, LineChange, PosChange};
use crate::access::Role;
use crate::model::{Capabilities, Note, NoticeKind, Order, PosState, PosTask, ReasonCode, Revision, Status};

/// What becomes of the stock set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HoldChange {
    /// It stays.
    #[default]
    Keep,
    /// It is taken anew for the lines as they are afterwards.
    Retake,
    /// The POS sets it aside itself from now on.
    HandOver,
    /// It ends.
    Release,
}

/// The outcome of a command. Without events the command changed nothing and was right to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What is to be done outside.
    pub effects: Vec<Effect>,
    /// Who is to be told, before the store's wishes are asked.
    pub notices: Vec<(NoticeKind, Vec<LineChange>)>,
    /// What becomes of the stock set aside.
    pub holds: HoldChange,
}

/// A decision in the making.
pub(super) struct Draft<'a> {
    pub(super) order: &'a Order,
    pub(super) ctx: &'a Context<'a>,
    pub(super) action: ActionKind,
    pub(super) reason: Option<ReasonCode>,
    note: Option<&'a Note>,
    revision: Revision,
    pub(super) decision: Decision,
}

impl<'a> Draft<'a> {
    pub(super) fn new(order: &'a Order, command: &'a Command, ctx: &'a Context<'a>) -> Self {
        Self {
            order,
            ctx,
            action: command.action.kind(),
            reason: None,
            note: command.note.as_ref(),
            revision: order.revision,
            decision: Decision::default(),
        }
    }

    /// Adds an event. The note belongs to the first of a decision, the reason also to every move.
    pub(super) fn push(&mut self, change: Change) {
        self.revision = self.revision.next();
        let first = self.decision.events.is_empty();
        let explained = first || matches!(change, Change::Moved { .. });
        self.decision.events.push(Event {
            order: self.order.id,
            revision: self.revision,
            at: self.ctx.at,
            actor: self.ctx.actor.clone(),
            reason: self.reason.filter(|_| explained),
            note: self.note.filter(|_| first).cloned(),
            change,
        });
    }

    pub(super) const fn has_note(&self) -> bool {
        self.note.is_some()
    }

    pub(super) fn effect(&mut self, task: PosTask) {
        self.decision.effects.push(Effect::Pos(task));
    }

    pub(super) fn notice(&mut self, kind: NoticeKind) {
        self.decision.notices.push((kind, Vec::new()));
    }

    /// Whether the POS is to hear of a change of ours: it can, somebody other than the POS made the change,
    /// and the order is there or on its way there.
    pub(super) fn can_tell(&self, able: impl FnOnce(&Capabilities) -> bool) -> bool {
        let on_its_way = match self.order.pos.state {
            PosState::Accepted | PosState::UpdatePending => true,
            PosState::Queued | PosState::Sending | PosState::Unknown | PosState::Retrying => true,
            PosState::Attention => self.order.pos.id.is_some(),
            _ => false,
        };
        on_its_way && self.ctx.actor.role != Role::Pos && self.ctx.pos.as_ref().is_some_and(able)
    }

    pub(super) fn request_cancel(mut self) -> Decision {
        if !self.order.cancel_requested {
            self.push(Change::CancelRequested);
            self.notice(NoticeKind::CancelRequested);
        }
        self.decision
    }

    /// The status after the events decided so far.
    pub(super) fn status(&self) -> Status {
        self.decision
            .events
            .iter()
            .rev()
            .find_map(|event| match event.change {
                Change::Moved { to, .. } => Some(to),
                _ => None,
            })
            .unwrap_or(self.order.status)
    }

    /// Moves the POS side.
    pub(super) fn pos(&mut self, state: PosState, change: PosChange) {
        self.push(Change::Pos { state, change });
    }

    /// Has the POS read from time to time, where it can be read.
    pub(super) fn follow(&mut self) {
        if self.ctx.pos.is_some_and(|able| able.get) {
            self.effect(PosTask::Follow);
        }
    }

    /// The POS has the order: where its stock figure shows that, our hold ends with the next figure.
    pub(super) fn hand_over(&mut self) {
        if self.ctx.pos.is_some_and(|able| able.create_lowers_stock) {
            self.decision.holds = HoldChange::HandOver;
        }
    }
}
