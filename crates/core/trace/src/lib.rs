//! The signalling of a call as it was on the wire: what may be kept of it, and what may be shown.
//!
//! | module | holds |
//! | --- | --- |
//! | [`message`] | one message as it is kept: credentials, keys and pressed digits are out of it |
//! | [`numbers`] | masks telephone numbers for those who may not see them whole |
//! | [`ladder`] | the messages of a call in order, who sent them to whom; as text |
//!
//! Nothing here changes the length of a message, so that Content-Length stays right and any SIP
//! analyser reads what is left.

pub mod ladder;
pub mod message;
pub mod numbers;

mod fields;
mod runs;
mod secrets;

pub use ladder::{Ladder, Rung};
pub use message::{Direction, Envelope, Message, call_id, method};
pub use numbers::Numbers;
