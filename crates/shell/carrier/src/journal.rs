//! The journal: one JSON object a line, for a self-check to compare with what the service holds.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::CarrierError;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Wall time.
    pub at: DateTime<Utc>,
    /// The number as dialled.
    pub number: String,
    /// Which call to this number, from 1.
    pub nth: usize,
    /// SIP Call-ID.
    pub call_id: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened in a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An INVITE that passed authentication.
    Called {
        /// User part of the caller's P-Asserted-Identity or From.
        caller: String,
        /// What the script has this customer do.
        behaviour: String,
        /// Other calls to the same number that were still open: must be 0.
        overlapping: usize,
    },
    /// The customer picked up (200 sent).
    Answered,
    /// The caller's ACK arrived.
    Confirmed,
    /// A prompt was heard to its end, or until the customer cut in.
    HeardPrompt,
    /// A key went down.
    Pressed {
        /// Which.
        key: char,
    },
    /// The customer began to speak.
    Spoke,
    /// The customer waited for a prompt in vain, and hung up.
    LostPatience,
    /// The call is over.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// Final SIP status sent.
        status: u16,
        /// Keys pressed, in order.
        keys: String,
        /// Prompts heard.
        prompts: u32,
        /// Seconds from INVITE to answer or end.
        rang: f64,
        /// Seconds from answer to end; 0 when not answered.
        talked: f64,
        /// RTP packets received from the caller.
        packets_in: u64,
        /// RTP packets sent to the caller.
        packets_out: u64,
    },
}

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The customer hung up (BYE from here).
    Customer,
    /// The caller hung up (BYE from there).
    Caller,
    /// The caller gave up before the answer (CANCEL).
    Cancelled,
    /// The carrier refused the call.
    Carrier,
    /// The caller never acknowledged the answer.
    Unconfirmed,
}

/// Writes the lines. Without a file it writes none.
#[derive(Debug)]
pub(crate) struct Journal(Option<Mutex<File>>);

impl Journal {
    /// Opens the file for appending.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, CarrierError> {
        let open = |path: &Path| {
            OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .map(Mutex::new)
                .map_err(|source| CarrierError::Journal { path: path.to_owned(), source })
        };
        path.map(open).transpose().map(Self)
    }

    /// Adds a line. A few dozen bytes appended in one write; too short a matter for another thread.
    pub(crate) fn write(&self, entry: &Entry) {
        let Some(file) = &self.0 else { return };
        let line = serde_json::to_string(entry).map_err(std::io::Error::other);
        if let Err(error) = line.and_then(|line| file.lock().write_all((line + "\n").as_bytes())) {
            tracing::error!(%error, "the journal cannot be written");
        }
    }
}
