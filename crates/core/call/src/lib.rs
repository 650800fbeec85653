//! One call, from dial to end: a machine that composes the facts of the line with the interview.
//!
//! # The contract
//!
//! 1. Feed one [`Input`] with `now`, the time since the attempt started: [`Call::handle`].
//! 2. Drain [`Output`]s until `None` and carry each out, in order: [`Call::poll_output`].
//! 3. Ask for the time-out ([`Call::poll_timeout`]); when it passes with no other input, feed [`Input::Timeout`].
//!
//! `now` never runs backwards. Inputs that do not belong to the moment change nothing, so a fact that
//! crosses another on its way is harmless. Exactly one [`Output::Ended`] comes out of every call that was
//! started or drained, and nothing after it. Every wait is bounded by a [`Timer`] that says why it fires.

mod answering;
mod call;
mod course;
mod dialling;
mod ending;
mod facts;
mod hearing;
mod input;
mod output;
mod reasons;
mod saving;
mod span;
mod talking;
mod timer;
mod verdict;

pub use call::{Call, Phase};
pub use course::Course;
pub use input::{Failure, FailureKind, Input};
pub use output::{Output, Report};
pub use reasons::{Finding, Signs, reason_for};
pub use timer::{Limits, Timer, longest_life};
