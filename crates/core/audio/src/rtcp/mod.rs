//! RTCP: the reports about a stream (RFC 3550 section 6), read, written, and done the sums of.
//!
//! Our own rather than the `rtcp` crate, which allocates each packet it reads and brings an async runtime along.

mod control;
mod packet;
mod reception;

pub use control::{Control, Moment, Quality, Sent};
pub use packet::{Block, Malformed, Packets, Report, SenderInfo};
pub use reception::{Interval, Reception};

/// Whether a datagram's second octet is RTCP's (RFC 5761 section 4): on a shared port it tells the two apart.
pub fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [first, 192..=223, ..] if first >> 6 == 2)
}
