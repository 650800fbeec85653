//! Why an answered call ended, by the interview's outcome and by who is on the line.

use records::{Confidence, Heard, Reason};
use survey::Outcome;

use crate::call::Call;

/// Who ended the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndedBy {
    Customer,
    Us,
    Carrier,
}

impl EndedBy {
    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Us => "us",
            Self::Carrier => "carrier",
        }
    }
}

/// Why a call ended.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) reason: Reason,
    pub(crate) confidence: Confidence,
    pub(crate) ended_by: EndedBy,
    pub(crate) note: Option<String>,
}

/// What the customer told during the call, beside the answers.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) flags: Vec<String>,
    pub(crate) person_asked: bool,
    pub(crate) time_asked: Option<String>,
    pub(crate) objected: bool,
}

impl Verdict {
    pub(crate) fn new(reason: Reason, confidence: Confidence, ended_by: EndedBy) -> Self {
        Self { reason, confidence, ended_by, note: None }
    }

    pub(crate) fn certain(reason: Reason, ended_by: EndedBy) -> Self {
        Self::new(reason, Confidence::Certain, ended_by)
    }

    pub(crate) fn noting(mut self, note: &str) -> Self {
        self.add_note(note);
        self
    }

    pub(crate) fn add_note(&mut self, note: &str) {
        self.note = Some(match self.note.take() {
            Some(earlier) => format!("{earlier}; {note}"),
            None => note.to_owned(),
        });
    }
}

impl Call {
    /// The interview's outcome, were the call over now.
    pub(crate) fn outcome(&self) -> Outcome {
        let outcome = self.talk.outcome.unwrap_or_else(|| self.course.outcome_if_hung_up());
        // What is not durable was not answered.
        if outcome == Outcome::Completed && self.ledger.lost() { Outcome::Partial } else { outcome }
    }

    pub(crate) fn verdict_of_outcome(&self, ended_by: EndedBy) -> Verdict {
        let (reason, confidence) = match self.outcome() {
            Outcome::Completed => (Reason::Completed, Confidence::Certain),
            Outcome::Partial => (Reason::Partial, Confidence::Certain),
            Outcome::Declined => (Reason::Declined, Confidence::Certain),
            Outcome::Inconvenient(_) => (Reason::Inconvenient, Confidence::Certain),
            Outcome::OptedOut => (Reason::OptedOut, Confidence::Certain),
            Outcome::WrongPerson => (Reason::WrongPerson, Confidence::Certain),
            Outcome::HandedOver => (Reason::HandedOver, Confidence::Certain),
            Outcome::Told => (Reason::NoticeOnly, Confidence::Certain),
            // No machine calls us back.
            Outcome::HungUpEarly | Outcome::NoKeyAtAll if self.inbound => {
                (Reason::HungUpEarly, Confidence::Likely)
            }
            Outcome::HungUpEarly if self.talk.key => (Reason::HungUpEarly, Confidence::Certain),
            Outcome::HungUpEarly | Outcome::NoKeyAtAll if self.believes(Heard::Fax) => {
                (Reason::Fax, Confidence::Likely)
            }
            Outcome::HungUpEarly if self.is_sure_of(Heard::Machine) => {
                (Reason::AnsweringMachine, Confidence::Likely)
            }
            Outcome::NoKeyAtAll if self.believes(Heard::Machine) => {
                (Reason::AnsweringMachine, Confidence::Likely)
            }
            Outcome::HungUpEarly => (Reason::HungUpEarly, Confidence::Likely),
            // Somebody greeted us and then listened, or laid the receiver aside.
            Outcome::NoKeyAtAll if self.believes(Heard::Human) => (Reason::HungUpEarly, Confidence::Guess),
            // A person who listens to every repeat and never touches a key is rarer than a machine.
            Outcome::NoKeyAtAll => (Reason::AnsweringMachine, Confidence::Guess),
        };
        let verdict = Verdict::new(reason, confidence, ended_by);
        if self.outcome() == Outcome::NoKeyAtAll && self.believes(Heard::Human) {
            return verdict.noting("a person greeted us and never pressed a key");
        }
        verdict
    }

    /// The verdict when our side must break off: what the customer has settled stands, else `reason`.
    pub(crate) fn verdict_if_broken_off(&self, reason: Reason) -> Verdict {
        match self.outcome() {
            Outcome::Partial | Outcome::HungUpEarly | Outcome::NoKeyAtAll => {
                Verdict::certain(reason, EndedBy::Us)
            }
            _ => self.verdict_of_outcome(EndedBy::Us),
        }
    }

    /// The verdict when nobody is there to talk to: what the customer has settled stands, else `reason`.
    pub(crate) fn verdict_if_nobody(&self, reason: Reason, ended_by: EndedBy) -> Verdict {
        match self.outcome() {
            Outcome::HungUpEarly | Outcome::NoKeyAtAll => Verdict::new(reason, Confidence::Likely, ended_by),
            _ => self.verdict_of_outcome(ended_by),
        }
    }
}
