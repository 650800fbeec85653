//! The company's SIP user agent client as a pure machine (RFC 3261): messages, time-outs and
//! commands go in, requests, responses and events come out. No sockets, clocks or randomness.
//!
//! | module | holds |
//! | --- | --- |
//! | [`message`], [`wire`], [`address`] | our own view of a SIP message, its bytes, its addresses |
//! | [`digest`] | RFC 2617 / 7616 / 8760 challenges and answers |
//! | [`dialog`] | one dialog: tags, sequence numbers, route set, remote target |
//! | [`framing`] | the messages in a stream |
//! | [`srv`] | the order of a service's places |
//! | [`line`], [`identity`] | the trunk as a call sees it, and who is shown as calling |
//! | [`guard`] | who may speak to us, how much, and what the rest are told |
//! | [`machine`] | [`Uac`]: one outbound call from INVITE to its last event |
//! | [`uas`] | [`Uas`]: one inbound call from its INVITE to its last event, and who calls |
//! | [`ways`], [`probe`] | the places a trunk is reached at, their OPTIONS pings, the trunk's state |
//! | [`registration`] | REGISTER: the trunk's binding, refreshed and followed |
//! | [`session_timer`] | RFC 4028: who refreshes a session, and when it ends |
//! | [`sdp`] | offer and answer of one audio stream |

pub mod address;
pub mod dialog;
pub mod digest;
pub mod framing;
pub mod guard;
pub mod identity;
pub mod line;
pub mod machine;
pub mod message;
pub mod probe;
pub mod reason;
pub mod registration;
pub mod sdp;
pub mod seed;
pub mod session_timer;
pub mod srv;
mod timers;
pub mod uas;
pub mod ways;
pub mod wire;

pub use identity::{Diversion, DiversionReason, Identity, IdentityError, IdentityHeader, Privacy};
pub use line::{Hop, Line, Policy, Timing, Transport};
pub use machine::{
    Cause, Dial, Event, Failure, FailureKind, Input, Output, Sent, ServerKey, Snapshot, Timer, Uac,
};
pub use message::{Headers, Message, Method, Request, Response};
pub use probe::{Probe, TrunkState};
pub use registration::{Binding, Registrar, Registration, RegistrationState};
pub use seed::{Secret, Seed};
pub use uas::{Parties, Uas};
pub use ways::{Way, WayState, Ways};
