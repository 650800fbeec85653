//! Threads that put finished recordings on the disk. A flush waits for the disk; the one who writes must not.

use super::staged::StagedFile;
use super::writer::told;
use crate::{Heard, LegStats, StagedRecording, fact::Reserved};
use audio::Cue;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::{io, thread::JoinHandle};

/// So many flushes go on at once: the disk, or its journal, takes several for little more than one.
const THREADS: usize = 4;
/// Finished recordings that may wait.
const WAITING: usize = 1024;

/// A recording that is written and not yet safe.
pub(super) struct Written {
    pub(super) file: Box<StagedFile>,
    pub(super) cues: Vec<Cue>,
    pub(super) stats: LegStats,
    /// Nothing of it was lost.
    pub(super) whole: bool,
    pub(super) failed: Reserved,
    pub(super) closed: Reserved,
}

/// The writer's hold on the threads.
pub(super) struct Syncers {
    written: Option<Sender<Written>>,
    threads: Vec<JoinHandle<()>>,
}

impl Syncers {
    pub(super) fn start() -> io::Result<Self> {
        let (written, waiting) = bounded(WAITING);
        let thread = |n| {
            let waiting: Receiver<Written> = waiting.clone();
            let run = move || waiting.iter().for_each(Written::finish);
            std::thread::Builder::new().name(format!("sync-{n}")).spawn(run)
        };
        Ok(Self { written: Some(written), threads: (0..THREADS).map(thread).collect::<io::Result<_>>()? })
    }

    /// Waits where too many wait already: the pieces that pile up meanwhile are the alarm.
    pub(super) fn take(&self, written: Written) {
        let Some(threads) = &self.written else { return written.finish() };
        if let Err(lost) = threads.send(written) {
            lost.0.finish();
        }
    }
}

impl Drop for Syncers {
    fn drop(&mut self) {
        self.written = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!(
                    "a thread that flushes recordings panicked; look for *.wav.part in the staging directory"
                );
            }
        }
    }
}

impl Written {
    fn finish(self) {
        let Self { file, cues, stats, whole, failed, closed } = self;
        let path = file.path().to_owned();
        let recording = match file.sync() {
            Ok(()) => whole.then(|| Box::new(StagedRecording { path, samples: file.samples(), cues, stats })),
            Err(error) => {
                let error = told(&path.display().to_string(), &error).into();
                failed.tell(Heard::RecorderFailed { error });
                None
            }
        };
        // Its lock is let go before anybody is told that it is there.
        drop(file);
        closed.tell(Heard::Closed(recording));
    }
}
