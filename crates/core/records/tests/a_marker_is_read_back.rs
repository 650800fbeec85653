//! A marker's text never changes: files and databases are full of it.

use records::{KeyWay, Marker};
use std::time::Duration;

fn every() -> Vec<(Marker, &'static str)> {
    let name = || "why_stability".to_owned();
    let ms = Duration::from_millis;
    vec![
        (Marker::At { place: name() }, "at why_stability"),
        (Marker::PromptBegins { name: name() }, "prompt begins: why_stability"),
        (Marker::PromptEnds { name: name() }, "prompt ends: why_stability"),
        (Marker::PromptCut { name: name() }, "prompt cut: why_stability"),
        (Marker::Key { digit: '*', by: KeyWay::Event }, "key *"),
        (Marker::Key { digit: '5', by: KeyWay::Tone }, "key 5 by tone"),
        (Marker::Key { digit: '0', by: KeyWay::Info }, "key 0 by info"),
        (Marker::MaskedKey, "key masked"),
        (
            Marker::Answer { question: "stability".into(), value: "很满意=1".into() },
            "answer stability=很满意=1",
        ),
        (Marker::SpeechBegins { name: name() }, "speech begins: why_stability"),
        (Marker::SpeechEnds { name: name() }, "speech ends: why_stability"),
        (Marker::NoSpeech { name: name() }, "no speech: why_stability"),
        (Marker::Heard { what: "fax CED".into() }, "heard: fax CED"),
        (Marker::Hold, "hold"),
        (Marker::Resume, "resume"),
        (Marker::Transfer, "transfer"),
        (Marker::Lost { sound: ms(60), over: ms(1240) }, "lost 60 ms of 1240 ms"),
        (Marker::Nothing { length: ms(2300) }, "nothing came for 2300 ms"),
    ]
}

#[test]
fn each_kind_has_one_text_and_each_text_one_kind() {
    for (marker, text) in every() {
        assert_eq!(marker.to_string(), text);
        assert_eq!(text.parse(), Ok(marker));
    }
}

#[test]
fn a_name_stays_on_one_line() {
    let marker = Marker::PromptBegins { name: "two\nlines\0".into() };
    assert_eq!(marker.to_string(), "prompt begins: two lines ");
}

#[test]
fn other_texts_are_refused() {
    for text in ["", "key", "key 12", "lost", "lost x ms of 2 ms", "nothing came for ms", "stability", "held"]
    {
        assert!(text.parse::<Marker>().is_err(), "{text}");
    }
}
