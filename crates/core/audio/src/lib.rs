//! What one telephone call sounds like, as pure data: G.711, RTP, keys, speech, and where each sample
//! belongs in the recording; what sound means is the business of `hearing`. Positions and lengths are samples at [`RATE`].

mod active;
mod clip;
mod codec;
mod comfort;
mod cues;
mod holes;
mod keys;
mod level;
mod piece;
pub mod rtcp;
mod rtp;
mod source;
mod span;
mod stream;
pub mod synth;
mod tape;
mod timeline;
mod tone;

pub use active::active_speech_level;
pub use clip::Clip;
pub use codec::Codec;
pub use comfort::{ComfortNoise, Silence};
pub use cues::{Cue, append_cue_chunks, cue_chunks, cues_in};
pub use holes::Lost;
pub use keys::{
    InBand, KeyChange, KeyPolicy, KeyReceiver, Keypad, OwnKeys, ToneKey, ToneKeys, UnagreedEvents, Way,
};
pub use level::{Dbm0, Level};
pub use piece::Piece;
pub use rtp::{Front, HEADER_LEN, Header, Malformed, Packet};
pub use source::{Plausible, SourceLock, SourcePolicy};
pub use span::{NoiseFloor, SpanEnd, SpanEvent, SpanLimits, SpeechSpan};
pub use stream::{Arrival, Counts, PayloadTypes, Refused, Stamp, StreamReceiver};
pub use tape::{PIECE, Tape};
pub use timeline::{Placed, Timeline};
pub use tone::Tone;

use std::time::Duration;

/// Samples a second of everything in this crate (G.711 is 8 kHz; RFC 3551 section 4.5.14).
pub const RATE: u32 = 8000;

/// Samples, and G.711 octets, in the 20 ms that one packet carries.
pub const FRAME: usize = 160;

/// How long one frame lasts.
pub const FRAME_TIME: Duration = Duration::from_millis(20);

/// The length of `samples` samples.
pub fn duration_of(samples: u64) -> Duration {
    Duration::from_nanos(samples.saturating_mul(1_000_000_000 / u64::from(RATE)))
}

/// The whole samples that fit into `time`.
pub fn samples_in(time: Duration) -> u64 {
    time.as_secs() * u64::from(RATE) + u64::from(time.subsec_nanos() / (1_000_000_000 / RATE))
}
