//! The stations of an interview, and how each is spoken and borne with.

use crate::{FollowUp, Gate, Key, Patience, PromptId, Question, Questionnaire};
use serde::{Deserialize, Serialize};

/// Where in the questionnaire the interview stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Station {
    Language,
    Notice,
    /// What a customer who rings back wants.
    RingBack,
    Identity,
    Convenient,
    AskTime,
    /// By its index in the questionnaire.
    Question(usize),
    /// By its name, and the index of the question that led there.
    FollowUp(String, usize),
}

/// How a station is spoken and borne with.
pub(super) struct Manner<'q> {
    pub(super) say: &'q PromptId,
    pub(super) barge_in: bool,
    /// Keys pressed before it was spoken answer it.
    pub(super) type_ahead: bool,
    pub(super) patience: Patience,
}

impl Station {
    /// The question's or follow-up's id, or `gate.<name>`.
    pub(super) fn name(&self, q: &Questionnaire) -> String {
        match self {
            Self::Language => "gate.language".to_owned(),
            Self::Notice => "gate.recording_notice".to_owned(),
            Self::RingBack => "gate.ring_back".to_owned(),
            Self::Identity => "gate.identity".to_owned(),
            Self::Convenient => "gate.convenient".to_owned(),
            Self::AskTime => "gate.ask_time".to_owned(),
            Self::Question(index) => {
                q.questions.get(*index).map(|found| found.id.clone()).unwrap_or_default()
            }
            Self::FollowUp(name, _) => name.clone(),
        }
    }

    /// Whether it comes before question 1, so that an objection to the recording is heard.
    pub(super) fn is_gate(&self) -> bool {
        matches!(self, Self::Notice | Self::RingBack | Self::Identity | Self::Convenient | Self::AskTime)
    }

    /// Nothing when the questionnaire has no such station.
    pub(super) fn manner<'q>(&self, q: &'q Questionnaire) -> Option<Manner<'q>> {
        fn of_gate<T>(gate: &Gate<T>) -> Manner<'_> {
            let Gate { say, barge_in, type_ahead, patience, .. } = gate;
            Manner { say, barge_in: *barge_in, type_ahead: *type_ahead, patience: *patience }
        }
        let notice = &q.gates.recording_notice;
        match self {
            Self::Language => q.gates.language.as_ref().map(of_gate),
            Self::Notice => Some(Manner::keyless(&notice.say, notice.barge_in)),
            Self::RingBack => Some(of_gate(&q.ring_back.menu)),
            Self::Identity => Some(of_gate(&q.gates.identity)),
            Self::Convenient => q.gates.convenient.as_ref().map(of_gate),
            // The questionnaire's own gate, where it has one.
            Self::AskTime => Some(of_gate(&q.ring_back.ask_time)),
            Self::Question(index) => {
                let question = q.questions.get(*index);
                question.map(|Question { say, barge_in, type_ahead, patience, .. }| Manner {
                    say,
                    barge_in: *barge_in,
                    type_ahead: *type_ahead,
                    patience: *patience,
                })
            }
            Self::FollowUp(name, _) => {
                q.follow_ups.get(name).map(|FollowUp { say, barge_in, .. }| Manner::keyless(say, *barge_in))
            }
        }
    }

    /// Whether a key answers here.
    pub(super) fn takes(&self, q: &Questionnaire, key: Key) -> bool {
        match self {
            Self::Language => q.gates.language.as_ref().is_some_and(|gate| gate.keys.contains_key(&key)),
            Self::RingBack => q.ring_back.menu.keys.contains_key(&key),
            Self::Identity => q.gates.identity.keys.contains_key(&key),
            Self::Convenient => q.gates.convenient.as_ref().is_some_and(|gate| gate.keys.contains_key(&key)),
            Self::AskTime => q.ring_back.ask_time.keys.contains_key(&key),
            Self::Question(index) => {
                q.questions.get(*index).is_some_and(|question| question.keys.contains_key(&key))
            }
            Self::Notice | Self::FollowUp(..) => false,
        }
    }
}

impl<'q> Manner<'q> {
    /// Of a station that no key answers.
    fn keyless(say: &'q PromptId, barge_in: bool) -> Self {
        Self { say, barge_in, type_ahead: false, patience: Patience::default() }
    }
}
