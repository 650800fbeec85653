//! A stretch of a recording on its way to the disk: both sides as they were sent, half of what the file takes.

use crate::Codec;

/// So many octets of the customer's side, then as many of ours.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    octets: Vec<u8>,
    /// By which the customer's side and ours are read.
    laws: [Codec; 2],
}

impl Piece {
    /// The customer's side alone; ours is silent.
    pub fn of_customer(law: Codec, sound: Vec<u8>) -> Self {
        let length = sound.len();
        let mut octets = sound;
        octets.resize(length * 2, law.silence());
        Self { octets, laws: [law; 2] }
    }

    /// The first `length` samples of both sides, silence where a side ends before; what it held is forgotten.
    pub(crate) fn fill(&mut self, sides: [&Side; 2], length: usize) {
        self.octets.clear();
        for (at, side) in sides.into_iter().enumerate() {
            self.octets.extend_from_slice(&side.octets[..length.min(side.octets.len())]);
            self.octets.resize((at + 1) * length, side.law.silence());
        }
        self.laws = sides.map(|side| side.law);
    }

    /// Samples of each side.
    pub fn samples(&self) -> usize {
        self.octets.len() / 2
    }

    /// The samples side by side, the customer's on the left.
    pub fn pairs(&self) -> impl Iterator<Item = [i16; 2]> {
        let (customer, ours) = self.octets.split_at(self.samples());
        let [left, right] = self.laws.map(Codec::table);
        customer.iter().zip(ours).map(|(&l, &r)| [left[usize::from(l)], right[usize::from(r)]])
    }

    /// Appends the samples as a wave file holds them: 16 bits, least octet first.
    pub fn append_to(&self, wave: &mut Vec<u8>) {
        let end = wave.len();
        wave.resize(end + self.samples() * 4, 0);
        for (octets, [left, right]) in wave[end..].as_chunks_mut::<4>().0.iter_mut().zip(self.pairs()) {
            let ([a, b], [c, d]) = (left.to_le_bytes(), right.to_le_bytes());
            *octets = [a, b, c, d];
        }
    }
}

/// One side of a tape while it is open.
pub(crate) struct Side {
    octets: Box<[u8]>,
    law: Codec,
}

impl Side {
    /// Silence of that length.
    pub(crate) fn silent(length: usize) -> Self {
        let law = Codec::Pcma;
        Self { octets: vec![law.silence(); length].into(), law }
    }

    pub(crate) fn law(&self) -> Codec {
        self.law
    }

    /// A call that changes its law in the middle has what is still open told in the other one.
    pub(crate) fn become_of(&mut self, law: Codec) {
        if self.law != law {
            let before = std::mem::replace(&mut self.law, law);
            self.octets.iter_mut().for_each(|octet| *octet = before.said_in(law, *octet));
        }
    }

    /// Lays sound from `first` on, which may be before the side's beginning, and answers how many octets found no place.
    pub(crate) fn lay(&mut self, first: i64, sound: impl ExactSizeIterator<Item = u8>) -> usize {
        let skipped = (-first).clamp(0, sound.len() as i64) as usize;
        let at = (first.max(0) as usize).min(self.octets.len());
        let open = &mut self.octets[at..];
        let room = open.len().min(sound.len() - skipped);
        let outside = sound.len() - room;
        open.iter_mut().zip(sound.skip(skipped)).for_each(|(octet, heard)| *octet = heard);
        outside
    }

    pub(crate) fn silence(&mut self, from: i64, to: i64) {
        let within = |position: i64| position.clamp(0, self.octets.len() as i64) as usize;
        let (from, to) = (within(from), within(to));
        let silence = self.law.silence();
        self.octets.get_mut(from..to).unwrap_or_default().fill(silence);
    }

    /// Holds the octet before `from` up to `to`, where both are open.
    pub(crate) fn hold(&mut self, from: i64, to: i64) {
        if from > 0 && to < self.octets.len() as i64 {
            let held = self.octets[from as usize - 1];
            self.octets[from as usize..to as usize].fill(held);
        }
    }

    /// Moves on by so much.
    pub(crate) fn advance(&mut self, by: usize) {
        let left = self.octets.len() - by;
        self.octets.copy_within(by.., 0);
        self.octets[left..].fill(self.law.silence());
    }
}
