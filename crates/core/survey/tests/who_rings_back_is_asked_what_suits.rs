//! Customers who ring back a missed call.

mod support;

use support::{SHIPPED, SMALL, play, shipped, small};
use survey::{Answer, Setting, Wish};

fn rings_back(script: &str) -> String {
    play(&small(), Setting { ring_back: true, ..Setting::default() }, script).join(", ")
}

const GREETED: &str =
    "say ring_back.greeting, say notice, save RecordingNoticed, say ring_back.menu, wait 5s, ";

/// The customer's keys, and what happens after the greeting.
#[rustfmt::skip]
const COURSES: &[(&str, &str, &str)] = &[
    ("now", "1111",
        "save Convenient(true), say gate.identity, wait 5s, save Identity(true), \
         say question.quality, wait 5s, save quality=good, say question.extra, wait 5s, save extra=none, \
         say closing.3, closing Completed"),
    ("another time", "22",
        "save Convenient(false), say gate.ask_time, wait 5s, save TimeAsked(TomorrowMorning), \
         say reply.time_noted, closing Inconvenient(Some(TomorrowMorning))"),
    ("a person", "0", "save PersonAsked, save Flag(PersonAsked), say reply.transfer, transfer"),
    ("never again", "99", "say reply.opt_out_confirm, wait 5s, save OptOut, say reply.opted_out, closing OptedOut"),
    ("no recording", "8", "stop recording, save ObjectedToRecording, say reply.not_recorded, closing Declined"),
    ("somebody else", "12",
        "save Convenient(true), say gate.identity, wait 5s, save Identity(false), \
         say reply.wrong_person, closing WrongPerson"),
    ("gone at once", "!", "end HungUpEarly"),
];

#[test]
fn each_wish_leads_where_it_should() {
    for (who, script, expected) in COURSES {
        assert_eq!(rings_back(script), format!("{GREETED}{expected}"), "{who}");
    }
}

#[test]
fn answers_of_an_earlier_call_are_not_asked_again() {
    let given = Answer {
        question: "quality".into(),
        key: support::key('1'),
        value: "good".into(),
        label: "好".into(),
        flag: None,
    };
    let setting = Setting { ring_back: true, resume: vec![given], ..Setting::default() };
    let told = play(&small(), setting, "111").join(", ");
    assert!(told.contains("say question.extra") && !told.contains("say question.quality"), "{told}");
}

#[test]
fn a_questionnaire_that_never_asks_for_a_time_asks_who_rings_back() {
    let source = SMALL
        .replace("  convenient: {say: {zh: 方便吗, en: now}, keys: {1: yes, 2: ask_time, 3: decline}}\n", "")
        .replace(
            "  ask_time: {say: {zh: 何时, en: when}, keys: {1: later_today, 2: tomorrow_morning, 3: tomorrow_afternoon}}\n",
            "",
        )
        .replace("  time_noted: {zh: 记下, en: noted}\n", "");
    let questionnaire = std::sync::Arc::new(survey::parse("small.yaml", &source).unwrap());
    let told = play(&questionnaire, Setting { ring_back: true, ..Setting::default() }, "23").join(", ");
    assert!(
        told.ends_with(
            "say ring_back.ask_time, wait 5s, save TimeAsked(TomorrowAfternoon), say ring_back.parting, \
             closing Inconvenient(Some(TomorrowAfternoon))"
        ),
        "{told}"
    );
}

#[test]
fn without_a_section_the_words_are_ours_and_name_the_keys_that_are_free() {
    let questionnaire = small();
    let text = |id: &str, language: &str| questionnaire.prompts[id].text[language].clone();
    assert_eq!(text("ring_back.menu", "zh"), "现在开始请按一，希望换个时间请按二，需要人工服务请按零。");
    assert!(
        text("ring_back.greeting", "en").contains("{company}")
            && text("ring_back.greeting", "en").contains("Small")
    );
    assert!(!questionnaire.ring_back.written);
    let spoken = |ours: bool| -> Vec<String> {
        let id = |(prompt, ..): (survey::PromptRef, _, _)| prompt.id;
        let list: Vec<String> = if ours {
            questionnaire.spoken_by_us().map(id).collect()
        } else {
            questionnaire.spoken().map(id).collect()
        };
        list.into_iter().filter(|id| id.starts_with("ring_back")).collect()
    };
    assert!(spoken(false).is_empty(), "outbound calls need none of it");
    assert_eq!(spoken(true).len(), 4, "greeting and menu in two languages: the rest the file has");

    let taken = SMALL.replace("keys: {8: object}", "keys: {1: object}").replace("1: yes", "7: yes");
    let taken = taken.replace("{1: later_today", "{7: later_today");
    let taken = survey::parse("small.yaml", &taken).unwrap();
    let keys: Vec<_> =
        taken.ring_back.menu.keys.iter().map(|(key, wish)| (char::from(*key), *wish)).collect();
    assert_eq!(keys, [('2', Wish::Now), ('3', Wish::AskTime)]);
}

#[test]
fn the_shipped_questionnaires_greet_in_words_of_their_own() {
    for name in SHIPPED {
        let questionnaire = shipped(name);
        assert!(questionnaire.ring_back.written, "{name}");
        assert_eq!(questionnaire.ring_back.menu.keys.len(), 2);
    }
}

#[test]
fn a_section_that_leads_nowhere_is_refused_with_its_place() {
    let section = "ring_back: {greeting: {zh: 您好, en: hello}, say: {zh: 选, en: choose}, keys: {1: now, 2: ask_time}}\n";
    let with =
        |from: &str, to: &str| survey::parse("small.yaml", &(SMALL.to_owned() + &section.replace(from, to)));
    with("", "").unwrap();
    for (from, to, named) in [
        ("1: now, ", "", "now"),
        ("2: ask_time", "2: ask_tyme", "Did you mean `ask_time`?"),
        ("2: ask_time", "8: ask_time", "objects to the recording"),
        ("2: ask_time", "9: ask_time", "anytime uses everywhere"),
        ("greeting: {zh: 您好, en: hello}, ", "", "greeting"),
        ("greeting: {zh: 您好, en: hello}", "greeting: {zh: 您好}", "`en`"),
    ] {
        let problems = with(from, to).unwrap_err().to_string();
        assert!(problems.contains(named), "{named} is not in: {problems}");
    }
}
