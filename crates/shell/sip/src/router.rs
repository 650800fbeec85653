//! Which call a message belongs to, by its Call-ID.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use uac::Input;

/// Messages one call may have waiting. A full mailbox drops: SIP over UDP repeats.
const MAILBOX: usize = 256;

/// What the wire tells a call's machine, and when that happened there.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) input: Input,
}

/// A call's mailbox, as the wire sees it. Its queue keeps room for 32 inputs, so they wait in boxes.
#[derive(Clone, Debug)]
pub(crate) struct Mailbox {
    inputs: mpsc::Sender<Box<Heard>>,
    left: watch::Sender<bool>,
}

impl Mailbox {
    /// Waits for room. A call that is gone takes nothing more.
    pub(crate) async fn put(&self, at: Instant, input: Input) {
        let _ = self.inputs.send(Box::new(Heard { at, input })).await;
    }

    /// Whether there was a call, and room.
    pub(crate) fn try_put(&self, at: Instant, input: Input) -> bool {
        self.inputs.try_send(Box::new(Heard { at, input })).is_ok()
    }

    /// A socket has taken an INVITE of the call.
    pub(crate) fn invite_left(&self) {
        self.left.send_replace(true);
    }

    /// Whether an INVITE has left.
    pub(crate) fn left(&self) -> watch::Receiver<bool> {
        self.left.subscribe()
    }
}

/// A mailbox that only answers to our own requests reach.
pub(crate) fn mailbox() -> (Mailbox, mpsc::Receiver<Box<Heard>>) {
    let (inputs, heard) = mpsc::channel(MAILBOX);
    (Mailbox { inputs, left: watch::Sender::new(false) }, heard)
}

/// All calls that still take messages.
#[derive(Debug, Default)]
pub(crate) struct Router(Mutex<HashMap<String, Entry>>);

#[derive(Debug)]
struct Entry {
    mailbox: Mailbox,
    /// Addresses that the peer has spoken from.
    sources: Vec<IpAddr>,
}

impl Router {
    /// Opens the mailbox of a call.
    pub(crate) fn open(&self, call_id: &str) -> (Mailbox, mpsc::Receiver<Box<Heard>>) {
        let (sender, receiver) = mailbox();
        let entry = Entry { mailbox: sender.clone(), sources: Vec::new() };
        self.0.lock().insert(call_id.to_owned(), entry);
        (sender, receiver)
    }

    /// Closes it.
    pub(crate) fn close(&self, call_id: &str) {
        self.0.lock().remove(call_id);
    }

    /// Calls whose mailbox is open.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// The mailbox of a call.
    pub(crate) fn find(&self, call_id: &str) -> Option<Mailbox> {
        self.0.lock().get(call_id).map(|entry| entry.mailbox.clone())
    }

    /// The call's peer speaks from these addresses.
    pub(crate) fn speaks_from(&self, call_id: &str, sources: impl Iterator<Item = IpAddr>) {
        if let Some(entry) = self.0.lock().get_mut(call_id) {
            entry.sources = sources.collect();
        }
    }

    /// Whether the call exists and its peer has spoken from there.
    pub(crate) fn hears(&self, call_id: &str, from: IpAddr) -> bool {
        self.0.lock().get(call_id).is_some_and(|entry| entry.sources.contains(&from))
    }
}
