//! The SIP legs: our SIP endpoint, its trunks, and their calls in both directions. Carries out what the pure
//! `uac` machine decides, over rsipstack's transport and transaction layer; rsipstack's types do
//! not leave the `wire` module.
//!
//! rsipstack logs whole messages, numbers included, below WARN: filter it by [`LOG_FILTER`].

mod clock;
mod config;
mod error;
mod events;
mod inbound;
mod leg;
mod leg_task;
mod probe_task;
mod registration_task;
mod resolution;
mod router;
mod stack;
mod tap;
mod trunk;
mod wire;

pub use config::{LargeRequests, Register, SipConfig, TlsListener, TrunkConfig, TrunkTls};
pub use error::SipError;
pub use events::Events;
pub use inbound::Inbound;
pub use leg::{Dial, Leg};
pub use resolution::Places;
pub use stack::{Load, Shutdown, SipStack};
pub use tap::{Direction, Tap, Traced};
pub use trunk::Trunk;
pub use uac::Parties;
pub use uac::guard;
pub use uac::guard::Network;
pub use uac::machine::Event as LegEvent;
pub use uac::machine::Refusal;
pub use uac::{
    Binding, Cause, Failure, FailureKind, Hop, Policy, RegistrationState, Secret, Snapshot, Transport,
    TrunkState, Way, WayState, Ways, sdp,
};

/// The directive that keeps rsipstack from logging whole messages (its targets are
/// `rsipstack::transport::udp` and `rsipstack::transaction::*`).
pub const LOG_FILTER: &str = "rsipstack=warn";
