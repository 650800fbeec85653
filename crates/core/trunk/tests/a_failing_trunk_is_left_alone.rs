//! The breaker: when it opens, how long it rests, how one call tries the trunk again.

use std::time::Duration;

use records::Reason;
use trunk::Breaker;
use trunk::breaker::{Change, Ending, Figures, Why};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Ends a call with this reason, a second after the last.
struct Course {
    breaker: Breaker,
    now: Duration,
}

impl Course {
    fn new() -> Self {
        Self { breaker: Breaker::new(Figures::default()), now: seconds(1000) }
    }

    fn ends(&mut self, reason: Reason) -> Option<Change> {
        self.now += seconds(1);
        assert!(self.breaker.admits(self.now), "no call is placed while it rests");
        let probe = self.breaker.placed();
        self.breaker.ended(self.now, Ending::from(reason), probe)
    }

    fn opened(&mut self) -> Duration {
        for _ in 0..4 {
            assert_eq!(self.ends(Reason::TrunkUnreachable), None);
        }
        match self.ends(Reason::TrunkUnreachable) {
            Some(Change::Opened { rest, why: Why::InARow(5) }) => rest,
            other => panic!("{other:?}"),
        }
    }

    fn opens_and_rests(&mut self) {
        let rest = self.opened();
        self.now += rest;
    }
}

#[test]
fn failures_in_a_row_open_it_and_a_sound_call_between_them_does_not() {
    let mut course = Course::new();
    for _ in 0..4 {
        assert_eq!(course.ends(Reason::TrunkCongested), None);
    }
    assert_eq!(course.ends(Reason::Busy), None, "a busy customer is a working trunk");
    assert_eq!(course.opened(), seconds(10));
    assert!(!course.breaker.admits(course.now + Duration::from_millis(9_999)));
    assert!(course.breaker.admits(course.now + seconds(10)));
}

#[test]
fn a_high_share_opens_it_though_calls_between_succeed() {
    let mut course = Course::new();
    let mut last = None;
    for turn in 0..10 {
        assert_eq!(last, None, "not before ten calls");
        last = course.ends(if turn % 2 == 0 { Reason::NoAnswer } else { Reason::NoMedia });
    }
    assert!(matches!(last, Some(Change::Opened { why: Why::Share { failed: 5, of: 10 }, .. })), "{last:?}");
}

#[test]
fn what_is_no_fault_of_the_trunk_never_opens_it() {
    let mut course = Course::new();
    for reason in Reason::ALL.iter().cycle().take(500) {
        if matches!(Ending::from(*reason), Ending::Sound | Ending::Nothing) {
            assert_eq!(course.ends(*reason), None, "{reason}");
        }
    }
    // One customer's telephone alone is no reason either.
    for _ in 0..9 {
        assert_eq!(course.ends(Reason::NoCommonCodec), None);
        for _ in 0..2 {
            assert_eq!(course.ends(Reason::Completed), None);
        }
    }
}

#[test]
fn one_call_tries_it_and_each_failure_doubles_the_rest() {
    let mut course = Course::new();
    let mut rest = course.opened();
    for expected in [20, 40, 80, 160, 300, 300] {
        course.now += rest;
        assert!(course.breaker.placed(), "this call tries it");
        assert!(!course.breaker.admits(course.now), "and only this one");
        let Some(Change::Opened { rest: next, why: Why::ProbeFailed }) =
            course.breaker.ended(course.now, Ending::Failed, true)
        else {
            panic!("a failed try opens it again");
        };
        assert_eq!(next, seconds(expected));
        rest = next;
    }
}

#[test]
fn it_closes_as_soon_as_the_trying_call_rings() {
    let mut course = Course::new();
    course.opens_and_rests();
    assert!(course.breaker.placed());
    assert_eq!(course.breaker.taken(course.now, true), Some(Change::Closed));
    assert!(!course.breaker.is_open());
    assert_eq!(course.ends(Reason::Completed), None);
}

#[test]
fn a_try_that_tells_nothing_leaves_the_next_call_to_try() {
    let mut course = Course::new();
    course.opens_and_rests();
    assert!(course.breaker.placed());
    assert_eq!(course.breaker.ended(course.now, Ending::Nothing, true), None);
    assert!(course.breaker.admits(course.now) && course.breaker.is_open());
}

#[test]
fn calls_from_before_it_opened_change_nothing() {
    let mut course = Course::new();
    course.opened();
    for ending in [Ending::Failed, Ending::Sound, Ending::MediaFailed] {
        assert_eq!(course.breaker.ended(course.now + seconds(1), ending, false), None);
    }
    assert_eq!(course.breaker.taken(course.now, false), None);
    assert!(course.breaker.is_open());
}

#[test]
fn a_trunk_that_fails_again_at_once_rests_longer_and_one_that_held_rests_short() {
    let mut course = Course::new();
    course.opens_and_rests();
    assert!(course.breaker.placed());
    assert_eq!(course.breaker.taken(course.now, true), Some(Change::Closed));
    assert_eq!(course.opened(), seconds(20), "it had held for seconds only");
    course.now += seconds(20);
    assert!(course.breaker.placed());
    assert_eq!(course.breaker.taken(course.now, true), Some(Change::Closed));
    course.now += seconds(60);
    assert_eq!(course.opened(), seconds(10), "it had held for a whole window");
}
