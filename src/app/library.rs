//! The library of questionnaires: texts parsed, prompts rendered and encoded, once per version.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use media::Clip;
use parking_lot::Mutex;
use prompts::{PromptError, PromptStore, Source};
use survey::{Problems, PromptRef, Questionnaire};
use tokio::sync::OnceCell;

/// A questionnaire ready to be asked: every prompt of every language is sound.
pub struct Script {
    pub questionnaire: Arc<Questionnaire>,
    clips: HashMap<PromptRef, Arc<Clip>>,
}

impl Script {
    /// The sound of a prompt. Every prompt of the questionnaire has one.
    pub fn clip(&self, prompt: &PromptRef) -> Option<Arc<Clip>> {
        self.clips.get(prompt).cloned()
    }
}

/// A questionnaire cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The file cannot be read.
    #[error("the questionnaire {0} cannot be read: {1}. Check the path and [questionnaires] dir")]
    Unreadable(PathBuf, std::io::Error),
    /// The text is no usable questionnaire; one line per problem.
    #[error("{0}")]
    Problems(Problems),
    /// A prompt cannot be made.
    #[error("{place}: {why}")]
    Prompt { place: String, why: PromptError },
}

/// All questionnaires in use.
pub struct Library {
    dir: PathBuf,
    variables: BTreeMap<String, String>,
    prompts: PromptStore,
    scripts: Mutex<HashMap<String, Arc<OnceCell<Arc<Script>>>>>,
}

impl Library {
    /// Questionnaires below `dir`, their texts filled with `variables`.
    pub fn new(dir: PathBuf, variables: BTreeMap<String, String>, prompts: PromptStore) -> Self {
        Self { dir, variables, prompts, scripts: Mutex::default() }
    }

    /// A published version, prepared at its first use.
    pub async fn script(&self, version: &str, name: &str, source: &str) -> Result<Arc<Script>, LibraryError> {
        let cell = Arc::clone(self.scripts.lock().entry(version.to_owned()).or_default());
        cell.get_or_try_init(|| async {
            let file = format!("{name}.yaml");
            let questionnaire = parse(&file, source, &self.variables)?;
            self.prepare(questionnaire, &self.dir, &file).await.map(Arc::new)
        })
        .await
        .cloned()
    }

    /// A file outside the library, for one call.
    pub async fn script_of_file(&self, path: &Path) -> Result<Arc<Script>, LibraryError> {
        let source = read(path)?;
        let file = path.display().to_string();
        let questionnaire = parse(&file, &source, &self.variables)?;
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        self.prepare(questionnaire, &folder, &file).await.map(Arc::new)
    }

    async fn prepare(
        &self,
        questionnaire: Questionnaire,
        folder: &Path,
        file: &str,
    ) -> Result<Script, LibraryError> {
        let mut clips = HashMap::new();
        for (prompt, text, audio) in questionnaire.spoken() {
            let source = Source {
                text: Some(text.to_owned()),
                audio: audio.map(|audio| folder.join(&audio.file)),
                language: prompt.language.clone(),
            };
            let pcm = self.prompts.load(&source).await.map_err(|why| LibraryError::Prompt {
                place: match audio {
                    Some(audio) => format!("{file}:{}", audio.place),
                    None => format!("{file}: prompt {} ({})", prompt.id, prompt.language),
                },
                why,
            })?;
            clips.insert(prompt, Arc::new(Clip::from_pcm(pcm.samples())));
        }
        Ok(Script { questionnaire: Arc::new(questionnaire), clips })
    }

    /// Where questionnaires are read from.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Words filled into texts.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }
}

/// Reads a questionnaire's text.
pub fn read(path: &Path) -> Result<String, LibraryError> {
    std::fs::read_to_string(path).map_err(|error| LibraryError::Unreadable(path.to_owned(), error))
}

/// Parses a text and fills its variables.
pub fn parse(
    file: &str,
    source: &str,
    variables: &BTreeMap<String, String>,
) -> Result<Questionnaire, LibraryError> {
    survey::parse(file, source)
        .and_then(|questionnaire| questionnaire.fill(file, variables))
        .map_err(LibraryError::Problems)
}
