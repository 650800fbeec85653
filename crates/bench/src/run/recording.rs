//! One recording: whether its file is complete, how long it is, and whether every sample is in its place.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use hound::WavReader;

use crate::rtp::{FRAME, PATTERN, pattern_sample};

/// RIFF, fmt and data headers of a plain WAV.
const HEADERS: u64 = 44;
/// Two channels of 16 bits.
const OCTETS: u64 = 4;
/// So many samples in a row that fit the pattern are no chance.
const PROBE: usize = 24;
/// Blocks that a key's seven packets take from what the customer says, the one it begins and ends in included.
const KEY_BLOCKS: usize = 8;
/// As far as sound is looked for from its place: 0.1 s.
const FARTHEST: usize = 800;

/// A stereo recording.
pub(super) struct Sound {
    wav: WavReader<BufReader<File>>,
    octets: u64,
}

impl Sound {
    pub(super) fn open(path: &Path) -> Result<Self, hound::Error> {
        let octets = std::fs::metadata(path)?.len();
        Ok(Self { wav: WavReader::open(path)?, octets })
    }

    /// By its header.
    pub(super) fn seconds(&self) -> f64 {
        f64::from(self.wav.duration()) / f64::from(self.wav.spec().sample_rate.max(1))
    }

    /// Stereo, 8 kHz, 16 bits, and all the samples there that the header names.
    pub(super) fn is_complete(&self) -> bool {
        let spec = self.wav.spec();
        let form = (spec.channels, spec.sample_rate, spec.bits_per_sample) == (2, 8000, 16);
        form && self.octets >= HEADERS + u64::from(self.wav.duration()) * OCTETS
    }

    /// The left channel.
    pub(super) fn customer(mut self) -> Result<Vec<i16>, hound::Error> {
        self.wav.samples::<i16>().step_by(2).collect()
    }
}

/// Where the customer's sound lies in a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Blocks of 20 ms that the customer said.
    pub said: u64,
    /// Those that lie within 20 ms of where they belong.
    pub placed: u64,
    /// How far the worst of them all lies from there, in samples.
    pub worst: usize,
}

/// Looks for what a called party said in the customer's channel. `keys` were pressed, in whose time nothing was said.
///
/// The called party says one pattern of a second over and over, numbered by its RTP clock, so sample `n` of the channel
/// is sample `n + c` of the pattern. The first block ties `c`; where the time of a key press is left out, or a packet
/// laid elsewhere, what follows is found at another. Single samples may be left out or filled in between packets,
/// which is how a recorder follows a clock that is not its own.
pub fn in_place(customer: &[i16], keys: usize) -> Placed {
    let sound = Pattern::new();
    let blocks = || (0..customer.len().saturating_sub(FRAME)).step_by(FRAME);
    let tied =
        |at: usize| (0..PATTERN.len()).find(|from| sound.fits(customer, at, *from)).map(|from| (at, from));
    let Some((first, from)) = blocks().find_map(tied) else { return Placed::default() };
    let shift_of = |at: usize| {
        // A block may have a single sample too few or too many; the half without it fits.
        let halves = [at, at + FRAME / 2];
        halves.into_iter().find_map(|at| sound.shift(customer, at, at - first + from))
    };
    let shifts: Vec<(usize, usize)> =
        blocks().filter(|at| *at >= first).filter_map(|at| Some((at, shift_of(at)?))).collect();
    let Some((last, _)) = shifts.last() else { return Placed::default() };
    let said = (last - first) / FRAME + 1;
    let placed = shifts.iter().filter(|(_, shift)| *shift <= FRAME).count();
    Placed {
        said: said.saturating_sub(keys * KEY_BLOCKS).max(placed) as u64,
        placed: placed as u64,
        worst: shifts.iter().map(|(_, shift)| *shift).max().unwrap_or_default(),
    }
}

/// The called party's pattern as samples.
struct Pattern(Vec<i16>);

impl Pattern {
    fn new() -> Self {
        Self((0..PATTERN.len()).map(pattern_sample).collect())
    }

    /// Whether the channel has the pattern from `from` on at `at`.
    fn fits(&self, channel: &[i16], at: usize, from: usize) -> bool {
        let pattern = self.0.iter().cycle().skip(from % self.0.len());
        channel.get(at..at + PROBE).is_some_and(|probe| probe.iter().eq(pattern.take(PROBE)))
    }

    /// How many samples from its place the pattern is found that belongs at `at`.
    fn shift(&self, channel: &[i16], at: usize, from: usize) -> Option<usize> {
        let length = self.0.len();
        let fits = |shift: &usize| {
            self.fits(channel, at, from + shift) || self.fits(channel, at, from + length - shift)
        };
        (0..=FARTHEST).find(fits)
    }
}
