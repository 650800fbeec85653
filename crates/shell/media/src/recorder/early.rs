//! The last seconds before the answer, kept in memory as A-law: the evidence of what was made out in them. They are
//! written only of a call that was never answered, and only where something was made out.

use audio::{Codec, Cue, Piece, RATE, duration_of};
use records::Marker;
use std::collections::VecDeque;

/// What is kept: 6 s, 48 KB.
const MOST: usize = 6 * RATE as usize;
/// What is kept in front of the evidence: 0.5 s.
const BEFORE: i64 = RATE as i64 / 2;
/// Markers set in it.
const MOST_MARKS: usize = 16;

#[derive(Default)]
pub(crate) struct Early {
    octets: VecDeque<u8>,
    /// Position of the first octet.
    start: i64,
    /// Something was made out: what is there stays.
    pinned: bool,
    marks: Vec<(i64, Marker)>,
}

impl Early {
    /// Keeps the sound at a position; what is missing before it is silence.
    pub(super) fn hear(&mut self, position: i64, law: Codec, sound: &[u8]) {
        if self.octets.capacity() == 0 {
            self.octets.reserve_exact(MOST);
            self.start = position;
        }
        let gap = position - self.end();
        let known = (-gap).clamp(0, sound.len() as i64) as usize;
        let missing = gap.clamp(0, MOST as i64) as usize;
        self.make_room(missing + sound.len() - known);
        let silence = std::iter::repeat_n(Codec::Pcma.silence(), missing);
        let fresh = sound[known..].iter().map(|&octet| law.said_in(Codec::Pcma, octet));
        let room = MOST - self.octets.len();
        self.octets.extend(silence.chain(fresh).take(room));
    }

    /// The sound from that position on, in A-law, and where it begins.
    pub(super) fn since(mut self, position: i64) -> (i64, Vec<u8>) {
        self.forget((position - self.start).max(0) as usize);
        (self.start, self.octets.into())
    }

    /// Something was made out there.
    pub(super) fn pin(&mut self, position: i64, marker: Marker) {
        if !std::mem::replace(&mut self.pinned, true) {
            self.forget((position - BEFORE - self.start).max(0) as usize);
        }
        if self.marks.len() < MOST_MARKS {
            self.marks.push((position, marker));
        }
    }

    pub(super) fn is_pinned(&self) -> bool {
        self.pinned && !self.octets.is_empty()
    }

    /// A recording of the customer's side.
    pub(super) fn piece(&self) -> Piece {
        Piece::of_customer(Codec::Pcma, self.octets.iter().copied().collect())
    }

    pub(super) fn cues(&self) -> Vec<Cue> {
        let cue = |(position, marker): &(i64, Marker)| Cue {
            at: duration_of((position - self.start).max(0) as u64),
            label: marker.to_string(),
        };
        self.marks.iter().map(cue).collect()
    }

    fn end(&self) -> i64 {
        self.start + self.octets.len() as i64
    }

    fn make_room(&mut self, wanted: usize) {
        if !self.pinned {
            self.forget((self.octets.len() + wanted).saturating_sub(MOST));
        }
    }

    fn forget(&mut self, count: usize) {
        let count = count.min(self.octets.len());
        self.octets.drain(..count);
        self.start += count as i64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audio::{Dbm0, FRAME, synth};

    fn hear(early: &mut Early, from: i64, seconds: i64) {
        let tone: Vec<u8> = synth::sines(&[1000.0], Dbm0(-10.0), 20)
            .into_iter()
            .map(|sample| Codec::Pcmu.encode(sample))
            .collect();
        for n in 0..seconds * 50 {
            early.hear(from + n * FRAME as i64, Codec::Pcmu, &tone);
        }
    }

    #[test]
    fn the_latest_seconds_are_kept_until_something_is_made_out() {
        let mut early = Early::default();
        hear(&mut early, 4000, 20);
        assert!(!early.is_pinned());
        assert_eq!((early.octets.len(), early.end()), (MOST, 4000 + 20 * 8000));
        early.pin(4000 + 17 * 8000, Marker::Hold);
        assert_eq!(early.start, 4000 + 17 * 8000 - 4000);
        hear(&mut early, 4000 + 20 * 8000, 10);
        assert_eq!(early.octets.len(), MOST, "no more than that");
        assert_eq!(early.start, 4000 + 17 * 8000 - 4000, "the evidence stays");
        assert_eq!(early.cues()[0].at.as_millis(), 500);
        assert_eq!(early.piece().samples(), MOST);
        assert_eq!(early.octets.capacity(), MOST, "the room is made once");
    }

    #[test]
    fn what_was_lost_is_silence_and_what_comes_twice_is_kept_once() {
        let mut early = Early::default();
        let tone = [Codec::Pcma.encode(8000); FRAME];
        early.hear(0, Codec::Pcma, &tone);
        early.hear(320, Codec::Pcma, &tone);
        early.hear(400, Codec::Pcma, &tone);
        early.hear(160, Codec::Pcma, &tone);
        let left: Vec<i16> = early.piece().pairs().map(|[left, _]| left).collect();
        assert_eq!(left.len(), 560);
        assert!(left[160..320].iter().all(|sample| sample.abs() < 20));
        assert!(left[320..].iter().all(|sample| *sample > 7000));
    }

    #[test]
    fn what_was_heard_since_a_moment_is_taken_out() {
        let heard = || {
            let mut early = Early::default();
            hear(&mut early, 4000, 1);
            early
        };
        let (from, sound) = heard().since(4000 + 7900);
        assert_eq!((from, sound.len()), (4000 + 7900, 100));
        let (from, sound) = heard().since(3000);
        assert_eq!((from, sound.len()), (4000, 8000), "nothing was heard before");
        assert!(heard().since(12_000).1.is_empty() && Early::default().since(5).1.is_empty());
    }
}
