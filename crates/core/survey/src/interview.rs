//! The interview: one walk through one questionnaire, as a pure machine.
//!
//! One contract drives it: feed one [`Event`], carry out the returned [`Step`]s in order.
//! - One prompt is spoken at a time. After [`Step::StopPrompt`] no [`Event::PromptDone`] is reported for it.
//! - [`Step::Wait`] starts the no-key timer; any key, and any step that follows, cancels it.
//! - After [`Step::Save`] nothing is said until [`Event::Saved`]; one thing is saved at a time.
//! - [`Step::RecordSpan`] ends by [`Event::SpeechEnded`] or by [`Step::StopSpan`], never by both.
//! - After [`Step::End`] or [`Step::Transfer`] the interview asks for nothing more.

mod answers;
mod gates;
mod keys;
mod leave;
mod say;
mod state;
mod station;
mod steps;
mod walk;

pub use state::InterviewState;
pub use steps::{Answer, Event, Noted, Outcome, Setting, Step, TimeAsked};
pub use walk::{Interview, OtherQuestionnaire, Progress};
