//! The library of questionnaires: texts parsed, prompts rendered and encoded, once per version.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use media::Clip;
use parking_lot::Mutex;
use prompts::{PromptError, PromptStore, Source};
use survey::{AudioFile, Problems, PromptRef, Questionnaire};
use tokio::sync::OnceCell;

/// A questionnaire ready to be asked: every prompt of every language is sound.
pub struct Script {
    pub questionnaire: Arc<Questionnaire>,
    pub sound: Sound,
    /// The same with the words of ours that only customers hear who ring back.
    with_ours: OnceCell<Sound>,
}

/// Prompts as sound.
#[derive(Clone, Default)]
pub struct Sound(Arc<HashMap<PromptRef, Arc<Clip>>>);

impl Sound {
    /// The sound of a prompt. Every prompt of a prepared questionnaire has one.
    pub fn clip(&self, prompt: &PromptRef) -> Option<Arc<Clip>> {
        self.0.get(prompt).cloned()
    }
}

/// What callers hear for whom there is no questionnaire.
#[derive(Clone)]
pub struct Notice {
    pub prompt: PromptRef,
    pub sound: Sound,
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
    notice: OnceCell<Notice>,
}

impl Library {
    /// Questionnaires below `dir`, their texts filled with `variables`.
    pub fn new(dir: PathBuf, variables: BTreeMap<String, String>, prompts: PromptStore) -> Self {
        Self { dir, variables, prompts, scripts: Mutex::default(), notice: OnceCell::new() }
    }

    /// A published version that was used before.
    pub fn prepared(&self, version: &str) -> Option<Arc<Script>> {
        self.scripts.lock().get(version)?.get().cloned()
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
        let sound = Sound(Arc::new(self.sound(questionnaire.spoken(), folder, file).await?));
        Ok(Script { questionnaire: Arc::new(questionnaire), sound, with_ours: OnceCell::new() })
    }

    /// What a customer may hear who rings back: the file's prompts and our own words.
    pub async fn for_ring_back(&self, script: &Script) -> Result<Sound, LibraryError> {
        let whole = script.with_ours.get_or_try_init(|| async {
            let ours = script.questionnaire.spoken_by_us();
            let ours = self.sound(ours, &self.dir, &script.questionnaire.id).await?;
            let theirs = script.sound.0.iter().map(|(prompt, clip)| (prompt.clone(), Arc::clone(clip)));
            Ok(Sound(Arc::new(theirs.chain(ours).collect())))
        });
        whole.await.cloned()
    }

    /// The notice for callers without an open task, made sound at its first use.
    pub async fn notice(&self, language: &str, text: &str) -> Result<Notice, LibraryError> {
        let notice = self.notice.get_or_try_init(|| async {
            let prompt = PromptRef { id: "notice".to_owned(), language: language.to_owned() };
            let words = std::iter::once((prompt.clone(), text, None));
            let sound = self.sound(words, &self.dir, "ring_back.notice").await?;
            Ok(Notice { prompt, sound: Sound(Arc::new(sound)) })
        });
        notice.await.cloned()
    }

    async fn sound<'q>(
        &self,
        spoken: impl Iterator<Item = (PromptRef, &'q str, Option<&'q AudioFile>)>,
        folder: &Path,
        file: &str,
    ) -> Result<HashMap<PromptRef, Arc<Clip>>, LibraryError> {
        let mut clips = HashMap::new();
        for (prompt, text, audio) in spoken {
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
        Ok(clips)
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
