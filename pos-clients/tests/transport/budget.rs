use order_core::ports::PosErrorKind;
use pos_clients::transport::{BudgetPolicy, TransportConfig};

use crate::support::{Act, Bench, NO_BREAKER};

const BUDGET: BudgetPolicy = BudgetPolicy { enabled: true, share_percent: 10, reserve: 5 };

fn bench(retry_budget: BudgetPolicy) -> Bench {
    Bench::new(TransportConfig { breaker: NO_BREAKER, retry_budget, ..TransportConfig::default() })
}

#[tokio::test]
async fn a_dying_pos_is_asked_a_little_more_often_and_not_thrice() {
    let bench = bench(BUDGET);
    bench.pos.acts([Act::Answer(503)]);
    for _ in 0..100 {
        let error = bench.safe().await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (PosErrorKind::Unavailable, Some(503)));
    }
    // The reserve is full already when the first call puts its share in.
    let repeats = bench.pos.asked() - 100;
    assert!((14..=15).contains(&repeats), "{repeats}");
}

#[tokio::test]
async fn who_has_no_budget_does_not_wait() {
    let bench = bench(BudgetPolicy { share_percent: 0, reserve: 0, ..BUDGET });
    bench.pos.acts([Act::Unreachable]);
    let began = order_core::ports::Clock::now(bench.clock.as_ref());
    bench.safe().await.unwrap_err();
    assert_eq!(bench.pos.asked(), 1);
    assert_eq!(order_core::ports::Clock::now(bench.clock.as_ref()), began);
}

#[tokio::test]
async fn calls_that_work_pay_for_later_repeats() {
    let bench = bench(BUDGET);
    bench.pos.acts([Act::Unreachable]);
    for _ in 0..20 {
        bench.safe().await.unwrap_err();
    }
    bench.pos.acts([Act::Answer(200)]);
    for _ in 0..30 {
        bench.safe().await.unwrap();
    }
    let asked = bench.pos.asked();
    bench.pos.acts([Act::Broken, Act::Broken, Act::Answer(200)]);
    assert_eq!(bench.safe().await.unwrap(), 200);
    assert_eq!(bench.pos.asked() - asked, 3);
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let bench = bench(BudgetPolicy { enabled: false, ..BUDGET });
    bench.pos.acts([Act::Answer(503)]);
    for _ in 0..100 {
        bench.safe().await.unwrap_err();
    }
    assert_eq!(bench.pos.asked(), 300);
}
