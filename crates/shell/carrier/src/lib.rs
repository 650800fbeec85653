//! The virtual carrier (虚拟运营商): a SIP peer with scripted customers behind it, for demo, rehearsal and tests.
//!
//! It is the far end only: real SIP over UDP, real RTP, and customers who react to what they
//! hear. What each did is written to a journal, one JSON line an event.

mod actor;
mod call;
mod config;
mod digest;
mod ear;
mod error;
mod exchange;
mod journal;
#[cfg(test)]
mod real_voice;
mod rtp;
mod script;
mod sdp;
mod signal;
mod sound;
mod stream;
#[cfg(test)]
mod table_read;

pub use config::CarrierConfig;
pub use error::CarrierError;
pub use exchange::{Carrier, run};
pub use journal::{EndedBy, Entry, Event};
pub use script::{
    Answer, Behaviour, Customer, EarlyMedia, Expect, Failure, Habits, Heard, Keys, Machine, Script,
    ScriptError, Span, Speech, Step, ToneName, Trunk,
};
