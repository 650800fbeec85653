//! A real voice, espeak-ng's, through the detectors: no tone in it, and its sentences are found.

mod common;

use audio::{Dbm0, FRAME, Level, NoiseFloor, SpanEvent, SpanLimits, SpeechSpan, synth};
use common::{call, config};
use hearing::{EarHears, ToneDetector};
use media::{Heard, MediaEngine};
use std::process::Command;

const ANSWER: &str = "师傅来得很晚,态度也不好,修了两次还没有修好,希望你们尽快处理。";

/// Eight kHz samples of a sentence.
fn spoken(text: &str, pitch: u32) -> Vec<i16> {
    let folder = tempfile::tempdir().unwrap();
    let (voice, narrow) = (folder.path().join("voice.wav"), folder.path().join("narrow.wav"));
    let run = |command: &mut Command| {
        let status = command.status().expect("espeak-ng and sox are installed");
        assert!(status.success(), "{command:?}");
    };
    run(Command::new("espeak-ng")
        .args(["-v", "cmn-latn-pinyin", "-p", &pitch.to_string(), "-w"])
        .arg(&voice)
        .arg(text));
    run(Command::new("sox")
        .arg(&voice)
        .args(["-r", "8000", "-c", "1", "-b", "16"])
        .arg(&narrow)
        .args(["gain", "-6"]));
    hound::WavReader::open(narrow).unwrap().into_samples::<i16>().map(Result::unwrap).collect()
}

#[test]
fn a_voice_at_any_pitch_is_other_sound_and_never_a_tone() {
    for pitch in [0, 25, 50, 75, 99] {
        let sound = spoken(&ANSWER.repeat(15), pitch);
        let level = Dbm0::from(Level::of(&sound));
        assert!(sound.len() > 60 * 8000 && level.0 > -30.0, "{} samples, {level:?}", sound.len());
        let mut detector = ToneDetector::default();
        let mut told = Vec::new();
        for (n, frame) in (0_i64..).zip(sound.chunks(FRAME)) {
            detector.hear(n * 160, frame, |hears| told.push(hears));
        }
        assert_eq!(told, [EarHears::Sound], "pitch {pitch}");
    }
}

#[test]
fn a_spoken_answer_is_one_span_from_its_first_word_to_its_last() {
    let voice = spoken(ANSWER, 50);
    let first = voice.iter().position(|sample| sample.unsigned_abs() > 1000).unwrap() as i64;
    let last = voice.iter().rposition(|sample| sample.unsigned_abs() > 1000).unwrap() as i64;
    let sound = [synth::silence(1000), voice, synth::silence(5000)].concat();
    let limits = SpanLimits { max: 60 * 8000, end_silence: 3 * 8000, start_within: 6 * 8000 };
    let (mut span, mut noise) = (SpeechSpan::open(0, limits), NoiseFloor::default());
    let end = (0..).zip(sound.chunks(FRAME)).find_map(|(n, frame)| {
        let active = noise.is_active(frame);
        span.hear(n * 160, frame.len(), active);
        span.at((n + 1) * 160)
    });
    let Some(SpanEvent::Ended(end)) = end else { panic!("the span never ended") };
    assert!(end.spoke);
    assert!((end.from - 8000 - first).abs() < 8 * 150, "from {} of {first}", end.from - 8000);
    assert!((end.to - 8000 - last).abs() < 8 * 300, "to {} of {last}", end.to - 8000);
}

#[test]
fn an_announcement_before_the_answer_is_told_as_such_on_the_wire() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = call(&engine, "announced", false);
    peer.say(&spoken("您拨打的号码是空号", 50));
    leg.close();
    assert_eq!(facts.rest(), [Heard::FirstPacket, Heard::EarlySound, Heard::Closed(None)]);
}
