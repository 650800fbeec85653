//! What is on file of each attempt: its reason, its recording, the number shown (W12.3, T11, L11, W2, W6.1).

use chrono::TimeDelta;
use records::Reason;

use super::clause::{Clause, ClauseName, Proof, Said, Verdict};
use super::dossier::{Dossier, Tried};

/// A recording is sealed right after its call; one that is still missing by then is missing.
const FILING: TimeDelta = TimeDelta::minutes(10);

pub(super) fn clauses(dossier: &Dossier) -> Vec<Clause> {
    vec![reasons(dossier), recordings(dossier), caller(dossier)]
}

fn reasons(dossier: &Dossier) -> Clause {
    let required =
        Said::new("每次拨打恰有一个原因", "exactly one reason from the closed vocabulary for each attempt");
    let count = |is: fn(&&Tried) -> bool| dossier.attempts.iter().filter(is).count();
    let all = dossier.attempts.len();
    let open = count(|tried| tried.attempt.reason.is_none());
    let unknown = count(|tried| tried.attempt.reason == Some(Reason::Unknown));
    let done = Said::new(
        format!("{all} 次：{open} 次进行中，{unknown} 次结果不明"),
        format!("{all} attempts: {open} under way, {unknown} of unknown outcome"),
    );
    let verdict = match (all, open) {
        (0, _) => Verdict::NotApplicable,
        (_, 0) => Verdict::Kept,
        _ => Verdict::Open,
    };
    Clause::new(ClauseName::Reasons, required, done, verdict)
        .with_figures(all as u64, (all - open) as u64)
        .proven(dossier.attempts.iter().map(Tried::proof))
}

fn recordings(dossier: &Dossier) -> Clause {
    let required = Said::new(
        "每次接通均录音，并以 SHA-256 封存",
        "every call that was answered is recorded, and sealed by its SHA-256",
    );
    let answered: Vec<&Tried> =
        dossier.attempts.iter().filter(|tried| tried.attempt.answered_at.is_some()).collect();
    let sealed: Vec<Proof> = answered
        .iter()
        .filter_map(|tried| {
            let recording = tried.recording.as_ref()?;
            Some(Proof::Recording { attempt: tried.attempt.id, sealed_at: recording.sealed_at })
        })
        .collect();
    let missing: Vec<_> = answered.iter().filter(|tried| tried.recording.is_none()).collect();
    let lost =
        missing.iter().any(|tried| tried.attempt.ended_at.is_some_and(|ended| dossier.now - ended >= FILING));
    let done = Said::new(
        format!("接通 {} 次，已封存 {} 份", answered.len(), sealed.len()),
        format!("{} answered, {} recordings sealed", answered.len(), sealed.len()),
    );
    let verdict = match (answered.is_empty(), missing.is_empty(), lost) {
        (true, ..) => Verdict::NotApplicable,
        (_, true, _) => Verdict::Kept,
        (_, _, lost) => {
            if lost {
                Verdict::NotKept
            } else {
                Verdict::Open
            }
        }
    };
    let without = missing.iter().map(|tried| tried.proof());
    let proof: Vec<_> = sealed.iter().copied().chain(without).collect();
    Clause::new(ClauseName::Recordings, required, done, verdict)
        .with_figures(answered.len() as u64, sealed.len() as u64)
        .proven(proof)
}

fn caller(dossier: &Dossier) -> Clause {
    let required = Said::new("以公司号码外呼", "dialled with the company's number as caller");
    let placed = dossier.placed().count();
    let mut shown: Vec<&str> = dossier.placed().filter_map(|tried| tried.attempt.caller.as_deref()).collect();
    let with = shown.len();
    shown.sort_unstable();
    shown.dedup();
    let list = shown.join(", ");
    let done = Said::new(
        format!("{placed} 次中 {with} 次显示：{list}"),
        format!("{with} of {placed} shown as {list}"),
    );
    let verdict = if placed == 0 { Verdict::NotApplicable } else { Verdict::kept(with == placed) };
    Clause::new(ClauseName::Caller, required, done, verdict)
}
