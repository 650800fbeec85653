//! Facts on their way to the store: no prompt starts before all of them are durable.

use std::collections::BTreeMap;
use std::time::Duration;

use records::{Fact, Noted};
use survey::{Event, PromptRef};

use crate::call::{Call, Phase};
use crate::{Output, Timer};

/// Whose fact is being saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Author {
    Call,
    Interview,
}

/// The facts given out and not yet durable, and the prompt that waits for them.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    next_seq: u32,
    unsaved: BTreeMap<u32, Author>,
    held: Option<PromptRef>,
    /// An interview's fact could not be made durable.
    lost: bool,
}

impl Ledger {
    pub(crate) fn is_settled(&self) -> bool {
        self.unsaved.is_empty()
    }

    pub(crate) fn lost(&self) -> bool {
        self.lost
    }

    pub(crate) fn hold(&mut self, prompt: PromptRef) {
        self.held = Some(prompt);
    }

    /// Forgets the prompt that waits; whether there was one.
    pub(crate) fn drop_held(&mut self) -> bool {
        self.held.take().is_some()
    }
}

impl Call {
    /// Gives out a fact of the call's own.
    pub(crate) fn note(&mut self, now: Duration, noted: Noted) {
        self.save(now, noted, Author::Call);
    }

    /// Gives out a fact of the interview, which waits for it.
    pub(crate) fn note_for_interview(&mut self, now: Duration, noted: Noted) {
        self.save(now, noted, Author::Interview);
    }

    fn save(&mut self, now: Duration, noted: Noted, author: Author) {
        let seq = self.ledger.next_seq;
        self.ledger.next_seq += 1;
        self.ledger.unsaved.insert(seq, author);
        if !self.timers.runs(Timer::StoreSilent) {
            self.timers.set(Timer::StoreSilent, now + self.limits.save);
        }
        self.out(Output::Save(Fact { seq, at_ms: now.as_millis() as u64, noted }));
    }

    pub(crate) fn saved(&mut self, now: Duration, seq: u32) {
        let Some(author) = self.ledger.unsaved.remove(&seq) else { return };
        if self.ledger.unsaved.is_empty() {
            self.timers.stop(Timer::StoreSilent);
        }
        if author == Author::Interview {
            self.tell_interview(now, Event::Saved);
        }
        if self.ledger.is_settled()
            && let Some(prompt) = self.ledger.held.take()
        {
            self.play(prompt);
        }
    }

    /// Before the answer a lost fact of progress is no reason to end a call; after it an interview whose
    /// answers cannot be kept is.
    pub(crate) fn store_failed(&mut self, now: Duration) {
        self.timers.stop(Timer::StoreSilent);
        let unsaved = std::mem::take(&mut self.ledger.unsaved);
        self.ledger.lost |= unsaved.values().any(|author| *author == Author::Interview);
        if matches!(self.phase, Phase::Talking | Phase::Closing) {
            self.ledger.drop_held();
            let verdict = self
                .verdict_of_outcome(crate::verdict::EndedBy::Us)
                .noting("the facts of the call could not be made durable, so it was ended");
            self.hang_up(now, Some(verdict));
        }
    }
}
