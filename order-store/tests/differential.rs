//! The same operations on both stores give the same answers, log and outbox.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::Scratch;
use order_core::model::{Order, OrderKey, Pause, PosState, PosTask, Status};
use order_core::ports::{
    Claim, Claimed, Commit, Cursor, Holds, OrderQuery, OrderSearch, OrderStore, Position, Settle, Settlement,
    Slot, Sort, StandingQuery, StoreError, Ties,
};
use order_store::MemoryStore;
use order_store::testkit::{Maker, asks, at, customer, key, phone, sku, store, ties};

const STORES: [&str; 3] = ["oak", "elm", "ash"];
const PRODUCTS: [&str; 4] = ["p1", "p2", "p1/3.5g", "p1/7g"];

/// A small generator of the same numbers on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.roll(one_in) == 0
    }

    fn seconds(&mut self, most: usize) -> i64 {
        i64::try_from(self.roll(most)).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { Some(&from[self.roll(from.len())]) }
    }
}

struct World {
    dice: Dice,
    make: Maker,
    now: i64,
    orders: Vec<Order>,
    claimed: Vec<Claimed>,
    cursors: Vec<Cursor>,
    marks: Vec<Position>,
}

/// Now and then some pass, so that orders are filed under several days.
const HOURS: i64 = 3_600;

impl World {
    fn keys(&mut self) -> Vec<OrderKey> {
        (0..self.dice.roll(4)).map(|_| phone(["1", "2", "3", "4", "5", "6"][self.dice.roll(6)])).collect()
    }

    fn since(&mut self) -> i64 {
        self.now - self.dice.seconds(400) * if self.dice.chance(2) { HOURS } else { 1 }
    }

    fn slot(&mut self) -> i64 {
        HOURS * self.dice.seconds(2)
    }

    fn ties(&mut self) -> Ties {
        let capacity = (!self.dice.chance(4)).then(|| u32::try_from(self.dice.roll(4)).unwrap());
        let from = at(self.slot());
        Ties {
            seen: if self.dice.chance(3) { None } else { self.dice.pick(&self.marks).copied() },
            since: at(self.since()),
            counted: self.keys(),
            slot: self.dice.chance(2).then_some(Slot { from, capacity }),
            ..ties(&self.keys())
        }
    }

    fn standing(&mut self) -> StandingQuery {
        let mut query = asks(STORES[self.dice.roll(STORES.len())], &self.keys(), at(self.since()));
        for key in self.keys() {
            query.counts.push((key, at(self.since())));
        }
        query.slot = self.dice.chance(2).then(|| at(self.slot()));
        query
    }
    fn holds(&mut self) -> Holds {
        match self.dice.roll(6) {
            0 => Holds::HandedOver(at(self.now)),
            1 => Holds::Release,
            2 | 3 => {
                let mut holds = Vec::new();
                for _ in 0..self.dice.roll(4) {
                    let name = PRODUCTS[self.dice.roll(PRODUCTS.len())];
                    let units = u32::try_from(self.dice.roll(5)).unwrap();
                    let available = (!self.dice.chance(4)).then_some(30);
                    holds.push(self.make.hold(name, units, available, at(self.now - self.dice.seconds(20))));
                }
                Holds::Set(holds)
            }
            _ => Holds::Keep,
        }
    }

    /// What turns a plain commit into one with everything, some of it wrong.
    fn dress(&mut self, mut commit: Commit) -> Commit {
        for _ in 0..self.dice.roll(4) {
            let due = at(self.now + self.dice.seconds(30) - 10);
            commit.effects.push(match self.dice.roll(4) {
                0 => self.make.pos(PosTask::Follow, due),
                1 => self.make.notice(due),
                _ => self.make.pos(PosTask::MarkPaid, due),
            });
        }
        if self.dice.chance(6)
            && let Some(effect) = commit.effects.first().cloned()
        {
            commit.effects.push(effect);
        }
        commit.holds = self.holds();
        if self.dice.chance(3) {
            let text = format!("k{}", self.dice.roll(40));
            commit.submission = Some(self.make.submission(&commit.order, &text));
        }
        if self.dice.chance(3) {
            commit.settle = self.settle();
        }
        commit.ties = self.dice.chance(2).then(|| self.ties());
        commit
    }

    fn settle(&mut self) -> Option<Settle> {
        let claimed = self.dice.pick(&self.claimed)?.clone();
        let settlement = match self.dice.roll(4) {
            1 => Settlement::Extend { until: at(self.now + self.dice.seconds(40)) },
            0 => Settlement::Again { due: at(self.now + self.dice.seconds(40)), fresh: self.dice.chance(2) },
            _ => Settlement::Done,
        };
        let token = if self.dice.chance(8) { claimed.token + 1 } else { claimed.token };
        Some(Settle { effect: claimed.id, token, settlement })
    }

    fn commit(&mut self) -> Commit {
        if self.orders.is_empty() || self.dice.chance(3) {
            let of = STORES[self.dice.roll(STORES.len())];
            let mut order = self.make.order(of, at(self.now));
            order.customer = customer(["Ada", "Élodie", "Grace"][self.dice.roll(3)], "Byron");
            if let Some(old) = self.dice.pick(&self.orders).cloned() {
                match self.dice.roll(12) {
                    0 => order.code = old.code,
                    1 => order.id = old.id,
                    _ => {}
                }
            }
            let commit = self.make.place(&order);
            return self.dress(commit);
        }
        let place = self.dice.roll(self.orders.len());
        let mut order = self.orders[place].clone();
        if self.dice.chance(10) {
            order.revision = order.revision.next();
        }
        let (status, pos) = (Status::ALL[self.dice.roll(8)], PosState::ALL[self.dice.roll(13)]);
        let now = at(self.now);
        let mut commit = if self.dice.chance(5) {
            self.make.quiet(&order)
        } else {
            self.make.step(&order, |order| {
                order.status = status;
                order.pos.state = pos;
                order.updated_at = now;
            })
        };
        if self.dice.chance(20) {
            commit.order.revision = commit.order.revision.next();
        }
        self.dress(commit)
    }

    fn query(&mut self) -> OrderQuery {
        let mut query = OrderQuery::of(store(STORES[self.dice.roll(STORES.len())]));
        for _ in 0..self.dice.roll(4) {
            query.statuses.push(Status::ALL[self.dice.roll(8)]);
        }
        if self.dice.chance(3) {
            query.pos = (0..5).map(|_| PosState::ALL[self.dice.roll(13)]).collect();
        }
        query.attention = [None, None, Some(true), Some(false)][self.dice.roll(4)];
        query.text = [None, None, Some("élo"), Some("ADA b"), Some("-")][self.dice.roll(5)].map(Into::into);
        query.from = self.dice.chance(3).then(|| at(self.dice.seconds(200)));
        query.to = self.dice.chance(3).then(|| at(self.now - self.dice.seconds(100)));
        query.sort = [Sort::Newest, Sort::Oldest, Sort::Updated][self.dice.roll(3)];
        query.limit = 1 + self.dice.roll(6);
        query.cursor = if self.dice.chance(2) { self.dice.pick(&self.cursors).copied() } else { None };
        query
    }
}

/// Both answers, as text: errors have no equality of their own.
macro_rules! same {
    ($step:expr, $a:expr, $b:expr) => {{
        let (a, b) = ($a.await, $b.await);
        assert_eq!(format!("{a:?}"), format!("{b:?}"), "step {}", $step);
        a
    }};
}

async fn run(seed: u64, steps: usize) {
    let memory = MemoryStore::new();
    let sqlite = Scratch::new().await;
    let mut world = World {
        dice: Dice(seed),
        make: Maker::new(),
        now: 100,
        orders: Vec::new(),
        claimed: Vec::new(),
        cursors: Vec::new(),
        marks: Vec::new(),
    };
    let mut written = 0;
    let (mut busy, mut full, mut found) = (0, 0, 0);
    for step in 0..steps {
        world.now += world.dice.seconds(4) * if world.dice.chance(20) { 5 * HOURS } else { 1 };
        match world.dice.roll(14) {
            0..=5 => {
                let commit = world.commit();
                let result = same!(step, memory.commit(commit.clone()), sqlite.commit(commit.clone()));
                busy += usize::from(matches!(result, Err(StoreError::CustomerBusy)));
                full += usize::from(matches!(result, Err(StoreError::SlotFull)));
                if let Ok(committed) = result {
                    written += 1;
                    world.marks.push(committed.position);
                    world.orders.retain(|order| order.id != commit.order.id);
                    world.orders.push(commit.order);
                }
            }
            6 | 7 => {
                let skip = (0..world.dice.roll(3)).map(|n| store(STORES[n])).collect();
                let claim = Claim {
                    now: at(world.now),
                    lease: Duration::from_secs(15),
                    limit: world.dice.roll(6),
                    skip,
                };
                let claimed = same!(step, memory.claim(claim.clone()), sqlite.claim(claim.clone()));
                world.claimed.extend(claimed.unwrap());
            }
            8 => {
                if let Some(settle) = world.settle() {
                    let _ = same!(step, memory.settle(settle.clone()), sqlite.settle(settle.clone()));
                }
            }
            9 => {
                let query = world.query();
                let page = same!(step, memory.search(&query), sqlite.search(&query)).unwrap();
                world.cursors.extend(page.next);
            }
            10 => {
                let of = store(STORES[world.dice.roll(STORES.len())]);
                let figures = PRODUCTS.map(|name| (sku(name), at(world.now - world.dice.seconds(30))));
                let except = world.dice.pick(&world.orders).map(|order| order.id);
                same!(step, memory.held(&of, except, &figures), sqlite.held(&of, except, &figures)).unwrap();
                let text = key(&format!("k{}", world.dice.roll(40)));
                same!(step, memory.submission(&of, &text), sqlite.submission(&of, &text)).unwrap();
                let after = Position(world.dice.roll(written + 1) as u64);
                let limit = world.dice.roll(20);
                same!(
                    step,
                    memory.events_after(Some(&of), after, limit),
                    sqlite.events_after(Some(&of), after, limit)
                )
                .unwrap();
            }
            11 => {
                let query = world.standing();
                let standing = same!(step, memory.standing(&query), sqlite.standing(&query)).unwrap();
                found += standing.orders.len();
                if world.dice.chance(3) {
                    let until = world.dice.chance(2).then(|| at(world.now + 60));
                    let pause = world.dice.chance(2).then(|| Pause { since: at(world.now), until });
                    let set = memory.set_pause(&query.store, pause.clone());
                    same!(step, set, sqlite.set_pause(&query.store, pause)).unwrap();
                }
            }
            _ => {
                same!(step, memory.next_due(), sqlite.next_due()).unwrap();
                let now = at(world.now);
                same!(step, memory.backlog(now), sqlite.backlog(now)).unwrap();
                if let Some(order) = world.dice.pick(&world.orders) {
                    let (id, code) = (order.id, order.code);
                    let loaded = same!(step, memory.load(id), sqlite.load(id)).unwrap();
                    assert_eq!(loaded.as_ref(), Some(order));
                    same!(step, memory.load_by_code(code), sqlite.load_by_code(code)).unwrap();
                    same!(step, memory.history(id), sqlite.history(id)).unwrap();
                }
            }
        }
    }
    let all = usize::MAX;
    let log = same!(
        "log",
        memory.events_after(None, Position(0), all),
        sqlite.events_after(None, Position(0), all)
    );
    let everything =
        Claim { now: at(1_000_000), lease: Duration::from_secs(1), limit: all, skip: Vec::new() };
    same!("outbox", memory.claim(everything.clone()), sqlite.claim(everything.clone())).unwrap();
    for (of, number) in STORES.into_iter().flat_map(|of| ["1", "2", "3", "4", "5", "6"].map(|n| (of, n))) {
        let mut query = asks(of, &[phone(number)], at(0));
        query.counts = vec![(phone(number), at(0))];
        same!("standing", memory.standing(&query), sqlite.standing(&query)).unwrap();
    }
    sqlite.store.check().await.unwrap();
    // Neither all refused nor all written, or the comparison says little.
    assert!(written > steps / 10, "{written} of {steps}");
    assert!(log.unwrap().len() > steps / 12);
    assert!(busy > 5 && full > 2 && found > 20, "busy {busy}, full {full}, found {found}");
}

#[tokio::test]
async fn the_same_operations_give_the_same_answers() {
    for seed in 1..=6 {
        run(seed, 1000).await;
    }
}
