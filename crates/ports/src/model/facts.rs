//! Facts and recordings.

use records::{Answer, AttemptId, Fact, Noted, Recording};

use super::state::{State, conflict};
use crate::{NewRecording, StoreError};

impl State {
    pub(super) fn note(&mut self, id: AttemptId, facts: &[Fact]) -> Result<(), StoreError> {
        let (customer, number) = {
            let attempt = self.attempt(id)?;
            (attempt.customer, attempt.number.clone())
        };
        for fact in facts {
            if self.facts.contains_key(&(id, fact.seq)) {
                continue;
            }
            self.facts.insert((id, fact.seq), fact.clone());
            if fact.noted == Noted::OptOut {
                match customer {
                    Some(customer) => self.opt_out(customer, Some(&number), "key")?,
                    None => self.barred.add(number.clone()),
                }
            }
        }
        Ok(())
    }

    pub(super) fn facts(&self, id: AttemptId) -> Result<Vec<Fact>, StoreError> {
        self.attempt(id)?;
        Ok(self.facts.range((id, 0)..=(id, u32::MAX)).map(|(_, fact)| Fact::clone(fact)).collect())
    }

    /// The latest answer to each question, in the order they were given.
    pub(super) fn standing_answers(&self, id: AttemptId) -> Vec<Answer> {
        let mut standing: Vec<Answer> = Vec::new();
        for (_, fact) in self.facts.range((id, 0)..=(id, u32::MAX)) {
            if let Noted::Answer(answer) = &fact.noted {
                standing.retain(|earlier| earlier.question != answer.question);
                standing.push(answer.clone());
            }
        }
        standing
    }

    pub(super) fn file_recording(&mut self, fresh: &NewRecording) -> Result<(), StoreError> {
        self.attempt(fresh.attempt)?;
        match self.recordings.values().find(|kept| kept.attempt == fresh.attempt) {
            Some(kept) if kept.sha256 == fresh.sha256 => Ok(()),
            Some(_) => Err(conflict(format!("the attempt {} has another recording already", fresh.attempt))),
            None => {
                let recording = Recording {
                    id: fresh.id,
                    attempt: fresh.attempt,
                    path: fresh.path.clone(),
                    bytes: fresh.bytes,
                    seconds: fresh.seconds,
                    sha256: fresh.sha256.clone(),
                    cues: fresh.cues.clone(),
                    sealed_at: self.now,
                };
                self.recordings.insert(recording.id, recording);
                Ok(())
            }
        }
    }
}
