//! The menu, placing, finding and following orders.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::shape::{STORE, check_order, id, ids, money, pos_state, stranger, time};
use crate::support::products::{FLOWER, GUMMIES, PAPERS, PRE_ROLL, SELTZER};
use crate::support::{Dispensary, draft};

const ORDERS: &str = "/api/v1/stores/treez/orders";

#[tokio::test(flavor = "multi_thread")]
async fn menu_and_quote_show_prices_and_store_nothing() {
    let host = Dispensary::demo().await;
    let kiosk = host.client("kiosk", STORE);
    let menu = kiosk.get("/api/v1/stores/treez/products").await;
    assert_eq!(menu.status, 200);
    let menu = menu.json();
    assert_eq!(menu["currency"], "USD");
    let products = menu["products"].as_array().unwrap();
    assert_eq!(products.len(), 64);
    for product in products {
        money(&product["price"]);
    }
    let flower = products.iter().find(|product| product["id"] == FLOWER).unwrap();
    assert_eq!(flower["price"], "12.00");
    assert_eq!(flower["category"], "flower");
    assert_eq!(flower["stock"]["quantity"].as_str().unwrap().parse::<Decimal>().unwrap(), Decimal::from(140));
    time(&flower["stock"]["as_of"]);

    let mut basket = draft(FLOWER, 2);
    basket["items"].as_array_mut().unwrap().push(json!({ "product_id": PAPERS, "quantity": 1 }));
    let quote = kiosk.post("/api/v1/stores/treez/quote", &basket).await;
    assert_eq!(quote.status, 200, "{}", quote.text);
    let quote = quote.json();
    assert_eq!(money(&quote["totals"]["subtotal"]), "27.25".parse().unwrap());
    let net = money(&quote["totals"]["subtotal"]) - money(&quote["totals"]["discount"]);
    assert_eq!(money(&quote["totals"]["total"]), net + money(&quote["totals"]["tax"]));
    assert_eq!((&quote["source"], &quote["estimate"]), (&json!("pos"), &json!(false)));
    assert_eq!(quote["items"].as_array().unwrap().len(), 2);
    assert_eq!(host.count(&host.client("manager", STORE), STORE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_order() {
    let host = Dispensary::demo().await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    let first = kiosk.submit(STORE, "tap-1", &draft(FLOWER, 2)).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let placed = first.json();
    check_order(&placed);
    assert_eq!(first.headers["location"], format!("/api/v1/orders/{}", id(&placed)));
    assert_eq!(
        (&placed["status"], &placed["payment"], &placed["store"], &placed["version"]),
        (&json!("AWAITING_PROCESSING"), &json!("unpaid"), &json!("treez"), &json!(1))
    );
    assert_eq!(placed["customer"]["phone"], "4155550101");
    for _ in 0..2 {
        let again = kiosk.submit(STORE, "tap-1", &draft(FLOWER, 2)).await;
        assert_eq!(again.status, 200, "{}", again.text);
        let mut theirs = again.json();
        // The POS may have told us its id of the customer meanwhile.
        theirs["customer"].as_object_mut().unwrap().remove("id");
        for field in ["id", "code", "version", "status", "items", "totals", "customer", "created_at"] {
            assert_eq!(theirs[field], placed[field], "{field}");
        }
    }
    // Twenty at once under one key.
    let basket = draft(PRE_ROLL, 1);
    let taps = (0..20).map(|_| kiosk.submit(STORE, "tap-2", &basket));
    let answers = futures_util::future::join_all(taps).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 19);
    assert_eq!(answers.iter().map(|answer| id(&answer.json())).collect::<BTreeSet<_>>().len(), 1);

    let waited = kiosk.accepted(STORE, "tap-3", &draft(GUMMIES, 1)).await;
    assert!(waited["pos"]["id"].is_string() && waited["pos"]["number"].is_string(), "{waited}");
    assert_eq!(waited["pos"]["status"], "AWAITING_PROCESSING");
    assert_eq!(host.count(&staff, STORE).await, 3);
    // A kiosk has the orders placed at it, and only those.
    assert_eq!(kiosk.order(&id(&waited)).await["id"], waited["id"]);
    let other = host.token_with(&["--role", "kiosk", "--store", STORE, "--kiosk", "kiosk-2"]);
    let answer = kiosk.with_token(&other).get(&format!("/api/v1/orders/{}", id(&waited))).await;
    answer.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filter_sort_page_and_count() {
    let host = Dispensary::demo().await;
    let (kiosk, staff) = (host.client("kiosk", STORE), host.client("staff", STORE));
    let mut placed = Vec::new();
    for (at, product) in [FLOWER, PRE_ROLL, GUMMIES, SELTZER, PAPERS, FLOWER, FLOWER].into_iter().enumerate()
    {
        placed.push(kiosk.accepted(STORE, &format!("list-{at}"), &draft(product, 1)).await);
    }
    let placed_ids: Vec<String> = placed.iter().map(id).collect();
    let refused = kiosk.submit(STORE, "list-refused", &stranger()).await.json();
    pos_state(&staff, &id(&refused), "attention").await;
    staff.step(&placed_ids[0], "start", json!({}), "IN_PROCESS").await;
    staff.step(&placed_ids[1], "cancel", json!({ "reason": "test" }), "CANCELED").await;

    let list = async |query: &str| {
        let answer = staff.get(&format!("{ORDERS}?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        answer.json()
    };
    let all = list("").await;
    all["orders"].as_array().unwrap().iter().for_each(check_order);
    assert_eq!(all["counts"], json!({ "AWAITING_PROCESSING": 6, "IN_PROCESS": 1, "CANCELED": 1 }));
    assert!(all.get("next_cursor").is_none());
    assert_eq!(ids(&all)[0], id(&refused), "the newest first");
    assert_eq!(ids(&list("sort=oldest").await)[..7], placed_ids[..]);

    assert_eq!(ids(&list("status=IN_PROCESS").await), [placed_ids[0].clone()]);
    assert_eq!(ids(&list("status=IN_PROCESS,CANCELED").await).len(), 2);
    // Counts do not narrow with the status filter, so that a board can show its tabs.
    assert_eq!(list("status=IN_PROCESS").await["counts"], all["counts"]);
    assert_eq!(ids(&list("pos=attention").await), [id(&refused)]);
    assert_eq!(ids(&list("attention=true").await), [id(&refused)]);
    assert_eq!(ids(&list("attention=false").await).len(), 7);
    let code = refused["code"].as_str().unwrap();
    assert_eq!(ids(&list(&format!("q={code}")).await), [id(&refused)]);
    assert_eq!(ids(&list("q=barrow").await), [id(&refused)]);
    assert_eq!(ids(&list("q=gummies").await), [placed_ids[2].clone()]);
    assert_eq!(ids(&list("q=no+such+thing").await), Vec::<String>::new());
    let from = placed[3]["created_at"].as_str().unwrap();
    assert_eq!(ids(&list(&format!("from={from}")).await).len(), 5);
    assert_eq!(ids(&list(&format!("to={from}")).await).len(), 3);
    assert_eq!(ids(&list(&format!("from={from}&to={from}")).await).len(), 0);

    // By the latest change the order may still be moving, for messages are being sent.
    for sort in ["newest", "oldest"] {
        let whole = ids(&list(&format!("sort={sort}")).await);
        let mut paged = Vec::new();
        let mut cursor = String::new();
        for _ in 0..whole.len() {
            let page = list(&format!("sort={sort}&limit=3&cursor={cursor}")).await;
            assert!(ids(&page).len() <= 3);
            assert_eq!(page["counts"], all["counts"]);
            paged.extend(ids(&page));
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(paged, whole, "{sort}");
    }
    let updated = list("sort=updated").await;
    let times: Vec<_> =
        updated["orders"].as_array().unwrap().iter().map(|order| time(&order["updated_at"])).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_follows_the_order_by_its_code() {
    let host = Dispensary::demo().await;
    let (kiosk, anybody) = (host.client("kiosk", STORE), host.anybody());
    let order = kiosk.accepted(STORE, "track", &draft(FLOWER, 1)).await;
    let code = order["code"].as_str().unwrap();
    for spoken in [code.to_owned(), code.to_lowercase(), code.replace('-', "")] {
        let seen = anybody.get(&format!("/api/v1/track/{spoken}")).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let shown: Value = seen.json();
        assert_eq!(shown["called"], "Ada B.");
        assert_eq!(shown["status"], "AWAITING_PROCESSING");
        assert_eq!(shown["totals"], order["totals"]);
        for private in ["Byron", "4155550101", "ada.byron", "1990-12-10", "kiosk-1"] {
            assert!(!seen.text.contains(private), "{private}: {}", seen.text);
        }
        for internal in ["pos", "id", "customer", "version", "picker"] {
            assert!(shown.get(internal).is_none(), "{internal}");
        }
    }
    for nothing in ["ZZZZ-ZZZZ", "ZZZZ", "ZZZZ-ZZZZ-Z", "UUUU-UUUU"] {
        anybody.get(&format!("/api/v1/track/{nothing}")).await.problem(404, "not-found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_readiness_need_no_token() {
    let host = Dispensary::demo().await;
    let anybody = host.anybody();
    assert_eq!(anybody.get("/healthz").await.json()["status"], "ok");
    let ready = anybody.get("/readyz").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json()["outbox"]["waiting"], 0);
}
