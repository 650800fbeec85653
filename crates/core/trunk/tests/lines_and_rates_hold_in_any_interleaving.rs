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

/// Two trunks and a fallback with their calls.
struct Floor {
    pool: Pool,
    now: Duration,
    up: [bool; 3],
    calls: Vec<(Chosen, Call)>,
    invites: [Vec<Duration>; 3],
}

impl Floor {
    fn of(limits: &[(u32, u32)], seed: u64) -> Self {
        let specs =
            (0..).zip(limits).map(|(trunk, (lines, cps))| spec(*lines, *cps, 0, trunk == 2)).collect();
        Self {
            pool: Pool::new(specs, seed),
            now: Duration::from_secs(10),
            up: [true; 3],
            calls: Vec::new(),
            invites: Default::default(),
        }
    }

    /// One of the calls that have come so far.
    fn nth(&self, pick: usize, state: Call) -> Option<usize> {
        let fit: Vec<usize> = (0..self.calls.len()).filter(|at| self.calls[*at].1 == state).collect();
        (!fit.is_empty()).then(|| fit[pick % fit.len()])
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Wait(ms) => self.now += Duration::from_millis(ms),
            Step::Up(trunk, is) => self.up[trunk] = is,
            Step::Choose => self.choose()?,
            Step::AskTurn(pick) => self.ask_turn(pick)?,
            Step::Send(pick) => {
                if let Some(at) = self.nth(pick, Call::HasTurn) {
                    self.calls[at].1 = Call::Sent;
                    let trunk = self.calls[at].0.trunk;
                    self.pool.dialled(trunk, self.now);
                    self.invites[trunk].push(self.now);
                }
            }
            Step::GiveBack(pick) => {
                for (state, turn) in [(Call::Waits, false), (Call::HasTurn, true)] {
                    if let Some(at) = self.nth(pick, state) {
                        self.pool.unused(self.now, self.calls.remove(at).0, turn);
                    }
                }
            }
            Step::Over(pick) => {
                if let Some(at) = self.nth(pick, Call::Sent) {
                    let (chosen, _) = self.calls.remove(at);
                    let _ = self.pool.breaker(chosen.trunk).ended(self.now, Ending::Sound, chosen.probe);
                    self.pool.over(chosen.trunk);
                }
            }
        }
        Ok(())
    }

    fn choose(&mut self) -> Result<(), TestCaseError> {
        let up = self.up;
        let free = self.pool.room(self.now, true, |trunk| up[trunk]).calls;
        let want = Want { stand_in: true, ..Want::default() };
        let chosen = self.pool.choose(self.now, want, |trunk| up[trunk]);
        prop_assert_eq!(free > 0, chosen.is_ok(), "what is free can be taken, and nothing else");
        if let Ok(chosen) = chosen {
            prop_assert!(up[chosen.trunk]);
            prop_assert!(chosen.trunk != 2 || (!up[0] && !up[1]), "the fallback stands in only");
            self.calls.push((chosen, Call::Waits));
        }
        Ok(())
    }

    fn ask_turn(&mut self, pick: usize) -> Result<(), TestCaseError> {
        let Some(at) = self.nth(pick, Call::Waits) else { return Ok(()) };
        match self.pool.turn(self.calls[at].0.trunk, self.now) {
            Turn::Granted => self.calls[at].1 = Call::HasTurn,
            Turn::At(later) => prop_assert!(later > self.now),
            Turn::OnChange => prop_assert!(self.nth(0, Call::HasTurn).is_some()),
        }
        Ok(())
    }

    fn holds(&mut self, limits: &[(u32, u32)]) -> Result<(), TestCaseError> {
        let second = Duration::from_secs(1);
        for (trunk, (lines, cps)) in limits.iter().enumerate() {
            let busy = self.calls.iter().filter(|(chosen, _)| chosen.trunk == trunk).count() as u32;
            prop_assert!(busy <= *lines, "{busy} calls on {lines} lines");
            prop_assert_eq!(self.pool.standing(trunk, self.now).lines_busy, busy);
            let invites = &self.invites[trunk];
            let within =
                |from: &Duration| invites.iter().filter(|at| (*from..*from + second).contains(at)).count();
            let worst = invites.iter().map(within).max();
            prop_assert!(worst.unwrap_or(0) as u32 <= *cps, "{worst:?} INVITEs in a second, {cps} allowed");
        }
        Ok(())
    }

    /// Everything given back, all is free again.
    fn empties(mut self) -> Result<(), TestCaseError> {
        for (chosen, call) in std::mem::take(&mut self.calls) {
            match call {
                Call::Sent => self.pool.over(chosen.trunk),
                _ => self.pool.unused(self.now, chosen, call == Call::HasTurn),
            }
        }
        for trunk in 0..3 {
            let standing = self.pool.standing(trunk, self.now + Duration::from_secs(5));
            prop_assert_eq!((standing.lines_busy, standing.cps_used), (0, 0));
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn limits_are_never_passed(
        steps in prop::collection::vec(step(), 1..400),
        limits in prop::collection::vec((1u32..6, 1u32..5), 3),
        seed in any::<u64>(),
    ) {
        let mut floor = Floor::of(&limits, seed);
        for step in steps {
            floor.take(step)?;
            floor.holds(&limits)?;
        }
        floor.empties()?;
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
