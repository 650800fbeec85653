//! What proofs are made from, on the model: counted one by one.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use plan::{Dossier, PlanFigures, Tried};
use records::{
    Attempt, Callback, CallbackState, Direction, Mode, PlanId, PlanState, Reason, Recent, Recording, Step,
    StepKind, StepOutcome, TaskId, TaskState, Waiver,
};

use super::Model;
use super::state::{State, TaskEntry, missing};
use crate::{Activity, Count, Days, Proofs, StoreError, TrunkUse};

fn counted(attempt: &Attempt) -> bool {
    attempt.direction == Direction::Outbound && attempt.reason.is_none_or(Reason::counts)
}

impl State {
    fn dossier(&self, id: TaskId) -> Result<Dossier, StoreError> {
        let task = self.tasks.get(&id).ok_or_else(|| missing("task", id))?.task.clone();
        let plan = std::sync::Arc::clone(self.plan(task.plan)?);
        let customer = std::sync::Arc::clone(self.customer(task.customer)?);
        let mut attempts: Vec<Tried> = self
            .attempts
            .values()
            .filter(|attempt| attempt.task == Some(id))
            .map(|attempt| Tried {
                answers: self.standing_answers(attempt.id),
                recording: self
                    .recordings
                    .values()
                    .find(|kept| kept.attempt == attempt.id)
                    .map(|kept| Recording::clone(kept)),
                attempt: Attempt::clone(attempt),
            })
            .collect();
        attempts.sort_by_key(|tried| (tried.attempt.started_at, tried.attempt.id));
        let mut waivers: Vec<_> = self
            .waivers
            .values()
            .filter(|waiver| waiver.customer_id == task.customer)
            .map(|waiver| Waiver::clone(waiver))
            .collect();
        waivers.sort_by_key(|waiver| std::cmp::Reverse(waiver.id.0));
        Ok(Dossier {
            now: self.now,
            recent: self.recent_around(&attempts, customer.id, plan.content.policy.span()),
            moves: self.moves_of(id)?,
            steps: self.steps.values().filter(|step| step.task == id).map(|step| Step::clone(step)).collect(),
            callbacks: self
                .callbacks
                .values()
                .filter(|item| item.task == id)
                .map(|item| Callback::clone(item))
                .collect(),
            waivers,
            attempts,
            task,
            plan,
            customer,
        })
    }

    fn recent_around(
        &self,
        attempts: &[Tried],
        customer: records::CustomerId,
        span: Duration,
    ) -> Vec<Recent> {
        let (Some(first), Some(last)) = (attempts.first(), attempts.last()) else { return Vec::new() };
        let since = first.attempt.started_at - TimeDelta::from_std(span).unwrap_or_default();
        let until = last.attempt.started_at;
        let own = self.customer(customer).map(|found| found.row.numbers.clone()).unwrap_or_default();
        let of_case = |made: &Attempt| {
            made.customer == Some(customer)
                || own.contains(&made.number)
                || attempts.iter().any(|tried| tried.attempt.number == made.number)
        };
        let mut recent: Vec<Recent> = self
            .attempts
            .values()
            .filter(|made| {
                counted(made) && of_case(made) && since <= made.started_at && made.started_at <= until
            })
            .map(|made| Recent {
                attempt: made.id,
                number: made.number.clone(),
                started_at: made.started_at,
                on_customer: made.customer.is_none_or(|of| of == customer),
            })
            .collect();
        recent.sort_by_key(|made| made.started_at);
        recent
    }

    fn figures(&self, id: PlanId, days: Days) -> Result<PlanFigures, StoreError> {
        let plan = self.plan(id)?;
        let watch = &plan.content.policy.watch;
        let mut figures = PlanFigures::empty(plan, self.now, days.from, days.to);
        for entry in self.tasks.values().filter(|entry| entry.task.plan == id) {
            self.count(&mut figures, entry, days, watch.soon);
        }
        Ok(figures.reckoned(watch))
    }

    fn count(&self, figures: &mut PlanFigures, entry: &TaskEntry, days: Days, soon: Duration) {
        let task = &entry.task;
        let by = task.aim_by.or(task.due_by);
        let over = by.is_some_and(|by| by <= self.now);
        let covered = matches!(task.state, TaskState::Succeeded | TaskState::Refused);
        let one = u64::from;
        if days.hold(task.due_on, task.created_at) {
            if task.state == TaskState::Withdrawn {
                figures.withdrawn += 1;
            } else {
                figures.due += 1;
                figures.past += one(over);
                figures.past_covered += one(over && covered);
            }
            figures.refused += one(task.state == TaskState::Refused);
            figures.given_up += one(task.state == TaskState::Exhausted);
            if task.state == TaskState::Succeeded {
                figures.done += 1;
                let way = self.way(task);
                figures.by_visit += one(way == StepKind::Visit);
                figures.by_letter += one(way == StepKind::Letter);
                figures.by_message += one(way == StepKind::Message);
            }
        }
        if !task.state.ended() {
            let soon = TimeDelta::from_std(soon).unwrap_or_default();
            figures.overdue += one(over);
            figures.soon_overdue += one(!over && by.is_some_and(|by| by <= self.now + soon));
            if over {
                figures.oldest_overdue = figures.oldest_overdue.min(by).or(by);
            }
            let waits = matches!(task.state, TaskState::Due | TaskState::Waiting);
            figures.due_now += one(waits && task.next_at <= self.now);
        }
        let ways = self.ways(task.id);
        let far = ways.contains(&Mode::Visit) || ways.contains(&Mode::Letter);
        figures.visits_and_letters += one(far);
        figures.made += one(task.attempts > 0 || !ways.is_empty());
    }

    /// Which way brought the interview: the step that succeeded, else the task's own mode.
    fn way(&self, task: &records::Task) -> StepKind {
        let succeeded = |step: &&std::sync::Arc<Step>| {
            step.task == task.id && step.outcome == Some(StepOutcome::Succeeded)
        };
        let by_mode = match task.mode {
            records::Mode::Phone => StepKind::Phone,
            records::Mode::Visit => StepKind::Visit,
            records::Mode::Letter => StepKind::Letter,
            records::Mode::Message => StepKind::Message,
        };
        self.steps.values().find(succeeded).map_or(by_mode, |step| step.kind)
    }

    fn activity(&self) -> Activity {
        let mut open: BTreeMap<&str, u64> = BTreeMap::new();
        let mut today: BTreeMap<Reason, u64> = BTreeMap::new();
        let mut activity = Activity::default();
        let day =
            |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
        for made in self.attempts.values() {
            let age = self.now - made.started_at;
            if made.ended_at.is_none() {
                *open.entry(&made.trunk).or_default() += 1;
            }
            activity.last_minute += u64::from(age < TimeDelta::minutes(1));
            if let Some(reason) = made.reason {
                if age < TimeDelta::hours(1) && made.direction.counts(reason) {
                    activity.hour_calls += 1;
                    activity.hour_answered += u64::from(made.answered_at.is_some());
                }
                if day(made.started_at) == day(self.now) {
                    *today.entry(reason).or_default() += 1;
                }
            }
        }
        activity.open =
            open.into_iter().map(|(trunk, open)| TrunkUse { trunk: trunk.to_owned(), open }).collect();
        let mut today: Vec<Count> = today
            .into_iter()
            .map(|(reason, count)| Count { name: reason.slug().to_owned(), count })
            .collect();
        today.sort_by(|a, b| (b.count, &a.name).cmp(&(a.count, &b.name)));
        activity.today = today;
        for item in self.callbacks.values().filter(|item| item.state != CallbackState::Done) {
            activity.queue_open += 1;
            activity.queue_taken += u64::from(item.state == CallbackState::Taken);
            activity.queue_overdue += u64::from(item.content.due_at <= self.now);
            let made = Some(item.created_at);
            activity.queue_oldest = activity.queue_oldest.min(made).or(made);
        }
        activity
    }
}

#[async_trait]
impl Proofs for Model {
    async fn dossier(&self, task: TaskId) -> Result<Dossier, StoreError> {
        self.read(|state| state.dossier(task))
    }

    async fn plan_figures(&self, plan: PlanId, days: Days) -> Result<PlanFigures, StoreError> {
        self.read(|state| state.figures(plan, days))
    }

    async fn all_figures(&self, _age: Duration) -> Result<Vec<PlanFigures>, StoreError> {
        self.read(|state| {
            let days = Days::this_year(state.now);
            let on = |plan: &&std::sync::Arc<records::Plan>| {
                matches!(plan.state, PlanState::Running | PlanState::Paused)
            };
            let mut all: Vec<PlanFigures> = state
                .plans
                .values()
                .filter(on)
                .map(|plan| state.figures(plan.id, days))
                .collect::<Result<_, _>>()?;
            all.sort_by(|a, b| (&a.name, a.plan).cmp(&(&b.name, b.plan)));
            Ok(all)
        })
    }

    async fn activity(&self) -> Result<Activity, StoreError> {
        self.read(|state| Ok(state.activity()))
    }
}
