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
    // The price of both, not of the first.
    browser.until("document.querySelector('#sums:not(.stale) dd.grand') && document.querySelector('#bar-sum').textContent").await;
    assert_eq!(browser.text("#bar-count").await, "2 items");
    browser.click("#review").await;
}

async fn fill_form(browser: &Browser, first: &str, last: &str) {
    fill_form_of(browser, first, last, "1985-12-10").await;
}

async fn fill_form_of(browser: &Browser, first: &str, last: &str, born: &str) {
    browser.fill("#first_name", first).await;
    browser.fill("#last_name", last).await;
    browser.fill("#birth_date", born).await;
    browser.fill("#phone", "4155550142").await;
}

/// Waits until the open order on the board stands so.
async fn until_status(browser: &Browser, word: &str) {
    browser.until(&format!("document.querySelector('#detail-status')?.textContent === '{word}'")).await;
}

/// Opens an order on the staff board.
async fn open_order(browser: &Browser, host: &Host, code: &str) {
    open_order_as(browser, host, "staff", code).await;
}

async fn open_order_as(browser: &Browser, host: &Host, role: &str, code: &str) {
    browser.go(&host.page("/staff/treez", role)).await;
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
    // A manager is faster by one call, however often the page looks: between the click and what it sends.
    let manager = json!(format!("Bearer {}", host.token("manager")));
    browser
        .run(&format!(
            "const real = window.fetch; let first = true; window.fetch = async (path, options) => {{
               if (first && options?.method === 'POST') {{ first = false;
                 await real(path, {{ ...options, headers: {{ ...options.headers, Authorization: {manager} }} }}); }}
               return real(path, options); }}"
        ))
        .await;
    browser.click("[data-action=start]").await;
    browser.until("document.querySelector('.toast.bad')?.textContent.includes('Somebody else')").await;
    until_status(&browser, "Picking").await;
    assert_quiet(&browser).await;
}

/// Too much is said at the line or above the sums, with the price all the same; what still fits is said too.
#[tokio::test(flavor = "multi_thread")]
async fn over_the_limit_the_kiosk_says_so_and_keeps_the_price() {
    if !is_installed() {
        return;
    }
    let host = Host::start();
    let browser = Browser::open(1080, 1920).await;
    browser.go(&host.page("/kiosk/treez", "kiosk")).await;
    browser.until(MENU_READY).await;
    for _ in 0..3 {
        browser.click("[aria-label='Add Larkspur Haze 28 G']").await;
    }
    browser.until("document.querySelector('#bar-note.bad')?.textContent === 'Over the purchase limit'").await;
    browser.click("#review").await;
    // Three ounces: the law's limit, at the line.
    browser
        .until("document.querySelector('#lines .line.bad .error')?.textContent.includes('take out')")
        .await;
    assert!(browser.text("#limit-list .limit.over .num").await.starts_with("84 of "));
    assert_eq!(browser.text("#sums dd.grand").await, "$889.20");
    // Two: the register's limit, which is stricter and about the basket as a whole.
    browser.click("#lines .less").await;
    browser.until("document.querySelector('#basket-error:not([hidden])')?.textContent.includes('one customer may buy')").await;
    browser.until("!document.querySelector('#lines .line.bad')").await;
    assert_eq!(browser.text("#sums dd.grand").await, "$592.80");
    // One fits, and says what else does.
    browser.click("#lines .less").await;
    browser.until("document.querySelector('#basket-error').hidden").await;
    browser
        .until("/You may add .+ g of flower/.test(document.querySelector('#limit-list').textContent)")
        .await;
    assert_eq!(browser.text("#sums dd.grand").await, "$296.40");
    assert_quiet(&browser).await;
}

/// Staff pause the kiosks; a customer sees why, may look around, and may order as soon as they are served again.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_seen_at_the_kiosk() {
    if !is_installed() {
        return;
    }
    let host = Host::start();
    let browser = Browser::open(1440, 900).await;
    browser.go(&host.page("/staff/treez", "staff")).await;
    browser.click("#pause").await;
    browser.click("dialog [data-submit]").await;
    browser.until("document.querySelector('#paused:not([hidden])')?.textContent === 'Kiosks paused'").await;
    assert_eq!(browser.text("#pause").await, "Take orders again");

    fill_basket(&browser, &host).await;
    browser
        .until("document.querySelector('#paused:not([hidden])')?.textContent.includes('short break')")
        .await;
    assert_eq!(browser.text("#sums dd.grand").await, "$30.88");
    fill_form(&browser, "Ada", "Byron").await;
    browser.click("#submit").await;
    browser
        .until("document.querySelector('#submit-error:not([hidden])')?.textContent.includes('short break')")
        .await;

    let pause = "/api/v1/stores/treez/pause";
    assert_eq!(host.call(Some("staff"), "DELETE", pause, None).await.0, 200);
    browser.click("#lines .more").await;
    browser.until("document.querySelector('#paused').hidden").await;
    // A tap before the new price is shown would be asked about it.
    browser.until("document.querySelector('#sums:not(.stale) dd.grand')").await;
    browser.click("#submit").await;
    assert_eq!(browser.text("#code").await.len(), 9);
    assert_quiet(&browser).await;
}

/// Who orders is nobody's business while they shop, and is told next to the field once they have said it.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_too_young_is_told_next_to_the_birth_date() {
    if !is_installed() {
        return;
    }
    let host = Host::start();
    let browser = Browser::open(1440, 900).await;
    fill_basket(&browser, &host).await;
    browser.until("document.querySelector('#sums dd.grand')").await;
    let told = "[...document.querySelectorAll('#review-screen :is(.error, [role=alert])')].map((one) => one.textContent).join('').trim()";
    assert_eq!(browser.run(&format!("return {told}")).await, "");
    assert!(
        !browser
            .run("return document.querySelector('#bar-note').classList.contains('bad')")
            .await
            .as_bool()
            .unwrap()
    );
    fill_form_of(&browser, "Ada", "Byron", "2015-12-10").await;
    browser.click("#submit").await;
    let next_to_it = "document.querySelector('[data-error=\"customer.birth_date\"]').textContent";
    browser.until(&format!("{next_to_it}.includes('21')")).await;
    assert_eq!(browser.run("return document.activeElement.id").await, "birth_date");
    // The basket itself is fine, also now that its price is asked for this customer.
    browser.until("document.querySelector('#sums:not(.stale) dd.grand')").await;
    assert_eq!(browser.run("return document.querySelector('#basket-error').hidden").await, true);
    browser.run("document.querySelector('#birth_date').value = ''").await;
    browser.fill("#birth_date", "1985-12-10").await;
    assert_eq!(browser.run(&format!("return {next_to_it}")).await, "");

    // A card is asked for where one is needed.
    assert_eq!(browser.run("return document.querySelector('#card').hidden").await, true);
    browser.run("document.querySelector('[name=type][value=caregiver]').click()").await;
    browser.fill("#medical_card", "MC-1").await;
    browser.fill("#medical_card_expires", "2020-01-31").await;
    browser.click("#submit").await;
    browser
        .until("document.querySelector('[data-error=\"customer.medical_card_expires\"]').textContent")
        .await;
    browser.run("document.querySelector('[name=type][value=adult]').click()").await;
    browser.click("#submit").await;
    assert_eq!(browser.text("#code").await.len(), 9);
    assert_quiet(&browser).await;
}

/// A total that has moved is shown and asked about; the next tap agrees to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_has_changed_is_asked_about() {
    if !is_installed() {
        return;
    }
    let host = Host::start();
    let browser = Browser::open(1440, 900).await;
    fill_basket(&browser, &host).await;
    fill_form(&browser, "Ada", "Byron").await;
    browser.until("document.querySelector('#sums:not(.stale) dd.grand')").await;
    // The page holds an old price.
    browser
        .run(
            "const real = window.fetch; window.agreed = []; window.fetch = (path, options) => {
               if (!options.headers['Idempotency-Key']) return real(path, options);
               window.agreed.push(JSON.parse(options.body).expected_total);
               const body = window.agreed.length > 1 ? options.body : options.body.replace('30.88', '20.88');
               return real(path, { ...options, body });
             }",
        )
        .await;
    browser.click("#submit").await;
    browser
        .until("document.querySelector('#submit-error:not([hidden])')?.textContent.includes('new total')")
        .await;
    browser.click("#submit").await;
    assert_eq!(browser.text("#code").await.len(), 9);
    assert_eq!(browser.run("return window.agreed").await, json!(["30.88", "30.88"]));
    assert_quiet(&browser).await;
}

/// What only a limit of the store's own stands against, a manager may let pass and staff may not.
#[tokio::test(flavor = "multi_thread")]
async fn a_manager_lets_a_limit_of_the_store_pass() {
    if !is_installed() {
        return;
    }
    let host = Host::start();
    let browser = Browser::open(1440, 900).await;
    let order = json!({
        "customer": { "first_name": "Ada", "last_name": "Byron", "birth_date": "1985-12-10", "type": "adult" },
        "items": [{ "product_id": "24422850-abc3-4525-9567-e2fd4bd0adcb", "quantity": 1 }],
    });
    let path = "/api/v1/stores/treez/orders?wait_ms=20000";
    let (_, order) = host.call(Some("kiosk"), "POST", path, Some(order)).await;
    let code = order["code"].as_str().unwrap();
    // The demo store has no soft limit: the page is told of one.
    let limited = "const real = window.fetch; window.asked = []; window.fetch = async (path, options) => {
         const body = JSON.parse(options.body ?? '{}');
         if (body.action !== 'pack') return real(path, options);
         window.asked.push(body);
         const errors = [{ code: 'limit_exceeded_soft', path: 'items.0.quantity', message: 'one gram is enough' }];
         const refusal = JSON.stringify({ type: '/problems/invalid', title: 'no', status: 422, errors });
         return body.override ? real(path, options) : new Response(refusal, { status: 422 });
       }";
    open_order_as(&browser, &host, "staff", code).await;
    browser.click("[data-action=start]").await;
    until_status(&browser, "Picking").await;
    browser.click("[data-action=pick]").await;
    browser.until("document.querySelector('[data-action=pack]:enabled')").await;
    browser.run(limited).await;
    browser.click("[data-action=pack]").await;
    browser.until("document.querySelector('.toast.bad')?.textContent.includes('Only a manager')").await;

    browser.run("sessionStorage.clear()").await;
    browser.go(&host.page("/staff/treez", "manager")).await;
    browser.run("location.reload()").await;
    browser.until(&format!("document.querySelector('.open-it')?.textContent === '{code}'")).await;
    browser.run("document.querySelector('.open-it').click()").await;
    browser.until("document.querySelector('[data-action=pack]:enabled')").await;
    browser.run(limited).await;
    browser.click("[data-action=pack]").await;
    browser.until("document.querySelector('dialog')?.textContent.includes('one gram is enough')").await;
    browser.fill("dialog [name=note]", "birthday").await;
    browser.click("dialog [data-submit]").await;
    until_status(&browser, "Ready").await;
    let last = browser.run("return window.asked.at(-1)").await;
    assert_eq!((&last["override"], &last["note"]), (&json!(true), &json!("birthday")));
    assert_quiet(&browser).await;
}
