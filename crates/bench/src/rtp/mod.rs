//! RTP as the called parties speak and hear it (RFC 3550, 3551, 4733). Written apart from the service, so that a
//! fault of the one does not hide in the other.

mod listener;
mod packet;
mod prompts;
mod punctuality;
mod speaker;

pub use listener::Listener;
pub use packet::{EVENT_TYPE, FRAME, HEADER, Header, PACKET, PCMA, SILENCE};
pub use prompts::Prompt;
pub use speaker::{PATTERN, Speaker, pattern_sample};

use std::time::Duration;

/// From packet to packet.
pub const FRAME_TIME: Duration = Duration::from_millis(20);
