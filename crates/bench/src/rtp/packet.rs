//! The RTP header of a G.711 packet (RFC 3550 section 5.1).

/// Samples, and octets, of 20 ms of G.711.
pub const FRAME: usize = 160;
/// Octets of a header without contributing sources and extension.
pub const HEADER: usize = 12;
/// A packet of 20 ms.
pub const PACKET: usize = HEADER + FRAME;
/// Payload type of PCMA (RFC 3551 table 4).
pub const PCMA: u8 = 8;
/// Payload type on which our answers agree to `telephone-event` (RFC 4733).
pub const EVENT_TYPE: u8 = 101;
/// The octet of A-law that is nearest to silence.
pub const SILENCE: u8 = 0xD5;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Header {
    /// Writes it to the front of `room`.
    pub fn write(self, room: &mut [u8; HEADER]) {
        room[0] = 0x80;
        room[1] = (u8::from(self.marker) << 7) | self.payload_type;
        room[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        room[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        room[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }

    /// Header and payload of a datagram; nothing for one that is no RTP, or carries padding, sources or an extension,
    /// none of which a plain stream of G.711 has.
    pub fn read(datagram: &[u8]) -> Option<(Self, &[u8])> {
        let (head, payload) = datagram.split_first_chunk::<HEADER>()?;
        let header = Self {
            marker: head[1] & 0x80 != 0,
            payload_type: head[1] & 0x7f,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        };
        (head[0] == 0x80).then_some((header, payload))
    }
}
