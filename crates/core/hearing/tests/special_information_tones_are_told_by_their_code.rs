//! Special information tones through either law, at every level a line brings, shifted, noisy and with packets lost.

mod common;

use audio::{Codec, Dbm0, synth};
use common::{Line, losing, music, noisy, standing, through};
use hearing::{Finding, Library, Sit, What};

const LOW: (f32, f32) = (913.8, 1370.6);
const HIGH: (f32, f32) = (985.2, 1428.5);
const SHORT: u32 = 274;
const LONG: u32 = 380;

/// Pitches in Hz and lengths in milliseconds.
type Tones = [(f32, u32); 3];

/// What the tones of each code are, and mean.
fn table() -> Vec<(&'static str, Tones, Sit)> {
    let last = (1776.7, LONG);
    vec![
        ("E.180", [(950.0, 330), (1400.0, 330), (1800.0, 330)], Sit::Plain),
        ("E.180, short", [(950.0, 262), (1400.0, 262), (1800.0, 262)], Sit::Plain),
        ("E.180, long", [(950.0, 398), (1400.0, 398), (1800.0, 398)], Sit::Plain),
        ("IC", [(LOW.0, SHORT), (LOW.1, SHORT), last], Sit::Intercept),
        ("VC", [(HIGH.0, LONG), (LOW.1, SHORT), last], Sit::VacantCode),
        ("RO", [(LOW.0, SHORT), (HIGH.1, LONG), last], Sit::Reorder),
        ("RO'", [(HIGH.0, SHORT), (LOW.1, LONG), last], Sit::Reorder),
        ("NC", [(HIGH.0, LONG), (HIGH.1, LONG), last], Sit::NoCircuit),
        ("NC'", [(LOW.0, LONG), (LOW.1, LONG), last], Sit::NoCircuit),
    ]
}

fn sit(tones: &Tones, shift: f32, gap: u32, level: f32) -> Vec<i16> {
    let mut sound = synth::silence(517);
    for &(hertz, millis) in tones {
        sound.extend(synth::sines(&[hertz + shift], Dbm0(level), millis));
        sound.extend(synth::silence(gap));
    }
    sound.extend(synth::silence(1000));
    sound
}

fn told(sound: &[i16]) -> Vec<Finding> {
    Line::early(&Library::default()).tells(sound)
}

fn meanings(told: &[Finding]) -> Vec<What> {
    told.iter().map(|finding| finding.what).collect()
}

#[test]
fn every_code_is_told_at_every_level_shift_and_gap() {
    for (name, tones, meaning) in table() {
        for codec in [Codec::Pcma, Codec::Pcmu] {
            for level in [-5.0, -24.0, -33.0] {
                for shift in [-10.0, 0.0, 10.0] {
                    for gap in [0, 4, 30] {
                        let sound = through(codec, &sit(&tones, shift, gap, level));
                        let told = told(&sound);
                        let place = format!("{name} {codec:?} {level} dBm0 {shift} Hz {gap} ms: {told:?}");
                        assert_eq!(meanings(&told), [What::Sit(meaning)], "{place}");
                        assert!((told[0].from - 517 * 8).abs() <= 160, "{place}");
                    }
                }
            }
        }
    }
}

#[test]
fn noise_twenty_decibels_below_hides_no_code() {
    for (name, tones, meaning) in table() {
        for seed in 0..8 {
            let sound = noisy(&sit(&tones, 0.0, 4, -20.0), seed, Dbm0(-40.0));
            let told = told(&through(Codec::Pcma, &sound));
            assert_eq!(meanings(&told), [What::Sit(meaning)], "{name} {seed}: {told:?}");
        }
    }
}

#[test]
fn a_lost_packet_may_blur_the_code_and_never_turns_it_into_another_number_state() {
    let (mut heard, mut exact, mut all) = (0, 0, 0);
    for (name, tones, meaning) in table() {
        for seed in 0..50 {
            let arrives = losing(3, seed);
            let library = Library::default();
            let told = Line { arrives: &arrives, ..Line::early(&library) }
                .tells(&through(Codec::Pcma, &sit(&tones, 0.0, 4, -20.0)));
            let meanings = meanings(&told);
            assert!(meanings.len() <= 1, "{name} {seed}: {told:?}");
            let dead = |sit: Sit| matches!(sit, Sit::Intercept | Sit::VacantCode);
            for what in &meanings {
                let What::Sit(found) = *what else { panic!("{name} {seed}: {told:?}") };
                assert!(!dead(found) || dead(meaning), "{name} {seed}: {told:?}");
                exact += usize::from(found == meaning);
            }
            heard += meanings.len();
            all += 1;
        }
    }
    println!("special information tones at 3 % loss: {heard} of {all} heard, {exact} with their code");
    assert!(heard * 100 >= all * 90 && exact * 100 >= all * 85, "{heard} and {exact} of {all}");
}

#[test]
fn rising_tones_that_are_no_such_tone_are_not_told() {
    let wrong: [Tones; 6] = [
        [(1800.0, 330), (1400.0, 330), (950.0, 330)],
        [(950.0, 330), (1400.0, 330), (1400.0, 330)],
        [(950.0, 100), (1400.0, 100), (1800.0, 100)],
        [(950.0, 900), (1400.0, 900), (1800.0, 900)],
        [(800.0, 330), (1400.0, 330), (1800.0, 330)],
        [(950.0, 330), (1250.0, 330), (1800.0, 330)],
    ];
    for tones in wrong {
        assert_eq!(told(&sit(&tones, 0.0, 4, -15.0)), [], "{tones:?}");
    }
    assert_eq!(told(&sit(&[(950.0, 330), (1400.0, 330), (1800.0, 330)], 0.0, 200, -15.0)), [], "long gaps");
}

#[test]
fn an_hour_of_speech_like_sound_and_music_has_none() {
    for seed in 0..30 {
        for sound in [synth::babble(seed, Dbm0(-15.0), 60_000), music(seed, Dbm0(-15.0), 60_000)] {
            let told = standing(&told(&through(Codec::Pcma, &sound)));
            assert_eq!(told, [], "{seed}");
        }
    }
}
