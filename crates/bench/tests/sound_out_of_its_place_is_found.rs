//! What a called party said is looked for in the recording of its call.

use bench::rtp::{FRAME, PATTERN, pattern_sample};
use bench::run::{Placed, in_place};

/// Ten seconds of the pattern from some place on.
fn said() -> Vec<i16> {
    (0..PATTERN.len() * 10).map(|n| pattern_sample(n + 1234)).collect()
}

/// Seven packets of a key: nothing is said.
const KEY: usize = 7 * FRAME;

#[test]
fn a_whole_recording_has_every_block_in_its_place() {
    let found = in_place(&said(), 0);
    assert_eq!(found, Placed { said: found.said, placed: found.said, worst: 0 });
    assert!(found.said >= 498, "{found:?}");
}

#[test]
fn a_key_that_keeps_its_time_moves_nothing() {
    let mut recording = said();
    recording[16_050..16_050 + KEY].fill(0);
    let found = in_place(&recording, 1);
    assert_eq!((found.placed, found.worst), (found.said, 0));
}

#[test]
fn a_key_whose_time_is_left_out_moves_all_behind_it() {
    let mut recording = said();
    recording.drain(16_050..16_050 + KEY);
    let found = in_place(&recording, 1);
    assert!(found.placed < 102, "{found:?}");
}

#[test]
fn a_lost_packet_whose_time_is_left_out_is_20_ms() {
    let mut recording = said();
    recording.drain(16_050..16_050 + FRAME);
    assert_eq!(in_place(&recording, 0).worst, FRAME);
}

#[test]
fn sound_that_is_missing_is_not_in_its_place() {
    let mut recording = said();
    recording[16_000..16_000 + 10 * FRAME].fill(8);
    let found = in_place(&recording, 0);
    assert_eq!(found.said - found.placed, 10);
}

#[test]
fn a_recorder_may_follow_a_clock_by_single_samples() {
    let mut recording = said();
    for n in (1..400).rev() {
        recording.remove(n * 199);
    }
    let found = in_place(&recording, 0);
    assert!(found.placed >= 158 && found.worst > FRAME, "399 samples are 50 ms: {found:?}");
}

#[test]
fn silence_holds_nothing_that_was_said() {
    assert_eq!(in_place(&vec![8; 80_000], 0), Placed::default());
}
