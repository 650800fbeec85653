//! Key presses, each heard exactly once, by whichever ways its packets, tones or messages come.

mod events;
mod keypad;
mod own;
mod policy;
mod tones;
mod unagreed;

pub use events::{KeyChange, KeyReceiver};
pub use keypad::Keypad;
pub use own::OwnKeys;
pub use policy::{InBand, KeyPolicy};
pub use tones::{ToneKey, ToneKeys};
pub use unagreed::UnagreedEvents;

use std::fmt;

/// How a press comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// RFC 4733 telephone events.
    Event,
    /// In the sound, as two tones (ITU-T Q.23).
    Tone,
    /// SIP INFO.
    Info,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Event, Self::Tone, Self::Info];

    /// `event`, `tone`, `info`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Tone => "tone",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}
