//! Prompts: what the caller hears, from a text or a recorded file, as 8 kHz mono PCM.
//!
//! Each prompt is rendered once, shaped (resampled, trimmed, levelled), and kept in a cache
//! named by the hash of everything that decides how it sounds.

mod cache;
mod config;
mod decode;
mod error;
mod shape;
mod speech;
mod store;

pub use config::{Source, SpeechConfig};
pub use error::PromptError;
pub use shape::{Pcm, SAMPLE_RATE};
pub use store::PromptStore;
