//! ITU-T Q.24 as a table: which tones must be taken for a key, and which must not.

mod dice;

use audio::{Codec, Dbm0, FRAME, ToneKey, ToneKeys, synth};
use dice::Dice;
use std::f64::consts::{SQRT_2, TAU};

const KEYS: &str = "123A456B789C*0#D";
const LOW: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const HIGH: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// One press. Frequencies off by a part of themselves, the stronger tone at `level` dBm0, the high one `twist` dB
/// over the low one.
#[derive(Clone, Copy, Debug)]
struct Press {
    key: usize,
    off: (f64, f64),
    level: f64,
    twist: f64,
    millis: f64,
}

const fn plain(key: usize) -> Press {
    Press { key, off: (0.0, 0.0), level: -10.0, twist: 0.0, millis: 100.0 }
}

impl Press {
    fn digit(&self) -> char {
        KEYS.chars().nth(self.key).unwrap()
    }

    fn sound(&self, phase: f64) -> Vec<i16> {
        let (low, high) = (LOW[self.key / 4] * (1.0 + self.off.0), HIGH[self.key % 4] * (1.0 + self.off.1));
        let amplitude = |level: f64| 16_142.0 * SQRT_2 * 10_f64.powf(level / 20.0);
        let (a, b) =
            (amplitude(self.level + self.twist.min(0.0)), amplitude(self.level - self.twist.max(0.0)));
        let sample = |n: usize| {
            let time = n as f64 / 8000.0;
            a_wave(b, low, time, phase) + a_wave(a, high, time, phase * 1.7)
        };
        (0..(self.millis * 8.0) as usize).map(|n| sample(n).clamp(-32_768.0, 32_767.0) as i16).collect()
    }
}

fn a_wave(amplitude: f64, hertz: f64, time: f64, phase: f64) -> f64 {
    amplitude * (TAU * hertz * time + phase).sin()
}

fn coded(codec: Option<Codec>, sound: Vec<i16>) -> Vec<i16> {
    let Some(codec) = codec else { return sound };
    let octets: Vec<u8> = sound.iter().map(|&sample| codec.encode(sample)).collect();
    let mut heard = vec![0; octets.len()];
    codec.decode(&octets, &mut heard);
    heard
}

/// The digits heard in sound that comes in packets of 20 ms.
fn told(sound: &[i16]) -> Vec<ToneKey> {
    let mut keys = ToneKeys::default();
    let mut told = Vec::new();
    for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
        keys.hear(n * FRAME as i64, frame, |change| told.push(change));
    }
    told
}

fn digits(sound: &[i16]) -> String {
    let pressed =
        |change: ToneKey| if let ToneKey::Pressed { digit, .. } = change { Some(digit) } else { None };
    told(sound).into_iter().filter_map(pressed).collect()
}

fn pause(millis: f64) -> Vec<i16> {
    vec![0; (millis * 8.0) as usize]
}

/// Presses with pauses between them, each beginning anywhere in a packet.
fn row(presses: &[Press], between: f64, dice: &mut Dice) -> Vec<i16> {
    let mut sound = pause(50.0 + 20.0 * dice.unit());
    for press in presses {
        sound.extend(press.sound(TAU * dice.unit()));
        sound.extend(pause(between));
    }
    sound.extend(pause(80.0));
    sound
}

#[test]
fn every_key_within_the_limits_is_taken() {
    let mut dice = Dice(1);
    let (mut cases, mut faults) = (0, Vec::new());
    for codec in [None, Some(Codec::Pcma), Some(Codec::Pcmu)] {
        for off in [(0.0, 0.0), (0.015, 0.015), (-0.015, 0.015), (0.015, -0.015), (-0.015, -0.015)] {
            for level in [0.0, -6.0, -15.0, -25.0] {
                for twist in [-8.0, -4.0, 0.0, 4.0] {
                    for (millis, between) in [(40.0, 40.0), (50.0, 45.0), (100.0, 100.0)] {
                        let press = |key| Press { key, off, level, twist, millis };
                        // Each key twice in a row: the pause between them must be found.
                        let presses: Vec<Press> = (0..16).flat_map(|key| [press(key), press(key)]).collect();
                        let wanted: String = presses.iter().map(Press::digit).collect();
                        let heard = digits(&coded(codec, row(&presses, between, &mut dice)));
                        cases += presses.len();
                        if heard != wanted {
                            faults.push((heard, codec, between, press(0)));
                        }
                    }
                }
            }
        }
    }
    println!("Q.24: {cases} keys within the limits, {} rows not heard as pressed", faults.len());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn no_frequency_beyond_three_and_a_half_percent_is_taken() {
    let mut dice = Dice(2);
    let mut cases = 0;
    for codec in [None, Some(Codec::Pcma), Some(Codec::Pcmu)] {
        for far in [0.035, -0.035, 0.04, -0.04, 0.045, -0.045] {
            for off in [(far, 0.0), (0.0, far), (far, far), (far, -far), (far, 0.015), (0.015, far)] {
                for (level, twist) in [(0.0, 0.0), (-10.0, 4.0), (-25.0, 0.0), (-10.0, -8.0)] {
                    let presses: Vec<Press> =
                        (0..16).map(|key| Press { off, level, twist, ..plain(key) }).collect();
                    let heard = digits(&coded(codec, row(&presses, 60.0, &mut dice)));
                    assert_eq!(heard, "", "{codec:?} {:?}", presses[0]);
                    cases += 16;
                }
            }
        }
    }
    println!("Q.24: {cases} keys with a frequency beyond 3.5 %, none taken");
}

#[test]
fn no_tone_shorter_than_twenty_milliseconds_is_taken() {
    let mut dice = Dice(3);
    for millis in [5.0, 10.0, 15.0, 19.0, 20.0] {
        for level in [0.0, -10.0, -25.0] {
            for _ in 0..10 {
                let presses: Vec<Press> = (0..16).map(|key| Press { level, millis, ..plain(key) }).collect();
                assert_eq!(digits(&row(&presses, 50.0, &mut dice)), "", "{millis} ms at {level} dBm0");
            }
        }
    }
}

#[test]
fn a_tone_with_a_hole_in_it_is_one_press() {
    let mut dice = Dice(4);
    for hole in [1.0, 5.0, 10.0, 20.0] {
        for key in 0..16 {
            let mut sound = row(&[Press { millis: 200.0, ..plain(key) }], 100.0, &mut dice);
            let from = sound.len() / 2 - 1000 + dice.below(800);
            sound[from..from + (hole * 8.0) as usize].fill(0);
            assert_eq!(digits(&sound), plain(key).digit().to_string(), "a hole of {hole} ms");
        }
    }
}

#[test]
fn lost_packets_neither_double_a_press_nor_hide_a_long_one() {
    let mut dice = Dice(5);
    let (mut heard, mut doubled, presses) = (0, 0, 4000);
    for _ in 0..presses {
        let press = Press { millis: 100.0 + 100.0 * dice.unit(), ..plain(dice.below(16)) };
        let sound = coded(Some(Codec::Pcma), row(&[press], 60.0, &mut dice));
        let mut keys = ToneKeys::default();
        let mut count = 0;
        for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
            if dice.unit() >= 0.03 {
                keys.hear(n * FRAME as i64, frame, |change| match change {
                    ToneKey::Pressed { digit, .. } if digit == press.digit() => count += 1,
                    ToneKey::Pressed { digit, .. } => panic!("{digit} for {press:?}"),
                    ToneKey::Released { .. } => {}
                });
            }
        }
        heard += usize::from(count > 0);
        doubled += usize::from(count > 1);
    }
    println!(
        "3 % of packets lost: of {presses} keys of 100 to 200 ms {} missed, {doubled} doubled",
        presses - heard
    );
    assert_eq!(doubled, 0);
    assert!(presses - heard <= presses / 200, "{} missed", presses - heard);
}

#[test]
fn keys_are_heard_through_noise_at_fifteen_decibels() {
    let mut dice = Dice(6);
    let (mut missed, mut wrong, rows) = (0, 0, 100);
    for seed in 0..rows {
        let presses: Vec<Press> =
            (0..16).map(|key| Press { level: -13.0, millis: 50.0, ..plain(key) }).collect();
        let mut sound = row(&presses, 50.0, &mut dice);
        // Both tones together have −10 dBm0.
        let noise = synth::noise(seed, Dbm0(-25.0), (sound.len() / 8 + 1) as u32);
        sound.iter_mut().zip(noise).for_each(|(sample, noise)| *sample = sample.saturating_add(noise));
        let heard = digits(&sound);
        let mut wanted = KEYS.chars();
        wrong += heard.chars().filter(|digit| !wanted.any(|key| key == *digit)).count();
        missed += 16 - heard.len();
    }
    println!("noise at 15 dB: of {} keys of 50 ms {missed} missed, {wrong} wrong", rows * 16);
    assert_eq!((missed, wrong), (0, 0));
}

#[test]
fn a_press_is_placed_where_its_tones_lie() {
    let mut dice = Dice(7);
    for key in 0..16 {
        for millis in [40.0, 73.0, 150.0, 1000.0] {
            let press = Press { millis, ..plain(key) };
            let sound = row(&[press], 100.0, &mut dice);
            let begins = sound.iter().position(|&sample| sample != 0).unwrap() as i64;
            let ends = sound.iter().rposition(|&sample| sample != 0).unwrap() as i64;
            let told = told(&sound);
            let [ToneKey::Pressed { from, .. }, ToneKey::Released { from: again, to, .. }] = told[..] else {
                panic!("{told:?}")
            };
            assert_eq!(from, again);
            assert!((from - begins).abs() <= 48, "{from}, not {begins}");
            assert!((to - ends).abs() <= 48, "{to}, not {ends}");
        }
    }
}

#[test]
fn a_stream_that_breaks_off_releases_its_key() {
    let mut keys = ToneKeys::default();
    let mut told = Vec::new();
    keys.hear(0, &plain(5).sound(0.0), |change| told.push(change));
    keys.tick(8000, |change| told.push(change));
    assert_eq!(told.len(), 1, "{told:?}");
    keys.tick(8000 + 801, |change| told.push(change));
    assert!(
        matches!(told[1], ToneKey::Released { digit: '5', to, .. } if (to - 800).abs() <= 48),
        "{told:?}"
    );
    keys.tick(80_000, |change| told.push(change));
    assert_eq!(told.len(), 2);
}

#[test]
fn packets_that_come_late_are_left_out() {
    let sound = [plain(0).sound(0.0), pause(100.0)].concat();
    let mut keys = ToneKeys::default();
    let mut count = 0;
    for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
        for position in [n * 160, (n - 1) * 160] {
            keys.hear(position, frame, |change| {
                count += u32::from(matches!(change, ToneKey::Pressed { .. }));
            });
        }
    }
    assert_eq!(count, 1);
}

#[test]
fn the_clocks_drift_is_no_loss() {
    let sound = row(&[plain(0), plain(0)], 60.0, &mut Dice(8));
    let mut keys = ToneKeys::default();
    let mut count = 0;
    for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
        keys.hear(n * 161, frame, |change| count += u32::from(matches!(change, ToneKey::Pressed { .. })));
    }
    assert_eq!(count, 2);
}

#[test]
fn two_tones_too_unlike_one_alone_or_a_third_beside_them_are_no_key() {
    let mut dice = Dice(9);
    for key in 0..16 {
        for twist in [-14.0, 10.0] {
            assert_eq!(digits(&row(&[Press { twist, ..plain(key) }], 50.0, &mut dice)), "", "twist {twist}");
        }
        let chord = plain(key).sound(0.0);
        let third = synth::sines(&[2.0 * LOW[key / 4] as f32], Dbm0(-16.0), 100);
        let sum: Vec<i16> = chord.iter().zip(third).map(|(a, b)| a.saturating_add(b)).collect();
        assert_eq!(digits(&sum), "", "a second harmonic, 6 dB down, with {}", plain(key).digit());
    }
    for hertz in LOW.iter().chain(&HIGH) {
        assert_eq!(digits(&synth::sines(&[*hertz as f32], Dbm0(-10.0), 500)), "", "{hertz} alone");
    }
}
