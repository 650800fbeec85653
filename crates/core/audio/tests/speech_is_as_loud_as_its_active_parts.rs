//! ITU-T P.56: the level of speech does not depend on its pauses.

use audio::{Dbm0, active_speech_level, synth};

fn level(sound: &[i16]) -> Option<f32> {
    active_speech_level(sound.iter().map(|&sample| f32::from(sample))).map(|level| level.0)
}

#[test]
fn a_tone_is_as_loud_as_it_is() {
    for dbm0 in [0.0, -10.0, -16.0, -30.0, -45.0] {
        let heard = level(&synth::sines(&[440.0], Dbm0(dbm0), 3000)).unwrap();
        assert!((heard - dbm0).abs() < 0.2, "{heard} for {dbm0}");
    }
}

#[test]
fn pauses_do_not_make_speech_fainter() {
    let speech = synth::babble(1, Dbm0(-16.0), 6000);
    let whole = level(&speech).unwrap();
    let halting: Vec<i16> =
        speech.chunks(8000).flat_map(|part| [part.to_vec(), synth::silence(1500)].concat()).collect();
    let heard = level(&halting).unwrap();
    assert!((heard - whole).abs() < 1.0, "{heard} with pauses, {whole} without");
}

#[test]
fn faint_noise_behind_speech_counts_as_pause() {
    let mut sound = [synth::babble(2, Dbm0(-16.0), 4000), synth::silence(4000)].concat();
    let quiet = level(&sound).unwrap();
    let noise = synth::noise(3, Dbm0(-55.0), 8000);
    sound.iter_mut().zip(noise).for_each(|(sample, noise)| *sample = sample.saturating_add(noise));
    let heard = level(&sound).unwrap();
    assert!((heard - quiet).abs() < 0.5, "{heard} with noise, {quiet} without");
}

#[test]
fn silence_has_no_level() {
    assert_eq!(level(&[]), None);
    assert_eq!(level(&synth::silence(1000)), None);
}
