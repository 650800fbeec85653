//! Before the machine gives a customer up: enough attempts, in different slots, over several half-days, rung long enough
//! (W12.3), unless a row of the reasons' table or the deadline ended the round.

use std::collections::BTreeSet;

use records::{Direction, MoveRule, NextTry, Reason};

use super::clause::{Clause, ClauseName, Said, Verdict};
use super::dossier::{Dossier, Round, Tried, gives_up, proof_of};
use crate::slot::{is_try, uses_slot};

pub(super) fn clauses(dossier: &Dossier) -> Vec<Clause> {
    let rounds = dossier.rounds();
    vec![attempts(dossier, &rounds), slots(dossier, &rounds), half_days(dossier, &rounds), ring_time(dossier)]
}

/// What one round comes to.
struct Judged {
    verdict: Verdict,
    excused_by: Option<MoveRule>,
}

fn judged(verdict: Verdict) -> Judged {
    Judged { verdict, excused_by: None }
}

/// Where the machine gave up with `enough` or not; the rule that ended the round may excuse it.
fn judge(dossier: &Dossier, round: &Round<'_>, enough: bool) -> Judged {
    let Some(rule) = round.ended_by.map(|made| made.because.rule) else {
        let open = !dossier.ended();
        return judged(if open { Verdict::Open } else { Verdict::NotApplicable });
    };
    if !gives_up(rule) {
        return judged(Verdict::NotApplicable);
    }
    if enough {
        return judged(Verdict::Kept);
    }
    if excuses(dossier, round, rule) {
        return Judged { verdict: Verdict::Kept, excused_by: Some(rule) };
    }
    judged(Verdict::NotKept)
}

/// Whether the table of reasons, or the deadline, ended a round early.
fn excuses(dossier: &Dossier, round: &Round<'_>, rule: MoveRule) -> bool {
    let retry = &dossier.policy().retry;
    let last = round.tried.iter().rev().find_map(|tried| tried.attempt.reason);
    match rule {
        MoveRule::Deadline | MoveRule::PutOffTooOften | MoveRule::StillSuspended | MoveRule::NumberDead => {
            true
        }
        // Fewer tries by the row of the last reason, such as of a customer who pressed us away; or to a person at once.
        MoveRule::RoundExhausted => last.is_some_and(|last| {
            let fewer = retry.tries_after(last);
            let by_row = fewer < retry.attempts && tries(dossier, round) >= u64::from(fewer);
            by_row || retry.reasons.of(last).next == NextTry::Person
        }),
        _ => false,
    }
}

/// Tries made: attempts in one slot are one.
fn tries(dossier: &Dossier, round: &Round<'_>) -> u64 {
    let table = &dossier.policy().retry.reasons;
    let counts = |tried: &&&Tried| {
        let attempt = &tried.attempt;
        attempt.reason.is_some_and(|reason| is_try(table, attempt.direction, reason))
    };
    let places: BTreeSet<_> =
        round.tried.iter().filter(counts).map(|tried| dossier.place(tried.attempt.started_at)).collect();
    places.len() as u64
}

/// Attempts that took a slot of the customer's day.
fn in_slots<'a>(dossier: &Dossier, round: &Round<'a>) -> Vec<(&'a Tried, Reason)> {
    let table = &dossier.policy().retry.reasons;
    let used = round.tried.iter().filter_map(|tried| Some((*tried, tried.attempt.reason?)));
    used.filter(|(_, reason)| uses_slot(table, *reason)).collect()
}

fn attempts(dossier: &Dossier, rounds: &[Round<'_>]) -> Clause {
    let wanted = u64::from(dossier.policy().retry.attempts);
    let required = Said::new(
        format!("放弃前至少 {wanted} 次，各在不同时段；原因表或截止时间可提前结束"),
        format!(
            "at least {wanted} in different slots before giving up, unless the table of reasons or the deadline ends it"
        ),
    );
    let all: Vec<_> = rounds
        .iter()
        .map(|round| (tries(dossier, round), judge(dossier, round, tries(dossier, round) >= wanted)))
        .collect();
    let counts: Vec<String> = all.iter().map(|(made, _)| made.to_string()).collect();
    let excused_by = all.iter().find_map(|(_, judged)| judged.excused_by);
    let verdict = worst(all.iter().map(|(_, judged)| judged.verdict));
    let counts = counts.join(" + ");
    let done = match (excused_by, verdict) {
        (Some(rule), _) => Said::new(
            format!("{counts} 次，因“{}”提前结束", rule.zh()),
            format!("{counts} made; ended by: {}", rule.en()),
        ),
        (None, Verdict::NotApplicable) => Said::new(
            format!("{counts} 次，未放弃：已有结果或已转人工"),
            format!("{counts} made; not given up: it came to an outcome, or to a person"),
        ),
        _ => Said::new(format!("{counts} 次"), format!("{counts} made")),
    };
    let proof: Vec<_> = rounds
        .iter()
        .flat_map(|round| round.tried.iter().map(|tried| tried.proof()).chain(round.ended_by.map(proof_of)))
        .collect();
    let least = all.iter().map(|(made, _)| *made).min().unwrap_or(0);
    Clause::new(ClauseName::Attempts, required, done, verdict)
        .excused(excused_by)
        .with_figures(wanted, least)
        .proven(proof)
}

/// An attempt in a slot that an earlier one had taken must have been asked for, or follow soon by the table.
fn slots(dossier: &Dossier, rounds: &[Round<'_>]) -> Clause {
    let retry = &dossier.policy().retry;
    let minutes = retry.slot.as_secs().div_ceil(60);
    let required = Said::new(
        format!("每次使用不同时段（{minutes} 分钟为一段）；占线后可在同一时段即拨"),
        format!("each in a slot of its own ({minutes} minutes); soon after busy in the same"),
    );
    let mut used = 0;
    let mut same = Vec::new();
    for round in rounds {
        let taken = in_slots(dossier, round);
        used += taken.len();
        for (place, (tried, _)) in taken.iter().enumerate().skip(1) {
            let here = dossier.place(tried.attempt.started_at);
            let again =
                taken[..place].iter().any(|(before, _)| dossier.place(before.attempt.started_at) == here);
            let before = retry.reasons.of(taken[place - 1].1).next;
            let soon = matches!(before, NextTry::SoonThenOtherSlot | NextTry::AsAsked);
            let ours = tried.attempt.direction == Direction::Outbound;
            if again && !soon && ours {
                same.push(tried.proof());
            }
        }
    }
    let done = Said::new(
        format!("{used} 次占用时段，其中 {} 次重复", same.len()),
        format!("{used} took a slot, {} one that was taken", same.len()),
    );
    let verdict = if used < 2 { Verdict::NotApplicable } else { Verdict::kept(same.is_empty()) };
    Clause::new(ClauseName::Slots, required, done, verdict).proven(same)
}

fn half_days(dossier: &Dossier, rounds: &[Round<'_>]) -> Clause {
    let wanted = u64::from(dossier.policy().retry.half_days);
    let required = Said::new(
        format!("放弃前分布于至少 {wanted} 个半天"),
        format!("over at least {wanted} half-days before giving up"),
    );
    let over = |round: &Round<'_>| {
        let halves: BTreeSet<_> = in_slots(dossier, round)
            .iter()
            .map(|(tried, _)| dossier.half_day(tried.attempt.started_at))
            .collect();
        halves.len() as u64
    };
    let all: Vec<_> =
        rounds.iter().map(|round| (over(round), judge(dossier, round, over(round) >= wanted))).collect();
    let verdict = worst(all.iter().map(|(_, judged)| judged.verdict));
    let excused_by = all.iter().find_map(|(_, judged)| judged.excused_by);
    let least = all.iter().map(|(halves, _)| *halves).min().unwrap_or(0);
    let done = match excused_by {
        Some(rule) => Said::new(
            format!("{least} 个半天，因“{}”提前结束", rule.zh()),
            format!("{least} half-days; ended by: {}", rule.en()),
        ),
        None => Said::new(format!("{least} 个半天"), format!("{least} half-days")),
    };
    Clause::new(ClauseName::HalfDays, required, done, verdict).excused(excused_by).with_figures(wanted, least)
}

/// Judged where it rang and we gave up; not where the carrier ended it, or nothing rang.
fn ring_time(dossier: &Dossier) -> Clause {
    let wanted = dossier.policy().call.ring_time;
    let seconds = wanted.as_secs();
    let required = Said::new(
        format!("无人接听时至少振铃 {seconds} 秒"),
        format!("unanswered: at least {seconds} s of ringing"),
    );
    let rang: Vec<(&Tried, u64)> = dossier
        .placed()
        .filter(|tried| tried.attempt.reason == Some(Reason::NoAnswer))
        .filter(|tried| tried.attempt.evidence.ended_by.as_deref() == Some("us"))
        .filter_map(|tried| Some((tried, tried.attempt.evidence.ring_ms?)))
        .collect();
    let Some(shortest) = rang.iter().map(|(_, ms)| *ms).min() else {
        let done = Said::new("没有由我方放弃的振铃", "we gave up on no ringing call");
        return Clause::new(ClauseName::RingTime, required, done, Verdict::NotApplicable);
    };
    let told = format!("{:.1}", shortest as f64 / 1000.0);
    let done = Said::new(
        format!("{} 次，最短 {told} 秒", rang.len()),
        format!("{} of them, the shortest {told} s", rang.len()),
    );
    let enough = u128::from(shortest) >= wanted.as_millis();
    Clause::new(ClauseName::RingTime, required, done, Verdict::kept(enough))
        .with_figures(seconds, shortest / 1000)
        .proven(rang.iter().map(|(tried, _)| tried.proof()))
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.fold(Verdict::NotApplicable, Verdict::and)
}
