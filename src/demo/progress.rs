//! The progress bar: calls up, customers done, attempts by outcome.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use ports::{Count, OutcomeCounts, Overview as _};
use records::PlanId;

use super::DemoError;
use crate::app::Database;

/// Where nothing can be redrawn, a line is written this often.
const LINE_EVERY: Duration = Duration::from_secs(5);
const WIDTH: usize = 24;

/// Watches until no task of the plan is due, calling or waiting.
pub(super) async fn watch(
    database: &Database,
    plan: PlanId,
    started: Instant,
    deadline: Duration,
    log: &Path,
) -> Result<(), DemoError> {
    let redraw = std::io::stdout().is_terminal();
    let mut last_line = None::<Instant>;
    loop {
        let counts = database.store.outcome_counts(Some(plan)).await?;
        let open = named(&counts.tasks, &["due", "calling", "waiting"]);
        let done = open == 0;
        if redraw {
            print!("\r\x1b[2K{}", line(&counts, open, started));
            let _ = std::io::stdout().flush();
        } else if done || last_line.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            println!("{}", line(&counts, open, started));
            last_line = Some(Instant::now());
        }
        if done {
            println!();
            return Ok(());
        }
        if started.elapsed() > deadline {
            println!();
            return Err(DemoError::NotDone {
                open,
                seconds: deadline.as_secs(),
                log: log.display().to_string(),
            });
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

fn line(counts: &OutcomeCounts, open: u64, started: Instant) -> String {
    let all: u64 = counts.tasks.iter().map(|count| count.count).sum();
    let done = all.saturating_sub(open);
    let filled = (done as usize * WIDTH).checked_div(all as usize).unwrap_or(0);
    let bar = format!("{}{}", "█".repeat(filled), "░".repeat(WIDTH - filled));
    let outcomes: Vec<String> =
        counts.reasons.iter().map(|reason| format!("{} {}", reason.name, reason.count)).collect();
    format!(
        "{:>3} s {bar} {done}/{all} done, {} calls up | {}",
        started.elapsed().as_secs(),
        named(&counts.tasks, &["calling"]),
        outcomes.join(", ")
    )
}

fn named(counts: &[Count], names: &[&str]) -> u64 {
    counts.iter().filter(|count| names.contains(&count.name.as_str())).map(|count| count.count).sum()
}
