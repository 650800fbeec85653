//! SRTP (RFC 3711) of one leg: what leaves is sealed, and what comes is heard only if it is authentic and new.
//! RTCP is neither sent nor read: there is no SRTCP here, and in the clear it would tell who speaks when.
//!
//! The ciphers are RustCrypto's; how they are put together is ours, for the tick works in place in buffers of
//! its own. The `webrtc-srtp` crate allocates several times a packet, keeps a state for every SSRC that a
//! stranger makes up, and its header parser panics on a torn extension before anything is authenticated: a
//! datagram from anywhere would end the calls of the whole thread. It plays the peer in our tests.

mod transform;
mod window;

use audio::Packet;
use transform::{Place, Transform};
use uac::sdp::{MasterKey, SrtpKeys};
use window::Window;

pub(crate) use transform::MOST_TAG;

/// Senders remembered under one key; behind a carrier's gateway each transfer can bring another.
const SENDERS: usize = 16;

/// Both directions of a leg. In the clear until it is told otherwise.
#[derive(Default)]
pub(crate) struct Shield {
    required: bool,
    sealer: Option<Sealer>,
    opener: Option<Opener>,
    /// The key before, for what was under way when it changed.
    before: Option<Opener>,
}

/// A datagram that was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// As it came; anyone may have sent it.
    Clear(usize),
    /// Its first octets are a packet from whoever has the key.
    Proven(usize),
}

/// Why a datagram is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    /// No RTP packet at all.
    Malformed,
    /// SRTP is required, and no key agreed on yet.
    Keyless,
    /// Its tag does not fit.
    Forged,
    /// It came before, or is too old to know.
    Replayed,
}

impl Shield {
    /// From now on nothing leaves and nothing is heard in the clear.
    pub(crate) fn require(&mut self) {
        self.required = true;
    }

    /// Takes the keys of the latest offer and answer; those that stay keep their packet counts. Answers
    /// whether our own key is a new one.
    pub(crate) fn agree(&mut self, keys: Option<&SrtpKeys>) -> bool {
        let Some(keys) = keys else {
            (self.sealer, self.opener, self.before) = (None, None, None);
            return false;
        };
        if self.opener.as_ref().is_none_or(|opener| opener.key != keys.receive) {
            self.before = self.opener.replace(Opener::new(&keys.receive));
        }
        let fresh = self.sealer.as_ref().is_none_or(|sealer| sealer.key != keys.send);
        if fresh {
            self.sealer = Some(Sealer::new(&keys.send));
        }
        fresh
    }

    /// Whether nothing may leave in the clear.
    pub(crate) fn is_secret(&self) -> bool {
        self.required || self.sealer.is_some()
    }

    /// The datagram for a packet in the first `clear` octets of the room; `None` where nothing may leave.
    pub(crate) fn seal<'a>(&mut self, room: &'a mut [u8], clear: usize) -> Option<&'a [u8]> {
        match &mut self.sealer {
            Some(sealer) => {
                let length = sealer.seal(room, clear)?;
                room.get(..length)
            }
            None if self.required => None,
            None => room.get(..clear),
        }
    }

    /// Opens a datagram in its place.
    pub(crate) fn open(&mut self, datagram: &mut [u8]) -> Result<Opened, Shut> {
        let Some(opener) = &mut self.opener else {
            return if self.required { Err(Shut::Keyless) } else { Ok(Opened::Clear(datagram.len())) };
        };
        match opener.open(datagram) {
            Ok(length) => {
                self.before = None;
                Ok(Opened::Proven(length))
            }
            Err(why) => match &mut self.before {
                Some(before) => before.open(datagram).map(Opened::Proven).map_err(|_| why),
                None => Err(why),
            },
        }
    }
}

/// Our direction: one SSRC whose numbers only rise.
struct Sealer {
    key: MasterKey,
    transform: Transform,
    /// Index of the last packet.
    last: Option<u64>,
}

impl Sealer {
    fn new(key: &MasterKey) -> Self {
        Self { key: key.clone(), transform: Transform::new(key), last: None }
    }

    fn seal(&mut self, room: &mut [u8], clear: usize) -> Option<usize> {
        let header = Packet::header_of(room.get(..clear)?).ok()?;
        let sequence = header.fields.sequence;
        let index = match self.last {
            None => u64::from(sequence),
            Some(last) => last + u64::from(sequence.wrapping_sub(last as u16)),
        };
        self.last = Some(index);
        self.transform.seal(room, clear, Place { header: header.length, ssrc: header.fields.ssrc, index })
    }
}

/// The peer's direction.
struct Opener {
    key: MasterKey,
    transform: Transform,
    /// The sender heard last stands last.
    senders: Vec<Window>,
}

impl Opener {
    fn new(key: &MasterKey) -> Self {
        Self { key: key.clone(), transform: Transform::new(key), senders: Vec::with_capacity(SENDERS) }
    }

    /// Nothing is remembered of a packet before it is proven authentic.
    fn open(&mut self, datagram: &mut [u8]) -> Result<usize, Shut> {
        let header = Packet::header_of(datagram).map_err(|_| Shut::Malformed)?;
        let (ssrc, sequence) = (header.fields.ssrc, header.fields.sequence);
        let known = self.senders.iter().position(|sender| sender.ssrc == ssrc);
        let index = match known {
            Some(at) => {
                let sender = &self.senders[at];
                let index = sender.index_of(sequence).filter(|index| sender.is_fresh(*index));
                index.ok_or(Shut::Replayed)?
            }
            None => u64::from(sequence),
        };
        let place = Place { header: header.length, ssrc, index };
        let length = self.transform.open(datagram, place).map_err(|_| Shut::Forged)?;
        self.remember(known, ssrc, index);
        Ok(length)
    }

    fn remember(&mut self, known: Option<usize>, ssrc: u32, index: u64) {
        if let Some(at) = known {
            self.senders[at].note(index);
            self.senders[at..].rotate_left(1);
            return;
        }
        if self.senders.len() == SENDERS {
            self.senders.remove(0);
        }
        self.senders.push(Window::new(ssrc, index));
    }
}
