//! All that can be pressed, or not, at every wait of every shipped questionnaire.

mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use support::{SHIPPED, reaction, shipped};
use survey::{Event, Flag, Interview, Noted, Questionnaire, Setting, Step};

/// Where an interview stands, whatever was answered before: what decides how it goes on.
fn standing(interview: &Interview) -> String {
    let mut state = serde_json::to_value(interview).unwrap();
    for history in ["answers", "flags", "excused", "key_pressed"] {
        state.as_object_mut().unwrap().remove(history).unwrap();
    }
    state.to_string()
}

/// Walks every path; a standing met again on its own path would be a path without end.
#[derive(Default)]
struct Explorer {
    /// False while the standing is on the path being walked.
    walked: HashMap<String, bool>,
    saved: Vec<Noted>,
    said: BTreeSet<String>,
    ends: usize,
}

impl Explorer {
    fn walk(&mut self, mut interview: Interview, mut event: Event) {
        loop {
            let steps = interview.handle(event);
            self.note(&steps);
            match (reaction(&steps), steps.last()) {
                (Some(next), _) => event = next,
                (None, Some(Step::Wait { .. })) => return self.fork(&interview),
                (None, Some(Step::Closing { .. } | Step::End { .. } | Step::Transfer)) => {
                    self.ends += 1;
                    return;
                }
                (None, last) => panic!("it stands still after {last:?}"),
            }
        }
    }

    fn fork(&mut self, interview: &Interview) {
        let here = standing(interview);
        match self.walked.get(&here) {
            Some(true) => return,
            Some(false) => panic!("a path comes back to {here}"),
            None => {}
        }
        self.walked.insert(here.clone(), false);
        for c in "0123456789*#".chars() {
            self.walk(interview.clone(), Event::Key(support::key(c)));
        }
        self.walk(interview.clone(), Event::SilenceElapsed);
        self.walk(interview.clone(), Event::HungUp);
        self.walked.insert(here, true);
    }

    fn note(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Save(noted) => self.saved.push(noted.clone()),
                Step::Say { prompt, .. } => drop(self.said.insert(prompt.id.clone())),
                _ => {}
            }
        }
    }
}

fn explored(questionnaire: &Arc<Questionnaire>) -> Explorer {
    let mut explorer = Explorer::default();
    for ring_back in [false, true] {
        // The same standing may be on a path of either call.
        explorer.walked.clear();
        let setting = Setting { ring_back, ..Setting::default() };
        explorer.walk(Interview::start(questionnaire.clone(), setting), Event::Begin);
    }
    explorer
}

#[test]
fn every_path_ends_and_every_answer_is_on_one() {
    for name in SHIPPED {
        let questionnaire = shipped(name);
        let explorer = explored(&questionnaire);
        assert!(explorer.ends > 100, "{name} has only {} ends", explorer.ends);
        for question in &questionnaire.questions {
            for (key, choice) in &question.keys {
                let given = explorer.saved.iter().any(
                    |noted| matches!(noted, Noted::Answer(answer) if answer.question == question.id && answer.key == *key),
                );
                assert!(given, "{name}: {} of {} is on no path", choice.value, question.id);
            }
        }
    }
}

#[test]
fn every_prompt_is_said_on_some_path_except_closings_that_depend_on_more() {
    for name in SHIPPED {
        let questionnaire = shipped(name);
        let explorer = explored(&questionnaire);
        let unsaid: Vec<_> = questionnaire
            .prompts
            .keys()
            .filter(|id| !id.starts_with("closing.") && !explorer.said.contains(*id))
            .collect();
        assert_eq!(unsaid, Vec::<&String>::new(), "{name}");
    }
}

/// What must come out of one set of keys per questionnaire, the two gates first.
#[test]
fn the_flags_and_closings_are_those_of_the_rules() {
    use Flag::{Complaint, DataWrong, Dissatisfied, Unresolved, Violation};
    let cases: [(&str, &str, &[Flag], &str); 12] = [
        ("satisfaction", "111112", &[], "closing.4"),
        ("satisfaction", "114112", &[Dissatisfied], "closing.1"),
        ("satisfaction", "111131", &[Unresolved], "closing.1"),
        ("satisfaction", "113112", &[], "closing.3"),
        ("new-contract", "1111111", &[], "closing.4"),
        ("new-contract", "1121111", &[Violation], "closing.1"),
        ("new-contract", "1112111", &[Unresolved], "closing.2"),
        ("new-contract", "1111112", &[DataWrong], "closing.2"),
        ("new-contract", "1111311", &[Violation], "closing.1"),
        ("complaint-closed", "11111", &[], "closing.3"),
        ("complaint-closed", "11315", &[Complaint, Unresolved], "closing.1"),
        ("complaint-closed", "11124", &[Dissatisfied], "closing.2"),
    ];
    for (name, keys, flags, closing) in cases {
        let told = support::play(&shipped(name), Setting::default(), keys);
        let raised: BTreeSet<_> = told.iter().filter_map(|step| step.strip_prefix("save Flag(")).collect();
        let expected: BTreeSet<_> = flags.iter().map(|flag| format!("{flag:?})")).collect();
        assert_eq!(raised, expected.iter().map(String::as_str).collect(), "{name} {keys}");
        assert!(told.contains(&format!("say {closing}")), "{name} {keys}: {told:?}");
        assert_eq!(told.last().unwrap(), "closing Completed", "{name} {keys}");
    }
}

#[test]
fn every_shipped_questionnaire_says_who_calls_that_it_is_recorded_and_offers_a_person() {
    let values = BTreeMap::from([("company".to_owned(), "晨光电器".to_owned())]);
    for name in SHIPPED {
        let filled = survey::Questionnaire::clone(&shipped(name)).fill(name, &values).unwrap();
        let notice = &filled.prompts["gate.recording_notice"].text["zh"];
        assert!(notice.contains("晨光电器") && notice.contains("录音") && notice.contains("分"), "{notice}");
        assert!(filled.anytime.contains_key(&support::key('0')));
        let unfilled: Vec<_> = filled.spoken().filter(|(_, text, _)| text.contains(['{', '}'])).collect();
        assert!(unfilled.is_empty(), "{unfilled:?}");
        let digits: Vec<_> = filled
            .spoken()
            .filter(|(prompt, text, _)| {
                prompt.language == "zh" && text.contains(|c: char| c.is_ascii_alphanumeric())
            })
            .collect();
        assert!(digits.is_empty(), "spoken Mandarin is written in Chinese characters: {digits:?}");
    }
}

#[test]
fn a_variable_without_a_value_is_told() {
    let told =
        survey::Questionnaire::clone(&shipped("satisfaction")).fill("satisfaction.yaml", &BTreeMap::new());
    let expected = "satisfaction.yaml: the prompts speak of {company}, but no value is given for it. \
        Set `company` in the configuration, or remove {company} from the prompts.";
    assert_eq!(told.unwrap_err().to_string(), expected);
}
