//! The signalling of attempts, kept for a while: diagnostic, so losing some of it harms no call.

use std::time::Duration;

use async_trait::async_trait;
use records::AttemptId;
use trace::Message;

use crate::StoreError;

/// A message and its place in an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    pub attempt: AttemptId,
    /// Number of the message in its attempt, in the order of arrival.
    pub seq: u32,
    pub message: Message,
    /// The first that went over the limit of one attempt: of it, and of all later ones, only this is kept.
    pub cut: bool,
}

/// Where messages are kept.
#[async_trait]
pub trait Traces: Send + Sync + 'static {
    /// Keeps messages, all or none. Writing a `seq` twice is harmless; those of an attempt that does not exist are
    /// left out. Answers how many were written.
    async fn keep_messages(&self, messages: &[Traced]) -> Result<u64, StoreError>;
    /// The messages of an attempt in order of `seq`; none where it was not traced, or its time is over.
    async fn messages_of(&self, attempt: AttemptId) -> Result<Vec<Traced>, StoreError>;
    /// Deletes at most `most` messages that are older than `age` by the store's clock. Answers how many.
    async fn forget_messages(&self, age: Duration, most: u32) -> Result<u64, StoreError>;
}
