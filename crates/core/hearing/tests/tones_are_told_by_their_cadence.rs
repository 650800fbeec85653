//! China's 450 Hz tones through either law, at every level a line brings, and what must not pass for them.

use audio::{Codec, Dbm0, FRAME, Tone, duration_of, synth};
use hearing::{EarHears, ToneDetector};

const TONES: [Tone; 4] = [Tone::Ringback, Tone::Busy, Tone::Congestion, Tone::Unobtainable];

fn through(codec: Codec, sound: &[i16]) -> Vec<i16> {
    let octets: Vec<u8> = sound.iter().map(|&sample| codec.encode(sample)).collect();
    let mut samples = vec![0; octets.len()];
    codec.decode(&octets, &mut samples);
    samples
}

/// What is told, and the sample by which it is.
fn told(sound: &[i16], arrives: impl Fn(usize) -> bool) -> Vec<(usize, EarHears)> {
    let mut detector = ToneDetector::default();
    let mut told = Vec::new();
    for (n, frame) in sound.chunks(FRAME).enumerate().filter(|(n, _)| arrives(*n)) {
        let position = 5_000_000 + (n * FRAME) as i64;
        detector.hear(position, frame, |hears| told.push(((n + 1) * FRAME, hears)));
    }
    told
}

fn tones(told: &[(usize, EarHears)]) -> Vec<Tone> {
    told.iter()
        .filter_map(|(_, hears)| if let EarHears::Tone(heard) = hears { Some(heard.tone) } else { None })
        .collect()
}

fn mixed(one: &[i16], other: &[i16]) -> Vec<i16> {
    one.iter().zip(other).map(|(a, b)| a.saturating_add(*b)).collect()
}

#[test]
fn each_tone_is_told_once_at_every_level_and_frequency_in_tolerance() {
    for codec in [Codec::Pcma, Codec::Pcmu] {
        for tone in TONES {
            for level in [-5.0, -10.0, -20.0, -30.0] {
                for hertz in [430.0, 450.0, 470.0] {
                    let sound = through(codec, &synth::call_progress(tone, hertz, Dbm0(level), 12_000));
                    let told = told(&sound, |_| true);
                    assert_eq!(tones(&told), [tone], "{codec:?} {level} dBm0 {hertz} Hz: {told:?}");
                    assert_eq!(told.len(), 1, "no other sound: {told:?}");
                }
            }
        }
    }
}

#[test]
fn noise_twenty_decibels_below_hides_no_tone() {
    for tone in TONES {
        let sound = mixed(
            &synth::call_progress(tone, 450.0, Dbm0(-15.0), 12_000),
            &synth::noise(3, Dbm0(-35.0), 12_000),
        );
        assert_eq!(tones(&told(&through(Codec::Pcma, &sound), |_| true)), [tone]);
    }
}

#[test]
fn a_tone_joined_in_the_middle_of_a_burst_is_told() {
    for tone in TONES {
        for skipped in [50, 170, 390, 610, 1100] {
            let sound = synth::call_progress(tone, 450.0, Dbm0(-10.0), 14_000);
            assert_eq!(tones(&told(&sound[skipped * 8..], |_| true)), [tone], "joined at {skipped} ms");
        }
    }
}

#[test]
fn a_tone_survives_the_loss_of_every_twentieth_packet() {
    for tone in TONES {
        let sound = synth::call_progress(tone, 450.0, Dbm0(-10.0), 20_000);
        assert_eq!(tones(&told(&sound, |n| n % 20 != 7)), [tone]);
    }
}

#[test]
fn two_packets_lost_in_a_row_do_not_break_a_burst() {
    for tone in [Tone::Ringback, Tone::Busy, Tone::Congestion] {
        let sound = synth::call_progress(tone, 450.0, Dbm0(-10.0), 4000);
        assert_eq!(tones(&told(&sound, |n| n % 8 < 6)), [tone]);
    }
}

#[test]
fn a_click_or_a_dropout_does_not_break_a_burst() {
    for tone in [Tone::Ringback, Tone::Busy, Tone::Congestion] {
        let mut sound = synth::call_progress(tone, 450.0, Dbm0(-10.0), 4000);
        for (n, hole) in sound.chunks_mut(150 * 8).enumerate() {
            hole[..20 * 8].fill(if n % 2 == 0 { 0 } else { 3000 });
        }
        assert_eq!(tones(&told(&sound, |_| true)), [tone]);
    }
}

#[test]
fn exchanges_keep_their_cadence_only_roughly() {
    let table: [(Tone, &[u32]); 4] = [
        (Tone::Ringback, &[1100, 4300]),
        (Tone::Busy, &[320, 390]),
        (Tone::Congestion, &[640, 770]),
        (Tone::Unobtainable, &[130, 70, 130, 70, 130, 70, 430, 370]),
    ];
    for (tone, millis) in table {
        let cycle: Vec<i16> = (0..)
            .zip(millis)
            .flat_map(|(n, &millis)| {
                if n % 2 == 0 { synth::sines(&[450.0], Dbm0(-10.0), millis) } else { synth::silence(millis) }
            })
            .collect();
        assert_eq!(tones(&told(&cycle.repeat(4), |_| true)), [tone]);
    }
}

#[test]
fn bursts_between_other_loud_sound_are_no_tone() {
    let noise = synth::noise(8, Dbm0(-12.0), 350);
    let sound = [synth::sines(&[450.0], Dbm0(-10.0), 350), noise].concat().repeat(10);
    assert_eq!(told(&sound, |_| true).len(), 1);
    assert_eq!(told(&sound, |_| true)[0].1, EarHears::Sound);
}

#[test]
fn tones_are_told_soon_and_with_their_evidence() {
    let table = [
        (Tone::Ringback, 2040, 2000),
        (Tone::Busy, 1100, 1050),
        (Tone::Congestion, 2140, 2100),
        (Tone::Unobtainable, 1060, 800),
    ];
    for (tone, within, evidence) in table {
        let sound = synth::call_progress(tone, 450.0, Dbm0(-10.0), 12_000);
        let (samples, hears) = told(&sound, |_| true)[0];
        assert!(samples <= within * 8, "{tone:?} after {} ms", samples / 8);
        let EarHears::Tone(claim) = hears else { panic!("{hears:?}") };
        assert!(
            claim.evidence.abs_diff(evidence * 8) <= 40 * 8,
            "{tone:?} {:?}",
            duration_of(claim.evidence)
        );
    }
}

#[test]
fn a_ringing_line_that_turns_busy_tells_both() {
    let mut sound = synth::call_progress(Tone::Ringback, 450.0, Dbm0(-10.0), 10_000);
    sound.extend(synth::call_progress(Tone::Busy, 450.0, Dbm0(-10.0), 3000));
    assert_eq!(tones(&told(&sound, |_| true)), [Tone::Ringback, Tone::Busy]);
}

#[test]
fn other_cadences_and_frequencies_are_no_tone() {
    let steady = synth::sines(&[450.0], Dbm0(-10.0), 10_000);
    assert_eq!(told(&steady, |_| true), [], "dial tone");
    for hertz in [400.0, 500.0, 620.0] {
        let sound = synth::call_progress(Tone::Busy, hertz, Dbm0(-10.0), 10_000);
        assert_eq!(tones(&told(&sound, |_| true)), [], "{hertz} Hz");
    }
    let american = [synth::sines(&[480.0, 620.0], Dbm0(-13.0), 500), synth::silence(500)].concat().repeat(10);
    assert_eq!(tones(&told(&american, |_| true)), []);
    let quick = [synth::sines(&[450.0], Dbm0(-10.0), 200), synth::silence(200)].concat().repeat(20);
    assert_eq!(tones(&told(&quick, |_| true)), []);
}

#[test]
fn half_an_hour_of_speech_like_sound_has_no_tone_in_it() {
    for seed in 0..30 {
        let sound = through(Codec::Pcma, &synth::babble(seed, Dbm0(-15.0), 60_000));
        let told = told(&sound, |_| true);
        assert_eq!(tones(&told), [], "seed {seed}");
        assert_eq!(told.len(), 1, "it is told as other sound, once");
    }
}

#[test]
fn an_announcement_is_other_sound_within_a_second_and_background_is_none() {
    let sound = synth::babble(1, Dbm0(-20.0), 3000);
    let (samples, hears) = told(&sound, |_| true)[0];
    assert_eq!(hears, EarHears::Sound);
    assert!(samples <= 8000, "after {} ms", samples / 8);
    assert_eq!(told(&synth::noise(5, Dbm0(-50.0), 20_000), |_| true), [], "line noise");
    assert_eq!(told(&synth::silence(20_000), |_| true), []);
}

#[test]
fn keys_pressed_in_band_are_no_call_progress() {
    let keys: Vec<i16> = "0123456789*#"
        .chars()
        .flat_map(|digit| [synth::key(digit, Dbm0(-8.0), 100).unwrap(), synth::silence(100)].concat())
        .collect();
    assert_eq!(tones(&told(&keys, |_| true)), []);
}

/// The recording's clock is corrected a few samples a packet: each then lies a little over the one before it.
#[test]
fn packets_that_overlap_by_a_few_samples_are_heard() {
    let busy = synth::call_progress(Tone::Busy, 450.0, Dbm0(-15.0), 4000);
    let mut detector = ToneDetector::default();
    let mut told = Vec::new();
    for (n, packet) in (0..).zip(busy.chunks(160)) {
        detector.hear(n * 155, packet, |hears| told.push(hears));
    }
    assert!(
        told.iter().any(|hears| matches!(hears, EarHears::Tone(heard) if heard.tone == Tone::Busy)),
        "{told:?}"
    );
}
