//! The timers of a call, each named after why it fires.

use serde::{Deserialize, Serialize};

/// Why the machine wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timer {
    /// Nothing at all was heard of the INVITE for 64·T1 (timer B).
    InviteUnanswered,
    /// Nothing was heard of the INVITE for 2·T1: its way is suspected.
    NothingHeard,
    /// Nothing was heard of the INVITE for as long as the trunk's policy waits.
    SilenceLimit,
    /// The INVITE has been ringing longer than any caller should let it.
    RingLimit,
    /// 64·T1 after our CANCEL there still is no final response (RFC 3261 section 9.1).
    CancelUnanswered,
    /// Our BYE got no final response for 64·T1 (timer F).
    ByeUnanswered,
    /// Our side did not answer the peer's offer in time.
    ReofferUnanswered,
    /// It is our turn to refresh the session, or to try so again.
    RefreshDue,
    /// Our refresh got no final response for 64·T1.
    RefreshUnanswered,
    /// Nobody refreshed the session (RFC 4028 section 10).
    SessionExpired,
    /// The call has lasted longer than any caller should let it.
    CallLimit,
    /// 64·T1 after the end, no answer of another fork and no retransmission can come any more.
    Linger,
}

/// The timers that are set.
pub(super) type Timers = crate::timers::Timers<Timer>;
