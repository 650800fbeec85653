//! Whose packets are heard: a source is learned once within the limits that offer and answer set, and what strangers
//! send is dropped.

use crate::RATE;
use std::net::SocketAddr;

/// Behind a silence this long (0.2 s) the same stream may go on from another address, as when a gateway's way changes.
const SILENCE: i64 = RATE as i64 / 5;
/// And behind this one (2 s) another stream may come from the named host, as when its gateway began anew.
const LONG_SILENCE: i64 = RATE as i64 * 2;

/// From where packets may come, beside the address that the peer has named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourcePolicy {
    /// Only from there.
    Named,
    /// From any port of that host.
    Host,
    /// From anywhere: the peer's own idea of its address may be wrong (NAT), and gateways answer from other hosts.
    /// Whoever sends from nearer to the named address takes over.
    #[default]
    Any,
}

/// What is known of a packet from elsewhere than the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plausible {
    /// Its payload type was agreed on.
    pub agreed: bool,
    /// Its SSRC and number go on where the stream was.
    pub continues: bool,
}

/// One leg's source.
#[derive(Debug, Default)]
pub struct SourceLock {
    policy: SourcePolicy,
    named: Option<SocketAddr>,
    locked: Option<SocketAddr>,
    heard: i64,
}

/// How near an address is to the named one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Near {
    Elsewhere,
    Host,
    Named,
}

impl SourceLock {
    /// Nothing learned yet.
    pub fn new(policy: SourcePolicy) -> Self {
        Self { policy, ..Self::default() }
    }

    /// An offer or answer names the peer's address: another one than before is learned anew.
    pub fn agree(&mut self, named: SocketAddr) {
        if self.named.replace(named) != Some(named) {
            self.locked = None;
        }
    }

    /// The source that was learned.
    pub fn source(&self) -> Option<SocketAddr> {
        self.locked
    }

    /// Whether a packet that came at `now` (samples) is the peer's; `look` is asked only of one from elsewhere.
    ///
    /// The first packet of an agreed payload type is. Another address takes its place only when it is nearer to the
    /// named one, or behind a silence, when its packets go on where the stream was, or it is on the named host.
    pub fn takes(&mut self, from: SocketAddr, now: i64, look: impl FnOnce() -> Plausible) -> bool {
        if self.locked == Some(from) {
            self.heard = now;
            return true;
        }
        let near = self.near(from);
        if near < self.least() {
            return false;
        }
        let seen = look();
        let silent = now - self.heard;
        let moves = match self.locked {
            None => true,
            Some(source) => {
                near > self.near(source)
                    || (silent >= SILENCE && seen.continues)
                    || (silent >= LONG_SILENCE && near > Near::Elsewhere)
            }
        };
        if seen.agreed && moves {
            self.locked = Some(from);
            self.heard = now;
            return true;
        }
        false
    }

    fn near(&self, address: SocketAddr) -> Near {
        match self.named {
            Some(named) if named == address => Near::Named,
            Some(named) if named.ip() == address.ip() => Near::Host,
            _ => Near::Elsewhere,
        }
    }

    /// Before anything is named, anybody may be the peer.
    fn least(&self) -> Near {
        match (self.named, self.policy) {
            (None, _) | (_, SourcePolicy::Any) => Near::Elsewhere,
            (_, SourcePolicy::Host) => Near::Host,
            (_, SourcePolicy::Named) => Near::Named,
        }
    }
}
