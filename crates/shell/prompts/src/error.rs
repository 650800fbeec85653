//! Why a prompt could not be made, each with what to do about it.

use std::path::PathBuf;
use std::time::Duration;

/// Why a prompt could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// Neither text nor recorded file.
    #[error("the prompt has neither text nor audio; give it a text or name a recorded file")]
    Empty,
    /// The recorded file cannot be opened.
    #[error(
        "prompt audio {}: {source}; put the file there (readable by the service), or remove `audio` so that the text is spoken",
        path.display()
    )]
    AudioFile {
        /// The file named by the questionnaire.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is none of the formats read here, or damaged.
    #[error(
        "prompt audio {}: {why}; convert it to WAV, FLAC, MP3 or OGG/Vorbis, for example: ffmpeg -i IN -ar 8000 -ac 1 OUT.wav",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        why: String,
    },
    /// Longer than any prompt should be.
    #[error("prompt audio {}: longer than {limit:?}; split it into shorter prompts", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The longest prompt taken.
        limit: Duration,
    },
    /// Nothing is heard in it.
    #[error("{from} is silent; check the recording, or the text and the voice")]
    Silent {
        /// The file, or the command that made it.
        from: String,
    },
    /// The command template cannot work.
    #[error("speech.command `{command}` lacks {missing}; see the example configuration")]
    CommandTemplate {
        /// The template.
        command: String,
        /// The missing part.
        missing: &'static str,
    },
    /// No voice for the language.
    #[error("no voice for language `{language}` (there are: {known}); add it under speech.voices")]
    NoVoice {
        /// The language asked for.
        language: String,
        /// The languages that have a voice.
        known: String,
    },
    /// The program is not there or not executable.
    #[error(
        "speech command `{program}`: {source}; install it (Debian: apt install espeak-ng) or correct speech.command"
    )]
    CommandMissing {
        /// The program.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The program ended with an error.
    #[error(
        "speech command `{command}` failed ({status}): {stderr}; run it by hand to see why, and correct speech.command or speech.voices"
    )]
    CommandFailed {
        /// The command as run.
        command: String,
        /// Its exit status.
        status: String,
        /// The beginning of what it wrote to stderr.
        stderr: String,
    },
    /// The program did not end in time.
    #[error(
        "speech command `{command}` took longer than {after:?}; raise speech.timeout or use a faster command"
    )]
    CommandTimeout {
        /// The command as run.
        command: String,
        /// The time it was given.
        after: Duration,
    },
    /// The program ended well but left no audio.
    #[error("speech command `{command}` wrote no audio; it must write an audio file to {{out}}")]
    CommandSilent {
        /// The command as run.
        command: String,
    },
    /// The cache cannot be written.
    #[error("prompt cache {}: {source}; check its rights and the free space, or set speech.cache elsewhere", path.display())]
    Cache {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Shutting down, or a fault in this room.
    #[error("the prompt was not finished: {0}; load it again")]
    Interrupted(String),
}
