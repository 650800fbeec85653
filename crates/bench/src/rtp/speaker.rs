//! What a called party says: an unbroken stream of known sound, with keys in it (RFC 4733).

use super::packet::{EVENT_TYPE, FRAME, HEADER, Header, PACKET, PCMA};

/// Packets of a pressed key: five of 20 ms, the last of them with the end bit, which is sent three times.
const KEY_PACKETS: u32 = 7;
/// Of those, this one is the first with the end bit.
const KEY_END: u32 = 5;
/// Volume of the key in −dBm0.
const KEY_VOLUME: u8 = 10;
/// A second of A-law, over and over: sample `n` of a stream is `PATTERN[n % 8000]`.
pub static PATTERN: [u8; 8000] = noise();

/// Faint noise: the two lowest segments of A-law, sign and step drawn by an LCG (Numerical Recipes).
const fn noise() -> [u8; 8000] {
    let mut pattern = [0; 8000];
    let mut state: u32 = 1;
    let mut n = 0;
    while n < pattern.len() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        pattern[n] = ((state >> 24) as u8 & 0x9f) ^ 0x55;
        n += 1;
    }
    pattern
}

/// What sample `n` of the stream decodes to (G.711 table 1a, lowest two segments), as 16 bits.
pub fn pattern_sample(n: usize) -> i16 {
    let octet = PATTERN[n % PATTERN.len()] ^ 0x55;
    let step = i16::from(octet & 0x1f);
    let size = (step << 4) + 8;
    if octet & 0x80 == 0 { -size } else { size }
}

/// The mouth of one call.
#[derive(Clone, Debug)]
pub struct Speaker {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// Frames said.
    said: u64,
    pressing: Option<Pressing>,
}

#[derive(Clone, Copy, Debug)]
struct Pressing {
    digit: u8,
    timestamp: u32,
    sent: u32,
}

impl Speaker {
    /// A stream whose source, first number and first timestamp come from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            ssrc: seed as u32,
            sequence: (seed >> 32) as u16,
            timestamp: (seed >> 16) as u32,
            said: 0,
            pressing: None,
        }
    }

    /// Presses a key with the next packet: 0–9, or 10 for `*` and 11 for `#`.
    pub fn press(&mut self, digit: u8) {
        self.pressing = Some(Pressing { digit, timestamp: self.timestamp, sent: 0 });
    }

    /// Whether a key is down.
    pub fn is_pressing(&self) -> bool {
        self.pressing.is_some()
    }

    /// Writes the next packet into `room` and answers its length.
    pub fn next(&mut self, room: &mut [u8; PACKET]) -> usize {
        let (head, payload) = room.split_at_mut(HEADER);
        let header = Header {
            marker: self.said == 0,
            payload_type: PCMA,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        let (header, length) = match &mut self.pressing {
            Some(pressing) => (pressing.header(header), pressing.event(payload)),
            None => (header, self.sound(payload)),
        };
        self.pressing = self.pressing.filter(|pressing| pressing.sent < KEY_PACKETS);
        if let Some(head) = head.first_chunk_mut::<HEADER>() {
            header.write(head);
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        self.said += 1;
        HEADER + length
    }

    fn sound(&self, payload: &mut [u8]) -> usize {
        let from = (self.said as usize * FRAME) % PATTERN.len();
        payload.copy_from_slice(&PATTERN[from..from + FRAME]);
        FRAME
    }
}

impl Pressing {
    /// All packets of an event have the timestamp of its beginning (RFC 4733 section 2.3.5).
    fn header(&self, header: Header) -> Header {
        Header { marker: self.sent == 0, payload_type: EVENT_TYPE, timestamp: self.timestamp, ..header }
    }

    fn event(&mut self, payload: &mut [u8]) -> usize {
        self.sent += 1;
        let duration = (self.sent.min(KEY_END) * FRAME as u32) as u16;
        payload[0] = self.digit;
        payload[1] = (u8::from(self.sent >= KEY_END) << 7) | KEY_VOLUME;
        payload[2..4].copy_from_slice(&duration.to_be_bytes());
        4
    }
}
