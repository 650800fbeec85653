//! A re-INVITE may change the law in the middle of a call: what was laid before it is still told as it was heard.

mod law;

use audio::{Codec, Piece, Tape};
use law::{said, sound};

#[test]
fn sound_of_both_laws_stands_side_by_side() {
    let mut tape = Tape::new();
    let mut piece = Piece::default();
    let of_ulaw = vec![Codec::Pcmu.encode(-3000); 160];
    tape.customer(0, Codec::Pcma, &sound(3000, 160));
    tape.customer(160, Codec::Pcmu, &of_ulaw);
    tape.ours(0, Codec::Pcmu, &of_ulaw);
    tape.customer(320, Codec::Pcma, &sound(900, 160));
    tape.finish(480, &mut piece);
    let pairs: Vec<[i16; 2]> = piece.pairs().collect();
    let near = |heard: i16, wanted: i16| heard.abs_diff(wanted) <= wanted.unsigned_abs() / 16;
    assert!(pairs[..160].iter().all(|pair| near(pair[0], 3000) && near(pair[1], -3000)));
    assert!(pairs[160..320].iter().all(|pair| near(pair[0], -3000) && pair[1].abs() <= 8));
    assert!(pairs[320..].iter().all(|pair| pair[0] == said(900)), "the latest law is told to the octet");
}

#[test]
fn a_silent_side_is_silent_in_either_law() {
    for law in [Codec::Pcma, Codec::Pcmu] {
        let mut tape = Tape::new();
        let mut piece = Piece::default();
        tape.customer(0, law, &[law.silence(); 160]);
        tape.finish(20_000, &mut piece);
        assert_eq!(piece.samples(), 20_000, "longer than what is open");
        assert!(piece.pairs().flatten().all(|sample| sample.abs() <= 8));
        let mut wave = Vec::new();
        piece.append_to(&mut wave);
        assert_eq!(wave.len(), 80_000);
    }
}
