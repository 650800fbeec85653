//! Samples as the tape takes and gives them back: in A-law.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]

use audio::{Codec, Piece};

/// A-law has no zero: what nobody fills is the step beside it.
pub const SILENCE: i16 = 8;

/// So many octets of one level.
pub fn sound(sample: i16, length: usize) -> Vec<u8> {
    vec![Codec::Pcma.encode(sample); length]
}

/// What a level has become by being said in A-law.
pub fn said(sample: i16) -> i16 {
    let mut samples = [0];
    Codec::Pcma.decode(&sound(sample, 1), &mut samples);
    samples[0]
}

/// The customer's samples of a piece.
pub fn left(piece: &Piece) -> Vec<i16> {
    piece.pairs().map(|[left, _]| left).collect()
}
