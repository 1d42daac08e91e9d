//! The worker: claims what is due, does it, goes on. Crash it anywhere; another takes over.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures_util::future::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::build::{Inner, OrderFlow};
use super::error::FlowError;
use super::write::delta;
use crate::access::{Actor, Role};
use crate::lifecycle::Effect;
use crate::model::{ActorId, StoreId};
use crate::ports::{Claim, Claimed, Settle, Settlement, StoreError};

impl OrderFlow {
    /// A worker that delivers, follows and notifies. Any number may run, here and elsewhere.
    pub fn worker(&self) -> Worker {
        Worker::new(self.clone())
    }
}

/// Delivers to the POS, follows it, and notifies, until told to stop.
#[derive(Debug, Clone)]
pub struct Worker {
    flow: OrderFlow,
    system: Actor,
}

impl Worker {
    pub(super) fn new(flow: OrderFlow) -> Self {
        Self { flow, system: Actor::new(Role::System, ActorId::system()) }
    }

    /// Runs until `stop` is ready, then finishes what is in hand and returns.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let flow = &*self.flow.0;
        let mut stop = pin!(stop.fuse());
        let mut in_hand = FuturesUnordered::new();
        let mut per_store: BTreeMap<StoreId, usize> = BTreeMap::new();
        let mut stopping = false;
        loop {
            // Registered before claiming, so that no work slips between the claim and the sleep.
            let rung = flow.work.listen();
            let mut claimed_some = false;
            if !stopping && in_hand.len() < flow.config.in_flight {
                let claimed = self.claim(in_hand.len(), &per_store).await;
                claimed_some = !claimed.is_empty();
                for work in claimed {
                    *per_store.entry(work.store.clone()).or_default() += 1;
                    in_hand.push(self.work_on(work));
                }
            }
            if stopping && in_hand.is_empty() {
                return;
            }
            if claimed_some {
                // There may be more than one claim's worth.
                continue;
            }
            let sleep = self.nap().await;
            let mut sleep = pin!(flow.clock.sleep(sleep).fuse());
            let mut rung = pin!(rung.fuse());
            futures_util::select_biased! {
                () = stop => stopping = true,
                store = in_hand.select_next_some() => {
                    if let Some(count) = per_store.get_mut(&store) {
                        *count = count.saturating_sub(1);
                    }
                }
                () = rung => {}
                () = sleep => {}
            }
        }
    }

    /// Does everything that is due now, one claim after the other, and returns how many pieces that were.
    /// For hosts that drive delivery themselves, and for tests.
    ///
    /// # Errors
    /// [`StoreError`] when nothing can be claimed.
    pub async fn drain(&self) -> Result<usize, StoreError> {
        let mut done = 0;
        loop {
            let claimed = self.try_claim(0, &BTreeMap::new()).await?;
            if claimed.is_empty() {
                return Ok(done);
            }
            done += claimed.len();
            futures_util::future::join_all(claimed.into_iter().map(|work| self.work_on(work))).await;
        }
    }

    /// How long to sleep when nothing is due: until the next piece of work is, at most the poll interval.
    async fn nap(&self) -> std::time::Duration {
        let flow = &*self.flow.0;
        match flow.orders.next_due().await {
            Ok(Some(due)) => {
                let until = (due - flow.clock.now()).to_std().unwrap_or_default();
                // Never zero: work that is due but not ours to claim must not make the loop spin.
                until.clamp(std::time::Duration::from_millis(10), flow.config.poll)
            }
            _ => flow.config.poll,
        }
    }

    async fn claim(&self, in_hand: usize, per_store: &BTreeMap<StoreId, usize>) -> Vec<Claimed> {
        match self.try_claim(in_hand, per_store).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "no work could be claimed");
                Vec::new()
            }
        }
    }

    async fn try_claim(
        &self,
        in_hand: usize,
        per_store: &BTreeMap<StoreId, usize>,
    ) -> Result<Vec<Claimed>, StoreError> {
        let flow = &*self.flow.0;
        let config = &flow.config;
        let busy = per_store.iter().filter(|(_, count)| **count >= config.in_flight_per_store);
        let claim = Claim {
            now: flow.clock.now(),
            lease: config.lease,
            limit: config.in_flight_per_store.min(config.in_flight.saturating_sub(in_hand)),
            skip: busy.map(|(store, _)| store.clone()).collect(),
        };
        flow.orders.claim(claim).await
    }

    /// Does one piece of work. Whatever happens in an adapter stays with this piece.
    async fn work_on(&self, claimed: Claimed) -> StoreId {
        let flow = &*self.flow.0;
        let work = async {
            match &claimed.effect {
                Effect::Pos(task) => flow.deliver(&claimed, *task, &self.system).await,
                Effect::Notify(notice) => flow.tell(&claimed, notice, &self.system).await,
            }
        };
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(Ok(())) => {}
            // Another worker has it by now.
            Ok(Err(FlowError::Store(StoreError::LeaseLost))) => {
                tracing::info!(order = %claimed.order, "a lease was lost; its outcome is void");
            }
            Ok(Err(error)) => {
                tracing::error!(order = %claimed.order, %error, "a piece of work could not be finished");
                self.put_back(flow, &claimed).await;
            }
            Err(_) => {
                tracing::error!(order = %claimed.order, "an adapter panicked");
                self.put_back(flow, &claimed).await;
            }
        }
        claimed.store
    }

    /// Gives a piece of work back for a later try. If that fails too, the lease runs out by itself.
    async fn put_back(&self, flow: &Inner, claimed: &Claimed) {
        let wait = flow.config.wait_after(claimed.attempts, flow.ids.random());
        let settlement = Settlement::Again { due: flow.clock.now() + delta(wait), fresh: false };
        let settle = Settle { effect: claimed.id, token: claimed.token, settlement };
        if let Err(error) = flow.orders.settle(settle).await {
            tracing::warn!(order = %claimed.order, %error, "a piece of work could not be put back; its lease will run out");
        }
    }
}
