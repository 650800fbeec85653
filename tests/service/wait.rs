//! Waiting for a condition, never for a time alone.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Looks until there is something; fails the test when it takes longer than `within`.
pub(crate) async fn until<T, Look, Seen>(within: Duration, what: &str, mut look: Look) -> T
where
    Look: FnMut() -> Seen,
    Seen: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + within;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "within {} s this did not come: {what}", within.as_secs_f64());
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Looks all the while that something stays as it should.
pub(crate) async fn hold(during: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + during;
    while Instant::now() < end {
        assert!(holds(), "this did not stay so: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
