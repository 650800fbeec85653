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
const PROBE: usize = 64;
/// Packets of a key, during which the customer says nothing.
const KEY_FRAMES: usize = 7;

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

/// How many samples the called party said into a recording, and how many of them stand exactly where they were said
/// relative to all others. `keys` were pressed, in whose time nothing was said.
///
/// The called party says one pattern of a second over and over, numbered by its RTP clock, so sample `n` of the channel
/// is sample `n + c` of the pattern with one `c` for the whole call; where the time of a key press is left out, or a
/// packet laid elsewhere, `c` changes.
pub fn in_place(customer: &[i16], keys: usize) -> (u64, u64) {
    let pattern: Vec<i16> = (0..PATTERN.len()).map(pattern_sample).collect();
    let begins = |probe: &[i16]| {
        (0..pattern.len()).find(|from| (0..PROBE).all(|n| probe[n] == pattern[(from + n) % pattern.len()]))
    };
    let tied = |(at, probe): (usize, &[i16])| Some((at, begins(probe)?));
    let Some((first, from)) = customer.windows(PROBE).enumerate().step_by(FRAME).find_map(tied) else {
        return (0, 0);
    };
    // The pattern has no sample of silence, so what lies behind the last packet fits nowhere.
    let fits = |n: &usize| customer[*n] == pattern[(n - first + from) % pattern.len()];
    let Some(last) = (first..customer.len()).rev().find(fits) else { return (0, 0) };
    let said = (last + 1 - first).saturating_sub(keys * KEY_FRAMES * FRAME);
    let placed = (first..=last).filter(fits).count();
    (said as u64, placed.min(said) as u64)
}
