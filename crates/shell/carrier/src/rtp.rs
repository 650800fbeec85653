//! RTP packets of the customer's side: RFC 3550 audio and RFC 4733 key presses.

/// Samples in one packet: 20 ms at 8 kHz.
pub(crate) const FRAME: usize = 160;

const VERSION: u8 = 2 << 6;
const MARKER: u8 = 0x80;
/// Power level of key presses, in −dBm0.
const KEY_LEVEL: u8 = 10;

/// RFC 4733 code of a key.
pub(crate) fn event_code(key: char) -> Option<u8> {
    match key {
        '0'..='9' => Some(key as u8 - b'0'),
        '*' => Some(10),
        '#' => Some(11),
        'A'..='D' => Some(key as u8 - b'A' + 12),
        _ => None,
    }
}

/// What one tick of 20 ms carries.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are audio, and one at a time exists")]
pub(crate) enum Frame {
    /// Linear samples.
    Audio([i16; FRAME]),
    /// A key being held; audio pauses meanwhile.
    Key(KeyFrame),
}

/// One packet's worth of a key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyFrame {
    pub(crate) code: u8,
    /// Ticks since the key went down; 0 marks the start.
    pub(crate) tick: u16,
    /// Samples held so far.
    pub(crate) held: u16,
    /// The key is up (this packet is sent three times).
    pub(crate) end: bool,
}

/// Numbers the packets of one stream.
#[derive(Debug)]
pub(crate) struct Packetiser {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// Timestamp at which the current key went down.
    key_down: u32,
    talking: bool,
}

impl Packetiser {
    /// A stream that begins at these random numbers (RFC 3550 section 5.1).
    pub(crate) fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self { ssrc, sequence, timestamp, key_down: timestamp, talking: false }
    }

    /// The next audio packet.
    pub(crate) fn audio(&mut self, payload_type: u8, payload: &[u8]) -> Vec<u8> {
        let marker = !std::mem::replace(&mut self.talking, true);
        let packet = self.packet(payload_type, marker, self.timestamp, payload);
        self.advance();
        packet
    }

    /// The next packet of a key press; all of one press bear the timestamp of its start.
    pub(crate) fn key(&mut self, payload_type: u8, frame: KeyFrame) -> Vec<u8> {
        if frame.tick == 0 {
            self.key_down = self.timestamp;
        }
        self.talking = false;
        let flags = KEY_LEVEL | if frame.end { 0x80 } else { 0 };
        let [high, low] = frame.held.to_be_bytes();
        let packet =
            self.packet(payload_type, frame.tick == 0, self.key_down, &[frame.code, flags, high, low]);
        self.advance();
        packet
    }

    /// A tick without a packet.
    pub(crate) fn skip(&mut self) {
        self.talking = false;
        self.advance();
    }

    fn advance(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
    }

    fn packet(&mut self, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        let mut packet = Vec::with_capacity(12 + payload.len());
        packet.extend([VERSION, payload_type | if marker { MARKER } else { 0 }]);
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet.extend(payload);
        self.sequence = self.sequence.wrapping_add(1);
        packet
    }
}

/// Payload type and payload of a received packet; `None` when it is no RTP.
pub(crate) fn read(packet: &[u8]) -> Option<(u8, &[u8])> {
    let first = *packet.first()?;
    // RTCP for a neighbouring port may come here.
    if first & 0xC0 != VERSION || packet.len() < 12 || (192..=223).contains(&packet[1]) {
        return None;
    }
    let mut start = 12 + usize::from(first & 0x0F) * 4;
    if first & 0x10 != 0 {
        let words = u16::from_be_bytes([*packet.get(start + 2)?, *packet.get(start + 3)?]);
        start += 4 + usize::from(words) * 4;
    }
    let padding = if first & 0x20 != 0 { usize::from(*packet.last()?) } else { 0 };
    let end = packet.len().checked_sub(padding)?;
    Some((packet[1] & 0x7F, packet.get(start..end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(packet: &[u8], at: usize) -> u32 {
        u32::from_be_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]])
    }

    #[test]
    fn a_key_press_bears_the_timestamp_of_its_start_and_audio_goes_on_after_it() {
        let mut stream = Packetiser::new(7, 65_535, 1000);
        let before = stream.audio(8, &[0; FRAME]);
        let frame = |tick, end| KeyFrame { code: 1, tick, held: (tick + 1) * 160, end };
        let down = stream.key(101, frame(0, false));
        let held = stream.key(101, frame(1, false));
        let up = stream.key(101, frame(2, true));
        let after = stream.audio(8, &[0; FRAME]);
        assert_eq!(
            [field(&before, 4), field(&down, 4), field(&held, 4), field(&up, 4)],
            [1000, 1160, 1160, 1160]
        );
        assert_eq!(field(&after, 4), 1000 + 4 * 160);
        assert_eq!([before[1], down[1], held[1], up[1], after[1]], [0x88, 0xE5, 101, 101, 0x88]);
        assert_eq!(&up[12..], [1, 0x8A, 1, 0xE0]);
        assert_eq!(u16::from_be_bytes([after[2], after[3]]), 3);
    }

    #[test]
    fn what_was_written_is_read_back_and_noise_is_refused() {
        let packet = Packetiser::new(1, 1, 1).audio(8, &[1, 2, 3]);
        assert_eq!(read(&packet), Some((8, &[1, 2, 3][..])));
        for noise in [&[][..], &[0x80], &[0; 40], b"SIP/2.0 200 OK\r\n"] {
            assert_eq!(read(noise), None);
        }
    }

    #[test]
    fn extensions_and_padding_are_left_out() {
        let mut packet = vec![0xB0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        packet.extend([0xBE, 0xDE, 0, 1, 9, 9, 9, 9]);
        packet.extend([1, 2, 3, 0, 2]);
        assert_eq!(read(&packet), Some((8, &[1, 2, 3][..])));
    }
}
