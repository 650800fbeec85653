//! The cache on disk: WAV files named by the hash of all that decides how they sound.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use sha2::{Digest, Sha256};

use crate::shape::{Pcm, SAMPLE_RATE};
use crate::{PromptError, SpeechConfig};

/// Raised when the shaping changes, so that older files are rendered anew.
const SHAPING: &str = "shaping 2";

const FORMAT: WavSpec =
    WavSpec { channels: 1, sample_rate: SAMPLE_RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };

/// Name of a prompt in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    /// Of a spoken text.
    pub(crate) fn of_text(config: &SpeechConfig, text: &str, language: &str, voice: &str) -> Self {
        let level = level(config);
        let mut parts = vec!["text", &level, text, language, voice];
        parts.extend(config.command.iter().map(String::as_str));
        Self::of(&parts)
    }

    /// Of a recorded file with these contents.
    pub(crate) fn of_recording(config: &SpeechConfig, contents: &[u8]) -> Self {
        Self::of(&["audio", &level(config), &hex::encode(Sha256::digest(contents))])
    }

    /// Each part goes in with its length, so that no two lists of parts look alike.
    fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in std::iter::once(&SHAPING).chain(parts) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(hex::encode(hash.finalize()))
    }

    /// Where the prompt lies.
    pub(crate) fn path(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}.wav", self.0))
    }
}

fn level(config: &SpeechConfig) -> String {
    format!("{:.1} dBm0", config.level.0)
}

/// The prompt, when the cache has it whole. A damaged file counts as absent and is rendered again.
pub(crate) fn read(path: &Path) -> Option<Pcm> {
    let mut reader = WavReader::open(path).ok()?;
    if reader.spec() != FORMAT {
        return None;
    }
    let samples: Vec<i16> = reader.samples::<i16>().collect::<Result<_, _>>().ok()?;
    (!samples.is_empty()).then(|| Pcm::new(samples))
}

/// Written beside and renamed, so that nobody ever reads half a prompt.
pub(crate) fn write(path: &Path, pcm: &Pcm) -> Result<(), PromptError> {
    let failed = |source| PromptError::Cache { path: path.to_owned(), source };
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(directory).map_err(failed)?;
    let bytes = encode(pcm).map_err(|e| failed(std::io::Error::other(e)))?;
    file.write_all(&bytes).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

fn encode(pcm: &Pcm) -> Result<Vec<u8>, hound::Error> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, FORMAT)?;
    for &sample in pcm.samples() {
        writer.write_sample(sample)?;
    }
    writer.finalize()?;
    Ok(bytes.into_inner())
}
