//! RTP packets read and written in borrowed slices (RFC 3550 section 5.1).
//!
//! Our own twelve octets rather than the `rtp` crate: this is the media path, where nothing may be
//! allocated, and that crate brings an async runtime into a room that must not know one.

/// Length of the header we write: no CSRC, no extension.
pub const HEADER_LEN: usize = 12;

/// The fixed fields of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Start of a talk-spurt (audio) or of an event (RFC 4733).
    pub marker: bool,
    /// 7 bits.
    pub payload_type: u8,
    /// Counts packets, wraps.
    pub sequence: u16,
    /// Counts samples, wraps.
    pub timestamp: u32,
    /// Names the sender.
    pub ssrc: u32,
}

/// A received packet; the payload is without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Its fixed fields.
    pub header: Header,
    /// What it carries.
    pub payload: &'a [u8],
}

/// The front of a packet, which SRTP leaves in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Front {
    /// Its fixed fields.
    pub fields: Header,
    /// Octets before the payload, CSRCs and header extension included.
    pub length: usize,
}

/// Why a datagram is not an RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Shorter than its own header says.
    #[error("shorter than its header")]
    Short,
    /// Not version 2 (STUN, for one).
    #[error("not RTP version 2")]
    Version,
    /// An RTCP packet on the RTP port (RFC 5761 section 4).
    #[error("RTCP on the RTP port")]
    Rtcp,
    /// The padding count is zero or exceeds the payload.
    #[error("impossible padding")]
    Padding,
}

impl Header {
    /// Writes the header to the front of a datagram.
    pub fn write(&self, datagram: &mut [u8; HEADER_LEN]) {
        datagram[0] = 2 << 6;
        datagram[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7F);
        datagram[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        datagram[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        datagram[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }
}

impl<'a> Packet<'a> {
    /// Reads a datagram, skipping CSRCs and the header extension and cutting the padding off.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, Malformed> {
        let front = Self::header_of(datagram)?;
        let mut payload = datagram.get(front.length..).ok_or(Malformed::Short)?;
        if datagram[0] & 0x20 != 0 {
            payload = without_padding(payload).ok_or(Malformed::Padding)?;
        }
        Ok(Self { header: front.fields, payload })
    }

    /// Reads what stands before the payload, which may be encrypted.
    pub fn header_of(datagram: &[u8]) -> Result<Front, Malformed> {
        let (fixed, rest) = datagram.split_first_chunk::<HEADER_LEN>().ok_or(Malformed::Short)?;
        if fixed[0] >> 6 != 2 {
            return Err(Malformed::Version);
        }
        if (192..=223).contains(&fixed[1]) {
            return Err(Malformed::Rtcp);
        }
        let csrcs = usize::from(fixed[0] & 0x0F) * 4;
        let mut payload = rest.get(csrcs..).ok_or(Malformed::Short)?;
        if fixed[0] & 0x10 != 0 {
            payload = behind_extension(payload).ok_or(Malformed::Short)?;
        }
        Ok(Front { fields: fields_of(fixed), length: datagram.len() - payload.len() })
    }
}

fn fields_of(fixed: &[u8; HEADER_LEN]) -> Header {
    Header {
        marker: fixed[1] & 0x80 != 0,
        payload_type: fixed[1] & 0x7F,
        sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
        timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
        ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
    }
}

fn behind_extension(octets: &[u8]) -> Option<&[u8]> {
    let (head, rest) = octets.split_first_chunk::<4>()?;
    rest.get(usize::from(u16::from_be_bytes([head[2], head[3]])) * 4..)
}

fn without_padding(octets: &[u8]) -> Option<&[u8]> {
    let padding = usize::from(*octets.last()?);
    if padding == 0 { None } else { octets.get(..octets.len().checked_sub(padding)?) }
}
