//! The dialer's looks: as `app/dialer.rs` has them, over the same port and by the same reckoning.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use plan::{Fairness, next_opening};
use ports::{Asked, Means, Store as _, worth_counting};
use trunk::Room;

use super::SimulateError;
use super::agenda::Event;
use super::world::{NODE, World};

/// Longer than any call: the simulation never loses a lease.
const LEASE: Duration = Duration::from_secs(2 * 3600);

impl World {
    /// One look for due tasks.
    pub(super) async fn look(&mut self) -> Result<(), SimulateError> {
        let free = self.lines - self.up;
        let room = Room { lines: free, calls: free };
        let outlook = self.store.outlook(worth_counting(room)).await?;
        let means = Means {
            people: self.people,
            fairness: Fairness::default(),
            calendar: &self.calendar,
            room,
            up: self.up,
        };
        let Asked { callable, asks, .. } = outlook.asks(&means, &mut self.turns);
        if !asks.is_empty() {
            for claim in self.store.claim(NODE, &asks, LEASE).await? {
                self.work(claim).await?;
            }
        }
        let next = self.next_look(callable > 0);
        if self.goes_on() {
            self.agenda.enter(next, Event::Look);
        }
        Ok(())
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
        let mut openings = zones.flat_map(|zone| {
            self.windows.iter().filter_map(|windows| next_opening(windows, &self.calendar, *zone, soon))
        });
        // Where it is open soon there is nothing earlier.
        let first = openings.try_fold(None, |first: Option<DateTime<Utc>>, at| {
            let first = first.map_or(at, |first| first.min(at));
            if first <= soon { Err(first) } else { Ok(Some(first)) }
        });
        first.unwrap_or_else(Some).unwrap_or(soon)
    }
}
