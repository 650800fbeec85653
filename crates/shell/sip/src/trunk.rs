//! One trunk of a running stack.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use uac::{Line, Snapshot, TrunkState, Uac};

use crate::config::TrunkConfig;
use crate::leg::{Dial, Leg};
use crate::leg_task;
use crate::probe_task::Fared;
use crate::stack::Shared;
use crate::wire::random_seed;
use crate::{Failure, FailureKind, LegEvent};

/// A trunk: dial through it, watch its state.
#[derive(Debug, Clone)]
pub struct Trunk {
    pub(crate) shared: Arc<Shared>,
    pub(crate) inner: Arc<TrunkInner>,
}

#[derive(Debug)]
pub(crate) struct TrunkInner {
    pub(crate) config: TrunkConfig,
    pub(crate) line: Line,
    pub(crate) state: watch::Receiver<TrunkState>,
    pub(crate) fared: mpsc::Sender<Fared>,
}

impl Trunk {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.config.name
    }

    /// Calls that the carrier allows at a time.
    pub fn lines(&self) -> u32 {
        self.inner.config.lines
    }

    /// Whether it can be used, as last seen by OPTIONS and calls.
    pub fn state(&self) -> watch::Receiver<TrunkState> {
        self.inner.state.clone()
    }

    /// Places a call. The events come in order, exactly one terminal event last. A full receiver
    /// does not hold up the call; events wait for their turn.
    pub fn dial(&self, dial: Dial) -> (Leg, mpsc::Receiver<LegEvent>) {
        let (now, seed) = (self.shared.clock.now(), random_seed());
        let Dial { number, call_id, offer } = dial;
        let dial = uac::Dial { number, call_id, offer };
        let timing = self.shared.timing;
        leg_task::spawn(self, Uac::dial(now, self.inner.line.clone(), timing, seed, &dial))
    }

    /// Takes up a call that was written down, after a restart: it can be ended, and what the peer
    /// still sends is answered.
    pub fn resume(&self, snapshot: Snapshot) -> (Leg, mpsc::Receiver<LegEvent>) {
        let (now, seed) = (self.shared.clock.now(), random_seed());
        let line = self.inner.line.clone();
        leg_task::spawn(self, Uac::restore(now, line, self.shared.timing, seed, snapshot))
    }

    /// Tells the probe how a call fared at the peer.
    pub(crate) fn fared(&self, event: &LegEvent) {
        let fared = match event {
            LegEvent::Provisional { .. } | LegEvent::Answered { .. } => Fared::Accepted,
            LegEvent::Failed(Failure { kind: FailureKind::Auth, detail, .. }) => {
                Fared::Refused(detail.clone().unwrap_or_default())
            }
            _ => return,
        };
        // The probe needs the tendency, not each call: what does not fit is left out.
        let _ = self.inner.fared.try_send(fared);
    }
}
