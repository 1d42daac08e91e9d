//! Runs every vendor's simulator as its own process, with the demo store in it.
//!
//! `cargo run --release --example pos_simulators -- [--listen-host HOST] [--base-port PORT]`
//!
//! Treez listens on the base port, the others on the ports after it. Besides the vendor's own API each serves
//! `/_sim/orders`, `/_sim/faults` and `/_sim/staff`, see `pos_clients::sim::serve`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its terminal")]

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use clap::Parser;
use order_examples::{DemoData, DemoError, simulators};
use pos_clients::sim::{SimClock, serve};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Simulators of the vendors' POS systems, on ports of their own.
#[derive(Parser)]
struct Options {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1")]
    listen_host: String,
    /// The port of the first simulator; the others follow.
    #[arg(long, default_value_t = 9101)]
    base_port: u16,
}

#[derive(Debug, Error)]
enum Failure {
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error("{vendor}: no port {offset} above {base}")]
    NoSuchPort { vendor: &'static str, base: u16, offset: u16 },
    #[error("{vendor}: cannot listen on {host}:{port}: {source}")]
    Listen { vendor: &'static str, host: String, port: u16, source: io::Error },
    #[error("cannot wait for signals: {0}")]
    Signal(#[source] io::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Failure> {
    let data = DemoData::load()?;
    let clock: SimClock = Arc::new(system_time);
    let mut servers = JoinSet::new();
    // Another start, other ids: hosts remember those of the last one.
    let prng_seed = u64::try_from(system_time().timestamp_micros()).unwrap_or_default();
    for simulator in simulators(&data.seed, prng_seed, &clock) {
        let (vendor, base, offset) = (simulator.vendor, options.base_port, simulator.port_offset);
        let host = options.listen_host.clone();
        let port = base.checked_add(offset).ok_or(Failure::NoSuchPort { vendor, base, offset })?;
        let listener = TcpListener::bind((host.as_str(), port)).await.map_err(|source| Failure::Listen {
            vendor,
            host: host.clone(),
            port,
            source,
        })?;
        println!("{vendor:<10} http://{host}:{port}{}", simulator.hint);
        servers.spawn(serve(listener, simulator.handle));
    }
    println!(
        "control: GET /_sim/orders, GET|POST|DELETE /_sim/faults, POST /_sim/staff on each; stop with Ctrl-C"
    );
    stop_signal().await.map_err(Failure::Signal)
}

#[allow(clippy::disallowed_methods, reason = "the program's edge, where real time enters")]
fn system_time() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[cfg(unix)]
async fn stop_signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
