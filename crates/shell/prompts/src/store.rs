//! Loads prompts: from memory, from the cache, or by rendering them, each only once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use audio::Dbm0;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::cache::{self, Key};
use crate::decode::decode;
use crate::shape::{Pcm, shape};
use crate::speech::speak;
use crate::{PromptError, Source, SpeechConfig};

/// All prompts of the service. Cheap to share behind an [`Arc`].
#[derive(Debug)]
pub struct PromptStore {
    config: SpeechConfig,
    loaded: Mutex<HashMap<Key, Arc<OnceCell<Arc<Pcm>>>>>,
}

impl PromptStore {
    /// A store that renders by this configuration; nothing is touched until a prompt is loaded.
    pub fn new(config: SpeechConfig) -> Self {
        Self { config, loaded: Mutex::default() }
    }

    /// The prompt, rendered now if it never was. Callers that ask for the same prompt at the
    /// same time wait for one rendering.
    pub async fn load(&self, source: &Source) -> Result<Arc<Pcm>, PromptError> {
        match (&source.audio, &source.text) {
            (Some(path), _) => self.load_recording(path.clone()).await,
            (None, Some(text)) if !text.trim().is_empty() => self.load_text(text, &source.language).await,
            _ => Err(PromptError::Empty),
        }
    }

    /// A recorded file as it would be said; nothing is kept of it.
    pub async fn examine(&self, path: &Path) -> Result<Pcm, PromptError> {
        let (path, level) = (path.to_owned(), self.config.level);
        blocking(move || {
            let from = format!("audio {}", path.display());
            shaped(&path, level, from)
        })
        .await
    }

    async fn load_recording(&self, path: PathBuf) -> Result<Arc<Pcm>, PromptError> {
        let contents = tokio::fs::read(&path)
            .await
            .map_err(|source| PromptError::AudioFile { path: path.clone(), source })?;
        let key = Key::of_recording(&self.config, &contents);
        let level = self.config.level;
        self.once(key, |_| async move {
            let from = format!("prompt audio {}", path.display());
            blocking(move || shaped(&path, level, from)).await
        })
        .await
    }

    async fn load_text(&self, text: &str, language: &str) -> Result<Arc<Pcm>, PromptError> {
        let voice = self.config.voice(language)?;
        let key = Key::of_text(&self.config, text, language, voice);
        let level = self.config.level;
        self.once(key, |workshop| async move {
            let out = workshop.join("speech.wav");
            speak(&self.config, text, language, &out).await?;
            let from = format!("what voice `{voice}` made of «{text}»");
            blocking(move || shaped(&out, level, from)).await
        })
        .await
    }

    /// Memory first, then the cache, then `render`, which gets a directory of its own to work in.
    async fn once<F, R>(&self, key: Key, render: F) -> Result<Arc<Pcm>, PromptError>
    where
        F: FnOnce(PathBuf) -> R,
        R: Future<Output = Result<Pcm, PromptError>>,
    {
        let cell = Arc::clone(self.loaded.lock().entry(key.clone()).or_default());
        let pcm = cell.get_or_try_init(|| async move {
            let path = key.path(&self.config.cache);
            let cached = path.clone();
            if let Some(pcm) = blocking(move || Ok(cache::read(&cached))).await? {
                return Ok(Arc::new(pcm));
            }
            let directory = self.config.cache.clone();
            let workshop = blocking(move || workshop_in(&directory)).await?;
            let pcm = render(workshop.path().to_owned()).await?;
            tracing::debug!(prompt = %path.display(), seconds = pcm.duration().as_secs_f32(), "prompt rendered");
            blocking(move || cache::write(&path, &pcm).map(|()| Arc::new(pcm))).await
        });
        pcm.await.map(Arc::clone)
    }
}

fn workshop_in(cache: &Path) -> Result<tempfile::TempDir, PromptError> {
    std::fs::create_dir_all(cache)
        .and_then(|()| tempfile::Builder::new().prefix(".work-").tempdir_in(cache))
        .map_err(|source| PromptError::Cache { path: cache.to_owned(), source })
}

fn shaped(path: &Path, level: Dbm0, from: String) -> Result<Pcm, PromptError> {
    let decoded = decode(path)?;
    shape(decoded.samples, decoded.rate, level)
        .map_err(|why| PromptError::Unreadable { path: path.to_owned(), why })?
        .ok_or(PromptError::Silent { from })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PromptError> + Send + 'static,
) -> Result<T, PromptError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| PromptError::Interrupted(e.to_string()))?
}
