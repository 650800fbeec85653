//! The board of live calls: what the console shows, and the handle by which a call is ended.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use ports::{LinePhase, LiveCall};
use records::AttemptId;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

struct Entry {
    call: LiveCall,
    end_now: CancellationToken,
}

/// All calls that are up on this process.
#[derive(Clone)]
pub struct Board(Arc<Inner>);

struct Inner {
    calls: Mutex<HashMap<AttemptId, Entry>>,
    up: watch::Sender<usize>,
    draining: CancellationToken,
}

/// A call's place on the board; dropped, the call is gone from it.
pub struct Place {
    board: Board,
    attempt: AttemptId,
    /// Fires when the call is to end at once.
    pub end_now: CancellationToken,
    /// Fires when the process is to stop: calls not yet answered are cancelled, the others go on.
    pub draining: CancellationToken,
}

impl Default for Board {
    fn default() -> Self {
        Self(Arc::new(Inner {
            calls: Mutex::default(),
            up: watch::Sender::new(0),
            draining: CancellationToken::new(),
        }))
    }
}

impl Board {
    /// Puts a call on the board.
    pub fn enter(&self, call: LiveCall) -> Place {
        let attempt = call.attempt;
        let end_now = CancellationToken::new();
        self.0.calls.lock().insert(attempt, Entry { call, end_now: end_now.clone() });
        self.count();
        Place { board: self.clone(), attempt, end_now, draining: self.0.draining.clone() }
    }

    /// The calls, the longest first.
    pub fn live(&self) -> Vec<LiveCall> {
        let mut calls: Vec<LiveCall> = self.0.calls.lock().values().map(|entry| entry.call.clone()).collect();
        calls.sort_by_key(|call| call.started_at);
        calls
    }

    /// How many calls are up.
    pub fn up(&self) -> usize {
        self.0.calls.lock().len()
    }

    /// Tells every call to end at once; answers how many were told.
    pub fn end_all(&self) -> usize {
        let calls = self.0.calls.lock();
        calls.values().for_each(|entry| entry.end_now.cancel());
        calls.len()
    }

    /// Lets no new call ring on; for shutdown, it cannot be undone.
    pub fn drain(&self) {
        self.0.draining.cancel();
    }

    /// Returns when no call is up.
    pub async fn empty(&self) {
        let mut up = self.0.up.subscribe();
        // The sender lives as long as the board, so waiting cannot fail.
        let _ = up.wait_for(|up| *up == 0).await;
    }

    fn count(&self) {
        let up = self.up();
        metrics::gauge!("huifang_calls_up").set(up as f64);
        self.0.up.send_replace(up);
    }
}

impl Place {
    /// Shows how far the call is.
    pub fn show(&self, phase: LinePhase, question: Option<&str>) {
        if let Some(entry) = self.board.0.calls.lock().get_mut(&self.attempt) {
            entry.call.phase = phase;
            entry.call.question = question.map(str::to_owned);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.board.0.calls.lock().remove(&self.attempt);
        self.board.count();
    }
}
