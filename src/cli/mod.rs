//! Commands, a few lines each.

mod account;
mod call;
mod carrier;
mod check;
mod demo;
mod health;
mod migrate;
mod serve;
mod signals;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::logging;
use crate::config::{self, Config};

/// huifang (回访): calls a company's customers back, asks, records, and follows up.
#[derive(Parser)]
#[command(name = "huifang", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service: dialer, console and API
    Serve(serve::Serve),
    /// Place one call and print its outcome as JSON
    Call(call::Call),
    /// Validate questionnaires (.yaml) and configuration (.toml)
    Check(check::Check),
    /// Bring the database's schema up to date
    Migrate(ConfigFile),
    /// Create accounts, set passwords, make API tokens
    Account(account::Account),
    /// Ask a running service whether it is alive
    Health(health::Health),
    /// Run the virtual carrier: a SIP peer with scripted customers
    Carrier(carrier::Carrier),
    /// Show the whole job against the virtual carrier, and check it
    Demo(demo::Demo),
}

/// Where the configuration comes from.
#[derive(Args, Clone)]
struct ConfigFile {
    /// Configuration file; defaults and HUIFANG_… variables alone where absent
    #[arg(long, short, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// Loads the configuration and starts the log by it.
    fn load(&self) -> Result<Config, Failure> {
        let config = config::load(self.config.as_deref())?;
        logging::start(&config.log);
        Ok(config)
    }
}

/// A command did not succeed; the text has place and remedy.
struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!(
                "huifang: no threads can be started: {error}. Raise the limit on processes (ulimit -u)"
            );
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(why)) => {
            eprintln!("huifang: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(serve) => serve.run().await,
        Command::Call(call) => call.run().await,
        Command::Check(check) => check.run().await,
        Command::Migrate(file) => migrate::run(&file).await,
        Command::Account(account) => account.run().await,
        Command::Health(health) => health.run().await,
        Command::Carrier(carrier) => carrier.run().await,
        Command::Demo(demo) => demo.run().await,
    }
}
