//! What a customer hears who rings back a missed call.

use super::gates::Gate;
use crate::{PromptId, TimeAsked};

/// The way of an inbound call to the interview. Every questionnaire has one: where the file has no
/// `ring_back` section, its words are ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingBack {
    /// Said first: that we called, and why. The recording notice follows.
    pub greeting: PromptId,
    /// Now, or another time; a person and the opt-out are on their keys as ever.
    pub menu: Gate<Wish>,
    /// When else: the questionnaire's own gate, where it has one.
    pub ask_time: Gate<TimeAsked>,
    /// Said in parting where `replies` has no words for it.
    pub parting: PromptId,
    /// Whether the file has the section. Words of ours are made sound only when somebody rings back.
    pub written: bool,
}

/// What a customer who rings back wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// `now`: the questionnaire now.
    Now,
    /// `ask_time`: at a better time.
    AskTime,
}
