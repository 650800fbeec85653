//! The prompts as they are really spoken: the pauses inside one must not be taken for its end.

use std::path::Path;
use std::process::Command;

use crate::actor::ticks_of;
use crate::ear::{Ear, level};
use crate::rtp::FRAME;
use crate::script::Habits;

const DIALPLANS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../dialplans");

/// A text as espeak-ng says it, at 8 kHz.
fn speak(directory: &Path, language: &str, text: &str) -> Vec<i16> {
    let (words, raw, telephone) =
        (directory.join("words"), directory.join("raw.wav"), directory.join("telephone.wav"));
    std::fs::write(&words, text).unwrap();
    let voice = if language == "zh" { "cmn-latn-pinyin" } else { language };
    let run = |program: &str, arguments: &[&std::ffi::OsStr]| {
        assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program}");
    };
    run(
        "espeak-ng",
        &[
            "-v".as_ref(),
            voice.as_ref(),
            "-s".as_ref(),
            "150".as_ref(),
            "-w".as_ref(),
            raw.as_ref(),
            "-f".as_ref(),
            words.as_ref(),
        ],
    );
    run(
        "sox",
        &[raw.as_ref(), "-r".as_ref(), "8000".as_ref(), "-c".as_ref(), "1".as_ref(), telephone.as_ref()],
    );
    hound::WavReader::open(&telephone).unwrap().samples().map(Result::unwrap).collect()
}

#[test]
fn no_pause_inside_a_shipped_prompt_ends_it() {
    let source = std::fs::read_to_string(Path::new(DIALPLANS).join("satisfaction.yaml")).unwrap();
    let questionnaire = survey::parse("satisfaction.yaml", &source).unwrap();
    let directory = tempfile::TempDir::new().unwrap();
    let patience = ticks_of(Habits::default().prompt_end.0);
    let mut longest = (0, String::new());
    for (prompt, text, _) in questionnaire.spoken() {
        let samples = speak(directory.path(), &prompt.language, text);
        let mut ear = Ear::default();
        let ends: Vec<usize> = samples
            .chunks_exact(FRAME)
            .enumerate()
            .filter_map(|(tick, frame)| {
                ear.hear(Some(level(frame)));
                ear.prompt_ended(patience).then_some(tick)
            })
            .collect();
        let last_word = samples.chunks_exact(FRAME).rposition(|frame| level(frame) > -42.0).unwrap();
        let early = ends.iter().filter(|&&tick| tick < last_word).count();
        assert_eq!(early, 0, "{}: {text}", prompt.id);
        longest = longest.max((last_word, text.to_owned()));
    }
    assert!(longest.0 > 250, "the longest prompt takes {} ticks: was it spoken at all?", longest.0);
}
