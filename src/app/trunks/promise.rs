//! Lines promised to tasks that are being prepared, so that no more are claimed than can be called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts promises.
#[derive(Default)]
pub(super) struct Promises(Arc<AtomicU32>);

/// One line promised; dropped, it is no longer.
pub struct Promise(Arc<AtomicU32>);

impl Promises {
    pub(super) fn give(&self) -> Promise {
        self.0.fetch_add(1, Ordering::Relaxed);
        Promise(Arc::clone(&self.0))
    }

    pub(super) fn given(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
