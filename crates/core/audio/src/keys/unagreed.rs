//! Telephone events on a payload type that nobody agreed on, as some gateways send them.

use crate::Stamp;

/// The dynamic payload types (RFC 3551 section 6).
const DYNAMIC: std::ops::RangeInclusive<u8> = 96..=127;
/// The reserved bit, which senders leave unset (RFC 4733 section 2.3.3).
const RESERVED: u8 = 0x40;
/// The highest event that is a key.
const HIGHEST_KEY: u8 = 15;
/// Packets of one press lie this near to each other in the sequence.
const NEAR: u64 = 8;

/// Takes a payload type for telephone events once two packets of one press agree in all that an event packet is
/// made of; nothing else that telephones send has four octets of this form.
#[derive(Debug, Default)]
pub struct UnagreedEvents {
    proven: Option<u8>,
    first: Option<Packet>,
}

#[derive(Clone, Copy, Debug)]
struct Packet {
    payload_type: u8,
    stamp: Stamp,
    code: u8,
    duration: u16,
}

impl UnagreedEvents {
    /// Whether a packet of a type that nobody agreed on is a telephone event.
    pub fn takes(&mut self, payload_type: u8, stamp: &Stamp, payload: &[u8]) -> bool {
        let &[code, flags, high, low] = payload else { return false };
        if !DYNAMIC.contains(&payload_type) || code > HIGHEST_KEY || flags & RESERVED != 0 {
            return false;
        }
        if self.proven == Some(payload_type) {
            return true;
        }
        let packet = Packet { payload_type, stamp: *stamp, code, duration: u16::from_be_bytes([high, low]) };
        let proven = self.first.replace(packet).is_some_and(|before| before.goes_on_in(&packet));
        if proven {
            self.proven = Some(payload_type);
        }
        proven
    }
}

impl Packet {
    fn goes_on_in(&self, next: &Self) -> bool {
        let (before, after) = (self.stamp, next.stamp);
        self.payload_type == next.payload_type
            && self.code == next.code
            && before.stream == after.stream
            && before.timestamp == after.timestamp
            && before.sequence.abs_diff(after.sequence) <= NEAR
            && (self.duration <= next.duration) == (before.sequence <= after.sequence)
    }
}
