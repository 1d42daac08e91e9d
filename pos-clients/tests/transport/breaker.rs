use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use order_core::ports::{Clock, PosErrorKind, RetryClass};
use pos_clients::transport::{BreakerPolicy, BreakerState, RetryPolicy, TokenBucket};

use crate::support::{Act, Bench, NO_BREAKER, QUICK, only, single};

fn bench() -> Bench {
    Bench::with(only(QUICK), |builder| builder.retry(single()))
}

#[tokio::test]
async fn an_open_breaker_refuses_before_anything_is_sent() {
    let bench = bench();
    bench.break_it().await;
    let asked = bench.pos.asked();
    let began = bench.clock.now();
    bench.pos.acts([Act::Answer(200)]);
    for error in [bench.once().await.unwrap_err(), bench.safe().await.unwrap_err()] {
        assert_eq!((error.kind(), error.retry()), (PosErrorKind::BreakerOpen, RetryClass::NotSent));
        assert!(error.detail().contains("30 more seconds"), "{error}");
    }
    assert_eq!((bench.pos.asked(), bench.clock.now()), (asked, began), "neither sent nor waited");
    let until = began + Duration::from_secs(30);
    assert_eq!(bench.transport.breaker_state(), BreakerState::Open { until });
}

#[tokio::test]
async fn only_an_ill_pos_opens_it() {
    for act in [
        Act::Unreachable,
        Act::Broken,
        Act::Silent,
        Act::Nonsense,
        Act::Answer(500),
        Act::Answer(502),
        Act::Wait(503, "1"),
        Act::Answer(504),
    ] {
        // Waiting four times for nothing takes longer than a minute.
        let policy = BreakerPolicy { window_seconds: 600, ..QUICK };
        let bench = Bench::with(only(policy), |builder| builder.retry(single()));
        bench.pos.acts([act]);
        for _ in 0..4 {
            bench.once().await.unwrap_err();
        }
        assert_eq!(bench.state(), "open", "{act:?}");
    }
    for act in [
        Act::Answer(400),
        Act::Answer(401),
        Act::Answer(403),
        Act::Answer(404),
        Act::Answer(409),
        Act::Answer(422),
        Act::Answer(429),
        Act::Wait(429, "1"),
        Act::Answer(302),
    ] {
        let bench = bench();
        bench.pos.acts([act]);
        for _ in 0..40 {
            bench.once().await.unwrap_err();
        }
        assert_eq!(bench.state(), "closed", "{act:?}");
    }
}

#[tokio::test]
async fn it_ends_the_repeats_of_a_call_at_once() {
    let patient = RetryPolicy { attempts: 9, ..RetryPolicy::default() };
    let bench = Bench::with(only(QUICK), |builder| builder.retry(patient));
    bench.pos.acts([Act::Broken]);
    let error = bench.safe().await.unwrap_err();
    assert_eq!(error.kind(), PosErrorKind::Unavailable, "the call's own error, not the breaker's");
    assert_eq!((bench.pos.asked(), bench.state()), (4, "open"));
    let BreakerState::Open { until } = bench.transport.breaker_state() else { panic!("it is open") };
    assert_eq!(until - bench.clock.now(), chrono::TimeDelta::seconds(30), "nobody slept after the last try");
}

#[tokio::test]
async fn a_trickle_is_let_through_and_closes_it() {
    let bench = bench();
    bench.break_it().await;
    let asked = bench.pos.asked();
    bench.clock.advance(Duration::from_secs(30));
    assert_eq!(bench.state(), "half_open");
    bench.pos.acts([Act::Slow(1, 200)]);
    let calls = async { tokio::join!(bench.call(), bench.call(), bench.call(), bench.call()) };
    let (a, b, c, d) = bench.run(calls).await;
    assert!(a.is_ok() && b.is_ok());
    for refused in [c.unwrap_err(), d.unwrap_err()] {
        assert_eq!((refused.kind(), refused.retry()), (PosErrorKind::BreakerOpen, RetryClass::NotSent));
    }
    assert_eq!((bench.pos.asked() - asked, bench.state()), (2, "closed"));
    bench.once().await.unwrap();
}

#[tokio::test]
async fn a_refusal_during_the_trickle_is_a_sign_of_life() {
    let bench = bench();
    bench.break_it().await;
    bench.clock.advance(Duration::from_secs(30));
    bench.pos.acts([Act::Answer(422)]);
    for _ in 0..2 {
        bench.once().await.unwrap_err();
    }
    assert_eq!(bench.state(), "closed");
}

#[tokio::test]
async fn a_failed_probe_opens_it_again() {
    let bench = bench();
    bench.break_it().await;
    bench.clock.advance(Duration::from_secs(30));
    bench.once().await.unwrap_err();
    assert_eq!(bench.state(), "open");
    bench.clock.advance(Duration::from_secs(29));
    assert_eq!(bench.once().await.unwrap_err().kind(), PosErrorKind::BreakerOpen);
}

#[tokio::test]
async fn a_probe_whose_caller_goes_away_does_not_block_the_next() {
    let bench = bench();
    bench.break_it().await;
    bench.clock.advance(Duration::from_secs(30));
    bench.pos.acts([Act::Silent]);
    for _ in 0..5 {
        tokio::select! {
            biased;
            _ = bench.call() => panic!("nobody moved the clock"),
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(bench.state(), "half_open");
    bench.pos.acts([Act::Answer(200)]);
    for _ in 0..2 {
        bench.once().await.unwrap();
    }
    assert_eq!(bench.state(), "closed");
}

#[tokio::test]
async fn who_stands_in_line_when_it_opens_is_not_sent() {
    let policy = BreakerPolicy { min_tries: 1, ..QUICK };
    let bucket = Arc::new(TokenBucket::new(NonZeroU32::MIN));
    let bench = Bench::with(only(policy), |builder| builder.retry(single()).rate(bucket));
    bench.pos.acts([Act::Slow(1, 500)]);
    let calls = async { tokio::join!(bench.call(), bench.call(), bench.call(), bench.call()) };
    let (first, second, third, fourth) = bench.run(calls).await;
    assert_eq!(first.unwrap_err().kind(), PosErrorKind::Unavailable);
    // The second's turn comes in the moment in which the first fails.
    second.unwrap_err();
    for left_alone in [third.unwrap_err(), fourth.unwrap_err()] {
        assert_eq!(left_alone.kind(), PosErrorKind::BreakerOpen);
    }
    assert!(bench.pos.asked() <= 2);
}

#[tokio::test]
async fn a_try_that_got_too_little_time_says_nothing() {
    let bench = Bench::with(only(QUICK), |builder| builder.retry(RetryPolicy::once(Duration::from_secs(1))));
    bench.pos.acts([Act::Silent]);
    for _ in 0..40 {
        assert_eq!(bench.once().await.unwrap_err().kind(), PosErrorKind::Timeout);
    }
    assert_eq!(bench.state(), "closed");
}

#[tokio::test]
async fn one_failing_order_alone_does_not_trip_the_defaults() {
    let bench = Bench::with(only(BreakerPolicy::default()), |builder| builder);
    bench.pos.acts([Act::Unreachable]);
    for _ in 0..8 {
        bench.safe().await.unwrap_err();
    }
    assert_eq!(bench.state(), "closed", "eight calls with three tries each");
    for _ in 0..2 {
        bench.safe().await.unwrap_err();
    }
    assert_eq!(bench.state(), "open");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let bench = Bench::with(only(NO_BREAKER), |builder| builder.retry(single()));
    bench.pos.acts([Act::Unreachable]);
    for _ in 0..100 {
        bench.once().await.unwrap_err();
    }
    assert_eq!((bench.pos.asked(), bench.state()), (100, "closed"));
}
