//! China's call-progress tones: one frequency, 450 Hz, told apart by their cadence (GF 002-9002).
//!
//! Sound is cut into blocks of 10 ms, each tone, silence or other; blocks make runs, and the latest runs
//! are compared with the cadence table. A tone is claimed on its second burst at the earliest, ring-back
//! excepted, whose second-long burst and long pause no other tone has.

use crate::block::{BLOCK, Filling, Pitch};
use audio::{Dbm0, Level, RATE, Tone};
use std::sync::LazyLock;

const FREQUENCY: f32 = 450.0;
/// The part of a block's energy that must lie at 450 Hz; ±25 Hz still passes, 400 or 500 Hz does not.
const PURITY: f32 = 0.6;
/// Below this a block is silence; tones are sent at −10 dBm0 and may lose 20 dB.
const AUDIBLE: Dbm0 = Dbm0(-38.0);
/// Blocks that must agree before a run ends; fewer are a click or a lost packet.
const SETTLED: u32 = 3;
/// Other sound that makes it worth telling, 0.4 s of it; each block that is none takes half of one away, so
/// that the pauses of speech do not hide it.
const NOTABLE: u32 = 80;
/// A pause of this many blocks after a ring-back burst settles it.
const RINGBACK_PAUSE: u32 = 100;
/// A pause longer than any cadence's ends the comparison.
const LONGEST_PAUSE: u32 = 500;
/// How much quieter than its bursts a cadence's pauses are: 10 dB.
const CONTRAST: f32 = 10.0;

/// A claim, with how much sound it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToneHeard {
    /// Which tone.
    pub tone: Tone,
    /// Samples of the cadence heard before it was claimed.
    pub evidence: u64,
}

/// What the detector has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarHears {
    /// A tone began, or another one.
    Tone(ToneHeard),
    /// Something audible that is no 450 Hz: an announcement, music, speech. Told once.
    Sound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    Tone,
    Silence,
    Other,
}

#[derive(Clone, Copy, Debug, Default)]
struct Run {
    on: bool,
    blocks: u32,
    energy: f32,
}

/// Listens to one leg's received sound.
#[derive(Debug, Default)]
pub struct ToneDetector {
    filling: Filling,
    next: Option<i64>,
    run: Run,
    doubt: Run,
    /// Ended runs, the latest last; they alternate between on and off.
    runs: [Run; 5],
    told: Option<Tone>,
    other: u32,
    told_other: bool,
}

impl ToneDetector {
    /// Hears one packet's samples, the first of them at `position`. A short gap is bridged with what went before
    /// it, a long one is silence, and a packet from before the last one is left out.
    pub fn hear(&mut self, position: i64, samples: &[i16], mut tell: impl FnMut(EarHears)) {
        let expected = self.next.unwrap_or(position);
        // A clock correction lays a packet a few samples over the one before it.
        let is_late = position + samples.len() as i64 <= expected;
        if is_late && expected - position < i64::from(RATE) {
            return;
        }
        self.next = Some(position + samples.len() as i64);
        self.bridge((position - expected).max(0), &mut tell);
        let mut filling = std::mem::take(&mut self.filling);
        filling.fill(samples, |block| {
            let energy = Level::of(block).0;
            self.take(classify(block, energy), energy, &mut tell);
        });
        self.filling = filling;
    }

    fn bridge(&mut self, missing: i64, tell: &mut impl FnMut(EarHears)) {
        let blocks = (missing / BLOCK as i64) as u32;
        if blocks == 0 {
            return;
        }
        if blocks <= 6 {
            self.run.blocks += blocks;
            self.run.energy += self.run.mean() * blocks as f32;
            return;
        }
        for _ in 0..blocks.min(LONGEST_PAUSE + 1) {
            self.take(Block::Silence, 0.0, tell);
        }
    }

    fn take(&mut self, block: Block, energy: f32, tell: &mut impl FnMut(EarHears)) {
        self.count_other(block, tell);
        let on = block == Block::Tone;
        if on == self.run.on {
            self.run.add(std::mem::take(&mut self.doubt));
            self.run.add(Run { on, blocks: 1, energy });
        } else {
            self.doubt.add(Run { on, blocks: 1, energy });
            if self.doubt.blocks >= SETTLED {
                self.end_run(tell);
            }
        }
        if !self.run.on && self.run.blocks >= RINGBACK_PAUSE {
            self.in_pause(tell);
        }
    }

    fn end_run(&mut self, tell: &mut impl FnMut(EarHears)) {
        let ended = std::mem::replace(&mut self.run, std::mem::take(&mut self.doubt));
        self.run.on = !ended.on;
        self.runs.rotate_left(1);
        self.runs[4] = ended;
        if ended.on
            && let Some((tone, runs)) = cadence_of(&self.runs)
        {
            let blocks = self.runs[5 - runs..].iter().map(|run| run.blocks).sum();
            self.claim(tone, blocks, tell);
        }
    }

    fn in_pause(&mut self, tell: &mut impl FnMut(EarHears)) {
        let [.., burst] = self.runs;
        if burst.lasts(1000) && burst.stands_out_of(&self.run) {
            self.claim(Tone::Ringback, burst.blocks + self.run.blocks, tell);
        }
        if self.run.blocks > LONGEST_PAUSE {
            self.runs = [Run::default(); 5];
        }
    }

    fn claim(&mut self, tone: Tone, blocks: u32, tell: &mut impl FnMut(EarHears)) {
        if self.told.replace(tone) != Some(tone) {
            let evidence = u64::from(blocks) * BLOCK as u64;
            tell(EarHears::Tone(ToneHeard { tone, evidence }));
        }
    }

    fn count_other(&mut self, block: Block, tell: &mut impl FnMut(EarHears)) {
        self.other = if block == Block::Other { self.other + 2 } else { self.other.saturating_sub(1) };
        if self.other >= NOTABLE && !std::mem::replace(&mut self.told_other, true) {
            tell(EarHears::Sound);
        }
        self.other = self.other.min(NOTABLE);
    }
}

impl Run {
    fn add(&mut self, more: Self) {
        self.blocks += more.blocks;
        self.energy += more.energy;
    }

    fn mean(&self) -> f32 {
        self.energy / self.blocks.max(1) as f32
    }

    /// Within 15 %, and never nearer than 40 ms: what blocks and lost packets blur.
    fn lasts(&self, millis: u32) -> bool {
        let wanted = millis / 10;
        self.blocks.abs_diff(wanted) <= (wanted * 3 / 20).max(4)
    }

    fn stands_out_of(&self, pause: &Self) -> bool {
        self.mean() > pause.mean() * CONTRAST
    }
}

/// The cadence that ends with the latest burst, and how many runs make it.
fn cadence_of(runs: &[Run; 5]) -> Option<(Tone, usize)> {
    let table: [(Tone, &[u32]); 3] = [
        (Tone::Unobtainable, &[100, 100, 100, 100, 400]),
        (Tone::Busy, &[350, 350, 350]),
        (Tone::Congestion, &[700, 700, 700]),
    ];
    table
        .into_iter()
        .find(|(_, millis)| matches_cadence(runs, millis))
        .map(|(tone, millis)| (tone, millis.len()))
}

fn matches_cadence(runs: &[Run; 5], millis: &[u32]) -> bool {
    let latest = &runs[runs.len() - millis.len()..];
    let lengths = latest.iter().zip(millis).all(|(run, &millis)| run.lasts(millis));
    lengths && latest.windows(2).all(|pair| if pair[0].on { pair[0].stands_out_of(&pair[1]) } else { true })
}

/// Thresholds and waves that are the same for every block.
struct Yardstick {
    audible: f32,
    pitch: Pitch,
}

static YARDSTICK: LazyLock<Yardstick> =
    LazyLock::new(|| Yardstick { audible: AUDIBLE.level().0, pitch: Pitch::of(FREQUENCY) });

fn classify(block: &[i16; BLOCK], energy: f32) -> Block {
    let Yardstick { audible, pitch } = &*YARDSTICK;
    if energy < *audible {
        Block::Silence
    } else if pitch.power_in(block) > PURITY * energy {
        Block::Tone
    } else {
        Block::Other
    }
}
