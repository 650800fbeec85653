//! SRTP and SRTCP (RFC 3711) of one leg: what leaves is sealed, and what comes is heard only if it is authentic and
//! new. Both have session keys of their own, from one master key a direction.
//!
//! The ciphers are RustCrypto's; how they are put together is ours, for the tick works in place in buffers of
//! its own. The `webrtc-srtp` crate allocates several times a packet, keeps a state for every SSRC that a
//! stranger makes up, and its header parser panics on a torn extension before anything is authenticated: a
//! datagram from anywhere would end the calls of the whole thread. It plays the peer in our tests.

mod cipher;
mod control;
mod transform;
mod window;

use audio::Packet;
use control::{Control, MOST_INDEX};
use transform::{Place, Transform};
use uac::sdp::{MasterKey, SrtpKeys};
use window::Senders;

pub(crate) use control::MOST_TRAILER;
pub(crate) use transform::MOST_TAG;

/// Both directions of a leg. In the clear until it is told otherwise.
#[derive(Default)]
pub(crate) struct Shield {
    required: bool,
    sealer: Option<Sealer>,
    opener: Option<Opener>,
    /// The key before, for what was under way when it changed.
    before: Option<Opener>,
    /// Index of the next RTCP packet. A change of key does not begin it anew (RFC 3711 section 3.4), so that it
    /// never comes twice under one key, also where a key comes back.
    next_report: u32,
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
    /// No RTP packet at all, or too short for SRTCP.
    Malformed,
    /// SRTP is required, and no key agreed on yet.
    Keyless,
    /// Its tag does not fit.
    Forged,
    /// It came before, or is too old to know.
    Replayed,
}

/// What a datagram is taken for.
#[derive(Clone, Copy)]
enum Kind {
    Media,
    Control,
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

    /// The datagram for an RTP packet in the first `clear` octets of the room; `None` where nothing may leave.
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

    /// The same for an RTCP packet.
    pub(crate) fn seal_control<'a>(&mut self, room: &'a mut [u8], clear: usize) -> Option<&'a [u8]> {
        match &self.sealer {
            Some(_) if self.next_report > MOST_INDEX => None,
            Some(sealer) => {
                let length = sealer.control.seal(room, clear, self.next_report)?;
                self.next_report += 1;
                room.get(..length)
            }
            None if self.required => None,
            None => room.get(..clear),
        }
    }

    /// Opens a datagram of the media's in its place.
    pub(crate) fn open(&mut self, datagram: &mut [u8]) -> Result<Opened, Shut> {
        self.open_as(Kind::Media, datagram)
    }

    /// Opens a datagram that came as RTCP in its place.
    pub(crate) fn open_control(&mut self, datagram: &mut [u8]) -> Result<Opened, Shut> {
        self.open_as(Kind::Control, datagram)
    }

    fn open_as(&mut self, kind: Kind, datagram: &mut [u8]) -> Result<Opened, Shut> {
        let Some(opener) = &mut self.opener else {
            return if self.required { Err(Shut::Keyless) } else { Ok(Opened::Clear(datagram.len())) };
        };
        // The key before ends with the first packet of the new one. Of RTCP and media each has its own: RTCP comes
        // rarely, and what came is read long after the media that came with it.
        let before = self.before.as_mut().filter(|_| !opener.has_heard(kind));
        match (opener.open(kind, datagram), before) {
            (Err(why), Some(before)) => before.open(kind, datagram).map_err(|_| why),
            (clear, _) => clear,
        }
        .map(Opened::Proven)
    }
}

/// Our direction: one SSRC whose numbers only rise.
struct Sealer {
    key: MasterKey,
    media: Transform,
    control: Control,
    /// Index of the last packet of the media.
    last: Option<u64>,
}

impl Sealer {
    fn new(key: &MasterKey) -> Self {
        Self { key: key.clone(), media: Transform::new(key), control: Control::new(key), last: None }
    }

    fn seal(&mut self, room: &mut [u8], clear: usize) -> Option<usize> {
        let header = Packet::header_of(room.get(..clear)?).ok()?;
        let sequence = header.fields.sequence;
        let index = match self.last {
            None => u64::from(sequence),
            Some(last) => last + u64::from(sequence.wrapping_sub(last as u16)),
        };
        self.last = Some(index);
        self.media.seal(room, clear, Place { header: header.length, ssrc: header.fields.ssrc, index })
    }
}

/// The peer's direction. Nothing is remembered of a packet before it is proven authentic.
struct Opener {
    key: MasterKey,
    media: Transform,
    senders: Senders,
    control: Control,
    reporters: Senders,
}

impl Opener {
    fn new(key: &MasterKey) -> Self {
        Self {
            key: key.clone(),
            media: Transform::new(key),
            senders: Senders::new(),
            control: Control::new(key),
            reporters: Senders::new(),
        }
    }

    fn has_heard(&self, kind: Kind) -> bool {
        match kind {
            Kind::Media => !self.senders.is_empty(),
            Kind::Control => !self.reporters.is_empty(),
        }
    }

    fn open(&mut self, kind: Kind, datagram: &mut [u8]) -> Result<usize, Shut> {
        match kind {
            Kind::Media => self.open_media(datagram),
            Kind::Control => self.open_control(datagram),
        }
    }

    fn open_media(&mut self, datagram: &mut [u8]) -> Result<usize, Shut> {
        let header = Packet::header_of(datagram).map_err(|_| Shut::Malformed)?;
        let (ssrc, sequence) = (header.fields.ssrc, header.fields.sequence);
        let index = match self.senders.of(ssrc) {
            Some(sender) => {
                let index = sender.index_of(sequence).filter(|index| sender.is_fresh(*index));
                index.ok_or(Shut::Replayed)?
            }
            None => u64::from(sequence),
        };
        let place = Place { header: header.length, ssrc, index };
        let length = self.media.open(datagram, place).map_err(|_| Shut::Forged)?;
        self.senders.note(ssrc, index);
        Ok(length)
    }

    fn open_control(&mut self, datagram: &mut [u8]) -> Result<usize, Shut> {
        let report = self.control.report(datagram).ok_or(Shut::Malformed)?;
        let (ssrc, index) = (report.ssrc, u64::from(report.index));
        if self.reporters.of(ssrc).is_some_and(|reporter| !reporter.is_fresh(index)) {
            return Err(Shut::Replayed);
        }
        let length = self.control.open(datagram, report).map_err(|_| Shut::Forged)?;
        self.reporters.note(ssrc, index);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uac::sdp::Suite;

    const CLEAR: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 77];

    fn keys(octet: u8) -> SrtpKeys {
        let key = |octet| MasterKey::new(Suite::AeadAes128Gcm, [octet; 30]);
        SrtpKeys { send: key(octet), receive: key(octet + 1) }
    }

    /// The index of the next report.
    fn index(shield: &mut Shield) -> Option<u32> {
        let mut room = [0; CLEAR.len() + MOST_TRAILER];
        room[..CLEAR.len()].copy_from_slice(&CLEAR);
        let sealed = shield.seal_control(&mut room, CLEAR.len())?;
        let word = sealed.last_chunk().map(|word| u32::from_be_bytes(*word))?;
        assert!(word > MOST_INDEX, "encrypted");
        Some(word & MOST_INDEX)
    }

    #[test]
    fn before_there_are_keys_no_report_leaves_or_is_heard() {
        let mut shield = Shield::default();
        shield.require();
        assert_eq!(shield.seal_control(&mut { CLEAR }, CLEAR.len()), None);
        assert_eq!(shield.open_control(&mut { CLEAR }), Err(Shut::Keyless));
    }

    #[test]
    fn in_the_clear_reports_stay_as_they_are() {
        let mut shield = Shield::default();
        assert_eq!(shield.seal_control(&mut { CLEAR }, CLEAR.len()), Some(&CLEAR[..]));
        assert_eq!(shield.open_control(&mut { CLEAR }), Ok(Opened::Clear(CLEAR.len())));
    }

    /// Two answers of a forked call may take turns with two of the keys that we offered.
    #[test]
    fn no_index_comes_twice_though_a_key_comes_back() {
        let mut shield = Shield::default();
        for (octet, expected) in [(1, 0), (1, 1), (3, 2), (1, 3)] {
            shield.agree(Some(&keys(octet)));
            assert_eq!(index(&mut shield), Some(expected));
        }
    }

    #[test]
    fn behind_the_last_index_nothing_leaves() {
        let mut shield = Shield { next_report: MOST_INDEX, ..Shield::default() };
        shield.agree(Some(&keys(1)));
        assert_eq!(index(&mut shield), Some(MOST_INDEX));
        assert_eq!(index(&mut shield), None);
    }
}
