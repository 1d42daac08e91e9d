//! Whose order it is: found, followed, created, refused.

use order_core::model::CustomerKind;
use order_core::ports::{CustomerQuery, NewCustomer, PosCustomers, PosErrorKind, PosOrderClient, RetryClass};
use serde_json::json;

use crate::support::{
    Kit, assert_clean, changed, created, customer, fail, order, strangers_order, success, ticket,
};

const BY_PHONE: &str = "/customer/phone/4155550123";
const BY_EMAIL: &str = "/customer/email/ada%40example.com";
const BY_NAME: &str = "/customer/firstname/Ada/lastname/Byron";
const CREATE: &str = "/customer/detailcustomer";

async fn nobody(kit: &mut Kit, path: &str) {
    kit.on("GET", path, 404, &fail("CUSTOMER_DOESNT_EXIST", "")).await;
}

fn new_customer() -> NewCustomer {
    NewCustomer {
        first_name: "Ada".into(),
        last_name: "Byron".into(),
        phone: Some("+1 (415) 555-0123".into()),
        email: Some("ada@example.com".into()),
        birth_date: "1990-12-10".into(),
        kind: CustomerKind::Medical,
    }
}

#[tokio::test]
async fn the_first_way_that_finds_somebody_counts() {
    for found_by in [BY_PHONE, BY_EMAIL, BY_NAME] {
        let mut kit = Kit::new().await;
        for path in [BY_PHONE, BY_EMAIL, BY_NAME] {
            if path == found_by {
                kit.on("GET", path, 200, &success(&json!([customer("4711")]))).await;
                break;
            }
            nobody(&mut kit, path).await;
        }
        let create = kit
            .on_json("POST", "/ticket/detailticket", created(), &success(&ticket("AWAITING_PROCESSING")))
            .await;
        kit.treez.create(&strangers_order()).await.unwrap();
        create.assert_async().await;
    }
}

#[tokio::test]
async fn of_several_with_the_name_the_birth_date_decides() {
    let mut kit = Kit::new().await;
    nobody(&mut kit, BY_PHONE).await;
    nobody(&mut kit, BY_EMAIL).await;
    let namesake = changed(customer("9"), json!({"birthday": "1950-01-01"}));
    kit.on("GET", BY_NAME, 200, &success(&json!([namesake, customer("4711")]))).await;
    let create = kit
        .on_json("POST", "/ticket/detailticket", created(), &success(&ticket("AWAITING_PROCESSING")))
        .await;
    kit.treez.create(&strangers_order()).await.unwrap();
    create.assert_async().await;
}

#[tokio::test]
async fn one_of_several_is_never_picked() {
    let mut kit = Kit::new().await;
    kit.on("GET", BY_PHONE, 200, &success(&json!([customer("1"), customer("2")]))).await;
    let error = kit.treez.create(&strangers_order()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Customer, RetryClass::Refused));
    assert_clean(&format!("{error:?} {error}"));
}

#[tokio::test]
async fn a_new_customer_is_created_when_the_birth_date_is_known() {
    let mut kit = Kit::new().await;
    for path in [BY_PHONE, BY_EMAIL, BY_NAME] {
        nobody(&mut kit, path).await;
    }
    let sent = json!({"first_name": "Ada", "last_name": "Byron", "birthday": "1990-12-10", "patient_type": "ADULT",
        "email": "ada@example.com", "phone": "4155550123"});
    let made = kit.on_json("POST", CREATE, sent, &success(&customer("4711"))).await;
    let create = kit
        .on_json("POST", "/ticket/detailticket", created(), &success(&ticket("AWAITING_PROCESSING")))
        .await;
    kit.treez.create(&strangers_order()).await.unwrap();
    made.assert_async().await;
    create.assert_async().await;

    let mut kit = Kit::new().await;
    nobody(&mut kit, BY_PHONE).await;
    nobody(&mut kit, BY_EMAIL).await;
    let mut ageless = strangers_order();
    ageless.customer.birth_date = None;
    let error = kit.treez.create(&ageless).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Customer, RetryClass::Refused));
    assert!(error.detail().contains("birth date"));
}

#[tokio::test]
async fn the_banned_get_no_ticket() {
    let mut kit = Kit::new().await;
    kit.on("GET", "/customer/4711", 200, &success(&changed(customer("4711"), json!({"banned": true})))).await;
    let post = kit.on("POST", "/ticket/detailticket", 200, "").await.expect(0);
    let error = kit.treez.create(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Customer, RetryClass::Refused));
    post.assert_async().await;
}

#[tokio::test]
async fn failures_before_the_ticket_leave_it_unsent() {
    // A look-up that fails.
    let mut kit = Kit::new().await;
    kit.on("GET", "/customer/4711", 500, "").await;
    assert_eq!(kit.treez.create(&order()).await.unwrap_err().retry(), RetryClass::NotSent);

    // A customer create without a clear answer, found by nobody afterwards.
    let mut kit = Kit::new().await;
    for path in [BY_PHONE, BY_EMAIL, BY_NAME] {
        nobody(&mut kit, path).await;
    }
    kit.on("POST", CREATE, 502, "<html>Bad Gateway</html>").await;
    let post = kit.on("POST", "/ticket/detailticket", 200, "").await.expect(0);
    assert_eq!(kit.treez.create(&strangers_order()).await.unwrap_err().retry(), RetryClass::NotSent);
    post.assert_async().await;

    // A customer create that is refused.
    let mut kit = Kit::new().await;
    for path in [BY_PHONE, BY_EMAIL, BY_NAME] {
        nobody(&mut kit, path).await;
    }
    kit.on("POST", CREATE, 400, &fail("DUPLICATE", "Customer ADA BYRON with phone 4155550123 exists")).await;
    let error = kit.treez.create(&strangers_order()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::Customer, RetryClass::Refused));
    assert_eq!(error.vendor_code(), Some("DUPLICATE"));
    assert_clean(&format!("{error:?} {error}"));
}

#[tokio::test]
async fn an_unclear_customer_create_is_looked_up_before_anything_else() {
    let mut kit = Kit::new().await;
    kit.on("POST", CREATE, 504, "").await.expect(1);
    kit.on("GET", BY_PHONE, 200, &success(&customer("4711"))).await;
    let found = kit.treez.create_customer(&new_customer()).await.unwrap();
    assert_eq!(found.id.as_str(), "4711");

    let mut kit = Kit::new().await;
    let create = kit.on("POST", CREATE, 504, "").await.expect(1);
    nobody(&mut kit, BY_PHONE).await;
    nobody(&mut kit, BY_EMAIL).await;
    let error = kit.treez.create_customer(&new_customer()).await.unwrap_err();
    assert_eq!(error.retry(), RetryClass::Ambiguous);
    create.assert_async().await;
}

#[tokio::test]
async fn merged_records_lead_on_and_deleted_ones_are_gone() {
    let mut kit = Kit::new().await;
    let merged = changed(customer("1"), json!({"status": "DEACTIVATED", "merged_into_customer_id": 4711}));
    let gone = changed(customer("3"), json!({"status": "DEACTIVATED"}));
    let absorbed = changed(customer("4711"), json!({"status": "MERGED"}));
    kit.on("GET", BY_PHONE, 200, &success(&json!([merged, gone, absorbed.clone()]))).await;
    kit.on("GET", "/customer/4711", 200, &success(&absorbed)).await;
    let found = kit.treez.find(&CustomerQuery::Phone("4155550123".into())).await.unwrap();
    let ids: Vec<_> = found.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["4711"]);
    let one = &found[0];
    assert_eq!((one.first_name.reveal(), one.verified, one.banned), ("ADA", true, false));
    assert_eq!(one.birth_date.as_ref().unwrap().reveal(), "1990-12-10");
    assert_clean(&format!("{found:?}"));
}

#[tokio::test]
async fn records_that_merge_in_a_circle_end() {
    let mut kit = Kit::new().await;
    let one = changed(customer("1"), json!({"merged_into_customer_id": "2"}));
    let two = changed(customer("2"), json!({"merged_into_customer_id": "1"}));
    kit.on("GET", "/customer/1", 200, &success(&one)).await;
    kit.on("GET", "/customer/2", 200, &success(&two)).await;
    let query = CustomerQuery::Id(order_core::model::CustomerId::new("1").unwrap());
    assert!(kit.treez.find(&query).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_value_cannot_change_the_path() {
    let mut kit = Kit::new().await;
    let mock = kit.on("GET", "/customer/firstname/..%2F..%2Fx/lastname/a%3Fb", 404, "").await;
    let query = |first: &str| CustomerQuery::Name { first: first.into(), last: "a?b".into() };
    assert!(kit.treez.find(&query("../../x")).await.unwrap().is_empty());
    mock.assert_async().await;
    let error = kit.treez.find(&query("..")).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (PosErrorKind::InvalidRequest, RetryClass::Refused));
}
