//! The thread that writes all recordings.

use super::staged::StagedFile;
use crate::{Heard, LegStats, StagedRecording, fact::Reserved};
use audio::Cue;
use crossbeam_channel::{Receiver, Sender};
use std::{collections::HashMap, io};

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
        piece: Vec<i16>,
        cues: Vec<Cue>,
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
            Self::Piece { .. } => {}
            Self::Close { closed, .. } => closed.tell(Heard::Closed(None)),
        }
    }
}

pub(super) struct Writer {
    jobs: Receiver<Job>,
    used: Sender<Vec<i16>>,
    open: HashMap<u64, Open>,
}

struct Open {
    file: Box<StagedFile>,
    /// There until a failure was told.
    failed: Option<Reserved>,
}

impl Writer {
    pub(super) fn new(jobs: Receiver<Job>, used: Sender<Vec<i16>>) -> Self {
        Self { jobs, used, open: HashMap::new() }
    }

    /// Until all senders are gone.
    pub(super) fn run(mut self) {
        while let Ok(job) = self.jobs.recv() {
            match job {
                Job::Open { id, file, failed } => {
                    self.open.insert(id, Open { file, failed: Some(failed) });
                }
                Job::Piece { id, piece, cues } => self.piece(id, piece, &cues),
                Job::Close { id, cues, stats, whole, closed } => {
                    closed.tell(Heard::Closed(self.close(id, cues, stats, whole)));
                }
            }
        }
    }

    fn piece(&mut self, id: u64, piece: Vec<i16>, cues: &[Cue]) {
        if let Some(open) = self.open.get_mut(&id)
            && open.failed.is_some()
            && let Err(error) = open.file.write(&piece).and_then(|()| open.file.note(cues))
        {
            open.fail(&error);
        }
        // A full store of spare pieces frees this one.
        let _ = self.used.try_send(piece);
    }

    fn close(&mut self, id: u64, cues: Vec<Cue>, stats: LegStats, whole: bool) -> Option<StagedRecording> {
        let Open { file, failed } = self.open.remove(&id)?;
        let failed = failed?;
        let (path, samples) = (file.path().to_owned(), file.samples());
        if samples == 0 && whole {
            file.discard();
            return None;
        }
        match file.finish(&cues) {
            Ok(()) if whole => Some(StagedRecording { path, samples, cues, stats }),
            Ok(()) => None,
            Err(error) => {
                failed.tell(Heard::RecorderFailed { error: told(&path.display().to_string(), &error) });
                None
            }
        }
    }
}

impl Open {
    fn fail(&mut self, error: &io::Error) {
        let error = told(&self.file.path().display().to_string(), error);
        tracing::error!(error, "a recording failed");
        metrics::counter!("media_recorder_errors_total").increment(1);
        if let Some(failed) = self.failed.take() {
            failed.tell(Heard::RecorderFailed { error });
        }
    }
}

fn told(path: &str, error: &io::Error) -> String {
    format!("{path}: {error}; free or mend the disk of the staging directory")
}
