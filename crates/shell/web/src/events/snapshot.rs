//! The board's snapshot: counted for all listeners and pages together, and no more often than it is worth.

use std::sync::Arc;
use std::time::Duration;

use ports::{Activity, StoreError};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::happening::{HourRate, PlanBrief, Queue, Snapshot, TrunkLines};
use crate::desk::Desk;

/// How old a snapshot may be.
const AGE: Duration = Duration::from_secs(2);
/// Counting takes no more of the time than one part in so many.
const SPARING: u32 = 20;
/// See `act::proof`.
const FIGURES_AGE: Duration = Duration::from_secs(90);

/// The snapshot that was taken last.
#[derive(Default)]
pub(crate) struct Snapshots(Mutex<Option<Taken>>);

struct Taken {
    snapshot: Arc<Snapshot>,
    good_until: Instant,
}

impl Snapshots {
    /// A snapshot that is not old. Whoever comes while one is taken waits for it.
    pub(crate) async fn now(&self, desk: &Desk) -> Result<Arc<Snapshot>, StoreError> {
        let mut last = self.0.lock().await;
        if let Some(taken) = last.as_ref().filter(|taken| Instant::now() < taken.good_until) {
            return Ok(Arc::clone(&taken.snapshot));
        }
        let begun = Instant::now();
        let snapshot = Arc::new(take(desk).await?);
        let good_until = Instant::now() + AGE.max(begun.elapsed() * SPARING);
        *last = Some(Taken { snapshot: Arc::clone(&snapshot), good_until });
        Ok(snapshot)
    }
}

async fn take(desk: &Desk) -> Result<Snapshot, StoreError> {
    let activity = desk.proofs.activity().await?;
    let figures = desk.proofs.all_figures(FIGURES_AGE).await?;
    let switch = desk.store.switch().await?;
    let at = desk.store.now().await?;
    let Activity { hour_calls: calls, hour_answered: answered, .. } = activity;
    let trunks = desk.floor.trunks().into_iter().map(|trunk| {
        let open = activity.open.iter().find(|used| used.trunk == trunk.name).map_or(0, |used| used.open);
        TrunkLines {
            state: trunk.state.slug(),
            lines: trunk.lines,
            // A line is held until its leg is over, a little longer than its attempt is open.
            busy: open.max(u64::from(trunk.lines_busy)),
            busy_here: trunk.lines_busy,
            name: trunk.name,
        }
    });
    Ok(Snapshot {
        at,
        calling: switch.calling,
        trunks: trunks.collect(),
        calls_last_minute: activity.last_minute,
        hour: HourRate { calls, answered, answer_rate: (calls > 0).then(|| answered as f64 / calls as f64) },
        outcomes_today: activity.today,
        tasks_due: figures.iter().map(|of| of.due_now).sum(),
        queue: Queue {
            open: activity.queue_open,
            taken: activity.queue_taken,
            overdue: activity.queue_overdue,
            oldest_at: activity.queue_oldest,
            oldest_seconds: activity.queue_oldest.map(|oldest| (at - oldest).num_seconds().max(0)),
        },
        alarms: desk.floor.alarms(),
        plans: figures
            .into_iter()
            .map(|of| PlanBrief {
                plan: of.plan,
                name: of.name,
                coverage: of.coverage,
                due_now: of.due_now,
                overdue: of.overdue,
            })
            .collect(),
    })
}
