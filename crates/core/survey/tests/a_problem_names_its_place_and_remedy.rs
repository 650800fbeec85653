//! Every kind of mistake in a file, and exactly what its author is told.

mod support;

use support::SMALL;

/// A mistake made by writing one thing for another, and what is reported.
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, &str)] = &[
    // YAML
    ("languages: [zh, en]", "languages: [zh, en",
        "small.yaml:4:9: this is not readable YAML: illegal placement of ':' indicator. Check quotes, brackets and indentation there; inside {…}, words with a comma or braces need quotes."),
    ("estimate: 60s", "estimate: 60s\nestimate: 70s",
        "small.yaml:5:1: `estimate` stands twice in the questionnaire. Keep one of them."),
    // Head
    ("questionnaire: small", "questionnair: small",
        "small.yaml:1:1: the questionnaire has no `questionnair`. Did you mean `questionnaire`?\nsmall.yaml:1:1: the questionnaire lacks `questionnaire`. Add a name such as `questionnaire: satisfaction-2026`."),
    ("questionnaire: small", "questionnaire: Small one",
        "small.yaml:1:16: questionnaire `Small one` is not a name. Use lower-case letters, digits, `_` and `-` only."),
    ("estimate: 60s", "estimate: 60",
        "small.yaml:4:11: estimate is `60`. Write a time from 10s to 30m, with its unit: ms, s or m."),
    ("estimate: 60s", "estimate: 2h",
        "small.yaml:4:11: estimate is `2h`. Write a time from 10s to 30m, with its unit: ms, s or m."),
    ("title: {zh: 小, en: Small}", "title: {zh: 小}",
        "small.yaml:2:8: title has no words in `en`. Add `en: …`, or take `en` out of languages."),
    ("title: {zh: 小, en: Small}", "title: {zh: 小, en: Small, fr: Petit}",
        "small.yaml:2:27: title has words in `fr`, which is not among languages. Use one of: zh, en; or add it to languages."),
    ("title: {zh: 小, en: Small}", "title: Small",
        "small.yaml:2:8: title is not given language by language. Write it as {zh: …, en: …}."),
    ("languages: [zh, en]", "languages: [zh, en, en]",
        "small.yaml:3:21: `en` stands twice in languages. Keep one of them."),
    ("variables: [company]", "patience: {retries: 9, wait: 50ms}\nvariables: [company]",
        "small.yaml:5:21: retries of patience is `9`. Write a whole number from 0 to 5.\nsmall.yaml:5:30: wait of patience is `50ms`. Write a time from 1s to 30s, with its unit: ms, s or m."),
    ("variables: [company]", "type_ahead: perhaps\nvariables: [company]",
        "small.yaml:5:13: type_ahead is `perhaps`. Write true or false."),
    // Words
    ("{say: notice, keys: {8: object}}", "{say: notise, keys: {8: object}}",
        "small.yaml:7:3: prompt `notice` is never spoken. Say it somewhere, or remove it.\nsmall.yaml:9:27: gate recording_notice says `notise`, which prompts does not have. Did you mean `notice`? Or write the words in place: {zh: …, en: …}."),
    ("en: quality}", "en: \" \"}",
        "small.yaml:16:23: question `quality` in `en` is empty. Write it, or remove the line."),
    ("{zh: 质量, en: quality}", "{zh: 质量}",
        "small.yaml:16:10: question `quality` has no words in `en`. Add `en: …`, or take `en` out of languages."),
    ("zh: 质量", "zh: \"{customer}\"",
        "small.yaml:16:10: question `quality` in `zh` uses {customer}, which variables does not list. Add `customer` to variables, or write the words themselves."),
    ("zh: 质量", "zh: \"{质量\"",
        "small.yaml:16:10: question `quality` in `zh` has a brace without its pair. Write a variable as {company}, or remove the brace."),
    ("audio: notice.wav", "audio: ../notice.wav",
        "small.yaml:7:68: audio `../notice.wav` lies outside the questionnaire's folder. Put the file beside the questionnaire and write its path from there."),
    ("audio: notice.wav", "audio: {fr: notice.wav}",
        "small.yaml:7:73: prompt `notice` has audio in `fr`, which is not among languages. Use one of: zh, en."),
    ("prompts:\n", "prompts:\n  spare: {zh: 一, en: one}\n",
        "small.yaml:7:3: prompt `spare` is never spoken. Say it somewhere, or remove it."),
    // Gates
    ("  identity: {say: {zh: 本人吗, en: you}, keys: {1: yes, 2: wrong_person}}\n", "",
        "small.yaml:9:3: gates lacks `identity`. Add it with a `say` and keys such as {1: yes, 2: wrong_person}."),
    ("{1: yes, 2: wrong_person}", "{2: wrong_person}",
        "small.yaml:10:45: no key of gate identity lets the customer through. Give one key `yes`."),
    ("{1: yes, 2: wrong_person}", "{1: yes, 2: wrong_persn}",
        "small.yaml:10:57: key 2 of gate identity leads to `wrong_persn`, which is nowhere. Did you mean `wrong_person`?"),
    ("{1: yes, 2: wrong_person}", "{1: yes, 9: wrong_person}",
        "small.yaml:10:54: keys of gate identity have 9, which anytime uses everywhere. Use another key here, or another one in anytime."),
    ("{1: yes, 2: wrong_person}", "{1: yes, 12: wrong_person}",
        "small.yaml:10:54: `12` is not a telephone key. Use one of 0 to 9, \"*\" or \"#\" (the last two in quotes)."),
    ("{1: yes, 2: wrong_person}", "{1: yes, 8: wrong_person}",
        "small.yaml:9:3: key 8 objects to the recording until question 1, but gate identity uses it too. Use different keys."),
    ("{1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}", "{}",
        "small.yaml:12:45: gate ask_time has no keys. Add keys that lead to later_today, tomorrow_morning, tomorrow_afternoon."),
    ("  ask_time: {say: {zh: 何时, en: when}, keys: {1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}}\n", "",
        "small.yaml:9:3: gate convenient leads to ask_time, which gates does not have. Add a gate ask_time with keys {1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}."),
    ("2: ask_time, 3", "3",
        "small.yaml:9:3: no key leads to gate ask_time. Give a key of gate convenient `ask_time`, or remove it."),
    // Questions
    ("- id: extra", "- id: quality",
        "small.yaml:20:5: two questions have the id `quality`. Give each its own."),
    ("- id: extra", "- id: why",
        "small.yaml:20:5: the id `why` already names a follow-up or the closing. Give the question another id."),
    ("    kind: suggestion\n", "",
        "small.yaml:20:5: question `extra` lacks `kind`. Add one of: product_quality, service_quality, suggestion, promise, compliance, remedy, call_itself, other."),
    ("kind: suggestion", "kind: suggestions",
        "small.yaml:21:11: kind is `suggestions`, which is unknown. Did you mean `suggestion`?"),
    ("mandatory: false", "mandatory: no",
        "small.yaml:22:16: mandatory is `no`. Write true or false."),
    ("retries: 0", "retry: 0",
        "small.yaml:23:5: question `extra` has no `retry`. Did you mean `retries`?"),
    ("      1: {value: none, label: {zh: 没有, en: none}}\n", "      1:\n",
        "small.yaml:27:7: key 1 of question `extra` leads nowhere. Give it a value and a label, or remove it."),
    ("    keys:\n      1: {value: none, label: {zh: 没有, en: none}}\n", "    keys: {}\n",
        "small.yaml:26:11: question `extra` has no keys, so no path leaves it. Add a key for each answer."),
    ("1: {value: none,", "1: {value: none}\n      2: {value: none,",
        "small.yaml:27:10: key 1 of question `extra` lacks `label`. Add what people read, such as `label: {zh: 满意, en: satisfied}`."),
    ("      1: {value: none,", "      1: {value: one, label: {zh: 一, en: one}}\n      1: {value: none,",
        "small.yaml:28:7: `1` stands twice in keys of question `extra`. Keep one of them."),
    ("1: {value: none", "0: {value: none",
        "small.yaml:27:7: keys of question `extra` have 0, which anytime uses everywhere. Use another key here, or another one in anytime."),
    ("flag: dissatisfied", "flag: disatisfied",
        "small.yaml:19:56: flag is `disatisfied`, which is unknown. Did you mean `dissatisfied`?\nsmall.yaml:44:12: the condition asks for flag `dissatisfied`, which no answer there has. Remove it; there is none to choose from."),
    ("then: why", "then: wy",
        "small.yaml:19:76: key 4 of question `quality` leads to `wy`, which is neither a follow-up nor a question. Did you mean `why`?"),
    ("value: none, label: {zh: 没有, en: none}", "value: none, label: {zh: 没有, en: none}, then: quality",
        "small.yaml:20:5: question `extra` leads back to question `quality`, so no path is sure to end. Lead to a later question, or to `closing`."),
    // Follow-ups
    ("record: {max: 60s, end_silence: 3s}, ", "",
        "small.yaml:29:8: follow-up `why` lacks `record`. Without it no path leaves the follow-up: add `record: {max: 60s, end_silence: 3s}`."),
    ("max: 60s", "max: 60m",
        "small.yaml:29:48: max is `60m`. Write a time from 1s to 5m, with its unit: ms, s or m."),
    ("follow_ups:\n", "follow_ups:\n  more: {say: {zh: 还, en: more}, record: {max: 60s, end_silence: 3s}}\n",
        "small.yaml:29:3: follow-up `more` is never reached. Let a key lead to it with `then: more`, or remove it."),
    ("tag: reason}", "tag: reason, then: why}",
        "small.yaml:29:3: follow-up `why` leads back to follow-up `why`, so no path is sure to end. Lead to a later question, or to `closing`."),
    // Anytime, replies, closings
    ("0: person, ", "",
        "small.yaml:30:10: no key of anytime leads to a person. Add `0: person`: a person can be had at any time (rule W9.7)."),
    ("confirm: true", "confirm: maybe",
        "small.yaml:30:61: confirm is `maybe`. Write true or false."),
    ("  goodbye: {zh: 再见, en: bye}\n", "",
        "small.yaml:32:3: nothing is said after too many wrong or missing keys: replies lacks `goodbye`. Add `goodbye` with what the customer hears then."),
    ("  opt_out_confirm: {zh: 确定吗, en: sure}\n", "",
        "small.yaml:32:3: nothing is said after the opt-out key: replies lacks `opt_out_confirm`. Add `opt_out_confirm` with what the customer hears then."),
    ("any(flag == dissatisfied)", "any(flag = dissatisfied)",
        "small.yaml:44:12: the condition has `flag = dissatisfied`, where one `==` or `!=` is needed. Write such as `any(flag == dissatisfied)`, `all(value == satisfied)` or `stability == poor`, joined by and, or."),
    ("any(flag == dissatisfied)", "any(flag == complaint)",
        "small.yaml:44:12: the condition asks for flag `complaint`, which no answer there has. Use one of: dissatisfied."),
    ("any(flag == dissatisfied)", "quality == pour",
        "small.yaml:44:12: the condition asks for value `pour`, which no answer there has. Did you mean `poor`?"),
    ("any(flag == dissatisfied)", "qualty == poor",
        "small.yaml:44:12: the condition asks for question `qualty`, which there is not. Did you mean `quality`?"),
    ("  - {say: {zh: 谢谢, en: thanks}}\n", "",
        "small.yaml:45:5: no closing fits when all the conditions fail. End the list with a closing that has neither `when` nor `holiday`."),
    ("  - {holiday: true, say", "  - {holiday: false, say",
        "small.yaml:45:5: the closings after this one are never reached. Move it to the end, or give it a `when`."),
];

#[test]
fn every_mistake_is_told_with_its_place_and_remedy() {
    for (correct, mistake, told) in MISTAKES {
        assert!(SMALL.contains(correct), "{correct}");
        let source = SMALL.replacen(correct, mistake, 1);
        let problems = survey::parse("small.yaml", &source).expect_err(mistake);
        assert_eq!(problems.to_string(), *told);
    }
}

#[test]
fn a_file_without_mistakes_has_no_problems() {
    assert_eq!(survey::parse("small.yaml", SMALL).err(), None);
}

#[test]
fn all_problems_of_a_file_are_told_in_the_order_of_their_places() {
    let source = SMALL
        .replace("estimate: 60s", "estimate: soon")
        .replace("then: why", "then: wy")
        .replace("  goodbye: {zh: 再见, en: bye}\n", "")
        .replace("audio: notice.wav", "audio: /notice.wav");
    let problems = survey::parse("small.yaml", &source).unwrap_err();
    let lines: Vec<_> = problems.list.iter().map(|problem| problem.place.unwrap().line).collect();
    assert_eq!(lines, [4, 7, 19, 32]);
}

#[test]
fn a_question_all_paths_jump_over_is_told() {
    let source = SMALL
        .replace(
            "value: good, label: {zh: 好, en: good}",
            "value: good, label: {zh: 好, en: good}, then: closing",
        )
        .replace("tag: reason}", "tag: reason, then: closing}");
    let told = survey::parse("small.yaml", &source).unwrap_err().to_string();
    assert_eq!(
        told,
        "small.yaml:20:5: question `extra` is never reached. Let a `then` lead to it, or remove it."
    );
}

#[test]
fn a_questionnaire_without_a_mandatory_question_is_refused() {
    let source = SMALL.replace("kind: product_quality", "kind: product_quality\n    mandatory: false");
    let told = survey::parse("small.yaml", &source).unwrap_err().to_string();
    let expected = "small.yaml:14:3: no question is mandatory, so a call without any answer would count as a success. \
        Leave `mandatory: false` out of at least one.";
    assert_eq!(told, expected);
}

#[test]
fn more_than_five_questions_need_a_reason() {
    let one_more = |n| {
        format!(
            "  - {{id: more-{n}, kind: other, say: {{zh: 问, en: ask}}, \
             keys: {{1: {{value: yes, label: {{zh: 是, en: yes}}}}}}}}\n"
        )
    };
    let more = [1, 2, 3, 4].map(one_more).concat();
    let six = SMALL.replace("follow_ups:\n", &format!("{more}follow_ups:\n"));
    let told = survey::parse("small.yaml", &six).unwrap_err().to_string();
    let expected = "small.yaml:14:3: 6 questions are more than the 5 a call may ask (rule G4.2). \
        Split it over several calls, or add `more_than_five:` with your reason.";
    assert_eq!(told, expected);
    let reasoned =
        six.replace("estimate: 60s", "estimate: 60s\nmore_than_five: asked for by the customer council");
    assert_eq!(survey::parse("small.yaml", &reasoned).err(), None);
}

#[test]
fn a_file_that_is_no_map_is_told() {
    for source in ["", "a word", "- a list", "{", "\t", "a: &a [*a]", "\u{feff}", "? [1]: 2"] {
        assert!(!survey::parse("x.yaml", source).unwrap_err().list.is_empty(), "{source:?}");
    }
}
