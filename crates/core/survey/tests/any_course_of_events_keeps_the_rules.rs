//! Random customers and random calls: the interview's contract holds, whatever happens.

mod support;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;
use std::sync::Arc;
use support::{SHIPPED, reaction, shipped, small, small_ahead};
use survey::{Event, Interview, InterviewState, Key, Noted, Outcome, Questionnaire, Setting, Step};

fn a_key() -> impl Strategy<Value = Key> {
    proptest::sample::select("0123456789*#".chars().collect::<Vec<_>>()).prop_map(support::key)
}

fn an_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => a_key().prop_map(Event::Key),
        3 => Just(Event::PromptDone),
        3 => Just(Event::Saved),
        1 => Just(Event::SpeechEnded),
        2 => Just(Event::SilenceElapsed),
        1 => Just(Event::Begin),
    ]
}

fn a_questionnaire() -> impl Strategy<Value = Arc<Questionnaire>> {
    let all: Vec<_> = SHIPPED.iter().map(|name| shipped(name)).chain([small(), small_ahead()]).collect();
    proptest::sample::select(all)
}

fn begun(questionnaire: &Arc<Questionnaire>) -> Interview {
    let mut interview = Interview::start(questionnaire.clone(), Setting::default());
    interview.handle(Event::Begin);
    interview
}

/// Watches the steps of one interview against the contract.
#[derive(Default)]
struct Contract {
    saving: bool,
    recording: bool,
    ended: bool,
    answered: BTreeSet<String>,
}

impl Contract {
    fn watch(&mut self, event: Event, steps: &[Step]) {
        if event == Event::Saved {
            self.saving = false;
        }
        if event == Event::SpeechEnded {
            self.recording = false;
        }
        for step in steps {
            assert!(!self.ended, "{step:?} after the end");
            let hung_up = event == Event::HungUp;
            match step {
                Step::Save(noted) => {
                    assert!(!self.saving || hung_up, "two things are being saved at a time: {noted:?}");
                    self.saving = true;
                    if let Noted::Answer(answer) = noted {
                        assert!(self.answered.insert(answer.question.clone()), "{answer:?} is saved twice");
                    }
                }
                Step::StopSpan => {
                    assert!(self.recording, "no span to stop");
                    self.recording = false;
                }
                Step::StopPrompt | Step::StopRecording => {}
                Step::End { .. } if hung_up => self.ended = true,
                Step::Say { .. } | Step::Wait { .. } | Step::Closing { .. } => self.durable_and_silent(step),
                Step::RecordSpan { .. } => {
                    self.durable_and_silent(step);
                    self.recording = true;
                }
                Step::End { .. } | Step::Transfer => {
                    self.durable_and_silent(step);
                    self.ended = true;
                }
            }
        }
    }

    fn durable_and_silent(&self, step: &Step) {
        assert!(!self.saving, "{step:?} before what was saved is durable");
        assert!(!self.recording, "{step:?} while the customer speaks");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default() })]

    #[test]
    fn random_events_keep_the_contract(
        questionnaire in a_questionnaire(),
        events in prop::collection::vec(an_event(), 0..120),
        hang_up in any::<bool>(),
    ) {
        let mut interview = Interview::start(questionnaire, Setting::default());
        let mut contract = Contract::default();
        for event in events.into_iter().chain(hang_up.then_some(Event::HungUp)) {
            let steps = interview.handle(event);
            // The contract hears only events that belong: an unasked `Saved` brings no steps and proves nothing.
            if !steps.is_empty() {
                contract.watch(event, &steps);
            }
            let questions: BTreeSet<_> = interview.answers().iter().map(|answer| &answer.question).collect();
            prop_assert_eq!(questions.len(), interview.answers().len());
        }
        prop_assert!(!hang_up || interview.is_over());
    }

    #[test]
    fn a_customer_who_presses_whatever_reaches_an_end(
        questionnaire in a_questionnaire(),
        keys in prop::collection::vec(proptest::option::of(a_key()), 600),
    ) {
        let mut interview = Interview::start(questionnaire, Setting::default());
        let mut steps = interview.handle(Event::Begin);
        let mut keys = keys.into_iter();
        let mut waits = 0;
        while let Some(event) = reaction(&steps).or_else(|| matches!(steps.last(), Some(Step::Wait { .. })).then(|| {
            waits += 1;
            keys.next().flatten().map_or(Event::SilenceElapsed, Event::Key)
        })) {
            steps = interview.handle(event);
            prop_assert!(waits < 150, "the interview goes on and on");
        }
        let ended = matches!(steps.last(), Some(Step::End { .. } | Step::Closing { .. } | Step::Transfer));
        prop_assert!(ended, "it stands still after {steps:?}");
    }

    #[test]
    fn silence_after_any_course_of_events_reaches_an_end(
        questionnaire in a_questionnaire(),
        events in prop::collection::vec(an_event(), 0..60),
    ) {
        let mut interview = begun(&questionnaire);
        for event in events {
            interview.handle(event);
        }
        // All that a call reports by itself, over and over, without knowing which is due.
        let by_itself = [Event::PromptDone, Event::Saved, Event::SpeechEnded, Event::SilenceElapsed];
        for event in by_itself.iter().cycle().take(600) {
            interview.handle(*event);
        }
        interview.handle(Event::HungUp);
        prop_assert!(interview.is_over());
        prop_assert_eq!(interview.handle(Event::SilenceElapsed), vec![]);
    }

    #[test]
    fn an_interview_written_out_and_read_back_goes_on_as_if_nothing_had_been(
        questionnaire in a_questionnaire(),
        before in prop::collection::vec(an_event(), 0..60),
        after in prop::collection::vec(an_event(), 0..60),
    ) {
        let mut interview = begun(&questionnaire);
        for event in before {
            interview.handle(event);
        }
        let written = serde_json::to_string(&interview).unwrap();
        let state: InterviewState = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&state, interview.state());
        let mut again = Interview::resume(questionnaire, state).unwrap();
        for event in after {
            prop_assert_eq!(again.handle(event), interview.handle(event));
        }
    }

    #[test]
    fn completed_means_every_mandatory_question_was_answered_or_jumped_over(
        questionnaire in a_questionnaire(),
        events in prop::collection::vec(an_event(), 0..120),
    ) {
        let mut interview = begun(&questionnaire);
        for event in events {
            interview.handle(event);
        }
        let answered = |id: &str| interview.answers().iter().any(|answer| answer.question == id);
        // No shipped questionnaire jumps.
        if interview.outcome_if_hung_up() == Outcome::Completed {
            let open = questionnaire.questions.iter().find(|question| question.mandatory && !answered(&question.id));
            prop_assert!(open.is_none(), "{open:?} is open");
        }
    }

    #[test]
    fn any_text_is_a_questionnaire_or_has_problems(text in "[ -~\n]{0,200}") {
        if let Err(problems) = survey::parse("x.yaml", &text) {
            prop_assert!(!problems.list.is_empty());
        }
    }

    #[test]
    fn a_questionnaire_with_a_line_lost_is_read_or_has_problems(
        name in proptest::sample::select(SHIPPED.to_vec()),
        line in 0..200_usize,
    ) {
        let source = support::shipped_source(name);
        let left: Vec<_> = source.lines().enumerate().filter(|(n, _)| *n != line).map(|(_, text)| text).collect();
        if let Err(problems) = survey::parse(name, &left.join("\n")) {
            prop_assert!(problems.list.iter().all(|problem| !problem.message.is_empty() && !problem.remedy.is_empty()));
        }
    }
}

#[test]
fn another_version_of_the_questionnaire_does_not_resume_an_interview() {
    let state = begun(&small()).state().clone();
    let refused = Interview::resume(shipped("satisfaction"), state).unwrap_err();
    assert!(refused.to_string().ends_with("resume it with the version it was begun with"), "{refused}");
}
