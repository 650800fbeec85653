//! ITU-T G.711, at the values its tables give, and prompts made of it.

use audio::{Clip, Codec, FRAME};
use std::time::Duration;

fn decoded(codec: Codec, octet: u8) -> i16 {
    let mut sample = [0];
    assert_eq!(codec.decode(&[octet], &mut sample), 1);
    sample[0]
}

#[test]
fn the_outermost_and_innermost_values_are_the_tables() {
    let table = [
        (Codec::Pcma, 0xD5, 8),
        (Codec::Pcma, 0x55, -8),
        (Codec::Pcma, 0xAA, 32256),
        (Codec::Pcma, 0x2A, -32256),
        (Codec::Pcmu, 0xFF, 0),
        (Codec::Pcmu, 0x80, 32124),
        (Codec::Pcmu, 0x00, -32124),
    ];
    for (codec, octet, sample) in table {
        assert_eq!(decoded(codec, octet), sample, "{codec:?} {octet:#x}");
    }
}

#[test]
fn every_octet_survives_decoding_and_encoding() {
    for octet in 0..=255_u8 {
        assert_eq!(Codec::Pcma.encode(decoded(Codec::Pcma, octet)), octet);
        // μ-law has two zeros; both mean silence.
        if octet != 0x7F {
            assert_eq!(Codec::Pcmu.encode(decoded(Codec::Pcmu, octet)), octet);
        }
    }
}

#[test]
fn decoding_stops_where_either_side_ends() {
    let mut samples = [1_i16; 4];
    assert_eq!(Codec::Pcmu.decode(&[0xFF; 9], &mut samples), 4);
    assert_eq!(Codec::Pcmu.decode(&[0xFF; 2], &mut samples), 2);
}

#[test]
fn a_clip_is_whole_frames_whose_last_one_ends_in_silence() {
    let clip = Clip::from_pcm(&[10_000; FRAME + 40]);
    assert_eq!(clip.frames(), 2);
    assert_eq!(clip.duration(), Duration::from_millis(40));
    for codec in [Codec::Pcma, Codec::Pcmu] {
        let last = clip.frame(codec, 1).unwrap();
        assert_eq!(last[39], codec.encode(10_000));
        assert!(last[40..].iter().all(|&octet| octet == codec.silence()));
        assert!(clip.frame(codec, 2).is_none());
        assert!(clip.frame(codec, usize::MAX).is_none());
    }
}

#[test]
fn an_empty_clip_has_no_frames() {
    assert_eq!(Clip::from_pcm(&[]).frames(), 0);
}
