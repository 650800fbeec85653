//! Keys pressed before their question was asked: kept or dropped between questions, as the file has it.

mod support;

use std::sync::Arc;
use support::{key, small, small_ahead, tell, with};
use survey::{Event, Interview, Questionnaire, Setting};

const B: Event = Event::Begin;
const DONE: Event = Event::PromptDone;
const SAVED: Event = Event::Saved;

fn k(c: char) -> Event {
    Event::Key(key(c))
}

/// Feeds events in a row; what each brought.
fn told(questionnaire: &Arc<Questionnaire>, events: &[Event]) -> Vec<String> {
    let mut interview = Interview::start(questionnaire.clone(), Setting::default());
    let steps = events.iter().map(|event| interview.handle(*event));
    steps.map(|steps| steps.iter().map(tell).collect::<Vec<_>>().join(", ")).collect()
}

fn last(questionnaire: &Arc<Questionnaire>, events: &[Event]) -> String {
    told(questionnaire, events).pop().unwrap()
}

/// The identity gate is being asked.
const AT_IDENTITY: [Event; 3] = [B, DONE, SAVED];

fn at_identity(then: &[Event]) -> Vec<Event> {
    [&AT_IDENTITY[..], then].concat()
}

#[test]
fn keys_pressed_while_an_answer_is_saved_answer_the_questions_that_follow() {
    // Identity, whether now suits, and the first question, all at once.
    let events = at_identity(&[k('1'), k('1'), k('4'), SAVED, SAVED, SAVED, SAVED]);
    assert_eq!(
        told(&small_ahead(), &events)[3..],
        [
            "stop, save Identity(true)",
            "",
            "",
            "save Convenient(true)",
            "save quality=poor",
            "save Flag(Dissatisfied)",
            "say follow_up.why"
        ]
    );
}

#[test]
fn by_default_they_are_dropped_between_questions() {
    let events = at_identity(&[k('1'), k('1'), k('4'), SAVED, DONE]);
    assert_eq!(told(&small(), &events)[6..], ["say gate.convenient", "wait 5s"]);
}

#[test]
fn each_question_may_say_otherwise() {
    let keeps = with("    barge_in: false\n", "    type_ahead: true\n");
    let question = [k('1'), SAVED, k('1'), SAVED];
    // The first question drops them, the second takes one.
    assert_eq!(
        last(&keeps, &at_identity(&[&question[..], &[k('1'), k('1'), SAVED]].concat())),
        "save extra=none"
    );
    let drops = small_ahead_but_for_the_first();
    assert_eq!(last(&drops, &at_identity(&[k('1'), k('1'), k('4'), SAVED, SAVED])), "say question.quality");
}

fn small_ahead_but_for_the_first() -> Arc<Questionnaire> {
    let head = support::SMALL.replace("estimate: 60s", "estimate: 60s\ntype_ahead: true");
    let source = head.replace("kind: product_quality\n", "kind: product_quality\n    type_ahead: false\n");
    Arc::new(survey::parse("small.yaml", &source).unwrap())
}

#[test]
fn words_that_cannot_be_cut_short_are_said_before_a_key_typed_ahead_counts() {
    // The notice is said whole; a key during it answers the gate behind it.
    assert_eq!(
        told(&small_ahead(), &[B, k('1'), DONE, SAVED])[1..],
        ["", "save RecordingNoticed", "save Identity(true)"]
    );
    // The second question's words cannot be cut short.
    let at_extra = at_identity(&[k('1'), SAVED, k('1'), SAVED, k('1'), SAVED]);
    let pressed = [&at_extra[..], &[k('1'), DONE]].concat();
    assert_eq!(last(&small_ahead(), &pressed), "save extra=none");
    assert_eq!(last(&small(), &pressed), "wait 5s");
}

#[test]
fn a_key_that_is_no_answer_is_dropped_with_all_behind_it_and_is_no_mistake() {
    let events = at_identity(&[k('1'), k('7'), k('1'), SAVED, DONE]);
    assert_eq!(told(&small_ahead(), &events)[6..], ["say gate.convenient", "wait 5s"]);
}

#[test]
fn a_key_meant_for_now_does_not_wait() {
    let during = [k('1'), k('1'), k('0'), SAVED, SAVED];
    // The person is had as soon as what the earlier key said is kept.
    assert_eq!(
        told(&small_ahead(), &at_identity(&during))[5..],
        ["", "save Convenient(true)", "say question.quality, stop, save PersonAsked"]
    );
}

#[test]
fn a_spoken_answer_is_not_ended_by_keys_from_before_it() {
    let poor = at_identity(&[k('1'), SAVED, k('1'), SAVED, k('4'), k('1'), SAVED, SAVED, DONE]);
    assert_eq!(last(&small_ahead(), &poor), "record reason of quality");
    // Nor do they answer what comes behind it.
    let then = [&poor[..], &[Event::SpeechEnded, SAVED, DONE]].concat();
    assert_eq!(last(&small_ahead(), &then), "wait 5s");
}

#[test]
fn a_wrong_key_can_be_mended_while_it_is_being_noted() {
    let events = at_identity(&[k('7'), k('1'), SAVED]);
    assert_eq!(last(&small_ahead(), &events), "save Identity(true)");
    assert_eq!(last(&small(), &events), "say reply.wrong_key");
}
