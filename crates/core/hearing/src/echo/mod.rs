//! Our own sound coming back: telephones behind a hybrid and hands-free ones return what we say, 10 to 400 ms later
//! and 6 to 40 dB quieter. The judge holds what is heard against what was said and tells whose it is.

mod past;
mod path;
mod said;

use audio::{Dbm0, Level};
use past::{Frame, Past};
use path::{Bound, Heard, Path};
use said::{QUIET, SLOT, Said};

/// By how much an echo may be louder than the line's ratio promises: levels differ by syllable and by frequency (dB).
const MARGIN: f32 = 7.0;
/// The same of a tone, which a room returns better or worse than speech, all of which it knows the line by.
const MARGIN_OF_TONES: f32 = 11.0;
/// What an echo leaves of itself in a room, in dB a frame of 20 ms.
const FADES: f32 = 6.0;
/// Quieter than anything that counts as speech anywhere (dBm0).
const AUDIBLE: f32 = -48.0;
/// Louder than the line's noise by this, in dB.
const STANDS_OUT: f32 = 6.0;
/// The line's noise: from where to where it is sought, and how it is followed down and up, in dB a frame.
const NOISE: (f32, f32) = (-65.0, -30.0);
const NOISE_FALLS: f32 = 0.25;
const NOISE_RISES: f32 = 0.06;
/// Frames of the latest eight that no echo explains and that make somebody who speaks over us.
const SPEAKS: u32 = 3;
/// So many times as much of a sound must be ours as not: somebody who speaks over us is quieter between syllables.
const MOSTLY: u32 = 4;
/// Frames for which somebody who spoke is taken to go on, 200 ms: a syllable and the gap behind it.
const GOES_ON: u32 = 10;

/// Whose sound it is that is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// Theirs, or nobody's.
    #[default]
    Theirs,
    /// Ours, come back.
    Ours,
    /// Perhaps ours: too little has been said yet to know what the line sends back.
    Unclear,
}

/// Judges one line. 3 KB; positions are samples on the leg's clock.
#[derive(Debug)]
pub struct Echo {
    said: Said,
    path: Path,
    past: Past,
    noise: f32,
    /// The bound of the frame before.
    bound: f32,
    /// The latest frames, a bit each: set where no echo explains them.
    unexplained: u8,
    goes_on: u32,
}

impl Default for Echo {
    fn default() -> Self {
        Self {
            said: Said::default(),
            path: Path::default(),
            past: Past::default(),
            noise: NOISE.0,
            bound: f32::MIN,
            unexplained: 0,
            goes_on: 0,
        }
    }
}

impl Echo {
    /// A frame of a prompt was sent at a position, of a loudness as [`audio::Clip::loudness`] tells it.
    pub fn said(&mut self, position: i64, loudness: [i8; 2]) {
        self.said.say(slot_of(position), loudness);
    }

    /// Hears 20 ms of sound, or what a packet has of them.
    pub fn hear(&mut self, position: i64, samples: &[i16]) -> Whose {
        let slot = slot_of(position);
        if !self.said.reaches(slot) {
            return Whose::Theirs;
        }
        let level = Dbm0::from(Level::of(samples));
        self.follow_noise(level.0);
        let said = self.said.before(slot);
        let bound = self.path.bound(said);
        let what = match level.0 > self.noise + STANDS_OUT {
            true if self.goes_on > 0 => Heard::Talk,
            true => Heard::Sound,
            false => Heard::Noise,
        };
        self.path.learn(said, level.0, what);
        let whose = self.judge(level.0, bound);
        self.past.keep(slot, samples.len(), Frame { level: level.whole(), whose });
        whose
    }

    /// Whose it was what has been heard at a position, as was known then.
    pub fn at(&self, position: i64) -> Whose {
        // Between two packets whose places were corrected a slot may be left out.
        let slots = [slot_of(position), slot_of(position) - 1];
        slots.into_iter().find_map(|slot| self.past.frame(slot)).map_or(Whose::Theirs, |frame| frame.whose)
    }

    /// Whether a tone heard between two positions was ours, as is known since.
    pub fn explains_tone(&self, from: i64, to: i64) -> bool {
        self.not_ours(from, to, MARGIN_OF_TONES).is_none()
    }

    /// Where what was theirs began, unless what was to be heard between two positions was ours, as is known since.
    pub fn theirs_from(&self, from: i64, to: i64) -> Option<i64> {
        self.not_ours(from, to, MARGIN)
    }

    fn not_ours(&self, from: i64, to: i64, margin: f32) -> Option<i64> {
        let (mut ours, mut theirs, mut first) = (0, 0, None);
        for slot in slot_of(from)..slot_of(to) {
            match self.was_ours(slot, margin) {
                Some(true) => ours += 1,
                Some(false) => {
                    theirs += 1;
                    first.get_or_insert((slot * SLOT).max(from));
                }
                None => {}
            }
        }
        first.filter(|_| theirs * MOSTLY >= ours)
    }

    /// Of what was heard in a slot, if anything was.
    fn was_ours(&self, slot: i64, margin: f32) -> Option<bool> {
        let said = self.said.known_before(slot).filter(|said| said.iter().any(|level| *level > QUIET));
        let Some(said) = said else { return Some(false) };
        let level = f32::from(self.past.frame(slot)?.level);
        (level > AUDIBLE).then(|| level <= self.path.bound(said).level + margin)
    }

    fn judge(&mut self, level: f32, bound: Bound) -> Whose {
        self.bound = bound.level.max(self.bound - FADES);
        let sounds = level > AUDIBLE;
        let is_more = sounds && level > self.bound + MARGIN;
        self.unexplained = self.unexplained << 1 | u8::from(is_more);
        self.goes_on =
            if self.unexplained.count_ones() >= SPEAKS { GOES_ON } else { self.goes_on.saturating_sub(1) };
        match bound.known {
            _ if self.goes_on > 0 || !sounds => Whose::Theirs,
            true => Whose::Ours,
            false => Whose::Unclear,
        }
    }

    fn follow_noise(&mut self, level: f32) {
        let noise = if level < self.noise {
            self.noise + (level - self.noise) * NOISE_FALLS
        } else {
            self.noise + NOISE_RISES
        };
        self.noise = noise.clamp(NOISE.0, NOISE.1);
    }
}

fn slot_of(position: i64) -> i64 {
    (position + SLOT / 2).div_euclid(SLOT)
}
