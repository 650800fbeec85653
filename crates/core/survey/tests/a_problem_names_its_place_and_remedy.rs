//! Every kind of mistake in a file, and exactly what its author is told.

mod support;

use support::SMALL;

/// A mistake made by writing one thing for another, and what is reported.
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, &str)] = &[
    // YAML
    ("languages: [zh, en]", "languages: [zh, en", ""),
    ("estimate: 60s", "estimate: 60s\nestimate: 70s", ""),
    // Head
    ("questionnaire: small", "questionnair: small", ""),
    ("questionnaire: small", "questionnaire: Small one", ""),
    ("estimate: 60s", "estimate: 60", ""),
    ("estimate: 60s", "estimate: 2h", ""),
    ("title: {zh: 小, en: Small}", "title: {zh: 小}", ""),
    ("title: {zh: 小, en: Small}", "title: {zh: 小, en: Small, fr: Petit}", ""),
    ("title: {zh: 小, en: Small}", "title: Small", ""),
    ("languages: [zh, en]", "languages: [zh, en, en]", ""),
    ("variables: [company]", "patience: {retries: 9, wait: 50ms}\nvariables: [company]", ""),
    // Words
    ("{say: notice, keys: {8: object}}", "{say: notise, keys: {8: object}}", ""),
    ("en: quality}", "en: \" \"}", ""),
    ("{zh: 质量, en: quality}", "{zh: 质量}", ""),
    ("zh: 质量", "zh: \"{customer}\"", ""),
    ("zh: 质量", "zh: \"{质量\"", ""),
    ("audio: notice.wav", "audio: ../notice.wav", ""),
    ("audio: notice.wav", "audio: {fr: notice.wav}", ""),
    ("prompts:\n", "prompts:\n  spare: {zh: 一, en: one}\n", ""),
    // Gates
    ("  identity: {say: {zh: 本人吗, en: you}, keys: {1: yes, 2: wrong_person}}\n", "", ""),
    ("{1: yes, 2: wrong_person}", "{2: wrong_person}", ""),
    ("{1: yes, 2: wrong_person}", "{1: yes, 2: wrong_persn}", ""),
    ("{1: yes, 2: wrong_person}", "{1: yes, 9: wrong_person}", ""),
    ("{1: yes, 2: wrong_person}", "{1: yes, 12: wrong_person}", ""),
    ("{1: yes, 2: wrong_person}", "{1: yes, 8: wrong_person}", ""),
    ("{1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}", "{}", ""),
    ("  ask_time: {say: {zh: 何时, en: when}, keys: {1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}}\n", "", ""),
    ("2: ask_time, 3", "3", ""),
    // Questions
    ("- id: extra", "- id: quality", ""),
    ("- id: extra", "- id: why", ""),
    ("    kind: suggestion\n", "", ""),
    ("kind: suggestion", "kind: suggestions", ""),
    ("mandatory: false", "mandatory: no", ""),
    ("retries: 0", "retry: 0", ""),
    ("      1: {value: none, label: {zh: 没有, en: none}}\n", "      1:\n", ""),
    ("    keys:\n      1: {value: none, label: {zh: 没有, en: none}}\n", "    keys: {}\n", ""),
    ("1: {value: none,", "1: {value: none}\n      2: {value: none,", ""),
    ("      1: {value: none,", "      1: {value: one, label: {zh: 一, en: one}}\n      1: {value: none,", ""),
    ("1: {value: none", "0: {value: none", ""),
    ("flag: dissatisfied", "flag: disatisfied", ""),
    ("then: why", "then: wy", ""),
    ("value: none, label: {zh: 没有, en: none}", "value: none, label: {zh: 没有, en: none}, then: quality", ""),
    ("value: good, label: {zh: 好, en: good}", "value: good, label: {zh: 好, en: good}, then: closing", ""),
    ("    mandatory: false\n", "    mandatory: false\n", ""),
    // Follow-ups
    ("record: {max: 60s, end_silence: 3s}, ", "", ""),
    ("max: 60s", "max: 60m", ""),
    ("follow_ups:\n", "follow_ups:\n  more: {say: {zh: 还, en: more}, record: {max: 60s, end_silence: 3s}}\n", ""),
    ("tag: reason}", "tag: reason, then: why}", ""),
    // Anytime, replies, closings
    ("0: person, ", "", ""),
    ("confirm: true", "confirm: maybe", ""),
    ("  goodbye: {zh: 再见, en: bye}\n", "", ""),
    ("  opt_out_confirm: {zh: 确定吗, en: sure}\n", "", ""),
    ("any(flag == dissatisfied)", "any(flag = dissatisfied)", ""),
    ("any(flag == dissatisfied)", "any(flag == complaint)", ""),
    ("any(flag == dissatisfied)", "quality == pour", ""),
    ("any(flag == dissatisfied)", "qualty == poor", ""),
    ("  - {say: {zh: 谢谢, en: thanks}}\n", "", ""),
    ("  - {holiday: true, say", "  - {holiday: false, say", ""),
];

#[test]
fn print_all() {
    for (correct, mistake, _) in MISTAKES {
        assert!(SMALL.contains(correct), "{correct}");
        let source = SMALL.replacen(correct, mistake, 1);
        match survey::parse("small.yaml", &source) {
            Ok(_) => println!("OK?? {correct} -> {mistake}"),
            Err(problems) => println!("### {mistake}\n{problems}\n"),
        }
    }
}
