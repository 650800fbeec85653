//! The calls that are up, and how often each number was called.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::Utc;
use parking_lot::Mutex;
use tokio::sync::mpsc::UnboundedSender;

use crate::journal::{Entry, Event, Journal};
use crate::script::{Behaviour, Habits, Script, significant};
use crate::signal::Fact;

/// Call-ID and our tag name a dialog at this end.
pub(crate) type DialogKey = (String, String);

/// All calls.
#[derive(Debug)]
pub(crate) struct Register {
    script: Script,
    journal: Journal,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    dialogs: HashMap<DialogKey, Dialog>,
    /// By significant digits, so that one customer is one, however dialled.
    numbers: HashMap<String, Calls>,
}

#[derive(Debug, Clone)]
struct Dialog {
    facts: UnboundedSender<Fact>,
    sdp: Vec<u8>,
}

#[derive(Debug, Default)]
struct Calls {
    made: usize,
    open: usize,
}

/// The place of one call in the register, given back when dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    register: Arc<Register>,
    key: DialogKey,
    number: String,
    nth: usize,
}

impl Register {
    pub(crate) fn new(script: Script, journal: Journal) -> Arc<Self> {
        Arc::new(Self { script, journal, book: Mutex::default() })
    }

    /// Enters a call, notes it, and tells what the customer will do.
    pub(crate) fn enter(
        self: &Arc<Self>,
        key: DialogKey,
        number: String,
        caller: String,
        facts: UnboundedSender<Fact>,
        sdp: Vec<u8>,
    ) -> (Ticket, Behaviour) {
        let (nth, overlapping) = {
            let mut book = self.book.lock();
            book.dialogs.insert(key.clone(), Dialog { facts, sdp });
            let calls = book.numbers.entry(significant(&number)).or_default();
            let overlapping = calls.open;
            calls.made += 1;
            calls.open += 1;
            (calls.made, overlapping)
        };
        let behaviour = self.script.behaviour(&number, nth - 1);
        let word = behaviour.word().to_owned();
        tracing::info!(call_id = %key.0, nth, behaviour = %word, overlapping, "a customer is called");
        let ticket = Ticket { register: Arc::clone(self), key, number, nth };
        ticket.note(Event::Called { caller, behaviour: word, overlapping });
        (ticket, behaviour)
    }

    /// Tells a call what happened; our SDP of it, or `None` when there is no such call.
    pub(crate) fn tell(&self, key: &DialogKey, fact: Option<Fact>) -> Option<Vec<u8>> {
        let dialog = self.book.lock().dialogs.get(key).cloned()?;
        match fact {
            Some(fact) => dialog.facts.send(fact).ok().map(|()| dialog.sdp),
            None => Some(dialog.sdp),
        }
    }
}

impl Ticket {
    /// Adds a line to the journal.
    pub(crate) fn note(&self, event: Event) {
        self.register.journal.write(&Entry {
            at: Utc::now(),
            number: self.number.clone(),
            nth: self.nth,
            call_id: self.key.0.clone(),
            event,
        });
    }

    pub(crate) fn habits(&self) -> Habits {
        self.register.script.habits
    }

    pub(crate) fn clips(&self) -> BTreeMap<String, Arc<[i16]>> {
        self.register.script.sounds.clone()
    }

    pub(crate) fn clip(&self, name: &str) -> Arc<[i16]> {
        self.register.script.sounds.get(name).cloned().unwrap_or_default()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut book = self.register.book.lock();
        book.dialogs.remove(&self.key);
        if let Some(calls) = book.numbers.get_mut(&significant(&self.number)) {
            calls.open = calls.open.saturating_sub(1);
        }
    }
}
