//! What the operator allows.

use super::{Network, Rate};
use crate::wire::Limits;

/// What a stranger is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strangers {
    /// Nothing: to them we are not there.
    #[default]
    Drop,
    /// What a trunk would be told, as far as the rates go: OPTIONS is answered, calls are refused.
    Refuse,
}

/// Who may speak to us and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What somebody else than a trunk is told.
    pub strangers: Strangers,
    /// Addresses trusted beside those that the trunks resolve to.
    pub trusted: Vec<Network>,
    /// Messages read from each address of a trunk.
    pub trunk_rate: Rate,
    /// Messages read from each stranger (IPv4 /32, IPv6 /64).
    pub stranger_rate: Rate,
    /// Messages read from all strangers together.
    pub strangers_rate: Rate,
    /// Answers to each stranger.
    pub source_answers: Rate,
    /// Answers to each neighbourhood of strangers (IPv4 /24, IPv6 /48).
    pub network_answers: Rate,
    /// Answers to all strangers together.
    pub answers: Rate,
    /// Sizes.
    pub limits: Limits,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            strangers: Strangers::default(),
            trusted: Vec::new(),
            // A call brings fewer than twenty messages: a hundred calls a second, and as many repetitions.
            trunk_rate: Rate::of(4_000),
            stranger_rate: Rate::of(20),
            strangers_rate: Rate::of(1_000),
            source_answers: Rate::of(1),
            network_answers: Rate::of(2),
            answers: Rate::of(10),
            limits: Limits::default(),
        }
    }
}
