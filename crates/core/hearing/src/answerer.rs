//! Who answered: a person says a short word and waits; a recorded greeting goes on without a pause and ends with a
//! beep. Neither line noise nor music is taken for either, nor what we say ourselves and the line sends back.

use crate::{
    Answered, Echo, Finding, What, Whose,
    block::{BLOCK, Sine, Sums},
};
use audio::{Dbm0, RATE};

/// What separates a person's greeting from a recorded one, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GreetingLimits {
    /// No person's greeting is longer: 2.5 s.
    pub short: u64,
    /// No person talks so long without a pause before having been spoken to: 3.2 s.
    pub long: u64,
    /// Quiet that ends a greeting: 0.8 s.
    pub pause: u64,
}

impl Default for GreetingLimits {
    fn default() -> Self {
        let millis = |millis: u64| millis * u64::from(RATE) / 1000;
        Self { short: millis(2500), long: millis(3200), pause: millis(800) }
    }
}

/// Shorter sounds are a click, a cough, a handset put down.
const SHORTEST: i64 = RATE as i64 * 12 / 100;
/// Active frames in a row that begin talk: 60 ms.
const ONSET: u32 = 3;
/// Frames in which the quietest is sought, 1.3 s: nobody talks so long without a gap between two syllables, and a
/// steady noise has none.
const LOOK_BACK: usize = 64;
/// How much louder than that talk is, and how loud at least.
const ABOVE: f32 = 9.0;
const AUDIBLE: f32 = -46.0;
/// A frame as pure as this is a tone, not a voice.
const TONE: f32 = 0.93;
/// How much the loudness of talk changes from frame to frame, as its standard deviation: noise stays below 2 dB,
/// most music below 4, speech lies between 5 and 9.
const LIVELY: f32 = 4.2;
/// A beep belongs to the greeting that ended so shortly before it.
const BEEP_AFTER: i64 = RATE as i64 * 5 / 2;
/// A greeting that a beep is believed after.
const GREETING: i64 = RATE as i64;
/// From there on a long greeting is a machine's nearly for certain: 5 s.
const VERY_LONG: i64 = RATE as i64 * 5;

/// One word is too short to tell by its liveliness.
const ONE_WORD: i64 = RATE as i64;

const BY_CADENCE: u8 = 70;
const BY_LENGTH: u8 = 85;
const BY_BEEP: u8 = 95;
const BY_BEEP_ALONE: u8 = 60;
const BY_KEY: u8 = 100;
const UNDECIDED: u8 = 50;

/// Follows the talk on an answered line.
#[derive(Debug)]
pub(crate) struct Answerer {
    limits: GreetingLimits,
    /// Levels of the latest frames in dBm0, a ring.
    levels: [f32; LOOK_BACK],
    frames: usize,
    /// The first half of a frame of 20 ms.
    half: Option<Sums>,
    onset: u32,
    talk: Option<Talk>,
    /// The latest talk that is over.
    last: Option<Talk>,
    told: Option<(Answered, u8)>,
}

/// Talk without a pause.
#[derive(Clone, Copy, Debug, Default)]
struct Talk {
    from: i64,
    /// Behind the last active frame.
    to: i64,
    /// Of the frames up to there, and of those behind it.
    kept: Spread,
    behind: Spread,
}

/// Number of frames, and sums of their levels in dB and of those squared.
#[derive(Clone, Copy, Debug, Default)]
struct Spread {
    frames: f32,
    sum: f32,
    squares: f32,
}

impl Answerer {
    pub(crate) fn new(limits: GreetingLimits) -> Self {
        Self {
            limits,
            levels: [0.0; LOOK_BACK],
            frames: 0,
            half: None,
            onset: 0,
            talk: None,
            last: None,
            told: None,
        }
    }

    /// Whether a recorded greeting is suspected, and its beep worth waiting for.
    pub(crate) fn suspects_machine(&self) -> bool {
        matches!(self.told, Some((Answered::Machine, sure)) if sure < BY_BEEP)
    }

    /// Hears one block, its sine where it is loud enough to have one.
    pub(crate) fn hear(&mut self, at: i64, sums: &Sums, sine: Option<Sine>, echo: &Echo) -> Option<Finding> {
        let Some(mut frame) = self.half.take() else {
            self.half = Some(*sums);
            return None;
        };
        frame.add(sums);
        let tone = sine.is_some_and(|sine| sine.purity >= TONE);
        // Behind an echo there is silence, as quiet as it was of late.
        let ours = echo.at(at) == Whose::Ours;
        let level = if ours { self.quietest() } else { Dbm0::from(frame.level()).0.max(-65.0) };
        let active = self.stands_out(level) && !tone;
        let end = at + BLOCK as i64;
        self.onset = if active { self.onset + 1 } else { 0 };
        match &mut self.talk {
            Some(talk) => {
                talk.add(level, active.then_some(end));
                let over = end - talk.to >= self.limits.pause as i64;
                if over { self.over(echo) } else { self.goes_on(echo) }
            }
            None if self.onset >= ONSET => {
                let length = i64::from(ONSET) * 2 * BLOCK as i64;
                let mut talk = Talk { from: end - length, to: end, ..Talk::default() };
                talk.add(level, Some(end));
                self.talk = Some(talk);
                None
            }
            None => {
                self.talk = self.begun_with_the_line(end);
                None
            }
        }
    }

    /// A beep was heard.
    pub(crate) fn beep(&mut self, (from, to): (i64, i64)) -> Option<Finding> {
        // The beep's own edges may count as talk.
        let greeting = [self.last, self.talk]
            .into_iter()
            .flatten()
            .find(|talk| talk.to - talk.from >= GREETING && (0..=BEEP_AFTER).contains(&(to - talk.to)));
        let talked = self.last.is_some() || self.talk.is_some();
        let confidence = match greeting {
            Some(_) => BY_BEEP,
            None if talked => BY_LENGTH - 10,
            None => BY_BEEP_ALONE,
        };
        let from = greeting.map_or(from, |talk| talk.from);
        self.tell(Answered::Machine, confidence, from, to)
    }

    /// A key was pressed.
    pub(crate) fn key(&mut self, at: i64) -> Option<Finding> {
        self.tell(Answered::Human, BY_KEY, at, at)
    }

    /// The time is over.
    pub(crate) fn give_up(&mut self, answered: i64, at: i64) -> Option<Finding> {
        if self.told.is_some() {
            return None;
        }
        self.tell(Answered::Unknown, UNDECIDED, answered, at)
    }

    /// Talk that was there from the first: only the quiet behind it shows how loud it was.
    fn begun_with_the_line(&self, end: i64) -> Option<Talk> {
        if self.last.is_some() || self.frames > LOOK_BACK {
            return None;
        }
        let levels = &self.levels[..self.frames];
        let loud = |level: &f32| *level > self.threshold();
        let (first, last) = (levels.iter().position(loud)?, levels.iter().rposition(loud)?);
        let begin_of = |frame: usize| end - ((self.frames - frame) * 2 * BLOCK) as i64;
        let mut talk = Talk { from: begin_of(first), to: begin_of(first), ..Talk::default() };
        for (frame, level) in levels.iter().enumerate().take(last + 1).skip(first) {
            talk.add(*level, Some(begin_of(frame + 1)));
        }
        (talk.to - talk.from >= SHORTEST).then_some(talk)
    }

    /// Whether a frame is louder than the quietest of late.
    fn stands_out(&mut self, level: f32) -> bool {
        self.levels[self.frames % LOOK_BACK] = level;
        self.frames += 1;
        level > self.threshold()
    }

    fn threshold(&self) -> f32 {
        (self.quietest() + ABOVE).max(AUDIBLE)
    }

    fn quietest(&self) -> f32 {
        self.levels.iter().take(self.frames).copied().fold(0.0, f32::min)
    }

    fn goes_on(&mut self, echo: &Echo) -> Option<Finding> {
        let talk = self.talk?;
        let length = talk.to - talk.from;
        if length < self.limits.long as i64 || !talk.is_lively() {
            return None;
        }
        let (who, confidence) = match self.told {
            // A person who had greeted us shortly may well talk on.
            Some((Answered::Human | Answered::Unknown, _)) => (Answered::Unknown, UNDECIDED),
            _ if length >= VERY_LONG => (Answered::Machine, BY_LENGTH),
            _ => (Answered::Machine, BY_CADENCE),
        };
        if !self.is_news(who, confidence) {
            return None;
        }
        // Some of it may have seemed to be talk while the line was not known yet.
        let from = echo.theirs_from(talk.from, talk.to);
        if from != Some(talk.from) {
            self.talk = from.map(|from| Talk { from, ..talk });
            return None;
        }
        self.tell(who, confidence, talk.from, talk.to)
    }

    fn over(&mut self, echo: &Echo) -> Option<Finding> {
        let talk = self.talk.take()?;
        let length = talk.to - talk.from;
        if length < SHORTEST || echo.theirs_from(talk.from, talk.to).is_none() {
            return None;
        }
        self.last = Some(talk);
        let short = length <= self.limits.short as i64
            && (length <= ONE_WORD || talk.is_lively())
            && talk.falls_silent();
        (short && self.told.is_none()).then_some(())?;
        self.tell(Answered::Human, BY_CADENCE, talk.from, talk.to)
    }

    fn is_news(&self, who: Answered, confidence: u8) -> bool {
        let known = self.told.is_some_and(|(told, sure)| told == who && sure >= confidence);
        let beaten = self.told.is_some_and(|(told, sure)| told != who && sure > confidence.max(UNDECIDED));
        let withdrawn =
            who == Answered::Unknown && self.told.is_some_and(|(told, _)| told == Answered::Human);
        !known && (!beaten || withdrawn)
    }

    fn tell(&mut self, who: Answered, confidence: u8, from: i64, to: i64) -> Option<Finding> {
        if !self.is_news(who, confidence) {
            return None;
        }
        self.told = Some((who, confidence));
        Some(Finding { what: What::Answered(who), from, to, confidence })
    }
}

impl Talk {
    /// A frame, active up to a position or not.
    fn add(&mut self, level: f32, active: Option<i64>) {
        self.behind = self.behind.and(Spread { frames: 1.0, sum: level, squares: level * level });
        if let Some(end) = active {
            self.to = end;
            self.kept = self.kept.and(std::mem::take(&mut self.behind));
        }
    }

    /// Whether it is quiet behind it; between notes it is not.
    fn falls_silent(&self) -> bool {
        self.kept.mean() - self.behind.mean() >= ABOVE
    }

    fn is_lively(&self) -> bool {
        let (Spread { frames, squares, .. }, mean) = (self.kept, self.kept.mean());
        (squares / frames - mean * mean).max(0.0).sqrt() >= LIVELY
    }
}

impl Spread {
    fn mean(self) -> f32 {
        self.sum / self.frames.max(1.0)
    }

    fn and(self, more: Self) -> Self {
        Self {
            frames: self.frames + more.frames,
            sum: self.sum + more.sum,
            squares: self.squares + more.squares,
        }
    }
}
