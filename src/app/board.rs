//! The board of live calls: what the console shows, and the handle by which a call is ended.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use ports::{LinePhase, LiveCall};
use records::AttemptId;
use tokio_util::sync::CancellationToken;
use web::events::{Events, Happening};

struct Entry {
    call: LiveCall,
    end_now: CancellationToken,
}

/// All calls that are up on this process.
#[derive(Clone)]
pub struct Board(Arc<Inner>);

struct Inner {
    calls: Mutex<Calls>,
    draining: CancellationToken,
    events: Events,
}

#[derive(Default)]
struct Calls {
    up: HashMap<AttemptId, Entry>,
    endings: u64,
}

/// How often all calls have been ended. Taken before an attempt is opened, so that an end told in between reaches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endings(u64);

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
            draining: CancellationToken::new(),
            events: Events::default(),
        }))
    }
}

impl Board {
    /// To be given to [`Board::enter`].
    pub fn endings(&self) -> Endings {
        Endings(self.0.calls.lock().endings)
    }

    /// Puts a call on the board. It ends at once when all calls were told to end since `before`.
    pub fn enter(&self, before: Endings, call: LiveCall) -> Place {
        let attempt = call.attempt;
        let end_now = CancellationToken::new();
        self.0.events.tell(Happening::opened(&call));
        let mut calls = self.0.calls.lock();
        if calls.endings != before.0 {
            end_now.cancel();
        }
        calls.up.insert(attempt, Entry { call, end_now: end_now.clone() });
        drop(calls);
        self.count();
        Place { board: self.clone(), attempt, end_now, draining: self.0.draining.clone() }
    }

    /// Where what happens is told.
    pub fn events(&self) -> &Events {
        &self.0.events
    }

    /// The calls, the longest first.
    pub fn live(&self) -> Vec<LiveCall> {
        let mut calls: Vec<LiveCall> =
            self.0.calls.lock().up.values().map(|entry| entry.call.clone()).collect();
        calls.sort_by_key(|call| call.started_at);
        calls
    }

    /// How many calls are up.
    pub fn up(&self) -> usize {
        self.0.calls.lock().up.len()
    }

    /// Tells every call to end at once; answers how many were told.
    pub fn end_all(&self) -> usize {
        let mut calls = self.0.calls.lock();
        calls.endings += 1;
        calls.up.values().for_each(|entry| entry.end_now.cancel());
        calls.up.len()
    }

    /// Lets no new call ring on; for shutdown, it cannot be undone.
    pub fn drain(&self) {
        self.0.draining.cancel();
    }

    /// Whether the process is to stop, so that no new call may be placed.
    pub fn draining(&self) -> bool {
        self.0.draining.is_cancelled()
    }

    fn count(&self) {
        metrics::gauge!("huifang_calls_up").set(self.up() as f64);
    }
}

impl Place {
    /// Shows how far the call is.
    pub fn show(&self, phase: LinePhase, question: Option<&str>) {
        if let Some(entry) = self.board.0.calls.lock().up.get_mut(&self.attempt) {
            entry.call.phase = phase;
            entry.call.question = question.map(str::to_owned);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.board.0.calls.lock().up.remove(&self.attempt);
        self.board.count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> LiveCall {
        LiveCall {
            attempt: AttemptId(uuid::Uuid::now_v7()),
            customer_name: None,
            plan_name: None,
            direction: records::Direction::Outbound,
            number: "13800138000".parse().unwrap(),
            trunk: "main".to_owned(),
            phase: LinePhase::Dialling,
            question: None,
            started_at: chrono::Utc::now(),
        }
    }

    #[test]
    fn an_end_told_while_an_attempt_is_opened_reaches_its_call() {
        let board = Board::default();
        let before = board.endings();
        assert_eq!(board.end_all(), 0);
        assert!(board.enter(before, call()).end_now.is_cancelled());
        assert!(!board.enter(board.endings(), call()).end_now.is_cancelled());
    }
}
