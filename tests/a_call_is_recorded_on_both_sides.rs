//! The recording of an answered call: stereo, 8 kHz, 16 bit, as long as the call, left the customer, right our side.

mod support;

use support::{Customer, Huifang, SILENCE, Side, Sound, Step};

/// What recording and wire may differ by.
const TOLERANCE: f64 = 0.02;

#[tokio::test]
async fn a_spoken_reason_is_on_the_left_and_our_prompts_are_on_the_right() {
    let customer = Customer::who(&[
        Step::Ring,
        Step::Answer,
        Step::Wait(2_000),
        Step::Press('1'),
        Step::Wait(2_000),
        Step::Press('3'),
        Step::Wait(1_500),
        Step::Speak,
        Step::Wait(3_000),
        Step::Press('4'),
        Step::Wait(2_000),
        Step::HangUp,
    ])
    .await;
    let huifang = Huifang::towards(customer.address);
    let outcome = huifang.call().await;
    let length = customer.content().await.length().as_secs_f64();

    assert_eq!(outcome.reason(), "completed");
    assert_eq!(outcome.answers(), ["product=poor", "service=good"]);
    assert_eq!(outcome.at("/flags/0"), "dissatisfied");

    let recording = outcome.recording();
    let sound = Sound::of(&recording.file);
    assert_eq!(
        (sound.info("-c"), sound.info("-r"), sound.info("-b")),
        ("2".into(), "8000".into(), "16".into())
    );
    let probed = sound.probed();
    assert_eq!(probed["codec_name"], "pcm_s16le");
    assert_eq!(probed["channels"], 2);
    assert_eq!(probed["sample_rate"], "8000");
    for (who, seconds) in [
        ("sox", sound.seconds()),
        ("ffprobe", probed["duration"].as_str().unwrap().parse().unwrap()),
        ("huifang", recording.seconds),
    ] {
        let off = seconds - length;
        assert!(off.abs() < TOLERANCE, "{who}: the recording has {seconds} s, the call had {length} s");
    }
    assert_eq!(sound.sha256(), recording.sha256);

    let spoken = outcome.noted("spoken");
    assert_eq!(spoken.len(), 1, "one span was asked for");
    assert_eq!((&spoken[0]["question"], &spoken[0]["spoke"]), (&"product".into(), &true.into()));
    let moment = |name: &str| spoken[0][name].as_u64().unwrap() as f64 / 1000.0;
    let (from, to) = (moment("from_ms"), moment("to_ms"));
    assert!(to - from > 4.0, "most of the seven seconds of speech are in the span {from}..{to}");
    assert!(sound.peak_between(Side::Customer, from, to) > -12.0, "the span holds the speech");
    // Before it the customer only pressed keys.
    assert!(sound.peak_between(Side::Customer, 0.0, from - 1.0) <= SILENCE);
    // While the customer speaks we are silent.
    assert!(sound.peak_between(Side::Ours, from + 0.1, to) <= SILENCE);
    for (hertz, prompt) in [(500, "notice.wav"), (1300, "why.wav"), (1700, "sorry.ogg")] {
        let seconds = sound.tone(Side::Ours, hertz);
        assert!((0.3..0.5).contains(&seconds), "{prompt} is said once and whole, not for {seconds} s");
    }
}

#[tokio::test]
async fn a_service_that_works_at_the_bye_late_records_no_longer_than_the_call_was() {
    let customer = Customer::who(&[Step::Ring, Step::Answer, Step::Wait(1_500), Step::HangUp]).await;
    let huifang = Huifang::towards(customer.address);
    // SIPp repeats its BYE half a second after the first.
    let outcome = huifang.call_held_up(customer.has_logged(1, "ACK "), customer.has_logged(2, "BYE ")).await;
    let length = customer.content().await.length().as_secs_f64();

    let off = outcome.recording().seconds - length;
    assert!(off.abs() < TOLERANCE, "the recording is {off} s longer than the call, which had {length} s");
}
