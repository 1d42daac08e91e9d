use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use order_core::ports::{Clock, PosErrorKind, RetryClass};
use pos_clients::transport::{TokenBucket, TransportConfig};

use crate::support::{Act, Bench, NO_BREAKER, only, single};

fn bench(config: TransportConfig) -> (Bench, Arc<TokenBucket>) {
    let bucket = Arc::new(TokenBucket::new(NonZeroU32::new(4).unwrap()));
    (Bench::with(config, |builder| builder.retry(single()).rate(bucket.clone())), bucket)
}

#[tokio::test]
async fn a_429_slows_all_callers_of_the_credential_down() {
    let (bench, bucket) = bench(only(NO_BREAKER));
    bench.pos.acts([Act::Answer(429)]);
    assert_eq!(bench.once().await.unwrap_err().kind(), PosErrorKind::Throttled);
    assert_eq!(bucket.share(bench.clock.now()), 500);
    bench.pos.acts([Act::Answer(200)]);
    let began = bench.clock.now();
    for _ in 0..7 {
        bench.once().await.unwrap();
    }
    // Three of the burst of four were left; the others come at two a second.
    assert_eq!(bench.clock.now() - began, TimeDelta::milliseconds(2000));
    bench.clock.advance(Duration::from_secs(100));
    assert_eq!(bucket.share(bench.clock.now()), 1000);
}

#[tokio::test]
async fn many_refused_together_slow_down_once() {
    let (bench, bucket) = bench(only(NO_BREAKER));
    bench.pos.acts([Act::Slow(1, 429)]);
    let calls = async { tokio::join!(bench.call(), bench.call(), bench.call(), bench.call()) };
    bench.run(calls).await.0.unwrap_err();
    assert_eq!(bucket.share(bench.clock.now()), 500);
}

#[tokio::test]
async fn retry_after_holds_everybody() {
    // In seconds, as a date (the clock began at 10:00:00), and with a 503.
    for act in [Act::Wait(429, "3"), Act::Wait(429, "Mon, 02 Mar 2026 10:00:03 GMT"), Act::Wait(503, "3")] {
        let (bench, _) = bench(only(NO_BREAKER));
        bench.pos.acts([act, Act::Answer(200)]);
        let error = bench.once().await.unwrap_err();
        if error.kind() == PosErrorKind::Throttled {
            assert_eq!(error.retry(), RetryClass::Throttled { after: Some(Duration::from_secs(3)) });
        }
        let began = bench.clock.now();
        bench.once().await.unwrap();
        assert_eq!(bench.clock.now() - began, TimeDelta::seconds(3), "{act:?}");
    }
}

#[tokio::test]
async fn other_failures_do_not_slow_it() {
    for act in [Act::Unreachable, Act::Answer(500), Act::Answer(403), Act::Nonsense] {
        let (bench, bucket) = bench(only(NO_BREAKER));
        bench.pos.acts([act]);
        bench.once().await.unwrap_err();
        assert_eq!(bucket.share(bench.clock.now()), 1000, "{act:?}");
    }
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let (bench, bucket) = bench(TransportConfig { learn_from_throttling: false, ..only(NO_BREAKER) });
    bench.pos.acts([Act::Wait(429, "3"), Act::Answer(200)]);
    bench.once().await.unwrap_err();
    let began = bench.clock.now();
    bench.once().await.unwrap();
    assert_eq!((bucket.share(began), bench.clock.now()), (1000, began));
}
