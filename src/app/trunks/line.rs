//! One call's hold on a line: its turn, its INVITE, and the line until the carrier has let go of it too.

use std::sync::Arc;

use ports::LendingId;
use records::Reason;
use sip::{Dial, Events, Leg};
use trunk::breaker::{Change, Ending, Why};
use trunk::{Chosen, Turn};

use super::{Shared, Trunk};

/// A line of a trunk. Dropped before the INVITE, it is free at once; after it, as soon as the leg is over.
pub struct Line {
    pub trunk: Arc<Trunk>,
    /// The number in this trunk's form.
    dialled: String,
    shared: Arc<Shared>,
    chosen: Chosen,
    stage: Stage,
}

enum Stage {
    Taken,
    /// Its turn is granted and held.
    Turn,
    /// The INVITE was given to the signalling.
    Dialled {
        leg: Leg,
        judged: bool,
    },
    /// The call has come in.
    CameIn {
        leg: Leg,
    },
    Gone,
}

impl Line {
    pub(super) fn new(trunk: &Arc<Trunk>, shared: &Arc<Shared>, chosen: Chosen, dialled: String) -> Self {
        let (trunk, shared) = (Arc::clone(trunk), Arc::clone(shared));
        Self { trunk, dialled, shared, chosen, stage: Stage::Taken }
    }

    /// The line of a call that has come in over the trunk.
    pub(super) fn came_in(trunk: &Arc<Trunk>, shared: &Arc<Shared>, chosen: Chosen, leg: &Leg) -> Self {
        let (trunk, shared) = (Arc::clone(trunk), Arc::clone(shared));
        let stage = Stage::CameIn { leg: leg.clone() };
        Self { trunk, dialled: String::new(), shared, chosen, stage }
    }

    /// What this line is of, where processes share the trunk.
    pub fn lent(&self) -> Option<LendingId> {
        self.shared.lendings.lock()[self.chosen.trunk]
    }

    /// Returns when it is this call's turn; the turn is held until the INVITE leaves.
    pub async fn turn(&mut self) {
        if !matches!(self.stage, Stage::Taken) {
            return;
        }
        let _first = self.trunk.turns.lock().await;
        loop {
            // Before asking, so that no change in between is missed.
            let mut changed = std::pin::pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            let asked = self.shared.pool.lock().turn(self.chosen.trunk, self.shared.now());
            match asked {
                Turn::Granted => break,
                Turn::At(at) => tokio::select! {
                    () = tokio::time::sleep_until(self.shared.start + at) => {}
                    () = changed => {}
                },
                Turn::OnChange => changed.await,
            }
        }
        self.stage = Stage::Turn;
    }

    /// Sends the INVITE. The turn was waited for, and is held until a socket has taken the INVITE: a connection that
    /// opens slowly must not let the INVITEs that wait for it out in one burst.
    pub fn dial(&mut self, call_id: String, offer: String) -> (Leg, Events) {
        let dial = Dial { number: self.dialled.clone(), call_id, offer };
        let (leg, events) = self.trunk.sip.dial(dial);
        let (left, shared, trunk) = (leg.left(), self.shared.clone(), self.chosen.trunk);
        tokio::spawn(async move {
            left.await;
            shared.pool.lock().dialled(trunk, shared.now());
            shared.changed.notify_waiters();
        });
        self.stage = Stage::Dialled { leg: leg.clone(), judged: false };
        (leg, events)
    }

    /// The carrier has taken the call: it rings or is answered.
    pub fn taken(&self) {
        let now = self.shared.now();
        let change = self.shared.pool.lock().breaker(self.chosen.trunk).taken(now, self.chosen.probe);
        self.tell(change.as_ref());
    }

    /// How the call ended.
    pub fn ended(&mut self, reason: Reason) {
        if let Stage::Dialled { judged, .. } = &mut self.stage {
            *judged = true;
            self.judge(Ending::from(reason));
        }
    }

    fn judge(&self, ending: Ending) {
        let (now, probe) = (self.shared.now(), self.chosen.probe);
        let change = self.shared.pool.lock().breaker(self.chosen.trunk).ended(now, ending, probe);
        self.tell(change.as_ref());
    }

    fn tell(&self, change: Option<&Change>) {
        let trunk = &self.trunk.name;
        match change {
            None => return,
            Some(Change::Closed) => tracing::info!(trunk, "the trunk takes calls again"),
            Some(Change::Opened { rest, why }) => {
                metrics::counter!("huifang_breaker_openings_total", "trunk" => trunk.clone()).increment(1);
                let why = match why {
                    Why::InARow(calls) => format!("{calls} calls in a row failed"),
                    Why::Share { failed, of } => format!("{failed} of {of} calls failed"),
                    Why::ProbeFailed => "the call that tried it failed".to_owned(),
                };
                tracing::warn!(trunk, why, rest_seconds = rest.as_secs(), "the trunk is left alone");
            }
        }
        self.shared.changed.notify_waiters();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let now = self.shared.now();
        match std::mem::replace(&mut self.stage, Stage::Gone) {
            Stage::Gone => {}
            Stage::Taken => self.shared.pool.lock().unused(now, self.chosen, false),
            Stage::Turn => self.shared.pool.lock().unused(now, self.chosen, true),
            Stage::CameIn { leg } => self.shared.clone().free_after(&leg, self.chosen.trunk),
            Stage::Dialled { leg, judged } => {
                if !judged {
                    // The call was broken off by our own side.
                    self.judge(Ending::Nothing);
                }
                self.shared.clone().free_after(&leg, self.chosen.trunk);
            }
        }
        self.shared.changed.notify_waiters();
    }
}

impl Shared {
    /// The line stays busy until the leg is over: its BYE may still be on its way, and the carrier counts it.
    fn free_after(self: Arc<Self>, leg: &Leg, trunk: usize) {
        let over = leg.over();
        let free = move || {
            self.pool.lock().over(trunk);
            self.changed.notify_waiters();
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                over.await;
                free();
            })),
            // The process ends, and its legs with it.
            Err(_) => free(),
        }
    }
}
