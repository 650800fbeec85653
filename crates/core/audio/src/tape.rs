//! The last second of a recording, still open for late packets: both sides at their places, cut into
//! pieces for the writer when nothing can change in them any more.

use crate::RATE;

/// Sample pairs in one piece: a second.
pub const PIECE: usize = RATE as usize;
/// How late a packet may come and still find its place.
const LATE: usize = RATE as usize / 5;
/// How far ahead of now a packet may be placed, one frame of 60 ms included.
const AHEAD: usize = RATE as usize / 5 + 480;
const OPEN: usize = PIECE + LATE + AHEAD;

/// Two channels, left the customer and right our side, interleaved; what nobody fills is silence.
pub struct Tape {
    open: Box<[i16]>,
    start: i64,
    customer_end: i64,
    missed: u64,
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}

impl Tape {
    /// A tape at position zero.
    pub fn new() -> Self {
        Self { open: vec![0; OPEN * 2].into(), start: 0, customer_end: 0, missed: 0 }
    }

    /// Lays the customer's samples at a position.
    pub fn customer(&mut self, position: i64, samples: &[i16]) {
        self.close_seam(position);
        self.lay(position, samples, 0);
        self.customer_end = position + samples.len() as i64;
    }

    /// Lays our samples at a position.
    pub fn ours(&mut self, position: i64, samples: &[i16]) {
        self.lay(position, samples, 1);
    }

    /// Samples that came too late or too early to be laid.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// Whether `now` is so far on that no packet may change the oldest second.
    pub fn is_ready(&self, now: i64) -> bool {
        now >= self.start + (PIECE + LATE) as i64
    }

    /// Fills `piece` with the oldest second and moves on.
    pub fn take_piece(&mut self, piece: &mut Vec<i16>) {
        piece.clear();
        piece.extend_from_slice(&self.open[..PIECE * 2]);
        self.open.copy_within(PIECE * 2.., 0);
        self.open[(OPEN - PIECE) * 2..].fill(0);
        self.start += PIECE as i64;
    }

    /// Fills `piece` with all that is left, so that the whole is `length` long.
    pub fn finish(self, length: u64, piece: &mut Vec<i16>) {
        let left = (length as i64 - self.start).max(0) as usize;
        piece.clear();
        piece.extend_from_slice(&self.open[..left.min(OPEN) * 2]);
        piece.resize(left * 2, 0);
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

    /// A clock correction leaves a hole of one sample; repeating the one before it makes it inaudible.
    fn close_seam(&mut self, position: i64) {
        let hole = self.customer_end - self.start;
        if position == self.customer_end + 1 && hole > 0 && (hole as usize) < OPEN {
            let hole = hole as usize;
            self.open[hole * 2] = self.open[hole * 2 - 2];
        }
    }
}
