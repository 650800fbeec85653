//! Who answered, over synthesised material only: espeak-ng's voices greet shortly or as machines do, over noise, and
//! music, noise and silence answer as well. The confusion matrix is printed.

mod common;

use audio::{Codec, Dbm0, synth};
use common::{Line, MANDARIN, Voice, at_level, losing, music, noisy, spoken, standing, through, trimmed};
use hearing::{Answered, Bench, Echo, Finding, Library, Limits, Listener, What};
use std::collections::BTreeMap;

const HUMAN: [&str; 7] =
    ["喂？", "喂，你好。", "你好。", "喂，您好，哪位？", "你好，请问你找谁？", "哪位啊？", "Hello?"];
const MACHINE: [&str; 5] = [
    "您好，我现在不方便接听您的电话，请在嘀声后留言，我会尽快回复您。",
    "您拨打的用户暂时无法接听，请在提示音后留言，留言完毕请挂机。",
    "你好，这里是王先生的语音信箱，有事请留言。",
    "您好，感谢您的来电，现在是非工作时间，请在嘀的一声之后留下您的姓名和电话号码。",
    "Hello, I am not able to take your call right now. Please leave a message after the tone.",
];
const VOICES: [Voice; 6] = [
    MANDARIN,
    Voice { name: "cmn-latn-pinyin+f3", pitch: 60, words_a_minute: 150 },
    Voice { name: "cmn-latn-pinyin+f2", pitch: 75, words_a_minute: 170 },
    Voice { name: "cmn-latn-pinyin+m3", pitch: 35, words_a_minute: 140 },
    Voice { name: "cmn-latn-pinyin+m7", pitch: 45, words_a_minute: 180 },
    Voice { name: "cmn-latn-pinyin+croak", pitch: 20, words_a_minute: 130 },
];
/// Behind the voice: a quiet line, a room, a street.
const NOISE: [f32; 3] = [-70.0, -45.0, -36.0];

fn verdict(sound: &[i16], seed: u64) -> Option<Answered> {
    let library = Library::default();
    let arrives = losing(1, seed);
    let told = Line { arrives: &arrives, ..Line::answered(&library) }.tells(sound);
    standing(&told).iter().find_map(|f| if let What::Answered(who) = f.what { Some(who) } else { None })
}

/// Rows: what it was; columns: what was said of it.
#[derive(Default)]
struct Matrix(BTreeMap<&'static str, [usize; 3]>);

impl Matrix {
    fn enter(&mut self, was: &'static str, said: Option<Answered>) {
        let column = match said {
            Some(Answered::Human) => 0,
            Some(Answered::Machine) => 1,
            Some(Answered::Unknown) | None => 2,
        };
        self.0.entry(was).or_default()[column] += 1;
    }

    fn share(&self, was: &str, column: usize) -> f32 {
        let row = self.0[was];
        row[column] as f32 / row.iter().sum::<usize>() as f32
    }

    fn print(&self) {
        println!("synthesised material      human  machine  unknown");
        for (was, [human, machine, unknown]) in &self.0 {
            println!("{was:<24} {human:>6} {machine:>8} {unknown:>8}");
        }
    }
}

fn after_answer(parts: &[&[i16]], noise: f32, seed: u64) -> Vec<i16> {
    let sound = parts.concat();
    let rest = vec![0; (16 * 8000_usize).saturating_sub(sound.len())];
    through(Codec::Pcma, &noisy(&[sound, rest].concat(), seed, Dbm0(noise)))
}

#[test]
fn people_and_machines_are_told_apart() {
    let mut matrix = Matrix::default();
    let quiet = |millis: u32| synth::silence(millis);
    for (v, voice) in VOICES.into_iter().enumerate() {
        for (t, text) in HUMAN.into_iter().enumerate() {
            let voice = if text.is_ascii() { Voice { name: "en", ..voice } } else { voice };
            let greeting = at_level(&trimmed(&spoken(voice, text)), Dbm0(-18.0));
            for (n, noise) in NOISE.into_iter().enumerate() {
                let seed = (v * 100 + t * 10 + n) as u64;
                let lead = quiet([150, 600, 1800][(v + t + n) % 3]);
                matrix.enter("person", verdict(&after_answer(&[&lead, &greeting], noise, seed), seed));
                // Hearing nothing they understand, people greet again.
                let again = [&lead[..], &greeting, &quiet(1700), &greeting];
                matrix.enter("person, twice", verdict(&after_answer(&again, noise, seed), seed));
            }
        }
        for (t, text) in MACHINE.into_iter().enumerate() {
            let voice = if text.is_ascii() { Voice { name: "en", ..voice } } else { voice };
            let greeting = at_level(&trimmed(&spoken(voice, text)), Dbm0(-18.0));
            for (n, noise) in NOISE.into_iter().enumerate() {
                let seed = (v * 100 + t * 10 + n) as u64;
                let lead = quiet([300, 900, 2000][(v + t + n) % 3]);
                let hertz = [700.0, 850.0, 1000.0, 1250.0, 1400.0][(v + t + n) % 5];
                let beep = synth::sines(&[hertz], Dbm0(-14.0), [200, 400, 800][(v + n) % 3]);
                let whole = [&lead[..], &greeting, &quiet(500), &beep];
                matrix.enter("machine with beep", verdict(&after_answer(&whole, noise, seed), seed));
                matrix.enter("machine, no beep", verdict(&after_answer(&whole[..2], noise, seed), seed));
            }
        }
    }
    for seed in 0..40 {
        let noise = -60.0 + seed as f32;
        matrix.enter("noise", verdict(&after_answer(&[&quiet(100)], noise, seed), seed));
        matrix
            .enter("music", verdict(&after_answer(&[&music(seed, Dbm0(-16.0), 15_000)], -60.0, seed), seed));
    }
    matrix.enter("silence", verdict(&after_answer(&[&quiet(100)], -75.0, 1), 1));
    matrix.print();
    for person in ["person", "person, twice"] {
        assert!(matrix.share(person, 1) <= 0.01, "people taken for machines");
        assert!(matrix.share(person, 0) >= 0.85, "people recognised");
    }
    assert!(matrix.share("machine with beep", 1) >= 0.95, "machines recognised by their beep");
    assert!(matrix.share("machine, no beep", 1) >= 0.85, "machines recognised by their greeting");
    assert!(matrix.share("machine, no beep", 0) <= 0.05, "machines taken for people");
    for nobody in ["noise", "silence", "music"] {
        assert!(matrix.share(nobody, 1) <= 0.05, "{nobody} taken for a machine");
    }
    assert!(matrix.share("noise", 2) >= 0.95 && matrix.share("silence", 2) == 1.0);
}

fn with_a_key(sound: &[i16], pressed_at: usize) -> Vec<Finding> {
    let (library, mut bench) = (Library::default(), Bench::default());
    let mut listener = Listener::new(Limits::default(), &library);
    let mut told = Vec::new();
    listener.answered(0);
    for (n, frame) in sound.chunks(160).enumerate() {
        if n * 160 == pressed_at {
            listener.key(pressed_at as i64, |finding| told.push(finding));
        }
        listener.hear((n * 160) as i64, frame, (&library, &mut bench), &Echo::default(), |f| told.push(f));
    }
    assert!(listener.is_done());
    told
}

#[test]
fn a_key_proves_a_person_whatever_was_heard_before_and_ends_the_listening() {
    let greeting = trimmed(&at_level(&spoken(MANDARIN, MACHINE[0]), Dbm0(-18.0)));
    let beep = synth::sines(&[1000.0], Dbm0(-14.0), 400);
    let key = 9 * 8000;
    let sound = [greeting, synth::silence(400), beep, synth::silence(8000)].concat();
    let told = with_a_key(&sound, key);
    let before = standing(&told[..told.len() - 1]);
    assert!(before.iter().any(|finding| finding.what == What::Answered(Answered::Machine)), "{told:?}");
    let last = told.last().unwrap();
    assert_eq!((last.what, last.confidence), (What::Answered(Answered::Human), 100));
    let who: Vec<_> = standing(&told).into_iter().filter(|f| matches!(f.what, What::Answered(_))).collect();
    assert_eq!(who.len(), 1);
}

#[test]
fn a_beep_behind_a_greeting_makes_a_suspected_machine_sure() {
    let greeting = trimmed(&at_level(&spoken(MANDARIN, MACHINE[0]), Dbm0(-18.0)));
    let beep = synth::sines(&[1000.0], Dbm0(-14.0), 400);
    let sound = [synth::silence(500), greeting, synth::silence(600), beep, synth::silence(3000)].concat();
    let library = Library::default();
    let told = Line::answered(&library).tells(&through(Codec::Pcma, &sound));
    let sure: Vec<_> =
        told.iter().filter(|f| f.what == What::Answered(Answered::Machine)).map(|f| f.confidence).collect();
    assert_eq!(sure, [70, 85, 95], "{told:?}");
    assert!(told.iter().any(|finding| finding.what == What::Beep), "{told:?}");
}

#[test]
fn silence_since_the_answer_is_told_once_and_a_word_prevents_it() {
    let library = Library::default();
    let line = Line { answered: Some(16_000), ..Line::early(&library) };
    let silent = noisy(&synth::silence(14_000), 3, Dbm0(-62.0));
    let told = line.tells(&silent);
    let [silence, unknown] = told[..] else { panic!("{told:?}") };
    assert_eq!((silence.what, silence.from), (What::Silence, 16_000));
    assert!((silence.to - 16_000 - 6 * 8000).abs() < 400, "{told:?}");
    assert_eq!(unknown.what, What::Answered(Answered::Unknown));
    let word = at_level(&trimmed(&spoken(MANDARIN, "喂？")), Dbm0(-20.0));
    let spoken = [synth::silence(4000), word, synth::silence(10_000)].concat();
    assert!(line.tells(&spoken).iter().all(|finding| finding.what != What::Silence));
}

#[test]
fn nothing_is_said_of_who_answers_before_the_answer() {
    let library = Library::default();
    let sound = at_level(&spoken(MANDARIN, MACHINE[1]), Dbm0(-18.0));
    assert_eq!(Line::early(&library).tells(&sound), []);
}

#[test]
fn a_word_said_while_the_line_opens_is_a_word() {
    let library = Library::default();
    let mut missed = Vec::new();
    for (v, voice) in VOICES.into_iter().enumerate() {
        for (t, text) in HUMAN[1..4].iter().enumerate() {
            let greeting = at_level(&trimmed(&spoken(voice, text)), Dbm0(-18.0));
            for opened in [0, 320, 640, 1280] {
                let sound = noisy(&[greeting.clone(), vec![0; 12 * 8000]].concat(), v as u64, Dbm0(-66.0));
                let line = Line { answered: Some(opened), ..Line::early(&library) };
                let told = standing(&line.tells(&through(Codec::Pcma, &sound)));
                if told.iter().all(|finding| finding.what != What::Answered(Answered::Human)) {
                    missed.push((voice.name, t, opened, greeting.len() / 8));
                }
            }
        }
    }
    println!("{} of 72 missed", missed.len());
    assert!(missed.len() <= 4, "{missed:?}");
}
