//! The pages in a real browser: a customer at the kiosk, staff at the board, the customer at home.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod pages_support;

use pages_support::browser::{Browser, is_installed};
use pages_support::host::Host;
use serde_json::json;

/// A name that must stay a name.
const HOSTILE: &str = "<img src=x onerror=document.title='owned'>";

const MENU_READY: &str = "document.querySelectorAll('.product .more:enabled').length > 2";

/// Puts two products into the basket and goes to the review.
async fn fill_basket(browser: &Browser, host: &Host) {
    browser.go(&host.page("/kiosk/treez", "kiosk")).await;
    browser.until(MENU_READY).await;
    assert_eq!(browser.run("return location.hash").await, "", "the token does not stay in the address");
    for name in ["Add Cellar Door 1 G", "Add Larkspur Haze 1 G"] {
        browser.click(&format!("[aria-label='{name}']")).await;
    }
    browser.until("document.querySelector('#bar-sum').textContent").await;
    assert_eq!(browser.text("#bar-count").await, "2 items");
    browser.click("#review").await;
}

async fn fill_form(browser: &Browser, first: &str, last: &str) {
    browser.fill("#first_name", first).await;
    browser.fill("#last_name", last).await;
    browser.fill("#birth_date", "1985-12-10").await;
    browser.fill("#phone", "4155550142").await;
}

/// Waits until the open order on the board stands so.
async fn until_status(browser: &Browser, word: &str) {
    browser.until(&format!("document.querySelector('#detail-status')?.textContent === '{word}'")).await;
}

/// Opens an order on the staff board.
async fn open_order(browser: &Browser, host: &Host, code: &str) {
    browser.go(&host.page("/staff/treez", "staff")).await;
    let card =
        format!("[...document.querySelectorAll('.open-it')].find((one) => one.textContent === '{code}')");
    browser.until(&format!("Boolean({card})")).await;
    browser.run(&format!("{card}.click()")).await;
    until_status(browser, "New").await;
}

/// Nothing that the policy refused, nothing uncaught.
async fn assert_quiet(browser: &Browser) {
    let bad = |line: &String| line.contains("Content Security") || line.contains("Uncaught");
    let complaints: Vec<String> = browser.complaints().await.into_iter().filter(bad).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_from_the_kiosk_over_the_board_to_its_customer() {
    if !is_installed() {
        return;
    }
    let host = Host::start();
    let browser = Browser::open(1080, 1920).await;

    fill_basket(&browser, &host).await;
    assert_eq!(browser.text("#sums dd.grand").await, "$30.88");
    browser.click("#submit").await;
    browser.until("document.querySelector('#first_name').ariaInvalid === 'true'").await;
    fill_form(&browser, "Ada", HOSTILE).await;
    browser.click("#submit").await;
    let code = browser.text("#code").await;
    assert_eq!(code.len(), 9, "{code}");
    assert_quiet(&browser).await;

    open_order(&browser, &host, &code).await;
    assert!(browser.text("#detail header").await.contains(HOSTILE));
    browser.click("[data-action=start]").await;
    until_status(&browser, "Picking").await;
    browser.click("[data-action=pick]").await;
    browser.click("[data-action=pack]:enabled").await;
    until_status(&browser, "Ready").await;
    browser.click("[data-action=complete]").await;
    browser.click("dialog [name=id_checked]").await;
    browser.click("dialog [data-submit]").await;
    until_status(&browser, "Completed").await;
    assert_quiet(&browser).await;

    browser.go(&format!("{}/track/{code}", host.base)).await;
    browser.until("document.querySelector('#state').dataset.status === 'COMPLETED'").await;
    assert!(browser.text("#hello").await.contains("Ada"));
    assert_ne!(browser.run("return document.title").await, "owned");
    assert_quiet(&browser).await;
}

/// The order arrives, its answer does not: the kiosk sends it again by itself, and there is one order.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_does_not_make_a_second_order() {
    if !is_installed() {
        return;
    }
    let host = Host::start();
    let browser = Browser::open(1440, 900).await;
    fill_basket(&browser, &host).await;
    fill_form(&browser, "Ada", "Byron").await;
    browser
        .run(
            "const real = window.fetch; window.keys = []; window.fetch = async (path, options) => {
               const answer = await real(path, options);
               const key = options.headers['Idempotency-Key'];
               if (key && window.keys.push(key) === 1) throw new TypeError('connection lost');
               return answer;
             }",
        )
        .await;
    browser.click("#submit").await;
    let code = browser.text("#code").await;
    assert_eq!(browser.run("return window.keys.length").await, 2);
    assert_eq!(browser.run("return new Set(window.keys).size").await, 1);
    assert!(browser.run("return sessionStorage.getItem('placing:treez')").await.is_null());
    let (_, list) = host.call(Some("staff"), "GET", "/api/v1/stores/treez/orders", None).await;
    assert_eq!(list["orders"].as_array().unwrap().len(), 1);
    assert_eq!(list["orders"][0]["code"], code);
}

/// A price problem is shown at the line it is about, a stale click is told and shows the newest state.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_shown_where_they_belong() {
    if !is_installed() {
        return;
    }
    let host = Host::start();
    let browser = Browser::open(1440, 900).await;
    fill_basket(&browser, &host).await;
    // The kiosk's menu is older than the store's: one of the products is gone.
    browser
        .run(
            "const real = window.fetch; window.fetch = (path, options) => real(path, { ...options,
               body: options.body?.replace(/24422850-abc3-4525-9567-e2fd4bd0adcb/, 'gone') })",
        )
        .await;
    browser.click("#lines .line:first-child .more").await;
    browser.until("document.querySelector('#lines .line.bad .error')?.textContent").await;
    assert!(browser.text("#lines .line.bad strong").await.contains("Larkspur Haze"));

    let order = json!({
        "customer": { "first_name": "Ada", "last_name": "Byron", "birth_date": "1985-12-10", "type": "adult" },
        "items": [{ "product_id": "24422850-abc3-4525-9567-e2fd4bd0adcb", "quantity": 1 }],
    });
    let path = "/api/v1/stores/treez/orders?wait_ms=20000";
    let (status, order) = host.call(Some("kiosk"), "POST", path, Some(order)).await;
    assert_eq!((status, &order["pos"]["state"]), (201, &json!("accepted")), "{order}");
    open_order(&browser, &host, order["code"].as_str().unwrap()).await;
    // A page out of sight does not ask, so what is shown is old by the time of the click.
    browser.run("Object.defineProperty(document, 'hidden', { get: () => true })").await;
    let version = &order["version"];
    let path = format!("/api/v1/orders/{}/actions", order["id"].as_str().unwrap());
    let start = json!({ "action": "start", "version": version });
    assert_eq!(host.call(Some("manager"), "POST", &path, Some(start)).await.0, 200);
    browser.click("[data-action=start]").await;
    browser.until("document.querySelector('.toast.bad')?.textContent.includes('Somebody else')").await;
    until_status(&browser, "Picking").await;
    assert_quiet(&browser).await;
}
