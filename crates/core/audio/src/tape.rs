//! The latest second of a recording, still open for late packets: both sides at their places, cut into
//! pieces for the writer when nothing can change in them any more.

use crate::holes::Holes;
use crate::piece::{Piece, Side};
use crate::{Codec, FRAME, Lost, RATE};

/// Sample pairs in one piece: half a second, so that with what is open behind it a killed process loses less than a
/// second, and a call's tape stays small.
pub const PIECE: usize = RATE as usize / 2;
/// How late a packet may come and still find its place; a key that is to be masked may be known as late.
const LATE: usize = RATE as usize / 5;
/// How far ahead of now a packet may be placed, one frame of 60 ms included.
const AHEAD: usize = RATE as usize / 5 + 480;
/// What is open of the customer's side, and of ours, which is laid as it is sent, behind the cutting of pieces.
const OPEN: usize = PIECE + LATE + AHEAD;
const OURS_OPEN: usize = PIECE + LATE + FRAME;
/// A hole that a clock correction leaves is closed; one of more than 2 ms is a pause or a loss.
const SEAM: i64 = 16;
/// Masks that may be open at once; more keys than this nobody presses within a second and a half.
const MASKS: usize = 16;

/// Before a gateway knows a tone for a key it sends the beginning of it as sound: 40 ms of that are masked too.
const LEAK: i64 = RATE as i64 / 25;

/// The customer's side and ours; what nobody fills is silence.
pub struct Tape {
    customer: Side,
    ours: Side,
    start: i64,
    customer_end: i64,
    missed: u64,
    holes: Holes,
    masks: Vec<(i64, i64)>,
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}

impl Tape {
    /// A tape at position zero.
    pub fn new() -> Self {
        Self {
            customer: Side::silent(OPEN),
            ours: Side::silent(OURS_OPEN),
            start: 0,
            customer_end: 0,
            missed: 0,
            holes: Holes::default(),
            masks: Vec::new(),
        }
    }

    /// Lays the customer's sound at a position.
    pub fn customer(&mut self, position: i64, law: Codec, sound: &[u8]) {
        self.customer.become_of(law);
        self.hear(position, sound.iter().copied());
    }

    /// Lays noise that stands for the customer's silence at a position.
    pub fn noise(&mut self, position: i64, samples: &[i16]) {
        let law = self.customer.law();
        self.hear(position, samples.iter().map(|&sample| law.encode(sample)));
    }

    /// Lays our sound at a position: one frame, from no more than 0.2 s before now, once no piece is ready.
    pub fn ours(&mut self, position: i64, law: Codec, sound: &[u8]) {
        self.ours.become_of(law);
        let outside = self.ours.lay(position - self.start, sound.iter().copied());
        self.miss(position, outside);
    }

    /// The customer's samples between the two positions were sent and have not come.
    pub fn missing(&mut self, from: i64, to: i64) {
        self.holes.open(from, to);
    }

    /// Silences the customer between the two positions, whether it has been laid there or comes yet; its time is
    /// kept. What was cut off already stays as it is: that is older than 0.2 s.
    pub fn mask(&mut self, from: i64, to: i64) {
        if let Some(mask) = self.masks.iter_mut().find(|mask| from <= mask.1 && mask.0 <= to) {
            *mask = (mask.0.min(from), mask.1.max(to));
        } else {
            if self.masks.len() == MASKS {
                self.masks.remove(0);
            }
            self.masks.push((from, to));
        }
        self.silence(from, to);
    }

    /// Silences a key as [`Tape::mask`] does, and what may have leaked of its tone before it was known for a key.
    pub fn mask_key(&mut self, from: i64, to: i64) {
        self.mask(from - LEAK, to);
    }

    /// Samples that came too late or too early to be laid.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// Whether `now` is so far on that no packet may change the oldest piece.
    pub fn is_ready(&self, now: i64) -> bool {
        now >= self.start + (PIECE + LATE) as i64
    }

    /// Fills `piece` with the oldest one and moves on.
    pub fn take_piece(&mut self, piece: &mut Piece) {
        piece.fill([&self.customer, &self.ours], PIECE);
        self.customer.advance(PIECE);
        self.ours.advance(PIECE);
        self.start += PIECE as i64;
        self.holes.close_before(self.start);
        self.masks.retain(|mask| mask.1 > self.start);
    }

    /// Fills `piece` with all that is left, so that the whole is `length` long; answers what was lost.
    pub fn finish(self, length: u64, piece: &mut Piece) -> Vec<Lost> {
        let left = (length as i64 - self.start).max(0) as usize;
        piece.fill([&self.customer, &self.ours], left);
        self.holes.finish(length as i64)
    }

    fn hear(&mut self, position: i64, sound: impl ExactSizeIterator<Item = u8>) {
        self.close_seam(position);
        self.customer_end = position + sound.len() as i64;
        let outside = self.customer.lay(position - self.start, sound);
        self.miss(position, outside);
        self.holes.fill(position, self.customer_end);
        for at in 0..self.masks.len() {
            let (from, to) = self.masks[at];
            self.silence(from.max(position), to.min(self.customer_end));
        }
    }

    /// What was said before the answer belongs to no recording.
    fn miss(&mut self, position: i64, outside: usize) {
        if position >= 0 {
            self.missed += outside as u64;
        }
    }

    fn silence(&mut self, from: i64, to: i64) {
        self.customer.silence(from - self.start, to - self.start);
    }

    /// A clock correction leaves a hole of a few samples; holding the one before it makes it inaudible.
    fn close_seam(&mut self, position: i64) {
        if (1..=SEAM).contains(&(position - self.customer_end)) {
            self.customer.hold(self.customer_end - self.start, position - self.start);
        }
    }
}
