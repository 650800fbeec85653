//! Imports beside the web: the watched folder, and forgetting what is over.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use importing::{Importer, Watch, WatchSettings};
use intake::Tongue;
use ports::{Customers, Intake, IntakeError};

use crate::config::{Config, ErrorLanguage};

/// Between two looks at what may be forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// Reads lists into the store; uploads wait below the data folder while they are read.
pub(super) fn importer(
    config: &Config,
    customers: Arc<dyn Customers>,
) -> Result<Arc<dyn Intake>, IntakeError> {
    let path = config.data.dir.join("imports");
    match Importer::new(customers, path.clone()) {
        Ok(importer) => Ok(Arc::new(importer)),
        Err(error) => Err(IntakeError::Io { path, error }),
    }
}

/// The watched folder, where there is one.
pub(super) fn watch(
    config: &Config,
    intake: &Arc<dyn Intake>,
    customers: &Arc<dyn Customers>,
) -> Result<Option<Watch>, IntakeError> {
    let import = &config.import;
    let Some(folder) = import.folder.clone() else { return Ok(None) };
    let settings = WatchSettings {
        folder,
        every: Duration::from_secs(import.every_seconds),
        skip_faulty: import.skip_broken,
        tongue: match import.language {
            ErrorLanguage::Zh => Tongue::Zh,
            ErrorLanguage::En => Tongue::En,
        },
    };
    Watch::new(settings, Arc::clone(intake), Arc::clone(customers)).map(Some)
}

/// Drops previews that nobody said yes to, and empties the rows of old faults, once an hour.
pub(super) async fn forget(config: Config, customers: Arc<dyn Customers>) {
    let hours = |hours: u64| TimeDelta::hours(i64::try_from(hours).unwrap_or(i64::MAX / 3_600_000));
    loop {
        let now = Utc::now();
        let previews = now - hours(config.import.preview_hours);
        let errors = now - hours(config.import.errors_days * 24);
        match customers.forget_imports(previews, errors).await {
            Ok(0) => {}
            Ok(dropped) => {
                tracing::info!(dropped, "previews of imports that nobody said yes to were dropped");
            }
            Err(error) => tracing::warn!(%error, "old imports could not be forgotten; it is tried again"),
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}
