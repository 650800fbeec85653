//! A line that sends our prompt back, over synthesised material: nobody speaks as long as nobody speaks, and whoever
//! speaks over the prompt is heard. The table is printed.

mod common;

use audio::{Clip, Dbm0, synth};
use common::echo::{MadeOut, Place, echo, leg, line, placed, prompt, reflected};
use common::{Voice, at_level, losing, spoken, standing, trimmed};
use hearing::{Answered, What};
use std::sync::LazyLock;

const WOMAN: Voice = Voice { name: "cmn-latn-pinyin+f3", pitch: 60, words_a_minute: 160 };
const MAN: Voice = Voice { name: "cmn-latn-pinyin+m3", pitch: 35, words_a_minute: 150 };
const SLOW: Voice = Voice { name: "cmn-latn-pinyin+m7", pitch: 45, words_a_minute: 130 };
/// Said without a pause, as a recorded greeting is.
const UNBROKEN: &str = "您好这里是售后服务中心我们想就上个月的安装服务向您做一次简短的回访只需要一分钟时间如果方便请按一如果现在不方便请按二我们会换一个时间再打给您如果您不希望再接到我们的电话请按九谢谢您的支持";
/// As prompts are.
const SENTENCES: &str = "您好。这里是售后服务中心。我们想就上个月的安装服务，向您做一次简短的回访。只需要一分钟时间。如果方便，请按一。如果现在不方便，请按二。如果您不希望再接到我们的电话，请按九。";
const PROMPTS: [(Voice, &str); 3] = [(WOMAN, UNBROKEN), (WOMAN, SENTENCES), (SLOW, SENTENCES)];
const DECIBELS: [f32; 4] = [6.0, 12.0, 20.0, 30.0];
const MILLIS: [usize; 4] = [20, 80, 150, 300];
const NOISE: [f32; 2] = [-62.0, -50.0];
const LEVEL: Dbm0 = Dbm0(-16.0);
const LENGTH: usize = 15 * 8000;
/// No echo at all.
const NONE: f32 = 100.0;

struct Said {
    clip: Clip,
    sound: Vec<i16>,
    /// What each place makes of it.
    back: [Vec<f32>; 2],
}

const PLACES: [Place; 2] = [Place::Hybrid, Place::Room];

static SAID: LazyLock<[Said; 3]> = LazyLock::new(|| {
    PROMPTS.map(|(voice, text)| {
        let (sound, clip) = prompt(&trimmed(&spoken(voice, text)), LEVEL);
        Said { clip, back: PLACES.map(|place| reflected(place, &sound)), sound }
    })
});

fn who(made_out: &MadeOut) -> Option<Answered> {
    let told = standing(&made_out.told);
    told.iter().find_map(|finding| if let What::Answered(who) = finding.what { Some(who) } else { None })
}

#[test]
fn while_nobody_speaks_nobody_is_heard() {
    let mut wrong = Vec::new();
    println!("echo      audible frames taken for speech, of all");
    for (place, decibels) in [0, 1].into_iter().flat_map(|place| DECIBELS.map(|decibels| (place, decibels))) {
        let (mut audible, mut theirs) = (0, 0);
        for (p, said) in SAID.iter().enumerate() {
            for (millis, noise) in MILLIS.into_iter().flat_map(|millis| NOISE.map(|noise| (millis, noise))) {
                let seed = millis as u64;
                let heard = line(&[&echo(&said.back[place], decibels, millis, LENGTH)], noise, seed);
                let lost = losing(3, seed);
                for arrives in [&|_| true, &lost as &dyn Fn(usize) -> bool] {
                    let made_out = leg(&said.clip, &heard, 0, arrives);
                    let told = |what| made_out.told.iter().any(|found| found.what == what);
                    let somebody =
                        [Answered::Machine, Answered::Human].map(What::Answered).into_iter().any(told);
                    if somebody || told(What::Beep) || made_out.speech.is_some() {
                        wrong.push((
                            PLACES[place],
                            decibels,
                            p,
                            millis,
                            noise,
                            made_out.speech,
                            who(&made_out),
                        ));
                    }
                    audible += made_out.audible;
                    theirs += made_out.audible - made_out.ours;
                }
            }
        }
        println!("{:?} -{decibels} dB: {theirs} of {audible}", PLACES[place]);
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

#[test]
fn the_same_sound_is_a_machine_where_we_said_nothing() {
    let heard = line(&[&echo(&SAID[0].back[0], 12.0, 150, LENGTH)], -62.0, 1);
    let made_out = leg(&Clip::from_pcm(&[]), &heard, 0, &|_| true);
    assert_eq!(who(&made_out), Some(Answered::Machine));
    assert!(made_out.speech.is_some() && made_out.ours == 0);
}

#[test]
fn a_line_that_sends_nothing_but_our_voice_back_is_silent() {
    for said in &*SAID {
        let heard = line(&[&echo(&said.back[0], 15.0, 100, LENGTH)], -60.0, 3);
        let told = leg(&said.clip, &heard, 0, &|_| true).told;
        assert!(told.iter().any(|found| found.what == What::Silence), "{told:?}");
    }
}

#[test]
fn a_beep_of_ours_is_no_recorded_greetings() {
    let words = &SAID[0].sound[..5 * 8000];
    let sound = [words, &synth::sines(&[1000.0], LEVEL, 400), &synth::silence(2000)].concat();
    let clip = Clip::from_pcm(&sound);
    let heard = line(&[&echo(&reflected(Place::Hybrid, &sound), 10.0, 80, LENGTH)], -60.0, 3);
    let told = |clip: &Clip| leg(clip, &heard, 0, &|_| true).told;
    let beeps = |clip| told(clip).iter().filter(|found| found.what == What::Beep).count();
    assert_eq!((beeps(&clip), beeps(&Clip::from_pcm(&[]))), (0, 1));
}

#[test]
fn a_key_in_our_prompt_is_told_from_one_that_is_pressed() {
    let key = |digit, level| synth::key(digit, Dbm0(level), 120).unwrap();
    let words = &SAID[0].sound[..8000];
    let pause = synth::silence(200);
    let sound = [words, &key('5', -10.0), &pause, &key('6', -10.0), &pause, words].concat();
    let clip = Clip::from_pcm(&sound);
    for (place, decibels) in
        [(Place::Hybrid, 6.0), (Place::Hybrid, 12.0), (Place::Hybrid, 18.0), (Place::Room, 12.0)]
    {
        let length = 4 * 8000;
        let back = echo(&reflected(place, &sound), decibels, 100, length);
        // While the prompt's own comes back, and later.
        let pressed = [placed(&key('6', -6.0), 14_200, length), placed(&key('5', -10.0), 24_000, length)];
        let keys = leg(&clip, &line(&[&back, &pressed[0], &pressed[1]], -60.0, 3), 0, &|_| true).keys;
        let of = |ours| -> String { keys.iter().filter(|key| key.1 == ours).map(|key| key.0).collect() };
        let (own, pressed) = (of(true), of(false));
        // The quietest are not heard at all.
        assert!(
            "56".starts_with(&own) && (place == Place::Room || decibels > 12.0 || own.len() == 2),
            "{place:?} -{decibels} dB: {own}"
        );
        assert_eq!(pressed, "65", "{place:?} -{decibels} dB");
    }
}

#[test]
fn an_echo_that_becomes_louder_is_known_again_after_a_while() {
    let Said { clip, back, .. } = &SAID[0];
    let louder = 7 * 8000;
    let sound =
        [&echo(&back[0], 24.0, 80, louder)[..], &echo(&back[1], 10.0, 120, LENGTH)[louder..]].concat();
    let heard = line(&[&sound], -60.0, 3);
    let speech_from = |span_at| leg(clip, &heard, span_at, &|_| true).speech;
    assert_eq!(speech_from(louder + 4 * 8000), None);
}

/// Delays in ms from the beginning of somebody's words to speech being told; a minute where it never was.
fn delays(people: &[Vec<i16>], place: usize, decibels: f32) -> Vec<i64> {
    let mut delays = Vec::new();
    for (w, person) in people.iter().enumerate() {
        let Said { clip, back, .. } = &SAID[w];
        for (m, millis) in MILLIS.into_iter().enumerate() {
            for begins in 0..4 {
                let at = 24_000 + begins * 9_370 + w * 1_100 + m * 700;
                let (seed, length) = ((at + millis) as u64, at + 3 * 8000);
                let sounds = [&echo(&back[place], decibels, millis, length)[..], &placed(person, at, length)];
                let made_out = leg(clip, &line(&sounds, -60.0, seed), at - 4000, &losing(3, seed));
                delays.push(made_out.speech.map_or(60_000, |speech| (speech - at as i64) / 8));
            }
        }
    }
    delays.sort_unstable();
    delays
}

#[test]
fn whoever_speaks_over_the_prompt_is_heard() {
    let words = ["不方便你晚点再打过来吧", "喂你是哪位啊我听不清楚", "我不需要请不要再打来了"];
    let words = words.map(|text| trimmed(&spoken(MAN, text)));
    println!("echo, person          within 300 ms, of all; the middle and the longest delay in ms");
    // What share of people as loud as the prompt, and 4 dB quieter, is heard within 300 ms.
    let table =
        [(NONE, [1.0, 1.0]), (30.0, [1.0, 1.0]), (20.0, [1.0, 1.0]), (12.0, [1.0, 0.95]), (6.0, [0.85, 0.5])];
    for (place, (decibels, least)) in [0, 1].into_iter().flat_map(|place| table.map(|row| (place, row))) {
        for (level, least) in [-16.0, -20.0].into_iter().zip(least) {
            let people = words.each_ref().map(|words| at_level(words, Dbm0(level)));
            let delays = delays(&people, place, decibels);
            let soon = delays.iter().filter(|delay| (0..=300).contains(*delay)).count();
            let (middle, longest) = (delays[delays.len() / 2], delays[delays.len() - 1]);
            let place = PLACES[place];
            println!(
                "{place:?} -{decibels} dB, {level} dBm0: {soon} of {}, {middle} {longest}",
                delays.len()
            );
            assert!(soon as f32 >= least * delays.len() as f32, "{place:?} -{decibels} dB: {delays:?}");
        }
    }
}

/// How often each was told of what answers while a prompt plays: a person, a machine, neither.
fn verdicts(voices: &[Vec<i16>], begins: [usize; 3], decibels: f32) -> [usize; 3] {
    let mut verdicts = [0; 3];
    for (n, voice) in voices.iter().enumerate() {
        for (b, begins) in begins.into_iter().enumerate() {
            let said = &SAID[(n + b) % 3];
            let back = echo(&said.back[0], decibels, MILLIS[(n + 2 * b) % 4], LENGTH);
            let heard = line(&[&back, &placed(voice, begins * 8, LENGTH)], -60.0, n as u64);
            verdicts[match who(&leg(&said.clip, &heard, 0, &losing(1, b as u64))) {
                Some(Answered::Human) => 0,
                Some(Answered::Machine) => 1,
                Some(Answered::Unknown) | None => 2,
            }] += 1;
        }
    }
    verdicts
}

#[test]
fn who_answers_is_told_while_a_prompt_plays_and_comes_back() {
    const PEOPLE: [&str; 4] = ["喂？", "喂，你好。", "你好，请问你找谁？", "哪位啊？"];
    const MACHINES: [&str; 3] = [
        "您好，我现在不方便接听您的电话，请在嘀声后留言，我会尽快回复您。",
        "您好，感谢您的来电，现在是非工作时间，请在嘀的一声之后留下您的姓名和电话号码。",
        "您拨打的用户暂时无法接听，请在提示音后留言，留言完毕请挂机。",
    ];
    let voices = |texts: &[&str]| -> Vec<Vec<i16>> {
        let spoken =
            |text| [MAN, SLOW, WOMAN].map(|voice| at_level(&trimmed(&spoken(voice, text)), Dbm0(-18.0)));
        texts.iter().copied().flat_map(spoken).collect()
    };
    let (people, machines) = (voices(&PEOPLE), voices(&MACHINES));
    println!("echo: people, machines, as person, machine, neither");
    for (decibels, recognised) in [(NONE, 22), (20.0, 18), (12.0, 9)] {
        let people = verdicts(&people, [200, 600, 1500], decibels);
        let machines = verdicts(&machines, [300, 900, 2000], decibels);
        println!("-{decibels} dB: {people:?} {machines:?}");
        assert!(people[0] >= 27 && people[1] <= 1, "people: {people:?}");
        assert!(machines[1] >= recognised && machines[0] <= 3, "machines: {machines:?}");
    }
}
