//! Our frames lie where they were due, though the tick that sends them comes late.

mod law;

use audio::{Codec, FRAME, Piece, Tape};
use law::said;
use proptest::prelude::*;

/// What a tick may be behind before ticks are left out (100 ms).
const MOST_BEHIND: i64 = 800;

/// What we say in the frame that is due at a position: seldom the same as in its neighbours.
fn level(due: i64) -> i16 {
    (due / FRAME as i64 % 97) as i16 * 256 + 300
}

/// Says a frame at every tick, each late by some samples, as the engine does: pieces are cut before a frame is laid.
/// The first is due so many samples behind the answer. Answers our side, where a frame was due, and the recording's length.
fn say(first: i64, lateness: &[i64]) -> (Vec<i16>, Vec<i64>, u64) {
    let (mut tape, mut piece) = (Tape::new(), Piece::default());
    let (mut ours, mut dues) = (Vec::new(), Vec::new());
    let (mut due, mut latest) = (first, 0);
    for late in lateness {
        let now = latest.max(due + late);
        if now - due > MOST_BEHIND {
            due += (now - due) / FRAME as i64 * FRAME as i64;
        }
        while tape.is_ready(now) {
            tape.take_piece(&mut piece);
            ours.extend(piece.pairs().map(|[_, right]| right));
        }
        tape.ours(due, Codec::Pcma, &[Codec::Pcma.encode(level(due)); FRAME]);
        dues.push(due);
        (due, latest) = (due + FRAME as i64, now);
    }
    assert_eq!(tape.missed(), 0);
    tape.finish(due as u64, &mut piece);
    ours.extend(piece.pairs().map(|[_, right]| right));
    (ours, dues, due as u64)
}

proptest! {
    #[test]
    fn no_frame_of_ours_is_lost_or_moved(
        first in 0..FRAME as i64,
        lateness in prop::collection::vec(prop_oneof![8 => 0..40_i64, 1 => 0..820_i64, 1 => 0..30_000_i64], 1..300),
    ) {
        let (ours, dues, length) = say(first, &lateness);
        prop_assert_eq!(ours.len() as u64, length);
        for due in dues {
            let frame = &ours[due as usize..][..FRAME];
            prop_assert!(frame.iter().all(|sample| *sample == said(level(due))), "the frame due at {due}");
        }
    }
}
