//! What the customer decided, and what people did: opt-out, waiver, the call-back queue, the ladder (W3.1, L9.4, W10,
//! L12–L14).

use records::{CallbackState, Rung, StepKind, StepState, TaskState, Waiver};

use super::clause::{Clause, ClauseName, Proof, Said, Verdict};
use super::dossier::{Dossier, Tried};

pub(super) fn clauses(dossier: &Dossier) -> Vec<Clause> {
    vec![opt_out(dossier), waiver(dossier), callbacks(dossier), ladder(dossier)]
}

fn opt_out(dossier: &Dossier) -> Clause {
    let required =
        Said::new("客户拒绝来电后任何计划不再拨打", "no call by any plan once the customer wants none");
    let Some(out) = &dossier.customer.opt_out else {
        let done = Said::new("客户未拒绝来电", "no opt-out stands");
        return Clause::new(ClauseName::OptOut, required, done, Verdict::NotApplicable);
    };
    let after: Vec<_> =
        dossier.placed().filter(|tried| tried.attempt.started_at > out.at).map(Tried::proof).collect();
    let at = dossier.time(out.at);
    let done = Said::new(
        format!("{at} 起拒绝来电，其后拨打 {} 次", after.len()),
        format!("opted out {at}; {} dialled after it", after.len()),
    );
    Clause::new(ClauseName::OptOut, required, done, Verdict::kept(after.is_empty())).proven(after)
}

fn waiver(dossier: &Dossier) -> Clause {
    let required = Said::new(
        "签有三方免回访声明者不拨打",
        "a customer under a waiver signed by customer, salesperson and sales manager is not called",
    );
    let covering: Vec<&Waiver> =
        dossier.waivers.iter().filter(|waiver| waiver.content.covers(dossier.plan.id)).collect();
    if covering.is_empty() {
        let done = Said::new("无有效声明", "no waiver is on file");
        return Clause::new(ClauseName::Waiver, required, done, Verdict::NotApplicable);
    }
    let under = |tried: &&Tried| {
        let at = tried.attempt.started_at;
        covering
            .iter()
            .any(|waiver| at > waiver.registered_at && waiver.revoked_at.is_none_or(|revoked| at < revoked))
    };
    let called: Vec<_> = dossier.placed().filter(under).map(Tried::proof).collect();
    let signed: Vec<String> = covering
        .iter()
        .map(|waiver| {
            let content = &waiver.content;
            let [customer, sales, manager] =
                [&content.customer, &content.salesperson, &content.sales_manager]
                    .map(|signature| format!("{} {}", signature.name, signature.on));
            format!("{customer} / {sales} / {manager}")
        })
        .collect();
    let signed = signed.join("; ");
    let done = Said::new(
        format!("签署：{signed}；声明期间拨打 {} 次", called.len()),
        format!("signed: {signed}; {} dialled under it", called.len()),
    );
    let waivers = covering.iter().map(|waiver| Proof::Waiver { id: waiver.id, at: waiver.registered_at });
    let proof: Vec<_> = waivers.chain(called.iter().copied()).collect();
    Clause::new(ClauseName::Waiver, required, done, Verdict::kept(called.is_empty())).proven(proof)
}

fn callbacks(dossier: &Dossier) -> Clause {
    let required =
        Said::new("转人工的事项在到期前处理完毕", "an item of the call-back queue is done by its due time");
    if dossier.callbacks.is_empty() {
        let done = Said::new("未转人工", "nothing went to the queue");
        return Clause::new(ClauseName::Callbacks, required, done, Verdict::NotApplicable);
    }
    let mut verdict = Verdict::NotApplicable;
    let mut told = (Vec::new(), Vec::new());
    for item in &dossier.callbacks {
        let due = item.content.due_at;
        let done = item.done_at.filter(|_| item.state == CallbackState::Done);
        verdict = verdict.and(match done {
            Some(at) => Verdict::kept(at <= due),
            None if dossier.now > due => Verdict::NotKept,
            None => Verdict::Open,
        });
        let (due, end) = (dossier.time(due), done.map_or_else(|| "—".to_owned(), |at| dossier.time(at)));
        told.0.push(format!("到期 {due}，完成 {end}"));
        told.1.push(format!("due {due}, done {end}"));
    }
    let done = Said::new(told.0.join("；"), told.1.join("; "));
    Clause::new(ClauseName::Callbacks, required, done, verdict)
        .proven(dossier.callbacks.iter().map(|item| Proof::Callback { id: item.id, at: item.created_at }))
}

/// A task is exhausted only at the ladder's end: every rung that people or other channels carry out was come to. A
/// further round of calls may be left out, for want of a number or of time.
fn ladder(dossier: &Dossier) -> Clause {
    let rungs = &dossier.policy().ladder.0;
    let list = |word: fn(StepKind) -> &'static str| {
        rungs.iter().map(|rung| word(rung.step)).collect::<Vec<_>>().join(" → ")
    };
    let required = Said::new(list(zh), list(StepKind::slug));
    let came: Vec<bool> =
        rungs.iter().zip(0_u32..).map(|(rung, place)| came_to(dossier, *rung, place)).collect();
    let highest = came.iter().rposition(|came| *came).unwrap_or(0);
    let left_out = rungs
        .iter()
        .zip(&came)
        .take(if dossier.task.state == TaskState::Exhausted { rungs.len() } else { highest })
        .filter(|(rung, came)| !**came && rung.step != StepKind::Phone)
        .count();
    let late = dossier.steps.iter().filter(|step| {
        let over = step.done_at.unwrap_or(dossier.now);
        step.state != StepState::Done && step.due_at.is_some_and(|due| over > due + super::dossier::SWEEP)
    });
    let late = late.count();
    let climbed: Vec<&str> =
        rungs.iter().zip(&came).filter(|(_, came)| **came).map(|(rung, _)| zh(rung.step)).collect();
    let climbed_en: Vec<&str> =
        rungs.iter().zip(&came).filter(|(_, came)| **came).map(|(rung, _)| rung.step.slug()).collect();
    let done = Said::new(
        format!("已走：{}；跳过 {left_out}，逾期 {late}", climbed.join(" → ")),
        format!("climbed: {}; {left_out} left out, {late} overdue", climbed_en.join(" → ")),
    );
    let verdict = match dossier.task.state {
        _ if left_out > 0 || late > 0 => Verdict::NotKept,
        TaskState::Exhausted => Verdict::Kept,
        state if state.ended() && highest == 0 => Verdict::NotApplicable,
        state if state.ended() => Verdict::Kept,
        _ => Verdict::Open,
    };
    Clause::new(ClauseName::Ladder, required, done, verdict)
        .with_figures(rungs.len() as u64, came.iter().filter(|came| **came).count() as u64)
        .proven(dossier.steps.iter().map(|step| Proof::Step { id: step.id, at: step.opened_at }))
}

fn came_to(dossier: &Dossier, rung: Rung, place: u32) -> bool {
    match rung.step {
        StepKind::Phone if place == 0 => !dossier.attempts.is_empty(),
        // A round above the first begins anew.
        StepKind::Phone => {
            dossier.task.rung >= place
                && dossier.rounds().iter().filter(|round| !round.tried.is_empty()).count() > 1
        }
        StepKind::Callback => !dossier.callbacks.is_empty(),
        kind => dossier.steps.iter().any(|step| step.rung == place && step.kind == kind),
    }
}

fn zh(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Phone => "电话",
        StepKind::Reconfirm => "核实号码",
        StepKind::Callback => "人工回访",
        StepKind::Message => "短信或邮件",
        StepKind::Visit => "上门",
        StepKind::Letter => "信函",
    }
}
