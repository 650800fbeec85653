//! Type-ahead, prompts that cannot be cut short, keys while saving and while recording.

mod support;

use support::{key, small, tell};
use survey::{Event, Interview, Outcome, Setting};

/// Feeds events in a row; what the last one brought.
fn after(events: &[Event]) -> (Interview, String) {
    let mut interview = Interview::start(small(), Setting::default());
    let mut last = Vec::new();
    for event in events {
        last = interview.handle(*event);
    }
    let told = last.iter().map(tell).collect::<Vec<_>>().join(", ");
    (interview, told)
}

const B: Event = Event::Begin;
const DONE: Event = Event::PromptDone;
const SAVED: Event = Event::Saved;

fn k(c: char) -> Event {
    Event::Key(key(c))
}

/// All that happened before the first question is being said.
fn at_question(then: &[Event]) -> (Interview, String) {
    let mut events = vec![B, DONE, SAVED, k('1'), SAVED, k('1'), SAVED];
    events.extend_from_slice(then);
    after(&events)
}

/// The same for the question whose prompt cannot be cut short.
fn at_uncut(then: &[Event]) -> (Interview, String) {
    let mut events = vec![k('1'), SAVED];
    events.extend_from_slice(then);
    at_question(&events)
}

#[test]
fn a_key_cuts_a_prompt_short_and_counts() {
    assert_eq!(at_question(&[k('1')]).1, "stop, save quality=good");
}

#[test]
fn a_key_during_an_uncut_prompt_is_not_heard() {
    assert_eq!(at_uncut(&[k('1')]).1, "");
    assert_eq!(at_uncut(&[k('*')]).1, "");
    assert_eq!(at_uncut(&[k('1'), DONE]).1, "wait 5s");
}

#[test]
fn a_person_and_the_opt_out_are_heard_even_during_an_uncut_prompt() {
    assert_eq!(at_uncut(&[k('0')]).1, "stop, save PersonAsked");
    assert_eq!(at_uncut(&[k('9')]).1, "stop, say reply.opt_out_confirm");
}

#[test]
fn an_objection_is_heard_during_the_notice_and_not_after_the_first_question_began() {
    assert_eq!(after(&[B, k('8')]).1, "stop, stop recording, save ObjectedToRecording");
    assert_eq!(at_question(&[k('8')]).1, "stop, save wrong 8 at quality");
}

#[test]
fn nothing_is_said_before_an_answer_is_durable() {
    assert_eq!(at_question(&[k('4')]).1, "stop, save quality=poor");
    assert_eq!(at_question(&[k('4'), SAVED]).1, "save Flag(Dissatisfied)");
    assert_eq!(at_question(&[k('4'), SAVED, SAVED]).1, "say follow_up.why");
}

#[test]
fn a_second_press_while_saving_answers_nothing_more() {
    assert_eq!(at_question(&[k('1'), k('1')]).1, "");
    assert_eq!(at_question(&[k('1'), k('1'), SAVED]).1, "say question.extra");
}

#[test]
fn a_person_asked_for_while_saving_is_not_forgotten() {
    assert_eq!(at_question(&[k('1'), k('0'), SAVED]).1, "say question.extra, stop, save PersonAsked");
}

#[test]
fn any_key_ends_a_spoken_answer() {
    let speaking = [k('4'), SAVED, SAVED, DONE];
    for c in ['#', '*', '5'] {
        assert_eq!(
            at_question(&[&speaking[..], &[k(c)]].concat()).1,
            "stop span, save spoken reason of quality"
        );
    }
}

#[test]
fn a_person_asked_for_while_speaking_keeps_what_was_said() {
    let asked = [k('4'), SAVED, SAVED, DONE, k('0')];
    assert_eq!(at_question(&asked).1, "stop span, save spoken reason of quality");
    assert_eq!(at_question(&[&asked[..], &[SAVED]].concat()).1, "save PersonAsked");
}

#[test]
fn an_opt_out_while_speaking_is_asked_about_once_the_speech_is_kept() {
    let told = at_question(&[k('4'), SAVED, SAVED, DONE, k('9'), SAVED]).1;
    assert_eq!(told, "say question.extra, stop, say reply.opt_out_confirm");
}

#[test]
fn hanging_up_while_speaking_keeps_the_speech() {
    let (interview, told) = at_question(&[k('4'), SAVED, SAVED, DONE, Event::HungUp]);
    assert_eq!(told, "stop span, save spoken reason of quality, end Completed");
    assert!(interview.is_over());
}

#[test]
fn hanging_up_while_saving_gives_out_the_rest_to_be_saved() {
    let (interview, told) = at_question(&[k('4'), Event::HungUp]);
    assert_eq!(told, "save Flag(Dissatisfied), end Completed");
    assert_eq!(interview.outcome_if_hung_up(), Outcome::Completed);
}

#[test]
fn a_person_can_be_had_while_the_closing_is_said_and_the_opt_out_leaves_it_completed() {
    let closing = [DONE, k('1'), SAVED];
    assert_eq!(at_uncut(&closing).1, "say closing.3");
    assert_eq!(at_uncut(&[&closing[..], &[k('5')]].concat()).1, "");
    assert_eq!(at_uncut(&[&closing[..], &[k('0')]].concat()).1, "stop, save PersonAsked");
    let opted_out = [&closing[..], &[k('9'), k('9'), SAVED, DONE]].concat();
    assert_eq!(at_uncut(&opted_out).1, "closing Completed");
    let thought_better = [&closing[..], &[k('9'), k('5')]].concat();
    assert_eq!(at_uncut(&thought_better).1, "stop, closing Completed");
}

#[test]
fn events_that_do_not_belong_change_nothing() {
    assert_eq!(after(&[DONE]).1, "");
    assert_eq!(after(&[k('1')]).1, "");
    assert_eq!(after(&[B, B]).1, "");
    assert_eq!(after(&[B, SAVED]).1, "");
    assert_eq!(at_question(&[Event::SilenceElapsed]).1, "");
    assert_eq!(at_question(&[Event::SpeechEnded]).1, "");
}

#[test]
fn progress_counts_answers() {
    let (interview, _) = at_question(&[k('1'), SAVED]);
    let progress = interview.progress();
    assert_eq!((progress.at.as_str(), progress.answered, progress.questions), ("extra", 1, 2));
    assert_eq!(after(&[B]).0.progress().at, "gate.recording_notice");
}
