//! RTCP packets in borrowed octets (RFC 3550 sections 6.4 to 6.6).

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
/// Item of a source description.
const CNAME: u8 = 1;
/// Octets of one report block.
const BLOCK: usize = 24;
/// Octets of what a sender says of itself.
const SENDER: usize = 20;
/// A cumulative loss is a signed number of 24 bits.
const MOST_LOST: i64 = 0x7F_FFFF;

/// Why a datagram is no compound packet (appendix A.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It does not begin with a report of version 2 without padding.
    #[error("no sender or receiver report comes first")]
    NoReport,
    /// The lengths of its packets do not add up.
    #[error("the lengths of its packets do not add up")]
    Length,
}

/// What one side has seen of one of the other's streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Whose stream.
    pub ssrc: u32,
    /// Lost since the report before, of 256.
    pub fraction_lost: u8,
    /// Lost in all; below zero when more came than were sent.
    pub lost: i32,
    /// The highest sequence number that came, with its wraps above.
    pub highest: u32,
    /// Interarrival jitter, in samples.
    pub jitter: u32,
    /// The middle of the NTP time of the latest sender report, or zero.
    pub last_report: u32,
    /// How long ago that came, in 1/65536 s.
    pub delay: u32,
}

/// What a sender says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    /// NTP time of the report, in 2^-32 s since 1900.
    pub ntp: u64,
    /// The same moment by the stream's clock.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Octets of payload sent.
    pub octets: u32,
}

/// One report, of a sender or of a mere receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    /// Who reports.
    pub ssrc: u32,
    /// Of its own stream, where it sends.
    pub sender: Option<SenderInfo>,
    blocks: &'a [u8],
}

impl Report<'_> {
    /// What it has seen of others.
    pub fn blocks(&self) -> impl Iterator<Item = Block> {
        self.blocks.chunks_exact(BLOCK).map(|octets| Block {
            ssrc: u32_at(octets, 0),
            fraction_lost: octets[4],
            lost: (u32_at(octets, 4) << 8).cast_signed() >> 8,
            highest: u32_at(octets, 8),
            jitter: u32_at(octets, 12),
            last_report: u32_at(octets, 16),
            delay: u32_at(octets, 20),
        })
    }
}

/// The reports of a compound packet, and whether anybody leaves with it.
#[derive(Clone, Debug)]
pub struct Packets<'a>(&'a [u8]);

impl<'a> Packets<'a> {
    /// Checks a datagram as a whole (appendix A.2).
    pub fn parse(datagram: &'a [u8]) -> Result<Self, Malformed> {
        let [first, SENDER_REPORT | RECEIVER_REPORT, ..] = datagram else { return Err(Malformed::NoReport) };
        if first & 0xE0 != 0x80 {
            return Err(Malformed::NoReport);
        }
        let mut rest = datagram;
        while !rest.is_empty() {
            let (packet, behind) = split(rest).ok_or(Malformed::Length)?;
            // Only the last may be padded.
            if packet[0] >> 6 != 2 || (packet[0] & 0x20 != 0 && !behind.is_empty()) {
                return Err(Malformed::Length);
            }
            rest = behind;
        }
        Ok(Self(datagram))
    }

    /// All reports in it.
    pub fn reports(&self) -> impl Iterator<Item = Report<'a>> + use<'a> {
        self.each().filter_map(|packet| {
            let ssrc = packet.get(4..8).map(|octets| u32_at(octets, 0))?;
            let count = usize::from(packet[0] & 0x1F) * BLOCK;
            let sends = packet[1] == SENDER_REPORT;
            let begin = if sends { 8 + SENDER } else { 8 };
            let sender = packet.get(8..begin).filter(|_| sends).map(|octets| SenderInfo {
                ntp: u64::from(u32_at(octets, 0)) << 32 | u64::from(u32_at(octets, 4)),
                timestamp: u32_at(octets, 8),
                packets: u32_at(octets, 12),
                octets: u32_at(octets, 16),
            });
            let blocks = packet.get(begin..begin + count)?;
            let is_report = matches!(packet[1], SENDER_REPORT | RECEIVER_REPORT);
            is_report.then_some(Report { ssrc, sender, blocks })
        })
    }

    /// Whether that source says goodbye (section 6.6).
    pub fn says_goodbye(&self, ssrc: u32) -> bool {
        self.each().filter(|packet| packet[1] == BYE).any(|packet| {
            let named = packet[4..].chunks_exact(4).take(usize::from(packet[0] & 0x1F));
            named.into_iter().any(|octets| u32_at(octets, 0) == ssrc)
        })
    }

    fn each(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (packet, behind) = split(rest)?;
            rest = behind;
            Some(packet)
        })
    }
}

/// Writes compound packets one behind the other.
pub(super) struct Writer<'a> {
    room: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    /// `room`: 256 octets take all that a leg has to say.
    pub(super) fn new(room: &'a mut [u8]) -> Self {
        Self { room, length: 0 }
    }

    pub(super) fn report(&mut self, ssrc: u32, sender: Option<SenderInfo>, blocks: &[Block]) -> Option<()> {
        let kind = if sender.is_some() { SENDER_REPORT } else { RECEIVER_REPORT };
        let begin = self.begin(blocks.len() as u8, kind, ssrc)?;
        if let Some(SenderInfo { ntp, timestamp, packets, octets }) = sender {
            self.put(&ntp.to_be_bytes())?;
            for field in [timestamp, packets, octets] {
                self.put(&field.to_be_bytes())?;
            }
        }
        for block in blocks {
            self.put(&block.ssrc.to_be_bytes())?;
            let lost = i64::from(block.lost).clamp(-MOST_LOST - 1, MOST_LOST) as u32 & 0xFF_FFFF;
            self.put(&(u32::from(block.fraction_lost) << 24 | lost).to_be_bytes())?;
            for field in [block.highest, block.jitter, block.last_report, block.delay] {
                self.put(&field.to_be_bytes())?;
            }
        }
        self.end(begin)
    }

    pub(super) fn cname(&mut self, ssrc: u32, name: &str) -> Option<()> {
        let begin = self.begin(1, DESCRIPTION, ssrc)?;
        let name = &name.as_bytes()[..name.len().min(64)];
        self.put(&[CNAME, name.len() as u8])?;
        self.put(name)?;
        // The list of items ends with at least one zero, at a multiple of four.
        let zeros = 4 - (self.length - begin) % 4;
        self.put(&[0; 4][..zeros])?;
        self.end(begin)
    }

    pub(super) fn bye(&mut self, ssrc: u32) -> Option<()> {
        let begin = self.begin(1, BYE, ssrc)?;
        self.end(begin)
    }

    pub(super) fn written(self) -> &'a [u8] {
        &self.room[..self.length]
    }

    fn begin(&mut self, count: u8, kind: u8, ssrc: u32) -> Option<usize> {
        let begin = self.length;
        self.put(&[2 << 6 | count & 0x1F, kind, 0, 0])?;
        self.put(&ssrc.to_be_bytes())?;
        Some(begin)
    }

    fn end(&mut self, begin: usize) -> Option<()> {
        let words = ((self.length - begin) / 4 - 1) as u16;
        self.room.get_mut(begin + 2..begin + 4)?.copy_from_slice(&words.to_be_bytes());
        Some(())
    }

    fn put(&mut self, octets: &[u8]) -> Option<()> {
        self.room.get_mut(self.length..self.length + octets.len())?.copy_from_slice(octets);
        self.length += octets.len();
        Some(())
    }
}

/// A packet, its header of 4 octets at least, and what follows it.
fn split(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_be_bytes([*octets.get(2)?, *octets.get(3)?]));
    octets.split_at_checked((length + 1) * 4)
}

fn u32_at(octets: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]])
}
