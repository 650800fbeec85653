//! One call over several trunks: where it goes first, and where it goes on when a trunk fails it.

use std::sync::Arc;

use call::Report;
use chrono::Utc;
use ports::{Closing, Summary};
use records::{Attempt, Because, Claim, MoveRule, NextStep, Reason};
use trunk::Route;
use trunk::policy::{Failed, Last};
use web::events::Happening;

use super::driver::Carried;
use super::task::{Job, LOOK_AGAIN, call_one, release, told};
use crate::app::service::Service;
use crate::app::trunks::{Line, NoLine, Promise, Wanted};

/// Calls over one trunk after the other, each at most once, until one has carried the call.
pub(super) async fn call(service: &Arc<Service>, claim: &Claim, promise: Promise, mut job: Job) {
    let first =
        service.trunks.line(Wanted { number: &job.number, route: route(service, &job.history), tried: &[] });
    drop(promise);
    let mut line = match first {
        Ok(line) => line,
        Err(no_line) => return without_line(service, claim, &no_line).await,
    };
    while let Some(next) = call_one(service, claim, line, &mut job).await {
        line = next;
    }
}

/// Which kind of trunk goes first, by how the task's last attempt ended.
fn route(service: &Service, history: &[Summary]) -> Route {
    let last = history.iter().rev().find_map(|summary| {
        let reason = summary.reason.filter(|reason| *reason != Reason::Cancelled)?;
        Some(Last { reason, on_fallback: service.trunks.is_fallback(&summary.trunk) })
    });
    service.trunks.policy().route(last)
}

async fn without_line(service: &Service, claim: &Claim, no_line: &NoLine) {
    let (at, rule) = if let NoLine::Undialable(error) = no_line {
        tracing::error!(%error, "no call is placed");
        (Utc::now() + LOOK_AGAIN, MoveRule::NotReady)
    } else {
        tracing::debug!(%no_line, "a claimed task found no line and goes back");
        (claim.task.next_at, MoveRule::NoLine)
    };
    release(service, claim, at, &Because::new(rule, no_line.to_string())).await;
}

/// Passes the call on to another trunk, where the policy has it and one can take it: the attempt is closed, and the
/// claim goes on. Only with the database's word for it, or the customer would have two open attempts.
pub(super) async fn pass_on(
    service: &Service,
    claim: &Claim,
    attempt: &Attempt,
    job: &mut Job,
    ended: &Carried,
) -> Option<Line> {
    let Report { reason, answered, .. } = ended.report;
    let failed = Failed { reason, answered, silent: ended.silent };
    if !service.trunks.policy().goes_on(failed) || service.board.draining() {
        return None;
    }
    job.tried.push(attempt.trunk.clone());
    let wanted = Wanted { number: &job.number, route: Route::Ordinary, tried: &job.tried };
    let line = service.trunks.line(wanted).ok()?;
    let closing = Closing {
        reason,
        evidence: ended.report.evidence.clone(),
        answered_at: None,
        next: NextStep::GoOn,
        because: Because::of(MoveRule::OtherTrunk),
        callback: None,
        number_dead: false,
    };
    if let Err(error) = service.store.close_attempt(attempt.id, claim.fence, &closing).await {
        tracing::warn!(%error, "the call is not passed on to another trunk");
        return None;
    }
    for happening in Happening::ended(attempt.id, &closing) {
        service.board.events().tell(happening);
    }
    told(attempt, &ended.report, "the trunk failed the call, which goes on over another one");
    let labels = [("from", attempt.trunk.clone()), ("to", line.trunk.name.clone())];
    metrics::counter!("huifang_failovers_total", &labels).increment(1);
    job.history.push(Summary {
        direction: attempt.direction,
        attempt: attempt.id,
        number: attempt.number.clone(),
        trunk: attempt.trunk.clone(),
        started_at: attempt.started_at,
        reason: Some(reason),
    });
    Some(line)
}
