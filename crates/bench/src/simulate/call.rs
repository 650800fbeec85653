//! One claimed task: as `app/line/task.rs` does, over the same port and by the same functions.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use plan::{BeforeCall, Case, Decision, Ending, Known, Past, before_call};
use ports::{Closing, InboundCall, Instead, NewAttempt, OpenRefusal, RangBack, Seen, Standing, Store as _};
use rand::RngExt as _;
use records::{Attempt, Claim, Confidence, Direction, Evidence, Fact, Noted, Number, Onward, Reason};

use super::SimulateError;
use super::agenda::Event;
use super::judge::{Dial, Ended, Heard};
use super::population::{self, Brought, brought, talked};
use super::world::{NODE, World};

/// Ring time, longest call and slack: until then nobody else may dial.
const LONGEST: Duration = Duration::from_secs(1100);

/// A call that is up, or one that may be rung back.
pub(super) struct Call {
    claim: Claim,
    attempt: Attempt,
    history: Vec<Past>,
    others: usize,
    brought: Brought,
}

impl World {
    /// A task that was claimed: it is called, put off, or moved on.
    pub(super) async fn work(&mut self, claim: Claim) -> Result<(), SimulateError> {
        let Standing { now, history, numbers, recent } = self.store.standing(&claim).await?;
        let made: Vec<Past> = history.iter().map(Past::from).collect();
        let known = Known { history: &made, recent: &recent, numbers: &numbers };
        match before_call(&claim, &self.calendar, claim.customer.row.zone(), now, known) {
            BeforeCall::Call { number, others } => {
                let new = self.new_attempt(number.clone(), Seen { at: now, recent });
                self.call(claim, new, others, made).await
            }
            BeforeCall::Later { at, because } => {
                self.tally.put_off += 1;
                Ok(self.store.release(&claim, at, &because).await?)
            }
            BeforeCall::MovesOn(decision) => self.settle(&claim, &Onward::from(*decision)).await,
        }
    }

    /// The round of calls is over without a call.
    async fn settle(&mut self, claim: &Claim, onward: &Onward) -> Result<(), SimulateError> {
        self.store.settle(claim, onward).await?;
        self.tally.gave_up(claim.plan.id, onward.because.rule);
        self.moved(claim, &onward.next);
        Ok(())
    }

    async fn call(
        &mut self,
        claim: Claim,
        new: NewAttempt,
        others: usize,
        history: Vec<Past>,
    ) -> Result<(), SimulateError> {
        let attempt = match self.store.open_attempt(&claim, &new).await? {
            Ok(attempt) => attempt,
            Err(refusal) => return self.refused(&claim, refusal).await,
        };
        self.begun(&claim, &attempt)?;
        let person = population::place(&claim.customer.row);
        let wire = claim.customer.row.numbers.iter().position(|number| *number == attempt.number);
        let expected = history.last().is_some_and(|past| past.reason == Some(Reason::Inconvenient));
        let person = &self.population.people[person];
        let brought = brought(person, wire, self.now, expected, &mut self.chance);
        self.put_up(Call { claim, attempt, history, others, brought });
        Ok(())
    }

    fn new_attempt(&mut self, number: Number, seen: Seen) -> NewAttempt {
        let (id, trunk) = (self.fresh_attempt(), "simulated".to_owned());
        NewAttempt { id, number, trunk, caller: None, longest: LONGEST, lent: None, seen }
    }

    fn begun(&mut self, claim: &Claim, attempt: &Attempt) -> Result<(), SimulateError> {
        let dial = Dial {
            attempt: attempt.id,
            plan: Arc::clone(&claim.plan),
            matter: (&claim.task).into(),
            zone: claim.customer.row.zone(),
            number: attempt.number.clone(),
            at: attempt.started_at,
            inbound: attempt.direction == Direction::Inbound,
        };
        Ok(self.court.hear(Heard::Dialled(dial))?)
    }

    fn put_up(&mut self, call: Call) {
        let over = self.now + call.brought.lasted;
        let place = self.calls.iter().position(Option::is_none).unwrap_or(self.calls.len());
        if place == self.calls.len() {
            self.calls.push(None);
        }
        self.calls[place] = Some(call);
        self.up += 1;
        self.agenda.enter(over, Event::Over(place));
    }

    async fn refused(&mut self, claim: &Claim, refusal: OpenRefusal) -> Result<(), SimulateError> {
        self.tally.refused += 1;
        match refusal.instead(&claim.plan.content.policy.retry, self.now) {
            Instead::Later { at, because } => Ok(self.store.release(claim, at, &because).await?),
            Instead::MovesOn(onward) => self.settle(claim, &onward).await,
        }
    }

    /// A call is over: it gets its reason, and its task what follows.
    pub(super) async fn over(&mut self, place: usize) -> Result<(), SimulateError> {
        let Some(call) = self.calls[place].take() else { return Ok(()) };
        self.up -= 1;
        let Call { claim, attempt, history, others, brought } = &call;
        if brought.reason == Reason::OptedOut {
            let at_ms = brought.lasted.num_milliseconds().unsigned_abs();
            self.store.note(attempt.id, &[Fact { seq: 0, at_ms, noted: Noted::OptOut }]).await?;
            self.court.hear(Heard::OptedOut(claim.task.customer))?;
        }
        let ending = Ending {
            direction: attempt.direction,
            number: &attempt.number,
            started_at: attempt.started_at,
            reason: brought.reason,
            flags: &brought.flags,
            person_asked: brought.person_asked,
            time_asked: brought.time_asked,
            other_numbers: *others,
            seed: claim.task.id.0.as_u128() as u64,
        };
        let case = Case::of(
            &claim.plan.content.policy,
            &self.calendar,
            claim.customer.row.zone(),
            self.now,
            &claim.task,
        );
        let decision = match attempt.direction {
            Direction::Outbound => plan::after_attempt(&case, history, &ending),
            Direction::Inbound => plan::after_ring_back(&case, claim.task.next_at, history, &ending),
        };
        self.close(&call, decision).await
    }

    async fn close(&mut self, call: &Call, decision: Decision) -> Result<(), SimulateError> {
        let Call { claim, attempt, brought, .. } = call;
        self.court.hear(Heard::Ended(Ended {
            attempt: attempt.id,
            plan: Arc::clone(&claim.plan),
            matter: (&claim.task).into(),
            reason: brought.reason,
            next: decision.next.clone(),
            because: decision.because.clone(),
        }))?;
        let outcome = (brought.reason, brought.answered_after.is_some());
        self.tally.ended(
            claim,
            attempt,
            claim.customer.row.zone(),
            outcome,
            (&decision.next, &decision.because),
        );
        let closing = Closing {
            reason: brought.reason,
            evidence: Evidence { confidence: Some(Confidence::Certain), ..Evidence::default() },
            answered_at: brought.answered_after.map(|after| attempt.started_at + after),
            next: decision.next,
            because: decision.because,
            callback: decision.callback,
            number_dead: decision.number_dead,
        };
        self.store.close_attempt(attempt.id, claim.fence, &closing).await?;
        self.may_ring_back(call);
        self.moved(claim, &closing.next);
        Ok(())
    }

    /// Of those who missed a call some ring back within the hour.
    fn may_ring_back(&mut self, call: &Call) {
        let missed = call.attempt.direction == Direction::Outbound && call.brought.reason == Reason::NoAnswer;
        if missed && self.chance.random_ratio(1, 25) {
            let after = TimeDelta::minutes(self.chance.random_range(1..50));
            let place = population::place(&call.claim.customer.row);
            self.agenda.enter(self.now + after, Event::RingBack(place));
        }
    }

    /// A customer rings back (`app/line/inbound.rs`).
    pub(super) async fn ring_back(&mut self, place: usize) -> Result<(), SimulateError> {
        if self.up >= self.lines {
            return Ok(());
        }
        let customer = self.store.customer(self.ids[place]).await?;
        let Some(number) = customer.row.numbers.first().cloned() else { return Ok(()) };
        let call = InboundCall {
            attempt: self.new_attempt(number, Seen::default()),
            node: NODE.to_owned(),
            withheld: false,
            strangers: false,
        };
        let Ok(RangBack { attempt, claim: Some(claim) }) = self.store.open_inbound(&call).await? else {
            return Ok(());
        };
        self.begun(&claim, &attempt)?;
        let history = self.store.history(claim.task.id).await?.iter().map(Past::from).collect();
        let others = self.store.numbers_to_call(&claim).await?.len().saturating_sub(1);
        let brought = talked(&mut self.chance);
        self.put_up(Call { claim, attempt, history, others, brought });
        Ok(())
    }
}
