//! What the kiosk refuses, told on the tour: one order of every family of problems, each with every reason at once.

use http::StatusCode;
use order_core::rules::codes;
use order_examples::DemoData;
use pos_clients::sim::seed::SeedCategory;
use serde_json::{Value, json};

use crate::host::Failure;

/// An order that must not be sold.
struct Wrong {
    /// What is wrong with it, as the tour tells it.
    told: &'static str,
    /// The order.
    draft: Value,
    /// Every problem it has: code and path.
    expected: Vec<(&'static str, &'static str)>,
}

/// Somebody who may order at the kiosk, and somebody who may pause it.
pub(crate) struct Refusals<'a> {
    pub(crate) http: &'a reqwest::Client,
    /// The address of the store's part of the API.
    pub(crate) store: String,
    pub(crate) kiosk: &'a str,
    pub(crate) manager: &'a str,
    pub(crate) data: &'a DemoData,
    /// An order that is good.
    pub(crate) good: &'a Value,
}

impl Refusals<'_> {
    /// Places every wrong order and sees it refused, for the reasons it should be refused for.
    ///
    /// # Errors
    /// [`Failure::Tour`] names the one that was taken, or refused for something else.
    pub(crate) async fn play(&self) -> Result<(), Failure> {
        for wrong in self.wrong()? {
            self.refused(&wrong).await?;
        }
        let pause = format!("{}/pause", self.store);
        self.send(self.http.post(&pause).json(&json!({})), self.manager).await?;
        let paused = Wrong {
            told: "while a manager has paused the store",
            draft: self.good.clone(),
            expected: vec![(codes::STORE_PAUSED, "store")],
        };
        self.refused(&paused).await?;
        self.send(self.http.delete(&pause), self.manager).await?;
        Ok(())
    }

    fn wrong(&self) -> Result<Vec<Wrong>, Failure> {
        let sizes = || self.data.seed.sizes();
        let missing = || Failure::Demo("a size that the tour needs is not there".to_owned());
        let (_, gone) = sizes().find(|(_, size)| size.stock == 0).ok_or_else(missing)?;
        let (_, ounce) = sizes()
            .find(|(product, size)| {
                product.category == SeedCategory::Flower && size.size == "28 g" && size.stock > 3
            })
            .ok_or_else(missing)?;
        let with = |place: &str, value: Value| {
            let mut draft = self.good.clone();
            draft[place] = value;
            draft
        };
        let mut young = self.good.clone();
        young["customer"]["birth_date"] = json!("2010-01-01");
        let mut all = young.clone();
        all["items"] = json!([
            { "product_id": ounce.id, "quantity": 3 },
            { "product_id": gone.id, "quantity": 1 },
            { "product_id": "no-such-product", "quantity": 0 },
        ]);
        all["customer"]["phone"] = json!("555");
        Ok(vec![
            Wrong {
                told: "of somebody who is not 21",
                draft: young,
                expected: vec![(codes::UNDERAGE, "customer.birth_date")],
            },
            Wrong {
                told: "of what is sold out",
                draft: with("items", json!([{ "product_id": gone.id, "quantity": 1 }])),
                expected: vec![(codes::OUT_OF_STOCK, "items.0.quantity")],
            },
            Wrong {
                told: "of three ounces of flower",
                draft: with("items", json!([{ "product_id": ounce.id, "quantity": 3 }])),
                expected: vec![(codes::LIMIT_EXCEEDED, "items.0.quantity")],
            },
            Wrong {
                told: "at a price that has changed",
                draft: with("expected_total", json!("0.50")),
                expected: vec![(codes::PRICE_CHANGED, "expected_total")],
            },
            Wrong {
                told: "with everything wrong at once",
                draft: all,
                expected: vec![
                    (codes::INVALID_PHONE, "customer.phone"),
                    (codes::UNDERAGE, "customer.birth_date"),
                    (codes::OUT_OF_STOCK, "items.1.quantity"),
                    (codes::QUANTITY_NOT_POSITIVE, "items.2.quantity"),
                    (codes::LIMIT_EXCEEDED, "items"),
                ],
            },
        ])
    }

    async fn refused(&self, wrong: &Wrong) -> Result<(), Failure> {
        println!("kiosk    an order {} is refused:", wrong.told);
        let failed = |what: String| Failure::Tour(format!("an order {}: {what}", wrong.told));
        let orders = self.http.post(format!("{}/orders", self.store)).json(&wrong.draft);
        let key = format!("tour-refused {}", wrong.told).replace(' ', "-");
        let answer = orders.header("Idempotency-Key", key).bearer_auth(self.kiosk).send().await;
        let answer = answer.map_err(|error| failed(error.to_string()))?;
        let status = answer.status();
        let body: Value = answer.json().await.map_err(|error| failed(error.to_string()))?;
        let errors = body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        for error in errors {
            let text = |name: &str| error[name].as_str().unwrap_or("-");
            println!("           {:<22} {:<22} {}", text("code"), text("path"), text("message"));
        }
        let found =
            |(code, path): &(&str, &str)| errors.iter().any(|e| e["code"] == *code && e["path"] == *path);
        let whole = errors.len() == wrong.expected.len() && wrong.expected.iter().all(found);
        match (status, whole) {
            (StatusCode::UNPROCESSABLE_ENTITY, true) => Ok(()),
            (StatusCode::UNPROCESSABLE_ENTITY, false) => Err(failed("refused for other reasons".to_owned())),
            (other, _) => Err(failed(format!("answered with {other}"))),
        }
    }

    async fn send(&self, request: reqwest::RequestBuilder, token: &str) -> Result<(), Failure> {
        let failed = |error: reqwest::Error| Failure::Tour(error.to_string());
        let answer = request.bearer_auth(token).send().await.map_err(failed)?;
        answer.error_for_status().map(|_| ()).map_err(failed)
    }
}
