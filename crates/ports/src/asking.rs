//! What a dialer asks for after a look: whose windows are open, how many calls are begun, and whose they are.

use chrono::{DateTime, Utc};
use plan::{Calendar, Candidate, Circumstances, Fairness, Pace, People, Turns, open_until, pace};
use records::PlanId;
use trunk::Room;

use crate::{Ask, Due, Outlook};

/// Tasks claimed at once at most, however many lines are free.
pub const BATCH: u32 = 100;

/// What shares the lines: a plan's customers in one zone, by the zone's name.
pub type Sharer = (PlanId, &'static str);

/// What a look is judged by, besides what it saw.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    pub people: People,
    pub fairness: Fairness,
    pub calendar: &'a Calendar,
    /// Calls that may be begun.
    pub room: Room,
    /// Calls that are up or being prepared.
    pub up: u32,
}

/// What came of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub pace: Pace,
    /// Tasks that may be called now, as far as they were counted.
    pub callable: u32,
    /// In the order of the outlook; none that asks for nothing.
    pub asks: Vec<Ask>,
}

/// So many tasks of each plan and zone are worth counting: one more than there is room for, so that it is seen whether
/// more wait.
pub fn worth_counting(room: Room) -> u32 {
    room.calls.min(BATCH) + 1
}

impl Outlook {
    /// Shares out the calls that are begun now.
    pub fn asks(&self, means: &Means<'_>, turns: &mut Turns<Sharer>) -> Asked {
        let (open, shut) = self.by_window(means.calendar);
        let callable = open.iter().map(|(due, _)| due.waiting).sum();
        let pace = pace(
            &means.people,
            &Circumstances {
                callable,
                shut: shut.iter().map(|due| due.waiting).sum(),
                lines: means.room.lines,
                room: means.room.calls.min(BATCH),
                up: means.up,
                items: self.items,
                agents: self.agents,
            },
        );
        let candidates: Vec<Candidate<Sharer>> =
            open.iter().map(|(due, closes)| candidate(due, *closes)).collect();
        let given = turns.allot(&means.fairness, self.now, pace.calls, &candidates);
        let ask = |((due, _), most): (&(&Due, _), u32)| Ask { plan: due.plan.id, zone: due.zone, most };
        let asks = open.iter().zip(given).map(ask).filter(|ask| ask.most > 0).collect();
        Asked { pace, callable, asks }
    }

    /// What may be called now with the closing of its window, and what may not.
    fn by_window(&self, calendar: &Calendar) -> (Vec<(&Due, DateTime<Utc>)>, Vec<&Due>) {
        let (mut open, mut shut) = (Vec::new(), Vec::new());
        for due in &self.due {
            match open_until(&due.plan.content.policy, calendar, due.zone, self.now) {
                Ok(closes) => open.push((due, closes)),
                Err(_) => shut.push(due),
            }
        }
        (open, shut)
    }
}

fn candidate(due: &Due, closes: DateTime<Utc>) -> Candidate<Sharer> {
    Candidate {
        key: (due.plan.id, due.zone.name()),
        priority: due.plan.content.priority,
        waiting: due.waiting,
        oldest: due.oldest,
        closes,
    }
}
