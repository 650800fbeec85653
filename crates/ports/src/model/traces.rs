//! The traces port on the model.

use std::time::Duration;

use async_trait::async_trait;
use records::AttemptId;

use super::Model;
use crate::{StoreError, Traced, Traces};

#[async_trait]
impl Traces for Model {
    async fn keep_messages(&self, messages: &[Traced]) -> Result<u64, StoreError> {
        self.write(|state| {
            let before = state.messages.len();
            for fresh in messages {
                let known = state.attempts.contains_key(&fresh.attempt);
                if known && !state.messages.contains_key(&(fresh.attempt, fresh.seq)) {
                    state.messages.insert((fresh.attempt, fresh.seq), fresh.clone());
                }
            }
            Ok((state.messages.len() - before) as u64)
        })
    }

    async fn messages_of(&self, attempt: AttemptId) -> Result<Vec<Traced>, StoreError> {
        self.read(|state| {
            Ok(state
                .messages
                .range((attempt, 0)..=(attempt, u32::MAX))
                .map(|(_, kept)| Traced::clone(kept))
                .collect())
        })
    }

    async fn forget_messages(&self, age: Duration, most: u32) -> Result<u64, StoreError> {
        self.write(|state| {
            let old = state.messages.iter().filter(|(_, kept)| kept.message.envelope.at < state.now - age);
            let mut old: Vec<_> = old.map(|(place, kept)| (kept.message.envelope.at, *place)).collect();
            old.sort_unstable();
            old.truncate(most as usize);
            for (_, place) in &old {
                state.messages.remove(place);
            }
            Ok(old.len() as u64)
        })
    }
}
