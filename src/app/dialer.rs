//! The dialer: takes up due tasks as lines fall free, and keeps their leases alive.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::clock::ClockWatch;
use super::line;
use super::service::Service;

/// Tasks claimed at once at most, however many lines are free.
const BATCH: u32 = 100;

/// Claims and calls until `stop` fires.
pub(super) async fn run(service: Arc<Service>, stop: CancellationToken) {
    let poll = Duration::from_millis(service.config.dialer.poll_ms.max(10));
    let lease = Duration::from_secs(service.config.dialer.lease_seconds.max(5));
    let heartbeat = tokio::spawn(keep_leases(Arc::clone(&service), lease));
    let mut clock = ClockWatch::default();
    while !stop.is_cancelled() {
        tell(&service, look(&service, &mut clock, lease).await.err());
        tokio::select! {
            () = tokio::time::sleep(poll) => {}
            () = stop.cancelled() => {}
        }
    }
    // The calls that are up still need their leases; the process ends with them.
    drop(heartbeat);
}

/// One look for due tasks.
async fn look(service: &Arc<Service>, clock: &mut ClockWatch, lease: Duration) -> Result<(), String> {
    let now = service.store.now().await.map_err(|error| error.to_string())?;
    clock.look(now, Instant::now()).map_err(|jump| jump.to_string())?;
    service.trunks.ready().map_err(|no_line| no_line.to_string())?;
    service.vaults.ready().await.map_err(|error| error.to_string())?;
    // What is promised takes its line once the task is prepared, and no more wait for their turn than a second's worth.
    let wanted = service.trunks.free().min(BATCH);
    if wanted == 0 {
        return Ok(());
    }
    let claims = service.store.claim_due(&service.node, wanted, lease).await;
    for claim in claims.map_err(|error| error.to_string())? {
        let promise = service.trunks.promise();
        service.at_work.spawn(line::work(Arc::clone(service), claim, promise));
    }
    Ok(())
}

async fn keep_leases(service: Arc<Service>, lease: Duration) {
    loop {
        tokio::time::sleep(lease / 3).await;
        if let Err(error) = service.store.heartbeat(&service.node, lease).await {
            tracing::warn!(%error, "leases could not be extended");
        }
    }
}

/// Says what keeps the dialer from calling once, and once when it is over; the probes see it meanwhile.
fn tell(service: &Service, trouble: Option<String>) {
    let mut blocked = service.blocked.lock();
    match (&*blocked, &trouble) {
        (before, Some(why)) if before.as_ref() != Some(why) => {
            tracing::error!(why, "the dialer cannot call");
        }
        (Some(_), None) => tracing::info!("the dialer can call again"),
        _ => {}
    }
    metrics::gauge!("huifang_dialer_blocked").set(f64::from(u8::from(trouble.is_some())));
    *blocked = trouble;
}
