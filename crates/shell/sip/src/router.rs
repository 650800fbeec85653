//! Which call a message belongs to, by its Call-ID.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::sync::mpsc;
use uac::Input;

/// Messages one call may have waiting. A full mailbox drops: SIP over UDP repeats.
const MAILBOX: usize = 256;

/// A call's mailbox, as the wire sees it.
pub(crate) type Mailbox = mpsc::Sender<Input>;

/// A mailbox that only answers to our own requests reach.
pub(crate) fn mailbox() -> (Mailbox, mpsc::Receiver<Input>) {
    mpsc::channel(MAILBOX)
}

/// All calls that still take messages.
#[derive(Debug, Default)]
pub(crate) struct Router(Mutex<HashMap<String, Mailbox>>);

impl Router {
    /// Opens the mailbox of a call.
    pub(crate) fn open(&self, call_id: &str) -> (Mailbox, mpsc::Receiver<Input>) {
        let (sender, receiver) = mailbox();
        self.0.lock().insert(call_id.to_owned(), sender.clone());
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
        self.0.lock().get(call_id).cloned()
    }
}
