//! A folder that other systems put lists into: each file is taken once it is complete, and ends in `done` or `failed`,
//! its faults beside it.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use intake::Tongue;
use ports::{Customers, Import, ImportSource, Intake, IntakeError, NewImport};
use records::ImportId;

use crate::errors_file;

/// A file that another process of ours took and never gave back is offered again after this.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// How a folder is watched.
#[derive(Clone, Debug)]
pub struct WatchSettings {
    pub folder: PathBuf,
    /// Between two looks. A file is complete when two looks find it the same.
    pub every: Duration,
    /// Whether the good rows of a list are taken when others are broken; else the list as a whole fails.
    pub skip_faulty: bool,
    /// The language of the files of faults.
    pub tongue: Tongue,
}

/// Watches one folder.
pub struct Watch {
    settings: WatchSettings,
    intake: Arc<dyn Intake>,
    customers: Arc<dyn Customers>,
    /// Length and time of change at the last look.
    seen: HashMap<PathBuf, (u64, SystemTime)>,
}

impl Watch {
    /// Makes the folders `working`, `done` and `failed` below the watched one.
    pub fn new(
        settings: WatchSettings,
        intake: Arc<dyn Intake>,
        customers: Arc<dyn Customers>,
    ) -> Result<Self, IntakeError> {
        for place in ["working", "done", "failed"] {
            let path = settings.folder.join(place);
            std::fs::create_dir_all(&path).map_err(|error| IntakeError::Io { path, error })?;
        }
        Ok(Self { settings, intake, customers, seen: HashMap::new() })
    }

    /// Looks until it is dropped.
    pub async fn run(mut self) {
        loop {
            if let Err(error) = self.look().await {
                tracing::error!(%error, "the folder of lists cannot be looked into; it is tried again");
            }
            tokio::time::sleep(self.settings.every).await;
        }
    }

    /// One look: takes every file that is as it was at the look before.
    pub async fn look(&mut self) -> Result<(), IntakeError> {
        let folder = self.settings.folder.clone();
        let io = |error| IntakeError::Io { path: folder.clone(), error };
        give_back(&folder.join("working"), &folder).await.map_err(io)?;
        let found = lists(&folder).await.map_err(io)?;
        let mut complete: Vec<PathBuf> = found
            .iter()
            .filter(|(path, stamp)| self.seen.get(*path) == Some(*stamp))
            .map(|(path, _)| path.clone())
            .collect();
        complete.sort();
        self.seen = found;
        for path in complete {
            self.seen.remove(&path);
            self.take(&path).await?;
        }
        Ok(())
    }

    /// Takes one file. Of several processes that watch the folder, the one that moves it first.
    async fn take(&self, path: &Path) -> Result<(), IntakeError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let working = self.settings.folder.join("working").join(&name);
        match tokio::fs::rename(path, &working).await {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(IntakeError::Io { path: path.to_owned(), error }),
        }
        let id = ImportId(uuid::Uuid::now_v7());
        let new = NewImport { id, file: name.clone(), source: ImportSource::Folder, by: "folder".to_owned() };
        let outcome = self.import(&working, &new).await;
        let place = match &outcome {
            Ok(import) => {
                tracing::info!(
                    import = %id, created = import.counts.created, updated = import.counts.updated,
                    faulty = import.faulty, "a list from the folder was imported"
                );
                "done"
            }
            Err(why) => {
                tracing::warn!(import = %id, why = %why, "a list from the folder was not imported");
                "failed"
            }
        };
        // The id keeps lists of the same name apart.
        let to = self.settings.folder.join(place).join(format!("{id}-{name}"));
        tokio::fs::rename(&working, &to)
            .await
            .map_err(|error| IntakeError::Io { path: to.clone(), error })?;
        self.report(id, &to, outcome.err()).await
    }

    async fn import(&self, path: &Path, new: &NewImport) -> Result<Import, IntakeError> {
        let read = self.intake.read(path, new).await?;
        let refused = read.faulty > 0 && (!self.settings.skip_faulty || read.faulty >= read.rows);
        if refused {
            let why =
                format!("{} of {} rows are broken: mend those in the file of errors", read.faulty, read.rows);
            self.customers.drop_import(new.id, Some(&why)).await?;
            return Err(IntakeError::NoList(why));
        }
        let done = self.customers.carry_out(new.id).await;
        if let Err(error) = &done {
            self.customers.drop_import(new.id, Some(&error.to_string())).await?;
        }
        Ok(done?)
    }

    /// Puts the faults, or the reason, beside the file.
    async fn report(
        &self,
        id: ImportId,
        file: &Path,
        failed: Option<IntakeError>,
    ) -> Result<(), IntakeError> {
        let beside = |more: &str| PathBuf::from(format!("{}.{more}", file.display()));
        if let Some(why) = failed {
            let path = beside("why.txt");
            let written = tokio::fs::write(&path, format!("{why}\n")).await;
            written.map_err(|error| IntakeError::Io { path, error })?;
        }
        // Where the database is away there is nothing to write down, and the reason says so.
        if self.customers.faults(id, None, 1).await.map_or(true, |faults| faults.is_empty()) {
            return Ok(());
        }
        let path = beside("errors.csv");
        let io = |error| IntakeError::Io { path: path.clone(), error };
        let mut to = tokio::fs::File::create(&path).await.map_err(io)?;
        errors_file(&self.customers, id, self.settings.tongue, &mut to).await?.map_err(io)
    }
}

/// Files that may be lists, with length and time of change.
async fn lists(folder: &Path) -> io::Result<HashMap<PathBuf, (u64, SystemTime)>> {
    let mut found = HashMap::new();
    let mut entries = tokio::fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with(['.', '~']);
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        if hidden || !extension.is_some_and(|it| ["csv", "txt", "tsv", "xlsx", "xls"].contains(&it.as_str()))
        {
            continue;
        }
        // One that was renamed meanwhile is none any more.
        let Ok(about) = entry.metadata().await else { continue };
        if about.is_file() {
            found.insert(path, (about.len(), about.modified()?));
        }
    }
    Ok(found)
}

/// Puts back what a process took and died over. To import a list twice does no harm.
async fn give_back(working: &Path, folder: &Path) -> io::Result<()> {
    let mut entries = tokio::fs::read_dir(working).await?;
    while let Some(entry) = entries.next_entry().await? {
        let Ok(about) = entry.metadata().await else { continue };
        // A rename changes the time of the inode, not that of the contents.
        let changed = std::os::unix::fs::MetadataExt::ctime(&about);
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(changed.unsigned_abs());
        if changed.elapsed().is_ok_and(|age| age > ABANDONED) {
            tokio::fs::rename(entry.path(), folder.join(entry.file_name())).await?;
        }
    }
    Ok(())
}
