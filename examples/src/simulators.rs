use pos_clients::sim::seed::Seed;
use pos_clients::sim::{SimClock, SimHandle, Simulator};
use pos_clients::treez::sim::{TreezSim, TreezSimConfig};

/// The client id the demo store expects. Not a secret: it opens nothing but a simulator.
pub const TREEZ_CLIENT_ID: &str = "acme-kiosk-demo";
/// The API key the demo store expects. Not a secret: it opens nothing but a simulator.
pub const TREEZ_API_KEY: &str = "demo-api-key-green-oak";

/// The simulated POS of one vendor, with the demo store in it.
#[derive(Debug)]
pub struct DemoSimulator {
    /// The vendor's name, the same as its feature.
    pub vendor: &'static str,
    /// Its port, counted from the first simulator's.
    pub port_offset: u16,
    /// What a client of it needs to know, for people.
    pub hint: String,
    /// The simulator itself.
    pub handle: SimHandle,
}

/// A simulator per vendor. `seed` decides what is in the stores, `prng_seed` which ids they draw.
///
/// A simulator forgets its orders when it ends, so a host that remembers them must start the next one with another
/// `prng_seed`: the same one would hand out the ids of the forgotten orders again.
pub fn simulators(seed: &Seed, prng_seed: u64, clock: &SimClock) -> Vec<DemoSimulator> {
    vec![demo("treez", 0, treez_hint(seed), TreezSim::new(treez_config(seed), seed, prng_seed), clock)]
}

/// What the simulated Treez store expects of its clients.
pub fn treez_config(seed: &Seed) -> TreezSimConfig {
    TreezSimConfig::new(seed.store.slug.as_str(), TREEZ_CLIENT_ID, TREEZ_API_KEY)
}

fn treez_hint(seed: &Seed) -> String {
    format!("/v2.0/dispensary/{}  client_id {TREEZ_CLIENT_ID}  apikey {TREEZ_API_KEY}", seed.store.slug)
}

fn demo(
    vendor: &'static str,
    port_offset: u16,
    hint: String,
    simulator: impl Simulator + 'static,
    clock: &SimClock,
) -> DemoSimulator {
    let handle = SimHandle::new(simulator, clock.clone(), u64::from(port_offset));
    DemoSimulator { vendor, port_offset, hint, handle }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use pos_clients::sim::Outcome;
    use serde_json::{Value, json};

    use super::*;
    use crate::{DemoCustomer, DemoData};

    const BASE: &str = "http://pos.invalid/v2.0/dispensary/green-oak";

    fn ask(handle: &SimHandle, token: Option<&str>, path: &str, kind: &str, body: String) -> Value {
        let request = http::Request::post(format!("{BASE}/{path}"))
            .header("authorization", token.unwrap_or_default())
            .header("client_id", TREEZ_CLIENT_ID)
            .header("content-type", kind)
            .body(Bytes::from(body))
            .unwrap();
        let Outcome::Answer(response) = handle.complete(request, None) else { panic!("no answer") };
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(answer["resultCode"], "SUCCESS", "{answer}");
        answer
    }

    #[test]
    fn the_treez_simulator_takes_all_demo_orders_in_sequence() {
        let data = DemoData::load().unwrap();
        let now = "2026-03-02T18:00:00Z".parse().unwrap();
        let clock: SimClock = Arc::new(move || now);
        let all = simulators(&data.seed, 1, &clock);
        let handle = &all.iter().find(|simulator| simulator.vendor == "treez").unwrap().handle;
        let form = format!("client_id={TREEZ_CLIENT_ID}&apikey={TREEZ_API_KEY}");
        let answer = ask(handle, None, "config/api/gettokens", "application/x-www-form-urlencoded", form);
        let token = answer["access_token"].as_str();
        for order in &data.orders {
            let customer = match &order.customer {
                DemoCustomer::Known(place) => data.seed.customers.get(*place).unwrap().id.to_string(),
                DemoCustomer::New(new) => {
                    let mut body = serde_json::to_value(new).unwrap();
                    let kind = body.as_object_mut().unwrap().remove("type").unwrap();
                    body["patient_type"] = json!(kind.as_str().unwrap().to_uppercase());
                    let birthday = body.as_object_mut().unwrap().remove("birth_date").unwrap();
                    body["birthday"] = birthday;
                    let created =
                        ask(handle, token, "customer/detailcustomer", "application/json", body.to_string());
                    created["data"]["customer_id"].as_str().unwrap().to_owned()
                }
            };
            let items: Vec<Value> = order
                .items
                .iter()
                .map(|item| json!({"size_id": item.product_id, "quantity": item.quantity}))
                .collect();
            let body = json!({
                "type": "PICKUP", "order_source": "KIOSK", "order_status": "AWAITING_PROCESSING",
                "revenue_source": "Demo", "customer_id": customer, "ticket_note": order.note, "items": items,
            });
            ask(handle, token, "ticket/detailticket", "application/json", body.to_string());
        }
        assert_eq!(handle.orders().len(), 30);
    }
}
