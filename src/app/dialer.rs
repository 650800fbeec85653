//! The dialer: takes up due tasks as lines fall free, and keeps their leases alive.

use std::sync::Arc;
use std::time::Duration;

use plan::{Turns, Why};
use ports::{Ask, Asked, Means, Sharer, worth_counting};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::clock::ClockWatch;
use super::line;
use super::service::Service;

/// Claims and calls until `stop` fires.
pub(super) async fn run(service: Arc<Service>, stop: CancellationToken) {
    let poll = Duration::from_millis(service.config.dialer.poll_ms.max(10));
    let lease = Duration::from_secs(service.config.dialer.lease_seconds.max(5));
    let heartbeat = tokio::spawn(keep_leases(Arc::clone(&service), lease));
    let mut clock = ClockWatch::default();
    let mut turns = Turns::default();
    while !stop.is_cancelled() {
        tell(&service, look(&service, &mut clock, &mut turns, lease).await.err());
        tokio::select! {
            () = tokio::time::sleep(poll) => {}
            () = stop.cancelled() => {}
        }
    }
    // The calls that are up still need their leases; the process ends with them.
    drop(heartbeat);
}

/// One look for due tasks.
async fn look(
    service: &Arc<Service>,
    clock: &mut ClockWatch,
    turns: &mut Turns<Sharer>,
    lease: Duration,
) -> Result<(), String> {
    let room = service.trunks.room();
    let outlook = service.store.outlook(worth_counting(room)).await.map_err(|error| error.to_string())?;
    clock.look(outlook.now, Instant::now()).map_err(|jump| jump.to_string())?;
    service.trunks.ready().map_err(|no_line| no_line.to_string())?;
    service.vaults.ready().await.map_err(|error| error.to_string())?;
    let config = &service.config.dialer;
    let means = Means {
        people: config.people.policy(),
        fairness: config.fairness.policy(),
        calendar: &service.calendar.current(),
        room,
        up: u32::try_from(service.board.up()).unwrap_or(u32::MAX) + service.trunks.promised(),
    };
    let Asked { pace, asks, .. } = outlook.asks(&means, turns);
    *service.pace.lock() = Some(pace);
    service.trunks.could_use_more(matches!(pace.why, Why::Lines | Why::Rate));
    take_up(service, lease, &asks).await
}

async fn take_up(service: &Arc<Service>, lease: Duration, asks: &[Ask]) -> Result<(), String> {
    if asks.is_empty() {
        return Ok(());
    }
    let claims = service.store.claim(&service.node, asks, lease).await;
    for claim in claims.map_err(|error| error.to_string())? {
        let promise = service.trunks.promise();
        service.at_work.spawn(line::work(Arc::clone(service), claim, promise));
    }
    Ok(())
}

/// Keeps the leases of the tasks that are being called, and puts back those of processes that are gone.
async fn keep_leases(service: Arc<Service>, lease: Duration) {
    loop {
        if let Err(error) = service.store.heartbeat(&service.node, lease).await {
            tracing::warn!(%error, "leases could not be extended");
        }
        match service.store.reclaim().await {
            Ok(0) => {}
            Ok(tasks) => tracing::warn!(tasks, "tasks of a process that is gone wait again"),
            Err(error) => tracing::warn!(%error, "tasks of processes that are gone could not be looked for"),
        }
        tokio::time::sleep(lease / 3).await;
    }
}

/// A trouble that only counts down is no news.
fn is_same(before: &str, now: &str) -> bool {
    let words = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    words(before) == words(now)
}

/// Says what keeps the dialer from calling once, and once when it is over; the probes see it meanwhile.
fn tell(service: &Service, trouble: Option<String>) {
    let mut blocked = service.blocked.lock();
    match (&*blocked, &trouble) {
        (before, Some(why)) if before.as_deref().is_none_or(|before| !is_same(before, why)) => {
            tracing::error!(why, "the dialer cannot call");
        }
        (Some(_), None) => tracing::info!("the dialer can call again"),
        _ => {}
    }
    metrics::gauge!("huifang_dialer_blocked").set(f64::from(u8::from(trouble.is_some())));
    *blocked = trouble;
}
