//! How long a decision takes: decide and apply on an order of five lines, and replaying a whole life.
#![allow(missing_docs, reason = "the criterion macros make undocumented functions")]
#![allow(clippy::expect_used, reason = "a measurement that cannot set itself up has nothing to measure")]

use std::hint::black_box;

use chrono::{DateTime, TimeDelta};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use order_core::access::Role;
use order_core::lifecycle::{Action, Command, Context, apply, decide};
use order_core::model::{Order, Policy};
use order_core::testkit;

fn ready(order: &mut Order, policy: &Policy, actions: &[Action]) {
    let actor = testkit::actor(Role::Manager);
    for action in actions {
        let at = order.updated_at + TimeDelta::seconds(1);
        let command = Command::new(action.clone()).because(order_core::model::ReasonCode::StoreOperations);
        let context = Context { at, actor: &actor, policy, pos: None };
        let decision = decide(order, &command, &context).expect("a legal action");
        for event in &decision.events {
            apply(order, event).expect("the next event");
        }
    }
}

fn decide_and_apply(criterion: &mut Criterion) {
    let policy = Policy::default();
    let placed = testkit::order(5, DateTime::UNIX_EPOCH).expect("a sample order");
    let actor = testkit::actor(Role::Staff);
    let mut picked = placed.clone();
    ready(&mut picked, &policy, &[Action::Start, Action::Pick(Vec::new())]);
    for (name, order, action) in [("start", &placed, Action::Start), ("pack", &picked, Action::Pack)] {
        let mut policy = policy.clone();
        policy.work_through_outages = true;
        let command = Command::new(action).on(order.version);
        let context = Context { at: order.updated_at, actor: &actor, policy: &policy, pos: None };
        criterion.bench_function(&format!("decide and apply, 5 lines: {name}"), |bencher| {
            bencher.iter_batched_ref(
                || order.clone(),
                |order| {
                    let decision = decide(black_box(order), black_box(&command), &context).expect("legal");
                    for event in &decision.events {
                        apply(order, event).expect("the next event");
                    }
                    decision
                },
                BatchSize::SmallInput,
            );
        });
    }
}

criterion_group!(benches, decide_and_apply);
criterion_main!(benches);
