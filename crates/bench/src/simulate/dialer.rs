//! The dialer's looks: as `app/dialer.rs` does, over the same port and by the same functions.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use plan::{Candidate, Circumstances, Fairness, next_opening, open_until, pace};
use ports::{Ask, Due, Outlook, Store as _};
use records::PlanId;

use super::SimulateError;
use super::agenda::Event;
use super::world::{NODE, World};

/// Tasks claimed at once at most.
const BATCH: u32 = 100;
/// Longer than any call: the simulation never loses a lease.
const LEASE: Duration = Duration::from_secs(2 * 3600);

impl World {
    /// One look for due tasks.
    pub(super) async fn look(&mut self) -> Result<(), SimulateError> {
        let free = self.lines - self.up;
        let outlook = self.store.outlook(free.min(BATCH) + 1).await?;
        let (open, shut) = self.by_window(&outlook);
        let waiting = |due: &[&Due]| due.iter().map(|due| due.waiting).sum();
        let callable: Vec<&Due> = open.iter().map(|(due, _)| *due).collect();
        let decided = pace(
            &self.people,
            &Circumstances {
                callable: waiting(&callable),
                shut: waiting(&shut),
                lines: free,
                room: free.min(BATCH),
                up: self.up,
                items: outlook.items,
                agents: outlook.agents,
            },
        );
        let candidates: Vec<Candidate<(PlanId, &'static str)>> = open
            .iter()
            .map(|(due, closes)| Candidate {
                key: (due.plan.id, due.zone.name()),
                priority: due.plan.content.priority,
                waiting: due.waiting,
                oldest: due.oldest,
                closes: *closes,
            })
            .collect();
        let given = self.turns.allot(&Fairness::default(), self.now, decided.calls, &candidates);
        let asks: Vec<Ask> = open
            .iter()
            .zip(given)
            .map(|((due, _), most)| Ask { plan: due.plan.id, zone: due.zone, most })
            .filter(|ask| ask.most > 0)
            .collect();
        if !asks.is_empty() {
            for claim in self.store.claim(NODE, &asks, LEASE).await? {
                self.work(claim).await?;
            }
        }
        let next = self.next_look(!callable.is_empty());
        if self.goes_on() {
            self.agenda.enter(next, Event::Look);
        }
        Ok(())
    }

    fn by_window<'o>(&self, outlook: &'o Outlook) -> (Vec<(&'o Due, DateTime<Utc>)>, Vec<&'o Due>) {
        let (mut open, mut shut) = (Vec::new(), Vec::new());
        for due in &outlook.due {
            match open_until(&due.plan.content.policy, &self.calendar, due.zone, outlook.now) {
                Ok(closes) => open.push((due, closes)),
                Err(_) => shut.push(due),
            }
        }
        (open, shut)
    }

    /// Soon while there is something to call; else when the next task falls due, or people may have brought one, and
    /// not before windows are open anywhere.
    fn next_look(&self, busy: bool) -> DateTime<Utc> {
        let soon = if busy {
            self.now + self.poll
        } else {
            let due = self.store.next_due().unwrap_or(DateTime::<Utc>::MAX_UTC);
            due.clamp(self.now + TimeDelta::seconds(30), self.now + TimeDelta::minutes(30))
        };
        let zones = self.population.zones.iter();
        let openings = zones.flat_map(|zone| {
            self.windows.iter().filter_map(|windows| next_opening(windows, &self.calendar, *zone, soon))
        });
        openings.min().unwrap_or(soon)
    }
}
