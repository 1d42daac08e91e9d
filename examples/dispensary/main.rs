//! A dispensary's backend, assembled from the order crates: kiosk API, staff API, delivery to the POS, mail.
//!
//! ```text
//! cargo run --release --example dispensary                    serve a demo store on its simulator
//! cargo run --release --example dispensary -- tour            play one order from kiosk to hand-over
//! cargo run --release --example dispensary -- token --role staff --store treez
//! cargo run --release --example dispensary -- --config FILE   serve your own stores
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its terminal")]

mod api;
mod auth;
mod config;
mod demo;
mod host;
mod pages;
mod refusals;
mod token;
mod tour;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Settings;
use crate::host::{Failure, Host};

/// A dispensary's backend.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Where to listen. [default: 127.0.0.1:8080]
    #[arg(long, global = true)]
    listen: Option<SocketAddr>,
    /// Database, keys and mail. [default: ./dispensary-data]
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
    /// Use the simulators that `pos_simulators` runs on this host instead of embedded ones.
    #[arg(long, global = true, value_name = "HOST")]
    simulators: Option<String>,
    /// A settings file (TOML) with your own stores, instead of the demo store.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play one order from kiosk to hand-over and tell every step.
    Tour(tour::TourOptions),
    /// Print a token.
    Token(token::TokenOptions),
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .init();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("dispensary: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Failure> {
    let settings = |data_dir: Option<PathBuf>| match &options.config {
        Some(file) => Settings::read(file, data_dir),
        None => Ok(Settings::demo(data_dir)),
    };
    match options.command {
        None => {
            let settings = settings(options.data_dir.clone())?;
            let host = Host::start(settings, options.simulators.as_deref(), options.listen).await?;
            host.announce();
            host.serve(host::stop_signal()).await
        }
        Some(Command::Token(token)) => {
            let settings = settings(options.data_dir.clone())?;
            println!("{}", token.mint(&settings)?);
            Ok(())
        }
        Some(Command::Tour(_)) if options.config.is_some() => {
            Err(Failure::Usage("the tour plays in the demo store; leave --config out"))
        }
        Some(Command::Tour(tour)) => tour.play(options.data_dir, options.simulators.as_deref()).await,
    }
}
