//! Runs of one steady tone: what special information tones, fax tones and beeps are made of.

use crate::block::{BLOCK, Sine, Sums, power_at};
use audio::Dbm0;
use std::ops::RangeInclusive;

/// What is looked for; 450 Hz and its kin are the tone detector's.
const PITCHES: RangeInclusive<f32> = 600.0..=2300.0;
/// The part of a block's energy that one sine must have.
const PURITY: f32 = 0.85;
/// The part of a run's energy that must lie within 50 Hz of its pitch; the harmonics of a voice lie farther apart.
const NARROW: f32 = 0.8;
/// Tones below this are not worth telling; they are sent at −10 to −25 dBm0.
pub(crate) const AUDIBLE: Dbm0 = Dbm0(-38.0);
/// How far a block's frequency may lie from its run's.
const NEAR: f32 = 40.0;
/// How much the loudness of a steady tone may change, as a ratio of powers: 3 dB.
const STEADY: f32 = 2.0;
/// Blocks of another kind within a run: a click, or a lost packet concealed by noise.
const DROPOUT: u32 = 2;

/// One stretch of one tone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    /// Position of its first block.
    pub(crate) from: i64,
    /// Behind its last block.
    pub(crate) to: i64,
    sums: Sums,
    /// As measured so far.
    hertz: f32,
    /// Level of its latest block, and the lowest and highest of those between the first and the latest.
    latest: f32,
    between: (f32, f32),
    /// Sums of its blocks' powers near its pitch, and of all they have.
    narrow: f32,
    all: f32,
}

impl Run {
    pub(crate) fn millis(&self) -> u32 {
        ((self.to - self.from) / 8) as u32
    }

    /// Over the whole run.
    pub(crate) fn hertz(&self) -> f32 {
        self.sums.sine().hertz
    }

    pub(crate) fn purity(&self) -> f32 {
        self.sums.sine().purity
    }

    /// Whether it is one tone and no voice.
    pub(crate) fn is_narrow(&self) -> bool {
        self.narrow >= self.all * NARROW
    }

    /// Whether its loudness stayed the same from its second block to its last but one; played notes fade.
    pub(crate) fn is_steady(&self) -> bool {
        let (lowest, highest) = self.between;
        highest <= lowest * STEADY
    }

    fn begin(at: i64, sums: Sums, hertz: f32) -> Self {
        let latest = sums.level().0;
        let to = at + BLOCK as i64;
        Self { from: at, to, sums, hertz, latest, between: (f32::MAX, 0.0), ..Self::default() }
    }

    fn go_on(&mut self, at: i64, block: &[i16; BLOCK], sums: &Sums) {
        self.narrow += power_at(self.hertz, block);
        self.all += sums.level().0;
        if self.to - self.from > BLOCK as i64 {
            let (lowest, highest) = self.between;
            self.between = (lowest.min(self.latest), highest.max(self.latest));
        }
        self.latest = sums.level().0;
        self.to = at + BLOCK as i64;
        self.sums.add(sums);
    }
}

/// Follows the runs of a line.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    run: Option<Run>,
    dropped: u32,
}

/// What became of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// It goes on.
    Lasts(Run),
    /// It is over.
    Over(Run),
}

impl Runs {
    /// Hears one block.
    pub(crate) fn hear(
        &mut self,
        at: i64,
        block: &[i16; BLOCK],
        sums: &Sums,
        sine: Option<Sine>,
        mut tell: impl FnMut(Change),
    ) {
        let tone = sine.filter(|sine| sine.purity >= PURITY && PITCHES.contains(&sine.hertz));
        match (&mut self.run, tone) {
            (Some(run), Some(sine)) if (sine.hertz - run.hertz).abs() <= NEAR => {
                run.go_on(at, block, sums);
                run.hertz = run.hertz();
                self.dropped = 0;
                tell(Change::Lasts(*run));
            }
            (run, Some(sine)) => {
                if let Some(over) = run.replace(Run::begin(at, *sums, sine.hertz)) {
                    tell(Change::Over(over));
                }
                self.dropped = 0;
            }
            (Some(_), None) => self.leave_out(1, tell),
            (None, None) => {}
        }
    }

    /// Blocks that never came.
    pub(crate) fn miss(&mut self, blocks: u32, tell: impl FnMut(Change)) {
        // A packet or two are bridged: the run's length is measured from position to position.
        self.leave_out(blocks / 3, tell);
    }

    fn leave_out(&mut self, blocks: u32, mut tell: impl FnMut(Change)) {
        self.dropped += blocks;
        if self.dropped > DROPOUT {
            self.dropped = 0;
            if let Some(over) = self.run.take() {
                tell(Change::Over(over));
            }
        }
    }
}
