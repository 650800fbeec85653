//! One line for each call that is over.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::mpsc::Receiver;

use serde::{Deserialize, Serialize};

use super::Counts;
use super::media::Finished;
use crate::report::Tally;

/// What a call was like for its called party.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallReport {
    /// The attempt's id.
    pub call_id: String,
    pub number: String,
    /// From our 200 to the BYE, whoever sent it.
    pub seconds: f64,
    /// Whether the BYE was ours.
    pub by_us: bool,
    /// In order, one character a key.
    pub keys: String,
    /// Hashes of the prompts heard to their end, in order.
    pub prompts: Vec<u64>,
    /// Counts of this call alone.
    pub tally: Tally,
    /// The latest packet.
    pub latest_ms: f64,
}

pub(super) struct Journal(File);

impl Journal {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        File::create(path).map(Self)
    }

    /// Writes until the process ends. A call is counted as ended once its line is written.
    pub(super) fn keep(mut self, finished: &Receiver<Finished>, counts: &Counts) {
        while let Ok(call) = finished.recv() {
            let line = serde_json::to_string(&call.report()).expect("a report of plain fields is JSON");
            if let Err(error) = writeln!(self.0, "{line}") {
                eprintln!("called: the journal cannot be written: {error}");
            }
            counts.change(|tally| {
                tally.ended += 1;
                tally.up -= 1;
            });
        }
    }
}
