//! A call written out and read back, so that a restart can still end what it finds.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::state::{Core, Purpose};
use super::{Output, Uac};
use crate::line::{Line, Timing};
use crate::seed::Seed;

/// The whole state of a call, without the trunk's password. Times in it are what remains of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot(Core);

impl Snapshot {
    /// The Call-ID of the call.
    pub fn call_id(&self) -> &str {
        self.0.invite.headers.call_id().unwrap_or_default()
    }
}

impl Uac {
    /// The state at `now`; take it after draining [`Uac::poll`].
    pub fn snapshot(&self, now: Duration) -> Snapshot {
        let timers = self.core.timers.remaining(now);
        Snapshot(Core { timers, ..self.core.clone() })
    }

    /// Resumes a call. `seed` must be fresh: branches must not repeat those drawn after the
    /// snapshot. A BYE on its way is repeated. Other client transactions are not resumed: what they
    /// would have brought is covered by the timers, and a late 2xx is dealt with as ever.
    pub fn restore(now: Duration, line: Line, timing: Timing, seed: Seed, snapshot: Snapshot) -> Self {
        let Snapshot(mut core) = snapshot;
        core.seed = seed;
        core.timers = core.timers.resumed(now);
        // Server transactions did not survive; the peer repeats its request if it still cares.
        core.offer = None;
        let mut uac = Self { line, timing, core, out: VecDeque::new() };
        uac.repeat_byes();
        uac.forget_refresh(now);
        uac
    }

    /// A BYE that was on its way goes out again, as the same transaction.
    fn repeat_byes(&mut self) {
        for outgoing in &self.core.outgoing {
            let kept = match outgoing.purpose {
                Purpose::Bye | Purpose::StrayBye => self.core.dialog.iter().chain(&self.core.strays),
                Purpose::Cancel | Purpose::Prack | Purpose::Refresh => continue,
            };
            let tag = outgoing.request.headers.to_tag().unwrap_or_default();
            if let Some(kept) = kept.into_iter().find(|kept| kept.dialog.remote_tag == tag) {
                let hop = kept.dialog.hop();
                self.out.push_back(Output::Request(outgoing.request.clone(), hop));
            }
        }
    }
}
