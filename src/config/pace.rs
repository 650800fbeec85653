//! `[dialer.people]` and `[dialer.fairness]`: when calling slows down, and how lines are shared among plans.

use std::time::Duration;

use serde::Deserialize;

/// `[dialer.people]`: calling slows down while people are behind with the call-back queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct People {
    /// Open items that one agent can see to in time; 0: calling never slows down for them.
    pub items_per_agent: u32,
    /// Agents counted on, however few are logged in.
    pub agents_at_least: u32,
    /// The part of the lines that is used even then, in percent.
    pub least_percent: u32,
}

/// `[dialer.fairness]`: what priority, age and closing windows weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fairness {
    /// However low its priority, a plan gets a line for so many of the highest.
    pub most_for_one: u32,
    /// A plan whose oldest task has waited so long counts double.
    pub age_hours: u64,
    /// Waiting counts up to this.
    pub longest_age_hours: u64,
    /// A plan whose windows close in half this time counts double.
    pub soon_hours: u64,
    /// Closing windows count this at most.
    pub most_for_closing: u32,
}

impl Default for People {
    fn default() -> Self {
        let plan::People { items_per_agent, agents_at_least, least_percent } = plan::People::default();
        Self { items_per_agent, agents_at_least, least_percent }
    }
}

impl Default for Fairness {
    fn default() -> Self {
        let usual = plan::Fairness::default();
        let hours = |time: Duration| time.as_secs() / 3600;
        Self {
            most_for_one: usual.most_for_one,
            age_hours: hours(usual.age),
            longest_age_hours: hours(usual.longest_age),
            soon_hours: hours(usual.soon),
            most_for_closing: usual.most_for_closing,
        }
    }
}

impl People {
    /// As the pure rule wants it.
    pub fn policy(self) -> plan::People {
        let Self { items_per_agent, agents_at_least, least_percent } = self;
        plan::People { items_per_agent, agents_at_least, least_percent }
    }

    pub(super) fn faults(self) -> Vec<String> {
        let too_much = self.least_percent > 100;
        let fault = format!("least_percent: {} is more than all lines: give 0 to 100", self.least_percent);
        too_much.then_some(fault).into_iter().collect()
    }
}

impl Fairness {
    /// As the pure rule wants it.
    pub fn policy(self) -> plan::Fairness {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        plan::Fairness {
            most_for_one: self.most_for_one,
            age: hours(self.age_hours),
            longest_age: hours(self.longest_age_hours),
            soon: hours(self.soon_hours),
            most_for_closing: self.most_for_closing,
        }
    }

    pub(super) fn faults(self) -> Vec<String> {
        let figures = [
            ("most_for_one", u64::from(self.most_for_one)),
            ("age_hours", self.age_hours),
            ("longest_age_hours", self.longest_age_hours),
            ("soon_hours", self.soon_hours),
            ("most_for_closing", u64::from(self.most_for_closing)),
        ];
        let wrong = figures.into_iter().filter(|(_, figure)| !(1..=1_000_000).contains(figure));
        wrong
            .map(|(key, figure)| format!("{key}: {figure} weighs nothing or all: give 1 to 1000000"))
            .collect()
    }
}
