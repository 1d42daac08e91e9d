use pos_clients::treez::sim::DataShape;
use serde_json::{Value, json};

use crate::support::{Till, but, text};

fn person() -> Value {
    json!({"first_name": "Zoë", "last_name": "Müller", "birthday": "1996-06-16", "patient_type": "ADULT",
           "email": "zoe@example.com", "phone": "4155550110"})
}

async fn create(till: &Till, body: Value) -> crate::support::Reply {
    till.call("POST", "customer/detailcustomer", body).await
}

#[tokio::test]
async fn every_look_up_finds_and_misses_in_its_own_way() {
    let till = Till::open().await;
    for path in ["customer/4711", "customer/email/ADA%40example.com", "customer/phone/4155550101"] {
        let found = till.get(path).await.data();
        assert_eq!((text(&found["customer_id"]), text(&found["first_name"])), ("4711", "ADA"), "{path}");
        assert_eq!((text(&found["verification_status"]), text(&found["status"])), ("VERIFIED", "ACTIVE"));
    }
    let jose = till.get("customer/firstname/jos%C3%A9/lastname/n%C3%BA%C3%B1ez").await.data();
    assert_eq!((text(&jose["customer_id"]), text(&jose["patient_type"])), ("4712", "MEDICAL_MMID"));
    assert_eq!(
        (text(&jose["state_medical_id"]), text(&jose["verification_status"])),
        ("MM-1", "VERIFICATION_PENDING")
    );
    assert_eq!(jose["email"], Value::Null);

    let several = till.get("customer/firstname/Ada/lastname/Byron").await.data();
    assert_eq!(several.as_array().unwrap().len(), 2);

    for path in [
        "customer/1",
        "customer/+4711",
        "customer/email/a%40b",
        "customer/firstname/A/lastname/B",
        "customer/driverlicense/1",
    ] {
        till.get(path).await.refused(404, "CUSTOMER_DOESNT_EXIST");
    }
    let phone = till.get("customer/phone/4155550999").await.refused(404, "NOT_FOUND");
    assert_eq!(phone["resultDetail"], "Nothing was found");
}

#[tokio::test]
async fn data_may_be_an_array() {
    let till = Till::with(|config| config.customer_data = DataShape::Array).await;
    assert_eq!(till.get("customer/phone/4155550101").await.data()[0]["customer_id"], "4711");
    assert!(till.get("customer/4711").await.data().is_object());
}

#[tokio::test]
async fn a_created_customer_is_unverified_and_found_again() {
    let till = Till::open().await;
    let extra = json!({"gender": "F", "drivers_license": "X1", "middle_name": "K", "opt_out": false, "addresses": [
        {"type": "ADDRESS_OF_RECORD", "street1": "1 Main St", "city": "Oakland", "state": "CA", "zipcode": "94607"}]});
    let created = create(&till, but(person(), extra)).await.data();
    assert_eq!((text(&created["first_name"]), text(&created["last_name"])), ("ZOË", "MÜLLER"));
    assert_eq!(created["verification_status"], "VERIFICATION_PENDING");
    assert_eq!(created["addresses"][0]["type"], "address_of_record");
    assert_eq!(till.get("customer/driverlicense/X1").await.data(), created);
    assert_eq!(till.get(&format!("customer/{}", text(&created["customer_id"]))).await.data(), created);
    let today = till.get("customer/signup/from/2026-03-02/to/2026-03-02/page/1/pagesize/50").await.data();
    assert_eq!(today, json!([created]));
    let since = "customer/lastUpdated/after/2026-03-01T00:00:00.000-08:00/page/1/pagesize/50";
    assert_eq!(till.get(since).await.data(), json!([created]));

    let medical = but(
        person(),
        json!({"patient_type": "MEDICAL_MMID", "state_medical_id": "M", "permit_expiration": "2027-01-01",
        "email": "m@example.com", "phone": null}),
    );
    assert_eq!(create(&till, medical).await.data()["permit_expiration"], "2027-01-01 00:00:00.000");
}

#[tokio::test]
async fn bad_customers_are_refused() {
    let till = Till::open().await;
    let blank = create(&till, but(person(), json!({"first_name": " "})))
        .await
        .refused(400, "CUSTOMER_FIRST_NAME_BLANK");
    assert_eq!(blank["resultDetail"], "Field first_name cannot be blank");
    for change in [
        json!({"last_name": null}),
        json!({"birthday": "16.06.1996"}),
        json!({"birthday": null}),
        json!({"patient_type": "VIP"}),
        json!({"phone": "14155550110"}),
        json!({"phone": "1155550110"}),
        json!({"phone": 4155550110_u64}),
        json!({"external_id": "x"}),
        json!({"patient_type": "MEDICAL_MMID"}),
        json!({"gender": "X"}),
        json!({"customer_groups": ["VIP"]}),
        json!({"addresses": [{"city": "Oakland"}]}),
        json!({"addresses": ["Oakland"]}),
    ] {
        create(&till, but(person(), change)).await.refused(400, "MODEL_VALIDATION_FAIL");
    }
    create(&till, json!([])).await.refused(400, "INVALID_REQUEST");
    // Duplicates are refused; with which code is unpublished.
    assert_eq!(create(&till, but(person(), json!({"email": "Ada@example.com"}))).await.status, 400);
    assert_eq!(create(&till, but(person(), json!({"phone": "4155550101"}))).await.status, 400);
    assert_eq!(create(&till, person()).await.status, 200);
    assert_eq!(create(&till, person()).await.status, 400);
}

#[tokio::test]
async fn an_update_keeps_what_it_leaves_out() {
    let till = Till::open().await;
    let body = json!({"first_name": "Ada", "last_name": "King", "birthday": "1990-12-10", "patient_type": "MEDICAL", "banned": true});
    let updated = till.call("PATCH", "customer/update/4711", body.clone()).await.data();
    assert_eq!((text(&updated["last_name"]), text(&updated["email"])), ("KING", "ada@example.com"));
    assert_eq!(updated["banned"], true);
    till.call("PATCH", "customer/update/1", body.clone()).await.refused(404, "CUSTOMER_DOESNT_EXIST");
    till.call("POST", "customer/update/4711", body).await.refused(404, "NOT_FOUND");
}
