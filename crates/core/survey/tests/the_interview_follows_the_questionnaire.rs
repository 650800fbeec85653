//! Whole interviews: what the customer presses, and everything that is said, saved and done.

mod support;

use support::{play, small};
use survey::{Answer, Setting};

const GATES: &str = "say notice, save RecordingNoticed, say gate.identity, wait 5s, save Identity(true), \
    say gate.convenient, wait 5s, save Convenient(true), ";
const TO_CONVENIENT: &str = "say notice, save RecordingNoticed, say gate.identity, wait 5s, save Identity(true), say gate.convenient, wait 5s, ";

/// The customer's keys, whether the gates are left out of the expectation, and what happens.
#[rustfmt::skip]
const INTERVIEWS: &[(&str, &str, &str, &str)] = &[
    ("a satisfied customer", "1111", GATES,
        "say question.quality, wait 5s, save quality=good, say question.extra, wait 5s, save extra=none, \
         say closing.3, closing Completed"),
    ("a dissatisfied customer says why and hears the sorry closing", "1141", GATES,
        "say question.quality, wait 5s, save quality=poor, save Flag(Dissatisfied), say follow_up.why, \
         record reason of quality, save spoken reason of quality, say question.extra, wait 5s, save extra=none, \
         say closing.1, closing Completed"),
    ("an optional question is passed over in silence", "111-", GATES,
        "say question.quality, wait 5s, save quality=good, say question.extra, wait 5s, save no key at extra, \
         say closing.3, closing Completed"),
    ("wrong keys are forgiven twice", "11551", GATES,
        "say question.quality, wait 5s, save wrong 5 at quality, say reply.wrong_key, \
         say question.quality, wait 5s, save wrong 5 at quality, say reply.wrong_key, \
         say question.quality, wait 5s, save quality=good, say question.extra, wait 5s, save no key at extra, \
         say closing.3, closing Completed"),
    ("the third wrong key ends it", "11555", GATES,
        "say question.quality, wait 5s, save wrong 5 at quality, say reply.wrong_key, \
         say question.quality, wait 5s, save wrong 5 at quality, say reply.wrong_key, \
         say question.quality, wait 5s, save wrong 5 at quality, say reply.goodbye, end Partial"),
    ("star repeats three times, then counts as wrong", "11****1", GATES,
        "say question.quality, wait 5s, say question.quality, wait 5s, say question.quality, wait 5s, \
         say question.quality, wait 5s, save wrong * at quality, say reply.wrong_key, \
         say question.quality, wait 5s, save quality=good, say question.extra, wait 5s, save no key at extra, \
         say closing.3, closing Completed"),
    ("a person", "110", GATES,
        "say question.quality, wait 5s, save PersonAsked, save Flag(PersonAsked), say reply.transfer, transfer"),
    ("an opt-out takes the key twice", "1199", GATES,
        "say question.quality, wait 5s, say reply.opt_out_confirm, wait 5s, save OptOut, say reply.opted_out, \
         closing OptedOut"),
    ("an opt-out not confirmed goes on where it was", "11911", GATES,
        "say question.quality, wait 5s, say reply.opt_out_confirm, wait 5s, say question.quality, wait 5s, \
         save quality=good, say question.extra, wait 5s, save no key at extra, say closing.3, closing Completed"),
    ("silence does not confirm an opt-out", "119-1", GATES,
        "say question.quality, wait 5s, say reply.opt_out_confirm, wait 5s, say question.quality, wait 5s, \
         save quality=good, say question.extra, wait 5s, save no key at extra, say closing.3, closing Completed"),
    ("a wrong person", "2", "",
        "say notice, save RecordingNoticed, say gate.identity, wait 5s, save Identity(false), \
         say reply.wrong_person, closing WrongPerson"),
    ("nobody presses a key", "", "",
        "say notice, save RecordingNoticed, say gate.identity, wait 5s, save no key at gate.identity, \
         say reply.no_key, say gate.identity, wait 5s, save no key at gate.identity, \
         say reply.no_key, say gate.identity, wait 5s, save no key at gate.identity, say reply.goodbye, end NoKeyAtAll"),
    ("a busy customer says when", "122", TO_CONVENIENT,
        "save Convenient(false), say gate.ask_time, wait 5s, save TimeAsked(TomorrowMorning), say reply.time_noted, \
         closing Inconvenient(Some(TomorrowMorning))"),
    ("a busy customer does not say when", "12", TO_CONVENIENT,
        "save Convenient(false), say gate.ask_time, wait 5s, save no key at gate.ask_time, \
         say reply.no_key, say gate.ask_time, wait 5s, save no key at gate.ask_time, \
         say reply.no_key, say gate.ask_time, wait 5s, save no key at gate.ask_time, say reply.inconvenient, \
         closing Inconvenient(None)"),
    ("a busy customer hangs up when asked when", "12!", TO_CONVENIENT,
        "save Convenient(false), say gate.ask_time, wait 5s, end Inconvenient(None)"),
    ("a customer declines", "13", TO_CONVENIENT, "save Convenient(false), say reply.declined, closing Declined"),
    ("an objection to the recording is heard at any gate", "18", TO_CONVENIENT,
        "stop recording, save ObjectedToRecording, say reply.not_recorded, closing Declined"),
    ("hanging up before the first answer", "11!", GATES, "say question.quality, wait 5s, end HungUpEarly"),
    ("hanging up with only an optional question open", "111!", GATES,
        "say question.quality, wait 5s, save quality=good, say question.extra, wait 5s, end Completed"),
];

#[test]
fn every_interview_goes_as_told() {
    for (who, script, gates, then) in INTERVIEWS {
        let expected = words(&format!("{gates}{then}"));
        assert_eq!(play(&small(), Setting::default(), script).join(", "), expected, "{who}");
    }
}

#[test]
fn the_language_of_the_setting_is_spoken() {
    let mut interview =
        survey::Interview::start(small(), Setting { language: Some("en".into()), ..Setting::default() });
    let steps = interview.handle(survey::Event::Begin);
    assert!(matches!(&steps[..], [survey::Step::Say { prompt, barge_in: false }] if prompt.language == "en"));
}

#[test]
fn a_language_the_questionnaire_lacks_leaves_the_default() {
    let interview =
        survey::Interview::start(small(), Setting { language: Some("fr".into()), ..Setting::default() });
    assert_eq!(interview.language(), "zh");
}

#[test]
fn near_a_festival_the_closing_greets_it_unless_the_customer_is_dissatisfied() {
    let holiday = Setting { holiday: true, ..Setting::default() };
    assert!(play(&small(), holiday.clone(), "1111").contains(&"say closing.2".to_owned()));
    assert!(play(&small(), holiday, "1141").contains(&"say closing.1".to_owned()));
}

#[test]
fn a_resumed_interview_asks_only_what_is_open() {
    let given = Answer {
        question: "quality".into(),
        key: support::key('4'),
        value: "poor".into(),
        label: "差".into(),
        flag: Some("dissatisfied".into()),
    };
    let unknown = Answer { question: "gone".into(), ..given.clone() };
    let setting = Setting { resume: vec![given.clone(), unknown, given], ..Setting::default() };
    let told = play(&small(), setting, "111");
    let then = "say question.extra, wait 5s, save extra=none, say closing.1, closing Completed";
    assert_eq!(told.join(", "), words(&format!("{GATES}{then}")));
}

#[test]
fn a_question_jumped_over_is_not_missed() {
    let source = support::SMALL.replace("    mandatory: false\n", "").replace(
        "value: good, label: {zh: 好, en: good}",
        "value: good, label: {zh: 好, en: good}, then: closing",
    );
    let jumping = std::sync::Arc::new(survey::parse("small.yaml", &source).unwrap());
    let told = play(&jumping, Setting::default(), "111");
    let then = "say question.quality, wait 5s, save quality=good, say closing.3, closing Completed";
    assert_eq!(told.join(", "), words(&format!("{GATES}{then}")));
}

#[test]
fn the_language_is_chosen_by_key_unless_the_setting_knows_it() {
    let gate = "gates:\n  language: {say: {zh: 语言, en: language}, keys: {1: zh, 2: en}}\n";
    let source = support::SMALL.replace("gates:\n", gate);
    let choosing = std::sync::Arc::new(survey::parse("small.yaml", &source).unwrap());
    let mut interview = survey::Interview::start(choosing.clone(), Setting::default());
    interview.handle(survey::Event::Begin);
    let steps = interview.handle(survey::Event::Key(support::key('2')));
    assert_eq!(steps.iter().map(support::tell).collect::<Vec<_>>(), ["stop", "say notice"]);
    assert_eq!(interview.language(), "en");
    let known = Setting { language: Some("zh".into()), ..Setting::default() };
    assert_eq!(play(&choosing, known, "!")[0], "say notice");
    let silent = play(&choosing, Setting::default(), "---2");
    assert_eq!(silent.last().unwrap(), "closing WrongPerson", "silence leaves the default language");
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
