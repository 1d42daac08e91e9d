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

/// A simulator per vendor. `seed` decides what is in the stores; the ids they draw are fixed.
pub fn simulators(seed: &Seed, clock: &SimClock) -> Vec<DemoSimulator> {
    vec![demo("treez", 0, treez_hint(seed), TreezSim::new(treez_config(seed), seed, 1), clock)]
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
