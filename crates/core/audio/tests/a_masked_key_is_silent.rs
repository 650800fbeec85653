//! A key whose tone must not be kept: its span of the customer's channel is silent, and everything keeps its time.

mod law;
mod line;

use audio::{Codec, FRAME, Piece, Tape};
use law::{SILENCE, left, said, sound};
use line::{Network, Phone, SECOND, Turn, call};

#[test]
fn exactly_the_span_is_silent_whether_sound_was_there_before_or_comes_later() {
    let mut tape = Tape::new();
    let mut piece = Piece::default();
    tape.customer(0, Codec::Pcma, &sound(700, 1600));
    tape.ours(0, Codec::Pcma, &sound(300, 2400));
    tape.mask(1000, 2000);
    tape.customer(1600, Codec::Pcma, &sound(700, 800));
    tape.finish(2400, &mut piece);
    for (at, pair) in piece.pairs().enumerate() {
        let masked = (1000..2000).contains(&at);
        assert_eq!(pair, [if masked { SILENCE } else { said(700) }, said(300)], "sample {at}");
    }
}

#[test]
fn a_mask_holds_over_the_cut_into_pieces() {
    const PIECE: i64 = audio::PIECE as i64;
    let mut tape = Tape::new();
    let (mut piece, mut heard) = (Piece::default(), Vec::new());
    tape.customer(0, Codec::Pcma, &sound(700, PIECE as usize + 1000));
    tape.mask(PIECE - 100, PIECE + 100);
    tape.take_piece(&mut piece);
    heard.extend(left(&piece));
    tape.customer(PIECE, Codec::Pcma, &sound(700, 1000));
    tape.finish(PIECE as u64 + 1000, &mut piece);
    heard.extend(left(&piece));
    let silent: Vec<usize> = (0..heard.len()).filter(|at| heard[*at] == SILENCE).collect();
    assert_eq!(silent, (PIECE as usize - 100..PIECE as usize + 100).collect::<Vec<_>>());
}

#[test]
fn many_keys_close_together_are_all_masked() {
    let mut tape = Tape::new();
    let mut piece = Piece::default();
    tape.customer(0, Codec::Pcma, &sound(700, 8000));
    for key in 0..40 {
        tape.mask(key * 200, key * 200 + 100);
    }
    tape.customer(0, Codec::Pcma, &sound(700, 8000));
    tape.finish(8000, &mut piece);
    let silent = left(&piece).iter().filter(|sample| **sample == SILENCE).count();
    assert!(silent >= 16 * 100, "{silent} samples silent after all was sent again");
}

/// A gateway that sends the tone besides the event: `speaks` goes on while the key is down.
#[test]
fn a_tone_beside_its_event_is_not_kept_and_the_call_is_no_shorter() {
    let tone = |from: i64| move |at: i64| if (from..from + 1600).contains(&at) { 9000 } else { 1000 };
    let begins = 3 * SECOND;
    let turns = vec![(begins, Turn::Key { code: 1, lasts: 1600 })];
    let phone = Phone { turns, ..Phone::new() };
    for masked in [false, true] {
        let recorded = call(&phone, Network::CLEAN, 1, 6 * SECOND, tone(begins - 160), |_| 0, masked);
        assert_eq!(recorded.customer.len() as i64, 6 * SECOND);
        let leaked = recorded.customer.iter().filter(|sample| **sample > 5000).count();
        // The packet before the event carries 20 ms of the tone.
        assert_eq!(leaked > 0, !masked, "{leaked} samples of the tone");
        assert_eq!(recorded.keys.len(), 1);
        let heard = recorded.customer[(begins + 2400) as usize..].iter().filter(|s| **s > 500).count();
        assert!(heard + 3 * FRAME > (3 * SECOND - 2400) as usize, "what follows is kept: {heard}");
    }
}
