//! Follows one line's prints through the library: a place that looks alike is taken up, followed as long as the
//! prints agree, and told once enough of the clip was heard and no clip of another meaning agrees as well.

use crate::{
    Finding, What,
    bench::{BANDS, Bench, Energies, WINDOW},
    library::{HOP, Library, Place, STEPS},
    print::Print,
};
use audio::RATE;

/// Prints kept to look back at: 4 s.
const HISTORY: usize = 128;
/// Prints that must agree before a place is followed: 0.5 s at least, 1 s where there is as much.
const FIRST_LOOK: (u32, u32) = (16, 32);
/// The share of bits that may differ in them; of other sound, half do.
const ALIKE: f32 = 0.33;
/// A clip followed agrees no more when so many differ, averaged over half a second.
const UNLIKE: f32 = 0.41;
const MEMORY: f32 = 1.0 / 12.0;
/// The share of bits that may differ over all that is told.
const WHOLE: f32 = 0.30;
/// And of late, when something is told: what parts from a clip does so before it is known to.
const AGREES: f32 = 0.26;
/// Prints without sound on the line that end a match: 1.5 s.
const CUT_OFF: u32 = 47;
/// Prints that make a claim, 2.5 s, and that make it sure, 4 s: announcements begin and end with the same words.
const ENOUGH: u32 = 78;
const PLENTY: u32 = 125;
/// Or these parts of a short clip's sound, in percent.
const MOST_OF_IT: u32 = 85;
const TO_ITS_END: u32 = 94;
const LIKELY: u8 = 75;
const SURE: u8 = 95;
/// Clips followed at once.
const TRACKS: usize = 6;
/// Longer gaps begin anew.
const LONGEST_GAP: i64 = RATE as i64;

/// One line's place in the library. 4 KB.
#[derive(Debug)]
pub(crate) struct Matcher {
    /// The latest samples, a ring.
    window: [i16; WINDOW],
    filled: usize,
    until_print: usize,
    next: Option<i64>,
    before: Option<Energies>,
    /// Bits of the latest prints, by their number; silent ones are not compared.
    bits: [u32; HISTORY],
    audible: [bool; HISTORY],
    prints: i64,
    tracks: [Option<Track>; TRACKS],
    /// What was told of which clip.
    told: [Option<(u16, u8)>; TRACKS],
    /// What the latest claim rests on.
    claimed: Option<Track>,
}

#[derive(Clone, Copy, Debug)]
struct Track {
    clip: u16,
    /// The clip's step less the steps of our prints.
    offset: i64,
    /// The first and the latest print that agree.
    first: i64,
    last: i64,
    compared: u32,
    bits: u32,
    wrong: u32,
    /// Share of wrong bits of late.
    recent: f32,
    silent: u32,
}

/// What became of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    On,
    /// The clip is over.
    Ended,
    /// The line fell silent in its middle.
    CutOff,
    /// Something else is heard.
    Parted,
}

impl Default for Matcher {
    fn default() -> Self {
        Self {
            window: [0; WINDOW],
            filled: 0,
            until_print: HOP,
            next: None,
            before: None,
            bits: [0; HISTORY],
            audible: [false; HISTORY],
            prints: 0,
            tracks: [None; TRACKS],
            told: [None; TRACKS],
            claimed: None,
        }
    }
}

impl Matcher {
    /// Hears one packet's samples.
    pub(crate) fn hear(
        &mut self,
        position: i64,
        samples: &[i16],
        library: &Library,
        bench: &mut Bench,
        tell: &mut impl FnMut(Finding),
    ) {
        let expected = self.next.unwrap_or(position);
        let gap = position - expected;
        // A clock correction lays a packet a few samples over the one before it.
        let gap = if gap > -(samples.len() as i64) { gap.max(0) } else { gap };
        if gap < 0 && -gap < i64::from(RATE) {
            return;
        }
        self.next = Some(position + samples.len() as i64);
        if !(0..=LONGEST_GAP).contains(&gap) {
            *self = Self { told: self.told, next: self.next, ..Self::default() };
        } else if gap > 0 {
            const QUIET: [i16; HOP] = [0; HOP];
            for part in 0..(gap as usize).div_ceil(HOP) {
                let length = HOP.min(gap as usize - part * HOP);
                self.take(&QUIET[..length], expected + (part * HOP) as i64, library, bench, tell);
            }
        }
        self.take(samples, position, library, bench, tell);
    }

    fn take(
        &mut self,
        mut samples: &[i16],
        mut position: i64,
        library: &Library,
        bench: &mut Bench,
        tell: &mut impl FnMut(Finding),
    ) {
        while !samples.is_empty() {
            let room = WINDOW - self.filled;
            let (now, rest) = samples.split_at(samples.len().min(room).min(self.until_print));
            self.window[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled = (self.filled + now.len()) % WINDOW;
            self.until_print -= now.len();
            position += now.len() as i64;
            samples = rest;
            if self.until_print == 0 {
                self.until_print = HOP;
                self.print(position, library, bench, tell);
            }
        }
    }

    fn print(&mut self, end: i64, library: &Library, bench: &mut Bench, tell: &mut impl FnMut(Finding)) {
        let (later, earlier) = self.window.split_at(self.filled);
        let energies: [f32; BANDS] = bench.energies(earlier, later);
        let Some(before) = self.before.replace(energies) else { return };
        let print = Print::of(&before, &energies);
        let number = self.prints;
        self.prints += 1;
        let slot = number as usize % HISTORY;
        (self.bits[slot], self.audible[slot]) = (print.bits, print.is_audible());
        self.follow(number, library, end, tell);
        if print.is_audible() {
            library.places(&print, |place| self.take_up(number, place, library));
        }
        self.claim(number, library, end, tell);
    }

    /// Moves every track on by one print.
    fn follow(&mut self, number: i64, library: &Library, end: i64, tell: &mut impl FnMut(Finding)) {
        for index in 0..TRACKS {
            let Some(mut track) = self.tracks[index] else { continue };
            let step = self.step(&mut track, number, library);
            self.tracks[index] = (step == Step::On).then_some(track);
            match step {
                Step::Parted => self.take_back(track.clip, end, tell),
                // Told before, and never parted from to its last word.
                Step::Ended if self.was_told(track.clip) => {
                    self.tell(track.clip, SURE, track.place(number, end), tell);
                }
                _ => {}
            }
        }
    }

    fn step(&self, track: &mut Track, number: i64, library: &Library) -> Step {
        let at = number * STEPS as i64 + track.offset;
        let Some(mark) = usize::try_from(at).ok().and_then(|at| library.clip(track.clip).marks.get(at))
        else {
            return Step::Ended;
        };
        let slot = number as usize % HISTORY;
        if mark.mask == 0 {
            return Step::On;
        }
        if !self.audible[slot] {
            track.silent += 1;
            return if track.silent < CUT_OFF { Step::On } else { Step::CutOff };
        }
        track.silent = 0;
        let wrong = ((self.bits[slot] ^ mark.bits) & mark.mask).count_ones();
        let bits = mark.mask.count_ones();
        track.add(wrong, bits);
        track.last = number;
        track.recent += (wrong as f32 / bits as f32 - track.recent) * MEMORY;
        if track.recent <= UNLIKE { Step::On } else { Step::Parted }
    }

    /// Looks back from a place; follows it when it agrees.
    fn take_up(&mut self, number: i64, place: Place, library: &Library) {
        let offset = place.at - number * STEPS as i64;
        let followed =
            |track: &Track| track.clip == place.clip && (track.offset - offset).abs() <= STEPS as i64;
        if self.tracks.iter().flatten().any(followed) {
            return;
        }
        if self
            .look_back(number, place, offset, FIRST_LOOK.1, library)
            .is_none_or(|track| track.share() > ALIKE)
        {
            return;
        }
        // The neighbouring steps may agree better still.
        let best = (-2..=2)
            .filter_map(|shift| self.look_back(number, place, offset + shift, HISTORY as u32, library))
            .min_by(|a, b| a.share().total_cmp(&b.share()));
        let Some(track) = best else { return };
        let weakest = self.tracks.iter_mut().min_by_key(|slot| slot.map_or(0, |track| track.compared));
        if let Some(slot) = weakest.filter(|slot| slot.is_none_or(|old| old.compared < track.compared)) {
            *slot = Some(track);
        }
    }

    /// Compares backwards from a print as long as the prints agree.
    fn look_back(
        &self,
        number: i64,
        place: Place,
        offset: i64,
        most: u32,
        library: &Library,
    ) -> Option<Track> {
        let marks = &library.clip(place.clip).marks;
        let mut track = Track::at(place.clip, offset, number);
        let oldest = (number - HISTORY as i64 + 1).max(0);
        for earlier in (oldest..=number).rev() {
            let at = earlier * STEPS as i64 + offset;
            let Some(mark) = usize::try_from(at).ok().and_then(|at| marks.get(at)) else { break };
            let slot = earlier as usize % HISTORY;
            if mark.mask == 0 || !self.audible[slot] {
                continue;
            }
            let wrong = ((self.bits[slot] ^ mark.bits) & mark.mask).count_ones();
            let bits = mark.mask.count_ones();
            let recent = track.recent + (wrong as f32 / bits as f32 - track.recent) * MEMORY;
            if track.compared >= FIRST_LOOK.0 && recent > UNLIKE {
                break;
            }
            track.recent = recent;
            track.add(wrong, bits);
            track.first = earlier;
            if track.compared >= most {
                break;
            }
        }
        // From here on it is followed forwards.
        track.recent = track.share();
        (track.compared >= FIRST_LOOK.0).then_some(track)
    }

    fn claim(&mut self, number: i64, library: &Library, end: i64, tell: &mut impl FnMut(Finding)) {
        let leading = self.tracks.iter().flatten().max_by_key(|track| track.compared).copied();
        let agrees = |track: &Track| track.share() <= WHOLE && track.recent <= AGREES;
        let Some(track) = leading.filter(agrees) else { return };
        let clip = library.clip(track.clip);
        let rival = |other: &Track| {
            library.clip(other.clip).meaning != clip.meaning
                && other.compared * 2 >= track.compared
                && other.share() <= WHOLE
        };
        // Words that two announcements share belong to the one that was heard longer.
        let taken = |earlier: &Track| {
            library.clip(earlier.clip).meaning != clip.meaning
                && track.first <= earlier.last
                && track.compared < earlier.compared * 2
        };
        if self.tracks.iter().flatten().any(rival) || self.claimed.as_ref().is_some_and(taken) {
            return;
        }
        let part = |percent: u32| track.compared * 100 >= clip.audible * percent;
        let confidence = if track.compared >= PLENTY || part(TO_ITS_END) {
            SURE
        } else if track.compared >= ENOUGH || part(MOST_OF_IT) {
            LIKELY
        } else {
            return;
        };
        self.claimed = Some(track);
        self.tell(track.clip, confidence, track.place(number, end), tell);
    }

    fn was_told(&self, clip: u16) -> bool {
        self.told.iter().flatten().any(|(told, _)| *told == clip)
    }

    fn tell(&mut self, clip: u16, confidence: u8, (from, to): (i64, i64), tell: &mut impl FnMut(Finding)) {
        let known = self.told.iter().flatten().any(|(told, sure)| *told == clip && *sure >= confidence);
        if known {
            return;
        }
        self.forget(clip);
        if let Some(slot) = self.told.iter_mut().find(|slot| slot.is_none()) {
            *slot = Some((clip, confidence));
            tell(Finding { what: What::Announcement(clip), from, to, confidence });
        }
    }

    /// What began like a clip went on otherwise; a sure claim stands.
    fn take_back(&mut self, clip: u16, end: i64, tell: &mut impl FnMut(Finding)) {
        let unsure = self.told.iter().flatten().any(|(told, sure)| *told == clip && *sure < SURE);
        if unsure {
            self.forget(clip);
            tell(Finding { what: What::Announcement(clip), from: end, to: end, confidence: 0 });
        }
    }

    fn forget(&mut self, clip: u16) {
        for slot in &mut self.told {
            slot.take_if(|(told, _)| *told == clip);
        }
    }
}

impl Track {
    fn at(clip: u16, offset: i64, number: i64) -> Self {
        Self {
            clip,
            offset,
            first: number,
            last: number,
            compared: 0,
            bits: 0,
            wrong: 0,
            recent: 0.0,
            silent: 0,
        }
    }

    fn add(&mut self, wrong: u32, bits: u32) {
        self.compared += 1;
        self.wrong += wrong;
        self.bits += bits;
    }

    /// From where to where it agreed; print `number` ends at `end`.
    fn place(&self, number: i64, end: i64) -> (i64, i64) {
        let back = |print: i64| end - (number - print) * HOP as i64;
        (back(self.first) - WINDOW as i64, back(self.last))
    }

    fn share(&self) -> f32 {
        self.wrong as f32 / self.bits.max(1) as f32
    }
}
