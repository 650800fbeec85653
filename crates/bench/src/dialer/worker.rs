//! One claiming process: it does what a line of its standard input says, and answers with a line of JSON.

use std::io::{BufRead as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plan::{Calendar, Fairness, People, Turns};
use ports::{Asked, Means, Sharer, Store, worth_counting};
use postgres::{Options, Postgres};
use serde::{Deserialize, Serialize};
use trunk::Room;

use super::options::Work;
use super::{DialerBenchError, cycle};

/// The address of the private server, which holds its password: told by the environment, never by an argument.
pub(super) const URL: &str = "HUIFANG_BENCH_DATABASE";
pub(super) const LEASE: Duration = Duration::from_secs(600);
/// Connections of the process, as of a service.
const CONNECTIONS: u32 = 8;

/// What it is told to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// So many batches.
    Claim(usize),
    /// So many tasks through claim, attempt and end, or given back.
    Cycle(usize),
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Done {
    /// Microseconds of each batch: look and claim.
    pub(super) batches: Vec<u64>,
    /// Of them for the look.
    pub(super) looks: Vec<u64>,
    /// Tasks claimed.
    pub(super) claimed: u64,
    /// Microseconds of the whole.
    pub(super) took: u64,
}

/// Works until its standard input ends.
pub fn work(options: &Work) -> Result<(), DialerBenchError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let url = std::env::var(URL).map_err(|_| DialerBenchError::Worker(format!("{URL} is not set")))?;
    let connections = Options { connections: CONNECTIONS, ..Options::default() };
    let store = Arc::new(runtime.block_on(Postgres::connect(&url, connections))?);
    let mut turns = Turns::default();
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let order = serde_json::from_str(&line).map_err(|_| DialerBenchError::Worker(line))?;
        let done = match order {
            Order::Claim(batches) => runtime.block_on(claim(&store, options, &mut turns, batches))?,
            Order::Cycle(tasks) => runtime.block_on(cycle::run(&store, options, tasks))?,
        };
        println!("{}", serde_json::to_string(&done).expect("figures are JSON"));
        std::io::stdout().flush()?;
    }
    Ok(())
}

async fn claim(
    store: &Postgres,
    options: &Work,
    turns: &mut Turns<Sharer>,
    batches: usize,
) -> Result<Done, DialerBenchError> {
    let mut done = Done::default();
    let calendar = Calendar::official();
    let means = Means {
        people: People::default(),
        fairness: Fairness::default(),
        calendar: &calendar,
        room: Room { lines: options.batch, calls: options.batch },
        up: 0,
    };
    let begun = Instant::now();
    for _ in 0..batches {
        let begun = Instant::now();
        let outlook = store.outlook(worth_counting(means.room)).await?;
        let looked = begun.elapsed();
        let Asked { asks, .. } = outlook.asks(&means, turns);
        done.claimed += store.claim(&options.node, &asks, LEASE).await?.len() as u64;
        done.batches.push(micros(begun.elapsed()));
        done.looks.push(micros(looked));
    }
    done.took = micros(begun.elapsed());
    Ok(done)
}

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
