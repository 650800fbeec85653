//! The journal: facts of calls that the database could not take at once, kept on disk until it can.
//! An answer once given is never lost, whether or not Postgres is there at that moment.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ports::{Closing, NewRecording, Store, StoreError};
use records::{AttemptId, Fact};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use web::events::{Events, Happening};

/// How long a call waits for the database before it goes on with the journal.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often kept entries are offered to the database again.
const REPLAY_EVERY: Duration = Duration::from_secs(5);

/// One thing to be made durable.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// What happened in a call.
    Facts { attempt: AttemptId, facts: Vec<Fact> },
    /// How a call ended.
    Closing { attempt: AttemptId, fence: i64, closing: Box<Closing> },
    /// Where its recording lies.
    Recording { recording: NewRecording },
}

/// Neither the database nor the disk took an entry.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk failed as well.
    #[error(
        "the database is away and the journal {0} cannot be written: {1}. Free the disk or mend its rights"
    )]
    Disk(PathBuf, std::io::Error),
    /// The database refuses the entry for good.
    #[error(transparent)]
    Refused(StoreError),
}

/// Writes to the store, or to disk until the store is back.
pub struct Journal {
    dir: PathBuf,
    store: Arc<dyn Store>,
    events: Events,
}

impl Journal {
    /// Opens the journal in `dir`, creating the folder. An attempt's end is told once the database has it.
    pub fn open(dir: PathBuf, store: Arc<dyn Store>, events: Events) -> Result<Self, JournalError> {
        std::fs::create_dir_all(dir.join("rejected"))
            .map_err(|error| JournalError::Disk(dir.clone(), error))?;
        Ok(Self { dir, store, events })
    }

    /// Makes an entry durable: in the database, else on disk.
    pub async fn keep(&self, entry: Entry) -> Result<(), JournalError> {
        match tokio::time::timeout(PATIENCE, self.apply(&entry)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(StoreError::Unavailable(why))) => self.shelve(&entry, &why).await,
            Ok(Err(refused)) => Err(JournalError::Refused(refused)),
            Err(_) => self.shelve(&entry, "no answer in time").await,
        }
    }

    async fn apply(&self, entry: &Entry) -> Result<(), StoreError> {
        match entry {
            Entry::Facts { attempt, facts } => self.store.note(*attempt, facts).await,
            Entry::Closing { attempt, fence, closing } => {
                self.store.close_attempt(*attempt, *fence, closing).await?;
                for happening in Happening::ended(*attempt, closing) {
                    self.events.tell(happening);
                }
                Ok(())
            }
            Entry::Recording { recording } => self.store.file_recording(recording).await,
        }
    }

    async fn shelve(&self, entry: &Entry, why: &str) -> Result<(), JournalError> {
        tracing::error!(why, "the database is away: a fact of a call is kept in the journal");
        metrics::counter!("huifang_journal_kept_total").increment(1);
        // UUIDv7: names sort by time, so replay keeps the order.
        let name = format!("{}.json", uuid::Uuid::now_v7());
        write_durably(&self.dir, &name, &serde_json::to_vec(entry).unwrap_or_default())
            .await
            .map_err(|error| JournalError::Disk(self.dir.clone(), error))
    }

    /// Offers kept entries to the database, oldest first; answers how many it took.
    pub async fn replay(&self) -> usize {
        let mut taken = 0;
        for path in self.waiting() {
            let Some(entry) = read(&path) else {
                self.reject(&path, "it cannot be read");
                continue;
            };
            match tokio::time::timeout(PATIENCE, self.apply(&entry)).await {
                Ok(Ok(())) => {
                    if let Err(error) = std::fs::remove_file(&path) {
                        tracing::warn!(%error, "a journal entry was taken but cannot be removed");
                    }
                    taken += 1;
                }
                Ok(Err(StoreError::Unavailable(_))) | Err(_) => break,
                Ok(Err(refused)) => self.reject(&path, &refused.to_string()),
            }
        }
        taken
    }

    /// Replays for ever.
    pub async fn run(self: Arc<Self>) {
        loop {
            let taken = self.replay().await;
            if taken > 0 {
                tracing::info!(taken, "the database is back: journal entries were taken");
            }
            tokio::time::sleep(REPLAY_EVERY).await;
        }
    }

    /// Entries not yet in the database, oldest first.
    pub fn waiting(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(&self.dir)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        paths.sort();
        paths
    }

    /// Sets an entry aside for a person; it is never thrown away.
    fn reject(&self, path: &Path, why: &str) {
        tracing::error!(why, entry = %path.display(), "a journal entry is refused and set aside in rejected/");
        if let Some(name) = path.file_name()
            && let Err(error) = std::fs::rename(path, self.dir.join("rejected").join(name))
        {
            tracing::error!(%error, "a refused journal entry cannot be set aside");
        }
    }
}

fn read(path: &Path) -> Option<Entry> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Written, flushed and renamed, so that a name never stands for half an entry.
async fn write_durably(dir: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let part = dir.join(format!("{name}.part"));
    let mut file = tokio::fs::File::create(&part).await?;
    file.write_all(bytes).await?;
    file.sync_all().await?;
    tokio::fs::rename(&part, dir.join(name)).await?;
    tokio::fs::File::open(dir).await?.sync_all().await
}
