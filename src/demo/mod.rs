//! The demonstration: the whole job against the virtual carrier, checked by what Postgres holds.
//!
//! Service and carrier run as processes of their own, driven as an operator would: by command line and REST.

mod findings;
mod processes;
mod progress;
mod report;
mod scenario;
mod service;
mod verdict;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use findings::Findings;
use processes::{Children, ProcessError};
use scenario::{Scenario, ScenarioError};
use service::{ApiError, Operator};

use crate::app::DatabaseError;

/// All calls must be done within this.
const DEADLINE: Duration = Duration::from_secs(150);

/// What the demo is given.
pub struct Options {
    /// Folder with `script.yaml` and `customers.csv`.
    pub scenario: PathBuf,
    /// Where everything is kept; wiped first.
    pub dir: Option<PathBuf>,
    /// Where the result is left.
    pub result: PathBuf,
    /// Leave the service running.
    pub keep: bool,
}

/// The demo did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Store(#[from] ports::StoreError),
    /// Some tasks were still open at the deadline.
    #[error("{open} customers were not done after {seconds} s; the service's log is {log}")]
    NotDone { open: u64, seconds: u64, log: String },
    /// What the database holds contradicts the scripts.
    #[error(
        "{0} contradictions between the scripts and what the database holds; they are listed above and in the result"
    )]
    Contradicted(usize),
    /// The result cannot be written.
    #[error("the result {path} cannot be written: {error}. Check the folder and its rights")]
    Result { path: PathBuf, error: std::io::Error },
}

/// Runs the demonstration.
pub async fn run(options: &Options) -> Result<(), DemoError> {
    let scenario = Scenario::load(&options.scenario)?;
    // What an earlier run left must not be taken for this one's; it may never have been there.
    let _ = std::fs::remove_file(&options.result);
    let mut children = Children::prepare(options.dir.clone())?;
    println!(
        "huifang demo: {} virtual customers, everything below {}",
        scenario.customers(),
        children.dir().display()
    );
    println!(
        "Waiting times are short here (ring 4 s, a slot of 6 s instead of an hour): configuration, not code.\n"
    );
    let ran = call_everybody(options, &scenario, &mut children).await;
    match (&ran, options.keep) {
        (Ok(_), true) => children.leave_running(),
        _ => children.stop().await,
    }
    let contradictions = ran?;
    println!("The result is in {}", options.result.display());
    if contradictions == 0 { Ok(()) } else { Err(DemoError::Contradicted(contradictions)) }
}

async fn call_everybody(
    options: &Options,
    scenario: &Scenario,
    children: &mut Children,
) -> Result<usize, DemoError> {
    let operator = Operator::start(scenario, children).await?;
    let plan = operator.start_plan(scenario).await?;
    let database = operator.database().await?;
    let started = Instant::now();
    progress::watch(&database, plan, started, DEADLINE, &children.service_log()).await?;
    let findings = Findings::collect(&database, plan, &children.vault()).await?;
    let contradictions = verdict::compare(scenario, &findings, &children.carrier_journal());
    report::print(&findings, &contradictions, started.elapsed());
    report::write(&options.result, &findings, &contradictions)
        .map_err(|error| DemoError::Result { path: options.result.clone(), error })?;
    if options.keep {
        operator.announce(children);
    }
    Ok(contradictions.len())
}
