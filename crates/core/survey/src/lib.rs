//! The questionnaire (问卷) and the interview (访谈) that walks it.
//!
//! [`parse`] turns a file of `dialplans/` into a checked [`Questionnaire`], or lists every problem found.
//! [`Interview`] walks one questionnaire with one customer: feed one [`Event`], carry out the [`Step`]s.

mod announcement;
mod condition;
mod file;
mod flag;
mod interview;
mod key;
mod problem;
mod prompt;
mod questionnaire;
mod span;

pub use announcement::Announcement;
pub use condition::{Comparison, Condition, Subject};
pub use file::parse;
pub use flag::{Flag, NotAFlag};
pub use interview::{
    Answer, Event, Interview, InterviewState, Noted, OtherQuestionnaire, Outcome, Progress, Setting, Step,
    TimeAsked,
};
pub use key::{Key, NotAKey};
pub use problem::{Problem, Problems};
pub use prompt::{AudioFile, Place, Prompt, PromptId, PromptRef, Text};
pub use questionnaire::{
    Anytime, Choice, Closing, Convenience, FollowUp, Gate, Gates, Identity, Kind, Next, Notice, Patience,
    Question, Questionnaire, QuestionnaireHash, Reply, RingBack, Wish,
};
