//! Talk-off by real synthesised voices: keys heard where espeak-ng only speaks.

use audio::{Codec, Dbm0, FRAME, Level, ToneKey, ToneKeys};
use std::{path::Path, process::Command};

/// Voices of four languages, men's and women's variants among them.
const VOICES: [&str; 6] = ["cmn-latn-pinyin", "cmn-latn-pinyin+f3", "en+m7", "en+f2", "yue+f4", "de+m2"];
const TEXTS: [&str; 3] = [
    "您好,我是客户回访中心。师傅来得很晚,态度也不好,修了两次还没有修好,希望你们尽快处理。一二三四五六七八九十。",
    "The engineer came two hours late, and nobody called to tell us why. Twenty years we have been your customers. \
     Will you send somebody, please, or shall I go elsewhere? My number ends in three, seven, zero, nine.",
    "Der Monteur war freundlich, aber die Maschine läuft noch immer nicht ruhig; bei jedem Anlauf hört man ein \
     Pfeifen und ein tiefes Brummen, ohne Unterbrechung, eine Minute lang.",
];

/// About `seconds` of one voice at 8 kHz, at another pitch and speed for each `take`.
fn spoken(folder: &Path, voice: &str, take: usize, seconds: usize) -> Vec<i16> {
    let (wide, narrow) = (folder.join("wide.wav"), folder.join("narrow.wav"));
    let text = TEXTS.join(" ").repeat(seconds / 40 + 1);
    let run = |command: &mut Command| {
        let status = command.status().expect("espeak-ng and sox are installed");
        assert!(status.success(), "{command:?}");
    };
    let (pitch, speed) = ((take * 37 % 100).to_string(), (130 + take * 23 % 80).to_string());
    run(Command::new("espeak-ng").args(["-v", voice, "-p", &pitch, "-s", &speed, "-w"]).arg(&wide).arg(text));
    // At an active level near −16 dBm0, as a telephone has it.
    run(Command::new("sox")
        .arg(&wide)
        .args(["-r", "8000", "-c", "1", "-b", "16"])
        .arg(&narrow)
        .args(["gain", "-n", "-3"]));
    let samples = hound::WavReader::open(narrow).unwrap().into_samples::<i16>().map(Result::unwrap);
    samples.take(seconds * 8000).collect()
}

/// The digits heard in so much speech, half of it through A-law and half through μ-law.
fn false_digits(minutes: usize) -> (f64, String) {
    let folder = tempfile::tempdir().unwrap();
    let (mut heard, mut digits) = (0, String::new());
    for take in 0.. {
        if heard >= minutes * 60 * 8000 {
            break;
        }
        let voice = VOICES[take % VOICES.len()];
        let sound = spoken(folder.path(), voice, take, 60);
        assert!(Dbm0::from(Level::of(&sound)).0 > -30.0, "{voice} is too quiet to try anything");
        let codec = if take % 2 == 0 { Codec::Pcma } else { Codec::Pcmu };
        let mut keys = ToneKeys::default();
        for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
            let octets: Vec<u8> = frame.iter().map(|&sample| codec.encode(sample)).collect();
            let mut decoded = [0; FRAME];
            let count = codec.decode(&octets, &mut decoded);
            keys.hear(n * FRAME as i64, &decoded[..count], |change| {
                if let ToneKey::Pressed { digit, .. } = change {
                    digits.push(digit);
                }
            });
        }
        heard += sound.len();
    }
    (heard as f64 / 8000.0 / 60.0, digits)
}

fn state(minutes: usize) -> usize {
    let (heard, digits) = false_digits(minutes);
    println!("talk-off: {heard:.1} min of {} voices: {} false digits {digits:?}", VOICES.len(), digits.len());
    digits.len()
}

#[test]
fn six_minutes_of_six_voices_press_none() {
    assert_eq!(state(6), 0);
}

#[test]
#[ignore = "an hour of speech takes a minute: make talkoff"]
fn an_hour_of_six_voices_presses_hardly_any() {
    assert!(state(60) <= 2);
}
