use serde_json::{Value, json};

use crate::support::{FLOWER, GUMMIES, LAST_ONE, NOWHERE, Till, amount, dec, order};

#[tokio::test]
async fn the_list_pages_and_filters() {
    let till = Till::with(|config| config.product_page_size = 3).await;
    let first = till.get("product/product_list?page=1&active=ALL&include_discounts=FALSE").await.data();
    assert_eq!((&first["page_count"], &first["total_count"]), (&json!(3), &json!(4)));
    assert_eq!(till.get("product/product_list?page=2").await.data()["page_count"], 1);
    let past = till.get("product/product_list?page=3").await.data();
    assert_eq!(past, json!({"page_count": 0, "total_count": 0, "product_list": []}));
    assert_eq!(till.get("product/product_list?active=FALSE").await.data()["total_count"], 0);
    let two = till.get(&format!("product/product_list?ID={FLOWER},{GUMMIES}")).await.data();
    assert_eq!(two["total_count"], 2);
    assert_eq!(till.get("product/product_list?category_type=EDIBLE").await.data()["total_count"], 2);

    till.get("product/product_list?active=maybe").await.refused(400, "INVALID_ACTIVE_PARAMETER");
    till.get("product/product_list?page=0").await.refused(400, "INCORRECT_VALUE");
    till.get("product/product_list?colour=green").await.refused(400, "INVALID_REQUEST");
    let many = vec![FLOWER; 51].join(",");
    till.get(&format!("product/product_list?id={many}")).await.refused(400, "RESPONSE_LIMIT_EXCEEDS");
}

#[tokio::test]
async fn a_product_is_one_size() {
    let till = Till::open().await;
    let flower = till.get(&format!("product/{FLOWER}")).await.data();
    assert_eq!(flower["product_id"], FLOWER);
    assert_eq!(flower["product_configurable_fields"]["uom"], "GRAMS");
    assert_eq!(amount(&flower["pricing"]["price_sell"]), dec("35.99"));
    till.get(&format!("product/{NOWHERE}")).await.refused(400, "PRODUCT_NOT_FOUND");
    till.get("product/x").await.refused(400, "PRODUCT_NOT_FOUND");
    let edited =
        till.get("product/product_list/lastUpdated/after/2026-03-01T00:00:00.000-08:00").await.data();
    assert_eq!(edited["total_count"], 0);
    till.get("product/product_list/lastUpdated/after/2026-03-01T00:00:00Z")
        .await
        .refused(400, "INVALID_DATE_FORMAT");
    assert_eq!(till.get("location/list?sellable=true").await.data()[0]["name"], "FRONT OF HOUSE");
}

#[tokio::test]
async fn the_shown_quantity_counts_reserved_units_and_may_be_capped() {
    let till = Till::with(|config| config.sellable_cap = Some(30)).await;
    let shown = |reply: Value| reply["sellable_quantity"].clone();
    assert_eq!(shown(till.get(&format!("product/{GUMMIES}")).await.data()), 30);
    till.create(order(&[(LAST_ONE, 1)])).await.data();
    assert_eq!(shown(till.get(&format!("product/{LAST_ONE}")).await.data()), 1);
    let id = till.orders()[0].id.clone();
    till.handle.staff(&id, "complete").unwrap();
    assert_eq!(shown(till.get(&format!("product/{LAST_ONE}")).await.data()), 0);
}
