//! Starts the threads, opens legs on them, and ends them.

use crate::{
    MediaConfig, MediaError, MediaFact, MediaLeg, OpenLeg,
    fact::Facts,
    ports::Ports,
    recorder::Recorder,
    tick::{Command, Leg, Order, Terms, TickThread},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};
use tokio::sync::mpsc;

/// All media of the service. Dropping it closes every leg, finishes their recordings and joins the threads.
pub struct MediaEngine {
    ports: Ports,
    staging: PathBuf,
    terms: Terms,
    next: AtomicU64,
    threads: Vec<TickThread>,
    recorder: Recorder,
}

impl MediaEngine {
    /// Makes the staging directory and starts the threads.
    pub fn start(config: MediaConfig) -> Result<Self, MediaError> {
        std::fs::create_dir_all(&config.staging)
            .map_err(|source| MediaError::Recorder { path: config.staging.clone(), source })?;
        let recorder = Recorder::start().map_err(MediaError::Threads)?;
        let threads = (0..config.threads.max(1))
            .map(|n| {
                TickThread::start(n, config.realtime, recorder.jobs(), Arc::clone(&config.announcements))
            })
            .collect::<io::Result<_>>()
            .map_err(MediaError::Threads)?;
        Ok(Self {
            ports: Ports::new(config.bind, config.ports),
            staging: config.staging,
            terms: Terms {
                no_media_after: config.no_media_after,
                keys: config.keys,
                source: config.source,
                announcements: config.announcements,
                listening: config.listening,
            },
            next: AtomicU64::new(0),
            threads,
            recorder,
        })
    }

    /// Opens a leg that is recorded in the configured staging directory; see [`MediaEngine::open_in`].
    pub fn open(&self, spec: OpenLeg) -> Result<(MediaLeg, mpsc::Receiver<MediaFact>), MediaError> {
        self.open_in(spec, &self.staging)
    }

    /// Opens a leg: its socket is bound and its recording's file made in `staging`, or there is no leg. Touches the
    /// disk: call it where a few milliseconds may pass. The facts end after [`crate::Heard::Closed`]; should they
    /// end without it, the media thread has died.
    pub fn open_in(
        &self,
        spec: OpenLeg,
        staging: &Path,
    ) -> Result<(MediaLeg, mpsc::Receiver<MediaFact>), MediaError> {
        let OpenLeg { id: attempt, record } = spec;
        let sockets = self.ports.take()?;
        let port = sockets
            .rtp
            .local_addr()
            .map_err(|source| MediaError::Bind { address: self.ports.bound_to(), source })?
            .port();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (facts, receiver) = Facts::queue(Instant::now());
        let closed = Arc::new(AtomicBool::new(false));
        let mut leg = Leg::new(sockets, facts, Arc::clone(&closed), &self.terms);
        if record {
            leg.record(self.recorder.create(id, staging, &attempt, leg.reserve())?);
        }
        let orders = self.thread_of(id).orders();
        orders
            .send(Order { leg: id, at: Instant::now(), command: Command::Open(Box::new(leg)) })
            .map_err(|_| MediaError::Threads(io::Error::other("the tick thread has ended")))?;
        tracing::debug!(leg = id, attempt, port, "media leg opened");
        Ok((MediaLeg::new(id, port, orders, closed), receiver))
    }

    /// How many legs are open.
    pub fn legs(&self) -> usize {
        self.threads.iter().map(TickThread::legs).sum()
    }

    /// Closes every leg, finishes their recordings and joins the threads. Blocks until the disk has all.
    pub fn shutdown(self) {
        drop(self);
    }

    fn thread_of(&self, id: u64) -> &TickThread {
        &self.threads[id as usize % self.threads.len()]
    }
}

impl Drop for MediaEngine {
    fn drop(&mut self) {
        for thread in &mut self.threads {
            thread.end();
        }
        self.recorder.end();
    }
}
