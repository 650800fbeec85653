//! Questions, their answers, and the spoken follow-ups.

use super::gates::Patience;
use crate::{Flag, Key, PromptId, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Unique among questions and follow-ups.
    pub id: String,
    /// What is measured (E6.3).
    pub kind: Kind,
    /// Whether the interview is incomplete without it.
    pub mandatory: bool,
    /// What is said.
    pub say: PromptId,
    /// Whether a key cuts it short.
    pub barge_in: bool,
    /// Whether a key pressed before it was asked answers it; else such keys are dropped.
    pub type_ahead: bool,
    /// How long to bear with the customer.
    pub patience: Patience,
    /// The answers by key; at least one.
    pub keys: BTreeMap<Key, Choice>,
}

/// What a question measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 产品质量.
    ProductQuality,
    /// 服务质量.
    ServiceQuality,
    /// 意见建议.
    Suggestion,
    /// 承诺兑现: whether what was promised was done.
    Promise,
    /// 合规确认: whether the sale followed the rules.
    Compliance,
    /// 问题处理: whether a complaint was remedied.
    Remedy,
    /// 回访评价: what the customer thinks of this very call.
    CallItself,
    /// 其他.
    Other,
}

/// What a key of a question means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The answer's stable name.
    pub value: String,
    /// What people read, in every language.
    pub label: Text,
    /// What the answer calls for.
    pub flag: Option<Flag>,
    /// What comes next.
    pub then: Next,
}

/// What comes after a choice or a follow-up. The graph of these has no loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The question written after this one, or the closing after the last.
    Following,
    /// A follow-up, by name.
    FollowUp(String),
    /// A later question, by its index.
    Question(usize),
    /// The closing.
    Closing,
}

/// A spoken follow-up, such as the "why" of rule G4.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// What is said.
    pub say: PromptId,
    /// Whether a key cuts the prompt short and starts the recording.
    pub barge_in: bool,
    /// The name of the span in the recording.
    pub tag: String,
    /// The longest speech kept.
    pub max: Duration,
    /// The silence that ends the speech.
    pub end_silence: Duration,
    /// What comes next; `Following` is what follows the question that led here.
    pub then: Next,
}
