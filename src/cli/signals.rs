//! SIGTERM and Ctrl-C.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ready when the process is told to stop, from this call on: a signal that comes while the service still starts ends it
/// in order as soon as it has, and leaves no private Postgres behind.
pub(super) fn told_to_stop() -> impl Future<Output = ()> {
    let [terminate, interrupt] =
        [SignalKind::terminate(), SignalKind::interrupt()].map(|kind| signal(kind).ok());
    async {
        tokio::select! {
            () = heard(terminate) => {}
            () = heard(interrupt) => {}
        }
    }
}

async fn heard(signal: Option<Signal>) {
    match signal {
        Some(mut signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
