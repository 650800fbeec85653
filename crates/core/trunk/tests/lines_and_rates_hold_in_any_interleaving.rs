//! Whatever calls do in whatever order: never more lines than allowed, never more INVITEs in a second than allowed,
//! and nothing is lost on the way.

use std::time::Duration;

use proptest::prelude::*;
use trunk::breaker::{Ending, Figures};
use trunk::{Chosen, Pool, Spec, Turn, Want};

/// What happens next. Numbers pick a call among those that can do it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(u64),
    Choose,
    AskTurn(usize),
    Send(usize),
    GiveBack(usize),
    Over(usize),
    Up(usize, bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Waits,
    HasTurn,
    Sent,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0u64..400).prop_map(Step::Wait),
        6 => Just(Step::Choose),
        6 => any::<usize>().prop_map(Step::AskTurn),
        5 => any::<usize>().prop_map(Step::Send),
        1 => any::<usize>().prop_map(Step::GiveBack),
        2 => any::<usize>().prop_map(Step::Over),
        1 => (0usize..3, any::<bool>()).prop_map(|(trunk, up)| Step::Up(trunk, up)),
    ]
}

fn spec(lines: u32, cps: u32, priority: u16, fallback: bool) -> Spec {
    Spec { lines, cps, priority, weight: 1, fallback, breaker: Figures::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn limits_are_never_passed(
        steps in prop::collection::vec(step(), 1..400),
        limits in prop::collection::vec((1u32..6, 1u32..5), 3),
        seed in any::<u64>(),
    ) {
        let specs = vec![
            spec(limits[0].0, limits[0].1, 0, false),
            spec(limits[1].0, limits[1].1, 0, false),
            spec(limits[2].0, limits[2].1, 0, true),
        ];
        let mut pool = Pool::new(specs, seed);
        let mut now = Duration::from_secs(10);
        let mut up = [true; 3];
        let mut calls: Vec<(Chosen, Call)> = Vec::new();
        let mut invites: [Vec<Duration>; 3] = Default::default();
        for step in steps {
            let nth = |calls: &[(Chosen, Call)], pick: usize, state: Call| {
                let fit: Vec<usize> = (0..calls.len()).filter(|i| calls[*i].1 == state).collect();
                (!fit.is_empty()).then(|| fit[pick % fit.len()])
            };
            match step {
                Step::Wait(ms) => now += Duration::from_millis(ms),
                Step::Up(trunk, is) => up[trunk] = is,
                Step::Choose => {
                    let free = pool.room(now, true, |trunk| up[trunk]).calls;
                    let chosen = pool.choose(now, Want { stand_in: true, ..Want::default() }, |trunk| up[trunk]);
                    prop_assert_eq!(free > 0, chosen.is_ok(), "what is free can be taken, and nothing else");
                    if let Ok(chosen) = chosen {
                        prop_assert!(up[chosen.trunk]);
                        prop_assert!(chosen.trunk != 2 || (!up[0] && !up[1]), "the fallback stands in only");
                        calls.push((chosen, Call::Waits));
                    }
                }
                Step::AskTurn(pick) => {
                    if let Some(at) = nth(&calls, pick, Call::Waits) {
                        match pool.turn(calls[at].0.trunk, now) {
                            Turn::Granted => calls[at].1 = Call::HasTurn,
                            Turn::At(later) => prop_assert!(later > now),
                            Turn::OnChange => prop_assert!(nth(&calls, 0, Call::HasTurn).is_some()),
                        }
                    }
                }
                Step::Send(pick) => {
                    if let Some(at) = nth(&calls, pick, Call::HasTurn) {
                        calls[at].1 = Call::Sent;
                        pool.dialled(calls[at].0.trunk, now);
                        invites[calls[at].0.trunk].push(now);
                    }
                }
                Step::GiveBack(pick) => {
                    for (state, turn) in [(Call::Waits, false), (Call::HasTurn, true)] {
                        if let Some(at) = nth(&calls, pick, state) {
                            pool.unused(now, calls.remove(at).0, turn);
                        }
                    }
                }
                Step::Over(pick) => {
                    if let Some(at) = nth(&calls, pick, Call::Sent) {
                        let (chosen, _) = calls.remove(at);
                        let _ = pool.breaker(chosen.trunk).ended(now, Ending::Sound, chosen.probe);
                        pool.over(chosen.trunk);
                    }
                }
            }
            for (trunk, (lines, cps)) in limits.iter().enumerate() {
                let busy = calls.iter().filter(|(chosen, _)| chosen.trunk == trunk).count() as u32;
                prop_assert!(busy <= *lines, "{busy} calls on {lines} lines");
                prop_assert_eq!(pool.standing(trunk, now).lines_busy, busy);
                let second = Duration::from_secs(1);
                let worst = invites[trunk]
                    .iter()
                    .map(|from| invites[trunk].iter().filter(|at| **at >= *from && **at < *from + second).count())
                    .max();
                prop_assert!(worst.unwrap_or(0) as u32 <= *cps, "{worst:?} INVITEs in a second, {cps} allowed");
            }
        }
        // Everything given back, all is free again.
        for (chosen, call) in calls.drain(..) {
            if call == Call::Sent { pool.over(chosen.trunk) } else { pool.unused(now, chosen, call == Call::HasTurn) }
        }
        now += Duration::from_secs(5);
        for trunk in 0..3 {
            let standing = pool.standing(trunk, now);
            prop_assert_eq!((standing.lines_busy, standing.cps_used), (0, 0));
        }
    }
}

#[test]
fn calls_come_evenly_and_the_rate_is_reached() {
    let mut pool = Pool::new(vec![spec(400, 10, 0, false)], 1);
    let mut now = Duration::ZERO;
    let mut invites = Vec::new();
    while invites.len() < 100 {
        let chosen = pool.choose(now, Want::default(), |_| true);
        assert!(chosen.is_ok());
        loop {
            match pool.turn(0, now) {
                Turn::Granted => break,
                Turn::At(at) => now = at,
                Turn::OnChange => panic!("no turn is held"),
            }
        }
        pool.dialled(0, now);
        invites.push(now);
    }
    assert!(invites.windows(2).all(|two| two[1] >= two[0] + Duration::from_millis(100)));
    // 100 calls at 10 a second, and a fiftieth more for the jitter of the way.
    assert!(now <= Duration::from_millis(10_200), "{now:?}");
}
