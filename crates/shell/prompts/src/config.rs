//! How text becomes speech, and what a prompt is made from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use audio::Dbm0;

use crate::PromptError;

/// The text-to-speech command and where its results are kept.
#[derive(Debug, Clone)]
pub struct SpeechConfig {
    /// Program and arguments. `{voice}`, `{language}`, `{text}`, `{text_file}` (UTF-8) and `{out}`
    /// (the audio file to write) are filled in; no shell is involved.
    pub command: Vec<String>,
    /// Language tag (as in the questionnaire) to the command's name of a voice.
    pub voices: BTreeMap<String, String>,
    /// Directory of rendered prompts; made when missing.
    pub cache: PathBuf,
    /// How long the command may take for one prompt.
    pub timeout: Duration,
    /// How loud every prompt is said: its active speech level (ITU-T P.56).
    pub level: Dbm0,
}

impl Default for SpeechConfig {
    /// espeak-ng. Its Mandarin must be `cmn-latn-pinyin`: `cmn` and `zh` read parts of the
    /// text aloud in English.
    fn default() -> Self {
        let command =
            ["espeak-ng", "-v", "{voice}", "-s", "150", "-w", "{out}", "-f", "{text_file}"].map(String::from);
        let voices = [("zh", "cmn-latn-pinyin"), ("en", "en"), ("yue", "yue")]
            .map(|(language, voice)| (language.to_owned(), voice.to_owned()));
        Self {
            command: command.into(),
            voices: voices.into(),
            cache: PathBuf::from("prompts"),
            timeout: Duration::from_secs(30),
            level: Dbm0(-16.0),
        }
    }
}

impl SpeechConfig {
    /// Whether the command can work at all: it has a program, a place for the text and one for the result.
    pub fn check(&self) -> Result<(), PromptError> {
        let mentions = |name: &str| self.command.iter().any(|part| part.contains(name));
        let missing = if self.command.first().is_none_or(String::is_empty) {
            "a program"
        } else if !mentions("{text}") && !mentions("{text_file}") {
            "{text_file} or {text}"
        } else if !mentions("{out}") {
            "{out}"
        } else {
            return Ok(());
        };
        Err(PromptError::CommandTemplate { command: self.command.join(" "), missing })
    }

    /// The voice for a language: the tag itself, or its first part (`zh` for `zh-CN`).
    pub(crate) fn voice(&self, language: &str) -> Result<&str, PromptError> {
        let base = language.split(['-', '_']).next().unwrap_or(language);
        self.voices.get(language).or_else(|| self.voices.get(base)).map(String::as_str).ok_or_else(|| {
            PromptError::NoVoice {
                language: language.to_owned(),
                known: self.voices.keys().cloned().collect::<Vec<_>>().join(", "),
            }
        })
    }
}

/// What one prompt is made from. A recorded file wins over the text, which then only documents it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// The words to be spoken.
    pub text: Option<String>,
    /// A WAV, FLAC, MP3 or OGG/Vorbis file.
    pub audio: Option<PathBuf>,
    /// Language tag of the text, such as `zh`.
    pub language: String,
}
