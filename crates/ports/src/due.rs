//! What the dialer decides by before it claims, and what it asks for.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use records::{Plan, PlanId};

/// What is to be called, and who is behind the calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// The store's clock.
    pub now: DateTime<Utc>,
    /// Due tasks of running plans; none while calling is stopped.
    pub due: Vec<Due>,
    /// Items of the call-back queue that are not done.
    pub items: u32,
    /// Agents who are logged in.
    pub agents: u32,
}

/// Due tasks of one plan whose customers live in one zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    pub plan: Arc<Plan>,
    pub zone: Tz,
    /// How many, as far as they were counted.
    pub waiting: u32,
    /// Since when the oldest is due.
    pub oldest: DateTime<Utc>,
}

/// So many tasks at most of a plan and zone are to be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    pub plan: PlanId,
    pub zone: Tz,
    pub most: u32,
}

impl Outlook {
    /// Asks for `limit` tasks whatever their windows: the highest priority first, of equals the plan with the oldest task.
    pub fn by_priority(mut self, limit: u32) -> Vec<Ask> {
        self.due.sort_by_key(|due| (std::cmp::Reverse(due.plan.content.priority), due.oldest, due.plan.id));
        let mut left = limit;
        let ask = |due: Due| {
            let most = due.waiting.min(left);
            left -= most;
            Ask { plan: due.plan.id, zone: due.zone, most }
        };
        self.due.into_iter().map(ask).filter(|ask| ask.most > 0).collect()
    }
}
