//! The tracer: takes what passes the wire, takes the secrets out, and keeps it for the attempt it belongs to.
//! Diagnostic only: what the database does not take is lost and counted, and no call waits for it.

mod followed;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use ports::{StoreError, Traced, Traces};
use records::AttemptId;
use sip::Tap;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config;
use followed::Followed;

/// Messages that may wait to be kept; about a kilobyte each.
const WAITING: usize = 4096;
/// Messages written at once.
const BATCH: usize = 256;
/// A message is in the database after this long at the latest.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// How long the last messages may take when the service stops.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often old messages are deleted.
const FORGET_EVERY: Duration = Duration::from_secs(3600);
/// Messages deleted at once, so that the deletion is in nobody's way.
const FORGOTTEN_AT_ONCE: u32 = 1000;

/// Keeps the signalling of attempts.
pub struct Tracer {
    followed: Arc<Mutex<Followed>>,
    stop: CancellationToken,
    at_work: TaskTracker,
}

/// While it lives, the messages of a call are kept for its attempt; and for a while after.
pub struct Following {
    followed: Arc<Mutex<Followed>>,
    call_id: String,
}

impl Drop for Following {
    fn drop(&mut self) {
        self.followed.lock().over(&self.call_id, Instant::now());
    }
}

impl Tracer {
    /// Starts it, and answers the tap that feeds it.
    pub fn start(config: &config::Trace, traces: Arc<dyn Traces>) -> (Self, Tap) {
        let (tap, heard) =
            if config.on() { Tap::open(WAITING) } else { (Tap::default(), mpsc::channel(1).1) };
        let (followed, stop, at_work) = (Arc::default(), CancellationToken::new(), TaskTracker::new());
        let keeper = Keeper { traces, followed: Arc::clone(&followed), waiting: Vec::new(), losing: false };
        at_work.spawn(keeper.run(heard, stop.clone()));
        (Self { followed, stop, at_work }, tap)
    }

    /// Keeps the messages of this Call-ID for the attempt. An inbound call may be followed up to ten seconds after its
    /// INVITE: what came before is kept as well.
    pub fn follow(&self, call_id: &str, attempt: AttemptId) -> Following {
        self.followed.lock().follow(call_id, attempt);
        Following { followed: Arc::clone(&self.followed), call_id: call_id.to_owned() }
    }

    /// Writes what is left, and stops.
    pub async fn close(&self) {
        self.stop.cancel();
        self.at_work.close();
        // What the database does not take by then is lost.
        let _ = tokio::time::timeout(PATIENCE, self.at_work.wait()).await;
    }
}

/// Deletes messages that are older than they are to be kept, now and every hour, for ever.
pub(super) async fn forget_old(traces: Arc<dyn Traces>, keep: Duration) {
    loop {
        match forget(traces.as_ref(), keep).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "old signalling was deleted"),
            Err(error) => {
                tracing::warn!(%error, "old signalling could not be deleted; tried again in an hour");
            }
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}

async fn forget(traces: &dyn Traces, keep: Duration) -> Result<u64, StoreError> {
    let mut deleted = 0;
    loop {
        let some = traces.forget_messages(keep, FORGOTTEN_AT_ONCE).await?;
        deleted += some;
        if some < u64::from(FORGOTTEN_AT_ONCE) {
            return Ok(deleted);
        }
    }
}

/// The task that writes.
struct Keeper {
    traces: Arc<dyn Traces>,
    followed: Arc<Mutex<Followed>>,
    waiting: Vec<Traced>,
    /// The last batch was lost; said once.
    losing: bool,
}

impl Keeper {
    async fn run(mut self, mut heard: mpsc::Receiver<sip::Traced>, stop: CancellationToken) {
        let mut flush = tokio::time::interval(FLUSH_EVERY);
        flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut messages = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                _ = flush.tick() => self.write().await,
                taken = heard.recv_many(&mut messages, BATCH), if !heard.is_closed() || !heard.is_empty() => {
                    if taken > 0 {
                        self.place(&mut messages);
                    }
                    if self.waiting.len() >= BATCH {
                        self.write().await;
                    }
                }
            }
        }
        while let Ok(message) = heard.try_recv() {
            messages.push(message);
        }
        self.place(&mut messages);
        self.write().await;
    }

    fn place(&mut self, messages: &mut Vec<sip::Traced>) {
        let now = Instant::now();
        for message in messages.drain(..) {
            let placed = self.followed.lock().place(message, now);
            self.waiting.extend(placed);
        }
    }

    async fn write(&mut self) {
        let known = self.followed.lock().look_again(Instant::now());
        self.waiting.extend(known);
        for batch in std::mem::take(&mut self.waiting).chunks(BATCH) {
            match self.traces.keep_messages(batch).await {
                Ok(_) => self.losing = false,
                Err(error) => {
                    metrics::counter!("huifang_sip_trace_lost_total").increment(batch.len() as u64);
                    if !std::mem::replace(&mut self.losing, true) {
                        tracing::warn!(%error, "signalling could not be kept; calls go on without it");
                    }
                }
            }
        }
    }
}
