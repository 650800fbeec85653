//! A line that another process on the same database may have to give up first.

use std::time::Duration;

use sip::Leg;
use tokio::time::{Instant, timeout_at};

use super::{Line, NoLine, Trunks, Wanted};

/// Another process learns within a second that we are short, and we within another that it has given a line up.
const PATIENCE: Duration = Duration::from_secs(4);

impl Trunks {
    /// Takes a line as [`Trunks::line`] does, and waits a little where others may give one up.
    pub async fn line_soon(&self, wanted: Wanted<'_>) -> Result<Line, NoLine> {
        self.soon(|| self.line(wanted)).await
    }

    /// The same for a call that has come in.
    pub async fn came_in_soon(&self, name: &str, leg: &Leg) -> Result<Line, NoLine> {
        self.soon(|| self.came_in(name, leg)).await
    }

    async fn soon(&self, take: impl Fn() -> Result<Line, NoLine>) -> Result<Line, NoLine> {
        let until = Instant::now() + PATIENCE;
        loop {
            // Before asking, so that no change in between is missed.
            let mut changed = std::pin::pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            let taken = take();
            let waits = matches!(taken, Err(NoLine::AllBusy)) && self.others_have_lines();
            if !waits || Instant::now() >= until {
                return taken;
            }
            self.asked.notify_one();
            // Not longer than until the next renewal, which may bring nothing that changes.
            let _ = timeout_at(until, changed).await;
        }
    }
}
