//! A run that is told to end takes down what it started.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

use super::BenchError;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on SIGINT and SIGTERM end the run at its next [`check`].
pub(crate) fn listen() -> Result<(), BenchError> {
    let start = |error| BenchError::Start { name: "the signal listener", error };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(start)?;
    let (mut interrupt, mut terminate) = {
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt()).map_err(start)?, signal(SignalKind::terminate()).map_err(start)?)
    };
    let wait = move || {
        runtime.block_on(async {
            tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
        });
        INTERRUPTED.store(true, Ordering::Relaxed);
    };
    thread::Builder::new().name("signals".to_owned()).spawn(wait).map(drop).map_err(start)
}

/// An error once the run was told to end.
pub(crate) fn check() -> Result<(), BenchError> {
    if INTERRUPTED.load(Ordering::Relaxed) { Err(BenchError::Interrupted) } else { Ok(()) }
}
