use std::time::Duration;

use pos_clients::sim::{Fault, FaultError, FaultRule, Simulator};
use pos_clients::transport::SendError;
use pos_clients::treez::sim::{TreezSim, TreezSimConfig};
use serde_json::Value;

use crate::support::{FLOWER, Reply, Till, order, seed};

/// Creates under one fault: what came back, and how many tickets there are.
async fn create_under(fault: Fault, after_apply: bool) -> (Result<Reply, SendError>, usize) {
    let till = Till::open().await;
    let rule = FaultRule { after_apply, ..FaultRule::next(1, fault).on("create") };
    till.handle.add_fault(rule).unwrap();
    assert_eq!(till.get("customer/4711").await.status, 200);
    let result = till.try_call("POST", "ticket/detailticket", order(&[(FLOWER, 1)])).await;
    let held = till.orders().len();
    assert!(till.handle.faults().is_empty());
    assert_eq!(till.get("customer/4711").await.status, 200);
    (result, held)
}

#[tokio::test]
async fn replaced_answers_come_before_or_after_the_vendor_acted() {
    for (fault, status) in [
        (Fault::Error { status: 503 }, 503),
        (Fault::Html { status: 502 }, 502),
        (Fault::Html { status: 200 }, 200),
        (Fault::Throttle { retry_after: Some(3) }, 429),
        (Fault::Throttle { retry_after: None }, 429),
    ] {
        for after_apply in [false, true] {
            let (result, held) = create_under(fault.clone(), after_apply).await;
            let reply = result.unwrap();
            assert_eq!((reply.status, held), (status, usize::from(after_apply)), "{fault:?}");
            assert!(serde_json::from_str::<Value>(&reply.text).is_err());
        }
    }
}

#[tokio::test]
async fn lost_answers_come_before_or_after_the_vendor_acted() {
    for after_apply in [false, true] {
        let held = usize::from(after_apply);
        let (result, count) = create_under(Fault::Drop, after_apply).await;
        assert!(matches!(result, Err(SendError::Broken(_))));
        assert_eq!(count, held);
        let (result, count) = create_under(Fault::Slow { delay: Duration::from_secs(20) }, after_apply).await;
        assert!(matches!(result, Err(SendError::TimedOut(_))));
        assert_eq!(count, held);
        let (result, count) = create_under(Fault::Slow { delay: Duration::from_secs(19) }, after_apply).await;
        assert_eq!((result.unwrap().status, count), (200, 1));
        let (result, count) = create_under(Fault::RefuseConnection, after_apply).await;
        assert!(matches!(result, Err(SendError::NotSent(_))));
        assert_eq!(count, 0);
        let (result, count) = create_under(Fault::Truncate, after_apply).await;
        let reply = result.unwrap();
        assert_eq!((reply.status, count), (200, held));
        assert!(serde_json::from_str::<Value>(&reply.text).is_err());
    }
}

#[tokio::test]
async fn revoked_tokens_are_worth_nothing_until_renewed() {
    let mut till = Till::open().await;
    till.handle.add_fault(FaultRule::next(1, Fault::TokenRevoked)).unwrap();
    till.renew().await;
    assert_eq!(till.create(order(&[(FLOWER, 1)])).await.status, 401);
    assert_eq!(till.create(order(&[(FLOWER, 1)])).await.status, 401);
    till.renew().await;
    till.handle.add_fault(FaultRule::next(1, Fault::TokenRevoked).after_apply()).unwrap();
    assert_eq!(till.create(order(&[(FLOWER, 1)])).await.status, 200);
    assert_eq!(till.create(order(&[(FLOWER, 1)])).await.status, 401);
    assert_eq!(till.orders().len(), 1);
}

#[tokio::test]
async fn faults_can_be_aimed_cleared_and_must_name_an_operation() {
    let till = Till::open().await;
    let wrong = till.handle.add_fault(FaultRule::next(1, Fault::Drop).on("teleport"));
    assert!(matches!(wrong, Err(FaultError::UnknownOperation { .. })));
    till.handle.add_fault(FaultRule::rate(1.0, Fault::Drop).on("list")).unwrap();
    let list = "ticket/customer/4711/page/1/pagesize/5";
    for _ in 0..5 {
        assert!(till.try_call("GET", list, Value::Null).await.is_err());
    }
    assert_eq!(till.get("customer/4711").await.status, 200);
    till.handle.clear_faults();
    assert_eq!(till.get(list).await.status, 200);
}

#[tokio::test]
async fn limits_of_a_try_hold_in_memory() {
    let mut till = Till::open().await;
    till.limits.max_body = 10;
    assert!(matches!(
        till.try_call("GET", "customer/4711", Value::Null).await,
        Err(SendError::TooLarge { limit: 10 })
    ));
    till.limits.max_body = 100_000;
    till.set_timeout(Duration::from_millis(5));
    till.handle.add_fault(FaultRule::next(1, Fault::Slow { delay: Duration::from_millis(5) })).unwrap();
    assert!(matches!(till.try_call("GET", "customer/4711", Value::Null).await, Err(SendError::TimedOut(_))));
}

#[test]
fn the_same_history_yields_the_same_answers() {
    let play = || {
        let mut sim = TreezSim::new(TreezSimConfig::new("green-oak", "kiosk", "key-1"), &seed(), 9);
        let now = "2026-03-02T18:00:00Z".parse().unwrap();
        let request = || {
            http::Request::post("http://h/v2.0/dispensary/green-oak/config/api/gettokens")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(bytes::Bytes::from_static(b"client_id=kiosk&apikey=key-1"))
                .unwrap()
        };
        (0..3).map(|_| sim.handle(request(), now).into_body()).collect::<Vec<_>>()
    };
    assert_eq!(play(), play());
}
