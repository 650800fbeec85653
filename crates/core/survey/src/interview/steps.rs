//! The words between the interview and the call that carries it.

use crate::{Flag, Key, PromptRef};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is known before the interview begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The customer's language; without one the questionnaire's default, or the customer's choice by key.
    pub language: Option<String>,
    /// Whether a festival is near, so that the closing may greet it.
    pub holiday: bool,
    /// Answers of an earlier, partial interview with the same questionnaire; their questions are not asked again.
    pub resume: Vec<Answer>,
    /// The customer rings back a missed call: told who called and why, and asked what now suits.
    pub ring_back: bool,
}

/// What happened in the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The customer answered and both directions are open.
    Begin,
    /// A key was pressed.
    Key(Key),
    /// The prompt was said to its end.
    PromptDone,
    /// The recorder ended the span, by silence or at its longest.
    SpeechEnded,
    /// The time of the last [`Step::Wait`] passed without a key.
    SilenceElapsed,
    /// What the last [`Step::Save`] named is durable.
    Saved,
    /// The customer hung up.
    HungUp,
}

/// What the call is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Speak a prompt and report [`Event::PromptDone`].
    Say {
        /// What to speak.
        prompt: PromptRef,
        /// Whether a key may cut it short. The interview decides on each key; the call only passes keys on.
        barge_in: bool,
    },
    /// Fall silent at once.
    StopPrompt,
    /// Start the no-key timer.
    Wait {
        /// How long until [`Event::SilenceElapsed`].
        for_: Duration,
    },
    /// Mark the start of a spoken answer in the recording and listen for its end.
    RecordSpan {
        /// The span's name.
        tag: String,
        /// The question it explains.
        question: Option<String>,
        /// The longest speech.
        max: Duration,
        /// The silence that ends it.
        end_silence: Duration,
    },
    /// Mark the end of the span.
    StopSpan,
    /// Stop recording the call: the customer objects.
    StopRecording,
    /// Make this durable and report [`Event::Saved`].
    Save(Noted),
    /// Hand over to a person; the customer has been told.
    Transfer,
    /// The closing has been said: wait for the customer's hang-up, then end.
    Closing {
        /// How the interview ended.
        outcome: Outcome,
    },
    /// End the call from our side now (or note that it ended, after [`Event::HungUp`]).
    End {
        /// How the interview ended.
        outcome: Outcome,
    },
}

/// A fact of the interview worth keeping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noted {
    /// The recording notice was said to its end, or cut short by its listener.
    RecordingNoticed,
    /// Whether the right person answered.
    Identity(bool),
    /// Whether now suits.
    Convenient(bool),
    /// A question was answered by key.
    Answer(Answer),
    /// A spoken answer is in the recording.
    SpokenAnswer {
        /// The question it explains.
        question: String,
        /// The span's name.
        tag: String,
    },
    /// An answer calls for a person.
    Flag(Flag),
    /// When to call instead.
    TimeAsked(TimeAsked),
    /// Never call again.
    OptOut,
    /// A person was asked for.
    PersonAsked,
    /// A key that means nothing here.
    WrongKey {
        /// The question's id, or `gate.<name>`.
        question: String,
        /// The key.
        key: Key,
    },
    /// No key within the wait.
    NoKey {
        /// The question's id, or `gate.<name>`.
        question: String,
    },
    /// The customer objects to being recorded.
    ObjectedToRecording,
}

/// An answer by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question's id.
    pub question: String,
    /// The key pressed.
    pub key: Key,
    /// The answer's stable name.
    pub value: String,
    /// What people read, in the questionnaire's default language.
    pub label: String,
    /// The slug of the [`Flag`] it raises.
    pub flag: Option<String>,
}

/// How an interview ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every mandatory question was answered.
    Completed,
    /// Some were, or keys were pressed but none that helped.
    Partial,
    /// The customer does not want this interview, or not its recording.
    Declined,
    /// Not now; perhaps then.
    Inconvenient(Option<TimeAsked>),
    /// Never call again.
    OptedOut,
    /// Somebody else answered.
    WrongPerson,
    /// A person takes over.
    HandedOver,
    /// The customer hung up before the first answer.
    HungUpEarly,
    /// Nobody ever pressed a key.
    NoKeyAtAll,
    /// There was no interview: a notice was said to its end.
    Told,
}

/// When a busy customer wants to be called (rules H, G4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeAsked {
    /// 今天晚些时候.
    LaterToday,
    /// 明天上午.
    TomorrowMorning,
    /// 明天下午.
    TomorrowAfternoon,
}
