//! Two vaults: the first, and one on another disk that stands in when the first is out of order (W6.1).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::NaiveDate;

use crate::read::{Integrity, Part};
use crate::repair::Repairs;
use crate::seal::{Sealed, Staged};
use crate::{RecordingError, Vault};

/// A disk that took a block is not tried again for this long by [`Vaults::ready_lately`].
const LATELY: Duration = Duration::from_secs(1);

/// Where recordings are made and kept. A recording stays in the vault it was made in; its path says the same of it in
/// either. Clones share one state.
#[derive(Debug, Clone)]
pub struct Vaults {
    first: Vault,
    standby: Option<Vault>,
    standing_in: Arc<AtomicBool>,
    /// When a vault was ready last.
    ready_at: Arc<Mutex<Option<Instant>>>,
}

impl Vaults {
    /// The vault to use, and the one to use while that cannot be.
    pub fn new(first: Vault, standby: Option<Vault>) -> Self {
        Self { first, standby, standing_in: Arc::default(), ready_at: Arc::default() }
    }

    /// The vault that can take a recording, or why the first cannot: no recording, no call.
    pub async fn ready(&self) -> Result<&Vault, RecordingError> {
        let ready = self.look().await;
        self.remember(ready.is_ok().then(Instant::now));
        ready
    }

    /// The same by the word of up to a second ago, so that a call need not try the disk that was tried for the one
    /// before. Where the vault then fails, ask [`Vaults::ready`].
    pub async fn ready_lately(&self) -> Result<&Vault, RecordingError> {
        let ready_at = *self.ready_at.lock().unwrap_or_else(PoisonError::into_inner);
        if ready_at.is_none_or(|at| at.elapsed() > LATELY) {
            return self.ready().await;
        }
        Ok(self.standby.as_ref().filter(|_| self.standing_in()).unwrap_or(&self.first))
    }

    fn remember(&self, ready_at: Option<Instant>) {
        *self.ready_at.lock().unwrap_or_else(PoisonError::into_inner) = ready_at;
    }

    async fn look(&self) -> Result<&Vault, RecordingError> {
        let Err(error) = self.first.ready().await else {
            if self.standing_in.swap(false, Ordering::Relaxed) {
                tracing::info!("the first recorder works again");
            }
            return Ok(&self.first);
        };
        let Some(standby) = &self.standby else { return Err(error) };
        if standby.ready().await.is_err() {
            return Err(error);
        }
        if !self.standing_in.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "the first recorder is out of order; calls are recorded by the standby");
        }
        Ok(standby)
    }

    /// Whether the standby takes the recordings just now.
    pub fn standing_in(&self) -> bool {
        self.standing_in.load(Ordering::Relaxed)
    }

    /// Makes whole what a crash left in either; see [`Vault::repair`].
    pub async fn repair(&self) -> Result<Repairs, RecordingError> {
        let mut repairs = self.first.repair().await?;
        if let Some(standby) = &self.standby {
            let more = standby.repair().await?;
            repairs.repaired.extend(more.repaired);
            repairs.quarantined.extend(more.quarantined);
        }
        Ok(repairs)
    }

    /// Seals a staged recording in the vault it was staged in; see [`Vault::seal`].
    pub async fn seal(&self, staged: Staged) -> Result<Sealed, RecordingError> {
        let vault = self.standby.as_ref().filter(|standby| standby.staged(&staged.path));
        vault.unwrap_or(&self.first).seal(staged).await
    }

    /// The sealed recording of an attempt, wherever it is; see [`Vault::find`].
    pub async fn find(
        &self,
        date: NaiveDate,
        plan: &str,
        attempt: &str,
    ) -> Result<Option<Sealed>, RecordingError> {
        let found = self.first.find(date, plan, attempt).await;
        match (&self.standby, found) {
            (Some(standby), Ok(None) | Err(_)) => standby.find(date, plan, attempt).await,
            (_, found) => found,
        }
    }

    /// Opens a part of a recording, wherever it is; see [`Vault::open_range`].
    pub async fn open_range(&self, path: &str, start: u64, end: Option<u64>) -> Result<Part, RecordingError> {
        let part = self.first.open_range(path, start, end).await;
        match (&self.standby, part) {
            (Some(standby), Err(RecordingError::Missing { .. } | RecordingError::Io { .. })) => {
                standby.open_range(path, start, end).await
            }
            (_, part) => part,
        }
    }

    /// Compares a recording with its hash, wherever it is; see [`Vault::verify`].
    pub async fn verify(&self, path: &str, sha256: &str) -> Result<Integrity, RecordingError> {
        let verified = self.first.verify(path, sha256).await;
        match (&self.standby, verified) {
            (Some(standby), Ok(Integrity::Missing) | Err(_)) => standby.verify(path, sha256).await,
            (_, verified) => verified,
        }
    }
}
