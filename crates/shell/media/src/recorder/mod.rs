//! Recordings: laid on a tape by the tick, written by a thread of their own in pieces of half a second,
//! and flushed by others.

mod early;
mod marks;
mod recording;
mod staged;
mod syncer;
mod writer;

pub(crate) use recording::Recording;
pub(crate) use writer::Job;

use crate::{MediaError, fact::Reserved};
use audio::Piece;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use staged::StagedFile;
use std::{io, path::Path, thread::JoinHandle};
use syncer::Syncers;
use writer::Writer;

/// Pieces that may wait for the disk, 8 KB each: two seconds of 2,000 calls.
const JOBS: usize = 8192;
/// Empty pieces kept for use again.
const SPARE: usize = 512;

/// The engine's hold on the writing thread.
pub(crate) struct Recorder {
    jobs: Option<Sender<Job>>,
    spare: Receiver<Piece>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    pub(crate) fn start() -> io::Result<Self> {
        let (sender, jobs) = bounded(JOBS);
        let (used, spare) = bounded(SPARE);
        let syncers = Syncers::start()?;
        let thread = std::thread::Builder::new()
            .name("recorder".into())
            .spawn(move || Writer::new(jobs, used, syncers).run())?;
        Ok(Self { jobs: Some(sender), spare, thread: Some(thread) })
    }

    /// For the tick threads, to hand over what closes.
    pub(crate) fn jobs(&self) -> Sender<Job> {
        self.jobs.clone().expect("taken only by the engine's end")
    }

    /// Makes the file of one recording.
    pub(crate) fn create(
        &self,
        id: u64,
        staging: &Path,
        name: &str,
        failed: Reserved,
    ) -> Result<Recording, MediaError> {
        let path = staged::path_of(staging, name)?;
        let file = StagedFile::create(&path)
            .map_err(|source| MediaError::Recorder { path: path.clone(), source })?;
        let jobs = self.jobs();
        match jobs.try_send(Job::Open { id, file: Box::new(file), failed }) {
            Ok(()) => Ok(Recording::new(id, jobs, self.spare.clone())),
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => {
                job.abandon();
                let source = io::Error::other("the disk does not keep up with the recordings in hand");
                Err(MediaError::Recorder { path, source })
            }
        }
    }

    /// Writes what is left and ends the thread; all other senders must be gone.
    pub(crate) fn end(&mut self) {
        self.jobs = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the recorder panicked; look for *.wav.part in the staging directory");
        }
    }
}
