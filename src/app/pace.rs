//! Pacing: calls placed per second on one trunk.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Spaces calls evenly at a rate.
pub struct Pace {
    gap: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    /// At most `per_second` turns a second.
    pub fn per_second(per_second: u32) -> Self {
        Self { gap: Duration::from_secs(1) / per_second.max(1), next: Mutex::new(Instant::now()) }
    }

    /// Returns when it is this caller's turn.
    pub async fn turn(&self) {
        let mut next = self.next.lock().await;
        let mine = (*next).max(Instant::now());
        *next = mine + self.gap;
        drop(next);
        tokio::time::sleep_until(mine).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_are_spaced_evenly_and_idle_time_is_not_saved_up() {
        let pace = Pace::per_second(10);
        let start = Instant::now();
        tokio::time::advance(Duration::from_secs(5)).await;
        for _ in 0..5 {
            pace.turn().await;
        }
        assert_eq!(start.elapsed(), Duration::from_millis(5400));
    }
}
