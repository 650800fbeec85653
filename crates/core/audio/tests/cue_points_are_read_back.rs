//! Cue points as chunks of a WAV file; torn ones are left out, and nothing panics.

use audio::{Cue, cue_chunks, cues_in};
use proptest::prelude::*;
use std::time::Duration;

fn cue(millis: u64, label: &str) -> Cue {
    Cue { at: Duration::from_millis(millis), label: label.into() }
}

#[test]
fn chunks_give_back_what_was_written() {
    let cues = [cue(0, "at stability"), cue(1250, "key 5"), cue(1250, "answer 稳定=很满意"), cue(90_000, "")];
    assert_eq!(cues_in(&cue_chunks(&cues)), cues);
    assert_eq!(cue_chunks(&[]), []);
}

#[test]
fn chunks_of_others_are_passed_over() {
    let mut octets = b"bext\x03\0\0\0abc\0".to_vec();
    octets.extend(cue_chunks(&[cue(20, "hold")]));
    octets.extend(b"LIST\x04\0\0\0INFO");
    assert_eq!(cues_in(&octets), [cue(20, "hold")]);
}

proptest! {
    #[test]
    fn any_octets_are_read_without_a_panic(octets in prop::collection::vec(any::<u8>(), 0..300), cut in 0..200_usize) {
        let _ = cues_in(&octets);
        let whole = cue_chunks(&[cue(20, "hold"), cue(40, "resume")]);
        let _ = cues_in(&whole[..cut.min(whole.len())]);
    }
}
