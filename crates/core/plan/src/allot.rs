//! Whose tasks go next: lines are shared among plans by priority, age and how soon their windows close.
//!
//! Each plan has a weight. Over time a plan with tasks that may be called gets lines in proportion to it, however few
//! there are at a time: the one that is behind goes next (stride scheduling). So none waits for ever.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How much priority, age and closing windows weigh.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fairness {
    /// A plan gets at least one line for so many of the plan with the highest priority, age and windows alike. Each
    /// step of priority up to there halves the share.
    pub most_for_one: u32,
    /// A plan whose oldest task has waited so long counts double; twice as long, triple; and so on.
    pub age: Duration,
    /// Waiting counts up to this.
    pub longest_age: Duration,
    /// A plan whose windows close in half this time counts double; in a quarter of it, fourfold; and so on.
    pub soon: Duration,
    /// Closing windows count this at most.
    pub most_for_closing: u32,
}

impl Default for Fairness {
    fn default() -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        Self { most_for_one: 64, age: hours(4), longest_age: hours(48), soon: hours(8), most_for_closing: 32 }
    }
}

/// A plan, or its customers in one zone, with tasks that may be called now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate<K> {
    pub key: K,
    /// Higher goes first.
    pub priority: i16,
    /// Tasks that wait.
    pub waiting: u32,
    /// Since when the oldest of them is due.
    pub oldest: DateTime<Utc>,
    /// When its windows close.
    pub closes: DateTime<Utc>,
}

/// Who has had how much, so that fairness holds from one look to the next.
#[derive(Clone, Debug)]
pub struct Turns<K> {
    /// How far each has come; the one least far goes next.
    passes: BTreeMap<K, f64>,
    /// How far one would have come that always had its exact share: who is new, or had nothing to call, begins here.
    reached: f64,
}

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self { passes: BTreeMap::new(), reached: 0.0 }
    }
}

impl<K: Copy + Ord + Hash> Turns<K> {
    /// Shares out `calls` among candidates: how many tasks of each, in their order. All are given out while any wait.
    pub fn allot(
        &mut self,
        fairness: &Fairness,
        now: DateTime<Utc>,
        calls: u32,
        candidates: &[Candidate<K>],
    ) -> Vec<u32> {
        let highest = candidates.iter().map(|candidate| candidate.priority).max().unwrap_or_default();
        let weights: Vec<f64> =
            candidates.iter().map(|candidate| fairness.weight(highest, now, candidate)).collect();
        self.passes = candidates
            .iter()
            .map(|candidate| (candidate.key, self.passes.get(&candidate.key).copied()))
            .map(|(key, pass)| (key, pass.unwrap_or(self.reached)))
            .collect();
        let mut given = vec![0; candidates.len()];
        for _ in 0..calls {
            let waits = (0..candidates.len()).filter(|index| given[*index] < candidates[*index].waiting);
            // Who would have come least far with this call; of equals the higher priority, then the older.
            let next = waits.min_by(|one, other| {
                let order =
                    |index: usize| (std::cmp::Reverse(candidates[index].priority), candidates[index].oldest);
                let after = |index: usize| self.passes[&candidates[index].key] + 1.0 / weights[index];
                after(*one).total_cmp(&after(*other)).then_with(|| order(*one).cmp(&order(*other)))
            });
            let Some(next) = next else { break };
            *self.passes.entry(candidates[next].key).or_default() += 1.0 / weights[next];
            self.reached += 1.0 / weights.iter().sum::<f64>();
            given[next] += 1;
        }
        given
    }
}

impl Fairness {
    /// What a candidate counts beside the others, of which `highest` is the highest priority.
    fn weight<K>(&self, highest: i16, now: DateTime<Utc>, candidate: &Candidate<K>) -> f64 {
        let below = i32::from(highest) - i32::from(candidate.priority);
        let by_priority = 0.5_f64.powi(below).max(1.0 / f64::from(self.most_for_one.max(1)));
        let waited = seconds(now - candidate.oldest).min(self.longest_age.as_secs_f64());
        let by_age = 1.0 + waited / self.age.as_secs_f64().max(1.0);
        let left = seconds(candidate.closes - now).max(1.0);
        let by_closing = (self.soon.as_secs_f64() / left).clamp(1.0, f64::from(self.most_for_closing.max(1)));
        by_priority * by_age * by_closing
    }
}

/// Never less than none.
fn seconds(time: TimeDelta) -> f64 {
    time.to_std().unwrap_or_default().as_secs_f64()
}
