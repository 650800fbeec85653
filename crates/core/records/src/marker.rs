//! Marked moments of a recording. The kinds are a closed list; the text of each stands in the file's cue points and
//! in the database, never changes, and reads back into the same marker.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What is to be found at a place of a recording. Names are those of the questionnaire; line feeds in them become
/// blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marker {
    /// The interview came to a question, follow-up or gate.
    At { place: String },
    /// A prompt's first sample left.
    PromptBegins { name: String },
    /// A prompt was said to its end.
    PromptEnds { name: String },
    /// A prompt was interrupted: by a key, by another prompt, by the call's end.
    PromptCut { name: String },
    /// A key was pressed.
    Key { digit: char, by: KeyWay },
    /// A key was pressed whose tone is masked: its digit is kept from the recording.
    MaskedKey,
    /// An answer stands.
    Answer { question: String, value: String },
    /// A spoken answer begins.
    SpeechBegins { name: String },
    /// A spoken answer ends.
    SpeechEnds { name: String },
    /// A spoken answer was listened for here, and nothing was said.
    NoSpeech { name: String },
    /// The other side put the call on hold.
    Hold,
    /// The hold is over.
    Resume,
    /// The call is handed to a person.
    Transfer,
    /// Something was made out by ear.
    Heard { what: String },
    /// Packets were lost: so much sound is missing over that length.
    Lost { sound: Duration, over: Duration },
    /// For that long nothing came, and nothing says that anything was sent.
    Nothing { length: Duration },
}

/// How a key press came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyWay {
    /// As RFC 4733 telephone events.
    Event,
    /// As two tones in the sound.
    Tone,
    /// By SIP INFO.
    Info,
}

/// A text is no marker's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is the text of no marker: it was set by hand, or by a version before the list was closed")]
pub struct UnknownMarker(pub String);

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At { place } => write!(f, "at {}", Line(place)),
            Self::PromptBegins { name } => write!(f, "prompt begins: {}", Line(name)),
            Self::PromptEnds { name } => write!(f, "prompt ends: {}", Line(name)),
            Self::PromptCut { name } => write!(f, "prompt cut: {}", Line(name)),
            Self::Key { digit, by: KeyWay::Event } => write!(f, "key {digit}"),
            Self::Key { digit, by: KeyWay::Tone } => write!(f, "key {digit} by tone"),
            Self::Key { digit, by: KeyWay::Info } => write!(f, "key {digit} by info"),
            Self::MaskedKey => f.write_str("key masked"),
            Self::Answer { question, value } => write!(f, "answer {}={}", Line(question), Line(value)),
            Self::SpeechBegins { name } => write!(f, "speech begins: {}", Line(name)),
            Self::SpeechEnds { name } => write!(f, "speech ends: {}", Line(name)),
            Self::NoSpeech { name } => write!(f, "no speech: {}", Line(name)),
            Self::Heard { what } => write!(f, "heard: {}", Line(what)),
            Self::Hold => f.write_str("hold"),
            Self::Resume => f.write_str("resume"),
            Self::Transfer => f.write_str("transfer"),
            Self::Lost { sound, over } => {
                write!(f, "lost {} ms of {} ms", sound.as_millis(), over.as_millis())
            }
            Self::Nothing { length } => write!(f, "nothing came for {} ms", length.as_millis()),
        }
    }
}

impl FromStr for Marker {
    type Err = UnknownMarker;

    fn from_str(text: &str) -> Result<Self, UnknownMarker> {
        let marker = match text {
            "hold" => Some(Self::Hold),
            "resume" => Some(Self::Resume),
            "transfer" => Some(Self::Transfer),
            "key masked" => Some(Self::MaskedKey),
            _ => named(text).or_else(|| measured(text)),
        };
        marker.ok_or_else(|| UnknownMarker(text.to_owned()))
    }
}

fn named(text: &str) -> Option<Marker> {
    if let Some((kind, name)) = text.split_once(": ") {
        let name = name.to_owned();
        match kind {
            "prompt begins" => return Some(Marker::PromptBegins { name }),
            "prompt ends" => return Some(Marker::PromptEnds { name }),
            "prompt cut" => return Some(Marker::PromptCut { name }),
            "speech begins" => return Some(Marker::SpeechBegins { name }),
            "speech ends" => return Some(Marker::SpeechEnds { name }),
            "heard" => return Some(Marker::Heard { what: name }),
            "no speech" => return Some(Marker::NoSpeech { name }),
            _ => {}
        }
    }
    let (kind, rest) = text.split_once(' ')?;
    match kind {
        "at" => Some(Marker::At { place: rest.to_owned() }),
        "key" => key(rest),
        "answer" => {
            let (question, value) = rest.split_once('=')?;
            Some(Marker::Answer { question: question.to_owned(), value: value.to_owned() })
        }
        _ => None,
    }
}

/// `5`, `5 by tone` or `5 by info`.
fn key(text: &str) -> Option<Marker> {
    let (digit, by) = match text.split_once(" by ") {
        None => (text, KeyWay::Event),
        Some((digit, "tone")) => (digit, KeyWay::Tone),
        Some((digit, "info")) => (digit, KeyWay::Info),
        Some(_) => return None,
    };
    digit.parse().ok().map(|digit| Marker::Key { digit, by })
}

fn measured(text: &str) -> Option<Marker> {
    let millis = |number: &str| number.parse().ok().map(Duration::from_millis);
    let text = text.strip_suffix(" ms")?;
    if let Some(length) = text.strip_prefix("nothing came for ") {
        return Some(Marker::Nothing { length: millis(length)? });
    }
    let (sound, over) = text.strip_prefix("lost ")?.split_once(" ms of ")?;
    Some(Marker::Lost { sound: millis(sound)?, over: millis(over)? })
}

/// A name on one line.
struct Line<'a>(&'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| write!(f, "{}", if c.is_control() { ' ' } else { c }))
    }
}
