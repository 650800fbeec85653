//! The timers of a call, each named after why it fires.

use serde::{Deserialize, Serialize};

/// Why the machine wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timer {
    /// Nothing at all was heard of the INVITE for 64·T1 (timer B).
    InviteUnanswered,
    /// The INVITE has been ringing longer than any caller should let it.
    RingLimit,
    /// 64·T1 after our CANCEL there still is no final response (RFC 3261 section 9.1).
    CancelUnanswered,
    /// Our BYE got no final response for 64·T1 (timer F).
    ByeUnanswered,
    /// Our side did not answer the peer's offer in time.
    ReofferUnanswered,
    /// 64·T1 after the end, no answer of another fork and no retransmission can come any more.
    Linger,
}

/// The timers that are set.
pub(super) type Timers = crate::timers::Timers<Timer>;
