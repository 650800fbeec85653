//! The machines' `now`: time since the stack was started.

use std::time::Duration;

use tokio::time::Instant;

/// A fixed moment that all calls of a stack count from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> Duration {
        self.0.elapsed()
    }

    /// Sleeps until `deadline`, or for ever without one.
    pub(crate) async fn sleep_until(self, deadline: Option<Duration>) {
        match deadline {
            Some(at) => tokio::time::sleep_until(self.0 + at).await,
            None => std::future::pending().await,
        }
    }
}
