//! How the trunks stand, for console, API and metrics.

use ports::{CallerFigures, TrunkStatus, TrunkWord};
use sip::TrunkState;
use trunk::rates::Counts;

use super::{Trunk, Trunks};

impl Trunks {
    /// For console and API, in the order of the configuration.
    pub fn status(&self) -> Vec<TrunkStatus> {
        let sightings = self.sightings.lock();
        self.all
            .iter()
            .map(|trunk| {
                let standing = self.shared.pool.lock().standing(trunk.index, self.shared.now());
                let word = self.word(trunk);
                let seen = sightings.of(trunk.index);
                let config = &trunk.config;
                TrunkStatus {
                    name: trunk.name.clone(),
                    state: word,
                    since: seen.since,
                    trouble: trunk.trouble().or_else(|| self.resting(trunk.index)),
                    caller: config.caller.clone(),
                    priority: config.priority,
                    weight: config.weight,
                    fallback: config.fallback,
                    lines: config.lines,
                    lines_lent: standing.share.lines,
                    lines_busy: standing.lines_busy,
                    cps: config.cps,
                    cps_lent: standing.share.cps,
                    cps_used: standing.cps_used,
                    breaker_open: standing.open,
                    hour: figures(seen.hour),
                    day: figures(seen.day),
                }
            })
            .collect()
    }

    pub(super) fn word(&self, trunk: &Trunk) -> TrunkWord {
        match &*trunk.sip.state().borrow() {
            TrunkState::Unknown => TrunkWord::Unknown,
            TrunkState::Unreachable { .. } => TrunkWord::Down,
            TrunkState::AuthFailed { .. } | TrunkState::Unregistered { .. } => TrunkWord::Refused,
            TrunkState::Reachable | TrunkState::Unasked
                if self.shared.pool.lock().breaker(trunk.index).is_open() =>
            {
                TrunkWord::Resting
            }
            TrunkState::Reachable | TrunkState::Unasked => TrunkWord::Up,
        }
    }
}

fn figures(counts: Counts) -> CallerFigures {
    CallerFigures {
        calls: counts.calls,
        answered: counts.answered,
        barred: counts.barred,
        answer_rate: counts.answer_rate(),
        barred_share: counts.barred_share(),
    }
}
