//! When the customer speaks: an energy detector over an adaptive noise floor, and the end-pointing of one
//! spoken answer by the silence after it.

use crate::{Dbm0, Level};
use std::sync::LazyLock;

/// Speech is at least this much louder than the floor, as a ratio of powers (9 dB).
const ABOVE_FLOOR: f32 = 8.0;
/// And at least this loud, whatever the floor.
const AUDIBLE: Dbm0 = Dbm0(-48.0);
/// The floor never hides speech louder than this: a customer in a noisy street.
const HIGHEST_FLOOR: Dbm0 = Dbm0(-30.0);
/// It never falls below this: digital silence would make a whisper of noise speech.
const LOWEST_FLOOR: Dbm0 = Dbm0(-65.0);
/// How fast the floor follows louder sound, a factor per 20 ms frame: 3 dB a second.
const RISE: f32 = 1.0139;
/// How fast it follows quieter sound: a quarter of the way per frame.
const FALL: f32 = 0.25;
/// Active frames in a row that are speech rather than a click: 60 ms.
const ONSET: u32 = 3;
/// Positions may lag by what the network delays; silence counts as such only this much later (0.2 s).
const PATIENCE: i64 = 1600;

/// Follows the background of one leg over the whole call.
#[derive(Debug)]
pub struct NoiseFloor {
    floor: Level,
}

/// Levels worked out once: the detector hears every frame of every call.
struct Marks {
    audible: f32,
    lowest_floor: f32,
    highest_floor: f32,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks {
    audible: AUDIBLE.level().0,
    lowest_floor: LOWEST_FLOOR.level().0,
    highest_floor: HIGHEST_FLOOR.level().0,
});

impl Default for NoiseFloor {
    fn default() -> Self {
        Self { floor: Dbm0(-55.0).level() }
    }
}

impl NoiseFloor {
    /// Whether a frame stands out of the background.
    pub fn is_active(&mut self, samples: &[i16]) -> bool {
        let level = Level::of(samples);
        let active = level.0 > (self.floor.0 * ABOVE_FLOOR).max(MARKS.audible);
        self.follow(level);
        active
    }

    fn follow(&mut self, level: Level) {
        let floor = if level < self.floor {
            self.floor.0 + (level.0 - self.floor.0) * FALL
        } else {
            (self.floor.0 * RISE).min(level.0)
        };
        self.floor = Level(floor.clamp(MARKS.lowest_floor, MARKS.highest_floor));
    }
}

/// When to stop listening, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanLimits {
    /// The longest span, counted from its opening.
    pub max: u64,
    /// Silence that ends what was said.
    pub end_silence: u64,
    /// Speech must have begun within this.
    pub start_within: u64,
}

/// Why a span ended is told by `spoke`; positions are where in the call it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanEnd {
    /// First sample of speech, or of the span when nothing was said.
    pub from: i64,
    /// Behind the last sample of speech, or of the span.
    pub to: i64,
    /// Whether there was speech.
    pub spoke: bool,
}

/// What happens in a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanEvent {
    /// Speech began. Told once.
    Started,
    /// The span is over.
    Ended(SpanEnd),
}

/// One spoken answer.
#[derive(Debug)]
pub struct SpeechSpan {
    opened: i64,
    limits: SpanLimits,
    onset: u32,
    onset_at: i64,
    speech: Option<(i64, i64)>,
}

impl SpeechSpan {
    /// Listens from `now` on.
    pub fn open(now: i64, limits: SpanLimits) -> Self {
        Self { opened: now, limits, onset: 0, onset_at: now, speech: None }
    }

    /// Hears one frame, and whether [`NoiseFloor`] called it active.
    pub fn hear(&mut self, position: i64, length: usize, active: bool) -> Option<SpanEvent> {
        if position < self.opened {
            return None;
        }
        if !active {
            self.onset = 0;
            return None;
        }
        if self.onset == 0 {
            self.onset_at = position;
        }
        self.onset += 1;
        if self.onset < ONSET {
            return None;
        }
        let end = position + length as i64;
        let known = self.speech;
        self.speech = Some(known.map_or((self.onset_at, end), |(from, to)| (from, to.max(end))));
        known.is_none().then_some(SpanEvent::Started)
    }

    /// Asks whether the span is over at `now`; silence passes even when no packets come.
    pub fn at(&self, now: i64) -> Option<SpanEvent> {
        let length = now - self.opened;
        let over = match self.speech {
            _ if length >= self.limits.max as i64 => true,
            None => length >= self.limits.start_within as i64,
            Some((_, to)) => now - to >= self.limits.end_silence as i64 + PATIENCE,
        };
        over.then(|| SpanEvent::Ended(self.close(now)))
    }

    /// Ends it at `now`, whatever was said.
    pub fn close(&self, now: i64) -> SpanEnd {
        let limit = now.min(self.opened + self.limits.max as i64);
        match self.speech {
            Some((from, to)) => SpanEnd { from, to: to.min(limit.max(from)), spoke: true },
            None => SpanEnd { from: self.opened, to: limit, spoke: false },
        }
    }
}
