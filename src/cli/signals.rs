//! SIGTERM and Ctrl-C.

use tokio::signal::unix::{SignalKind, signal};

/// Ready when the process is told to stop.
pub(super) async fn told_to_stop() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
