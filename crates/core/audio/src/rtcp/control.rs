//! One leg's reports: when they are due, what they say, and what the peer's tell.

use super::packet::Writer;
use super::{Block, Malformed, Packets, SenderInfo};
use crate::{RATE, StreamReceiver, duration_of};
use std::time::Duration;

/// The mean between two reports, in samples: 5 s (RFC 3550 section 6.2). Two members and reports of 100 octets stay
/// far below the twentieth of the stream's rate that would make it longer.
const INTERVAL: f64 = 5.0 * RATE as f64;
/// Makes good that randomising shortens the mean (section 6.3.1): e − 3/2.
const COMPENSATION: f64 = std::f64::consts::E - 1.5;
/// Blocks in one report: a leg hears one sender, and rarely a second.
const BLOCKS: usize = 4;

/// The present.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// On the leg's clock, in samples.
    pub at: i64,
    /// NTP time, in 2^-32 s since 1900.
    pub ntp: u64,
}

/// What was sent so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Packets.
    pub packets: u64,
    /// Octets of payload.
    pub octets: u64,
    /// The timestamp of this moment.
    pub timestamp: u32,
}

/// What is known of both directions. Nothing, where the peer sends no reports, but our own counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Reports of the peer's that came.
    pub reports: u32,
    /// Of our packets, lost on their way to the peer, by its latest report.
    pub peer_lost: Option<i64>,
    /// The jitter that the peer sees, by its latest report.
    pub peer_jitter: Option<Duration>,
    /// The shortest way there and back.
    pub round_trip: Option<Duration>,
}

/// A leg's side of RTCP.
#[derive(Clone, Debug)]
pub struct Control {
    ssrc: u32,
    cname: Box<str>,
    chance: u64,
    due: Option<i64>,
    reported: bool,
    /// The latest sender report: whose, the middle of its NTP time, and when it came.
    heard: Option<(u32, u32, u64)>,
    quality: Quality,
}

impl Control {
    /// For the stream `ssrc`; `cname` names the endpoint and nobody (RFC 7022). The seed spreads the reports of many
    /// legs.
    pub fn new(ssrc: u32, cname: &str, seed: u64) -> Self {
        let quality = Quality::default();
        Self { ssrc, cname: cname.into(), chance: seed | 1, due: None, reported: false, heard: None, quality }
    }

    /// The first report may come after half an interval (section 6.2).
    pub fn start(&mut self, now: i64) {
        if self.due.is_none() {
            self.due = Some(now + self.wait() / 2);
        }
    }

    /// Whether a report is to be written.
    pub fn is_due(&self, now: i64) -> bool {
        self.due.is_some_and(|due| now >= due)
    }

    /// Writes a report into `room` (256 octets do) and fixes the time of the next.
    pub fn report<'a>(
        &mut self,
        now: Moment,
        sent: Sent,
        stream: &mut StreamReceiver,
        room: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        self.due = Some(now.at + self.wait());
        self.reported = true;
        let mut writer = Writer::new(room);
        self.compound(now, sent, stream, &mut writer)?;
        Some(writer.written())
    }

    /// Writes the last report, with a goodbye; none where nobody has been told that we are here (section 6.3.7).
    pub fn goodbye<'a>(
        &mut self,
        now: Moment,
        sent: Sent,
        stream: &mut StreamReceiver,
        room: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        if !self.reported {
            return None;
        }
        let mut writer = Writer::new(room);
        self.compound(now, sent, stream, &mut writer)?;
        writer.bye(self.ssrc)?;
        Some(writer.written())
    }

    fn compound(
        &mut self,
        now: Moment,
        sent: Sent,
        stream: &mut StreamReceiver,
        writer: &mut Writer<'_>,
    ) -> Option<()> {
        let mut blocks = [Block::default(); BLOCKS];
        let mut count = 0;
        for (room, block) in blocks.iter_mut().zip(stream.blocks()) {
            *room = self.with_last_report(block, now.ntp);
            count += 1;
        }
        let sender = (sent.packets > 0).then_some(SenderInfo {
            ntp: now.ntp,
            timestamp: sent.timestamp,
            packets: sent.packets as u32,
            octets: sent.octets as u32,
        });
        writer.report(self.ssrc, sender, &blocks[..count])?;
        writer.cname(self.ssrc, &self.cname)
    }

    fn with_last_report(&self, block: Block, ntp: u64) -> Block {
        match self.heard {
            Some((ssrc, last_report, came)) if ssrc == block.ssrc => {
                Block { last_report, delay: (ntp.saturating_sub(came) >> 16) as u32, ..block }
            }
            _ => block,
        }
    }

    /// Reads the peer's reports; `came`: NTP time of their arrival.
    pub fn take(&mut self, datagram: &[u8], came: u64) -> Result<(), Malformed> {
        for report in Packets::parse(datagram)?.reports() {
            self.quality.reports += 1;
            if let Some(sender) = report.sender {
                self.heard = Some((report.ssrc, (sender.ntp >> 16) as u32, came));
            }
            let ssrc = self.ssrc;
            for block in report.blocks().filter(|block| block.ssrc == ssrc) {
                self.take_block(&block, came);
            }
        }
        Ok(())
    }

    fn take_block(&mut self, block: &Block, came: u64) {
        self.quality.peer_lost = Some(block.lost.into());
        self.quality.peer_jitter = Some(duration_of(block.jitter.into()));
        if block.last_report == 0 {
            return;
        }
        // Section 6.4.1: what passed since our report, less what the peer held it for. A negative one is of clocks
        // that do not agree on how long a second is, or made up.
        let trip =
            ((came >> 16) as u32).wrapping_sub(block.last_report).wrapping_sub(block.delay).cast_signed();
        if (0..60 << 16).contains(&trip) {
            let trip = Duration::from_nanos((u64::from(trip.unsigned_abs()) * 1_000_000_000) >> 16);
            let least = self.quality.round_trip.map_or(trip, |least| least.min(trip));
            self.quality.round_trip = Some(least);
        }
    }

    /// What was learned.
    pub fn quality(&self) -> Quality {
        self.quality
    }

    /// From half to one and a half of the interval (section 6.3.1).
    fn wait(&mut self) -> i64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        let even = (self.chance >> 11) as f64 / (1_u64 << 53) as f64;
        (INTERVAL * (0.5 + even) / COMPENSATION) as i64
    }
}
