//! Doing one piece of work in the POS, and writing down how it ended.
//!
//! The rule of this file: a create is begun only after its beginning is on disk, and never begun again while
//! the fate of an earlier one is open. Everything else in the POS is such that doing it twice is doing it once.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{Either, select};

use super::build::{Inner, StoreSetup};
use super::compare::receipt;
use super::error::FlowError;
use super::write::delta;
use crate::access::{Actor, Role};
use crate::lifecycle::{Action, Command};
use crate::model::{AttentionCode, Order, PosProblem, PosState, PosTask, Status};
use crate::ports::{
    Claimed, EffectId, PosError, PosErrorKind, PosOrder, PosOrderClient, PosSnapshot, Probe, Resolution,
    RetryClass, Settle, Settlement,
};

/// How one try ended, and what that means for the row in the outbox.
enum Outcome {
    /// Write this down and be done with the row.
    Done(Action),
    /// Write this down and come back to the row, counting on.
    Later(Action, Duration),
    /// Write this down and come back to the row with the count of tries begun anew.
    Anew(Action, Duration),
    /// Nothing to write down; come back to the row.
    Again(Duration),
    /// Nothing to write down; be done with the row.
    Drop,
}

/// The tools of one delivery.
struct Job<'a> {
    flow: &'a Inner,
    setup: &'a StoreSetup,
    pos: &'a dyn PosOrderClient,
    claimed: &'a Claimed,
    actor: &'a Actor,
}

impl Inner {
    /// Does one piece of work.
    pub(super) async fn deliver(
        &self,
        claimed: &Claimed,
        task: PosTask,
        system: &Actor,
    ) -> Result<(), FlowError> {
        let order = self.orders.load(claimed.order).await?.ok_or(FlowError::NoSuchOrder)?;
        let setup = self.stores.get(&order.store).ok_or(FlowError::NoSuchStore)?;
        let settled = |settlement| Settle { effect: claimed.id, token: claimed.token, settlement };
        let Some(pos) = setup.pos.as_deref() else {
            return Ok(self.orders.settle(settled(Settlement::Done)).await?);
        };
        let follower = Actor::new(Role::Pos, pos.vendor().into());
        let actor = if task == PosTask::Follow { &follower } else { system };
        let job = Job { flow: self, setup, pos, claimed, actor };
        let outcome = match task {
            PosTask::Create => job.create(order).await?,
            PosTask::Cancel => job.cancel(&order).await?,
            PosTask::Follow => job.follow(&order).await,
            PosTask::Update | PosTask::SetStatus(_) | PosTask::MarkPaid => job.change(&order, task).await,
        };
        let now = self.clock.now();
        let again = |wait, fresh| settled(Settlement::Again { due: now + delta(wait), fresh });
        match outcome {
            Outcome::Done(action) => job.note(action, Some(settled(Settlement::Done))).await.map(|_| ()),
            Outcome::Later(action, wait) => job.note(action, Some(again(wait, false))).await.map(|_| ()),
            Outcome::Anew(action, wait) => job.note(action, Some(again(wait, true))).await.map(|_| ()),
            Outcome::Again(wait) => Ok(self.orders.settle(again(wait, false)).await?),
            Outcome::Drop => Ok(self.orders.settle(settled(Settlement::Done)).await?),
        }
    }
}

impl Job<'_> {
    async fn note(&self, action: Action, settle: Option<Settle>) -> Result<Order, FlowError> {
        let command = Command::new(action);
        self.flow.carry_out(self.claimed.order, self.actor, &command, None, settle, |_| Ok(())).await
    }

    /// Bounds a call. An unanswered one may have taken effect.
    async fn bounded<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, PosError>> + Send + Unpin,
    ) -> Result<T, PosError> {
        match select(call, self.flow.clock.sleep(self.flow.config.call_deadline)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(PosError::build(
                self.pos.vendor().clone(),
                operation,
                PosErrorKind::Timeout,
                RetryClass::Ambiguous,
                "no answer within the deadline",
            )
            .finish()),
        }
    }

    /// How long to wait after this failure: our own backoff, or longer where the POS asks for it.
    fn wait_after(&self, error: &PosError) -> Duration {
        let asked = match error.retry() {
            RetryClass::Throttled { after } => after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        asked.max(self.flow.config.wait_after(self.claimed.attempts, self.flow.ids.random()))
    }

    async fn create(&self, order: Order) -> Result<Outcome, FlowError> {
        match order.pos.state {
            PosState::Queued | PosState::Retrying => {
                // Only the latest holder of the claim begins, and holds it for the length of the call: one who
                // slept since its look must not send what another is sending.
                let until = self.flow.clock.now() + delta(self.flow.config.lease);
                let settlement = Settlement::Extend { until };
                let settle = Settle { effect: self.claimed.id, token: self.claimed.token, settlement };
                let order = self.note(Action::PosBegin, Some(settle)).await?;
                // Somebody may have cancelled or linked it between the look and the note.
                if order.pos.state != PosState::Sending {
                    return Ok(Outcome::Drop);
                }
                Ok(self.send(&order).await)
            }
            // An earlier try began and nobody wrote down how it ended: a crash, or a lost lease.
            PosState::Sending => {
                let problem = PosProblem {
                    kind: "interrupted".to_owned(),
                    vendor_code: None,
                    detail: "an earlier try was interrupted; looking whether it arrived".to_owned(),
                };
                Ok(Outcome::Anew(Action::PosUnknown(problem), self.look_up_wait(0)))
            }
            PosState::Unknown => Ok(self.look_up(&order).await),
            _ => Ok(Outcome::Drop),
        }
    }

    async fn send(&self, order: &Order) -> Outcome {
        let sent = PosOrder::from(order);
        match self.bounded("create", self.pos.create(&sent)).await {
            Ok(snapshot) => Outcome::Done(accepted(&sent, &snapshot)),
            Err(error) => {
                self.log(&error);
                let given_up = order.pos.tries >= self.flow.config.attempts;
                let problem = error.problem();
                match error.retry() {
                    RetryClass::NotSent | RetryClass::Throttled { .. } if !given_up => {
                        Outcome::Later(Action::PosRetrying(problem), self.wait_after(&error))
                    }
                    RetryClass::Ambiguous => Outcome::Anew(Action::PosUnknown(problem), self.look_up_wait(0)),
                    class => Outcome::Done(failed(PosTask::Create, class, problem)),
                }
            }
        }
    }

    /// After an unclear answer: found, provably absent, or not to be told. Only then may a create be repeated.
    async fn look_up(&self, order: &Order) -> Outcome {
        let sent = PosOrder::from(order);
        let done = usize::try_from(self.claimed.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let more = self.flow.config.look_ups.len() > done + 1;
        let cannot_tell = |problem| match order.pos.vouched {
            true => Outcome::Anew(Action::PosAbsent, Duration::ZERO),
            false => Outcome::Done(Action::PosFailed {
                task: PosTask::Create,
                code: AttentionCode::CannotTell,
                problem,
            }),
        };
        match self.resolve(&sent, order).await {
            Ok(Resolution::Found(snapshot)) => Outcome::Done(accepted(&sent, &snapshot)),
            Ok(Resolution::Absent) if order.pos.tries >= self.flow.config.attempts => {
                let detail = "it never arrived there, however often it was sent".to_owned();
                let problem = PosProblem { kind: "unreachable".to_owned(), vendor_code: None, detail };
                Outcome::Done(failed(PosTask::Create, RetryClass::NotSent, problem))
            }
            Ok(Resolution::Absent) => Outcome::Anew(Action::PosAbsent, Duration::ZERO),
            Ok(Resolution::CannotTell { .. }) if more => Outcome::Again(self.look_up_wait(done + 1)),
            Ok(Resolution::CannotTell { why }) => {
                cannot_tell(PosProblem { kind: "cannot_tell".to_owned(), vendor_code: None, detail: why })
            }
            Err(error) => {
                self.log(&error);
                if error.is_transient() && self.claimed.attempts < self.flow.config.attempts {
                    Outcome::Again(self.wait_after(&error))
                } else {
                    cannot_tell(error.problem())
                }
            }
        }
    }

    async fn resolve(&self, sent: &PosOrder, order: &Order) -> Result<Resolution, PosError> {
        if !self.pos.capabilities().resolve {
            let why = "this POS offers no way to look for an order".to_owned();
            return Ok(Resolution::CannotTell { why });
        }
        let probe = Probe { order: sent.clone(), sent_after: order.created_at };
        let found = self.bounded("resolve", self.pos.resolve(&probe)).await?;
        Ok(match found {
            // A reopened order finds its own cancelled predecessor, which proves nothing about its successor.
            Resolution::Found(snapshot)
                if order.status.is_open()
                    && matches!(snapshot.status, Some(Status::Canceled | Status::Removed)) =>
            {
                Resolution::CannotTell { why: "only a cancelled order with our number was found".to_owned() }
            }
            other => other,
        })
    }

    fn look_up_wait(&self, done: usize) -> Duration {
        let waits = &self.flow.config.look_ups;
        waits.get(done).or(waits.last()).copied().unwrap_or_default()
    }

    /// Sends lines, status or payment as they stand now.
    async fn change(&self, order: &Order, task: PosTask) -> Outcome {
        let at_pos = matches!(order.pos.state, PosState::Accepted | PosState::UpdatePending);
        let Some(id) = order.pos.id.as_ref().filter(|_| at_pos) else {
            // It never got there, is being cancelled, or waits for a person; a later create carries the change.
            return Outcome::Done(Action::PosDropped(task));
        };
        let ours = PosOrder::from(order);
        let answer = match task {
            PosTask::SetStatus(status) => self.bounded("set_status", self.pos.set_status(id, status)).await,
            PosTask::MarkPaid => self.bounded("mark_paid", self.pos.mark_paid(id)).await,
            _ => self.bounded("update", self.pos.update(id, &ours)).await,
        };
        match answer {
            Ok(snapshot) => Outcome::Done(Action::PosUpdated { task, receipt: receipt(&ours, &snapshot) }),
            Err(error) => self.again_or_person(task, &error),
        }
    }

    async fn cancel(&self, order: &Order) -> Result<Outcome, FlowError> {
        if order.pos.state != PosState::CancelPending {
            return Ok(Outcome::Drop);
        }
        let id = match &order.pos.id {
            Some(id) => id.clone(),
            // The create's fate is open: it has to be found before it can be cancelled.
            None => {
                let sent = PosOrder::from(order);
                match self.resolve(&sent, order).await {
                    Ok(Resolution::Found(snapshot)) => {
                        self.note(accepted(&sent, &snapshot), None).await?;
                        snapshot.id
                    }
                    Ok(Resolution::Absent) => return Ok(Outcome::Done(Action::PosAbsent)),
                    Ok(Resolution::CannotTell { why }) => {
                        let done =
                            usize::try_from(self.claimed.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
                        if self.flow.config.look_ups.len() > done {
                            return Ok(Outcome::Again(self.look_up_wait(done)));
                        }
                        let problem =
                            PosProblem { kind: "cannot_tell".to_owned(), vendor_code: None, detail: why };
                        let code = AttentionCode::CannotTell;
                        return Ok(Outcome::Done(Action::PosFailed { task: PosTask::Cancel, code, problem }));
                    }
                    Err(error) => return Ok(self.again_or_person(PosTask::Cancel, &error)),
                }
            }
        };
        Ok(match self.bounded("cancel", self.pos.cancel(&id)).await {
            Ok(_) => Outcome::Done(Action::PosCancelled),
            Err(error) => self.again_or_person(PosTask::Cancel, &error),
        })
    }

    async fn follow(&self, order: &Order) -> Outcome {
        let Some(id) = &order.pos.id else { return Outcome::Drop };
        let asked_at = self.flow.clock.now();
        let age = (asked_at - order.created_at).to_std().unwrap_or_default();
        let wait = self.flow.config.follow_every(age);
        // After a reopening or a link an older row may still be there; the younger one goes on.
        let succeeded = order.pos.followed_since.is_some_and(|since| decided_before(self.claimed.id, since));
        if matches!(order.pos.state, PosState::Cancelled) || order.status == Status::Removed || succeeded {
            return Outcome::Drop;
        }
        let over = age > self.flow.config.follow_for && !order.status.is_open();
        match self.bounded("get", self.pos.get(id)).await {
            Ok(snapshot) => {
                let ours = PosOrder::from(order);
                let finished_there = snapshot.status.is_some_and(|status| !status.is_open());
                // While it is open here one more read follows: this one may yet be overtaken and dropped.
                let finished_here = !order.status.is_open();
                let action = Action::PosObserved {
                    receipt: receipt(&ours, &snapshot),
                    status: snapshot.status,
                    paid: snapshot.paid,
                    asked_at,
                };
                if over || finished_here && finished_there && order.pos.pending == 0 {
                    Outcome::Done(action)
                } else {
                    Outcome::Anew(action, wait)
                }
            }
            Err(error) => {
                self.log(&error);
                match error.retry() {
                    _ if over => Outcome::Drop,
                    RetryClass::Refused | RetryClass::Unauthorized | RetryClass::Unsupported
                        if self.claimed.attempts >= 3 && order.status.is_open() =>
                    {
                        Outcome::Done(failed(PosTask::Follow, error.retry(), error.problem()))
                    }
                    RetryClass::Refused | RetryClass::Unsupported if !order.status.is_open() => Outcome::Drop,
                    _ => Outcome::Again(wait.max(self.wait_after(&error))),
                }
            }
        }
    }

    /// For work that may be repeated whatever became of the last try.
    fn again_or_person(&self, task: PosTask, error: &PosError) -> Outcome {
        self.log(error);
        if error.is_transient() && self.claimed.attempts < self.flow.config.attempts {
            Outcome::Again(self.wait_after(error))
        } else {
            Outcome::Done(failed(task, error.retry(), error.problem()))
        }
    }

    fn log(&self, error: &PosError) {
        tracing::warn!(
            store = %self.setup.store.id,
            order = %self.claimed.order,
            attempt = self.claimed.attempts,
            kind = error.kind().as_str(),
            %error,
            "a call to the POS failed"
        );
    }
}

/// Whether a piece of work was decided on before that moment; its id tells, to the millisecond.
fn decided_before(id: EffectId, moment: DateTime<Utc>) -> bool {
    let decided = id.0.as_bytes().iter().take(6).fold(0, |millis, byte| millis << 8 | i64::from(*byte));
    decided < moment.timestamp_millis()
}

fn accepted(sent: &PosOrder, snapshot: &PosSnapshot) -> Action {
    Action::PosAccepted { receipt: receipt(sent, snapshot), customer: snapshot.customer.clone() }
}

fn failed(task: PosTask, class: RetryClass, problem: PosProblem) -> Action {
    let code = match class {
        RetryClass::Refused => AttentionCode::Refused,
        RetryClass::Unauthorized => AttentionCode::Unauthorized,
        RetryClass::Unsupported => AttentionCode::Unsupported,
        RetryClass::Ambiguous => AttentionCode::CannotTell,
        RetryClass::NotSent | RetryClass::Throttled { .. } => AttentionCode::Unreachable,
    };
    Action::PosFailed { task, code, problem }
}
