//! When all is over: every task has ended, and its moves tell how.

use chrono::{DateTime, Utc};
use records::{Move, MoveRule, Plan, Reason, Task, TaskState};

use super::{Judge, Verdict};

/// Rules that bring a task to people or to its end without the tries of a round.
const ENDS_A_ROUND: [MoveRule; 9] = [
    MoveRule::RoundExhausted,
    MoveRule::Deadline,
    MoveRule::NumberDead,
    MoveRule::StillSuspended,
    MoveRule::PutOffTooOften,
    MoveRule::OutcomeUnknown,
    MoveRule::PersonAsked,
    MoveRule::Raised,
    MoveRule::ByPeople,
];

impl Judge {
    /// A task of the year, when the last of them had its time.
    pub(in crate::simulate) fn over(
        &self,
        plan: &Plan,
        task: &Task,
        moves: &[Move],
        now: DateTime<Utc>,
    ) -> Verdict {
        let wrong = |rule, what: String| {
            let mut violation = self.violation(rule, what, &task.into());
            violation.history.extend(moves.iter().map(|made| {
                format!(
                    "{} {:?} -> {:?} by {}: {}",
                    made.at, made.from, made.to, made.because.rule, made.because.why
                )
            }));
            Err(violation)
        };
        if !task.state.ended() {
            return wrong("every task ends", format!("it is {} still, at {now}", task.state.slug()));
        }
        let mut stands = None;
        for made in moves {
            if made.from != stands && made.to != TaskState::Calling && made.from != Some(TaskState::Calling) {
                return wrong(
                    "moves tell everything",
                    format!("it stood at {stands:?}, and moved from {:?}", made.from),
                );
            }
            if made.because.rule == MoveRule::Unstated || made.because.why.is_empty() {
                return wrong("moves tell everything", "a move without its rule".to_owned());
            }
            stands = Some(made.to);
        }
        if stands != Some(task.state) {
            return wrong("moves tell everything", format!("the last move leads to {stands:?}"));
        }
        let dialled = moves.iter().filter(|made| made.because.rule == MoveRule::Dialled).count();
        let rang_back = moves.iter().filter(|made| made.because.rule == MoveRule::RangBack).count();
        let seen = self.of_task.get(&task.id).map_or(0, Vec::len);
        if dialled + rang_back != seen {
            return wrong(
                "moves tell everything",
                format!("{seen} calls, of which {} are told", dialled + rang_back),
            );
        }
        let rules = || moves.iter().map(|made| made.because.rule);
        if task.state == TaskState::Exhausted && !rules().any(|rule| ENDS_A_ROUND.contains(&rule)) && seen > 0
        {
            return wrong("given up by a rule", "it was given up, and no rule is told".to_owned());
        }
        let rounds = 1 + moves
            .iter()
            .filter(|made| made.from == Some(TaskState::WithPerson) && made.to == TaskState::Waiting)
            .count();
        let counted = self.of_task.get(&task.id).into_iter().flatten();
        let counted = counted.filter(|place| self.seen[**place].reason.is_some_and(Reason::counts)).count();
        let retry = &plan.content.policy.retry;
        let most = rounds * (retry.attempts * (2 + retry.soon_retries) + 3) as usize;
        if counted > most {
            return wrong("bounded", format!("{counted} calls in {rounds} rounds"));
        }
        Ok(())
    }
}
