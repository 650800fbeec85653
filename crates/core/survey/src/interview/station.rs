//! The stations of an interview, and how each is spoken and borne with.

use crate::{FollowUp, Gate, Patience, PromptId, Question, Questionnaire};
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
            Manner { say: &gate.say, barge_in: gate.barge_in, patience: gate.patience }
        }
        let notice = &q.gates.recording_notice;
        match self {
            Self::Language => q.gates.language.as_ref().map(of_gate),
            Self::Notice => {
                Some(Manner { say: &notice.say, barge_in: notice.barge_in, patience: Patience::default() })
            }
            Self::RingBack => Some(of_gate(&q.ring_back.menu)),
            Self::Identity => Some(of_gate(&q.gates.identity)),
            Self::Convenient => q.gates.convenient.as_ref().map(of_gate),
            // The questionnaire's own gate, where it has one.
            Self::AskTime => Some(of_gate(&q.ring_back.ask_time)),
            Self::Question(index) => {
                q.questions.get(*index).map(|Question { say, barge_in, patience, .. }| Manner {
                    say,
                    barge_in: *barge_in,
                    patience: *patience,
                })
            }
            Self::FollowUp(name, _) => q.follow_ups.get(name).map(|FollowUp { say, barge_in, .. }| Manner {
                say,
                barge_in: *barge_in,
                patience: Patience::default(),
            }),
        }
    }
}
