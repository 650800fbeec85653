//! Talk-off: keys heard where none was pressed, counted over synthesised speech and music.

use audio::{Codec, Dbm0, FRAME, ToneKey, ToneKeys, synth};

/// The digits found in `minutes` of each kind of sound at several levels, all through A-law.
fn false_digits(minutes: u64) -> (String, String) {
    let mut found = [String::new(), String::new()];
    for minute in 0..minutes {
        let level = Dbm0([-10.0, -16.0, -22.0][minute as usize % 3]);
        let sounds = [synth::babble(minute, level, 60_000), synth::music(minute, level, 60_000)];
        for (sound, found) in sounds.iter().zip(&mut found) {
            let mut keys = ToneKeys::default();
            for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
                let octets: Vec<u8> = frame.iter().map(|&sample| Codec::Pcma.encode(sample)).collect();
                let mut heard = [0; FRAME];
                Codec::Pcma.decode(&octets, &mut heard);
                keys.hear(n * FRAME as i64, &heard, |change| {
                    if let ToneKey::Pressed { digit, .. } = change {
                        found.push(digit);
                    }
                });
            }
        }
    }
    let [speech, music] = found;
    (speech, music)
}

fn state(minutes: u64) -> usize {
    let (speech, music) = false_digits(minutes);
    println!("talk-off: {minutes} min of babble: {} false digits {speech:?}", speech.len());
    println!("talk-off: {minutes} min of music: {} false digits {music:?}", music.len());
    speech.len() + music.len()
}

#[test]
fn three_minutes_of_each_press_none() {
    assert_eq!(state(3), 0);
}

#[test]
#[ignore = "an hour of each takes a minute: make talkoff"]
fn an_hour_of_each_presses_hardly_any() {
    assert!(state(60) <= 2);
}
