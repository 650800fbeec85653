//! When and how often: windows, the day's maximum, the gap, the caps over all plans, the time the customer asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use records::{Cap, CapPolicy, HourSpan, MoveRule, Recent};

use super::clause::{Clause, ClauseName, Said, Verdict};
use super::dossier::{Dossier, Tried, proof_of};
use crate::Calendar;
use crate::windows::is_open;

pub(super) fn clauses(dossier: &Dossier, calendar: &Calendar) -> Vec<Clause> {
    let policy = dossier.policy();
    let gap = policy.retry.gap();
    let only =
        |customer: &[Cap], number: &[Cap]| CapPolicy { customer: customer.to_vec(), number: number.to_vec() };
    vec![
        windows(dossier, calendar),
        per_day(dossier),
        capped(
            dossier,
            ClauseName::Gap,
            Said::new(
                format!("两次拨打至少间隔 {} 秒", gap.as_secs()),
                format!("at least {} s between the starts of two attempts, over all plans", gap.as_secs()),
            ),
            &only(&[], &[]),
            gap,
        ),
        caps(dossier, ClauseName::CustomerCap, &policy.caps.customer, &only(&policy.caps.customer, &[])),
        caps(dossier, ClauseName::NumberCap, &policy.caps.number, &only(&[], &policy.caps.number)),
        as_asked(dossier),
    ]
}

fn windows(dossier: &Dossier, calendar: &Calendar) -> Clause {
    let windows = &dossier.policy().windows;
    let mut spans: Vec<String> = windows.spans.iter().map(|span| String::from(*span)).collect();
    for (day, own) in &windows.by_weekday {
        let own: Vec<String> = own.iter().copied().map(HourSpan::into).collect();
        spans.push(format!("{day:?}: {}", own.join(" ")));
    }
    let (spans, outer) = (spans.join(", "), String::from(windows.outer));
    let (days_zh, days_en) =
        if windows.working_days_only { ("，仅工作日", ", on working days") } else { ("", "") };
    let zone = dossier.zone();
    let required = Said::new(
        format!("客户当地（{zone}）{spans}，且在 {outer} 之内{days_zh}"),
        format!("where the customer is ({zone}): {spans}, within {outer}{days_en}"),
    );
    let placed = dossier.placed().count();
    let outside: Vec<_> = dossier
        .placed()
        .filter(|tried| !is_open(windows, calendar, zone, tried.attempt.started_at))
        .map(Tried::proof)
        .collect();
    let done = Said::new(
        format!("拨打 {placed} 次，时窗外 {} 次", outside.len()),
        format!("{placed} dialled, {} of them outside", outside.len()),
    );
    let verdict = if placed == 0 { Verdict::NotApplicable } else { Verdict::kept(outside.is_empty()) };
    Clause::new(ClauseName::Windows, required, done, verdict).proven(outside)
}

fn per_day(dossier: &Dossier) -> Clause {
    let most = u64::from(dossier.policy().retry.per_day);
    let required = Said::new(format!("每天至多 {most} 次"), format!("at most {most} on one day"));
    let mut days: BTreeMap<_, u64> = BTreeMap::new();
    for tried in dossier.placed().filter(|tried| tried.counts()) {
        *days.entry(tried.attempt.started_at.with_timezone(&dossier.zone()).date_naive()).or_default() += 1;
    }
    let Some((day, count)) = days.iter().max_by_key(|(_, count)| **count) else {
        let done = Said::new("未拨打", "nothing was dialled");
        return Clause::new(ClauseName::PerDay, required, done, Verdict::NotApplicable);
    };
    let done = Said::new(format!("最多的一天 {day}：{count} 次"), format!("most on {day}: {count}"));
    Clause::new(ClauseName::PerDay, required, done, Verdict::kept(*count <= most)).with_figures(most, *count)
}

fn caps(dossier: &Dossier, name: ClauseName, caps: &[Cap], policy: &CapPolicy) -> Clause {
    if caps.is_empty() {
        let none = Said::new("计划未规定", "the plan sets none");
        return Clause::new(name, none.clone(), none, Verdict::NotApplicable);
    }
    let told = |unit: &str, per: &str| -> String {
        let each = caps.iter().map(|cap| {
            let hours = cap.within.as_secs_f64() / 3600.0;
            format!("{}{per}{hours:.0} {unit}", cap.attempts)
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let required = Said::new(
        format!("至多 {}（所有计划及人工拨打合计）", told("小时", " 次 / ")),
        format!("at most {} over all plans and calls by hand", told("h", " in ")),
    );
    capped(dossier, name, required, policy, Duration::ZERO)
}

/// Asks, for each attempt of ours, what was asked before it was dialled.
fn capped(dossier: &Dossier, name: ClauseName, required: Said, policy: &CapPolicy, gap: Duration) -> Clause {
    let placed = dossier.placed().count();
    let broken: Vec<_> = dossier
        .placed()
        .filter(|tried| {
            let at = tried.attempt.started_at;
            let before: Vec<Recent> =
                dossier.recent.iter().filter(|made| made.started_at < at).cloned().collect();
            policy.holds(gap, &before, &tried.attempt.number, at).is_some()
        })
        .map(Tried::proof)
        .collect();
    let done = Said::new(
        format!("拨打 {placed} 次，超限 {} 次", broken.len()),
        format!("{placed} dialled, {} of them against it", broken.len()),
    );
    let verdict = if placed == 0 { Verdict::NotApplicable } else { Verdict::kept(broken.is_empty()) };
    Clause::new(name, required, done, verdict).proven(broken)
}

/// Not before the time that a customer had asked for, and then indeed.
fn as_asked(dossier: &Dossier) -> Clause {
    let required = Said::new("按客户要求的时间再拨", "called again at the time the customer asked for");
    let asked: Vec<_> = dossier.moves.iter().filter(|made| made.because.rule == MoveRule::AsAsked).collect();
    if asked.is_empty() {
        let done = Said::new("客户未约定时间", "no time was asked for");
        return Clause::new(ClauseName::AsAsked, required, done, Verdict::NotApplicable);
    }
    let mut verdict = Verdict::NotApplicable;
    let mut proof = Vec::new();
    let mut told = Vec::new();
    for made in &asked {
        let next = dossier.placed().find(|tried| tried.attempt.started_at > made.at);
        let due = made.next_at.unwrap_or(made.at);
        let (one, called) = match next {
            Some(next) => {
                (Verdict::kept(next.attempt.started_at >= due), dossier.time(next.attempt.started_at))
            }
            None if dossier.ended() => (Verdict::NotApplicable, "—".to_owned()),
            None => (Verdict::Open, "…".to_owned()),
        };
        verdict = verdict.and(one);
        told.push(format!("{} → {called}", dossier.time(due)));
        proof.push(proof_of(made));
        proof.extend(next.map(Tried::proof));
    }
    let told = told.join(", ");
    let done = Said::new(format!("约定 → 实际：{told}"), format!("asked for → dialled: {told}"));
    Clause::new(ClauseName::AsAsked, required, done, verdict).proven(proof)
}
