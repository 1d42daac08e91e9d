//! A commit in the form in which it is bound to statements.

use order_core::lifecycle::Lane;
use order_core::model::{Order, OrderId, PosState, Status};
use order_core::ports::{Commit, EffectId, Sku, StoreError};
use serde::Serialize;
use uuid::Uuid;

use crate::shared;

/// A commit and its serialised parts.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) commit: Commit,
    pub(super) snapshot: String,
    pub(super) search: String,
    pub(super) code: String,
    /// The payload of each event, in order.
    pub(super) events: Vec<String>,
    /// The payload of each effect, in order.
    pub(super) effects: Vec<String>,
}

impl Prepared {
    pub(super) fn new(commit: Commit) -> Result<Self, StoreError> {
        Ok(Self {
            snapshot: json(&commit.order)?,
            search: shared::haystack(&commit.order),
            code: commit.order.code.to_string(),
            events: commit.events.iter().map(json).collect::<Result<_, _>>()?,
            effects: commit.effects.iter().map(|new| json(&new.effect)).collect::<Result<_, _>>()?,
            commit,
        })
    }

    pub(super) const fn order(&self) -> &Order {
        &self.commit.order
    }

    /// The first of its changes in the POS, which is the only one that need not wait for another.
    pub(super) fn first_pos_effect(&self) -> Option<EffectId> {
        let pos = self.commit.effects.iter().filter(|new| new.effect.lane() == Lane::Pos);
        pos.map(|new| new.id).min()
    }
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|_| StoreError::Corrupt("a part of the commit has no stored form".into()))
}

pub(super) fn id(order: &OrderId) -> &[u8; 16] {
    uuid(order.as_uuid())
}

pub(super) fn uuid(id: &Uuid) -> &[u8; 16] {
    id.as_bytes()
}

pub(super) fn int(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Corrupt("a number is too large to be stored".into()))
}

/// The variant as a key: a product without sizes has the empty one.
pub(super) fn variant(sku: &Sku) -> &str {
    sku.variant.as_ref().map_or("", |variant| variant.as_str())
}

/// The stored form of a status. Never renumbered.
pub(super) const fn status(status: Status) -> i64 {
    match status {
        Status::VerificationPending => 1,
        Status::AwaitingProcessing => 2,
        Status::InProcess => 3,
        Status::PackedReady => 4,
        Status::OutForDelivery => 5,
        Status::Completed => 6,
        Status::Canceled => 7,
        Status::Removed => 8,
    }
}

/// The stored form of a POS state, at most 62, so that a set of them is a bit mask. Never renumbered.
pub(super) const fn pos(state: PosState) -> i64 {
    match state {
        PosState::NotRequired => 0,
        PosState::Queued => 1,
        PosState::Sending => 2,
        PosState::Unknown => 3,
        PosState::Retrying => 4,
        PosState::Rejected => 5,
        PosState::Attention => 6,
        PosState::Accepted => 7,
        PosState::UpdatePending => 8,
        PosState::CancelPending => 9,
        PosState::CancelFailed => 10,
        PosState::Manual => 11,
        PosState::Cancelled => 12,
    }
}
