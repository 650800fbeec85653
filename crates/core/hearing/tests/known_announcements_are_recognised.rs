//! Announcements of the operator's folder through all that a line does to them; every sound is synthesised.

mod common;

use audio::{Codec, Dbm0};
use common::{Line, MANDARIN, Voice, at_level, losing, music, noisy, spoken, standing, through};
use hearing::{Bench, Finding, Library, TooShort, What};

/// What carriers say, beginning and ending alike.
const CLIPS: [&str; 6] = [
    "您好，您拨打的用户已关机，请稍后再拨。",
    "您好，您拨打的用户正在通话中，请稍后再拨。",
    "您好，您所拨打的号码是空号，请核对后再拨。",
    "您好，您拨打的电话已停机。",
    "您好，您拨打的用户暂时无法接通，请稍后再拨。",
    "您好，您拨打的用户不在服务区。",
];

fn library(texts: &[&str]) -> (Library, Vec<Vec<i16>>) {
    let (mut library, mut bench) = (Library::default(), Bench::default());
    let clips: Vec<_> = texts.iter().map(|text| at_level(&spoken(MANDARIN, text), Dbm0(-16.0))).collect();
    for (number, clip) in clips.iter().enumerate() {
        assert_eq!(library.add("clip", number as u16, clip, &mut bench), Ok(number as u16));
    }
    (library, clips)
}

fn announcements(told: &[Finding]) -> Vec<(u16, u8)> {
    let clip = |finding: &Finding| match finding.what {
        What::Announcement(clip) => Some((clip, finding.confidence)),
        _ => None,
    };
    told.iter().filter_map(clip).collect()
}

/// A clip, a pause, and the clip again, as carriers play it.
fn looped(clip: &[i16]) -> Vec<i16> {
    [&[0; 3333], clip, &[0; 6000], clip, &[0; 8000]].concat()
}

#[test]
fn every_clip_is_told_from_the_others_through_coding_noise_and_level() {
    let (library, clips) = library(&CLIPS);
    for (number, clip) in clips.iter().enumerate() {
        for codec in [Codec::Pcma, Codec::Pcmu] {
            for level in [-6.0, -16.0, -26.0] {
                for ratio in [60.0, 20.0, 15.0] {
                    let sound = looped(&at_level(clip, Dbm0(level)));
                    let sound = through(codec, &noisy(&sound, number as u64, Dbm0(level - ratio)));
                    let told = Line::early(&library).tells(&sound);
                    let stands = announcements(&standing(&told));
                    assert_eq!(stands, [(number as u16, 95)], "{codec:?} {level} dBm0 {ratio} dB: {told:?}");
                }
            }
        }
    }
}

#[test]
fn a_clip_heard_from_its_middle_is_told_when_it_comes_round() {
    let (library, clips) = library(&CLIPS);
    for (number, clip) in clips.iter().enumerate() {
        for begin in [777, 9001, 17_500, 25_000] {
            let sound = looped(clip);
            let sound = through(Codec::Pcma, &noisy(&sound[3333 + begin..], 5, Dbm0(-36.0)));
            let told = Line::early(&library).tells(&sound);
            assert_eq!(announcements(&standing(&told)), [(number as u16, 95)], "from {begin}: {told:?}");
        }
    }
}

#[test]
fn lost_packets_hide_no_clip() {
    let (library, clips) = library(&CLIPS);
    for (number, clip) in clips.iter().enumerate() {
        for (percent, seed) in [(1, 1), (3, 2), (5, 3)] {
            let sound = through(Codec::Pcma, &noisy(&looped(clip), 5, Dbm0(-36.0)));
            let arrives = losing(percent, seed);
            let told = Line { arrives: &arrives, ..Line::early(&library) }.tells(&sound);
            assert_eq!(announcements(&standing(&told)), [(number as u16, 95)], "{percent} %: {told:?}");
        }
    }
}

#[test]
fn the_evidence_lies_where_the_clip_was_heard() {
    let (library, clips) = library(&CLIPS);
    let sound = [vec![0; 16_000], clips[0].clone(), vec![0; 8000]].concat();
    let told = Line::early(&library).tells(&sound);
    let last = told.last().unwrap();
    assert!((16_000 - 1500..16_000 + 3000).contains(&last.from), "{told:?}");
    assert!(last.to > last.from + 4 * 8000 && last.to <= 16_000 + clips[0].len() as i64 + 1024, "{told:?}");
}

#[test]
fn two_clips_of_one_meaning_do_not_compete() {
    let text = CLIPS[0];
    let (mut library, mut bench) = (Library::default(), Bench::default());
    let clip = spoken(MANDARIN, text);
    assert_eq!(library.add("clip", 7, &clip, &mut bench), Ok(0));
    assert_eq!(library.add("clip", 7, &at_level(&clip, Dbm0(-20.0)), &mut bench), Ok(1));
    assert!(!standing(&Line::early(&library).tells(&looped(&clip))).is_empty());
    // Of different meanings, nobody can say which it is.
    let mut torn = Library::default();
    torn.add("clip", 7, &clip, &mut bench).unwrap();
    torn.add("clip", 8, &clip, &mut bench).unwrap();
    assert_eq!(Line::early(&torn).tells(&looped(&clip)), []);
}

#[test]
fn a_clip_without_enough_sound_is_refused() {
    let (mut library, mut bench) = (Library::default(), Bench::default());
    let refused = library.add("clip", 0, &music(1, Dbm0(-16.0), 900), &mut bench);
    assert!(matches!(refused, Err(TooShort { least_millis: 1472, .. })), "{refused:?}");
    assert!(library.is_empty());
}

/// Claims made and then taken back, and claims that stood.
#[derive(Debug, Default)]
struct False {
    momentary: usize,
    standing: usize,
    seconds: usize,
}

impl False {
    fn hear(&mut self, library: &Library, sound: &[i16]) {
        let told = Line::early(library).tells(&through(Codec::Pcma, sound));
        let made = announcements(&told).iter().filter(|(_, sure)| *sure > 0).count();
        self.standing += announcements(&standing(&told)).len();
        self.momentary += made;
        self.seconds += sound.len() / 8000;
    }
}

#[test]
fn other_announcements_of_the_same_voice_are_no_match() {
    // The same beginnings and endings, word by word, in the same voice: as alike as announcements get.
    let others = [
        "您好，您拨打的用户正忙，请稍后再拨。",
        "您好，您拨打的用户已设置来电提醒，请稍后再拨。",
        "您好，您所拨打的号码暂时无法接听，请核对后再拨。",
        "您好，您拨打的电话正在通话中，请不要挂机。",
        "您好，您拨打的用户已启用防骚扰服务，请稍后再拨。",
        "您好，您的电话已欠费，请充值。",
        "您好，您拨打的号码已过期，请稍后再拨。",
        "对不起，您拨打的用户暂时不方便接听您的电话，请在提示音后留言。",
        "Sorry, the subscriber you dialed can not be connected for the moment, please redial later.",
        "欢迎致电某某公司，普通话请按一，英语请按二，人工服务请按零。",
    ];
    let (library, _) = library(&CLIPS);
    let mut found = False::default();
    for other in others {
        let sound = looped(&at_level(&spoken(MANDARIN, other), Dbm0(-16.0)));
        found.hear(&library, &sound);
    }
    println!("other announcements of the same voice: {found:?}");
    // Where the words are the same for three seconds, so is the claim; it is taken back as soon as they part.
    assert_eq!(found.standing, 0, "{found:?}");
    assert!(found.momentary <= 6, "{found:?}");
}

#[test]
fn the_same_words_of_other_voices_are_no_match() {
    let (library, _) = library(&CLIPS);
    let mut found = False::default();
    for (name, pitch, words_a_minute) in
        [("cmn-latn-pinyin+f3", 60, 150), ("cmn-latn-pinyin", 25, 130), ("cmn-latn-pinyin+m4", 45, 180)]
    {
        for text in CLIPS {
            let voice = Voice { name, pitch, words_a_minute };
            found.hear(&library, &looped(&at_level(&spoken(voice, text), Dbm0(-16.0))));
        }
    }
    println!("the same words of other voices: {found:?}");
    assert_eq!(found.standing, 0, "{found:?}");
}

#[test]
fn hours_of_speech_and_music_are_no_match() {
    let (library, _) = library(&CLIPS);
    let text = "今天下午三点师傅来安装空调，态度很好，就是来得有点晚。我们还想问一下保修期是多久，\
        坏了以后找谁修理，费用怎么算。上次打电话没有人接，希望以后能够改进一下服务质量。";
    let english = "The quick brown fox jumps over the lazy dog while the engineer repairs the air conditioner. \
        Please tell us whether you were satisfied with the service you received last week.";
    let (mut speech, mut tunes) = (False::default(), False::default());
    for pitch in [0, 20, 40, 60, 80, 99] {
        for (name, words) in [("cmn-latn-pinyin", text), ("cmn-latn-pinyin+f2", text), ("en", english)] {
            let voice = Voice { name, pitch, words_a_minute: 140 + pitch };
            speech.hear(&library, &at_level(&spoken(voice, &words.repeat(20)), Dbm0(-16.0)));
        }
    }
    for seed in 0..30 {
        tunes.hear(&library, &music(seed, Dbm0(-16.0), 120_000));
    }
    println!("speech: {speech:?}\nmusic: {tunes:?}");
    assert!(speech.seconds > 3600 && tunes.seconds >= 3600, "{speech:?} {tunes:?}");
    assert_eq!((speech.momentary, tunes.momentary), (0, 0), "{speech:?} {tunes:?}");
}
