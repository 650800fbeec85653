//! Which trunk takes a call.

use std::time::Duration;

use trunk::breaker::{Change, Ending, Figures};
use trunk::{NoRoom, Pool, Route, Spec, Want};

const NOW: Duration = Duration::from_secs(100);

fn spec(priority: u16, weight: u32, fallback: bool) -> Spec {
    Spec { lines: 2, cps: 100, priority, weight, fallback, breaker: Figures::default() }
}

/// Two of priority 0 with weights 3 and 1, one of priority 5, a fallback.
fn house() -> Pool {
    let specs = vec![spec(0, 3, false), spec(0, 1, false), spec(5, 1, false), spec(0, 1, true)];
    let roomy = specs.into_iter().map(|spec| Spec { lines: 100, ..spec });
    Pool::new(roomy.collect(), 3)
}

fn stand_in(excluded: &[usize]) -> Want<'_> {
    Want { excluded, stand_in: true, ..Want::default() }
}

fn all(_: usize) -> bool {
    true
}

fn chosen(pool: &mut Pool, want: Want<'_>, up: impl Fn(usize) -> bool) -> Result<usize, NoRoom> {
    pool.choose(NOW, want, up).map(|chosen| chosen.trunk)
}

#[test]
fn the_lowest_priority_goes_first_and_weight_divides_it() {
    let mut pool = house();
    let mut taken = [0; 4];
    for _ in 0..80 {
        taken[chosen(&mut pool, stand_in(&[]), all).unwrap_or(3)] += 1;
    }
    assert_eq!(taken[2..], [0, 0], "the higher priority and the fallback are not needed");
    assert!((58..=62).contains(&taken[0]), "{taken:?}");
}

#[test]
fn what_is_down_or_full_is_passed_over() {
    let mut pool = house();
    assert_eq!(chosen(&mut pool, stand_in(&[]), |trunk| trunk == 2 || trunk == 3), Ok(2));
    let mut pool = Pool::new(vec![spec(0, 1, false), spec(1, 1, false), spec(0, 1, true)], 0);
    let order: Vec<_> = (0..5).map(|_| chosen(&mut pool, stand_in(&[]), all)).collect();
    // Busy is not down: the fallback's lines are not for the overflow.
    assert_eq!(order, [Ok(0), Ok(0), Ok(1), Ok(1), Err(NoRoom::AllBusy)]);
}

#[test]
fn a_seconds_worth_of_waiting_calls_is_a_full_trunk() {
    let narrow = Spec { lines: 100, cps: 2, ..spec(0, 1, false) };
    let mut pool = Pool::new(vec![narrow, spec(1, 1, false)], 0);
    let order: Vec<_> = (0..4).map(|_| chosen(&mut pool, stand_in(&[]), all)).collect();
    assert_eq!(order, [Ok(0), Ok(0), Ok(1), Ok(1)]);
}

#[test]
fn the_fallback_stands_in_when_no_ordinary_trunk_can_be_used_and_only_by_policy() {
    let mut pool = house();
    assert_eq!(chosen(&mut pool, stand_in(&[]), |trunk| trunk == 3), Ok(3));
    assert_eq!(chosen(&mut pool, Want::default(), |trunk| trunk == 3), Err(NoRoom::NoneUsable));
    assert_eq!(pool.room(NOW, true, |trunk| trunk == 3).calls, 99);
    assert_eq!(pool.room(NOW, false, |trunk| trunk == 3).calls, 0);
}

#[test]
fn a_failed_call_goes_on_over_the_others_and_then_the_fallback_each_once() {
    let mut pool = house();
    let mut tried = Vec::new();
    while let Ok(trunk) = chosen(&mut pool, stand_in(&tried), all) {
        assert!(!tried.contains(&trunk));
        tried.push(trunk);
    }
    assert_eq!(tried.len(), 4);
    assert_eq!(tried[2..], [2, 3]);
}

#[test]
fn a_call_may_ask_for_the_fallback_and_takes_another_where_it_cannot_be_used() {
    let mut pool = house();
    let fallback = Want { route: Route::Fallback, ..Want::default() };
    assert_eq!(chosen(&mut pool, fallback, all), Ok(3));
    assert!(chosen(&mut pool, fallback, |trunk| trunk != 3).is_ok_and(|trunk| trunk < 2));
}

#[test]
fn an_open_breaker_is_passed_over_until_one_call_tries_the_trunk() {
    let mut pool = Pool::new(vec![spec(0, 1, false), spec(1, 1, false)], 0);
    for _ in 0..5 {
        let _ = pool.breaker(0).ended(NOW, Ending::Failed, false);
    }
    assert_eq!(chosen(&mut pool, stand_in(&[]), all), Ok(1));
    let later = NOW + Duration::from_secs(10);
    let probe = pool.choose(later, stand_in(&[]), all);
    assert!(probe.is_ok_and(|chosen| chosen.trunk == 0 && chosen.probe), "{probe:?}");
    let beside = pool.choose(later, stand_in(&[]), all);
    assert!(beside.is_ok_and(|chosen| chosen.trunk == 1 && !chosen.probe), "{beside:?}");
    assert_eq!(pool.breaker(0).taken(later, true), Some(Change::Closed));
    assert!(pool.choose(later, stand_in(&[]), all).is_ok_and(|chosen| chosen.trunk == 0 && !chosen.probe));
}
