//! Plans share the lines by weight: all lines are used, nobody gets more than he has tasks, and nobody starves.

use chrono::{DateTime, TimeDelta, Utc};
use plan::{Candidate, Fairness, Turns};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    "2026-11-20T02:00:00Z".parse().unwrap()
}

fn candidate(key: u8, priority: i16, waited_minutes: i64, closes_minutes: i64) -> Candidate<u8> {
    Candidate {
        key,
        priority,
        waiting: u32::MAX,
        oldest: now() - TimeDelta::minutes(waited_minutes),
        closes: now() + TimeDelta::minutes(closes_minutes),
    }
}

/// What each gets of a thousand lines, one at a time.
fn of_a_thousand(candidates: &[Candidate<u8>]) -> Vec<u32> {
    let mut turns = Turns::default();
    let mut given = vec![0; candidates.len()];
    for _ in 0..1000 {
        let one = turns.allot(&Fairness::default(), now(), 1, candidates);
        for (sum, one) in given.iter_mut().zip(one) {
            *sum += one;
        }
    }
    given
}

#[test]
fn the_share_follows_priority_age_and_closing_windows() {
    const DAY: i64 = 480;
    for (why, candidates, expected) in [
        ("alike", [candidate(1, 0, 0, DAY), candidate(2, 0, 0, DAY)], [500, 500]),
        ("one step of priority", [candidate(1, 1, 0, DAY), candidate(2, 0, 0, DAY)], [667, 333]),
        ("far below", [candidate(1, 100, 0, DAY), candidate(2, 0, 0, DAY)], [985, 15]),
        ("far below and two days old", [candidate(1, 100, 0, DAY), candidate(2, 0, 2880, DAY)], [831, 169]),
        ("four hours older", [candidate(1, 0, 0, DAY), candidate(2, 0, 240, DAY)], [333, 667]),
        ("closes in half an hour", [candidate(1, 0, 0, DAY), candidate(2, 0, 0, 30)], [59, 941]),
        ("closes soon, two steps below", [candidate(1, 2, 0, DAY), candidate(2, 0, 0, 30)], [200, 800]),
    ] {
        let given = of_a_thousand(&candidates);
        let near = given.iter().zip(expected).all(|(given, expected)| given.abs_diff(expected) <= 1);
        assert!(near, "{why}: {given:?}, expected {expected:?}");
    }
}

#[test]
fn who_had_nothing_to_call_has_no_claim_on_the_past() {
    let both = [candidate(1, 0, 0, 480), candidate(2, 0, 0, 480)];
    let mut turns = Turns::default();
    for _ in 0..100 {
        assert_eq!(turns.allot(&Fairness::default(), now(), 1, &both[..1]), [1]);
    }
    assert_eq!(turns.allot(&Fairness::default(), now(), 10, &both), [5, 5]);
}

fn any_candidate(key: u8) -> impl Strategy<Value = Candidate<u8>> {
    (any::<i16>(), 0_u32..50, 0_i64..5000, 0_i64..1440).prop_map(
        move |(priority, waiting, waited, closes)| Candidate {
            waiting,
            ..candidate(key, priority, waited, closes)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_left_while_a_task_waits(
        candidates in (any_candidate(1), any_candidate(2), any_candidate(3)),
        looks in proptest::collection::vec(0_u32..40, 1..20),
    ) {
        let candidates = [candidates.0, candidates.1, candidates.2];
        let waiting: u32 = candidates.iter().map(|candidate| candidate.waiting).sum();
        let mut turns = Turns::default();
        for calls in looks {
            let given = turns.allot(&Fairness::default(), now(), calls, &candidates);
            prop_assert_eq!(given.iter().sum::<u32>(), calls.min(waiting));
            prop_assert!(given.iter().zip(&candidates).all(|(given, of)| *given <= of.waiting));
        }
    }

    /// However the others come and go, a plan with tasks gets a line within so many as its least weight allows.
    #[test]
    fn nobody_starves(
        low in any_candidate(0),
        others in proptest::collection::vec((any_candidate(1), any_candidate(2)), 1..200),
    ) {
        // As heavy as it gets or as light: it is always there.
        let low = Candidate { waiting: 1, ..low };
        let mut turns = Turns::default();
        let mut since = 0;
        let fairness = Fairness { most_for_closing: 4, ..Fairness::default() };
        for (one, other) in others.iter().cycle().take(8000) {
            let given = turns.allot(&fairness, now(), 1, &[low, *one, *other]);
            since = if given[0] == 1 { 0 } else { since + 1 };
            // Two others, each at most 64 × 13 × 4 times as heavy.
            prop_assert!(since <= 2 * 64 * 13 * 4);
        }
    }
}
