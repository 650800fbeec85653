//! The markers of a recording in the page's language.

use records::{KeyWay, Marker};

use super::ui::Ui;

/// What the cue's text says; the text itself where it is no marker's.
pub(super) fn cue(ui: &Ui, label: &str) -> String {
    let Ok(marker) = label.parse::<Marker>() else { return label.to_owned() };
    let (slug, particulars) = match marker {
        Marker::At { place } => ("at", place),
        Marker::PromptBegins { name } => ("prompt_begins", name),
        Marker::PromptEnds { name } => ("prompt_ends", name),
        Marker::PromptCut { name } => ("prompt_cut", name),
        Marker::Key { digit, by: KeyWay::Event } => ("key", digit.to_string()),
        Marker::Key { digit, by: KeyWay::Tone } => ("key_by_tone", digit.to_string()),
        Marker::Key { digit, by: KeyWay::Info } => ("key_by_info", digit.to_string()),
        Marker::MaskedKey => ("key_masked", String::new()),
        Marker::Answer { question, value } => ("answer", format!("{question} = {value}")),
        Marker::SpeechBegins { name } => ("speech_begins", name),
        Marker::SpeechEnds { name } => ("speech_ends", name),
        Marker::NoSpeech { name } => ("no_speech", name),
        Marker::Hold => ("hold", String::new()),
        Marker::Resume => ("resume", String::new()),
        Marker::Transfer => ("transfer", String::new()),
        Marker::Heard { what } => ("heard", heard(ui, &what)),
        Marker::Lost { sound, over } => ("lost", format!("{} / {} ms", sound.as_millis(), over.as_millis())),
        Marker::Nothing { length } => ("nothing", format!("{} ms", length.as_millis())),
    };
    format!("{} {particulars}", ui.word("marker", slug)).trim_end().to_owned()
}

/// The recorder's words for what was made out by ear, those first that begin as others do; of an announcement its clip
/// stands behind them.
fn heard(ui: &Ui, what: &str) -> String {
    const WORDS: [(&str, &str); 14] = [
        ("ring-back tone", "ringback"),
        ("busy tone", "busy_tone"),
        ("congestion tone", "congestion_tone"),
        ("number unobtainable tone", "unobtainable_tone"),
        ("special information tone VC", "vacant_tone"),
        ("special information tone NC", "no_circuit_tone"),
        ("special information tone", "information_tone"),
        ("fax", "fax"),
        ("silence", "silence"),
        ("beep", "beep"),
        ("human or machine", "nobody"),
        ("human", "human"),
        ("machine", "machine"),
        ("announcement", "announcement"),
    ];
    let found = WORDS.iter().find_map(|(words, slug)| Some((slug, what.strip_prefix(words)?)));
    found.map_or_else(|| what.to_owned(), |(slug, rest)| format!("{}{rest}", ui.word("heard", slug)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use audio::Tone;
    use hearing::{Answered, FaxTone, Sit, What};

    use super::*;
    use crate::text::Lang;

    fn in_chinese(label: &str) -> String {
        cue(&Ui::plain(Lang::Zh), label)
    }

    #[test]
    fn every_marker_is_told_in_chinese() {
        let name = || "notice".to_owned();
        for (marker, told) in [
            (Marker::At { place: "stability".to_owned() }, "到达 stability"),
            (Marker::PromptBegins { name: name() }, "播放 notice"),
            (Marker::PromptEnds { name: name() }, "播完 notice"),
            (Marker::PromptCut { name: name() }, "播放被打断 notice"),
            (Marker::Key { digit: '5', by: KeyWay::Event }, "按键 5"),
            (Marker::Key { digit: '5', by: KeyWay::Tone }, "按键（音频） 5"),
            (Marker::Key { digit: '5', by: KeyWay::Info }, "按键（信令） 5"),
            (Marker::MaskedKey, "按键（已屏蔽）"),
            (Marker::Answer { question: "q".to_owned(), value: "poor".to_owned() }, "回答 q = poor"),
            (Marker::SpeechBegins { name: name() }, "开始说话 notice"),
            (Marker::SpeechEnds { name: name() }, "说话结束 notice"),
            (Marker::NoSpeech { name: name() }, "未说话 notice"),
            (Marker::Hold, "保持"),
            (Marker::Resume, "恢复通话"),
            (Marker::Transfer, "转接"),
            (Marker::Heard { what: "announcement vacant-2".to_owned() }, "听出 运营商提示 vacant-2"),
            (
                Marker::Lost { sound: Duration::from_millis(40), over: Duration::from_millis(60) },
                "丢包 40 / 60 ms",
            ),
            (Marker::Nothing { length: Duration::from_millis(200) }, "无数据 200 ms"),
        ] {
            assert_eq!(in_chinese(&marker.to_string()), told);
        }
        assert_eq!(in_chinese("set by hand"), "set by hand");
    }

    #[test]
    fn whatever_can_be_heard_has_a_word() {
        let found = [
            What::Sit(Sit::Plain),
            What::Sit(Sit::Intercept),
            What::Sit(Sit::VacantCode),
            What::Sit(Sit::Reorder),
            What::Sit(Sit::NoCircuit),
            What::Fax(FaxTone::Calling),
            What::Fax(FaxTone::Answering),
            What::Silence,
            What::Beep,
            What::Answered(Answered::Human),
            What::Answered(Answered::Machine),
            What::Answered(Answered::Unknown),
            What::Announcement(0),
        ];
        let tones = [Tone::Ringback, Tone::Busy, Tone::Congestion, Tone::Unobtainable];
        for words in found.map(What::words).into_iter().chain(tones.map(Tone::words)) {
            let told = in_chinese(&Marker::Heard { what: words.to_owned() }.to_string());
            let kind = told.strip_prefix("听出 ").unwrap();
            assert!(kind.starts_with(|c: char| !c.is_ascii()), "{words}: {told}");
        }
        assert_eq!(in_chinese("heard: human or machine"), "听出 无法判断谁接听");
        assert_eq!(in_chinese("heard: special information tone VC"), "听出 特殊信息音：空号");
    }
}
