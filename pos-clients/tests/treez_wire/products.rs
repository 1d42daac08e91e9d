//! The menu, page by page.

use order_core::ports::{PosErrorKind, ProductSource};
use serde_json::json;

use crate::support::{FLOWER, Kit, MINTS, success};

fn path(page: u32) -> String {
    format!("/product/product_list?page={page}&include_discounts=FALSE")
}

#[tokio::test]
async fn pages_follow_each_other_until_one_is_empty() {
    let mut kit = Kit::with(|config| config.with_sellable_cap(30)).await;
    let flower = json!({
        "product_id": FLOWER, "product_status": "ACTIVE", "sellable_quantity": 30, "category_type": "FLOWER",
        "product_configurable_fields": {"name": "BLUE DREAM", "brand": "ACME", "size": "3.5 G", "amount": 3.5,
            "uom": "GRAMS", "total_mg_thc": 700, "total_mg_cbd": null},
        "pricing": {"price_type": "FLAT", "price_sell": 35.5}, "e_commerce": {"hide_from_menu": false},
        "sellable_quantity_detail": [{"inventory_type": "ADULT"}, {"inventory_type": "MEDICAL"}]
    });
    let mints = json!({"product_id": MINTS, "category_type": "EDIBLE", "sellable_quantity": "4",
        "sellable_quantity_detail": {"inventory_type": "MEDICAL"}, "product_configurable_fields": {"name": "MINTS"}, "pricing": {"price_type": "TIER", "price_sell": null}});
    let first = json!({"product_list": [flower, mints, {"no": "id"}], "page_count": 3, "total_count": 3});
    kit.on("GET", &path(1), 200, &success(&first)).await;
    kit.on("GET", &path(2), 200, &success(&json!({"product_list": [], "page_count": 0, "total_count": 0})))
        .await;

    let page = kit.treez.products(None).await.unwrap();
    assert_eq!(page.next.as_deref(), Some("2"));
    let [flower, mints] = &page.products[..] else { panic!("two products") };
    assert_eq!((flower.name.as_str(), flower.category.as_str()), ("BLUE DREAM", "flower"));
    assert_eq!((flower.price.to_string().as_str(), flower.published), ("35.50", true));
    assert_eq!(flower.content.weight_grams, Some("3.5".parse().unwrap()));
    let stock = flower.stock.unwrap();
    assert!(stock.at_least && stock.as_of.to_rfc3339() == "2026-03-02T18:00:00+00:00");
    assert!(!flower.medical_only && mints.medical_only);
    assert!(!mints.published && !mints.stock.unwrap().at_least);

    let last = kit.treez.products(page.next.as_deref()).await.unwrap();
    assert!(last.products.is_empty() && last.next.is_none());
}

#[tokio::test]
async fn a_foreign_cursor_is_refused() {
    let kit = Kit::bare(|config| config).await;
    for cursor in ["", "0", "-1", "x", "2&active=ALL"] {
        let error = kit.treez.products(Some(cursor)).await.unwrap_err();
        assert_eq!(error.kind(), PosErrorKind::InvalidRequest, "{cursor:?}");
    }
}
