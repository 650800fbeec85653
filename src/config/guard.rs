//! `[sip.guard]`: who may speak SIP to us, and how much of it.

use serde::Deserialize;
use uac::guard::{Network, Policy, Rate, Strangers};
use uac::wire::Limits;

/// Rates are messages or answers a second; twice as many may come at once.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guard {
    pub strangers: ToStrangers,
    /// Addresses trusted beside those that the trunks resolve to.
    pub trusted: Vec<Network>,
    /// Read from each address of a trunk.
    pub trunk_rate: u32,
    /// Read from each stranger.
    pub stranger_rate: u32,
    /// Read from all strangers together.
    pub strangers_rate: u32,
    /// Answers to all strangers together; one of them gets a tenth, a network of them a fifth.
    pub answers: u32,
    /// Octets of a message.
    pub message_bytes: usize,
    /// Octets of its body.
    pub body_bytes: usize,
    /// Header lines of a message.
    pub header_lines: usize,
}

/// What somebody else than a trunk is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToStrangers {
    /// Nothing.
    #[default]
    Drop,
    /// OPTIONS is answered and everything else refused, within the rates.
    Refuse,
}

impl Default for Guard {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            strangers: ToStrangers::Drop,
            trusted: Vec::new(),
            trunk_rate: 4_000,
            stranger_rate: 20,
            strangers_rate: 1_000,
            answers: 10,
            message_bytes: limits.message,
            body_bytes: limits.body,
            header_lines: limits.headers,
        }
    }
}

impl Guard {
    /// As the signalling reads it.
    pub fn policy(&self) -> Policy {
        let share = |part: u32| Rate::of(if self.answers == 0 { 0 } else { (self.answers / part).max(1) });
        let limits = Limits {
            message: self.message_bytes,
            body: self.body_bytes,
            headers: self.header_lines,
            ..Limits::default()
        };
        Policy {
            strangers: match self.strangers {
                ToStrangers::Drop => Strangers::Drop,
                ToStrangers::Refuse => Strangers::Refuse,
            },
            trusted: self.trusted.clone(),
            trunk_rate: Rate::of(self.trunk_rate),
            stranger_rate: Rate::of(self.stranger_rate),
            strangers_rate: Rate::of(self.strangers_rate),
            source_answers: share(10),
            network_answers: share(5),
            answers: Rate::of(self.answers),
            limits,
        }
    }

    /// What would keep every call from working.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut least = |key: &str, value: usize, least: usize, why: &str| {
            if value < least {
                faults.push(format!("{key}: {value} is too little for {why}: set at least {least}"));
            }
        };
        least("trunk_rate", self.trunk_rate as usize, 10, "a carrier's answers to one call");
        least("message_bytes", self.message_bytes, 4_096, "a carrier's longest messages");
        least("body_bytes", self.body_bytes, 2_048, "a session description");
        least("header_lines", self.header_lines, 40, "a response that came over several proxies");
        faults
    }
}
