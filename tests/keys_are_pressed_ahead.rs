//! Keys pressed before their questions are asked answer them where the questionnaire allows it, and nowhere else.

mod support;

use std::path::{Path, PathBuf};

use support::{Customer, Huifang, Outcome, Step};

/// The notice is said for so long: time enough to press everything ahead.
const NOTICE: u32 = 3;

/// The tests' questionnaire with a long notice.
fn questionnaire(folder: &Path, type_ahead: bool) -> PathBuf {
    let calls = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calls");
    let prompts = folder.join("prompts");
    std::fs::create_dir(&prompts).unwrap();
    for entry in std::fs::read_dir(calls.join("prompts")).unwrap() {
        let file = entry.unwrap();
        std::fs::copy(file.path(), prompts.join(file.file_name())).unwrap();
    }
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut notice = hound::WavWriter::create(prompts.join("notice.wav"), spec).unwrap();
    for n in 0..NOTICE * 8000 {
        let wave = (std::f32::consts::TAU * 500.0 * n as f32 / 8000.0).sin();
        notice.write_sample((wave * 9000.0) as i16).unwrap();
    }
    notice.finalize().unwrap();
    let text = std::fs::read_to_string(calls.join("quick.yaml")).unwrap();
    let leave = format!("type_ahead: {type_ahead}");
    let file = folder.join("quick.yaml");
    std::fs::write(&file, text.replace("type_ahead: true", &leave)).unwrap();
    file
}

/// A customer who presses 1, 2 and 4 while the notice is said, and then does what is given.
async fn pressing_ahead(type_ahead: bool, then: &[Step]) -> Outcome {
    let ahead = [Step::Answer, Step::Relay('1'), Step::Relay('2'), Step::Relay('4')];
    let steps: Vec<Step> =
        [Step::Ring, Step::Wait(300)].into_iter().chain(ahead).chain(then.iter().copied()).collect();
    let customer = Customer::who(&steps).await;
    let folder = tempfile::tempdir().unwrap();
    let huifang = Huifang::towards(customer.address).asking(questionnaire(folder.path(), type_ahead));
    let outcome = huifang.call().await;
    customer.content().await;
    outcome
}

#[tokio::test]
async fn keys_pressed_ahead_answer_where_the_questionnaire_allows_it() {
    let outcome = pressing_ahead(true, &[Step::Wait(NOTICE * 1000 + 3_000), Step::HangUp]).await;
    assert_eq!(outcome.answers(), ["product=good", "service=good"], "{outcome}");
    assert_eq!(outcome.reason(), "completed");
    assert!(outcome.noted("wrong_key").is_empty() && outcome.noted("no_key").is_empty(), "{outcome}");
}

#[tokio::test]
async fn keys_pressed_ahead_are_forgotten_where_it_does_not() {
    let asked = [
        Step::Wait(NOTICE * 1000 + 1_500),
        Step::Relay('1'),
        Step::Wait(1_500),
        Step::Relay('2'),
        Step::Wait(1_500),
        Step::Relay('5'),
        Step::Wait(1_500),
        Step::HangUp,
    ];
    let outcome = pressing_ahead(false, &asked).await;
    // 4 was pressed ahead and 5 when the question was asked.
    assert_eq!(outcome.answers(), ["product=good", "service=poor"], "{outcome}");
    assert_eq!(outcome.reason(), "completed");
    assert!(outcome.noted("wrong_key").is_empty(), "{outcome}");
}
