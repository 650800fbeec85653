//! All trunks together: lines, turns, breakers, and the choice among them.

use std::time::Duration;

use crate::breaker::{self, Breaker, Ending};
use crate::pace::{Pace, Turn};
use crate::share::Share;
use crate::weights::Weights;

/// One trunk as configured.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Calls at once.
    pub lines: u32,
    /// Calls begun per second.
    pub cps: u32,
    /// Lower goes first.
    pub priority: u16,
    /// Share among trunks of one priority; 0 counts as 1.
    pub weight: u32,
    /// Used by policy only.
    pub fallback: bool,
    pub breaker: breaker::Figures,
}

/// Which kind of trunk goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Route {
    #[default]
    Ordinary,
    /// A fallback trunk, if one can be used; else an ordinary one.
    Fallback,
}

/// What a call asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Want<'a> {
    pub route: Route,
    /// Trunks that this call was tried on, or that cannot dial its number.
    pub excluded: &'a [usize],
    /// A fallback trunk may stand in when no ordinary one can be used, or one has failed this call.
    pub stand_in: bool,
}

/// A line is taken: place the call, then tell how it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    pub trunk: usize,
    /// The call tries a trunk that was left alone.
    pub probe: bool,
}

/// No line now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// No trunk can be used: down, left alone, or excluded.
    NoneUsable,
    /// Those that can be used have no free line, or a second's worth of calls already waits for its turn.
    AllBusy,
}

/// What calls could be placed now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Free lines.
    pub lines: u32,
    /// Of them those whose calls would not have to wait for their turn.
    pub calls: u32,
}

/// One trunk's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub lines_busy: u32,
    /// What this process may use of the trunk.
    pub share: Share,
    /// Turns of the last second used or held.
    pub cps_used: u32,
    pub open: bool,
    /// How long it is left alone still.
    pub rests: Option<Duration>,
}

#[derive(Clone, Debug)]
struct Member {
    spec: Spec,
    share: Share,
    busy: u32,
    /// Lines taken whose INVITE has not left.
    waiting: u32,
    pace: Pace,
    breaker: Breaker,
}

/// The trunks, in the order they were given. Whether a trunk is up is told with each question.
#[derive(Clone, Debug)]
pub struct Pool {
    members: Vec<Member>,
    weights: Weights,
}

impl Pool {
    /// Nothing in use, and the whole of each trunk ours; 0 calls a second count as 1.
    pub fn new(specs: Vec<Spec>, seed: u64) -> Self {
        let weights = Weights::new(specs.len(), seed);
        let members = specs
            .into_iter()
            .map(|spec| Member {
                share: spec.whole(),
                busy: 0,
                waiting: 0,
                pace: Pace::per_second(spec.whole().cps),
                breaker: Breaker::new(spec.breaker),
                spec,
            })
            .collect();
        Self { members, weights }
    }

    /// What may be used of a trunk from now on, never more than the whole. Calls that are up beyond it stay.
    pub fn allow(&mut self, trunk: usize, share: Share) {
        let member = &mut self.members[trunk];
        let whole = member.spec.whole();
        member.share = Share { lines: share.lines.min(whole.lines), cps: share.cps.min(whole.cps) };
        member.pace.change(member.share.cps);
    }

    /// The whole of a trunk as configured, and what of it may be in use until [`Pool::allow`] says otherwise: what is
    /// allowed, or more where it was more a moment ago.
    pub fn held(&mut self, trunk: usize, now: Duration) -> (Share, Share) {
        let member = &mut self.members[trunk];
        let used = Share { lines: member.busy, cps: member.pace.used_at(now) };
        let Share { lines, cps } = member.share;
        (member.spec.whole(), Share { lines: lines.max(used.lines), cps: cps.max(used.cps) })
    }

    /// Takes a line: of the lowest priority that has one, by weight within it. Fallback trunks come after all
    /// ordinary ones, and only where the policy lets them.
    pub fn choose(
        &mut self,
        now: Duration,
        want: Want<'_>,
        up: impl Fn(usize) -> bool,
    ) -> Result<Chosen, NoRoom> {
        let usable: Vec<usize> = (0..self.members.len())
            .filter(|index| !want.excluded.contains(index) && self.usable(*index, now, &up))
            .collect();
        let mut tiers: Vec<(bool, u16)> = usable.iter().map(|index| self.tier(*index)).collect();
        tiers.sort_unstable();
        tiers.dedup();
        if want.route == Route::Fallback {
            tiers.sort_by_key(|(fallback, priority)| (!fallback, *priority));
        } else {
            let without_ordinary = tiers.first().is_none_or(|(fallback, _)| *fallback);
            let allowed = want.stand_in && (without_ordinary || !want.excluded.is_empty());
            tiers.retain(|(fallback, _)| !fallback || allowed);
        }
        if tiers.is_empty() {
            return Err(NoRoom::NoneUsable);
        }
        let found = tiers.into_iter().find_map(|tier| {
            let candidates: Vec<(usize, u32)> = usable
                .iter()
                .filter(|index| self.tier(**index) == tier && self.members[**index].has_room())
                .map(|index| (*index, self.members[*index].spec.weight.max(1)))
                .collect();
            self.weights.choose(&candidates)
        });
        let trunk = found.ok_or(NoRoom::AllBusy)?;
        let member = &mut self.members[trunk];
        member.busy += 1;
        member.waiting += 1;
        Ok(Chosen { trunk, probe: member.breaker.placed() })
    }

    /// Takes a line of that trunk for a call that has come in over it, which waits for no turn.
    pub fn came_in(&mut self, trunk: usize) -> Result<Chosen, NoRoom> {
        let member = &mut self.members[trunk];
        if member.busy >= member.share.lines {
            return Err(NoRoom::AllBusy);
        }
        member.busy += 1;
        Ok(Chosen { trunk, probe: false })
    }

    /// Whether any call can be placed, busy lines aside.
    pub fn any_usable(&self, now: Duration, stand_in: bool, up: impl Fn(usize) -> bool) -> bool {
        let allowed = |index: &usize| stand_in || !self.members[*index].spec.fallback;
        (0..self.members.len()).filter(allowed).any(|index| self.usable(index, now, &up))
    }

    /// Calls without special wishes that could be placed now.
    pub fn room(&self, now: Duration, stand_in: bool, up: impl Fn(usize) -> bool) -> Room {
        let room = |fallback: bool| {
            let of_kind = |index: &usize| self.members[*index].spec.fallback == fallback;
            let usable =
                (0..self.members.len()).filter(of_kind).filter(|index| self.usable(*index, now, &up));
            usable
                .map(|index| self.members[index].room())
                .reduce(|one, other| Room { lines: one.lines + other.lines, calls: one.calls + other.calls })
        };
        room(false).or_else(|| room(true).filter(|_| stand_in)).unwrap_or_default()
    }

    /// Asks for the turn of a line that was taken.
    pub fn turn(&mut self, trunk: usize, now: Duration) -> Turn {
        self.members[trunk].pace.ask(now)
    }

    /// The INVITE of a granted turn has left, now at the latest.
    pub fn dialled(&mut self, trunk: usize, now: Duration) {
        let member = &mut self.members[trunk];
        member.pace.sent(now);
        member.waiting = member.waiting.saturating_sub(1);
    }

    /// A line is given back without a call: `turn` tells whether its turn was granted.
    pub fn unused(&mut self, now: Duration, chosen: Chosen, turn: bool) {
        let member = &mut self.members[chosen.trunk];
        if turn {
            member.pace.give_back();
        }
        member.waiting = member.waiting.saturating_sub(1);
        member.busy = member.busy.saturating_sub(1);
        // Nothing was learnt of the trunk.
        let _ = member.breaker.ended(now, Ending::Nothing, chosen.probe);
    }

    /// The leg of a call is over: its line is free.
    pub fn over(&mut self, trunk: usize) {
        let member = &mut self.members[trunk];
        member.busy = member.busy.saturating_sub(1);
    }

    /// The breaker of a trunk, to be told how calls fare.
    pub fn breaker(&mut self, trunk: usize) -> &mut Breaker {
        &mut self.members[trunk].breaker
    }

    /// One trunk's figures.
    pub fn standing(&mut self, trunk: usize, now: Duration) -> Standing {
        let member = &mut self.members[trunk];
        Standing {
            lines_busy: member.busy,
            share: member.share,
            cps_used: member.pace.used_at(now),
            open: member.breaker.is_open(),
            rests: member.breaker.rests(now),
        }
    }

    fn usable(&self, index: usize, now: Duration, up: &impl Fn(usize) -> bool) -> bool {
        self.members[index].breaker.admits(now) && up(index)
    }

    fn tier(&self, index: usize) -> (bool, u16) {
        let spec = &self.members[index].spec;
        (spec.fallback, spec.priority)
    }
}

impl Spec {
    fn whole(&self) -> Share {
        Share { lines: self.lines, cps: self.cps.max(1) }
    }
}

impl Member {
    fn has_room(&self) -> bool {
        self.room().calls > 0
    }

    /// Lines that can be taken: free ones, and no more than a second's worth of calls waiting for their turn. A trunk
    /// that is tried again takes one call.
    fn room(&self) -> Room {
        let most = if self.breaker.is_open() { 1 } else { u32::MAX };
        let lines = self.share.lines.saturating_sub(self.busy).min(most);
        let turns = self.share.cps.saturating_sub(self.waiting);
        Room { lines, calls: lines.min(turns) }
    }
}
