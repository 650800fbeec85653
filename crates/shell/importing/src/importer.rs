//! Takes one file from its first octet to its preview.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use ports::{Customers, FileRead, Import, Intake, IntakeError, NewImport};
use tokio::sync::mpsc;

use crate::portions::{Portion, read_file};

/// Portions that wait between the reading thread and the database.
const WAITING: usize = 2;

/// Reads files into a store.
pub struct Importer {
    customers: Arc<dyn Customers>,
    spool: PathBuf,
}

impl Importer {
    /// Uploads are put into `spool` while they are read; what an earlier process left there is taken away.
    pub fn new(customers: Arc<dyn Customers>, spool: PathBuf) -> std::io::Result<Self> {
        if spool.exists() {
            std::fs::remove_dir_all(&spool)?;
        }
        std::fs::create_dir_all(&spool)?;
        Ok(Self { customers, spool })
    }

    async fn stage(&self, path: &Path, import: &NewImport) -> Result<FileRead, IntakeError> {
        let (portions, mut coming) = mpsc::channel::<Portion>(WAITING);
        let file = path.to_owned();
        let reading = tokio::task::spawn_blocking(move || read_file(&file, &portions));
        while let Some(Portion { rows, faulty }) = coming.recv().await {
            self.customers.stage(import.id, rows, faulty).await?;
        }
        match reading.await {
            Ok(read) => read,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => {
                Err(IntakeError::NoList("the service is shutting down: bring the file once more".to_owned()))
            }
        }
    }
}

#[async_trait]
impl Intake for Importer {
    fn spool(&self) -> &Path {
        &self.spool
    }

    async fn read(&self, path: &Path, import: &NewImport) -> Result<Import, IntakeError> {
        self.customers.begin_import(import).await?;
        match self.stage(path, import).await {
            Ok(read) => {
                let import = self.customers.end_reading(import.id, &read).await?;
                tracing::info!(
                    import = %import.id, rows = import.rows, faulty = import.faulty, form = import.layout.form,
                    encoding = import.layout.encoding, "a list of customers was read"
                );
                Ok(import)
            }
            Err(error) => {
                let why = error.to_string();
                if let Err(second) = self.customers.drop_import(import.id, Some(&why)).await {
                    tracing::warn!(import = %import.id, error = %second, "a failed import could not be ended");
                }
                Err(error)
            }
        }
    }
}
