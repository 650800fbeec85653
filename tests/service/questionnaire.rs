//! A questionnaire that takes seconds: every prompt is a beep of 0.4 s.

use std::f32::consts::TAU;
use std::path::Path;

/// Two questions; a customer is asked to press 1 for "yes, it is me", then a key for each question.
const QUICK: &str = r#"questionnaire: quick
title: {zh: 快速问卷}
languages: [zh]
estimate: 10s
patience: {retries: 1, wait: 30s, repeats: 1}

prompts:
  beep: {zh: 嘟, audio: beep.wav}

gates:
  recording_notice: {say: beep}
  identity: {say: beep, keys: {1: yes, 2: wrong_person}}

questions:
  - id: product
    kind: product_quality
    say: beep
    keys:
      1: {value: satisfied, label: {zh: 满意}}
      2: {value: poor, label: {zh: 不满意}, flag: dissatisfied}
  - id: service
    kind: service_quality
    say: beep
    keys:
      1: {value: satisfied, label: {zh: 满意}}
      2: {value: poor, label: {zh: 不满意}, flag: dissatisfied}

anytime: {"*": repeat, 0: person}

replies:
  wrong_key: beep
  no_key: beep
  goodbye: beep
  transfer: beep
  wrong_person: beep

closings:
  - {say: beep}
"#;

/// Writes `quick.yaml` and its sound.
pub(crate) fn write_quick(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("quick.yaml"), QUICK).unwrap();
    write_beep(&folder.join("beep.wav"), 400);
}

/// A tone of so many milliseconds.
pub(crate) fn write_beep(file: &Path, milliseconds: u16) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut beep = hound::WavWriter::create(file, spec).unwrap();
    for n in 0..8 * milliseconds {
        let wave = (TAU * 700.0 * f32::from(n) / 8000.0).sin();
        beep.write_sample((wave * 9000.0) as i16).unwrap();
    }
    beep.finalize().unwrap();
}

/// The text, to break it in one place.
pub(crate) fn quick() -> &'static str {
    QUICK
}
