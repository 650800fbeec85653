//! Which number of the customer to try next.

use chrono::{DateTime, Utc};
use records::{Direction, NextTry, Number, Reason, ReasonTable};

/// One earlier attempt of the task.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    pub direction: Direction,
    pub number: Number,
    pub started_at: DateTime<Utc>,
    /// `None` while it is open; such an attempt is passed over.
    pub reason: Option<Reason>,
}

/// The next number to try of `numbers`, the live ones in their order; `history` oldest first.
///
/// Where a person was reached, or nearly, it stays with that number; else the least tried goes first, and numbers
/// found suspended go last.
pub fn pick_number<'n>(table: &ReasonTable, numbers: &'n [Number], history: &[Past]) -> Option<&'n Number> {
    let reached = |reason: Reason| {
        let soon = table.of(reason).next == NextTry::SoonThenOtherSlot;
        soon || matches!(reason, Reason::Partial | Reason::Inconvenient | Reason::HungUpEarly)
    };
    let last = history.iter().rev().find(|past| past.reason.is_some_and(Reason::counts));
    let stays = last.filter(|past| past.reason.is_some_and(reached)).map(|past| &past.number);
    if let Some(number) = numbers.iter().find(|number| Some(*number) == stays) {
        return Some(number);
    }
    let tries = |number: &Number, only: fn(Reason) -> bool| {
        let made = |past: &&Past| past.direction == Direction::Outbound && past.number == *number;
        history.iter().filter(made).filter(|past| past.reason.is_some_and(only)).count()
    };
    numbers.iter().min_by_key(|number| {
        (tries(number, |reason| reason == Reason::Suspended), tries(number, Reason::counts))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Vec<Number> {
        ["13800138000", "13900139000"].map(|text| Number::parse(text).unwrap()).to_vec()
    }

    fn past(tried: &[(usize, Reason)]) -> Vec<Past> {
        let past = |(index, reason): &(usize, Reason)| Past {
            direction: Direction::Outbound,
            number: numbers()[*index].clone(),
            started_at: DateTime::UNIX_EPOCH,
            reason: Some(*reason),
        };
        tried.iter().map(past).collect()
    }

    #[test]
    fn the_number_follows_from_what_was_tried() {
        use Reason::{Busy, NoAnswer, Partial, Suspended, TrunkCongested};
        for (tried, expected) in [
            (vec![], 0),
            (vec![(0, NoAnswer)], 1),
            (vec![(0, NoAnswer), (1, NoAnswer)], 0),
            (vec![(0, Busy)], 0),
            (vec![(0, NoAnswer), (1, Partial)], 1),
            (vec![(0, TrunkCongested)], 0),
            (vec![(0, Suspended)], 1),
            (vec![(0, Suspended), (1, NoAnswer), (1, NoAnswer)], 1),
        ] {
            let numbers = numbers();
            assert_eq!(
                pick_number(&ReasonTable::default(), &numbers, &past(&tried)),
                Some(&numbers[expected]),
                "{tried:?}"
            );
        }
    }

    #[test]
    fn without_a_live_number_there_is_none() {
        assert_eq!(pick_number(&ReasonTable::default(), &[], &past(&[(0, Reason::Partial)])), None);
    }
}
