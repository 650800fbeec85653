//! Where the customer's sound is missing: holes that late packets may still fill, then losses, few enough to be
//! listed however bad the line was.

/// A shorter hole is not heard: 5 ms.
const UNHEARD: i64 = 40;
/// Losses closer than this are one, at first: half a second.
const APART: i64 = 4000;
/// Losses listed at most; when there are more, neighbours further apart become one.
const MOST: usize = 128;
/// Holes that may be open at once; in 0.2 s no more packets than this are lost.
const OPEN: usize = 32;

/// Sound that never came, by itself or with its neighbours. Positions as on the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// First sample of the first hole.
    pub from: i64,
    /// Behind the last one.
    pub to: i64,
    /// Samples missing between the two.
    pub samples: i64,
}

/// Nothing is allocated before the first loss.
#[derive(Debug, Default)]
pub(crate) struct Holes {
    open: Vec<(i64, i64)>,
    lost: Vec<Lost>,
    /// How often the distance of neighbours was doubled.
    doubled: u32,
}

impl Holes {
    /// Sound from `from` to `to` was sent and has not come.
    pub(crate) fn open(&mut self, from: i64, to: i64) {
        if to - from < UNHEARD {
            return;
        }
        if self.open.len() == OPEN {
            let (from, to) = self.open.remove(0);
            self.settle(from, to);
        }
        self.open.push((from, to));
    }

    /// Sound has come there.
    pub(crate) fn fill(&mut self, from: i64, to: i64) {
        if self.open.is_empty() {
            return;
        }
        let mut at = 0;
        while let Some(&(begins, ends)) = self.open.get(at) {
            if from >= ends || to <= begins {
                at += 1;
                continue;
            }
            self.open.remove(at);
            for rest in [(begins, from), (to, ends)] {
                if rest.1 - rest.0 >= UNHEARD && self.open.len() < OPEN {
                    self.open.insert(at, rest);
                    at += 1;
                }
            }
        }
    }

    /// What begins before `position` is filled no more.
    pub(crate) fn close_before(&mut self, position: i64) {
        let mut at = 0;
        while let Some(&(from, to)) = self.open.get(at) {
            if from < position {
                self.open.remove(at);
                self.settle(from, to);
            } else {
                at += 1;
            }
        }
    }

    /// All losses within the first `length` samples, ascending.
    pub(crate) fn finish(mut self, length: i64) -> Vec<Lost> {
        self.close_before(i64::MAX);
        self.lost.retain_mut(|lost| {
            lost.to = lost.to.min(length);
            lost.samples = lost.samples.min(lost.to - lost.from);
            lost.from < length
        });
        self.lost
    }

    fn settle(&mut self, from: i64, to: i64) {
        let from = from.max(0);
        if to <= from {
            return;
        }
        self.lost.push(Lost { from, to, samples: to - from });
        self.merge(self.lost.len().saturating_sub(2));
        while self.lost.len() > MOST {
            self.doubled += 1;
            self.merge(0);
        }
    }

    /// Makes neighbours one, from that place on.
    fn merge(&mut self, first: usize) {
        let apart = APART << self.doubled.min(30);
        let mut kept = first;
        for at in first + 1..self.lost.len() {
            let next = self.lost[at];
            let before = &mut self.lost[kept];
            if next.from - before.to < apart {
                before.to = before.to.max(next.to);
                before.samples += next.samples;
            } else {
                kept += 1;
                self.lost[kept] = next;
            }
        }
        self.lost.truncate(kept + 1);
    }
}
