//! Publishing questionnaires: files that are whole, with every prompt rendered, become versions plans can ask.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use ports::NewQuestionnaire;
use records::Policy;
use sha2::{Digest as _, Sha256};
use survey::Questionnaire;
use web::{Shelf, ShelfItem};

use super::calendar::Calendars;
use super::library;
use super::service::Service;

/// How often the folder is looked at for changed files.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The questionnaires that a new plan may ask.
pub(super) struct Publications {
    calendar: Arc<Calendars>,
    by_file: RwLock<HashMap<PathBuf, Published>>,
}

/// One file as last looked at; `item` is `None` while it cannot be used.
struct Published {
    version: String,
    item: Option<ShelfItem>,
}

impl Publications {
    /// Nothing is published yet.
    pub(super) fn new(calendar: Arc<Calendars>) -> Self {
        Self { calendar, by_file: RwLock::default() }
    }

    /// Publishes what is new or changed, for ever.
    pub(super) async fn run(self: Arc<Self>, service: Arc<Service>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.look(&service).await;
        }
    }

    /// Publishes every questionnaire of the folder that is new or changed. One that cannot be used is logged, once,
    /// and harms no other.
    pub(super) async fn look(&self, service: &Service) {
        let files = files(service.library.dir());
        self.by_file.write().retain(|path, _| files.contains(path));
        for path in files {
            let Ok(source) = library::read(&path) else { continue };
            let version = hex::encode(Sha256::digest(source.as_bytes()));
            if self.by_file.read().get(&path).is_some_and(|published| published.version == version) {
                continue;
            }
            let item = match publish(service, &path, &version, &source).await {
                Ok(item) => {
                    tracing::info!(
                        questionnaire = item.name,
                        version = &version[..12],
                        "questionnaire published"
                    );
                    Some(item)
                }
                Err(why) => {
                    tracing::error!("a questionnaire cannot be used:\n{why}");
                    None
                }
            };
            self.by_file.write().insert(path, Published { version, item });
        }
    }
}

impl Shelf for Publications {
    fn questionnaires(&self) -> Vec<ShelfItem> {
        let mut items: Vec<ShelfItem> =
            self.by_file.read().values().filter_map(|published| published.item.clone()).collect();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        items
    }

    fn calendar(&self) -> Arc<plan::Calendar> {
        self.calendar.current()
    }

    fn check_policy(&self, policy: &Policy) -> Result<(), String> {
        let warnings = plan::check(policy)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))?;
        for warning in warnings {
            tracing::warn!(%warning, "a plan's policy stays below the rules");
        }
        Ok(())
    }
}

async fn publish(service: &Service, path: &Path, version: &str, source: &str) -> Result<ShelfItem, String> {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let script = service.library.script(version, &name, source).await.map_err(|error| error.to_string())?;
    let new = NewQuestionnaire { name: name.clone(), version: version.to_owned(), source: source.to_owned() };
    service.store.publish_questionnaire(&new).await.map_err(|error| error.to_string())?;
    Ok(item(&name, version, &script.questionnaire))
}

fn item(name: &str, version: &str, questionnaire: &Questionnaire) -> ShelfItem {
    let title = |language: &str| {
        let title = &questionnaire.title;
        title.get(language).or_else(|| title.values().next()).map_or_else(|| name.to_owned(), Clone::clone)
    };
    ShelfItem {
        version: version.to_owned(),
        title_zh: title("zh"),
        title_en: title("en"),
        name: name.to_owned(),
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}
