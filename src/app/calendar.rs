//! The holidays in force: those of the release, with the years of the operator's file in their place. The file is read
//! again when it has changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use parking_lot::RwLock;
use plan::{Calendar, CalendarError};
use records::{AlarmName, Finding, Schedule};

/// Stands in an alarm where others name their trunk.
const CALENDAR: &str = "calendar";
/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The file of `calendar.file` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalendarFileError {
    #[error("calendar.file {path} cannot be read: {error}. Name a file that the service may read, or none")]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("calendar.file {path}: {error}")]
    Broken { path: PathBuf, error: CalendarError },
}

/// The calendar as it stands.
pub struct Calendars {
    file: Option<PathBuf>,
    current: RwLock<Arc<Calendar>>,
}

impl Calendars {
    /// The release's calendar, with the file's years in place of its own.
    pub fn load(file: Option<&Path>) -> Result<Self, CalendarFileError> {
        let current = file.map_or_else(|| Ok(Calendar::official()), read)?;
        Ok(Self { file: file.map(Path::to_owned), current: RwLock::new(Arc::new(current)) })
    }

    /// The calendar at this moment.
    pub fn current(&self) -> Arc<Calendar> {
        Arc::clone(&self.current.read())
    }

    /// The years whose holidays are not known though tasks of today are tried again in them.
    pub(super) fn findings(&self, now: DateTime<Utc>) -> Vec<Finding> {
        let today = now.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
        plan::holidays_unknown(&Schedule::default(), &self.current(), today)
            .into_iter()
            .map(|unknown| Finding {
                name: AlarmName::HolidaysUnknown,
                trunk: CALENDAR.to_owned(),
                what: unknown.to_string(),
            })
            .collect()
    }

    /// Reads the file whenever it has changed, for ever. One that cannot be used leaves the calendar as it is.
    pub(super) async fn follow(self: Arc<Self>) {
        let Some(file) = self.file.clone() else { return };
        let mut seen = changed(&file);
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = changed(&file);
            if now == seen {
                continue;
            }
            seen = now;
            match read(&file) {
                Ok(calendar) => {
                    *self.current.write() = Arc::new(calendar);
                    tracing::info!(file = %file.display(), "the holiday calendar was read again");
                }
                Err(why) => tracing::error!("{why}. The calendar stays as it is"),
            }
        }
    }
}

fn read(path: &Path) -> Result<Calendar, CalendarFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CalendarFileError::Unreadable { path: path.to_owned(), error })?;
    let newer =
        Calendar::parse(&text).map_err(|error| CalendarFileError::Broken { path: path.to_owned(), error })?;
    Ok(Calendar::official().upgraded(newer))
}

fn changed(path: &Path) -> Option<(SystemTime, u64)> {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}
