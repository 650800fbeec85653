//! The media path: threads of its own, a 20 ms tick, one UDP socket a leg, and recordings.
//!
//! Commands go in and facts come out over bounded queues; nothing here waits for the rest of the service,
//! and a full queue is counted and logged. Each tick, every leg drains its socket and sends one frame; no
//! packet allocates. Recordings leave the tick in pieces of half a second and are written by another thread.

mod config;
mod engine;
mod error;
mod fact;
mod handle;
mod ports;
mod recorder;
mod srtp;
mod tick;

pub use audio::SourcePolicy;
pub use audio::rtcp::Quality;
pub use audio::{Clip, Codec, Cue, InBand, KeyPolicy, Tone, Way};
pub use config::{MediaConfig, OpenLeg, Remote};
pub use engine::MediaEngine;
pub use error::MediaError;
pub use fact::{Found, Heard, LegStats, MediaFact, StagedRecording};
pub use handle::MediaLeg;

pub use records::{KeyTones, Marker};
pub use uac::sdp::{MasterKey, Rtcp, SrtpKeys, Suite};
