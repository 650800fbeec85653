//! The thread that writes all recordings.

use super::early::Early;
use super::staged::StagedFile;
use super::syncer::{Syncers, Written};
use crate::{Heard, LegStats, fact::Reserved};
use audio::{Cue, Piece};
use crossbeam_channel::{Receiver, Sender};
use std::{collections::HashMap, io, time::Duration};

/// 200 pieces of 2,000 calls come meanwhile; a recording that ends waits for that long.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What the tick asks of the writer.
pub(crate) enum Job {
    Open {
        id: u64,
        file: Box<StagedFile>,
        failed: Reserved,
    },
    /// `cues`: those set since the piece before.
    Piece {
        id: u64,
        piece: Piece,
        cues: Vec<Cue>,
    },
    /// What was written behind so many samples is cut off: the call was over.
    Cut {
        id: u64,
        length: u64,
    },
    /// Of a call that was not answered: the evidence of what was made out.
    Early {
        id: u64,
        early: Box<Early>,
    },
    Close {
        id: u64,
        cues: Vec<Cue>,
        stats: LegStats,
        whole: bool,
        closed: Reserved,
    },
}

impl Job {
    /// Nobody will do it: leave nothing behind and keep nobody waiting.
    pub(crate) fn abandon(self) {
        match self {
            Self::Open { file, .. } => file.discard(),
            Self::Piece { .. } | Self::Cut { .. } | Self::Early { .. } => {}
            Self::Close { closed, .. } => closed.tell(Heard::Closed(None)),
        }
    }
}

pub(super) struct Writer {
    jobs: Receiver<Job>,
    used: Sender<Piece>,
    open: HashMap<u64, Open>,
    /// Room for a piece as the file holds it.
    octets: Vec<u8>,
    syncers: Syncers,
}

struct Open {
    file: Box<StagedFile>,
    /// There until a failure was told.
    failed: Option<Reserved>,
}

impl Writer {
    pub(super) fn new(jobs: Receiver<Job>, used: Sender<Piece>, syncers: Syncers) -> Self {
        Self { jobs, used, open: HashMap::new(), octets: Vec::new(), syncers }
    }

    /// Until all senders are gone. While there are recordings it looks a few times a second: to be woken for each
    /// piece would cost the tick as much as what it sends.
    pub(super) fn run(mut self) {
        while let Ok(job) = self.jobs.recv() {
            self.carry_out(job);
            while let Ok(job) = self.jobs.try_recv() {
                self.carry_out(job);
            }
            if !self.open.is_empty() {
                std::thread::sleep(BETWEEN_LOOKS);
            }
        }
    }

    fn carry_out(&mut self, job: Job) {
        match job {
            Job::Open { id, file, failed } => {
                self.open.insert(id, Open { file, failed: Some(failed) });
            }
            Job::Piece { id, piece, cues } => self.piece(id, piece, cues),
            Job::Cut { id, length } => {
                if let Some(open) = self.open.get_mut(&id) {
                    open.file.cut(length);
                }
            }
            Job::Early { id, early } => self.early(id, &early),
            Job::Close { id, cues, stats, whole, closed } => self.close(id, cues, stats, whole, closed),
        }
    }

    fn piece(&mut self, id: u64, piece: Piece, cues: Vec<Cue>) {
        if let Some(open) = self.open.get_mut(&id)
            && open.failed.is_some()
            && let Err(error) = open.file.write(&piece, cues, &mut self.octets)
        {
            open.fail(&error);
        }
        // A full store of spare pieces frees this one.
        let _ = self.used.try_send(piece);
    }

    fn early(&mut self, id: u64, early: &Early) {
        if let Some(open) = self.open.get_mut(&id)
            && open.failed.is_some()
            && let Err(error) = open.file.write(&early.piece(), early.cues(), &mut self.octets)
        {
            open.fail(&error);
        }
    }

    fn close(&mut self, id: u64, cues: Vec<Cue>, stats: LegStats, whole: bool, closed: Reserved) {
        let Some(mut open) = self.open.remove(&id) else { return closed.tell(Heard::Closed(None)) };
        if open.file.samples() == 0 && whole && open.failed.is_some() {
            open.file.discard();
            return closed.tell(Heard::Closed(None));
        }
        if open.failed.is_some()
            && let Err(error) = open.file.mark(cues)
        {
            open.fail(&error);
        }
        let cues = open.file.take_cues();
        match open.failed {
            Some(failed) => {
                self.syncers.take(Written { file: open.file, cues, stats, whole, failed, closed });
            }
            None => closed.tell(Heard::Closed(None)),
        }
    }
}

impl Open {
    fn fail(&mut self, error: &io::Error) {
        let error = told(&self.file.path().display().to_string(), error);
        tracing::error!(error, "a recording failed");
        metrics::counter!("media_recorder_errors_total").increment(1);
        if let Some(failed) = self.failed.take() {
            failed.tell(Heard::RecorderFailed { error: error.into() });
        }
    }
}

pub(super) fn told(path: &str, error: &io::Error) -> String {
    format!("{path}: {error}; free or mend the disk of the staging directory")
}
