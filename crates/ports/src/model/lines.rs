//! Lines lent to processes.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use trunk::Share;
use trunk::share::{Holder, Part, part};

use super::Model;
use super::state::State;
use crate::lines::{LAST_CALL, TURN};
use crate::{LendingId, Lent, LineAsk, Lines, StoreError};

/// What a process was lent of a trunk.
#[derive(Clone, Debug)]
pub(super) struct Lending {
    id: LendingId,
    node: String,
    trunk: String,
    whole: Share,
    held: Share,
    wanted: Share,
    until: DateTime<Utc>,
}

#[async_trait]
impl Lines for Model {
    async fn lend(&self, node: &str, asks: &[LineAsk], lease: Duration) -> Result<Vec<Lent>, StoreError> {
        self.write(|state| Ok(asks.iter().map(|ask| state.lend(node, ask, lease)).collect()))
    }

    async fn give_back(&self, node: &str) -> Result<(), StoreError> {
        self.write(|state| {
            let now = state.now;
            state.lendings.change_each(|one| one.node == node, |one| one.until = now);
            Ok(())
        })
    }
}

impl State {
    fn lend(&mut self, node: &str, ask: &LineAsk, lease: Duration) -> Lent {
        let now = self.now;
        let kept = self.lendings.values().find(|kept| kept.node == node && kept.trunk == ask.trunk);
        let id = kept.map(|lending| lending.id);
        let id = id.unwrap_or_else(|| LendingId(self.fresh()));
        let mine = Lending {
            id,
            node: node.to_owned(),
            trunk: ask.trunk.clone(),
            whole: ask.whole,
            held: ask.held,
            wanted: ask.wanted,
            until: now + lease,
        };
        self.lendings.insert(id, mine);
        let of_trunk = || self.lendings.values().filter(|lending| lending.trunk == ask.trunk);
        let mut living: Vec<Lending> =
            of_trunk().filter(|lending| lending.until > now).map(|lending| Lending::clone(lending)).collect();
        living.sort_by(|one, other| one.node.cmp(&other.node));
        let me = living.iter().position(|lending| lending.node == node).unwrap_or_default();
        let stuck: usize =
            of_trunk().filter(|lending| lending.until <= now).map(|lending| self.up_on(lending.id)).sum();
        let whole = living.iter().map(|one| one.whole).reduce(Share::least).unwrap_or_default();
        let turn = now.timestamp().unsigned_abs() / TURN.as_secs();
        let divide = |total: u32, stuck: u32, of: fn(&Share) -> u32| {
            let holder = |one: &Lending| Holder { held: of(&one.held), wanted: of(&one.wanted) };
            part(total, stuck, &living.iter().map(holder).collect::<Vec<_>>(), me, turn)
        };
        let lines: Part = divide(whole.lines, stuck as u32, |share| share.lines);
        let cps: Part = divide(whole.cps, 0, |share| share.cps);
        let held = Share { lines: lines.held, cps: cps.held };
        self.lendings.change(&living[me].id, |mine| mine.held = held);
        let keep = Share { lines: lines.keep, cps: cps.keep };
        Lent { id: living[me].id, trunk: ask.trunk.clone(), held, keep, whole }
    }

    /// Open attempts on a lending that may still be up.
    fn up_on(&self, lending: LendingId) -> usize {
        let up = |id| {
            self.attempts
                .get(id)
                .is_some_and(|attempt| attempt.ended_at.is_none() && attempt.alive_until > self.now)
        };
        self.lent.iter().filter(|(id, of)| ***of == lending && up(*id)).count()
    }

    /// Whether a lending holds long enough for a call.
    pub(super) fn lends(&self, lending: LendingId) -> bool {
        let last = self.now + LAST_CALL;
        self.lendings.get(&lending).is_some_and(|one| one.until > last)
    }
}
