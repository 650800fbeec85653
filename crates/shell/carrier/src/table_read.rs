//! The demo's script read against the questionnaire it answers, in virtual time: every expectation must follow from both.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use records::Reason;
use survey::{Answer as Given, Event, Interview, Key, Noted, Outcome, Questionnaire, Setting, Step};

use crate::actor::{Actor, Deed, ticks_of};
use crate::ear::level;
use crate::rtp::Frame;
use crate::script::{Behaviour, Customer, Script};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");
/// Every prompt of the table read lasts this long.
const PROMPT: Duration = Duration::from_secs(4);
/// After the closing, the customer's time to hang up first.
const GRACE: Duration = Duration::from_secs(6);
/// No call of the demo lasts longer.
const LONGEST: u32 = 10 * 60 * 50;
/// Slower than any database of the demo: what is saved is durable after 200 ms.
const SAVING: u32 = 10;

/// What one call came to.
struct Read {
    outcome: Outcome,
    answers: Vec<Given>,
    flagged: bool,
    spoken: bool,
    key: bool,
}

/// Our side of the call: an interview, and what it is doing.
struct Reader {
    interview: Interview,
    saying: u32,
    waiting: u32,
    saving: u32,
    recording: bool,
    end_silence: u32,
    spoken_to: u32,
    silent_for: u32,
    grace: u32,
    read: Read,
    over: bool,
}

impl Reader {
    fn new(questionnaire: &Arc<Questionnaire>, resume: Vec<Given>) -> Self {
        let setting = Setting { language: None, holiday: false, resume, ring_back: false };
        let read = Read {
            outcome: Outcome::HungUpEarly,
            answers: vec![],
            flagged: false,
            spoken: false,
            key: false,
        };
        let mut reader = Self {
            interview: Interview::start(Arc::clone(questionnaire), setting),
            saying: 0,
            waiting: 0,
            saving: 0,
            recording: false,
            end_silence: 0,
            spoken_to: 0,
            silent_for: 0,
            grace: 0,
            read,
            over: false,
        };
        reader.tell(Event::Begin);
        reader
    }

    fn tell(&mut self, event: Event) {
        for step in self.interview.handle(event) {
            self.carry_out(step);
        }
    }

    fn carry_out(&mut self, step: Step) {
        self.waiting = 0;
        match step {
            Step::Say { .. } => self.saying = ticks_of(PROMPT),
            Step::StopPrompt => self.saying = 0,
            Step::Wait { for_ } => self.waiting = ticks_of(for_),
            Step::RecordSpan { end_silence, .. } => {
                self.recording = true;
                self.spoken_to = 0;
                self.end_silence = ticks_of(end_silence);
                self.silent_for = self.end_silence;
            }
            Step::StopSpan => self.recording = false,
            Step::Save(noted) => {
                self.read.flagged |= matches!(noted, Noted::Flag(_));
                self.read.spoken |= matches!(noted, Noted::SpokenAnswer { .. }) && self.spoken_to > 25;
                self.saving = SAVING;
            }
            Step::Closing { outcome } => {
                self.read.outcome = outcome;
                self.grace = ticks_of(GRACE);
            }
            Step::End { outcome } => {
                self.read.outcome = outcome;
                self.over = true;
            }
            Step::Transfer => {
                self.read.outcome = Outcome::HandedOver;
                self.over = true;
            }
            Step::StopRecording => {}
        }
    }

    /// 20 ms: what the customer sent, and whether we are heard speaking.
    fn tick(&mut self, frame: &Frame, pressed: Option<Key>) -> bool {
        let heard = self.saying > 0;
        if let Some(key) = pressed {
            self.read.key = true;
            self.tell(Event::Key(key));
        }
        if self.recording {
            self.listen(frame);
        }
        if runs_out(&mut self.saving) {
            self.tell(Event::Saved);
        }
        if runs_out(&mut self.saying) {
            self.tell(Event::PromptDone);
        }
        if runs_out(&mut self.waiting) {
            self.tell(Event::SilenceElapsed);
        }
        self.over |= runs_out(&mut self.grace);
        heard
    }

    fn listen(&mut self, frame: &Frame) {
        let loud = matches!(frame, Frame::Audio(samples) if level(samples) > -40.0);
        if loud {
            self.spoken_to += 1;
            self.silent_for = self.end_silence;
        } else if runs_out(&mut self.silent_for) {
            self.recording = false;
            self.tell(Event::SpeechEnded);
        }
    }
}

/// Counts down; true at the tick that reaches zero.
fn runs_out(ticks: &mut u32) -> bool {
    let was = *ticks;
    *ticks = was.saturating_sub(1);
    was == 1
}

/// One answered call between a customer's steps and the questionnaire.
fn call(
    script: &Script,
    steps: &[crate::Step],
    questionnaire: &Arc<Questionnaire>,
    resume: Vec<Given>,
) -> Read {
    let mut actor = Actor::new(steps, script.habits, BTreeMap::new(), 7);
    let mut reader = Reader::new(questionnaire, resume);
    let mut heard = false;
    for _ in 0..LONGEST {
        let tick = actor.tick(heard.then_some(-20.0));
        let pressed = match tick.deed {
            Some(Deed::Pressed(key)) => Key::try_from(key).ok(),
            Some(Deed::LostPatience) => panic!("the customer waits for a prompt that never comes"),
            _ => None,
        };
        if tick.hang_up {
            reader.tell(Event::HungUp);
        } else {
            heard = reader.tick(&tick.frame, pressed);
        }
        if reader.over {
            reader.read.answers = reader.interview.answers().to_vec();
            return reader.read;
        }
    }
    panic!("the call never ends");
}

/// The reason of an answered call. Who never presses a key is told by the greeting.
fn reason(read: &Read, machine: bool) -> Reason {
    match read.outcome {
        Outcome::Completed => Reason::Completed,
        Outcome::Partial => Reason::Partial,
        Outcome::Declined => Reason::Declined,
        Outcome::Inconvenient(_) => Reason::Inconvenient,
        Outcome::OptedOut => Reason::OptedOut,
        Outcome::WrongPerson => Reason::WrongPerson,
        Outcome::HandedOver => Reason::HandedOver,
        Outcome::NoKeyAtAll if machine => Reason::AnsweringMachine,
        Outcome::HungUpEarly | Outcome::NoKeyAtAll => Reason::HungUpEarly,
        Outcome::Told => Reason::NoticeOnly,
    }
}

/// The reason of a call that is not answered; a 404 without a cause is a vacant number.
fn unanswered(behaviour: &Behaviour) -> Reason {
    match behaviour {
        Behaviour::Busy => Reason::Busy,
        Behaviour::Rejected => Reason::Rejected,
        Behaviour::PoweredOff => Reason::PoweredOff,
        Behaviour::OutOfCoverage => Reason::OutOfCoverage,
        Behaviour::Suspended => Reason::Suspended,
        Behaviour::Vacant => Reason::Vacant,
        Behaviour::Fail(failure) if failure.status == 404 => Reason::Vacant,
        _ => Reason::NoAnswer,
    }
}

fn read_customer(script: &Script, questionnaire: &Arc<Questionnaire>, customer: &Customer) {
    let expect = customer.expect.as_ref().expect("every customer of the demo is checked");
    let place = format!("{} ({})", customer.number, customer.note);
    let mut answers: Vec<Given> = Vec::new();
    let (mut spoken, mut flagged) = (false, false);
    for (nth, expected) in expect.reasons.iter().enumerate() {
        let behaviour = customer.attempts.get(nth).or(customer.attempts.last()).unwrap();
        let steps = match behaviour {
            Behaviour::Answer(answer) => answer.steps.clone(),
            Behaviour::AnsweringMachine(machine) => machine.answer().steps,
            other => {
                assert_eq!(unanswered(other), *expected, "{place}, call {nth}");
                continue;
            }
        };
        let read = call(script, &steps, questionnaire, answers.clone());
        let machine = matches!(behaviour, Behaviour::AnsweringMachine(_));
        assert_eq!(reason(&read, machine), *expected, "{place}, call {nth}");
        spoken |= read.spoken;
        flagged |= read.flagged;
        answers = read.answers;
    }
    let values: BTreeMap<String, String> =
        answers.into_iter().map(|given| (given.question, given.value)).collect();
    assert_eq!(values, expect.answers, "{place}");
    assert_eq!(spoken, expect.spoken, "{place}");
    let last = expect.reason;
    let settled =
        matches!(last, Reason::Completed | Reason::Declined | Reason::OptedOut | Reason::Inconvenient);
    assert_eq!(flagged || !settled, expect.callback, "{place}");
}

fn demo() -> Script {
    Script::load(&Path::new(ROOT).join("tests/demo/script.yaml")).unwrap()
}

#[test]
fn every_expectation_of_the_demo_follows_from_script_and_questionnaire() {
    let source = std::fs::read_to_string(Path::new(ROOT).join("dialplans/satisfaction.yaml")).unwrap();
    let questionnaire = Arc::new(survey::parse("satisfaction.yaml", &source).unwrap());
    let script = demo();
    for customer in &script.customers {
        read_customer(&script, &questionnaire, customer);
    }
}

#[test]
fn the_demo_shows_every_way_a_call_can_go() {
    let script = demo();
    let reasons: Vec<Reason> =
        script.customers.iter().filter_map(|c| c.expect.as_ref()).flat_map(|e| e.reasons.clone()).collect();
    for reason in [
        Reason::Completed,
        Reason::Partial,
        Reason::HandedOver,
        Reason::Declined,
        Reason::Inconvenient,
        Reason::OptedOut,
        Reason::WrongPerson,
        Reason::HungUpEarly,
        Reason::AnsweringMachine,
        Reason::NoAnswer,
        Reason::Busy,
        Reason::Rejected,
        Reason::PoweredOff,
        Reason::OutOfCoverage,
        Reason::Suspended,
        Reason::Vacant,
    ] {
        assert!(reasons.contains(&reason), "{reason}");
    }
    assert!(script.customers.iter().any(|c| c.expect.as_ref().is_some_and(|e| e.spoken)));
}

#[test]
fn the_customers_file_lists_exactly_the_customers_of_the_script() {
    let mut reader = csv::Reader::from_path(Path::new(ROOT).join("tests/demo/customers.csv")).unwrap();
    let header =
        "external_id,name,number,class,branch,language,account_manager,rated_person,product,delivered_on";
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), header);
    let listed: Vec<String> = reader.records().map(|row| row.unwrap()[2].to_owned()).collect();
    let scripted: Vec<String> =
        demo().customers.iter().map(|customer| customer.number.e164().to_owned()).collect();
    assert_eq!(listed.len(), 60);
    assert_eq!(listed, scripted);
}
