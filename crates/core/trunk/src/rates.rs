//! The figures of a shown number: how many calls are answered, how many the carriers bar.

/// Calls that reached the network under one shown number, within one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ended calls that count as made on a customer.
    pub calls: u64,
    pub answered: u64,
    /// Ended as `barred`.
    pub barred: u64,
}

/// When figures are an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Fewer calls say nothing.
    pub least: u64,
    /// Highest share of `barred`, 0 to 1.
    pub barred_share: f64,
    /// Lowest share of answered calls, 0 to 1.
    pub answer_floor: f64,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    TooManyBarred,
    TooFewAnswered,
}

impl Counts {
    /// 0 to 1; `None` without calls.
    pub fn answer_rate(&self) -> Option<f64> {
        self.share(self.answered)
    }

    /// 0 to 1; `None` without calls.
    pub fn barred_share(&self) -> Option<f64> {
        self.share(self.barred)
    }

    /// What is past its limit.
    pub fn faults(&self, limits: &Limits) -> Vec<Fault> {
        if self.calls < limits.least.max(1) {
            return Vec::new();
        }
        let barred = self.barred_share().is_some_and(|share| share > limits.barred_share);
        let silent = self.answer_rate().is_some_and(|rate| rate < limits.answer_floor);
        let found = [(barred, Fault::TooManyBarred), (silent, Fault::TooFewAnswered)];
        found.into_iter().filter_map(|(is, fault)| is.then_some(fault)).collect()
    }

    fn share(&self, of: u64) -> Option<f64> {
        (self.calls > 0).then(|| of as f64 / self.calls as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_passed_only_with_calls_enough_to_say_so() {
        use Fault::{TooFewAnswered, TooManyBarred};
        let limits = Limits { least: 20, barred_share: 0.05, answer_floor: 0.1 };
        for (calls, answered, barred, expected) in [
            (0, 0, 0, vec![]),
            (19, 0, 19, vec![]),
            (20, 10, 1, vec![]),
            (20, 10, 2, vec![TooManyBarred]),
            (100, 10, 5, vec![]),
            (100, 9, 5, vec![TooFewAnswered]),
            (100, 9, 6, vec![TooManyBarred, TooFewAnswered]),
        ] {
            assert_eq!(Counts { calls, answered, barred }.faults(&limits), expected, "{answered}/{calls}");
        }
    }
}
