//! `[dialer]`: how fast due tasks are taken up.

use serde::Deserialize;

use super::{Fairness, People};

/// The dialer's pace.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dialer {
    /// Off: console and API only.
    pub enabled: bool,
    /// Milliseconds between looks for due tasks.
    pub poll_ms: u64,
    /// Seconds a claimed task stays ours without a sign of life.
    pub lease_seconds: u64,
    /// Seconds that calls get to end by themselves at shutdown.
    pub drain_seconds: u64,
    pub people: People,
    pub fairness: Fairness,
    pub fallback: Fallback,
}

/// `[dialer.fallback]`: when trunks marked `fallback` are used (W6.1). Calls over them are recorded like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fallback {
    /// No ordinary trunk can be used, or one has just failed this call.
    pub on_trunk_failure: bool,
    /// The customer did not answer on an ordinary trunk.
    pub on_no_answer: OnNoAnswer,
    /// The recorder was out of order.
    pub on_recorder_failure: bool,
    /// An INVITE that nobody answered at all is tried over the next trunk though its trunk still answers OPTIONS.
    pub on_silence: bool,
}

impl Fallback {
    /// As the pure policy wants it.
    pub fn policy(self) -> trunk::Policy {
        trunk::Policy {
            on_trunk_failure: self.on_trunk_failure,
            on_no_answer: self.on_no_answer == OnNoAnswer::NextAttempt,
            on_recorder_failure: self.on_recorder_failure,
            on_silence: self.on_silence,
        }
    }
}

/// What a call that was not answered leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnNoAnswer {
    /// The next attempt goes as any other.
    #[default]
    Never,
    /// The next attempt of the task goes over a fallback trunk.
    NextAttempt,
}

impl Default for Fallback {
    fn default() -> Self {
        Self {
            on_trunk_failure: true,
            on_no_answer: OnNoAnswer::default(),
            on_recorder_failure: true,
            on_silence: false,
        }
    }
}

impl Default for Dialer {
    fn default() -> Self {
        Self {
            enabled: true,
            poll_ms: 1000,
            lease_seconds: 60,
            drain_seconds: 30,
            people: People::default(),
            fairness: Fairness::default(),
            fallback: Fallback::default(),
        }
    }
}
