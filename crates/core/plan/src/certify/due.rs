//! Approval, schedule and time limits (W8.3, W7, W8, L7, S4.3, E6.1).

use chrono::{DateTime, Utc};
use records::{Firing, MoveRule, On, TaskState};

use super::clause::{Clause, ClauseName, Said, Verdict};
use super::dossier::{Dossier, proof_of};

pub(super) fn clauses(dossier: &Dossier) -> Vec<Clause> {
    let firing = firing(dossier);
    let code = firing.map_or("", |firing| firing.rule.as_str());
    vec![
        approval(dossier),
        occasion(dossier, firing).coded(code),
        limit(dossier, ClauseName::Aim, dossier.task.aim_by).coded(code),
        limit(dossier, ClauseName::Deadline, dossier.task.due_by).coded(code),
        after_deadline(dossier).coded(code),
    ]
}

fn approval(dossier: &Dossier) -> Clause {
    let plan = &dossier.plan;
    let required = Said::new("计划须由作者以外的人批准", "approved by somebody else than its author");
    let (done, verdict) = match plan.approved_by {
        Some(by) if by != plan.created_by => {
            (Said::new("已由他人批准", "approved by another person"), Verdict::Kept)
        }
        Some(_) if plan.own_approval => (
            Said::new(
                "由作者本人批准，当时本系统的设置允许",
                "approved by its author; this installation's setting allowed it then",
            ),
            Verdict::NotRequired,
        ),
        Some(_) => (Said::new("由作者本人批准", "approved by its author"), Verdict::NotKept),
        None => (Said::new("未经批准", "not approved"), Verdict::NotKept),
    };
    Clause::new(ClauseName::Approval, required, done, verdict)
}

/// The firing of the plan's schedule that made the task, by the occasion's name; none for a list.
fn firing(dossier: &Dossier) -> Option<&Firing> {
    let occasion = dossier.task.occasion.0.as_str();
    let firings = &dossier.plan.content.schedule.firings;
    let made = |firing: &&Firing| {
        let rest = match &firing.name {
            Some(name) => occasion.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix(':')),
            None => Some(occasion),
        };
        rest.is_some_and(|rest| match &firing.on {
            On::Event(event) => rest
                .strip_prefix(event.as_str())
                .is_some_and(|end| end.is_empty() || end.starts_with(['+', '-', '@'])),
            On::Each(_) => rest.starts_with(|c: char| c.is_ascii_digit()),
        })
    };
    let fits =
        |firing: &&Firing| firing.mode.unwrap_or(dossier.plan.content.schedule.mode) == dossier.task.mode;
    firings.iter().filter(made).find(fits).or_else(|| firings.iter().find(made))
}

fn occasion(dossier: &Dossier, firing: Option<&Firing>) -> Clause {
    let task = &dossier.task;
    let name = &task.occasion.0;
    let required = match (firing, task.due_on) {
        (Some(_), Some(day)) => Said::new(
            format!("触发“{name}”，{day} 到期，此前不得拨打"),
            format!("the occasion {name}, due on {day}, nothing before"),
        ),
        (_, Some(day)) => Said::new(
            format!("“{name}”，{day} 到期，此前不得拨打"),
            format!("{name}, due on {day}, nothing before"),
        ),
        _ => Said::new("名单一次性回访", "a list, called once when the plan starts"),
    };
    let first = dossier.placed().next();
    let early = task.due_on.zip(first).is_some_and(|(day, first)| {
        first.attempt.started_at.with_timezone(&dossier.zone()).date_naive() < day
    });
    let done = if let Some(first) = first {
        let at = dossier.time(first.attempt.started_at);
        Said::new(format!("首次拨打 {at}"), format!("first dialled {at}"))
    } else {
        let at = dossier.time(task.created_at);
        Said::new(format!("任务于 {at} 产生，尚未拨打"), format!("made {at}, never dialled"))
    };
    let born = dossier.moves.first().map(proof_of);
    Clause::new(ClauseName::Occasion, required, done, Verdict::kept(!early))
        .proven(born.into_iter().chain(first.map(super::Tried::proof)))
}

/// The interview was had, or refused by the customer, before that moment.
fn limit(dossier: &Dossier, name: ClauseName, limit: Option<DateTime<Utc>>) -> Clause {
    let Some(limit) = limit else {
        let none = Said::new("计划未规定", "the plan sets none");
        return Clause::new(
            name,
            none.clone(),
            Said::new("不适用", "nothing to hold it against"),
            Verdict::NotApplicable,
        );
    };
    let text = dossier.time(limit);
    let required = Said::new(format!("{text} 之前完成"), format!("done before {text}"));
    let over = dossier.now >= limit;
    let ended = dossier.task.ended_at.filter(|_| dossier.ended());
    let (done, verdict) = match (dossier.task.state, ended) {
        (TaskState::Succeeded | TaskState::Refused, Some(at)) => {
            let text = dossier.time(at);
            (Said::new(format!("{text} 结束"), format!("ended {text}")), Verdict::kept(at < limit))
        }
        (TaskState::Withdrawn, _) => {
            (Said::new("任务已撤回", "the task was taken back"), Verdict::NotApplicable)
        }
        (TaskState::Exhausted, _) => {
            (Said::new("未联系上客户", "the customer was not reached"), Verdict::NotKept)
        }
        _ if over => (Said::new("逾期未完成", "not done, and overdue"), Verdict::NotKept),
        _ => (Said::new("尚未完成，未到期", "not done, and not yet due"), Verdict::Open),
    };
    Clause::new(name, required, done, verdict).proven(dossier.ending().map(proof_of))
}

fn after_deadline(dossier: &Dossier) -> Clause {
    let required = Said::new("截止后不再拨打", "nothing is dialled from the deadline on");
    let name = ClauseName::AfterDeadline;
    let Some(due) = dossier.task.due_by.filter(|_| !dossier.policy().retry.after_deadline) else {
        let done = Said::new("无截止时间，或计划允许逾期拨打", "no deadline, or the plan dials on");
        return Clause::new(name, required, done, Verdict::NotApplicable);
    };
    let late: Vec<_> = dossier.placed().filter(|tried| tried.attempt.started_at >= due).collect();
    let stopped = dossier.moves.iter().filter(|made| made.because.rule == MoveRule::Deadline);
    let done = Said::new(format!("截止后拨打 {} 次", late.len()), format!("{} dialled after it", late.len()));
    let verdict = match late.len() {
        0 if !dossier.ended() && dossier.now < due => Verdict::Open,
        count => Verdict::kept(count == 0),
    };
    let proof: Vec<_> = late.iter().map(|tried| tried.proof()).chain(stopped.map(proof_of)).collect();
    Clause::new(name, required, done, verdict).proven(proof)
}
