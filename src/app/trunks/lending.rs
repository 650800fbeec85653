//! Our part of each trunk: asked for, renewed, and given up where other processes on the same database are short.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ports::{Lent, LineAsk, Lines, StoreError};
use tokio_util::sync::CancellationToken;
use trunk::Share;

use super::Trunks;
use crate::app::service::Service;

/// How often it is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// A lending that is not renewed for so long falls to others. A call whose attempt is closed may still wait for the
/// answer to its BYE, which takes 64 × T1 at most; this is added to it.
const BEYOND_TEARDOWN: Duration = Duration::from_secs(15);
/// T1 of RFC 3261 section 17.1.1.1 multiplied: how long a BYE is repeated.
const TEARDOWN: u32 = 64;
/// Renewals at once, one after the other, to give up what others lack without waiting for the next time.
const AT_ONCE: usize = 2;

/// Renews until it is stopped, and not in the middle of it.
pub(in crate::app) async fn lend(service: Arc<Service>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(RENEW_EVERY) => {}
            () = service.trunks.asked.notified() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = renew(&service).await {
            // What was lent stays ours: without the database nobody can open an attempt, we as little as others.
            tracing::debug!(%error, "our lines could not be renewed");
        }
    }
}

/// Asks for our part, and gives up what others are short of.
pub(in crate::app) async fn renew(service: &Service) -> Result<(), StoreError> {
    let t1 = Duration::from_millis(service.config.sip.t1_ms);
    for _ in 0..AT_ONCE {
        let lease = t1 * TEARDOWN + BEYOND_TEARDOWN;
        if !service.trunks.renew(service.lines.as_ref(), &service.node, lease).await? {
            break;
        }
    }
    Ok(())
}

impl Trunks {
    /// From now on nothing of the trunks is ours until it is lent.
    pub fn share(&self) {
        let mut pool = self.shared.pool.lock();
        for trunk in &self.all {
            pool.allow(trunk.index, Share::default());
        }
    }

    /// More calls could be placed if there were more lines.
    pub fn could_use_more(&self, more: bool) {
        if more && !self.hungry.swap(more, Ordering::Relaxed) {
            self.asked.notify_one();
        }
        self.hungry.store(more, Ordering::Relaxed);
    }

    /// Whether other processes may have lines that we could be lent.
    pub(super) fn others_have_lines(&self) -> bool {
        let mut pool = self.shared.pool.lock();
        self.all.iter().any(|trunk| {
            let standing = pool.standing(trunk.index, self.shared.now());
            standing.share.lines < trunk.config.lines || standing.share.cps < trunk.config.cps
        })
    }

    /// Renews every trunk; whether there is more to be told at once.
    async fn renew(&self, lines: &dyn Lines, node: &str, lease: Duration) -> Result<bool, StoreError> {
        let asks = self.asks();
        if asks.is_empty() {
            return Ok(false);
        }
        let lent = lines.lend(node, &asks, lease).await?;
        let again = lent.iter().any(|lent| lent.keep != lent.held);
        self.take(lent);
        Ok(again)
    }

    fn asks(&self) -> Vec<LineAsk> {
        let hungry = self.hungry.load(Ordering::Relaxed);
        let (now, mut pool) = (self.shared.now(), self.shared.pool.lock());
        self.all
            .iter()
            .map(|trunk| {
                let (whole, held) = pool.held(trunk.index, now);
                let standing = pool.standing(trunk.index, now);
                // One at hand for whoever comes next, such as a customer who rings back.
                let some = Share { lines: standing.lines_busy + 1, cps: standing.cps_used + 1 };
                let wanted = if hungry { whole } else { some.least(whole) };
                LineAsk { trunk: trunk.name.clone(), whole, held, wanted }
            })
            .collect()
    }

    fn take(&self, lent: Vec<Lent>) {
        let mut pool = self.shared.pool.lock();
        let mut lendings = self.shared.lendings.lock();
        for Lent { id, trunk, keep, .. } in lent {
            let Some(trunk) = self.all.iter().find(|known| known.name == trunk) else { continue };
            pool.allow(trunk.index, keep);
            lendings[trunk.index] = Some(id);
        }
        drop((pool, lendings));
        self.shared.changed.notify_waiters();
    }
}
