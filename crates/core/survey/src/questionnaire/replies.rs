//! What is said or done beside the questions.

use crate::{Condition, PromptId};

/// What a key means everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anytime {
    /// Say it again.
    Repeat,
    /// Hand over to a person.
    Person,
    /// Never call again.
    OptOut {
        /// Whether the key must be pressed twice.
        confirm: bool,
    },
}

/// What is said beside the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// After a key that means nothing here.
    WrongKey,
    /// After no key.
    NoKey,
    /// When we give up for want of keys.
    Goodbye,
    /// Before handing over to a person.
    Transfer,
    /// Asks for the opt-out key once more.
    OptOutConfirm,
    /// After the opt-out.
    OptedOut,
    /// To somebody else.
    WrongPerson,
    /// To a customer who does not want this interview.
    Declined,
    /// After the customer said when to call.
    TimeNoted,
    /// After a customer who is busy did not say when.
    Inconvenient,
    /// After the customer objected to the recording: thanks, and another channel.
    NotRecorded,
}

impl Reply {
    /// Every reply.
    pub const ALL: [Self; 11] = [
        Self::WrongKey,
        Self::NoKey,
        Self::Goodbye,
        Self::Transfer,
        Self::OptOutConfirm,
        Self::OptedOut,
        Self::WrongPerson,
        Self::Declined,
        Self::TimeNoted,
        Self::Inconvenient,
        Self::NotRecorded,
    ];

    /// Its name in the `replies` section.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongKey => "wrong_key",
            Self::NoKey => "no_key",
            Self::Goodbye => "goodbye",
            Self::Transfer => "transfer",
            Self::OptOutConfirm => "opt_out_confirm",
            Self::OptedOut => "opted_out",
            Self::WrongPerson => "wrong_person",
            Self::Declined => "declined",
            Self::TimeNoted => "time_noted",
            Self::Inconvenient => "inconvenient",
            Self::NotRecorded => "not_recorded",
        }
    }
}

/// One closing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When it fits; always, if absent.
    pub when: Option<Condition>,
    /// Only near a festival.
    pub holiday: bool,
    /// What is said.
    pub say: PromptId,
}
