//! Fax and modem tones through either law, with and without reversals, and what must not pass for them.

mod common;

use audio::{Codec, Dbm0, synth};
use common::{Line, losing, music, noisy, standing, through};
use hearing::{FaxTone, Finding, Library, What};
use std::f32::consts::TAU;

fn told(sound: &[i16]) -> Vec<(What, u8)> {
    let told = Line::early(&Library::default()).tells(sound);
    standing(&told).iter().map(|Finding { what, confidence, .. }| (*what, *confidence)).collect()
}

/// CNG: half a second of every three and a half.
fn calling(hertz: f32, level: f32, on: u32, off: u32) -> Vec<i16> {
    let once = [synth::sines(&[hertz], Dbm0(level), on), synth::silence(off)].concat();
    [synth::silence(700), once.repeat(2)].concat()
}

/// 2100 Hz whose phase is reversed every 450 ms, and whose level sways 15 times a second by so much (V.8).
fn answering(hertz: f32, level: f32, reversals: bool, sway: f32, millis: u32) -> Vec<i16> {
    let peak = Dbm0(level).rms() * std::f32::consts::SQRT_2;
    let sample = |n: usize| {
        let time = n as f32 / 8000.0;
        let turned = reversals && (n / 3600) % 2 == 1;
        let swayed = 1.0 + sway * (TAU * 15.0 * time).sin();
        let value = peak * swayed * (TAU * hertz * time).sin();
        if turned { -value as i16 } else { value as i16 }
    };
    let tone: Vec<i16> = (0..millis as usize * 8).map(sample).collect();
    [synth::silence(1800), tone, synth::silence(1500)].concat()
}

#[test]
fn a_fax_that_calls_is_likely_after_one_burst_and_sure_after_two() {
    for codec in [Codec::Pcma, Codec::Pcmu] {
        for level in [-8.0, -20.0, -32.0] {
            for hertz in [1065.0, 1100.0, 1135.0] {
                for (on, off) in [(500, 3000), (430, 2600), (570, 3400)] {
                    let sound = through(codec, &calling(hertz, level, on, off));
                    let told = Line::early(&Library::default()).tells(&sound);
                    let found: Vec<_> = told.iter().map(|f| (f.what, f.confidence)).collect();
                    let calling = What::Fax(FaxTone::Calling);
                    assert_eq!(found, [(calling, 60), (calling, 95)], "{codec:?} {level} {hertz} {on}/{off}");
                }
            }
        }
    }
}

#[test]
fn a_fax_that_answers_is_known_within_a_second_and_a_half_whatever_its_phase_and_level_do() {
    for codec in [Codec::Pcma, Codec::Pcmu] {
        for level in [-8.0, -20.0, -32.0] {
            for hertz in [2085.0, 2100.0, 2115.0] {
                for (reversals, sway) in [(false, 0.0), (true, 0.0), (false, 0.2), (true, 0.2)] {
                    let sound = through(codec, &answering(hertz, level, reversals, sway, 3300));
                    let told = Line::early(&Library::default()).tells(&sound);
                    let place = format!("{codec:?} {level} dBm0 {hertz} Hz {reversals} {sway}: {told:?}");
                    let [finding] = told[..] else { panic!("{place}") };
                    assert_eq!(
                        (finding.what, finding.confidence),
                        (What::Fax(FaxTone::Answering), 95),
                        "{place}"
                    );
                    assert!(finding.to <= (1800 + 1500) * 8, "{place}");
                }
            }
        }
    }
}

#[test]
fn noise_and_lost_packets_hide_neither() {
    let library = Library::default();
    let mut missed = 0;
    for seed in 0..40 {
        let arrives = losing(3, seed);
        let line = Line { arrives: &arrives, ..Line::early(&library) };
        let calls = noisy(&calling(1100.0, -15.0, 500, 3000), seed, Dbm0(-35.0));
        let answers = noisy(&answering(2100.0, -15.0, true, 0.2, 3300), seed, Dbm0(-35.0));
        for (sound, fax) in [(calls, FaxTone::Calling), (answers, FaxTone::Answering)] {
            let told = standing(&line.tells(&through(Codec::Pcma, &sound)));
            missed += usize::from(!told.iter().any(|finding| finding.what == What::Fax(fax)));
        }
    }
    println!("fax tones at 20 dB and 3 % loss: {missed} of 80 missed");
    assert!(missed <= 2, "{missed}");
}

#[test]
fn other_tones_are_no_fax() {
    let steady = |hertz: f32| [synth::silence(500), synth::sines(&[hertz], Dbm0(-12.0), 3000)].concat();
    for hertz in [450.0, 1000.0, 1300.0, 1850.0, 2000.0, 2050.0, 2150.0, 2225.0, 2600.0] {
        assert_eq!(told(&steady(hertz)), [], "{hertz}");
    }
    for (on, off) in [(200, 3000), (900, 3000), (3000, 500)] {
        assert_eq!(told(&calling(1100.0, -12.0, on, off)), [], "{on}/{off}");
    }
    for seed in 0..30 {
        for sound in [synth::babble(seed, Dbm0(-15.0), 60_000), music(seed, Dbm0(-15.0), 60_000)] {
            assert_eq!(told(&through(Codec::Pcma, &sound)), [], "{seed}");
        }
    }
}
