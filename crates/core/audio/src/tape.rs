//! The latest second of a recording, still open for late packets: both sides at their places, cut into
//! pieces for the writer when nothing can change in them any more.

use crate::holes::Holes;
use crate::{Lost, RATE};

/// Sample pairs in one piece: half a second, so that with what is open behind it a killed process loses less than a
/// second, and a call's tape stays small.
pub const PIECE: usize = RATE as usize / 2;
/// How late a packet may come and still find its place; a key that is to be masked may be known as late.
const LATE: usize = RATE as usize / 5;
/// How far ahead of now a packet may be placed, one frame of 60 ms included.
const AHEAD: usize = RATE as usize / 5 + 480;
const OPEN: usize = PIECE + LATE + AHEAD;
/// A hole that a clock correction leaves is closed; one of more than 2 ms is a pause or a loss.
const SEAM: i64 = 16;
/// Masks that may be open at once; more keys than this nobody presses within a second and a half.
const MASKS: usize = 16;

/// Before a gateway knows a tone for a key it sends the beginning of it as sound: 40 ms of that are masked too.
const LEAK: i64 = RATE as i64 / 25;

/// Two channels, left the customer and right our side, interleaved; what nobody fills is silence.
pub struct Tape {
    open: Box<[i16]>,
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
            open: vec![0; OPEN * 2].into(),
            start: 0,
            customer_end: 0,
            missed: 0,
            holes: Holes::default(),
            masks: Vec::new(),
        }
    }

    /// Lays the customer's samples at a position.
    pub fn customer(&mut self, position: i64, samples: &[i16]) {
        self.close_seam(position);
        self.lay(position, samples, 0);
        self.customer_end = position + samples.len() as i64;
        self.holes.fill(position, self.customer_end);
        for at in 0..self.masks.len() {
            let (from, to) = self.masks[at];
            self.silence(from.max(position), to.min(self.customer_end));
        }
    }

    /// Lays our samples at a position.
    pub fn ours(&mut self, position: i64, samples: &[i16]) {
        self.lay(position, samples, 1);
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
    pub fn take_piece(&mut self, piece: &mut Vec<i16>) {
        piece.clear();
        piece.extend_from_slice(&self.open[..PIECE * 2]);
        self.open.copy_within(PIECE * 2.., 0);
        self.open[(OPEN - PIECE) * 2..].fill(0);
        self.start += PIECE as i64;
        self.holes.close_before(self.start);
        self.masks.retain(|mask| mask.1 > self.start);
    }

    /// Fills `piece` with all that is left, so that the whole is `length` long; answers what was lost.
    pub fn finish(self, length: u64, piece: &mut Vec<i16>) -> Vec<Lost> {
        let left = (length as i64 - self.start).max(0) as usize;
        piece.clear();
        piece.extend_from_slice(&self.open[..left.min(OPEN) * 2]);
        piece.resize(left * 2, 0);
        self.holes.finish(length as i64)
    }

    fn lay(&mut self, position: i64, samples: &[i16], side: usize) {
        let first = position - self.start;
        let skipped = (-first).clamp(0, samples.len() as i64) as usize;
        let at = first.max(0) as usize;
        let room = OPEN.saturating_sub(at).min(samples.len() - skipped);
        if position >= 0 {
            self.missed += (samples.len() - room) as u64;
        }
        let open = self.open[at.min(OPEN) * 2..].chunks_exact_mut(2);
        for (pair, &sample) in open.zip(&samples[skipped..skipped + room]) {
            pair[side] = sample;
        }
    }

    fn silence(&mut self, from: i64, to: i64) {
        let within = |position: i64| (position - self.start).clamp(0, OPEN as i64) as usize;
        let (from, to) = (within(from), within(to));
        self.open
            .get_mut(from * 2..to * 2)
            .unwrap_or_default()
            .chunks_exact_mut(2)
            .for_each(|pair| pair[0] = 0);
    }

    /// A clock correction leaves a hole of a few samples; holding the one before it makes it inaudible.
    fn close_seam(&mut self, position: i64) {
        let hole = self.customer_end - self.start;
        let length = position - self.customer_end;
        if (1..=SEAM).contains(&length) && hole > 0 && hole + length < OPEN as i64 {
            let (first, behind) = (hole as usize, (hole + length) as usize);
            let held = self.open[first * 2 - 2];
            self.open[first * 2..behind * 2].chunks_exact_mut(2).for_each(|pair| pair[0] = held);
        }
    }
}
