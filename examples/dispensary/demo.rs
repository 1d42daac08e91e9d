//! The demo stores: the demo data on simulated POS systems.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono_tz::Tz;
use order_core::model::{
    Currency, LimitRules, NoticeSettings, Policy, PriceRules, ProductClass, Silent, StoreId, StoreRules,
    TaxRate,
};
use order_core::ports::{Clock, IdSource, SystemClock, SystemIds};
use order_examples::{DemoData, TREEZ_API_KEY, TREEZ_CLIENT_ID, simulators};
use pos_clients::sim::{SimClock, SimHandle, serve};
use pos_clients::treez::{Completion, TreezConfig};
use rust_decimal::Decimal;
use tokio::net::TcpListener;
use url::Url;

use crate::config::{PosSettings, StoreSettings};
use crate::host::Failure;

/// The first port of the simulators that run as a process of their own.
const SIMULATOR_PORT: u16 = 9101;

/// A simulator has no vendor's limits; the client's own limit must not slow the demo down.
const SIMULATOR_PACE: NonZeroU32 = NonZeroU32::MIN.saturating_add(999_999);

/// A simulator this host can look into.
#[derive(Debug, Clone)]
pub(crate) struct Register {
    /// Where its vendor API and its `/_sim` pages are.
    pub base: String,
}

/// The demo stores, and where their registers are.
#[derive(Debug)]
pub(crate) struct Demo {
    /// The stores.
    pub stores: Vec<StoreSettings>,
    /// The register of each store, by the store's id.
    pub registers: Vec<(StoreId, Register)>,
}

/// Sets the demo stores up: on the simulators of another process, or on embedded ones.
///
/// # Errors
/// [`Failure`] when the data is malformed or no port can be had.
pub(crate) async fn demo(simulators_host: Option<&str>) -> Result<Demo, Failure> {
    let data = DemoData::load().map_err(|error| Failure::Demo(error.to_string()))?;
    let clock: SimClock = Arc::new(|| SystemClock.now());
    let (mut stores, mut registers) = (Vec::new(), Vec::new());
    for simulator in simulators(&data.seed, SystemIds.random(), &clock) {
        let base = match simulators_host {
            Some(host) => format!("http://{host}:{}", SIMULATOR_PORT + simulator.port_offset),
            None => format!("http://{}", embed(simulator.handle).await?),
        };
        let id = StoreId::new(simulator.vendor).map_err(|error| Failure::Demo(error.to_string()))?;
        stores.push(store(&data, id.clone(), simulator.vendor, &base)?);
        registers.push((id, Register { base }));
    }
    Ok(Demo { stores, registers })
}

async fn embed(handle: SimHandle) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(Failure::Simulator)?;
    let address = listener.local_addr().map_err(Failure::Simulator)?;
    tokio::spawn(serve(listener, handle));
    Ok(address)
}

fn store(data: &DemoData, id: StoreId, vendor: &str, base: &str) -> Result<StoreSettings, Failure> {
    let seed = &data.seed;
    let malformed = |error: String| Failure::Demo(error);
    let currency: Currency = seed.store.currency.parse().map_err(|_| malformed("currency".to_owned()))?;
    let time_zone: Tz = seed.store.time_zone;
    let taxes = seed.taxes.iter();
    Ok(StoreSettings {
        name: format!("{} ({vendor})", seed.store.name),
        time_zone,
        currency,
        address: Some("1 Main Street".to_owned()),
        taxes: taxes
            .map(|tax| TaxRate { name: tax.name.clone(), rate: tax.rate, categories: Vec::new() })
            .collect(),
        policy: Policy::default(),
        notices: NoticeSettings {
            staff: vec![format!("staff@{id}.example").as_str().into()],
            managers: vec![format!("manager@{id}.example").as_str().into()],
            ..NoticeSettings::default()
        },
        rules: rules(),
        pos: pos(vendor, &seed.store.slug, base)?,
        id,
    })
}

/// Limits of the kind that count each purchase by itself, so that the demo can be played over and over.
fn rules() -> StoreRules {
    let jurisdiction = "us-mi".to_owned();
    StoreRules {
        prices: PriceRules { tolerance: Some(Decimal::new(50, 2)), ..PriceRules::default() },
        limits: LimitRules {
            jurisdictions: vec![jurisdiction.clone()],
            confirmed: BTreeSet::from([jurisdiction]),
            silent: Silent::Allow,
            classes: BTreeMap::from([("plant".to_owned(), ProductClass::ImmaturePlant)]),
            ..LimitRules::default()
        },
        ..StoreRules::default()
    }
}

fn pos(vendor: &str, slug: &str, base: &str) -> Result<PosSettings, Failure> {
    match vendor {
        "treez" => {
            let address = format!("{base}/v2.0/dispensary/{slug}");
            let address: Url = address.parse().map_err(|_| Failure::Usage("not a host: --simulators"))?;
            let config = TreezConfig::new(slug, TREEZ_CLIENT_ID, TREEZ_API_KEY)
                .with_base_url(address)
                .with_requests_per_second(SIMULATOR_PACE)
                // The simulator lists a ticket as soon as it has it, so a whole search without it proves that it
                // never arrived. Treez itself does not promise that; there it stays off unless you know better.
                .with_repost_after_absent(true)
                // Nobody stands at a simulated register, so hand-over here completes the sale there too.
                .with_completion(Completion::ByApi { payment_method: "CASH".to_owned() });
            Ok(PosSettings::Treez(config))
        }
        other => Err(Failure::Demo(format!("no demo settings for {other}"))),
    }
}
