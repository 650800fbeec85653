//! The announcements that the operator knows, as prints that can be searched.

use crate::{
    bench::{Bench, WINDOW},
    print::Print,
};
use audio::{RATE, duration_of};

/// Between two prints of a line: 32 ms.
pub(crate) const HOP: usize = 256;
/// A clip is printed this much finer, so that a line's windows find theirs wherever they begin: 8 ms.
pub(crate) const STEPS: usize = 4;
pub(crate) const STEP: usize = HOP / STEPS;
/// Audible sound that a clip must have, in prints of a line: 1.5 s.
const LEAST: usize = RATE as usize * 3 / 2 / HOP;
/// Windows this much quieter than the clip's loudest are pauses: 35 dB.
const PAUSE: f32 = 3.2e-4;

/// Half prints there can be, of both halves.
const KEYS: u32 = 2 << 16;

/// A clip without enough sound to be told from others by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooShort {
    /// Its audible sound, in milliseconds.
    pub millis: u64,
    /// What it needs.
    pub least_millis: u64,
}

/// One window of a clip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) bits: u32,
    /// Those worth comparing; none in a pause.
    pub(crate) mask: u32,
}

#[derive(Debug)]
pub(crate) struct Clip {
    name: String,
    pub(crate) marks: Box<[Mark]>,
    /// Clips of one meaning do not compete.
    pub(crate) meaning: u16,
    /// Windows of a line that are no pauses.
    pub(crate) audible: u32,
}

/// Clips to be recognised; shared by all calls.
#[derive(Debug, Default)]
pub struct Library {
    clips: Vec<Clip>,
    /// Half prints in order, with where they stand.
    index: Vec<Entry>,
    /// Where in the index each half print begins, and behind the last one its end: 0.5 MB.
    begins: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Which half, and its bits.
    key: u32,
    clip: u16,
    /// In steps from the clip's beginning.
    at: u16,
}

/// A place in a clip that looks like what is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) clip: u16,
    pub(crate) at: i64,
}

impl Library {
    /// Adds a clip of 8 kHz samples and answers its number. Clips of one `meaning` do not compete with each other.
    pub fn add(
        &mut self,
        name: &str,
        meaning: u16,
        samples: &[i16],
        bench: &mut Bench,
    ) -> Result<u16, TooShort> {
        let prints = prints_of(samples, bench);
        let loudest = prints.iter().map(Print::energy).fold(0.0, f32::max);
        let mark = |print: &Print| {
            let audible = print.is_audible() && print.energy() > loudest * PAUSE;
            Mark { bits: print.bits, mask: if audible { print.mask() } else { 0 } }
        };
        let marks: Box<[Mark]> = prints.iter().map(mark).collect();
        let audible = marks.iter().step_by(STEPS).filter(|mark| mark.mask != 0).count();
        if audible < LEAST {
            let millis = |prints: usize| duration_of((prints * HOP) as u64).as_millis() as u64;
            return Err(TooShort { millis: millis(audible), least_millis: millis(LEAST) });
        }
        let clip = self.clips.len() as u16;
        self.index.extend(entries(clip, &marks));
        self.index.sort_unstable();
        let mut at = 0;
        self.begins = (0..=KEYS)
            .map(|key| {
                at += self.index[at..].iter().take_while(|entry| entry.key < key).count();
                at as u32
            })
            .collect();
        self.clips.push(Clip { name: name.to_owned(), marks, meaning, audible: audible as u32 });
        Ok(clip)
    }

    /// Whether there is nothing to recognise.
    pub fn is_empty(&self) -> bool {
        self.clips.is_empty()
    }

    /// What the clip of a number was called; of a number that is no clip's, nothing.
    pub fn name(&self, number: u16) -> &str {
        self.clips.get(usize::from(number)).map_or("", |clip| &clip.name)
    }

    pub(crate) fn clip(&self, number: u16) -> &Clip {
        &self.clips[usize::from(number)]
    }

    /// Where a print may stand.
    pub(crate) fn places(&self, print: &Print, mut take: impl FnMut(Place)) {
        for half in 0..2 {
            for bits in print.guesses(half) {
                let key = key(half, bits) as usize;
                let Some(&[first, last]) = self.begins.get(key..key + 2) else { continue };
                for entry in &self.index[first as usize..last as usize] {
                    take(Place { clip: entry.clip, at: i64::from(entry.at) });
                }
            }
        }
    }
}

fn prints_of(samples: &[i16], bench: &mut Bench) -> Vec<Print> {
    // As on the line, the clip begins and ends with quiet.
    let mut sound = vec![0; WINDOW];
    sound.extend_from_slice(samples);
    sound.extend([0; WINDOW]);
    let windows = sound.windows(WINDOW).step_by(STEP);
    let energies: Vec<_> = windows.map(|window| bench.energies(window, &[])).collect();
    energies.iter().zip(&energies[STEPS..]).map(|(before, now)| Print::of(before, now)).collect()
}

fn entries(clip: u16, marks: &[Mark]) -> impl Iterator<Item = Entry> {
    let audible = marks.iter().enumerate().filter(|(_, mark)| mark.mask != 0);
    audible.take_while(|(at, _)| u16::try_from(*at).is_ok()).flat_map(move |(at, mark)| {
        [0, 1].map(|half| Entry { key: key(half, (mark.bits >> (16 * half)) as u16), clip, at: at as u16 })
    })
}

fn key(half: usize, bits: u16) -> u32 {
    (half as u32) << 16 | u32::from(bits)
}
