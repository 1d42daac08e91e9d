//! What is counted, and that every label comes from a small set.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use pos_clients::transport::{RetryPolicy, TokenBucket};
use std::time::Duration;

use crate::support::{Act, Bench, QUICK, only};

type Sums = Arc<Mutex<BTreeMap<String, f64>>>;

/// Adds up everything under its name and labels.
#[derive(Clone, Default)]
struct Tally(Sums);

struct Entry(String, Sums);

impl Entry {
    fn add(&self, value: f64) {
        *self.1.lock().unwrap().entry(self.0.clone()).or_default() += value;
    }
}

impl CounterFn for Entry {
    fn increment(&self, value: u64) {
        self.add(f64::from(u32::try_from(value).unwrap()));
    }

    fn absolute(&self, _: u64) {
        panic!("counters count up");
    }
}

impl HistogramFn for Entry {
    fn record(&self, value: f64) {
        self.add(value);
    }
}

impl Tally {
    fn entry(&self, key: &Key) -> Arc<Entry> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(Entry(format!("{}{{{}}}", key.name(), labels.join(",")), self.0.clone()))
    }
}

impl Recorder for Tally {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.entry(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("there is no gauge")
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.entry(key))
    }
}

#[tokio::test]
async fn calls_repeats_changes_and_waits_are_counted() {
    let tally = Tally::default();
    let _guard = metrics::set_default_local_recorder(&tally);
    let bucket = Arc::new(TokenBucket::new(NonZeroU32::new(100).unwrap()));
    let twice = RetryPolicy { attempts: 2, base: Duration::ZERO, ..RetryPolicy::default() };
    let bench = Bench::with(only(QUICK), |builder| builder.retry(twice).rate(bucket.clone()));
    bench.pos.acts([Act::Slow(2, 200), Act::Answer(404), Act::Answer(429), Act::Broken]);
    bench.once().await.unwrap();
    bench.once().await.unwrap_err();
    bench.once().await.unwrap_err();
    bench.safe().await.unwrap_err();
    bench.once().await.unwrap_err();
    assert_eq!(bench.state(), "open");
    bench.once().await.unwrap_err();
    bench.clock.advance(Duration::from_secs(30));
    bench.pos.acts([Act::Answer(200)]);
    for _ in 0..2 {
        bench.once().await.unwrap();
    }
    bucket.hold(Duration::from_secs(60), order_core::ports::Clock::now(bench.clock.as_ref()));
    bench.once().await.unwrap_err();

    let sums = tally.0.lock().unwrap();
    let shown: Vec<_> = sums.iter().map(|(key, sum)| format!("{key} {sum}")).collect();
    assert_eq!(
        shown,
        [
            "pos_breaker_changes_total{vendor=acme,to=closed} 1",
            "pos_breaker_changes_total{vendor=acme,to=half_open} 1",
            "pos_breaker_changes_total{vendor=acme,to=open} 1",
            "pos_call_seconds{vendor=acme,operation=create} 2",
            "pos_call_seconds{vendor=acme,operation=get} 0",
            "pos_calls_total{vendor=acme,operation=create,outcome=breaker_open} 1",
            "pos_calls_total{vendor=acme,operation=create,outcome=not_found} 1",
            "pos_calls_total{vendor=acme,operation=create,outcome=ok} 3",
            "pos_calls_total{vendor=acme,operation=create,outcome=throttled} 2",
            "pos_calls_total{vendor=acme,operation=create,outcome=unavailable} 1",
            "pos_calls_total{vendor=acme,operation=get,outcome=unavailable} 1",
            "pos_retries_total{vendor=acme,operation=get} 1",
            "pos_throttled_total{vendor=acme,by=own_limit} 1",
            "pos_throttled_total{vendor=acme,by=pos} 1",
        ]
    );
}
