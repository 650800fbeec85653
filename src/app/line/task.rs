//! One claimed task: whether it may be called now, on which number, and what follows.

use std::sync::Arc;
use std::time::Duration;

use call::{Limits, Report, longest_life};
use chrono::{DateTime, TimeDelta, Utc};
use media::{MediaFact, MediaLeg, OpenLeg, StagedRecording};
use plan::{Decision, Ending, Past};
use ports::{Closing, LinePhase, LiveCall, NewAttempt, OpenRefusal, StoreError, Summary};
use records::{Attempt, AttemptId, Claim, Evidence, NextStep, Noted, Number, Reason};
use survey::Setting;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument as _;
use trunk::Route;
use trunk::policy::{Failed, Last};

use super::driver::{Carried, Order, carry};
use super::finish::file;
use crate::app::journal::Entry;
use crate::app::library::Script;
use crate::app::service::Service;
use crate::app::trunks::{Line, NoLine, Promise, Wanted};

/// Between the recorder's readiness check and the INVITE, and around the teardown.
const SLACK: Duration = Duration::from_secs(30);
/// A festival this many days ahead is greeted at the closing.
const FESTIVAL_DAYS: u64 = 3;
/// A task that could not be looked at is looked at again after this.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(5);

/// Takes a claimed task through one call. Whatever happens, the task is either moved by a closed attempt or released.
pub async fn work(service: Arc<Service>, claim: Claim, promise: Promise) {
    let span = tracing::info_span!("task", task = %claim.task.id);
    async {
        match prepare(&service, &claim).await {
            Ok(Prepared::Call(job)) => call(&service, &claim, promise, job).await,
            Ok(Prepared::NoNumber { last, now }) => without_number(&service, &claim, last, now).await,
            Ok(Prepared::Later { at, why }) => {
                tracing::info!(%at, why, "the task is put off");
                release(&service, &claim, at).await;
            }
            Err(error) => {
                tracing::error!(error, "the task could not be prepared");
                release(&service, &claim, Utc::now() + LOOK_AGAIN).await;
            }
        }
    }
    .instrument(span)
    .await;
}

enum Prepared {
    Call(Job),
    Later { at: DateTime<Utc>, why: &'static str },
    NoNumber { last: Option<Reason>, now: DateTime<Utc> },
}

/// What is known of a task when it is to be called.
struct Job {
    number: Number,
    /// Live numbers of the customer beside this one.
    other_numbers: usize,
    script: Arc<Script>,
    history: Vec<Summary>,
    /// Trunks this call was tried on.
    tried: Vec<String>,
}

async fn prepare(service: &Service, claim: &Claim) -> Result<Prepared, String> {
    let said = |error: StoreError| error.to_string();
    let now = service.store.now().await.map_err(said)?;
    let policy = &claim.plan.content.policy;
    if let Err(window) = plan::may_call_now(policy, &service.calendar, zone(claim), now) {
        return Ok(Prepared::Later { at: window.at, why: "outside the plan's windows" });
    }
    let history = service.store.history(claim.task.id).await.map_err(said)?;
    let numbers = service.store.live_numbers(claim.customer.id).await.map_err(said)?;
    let Some(number) = plan::pick_number(&numbers, &past(&history)).cloned() else {
        let last = history.last().and_then(|summary| summary.reason);
        return Ok(Prepared::NoNumber { last, now });
    };
    let content = &claim.plan.content;
    let text = service.store.questionnaire(&content.questionnaire_version).await.map_err(said)?;
    let script = service
        .library
        .script(&text.version, &text.name, &text.source)
        .await
        .map_err(|error| error.to_string())?;
    Ok(Prepared::Call(Job { number, other_numbers: numbers.len().saturating_sub(1), script, history, tried: Vec::new() }))
}

/// People find out how to reach the customer.
async fn without_number(service: &Service, claim: &Claim, last: Option<Reason>, now: DateTime<Utc>) {
    let policy = &claim.plan.content.policy;
    let decision = plan::without_number(policy, &service.calendar, zone(claim), now, last);
    tracing::info!(why = decision.why, "the task goes to a person");
    if let Err(error) = service.store.settle(claim, &decision.next, decision.callback.as_ref()).await {
        tracing::warn!(%error, "a task could not be given to a person; its lease will end by itself");
    }
}

/// Calls over one trunk after the other, each at most once, until one has carried the call.
async fn call(service: &Arc<Service>, claim: &Claim, promise: Promise, mut job: Job) {
    let first = service.trunks.line(Wanted { number: &job.number, route: route(service, &job.history), tried: &[] });
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
    let at = if let NoLine::Undialable(error) = no_line {
        tracing::error!(%error, "no call is placed");
        Utc::now() + LOOK_AGAIN
    } else {
        tracing::debug!(%no_line, "a claimed task found no line and goes back");
        claim.task.next_at
    };
    release(service, claim, at).await;
}

/// One attempt. Answers the next trunk's line when this one failed the call and another can take it at once.
async fn call_one(service: &Arc<Service>, claim: &Claim, mut line: Line, job: &mut Job) -> Option<Line> {
    let id = AttemptId(uuid::Uuid::now_v7());
    let recorder = open_recorder(service, id).await;
    let policy = claim.plan.content.policy.call.clone();
    line.turn().await;
    let new = NewAttempt {
        id,
        number: job.number.clone(),
        trunk: line.trunk.name.clone(),
        caller: Some(line.trunk.config.caller.clone()),
        longest: longest_life(&policy, &Limits::default()) + SLACK,
    };
    let endings = service.board.endings();
    if service.board.draining() {
        release(service, claim, claim.task.next_at).await;
        return None;
    }
    let attempt = match service.store.open_attempt(claim, &new).await {
        Ok(Ok(attempt)) => attempt,
        Ok(Err(refusal)) => {
            refused(service, claim, refusal).await;
            return None;
        }
        Err(error) => {
            tracing::error!(%error, "the attempt could not be committed; no call is placed");
            release(service, claim, Utc::now() + LOOK_AGAIN).await;
            return None;
        }
    };
    let opened = Instant::now();
    let ended = match recorder {
        Ok((media, heard)) => {
            let order = Order {
                attempt: id,
                place: service.board.enter(endings, live_call(claim, &attempt)),
                line,
                setting: setting(service, claim, &job.history).await,
                script: Arc::clone(&job.script),
                policy,
                media,
                heard,
            };
            let span = tracing::info_span!("call", attempt = %id, trunk = attempt.trunk);
            carry(Arc::clone(service), order).instrument(span).await
        }
        Err(why) => {
            Carried { report: no_recorder(why), answered_at: None, recording: None, silent: false }
        }
    };
    // The store's clock, without asking it: it may be away just now.
    let now = attempt.started_at + opened.elapsed();
    if let Some(next) = pass_on(service, claim, &attempt, job, &ended).await {
        finish(service, &attempt, ended.recording).await;
        return Some(next);
    }
    let decision = decide(service, claim, &attempt, job, &ended.report, now);
    conclude(service, claim, &attempt, decision, ended).await;
    None
}

/// Passes the call on to another trunk, where the policy has it and one can take it: the attempt is closed, and the
/// claim goes on. Only with the database's word for it, or the customer would have two open attempts.
async fn pass_on(
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
        callback: None,
        number_dead: false,
    };
    if let Err(error) = service.store.close_attempt(attempt.id, claim.fence, &closing).await {
        tracing::warn!(%error, "the call is not passed on to another trunk");
        return None;
    }
    told(attempt, &ended.report, "the trunk failed the call, which goes on over another one");
    let labels = [("from", attempt.trunk.clone()), ("to", line.trunk.name.clone())];
    metrics::counter!("huifang_failovers_total", &labels).increment(1);
    job.history.push(Summary {
        attempt: attempt.id,
        number: attempt.number.clone(),
        trunk: attempt.trunk.clone(),
        started_at: attempt.started_at,
        reason: Some(reason),
    });
    Some(line)
}

/// The socket and the recording's file exist before the INVITE leaves: no recording, no call (W6.1).
pub(super) async fn open_recorder(
    service: &Arc<Service>,
    id: AttemptId,
) -> Result<(MediaLeg, mpsc::Receiver<MediaFact>), String> {
    service.vault.ready().await.map_err(|error| error.to_string())?;
    let service = Arc::clone(service);
    let spec = OpenLeg { id: id.to_string(), record: true };
    tokio::task::spawn_blocking(move || service.media.open(spec))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
}

fn no_recorder(why: String) -> Report {
    tracing::error!(why, "no call is placed: it could not be recorded");
    Report {
        reason: Reason::RecorderUnavailable,
        evidence: Evidence { note: Some(why), ..Evidence::default() },
        answered: false,
        flags: Vec::new(),
        person_asked: false,
        time_asked: None,
        objected: false,
    }
}

async fn refused(service: &Service, claim: &Claim, refusal: OpenRefusal) {
    let at = match refusal {
        OpenRefusal::AlreadyOpen { until } => until,
        OpenRefusal::ClaimLost | OpenRefusal::Stopped | OpenRefusal::OptedOut => Utc::now(),
    };
    tracing::info!(?refusal, "the attempt may not be made");
    release(service, claim, at).await;
}

async fn release(service: &Service, claim: &Claim, at: DateTime<Utc>) {
    if let Err(error) = service.store.release(claim, at).await {
        tracing::warn!(%error, "a task could not be released; its lease will end by itself");
    }
}

/// Closes the attempt with what follows, and files the recording.
async fn conclude(service: &Service, claim: &Claim, attempt: &Attempt, decision: Decision, ended: Carried) {
    let Carried { report, answered_at, recording, .. } = ended;
    told(attempt, &report, &decision.why);
    let closing = Closing {
        reason: report.reason,
        evidence: report.evidence,
        answered_at: answered_at.map(|after| attempt.started_at + after),
        next: decision.next,
        callback: decision.callback,
        number_dead: decision.number_dead,
    };
    let entry = Entry::Closing { attempt: attempt.id, fence: claim.fence, closing };
    if let Err(error) = service.journal.keep(entry).await {
        tracing::error!(attempt = %attempt.id, %error, "the end of an attempt could not be made durable");
    }
    finish(service, attempt, recording).await;
}

async fn finish(service: &Service, attempt: &Attempt, recording: Option<StagedRecording>) {
    if let Some(staged) = recording {
        file(service, attempt, staged).await;
    }
}

/// The one log line of an attempt's end.
fn told(attempt: &Attempt, report: &Report, why: &str) {
    tracing::info!(
        attempt = %attempt.id, trunk = attempt.trunk, reason = %report.reason,
        sip_status = report.evidence.sip_status, why, "attempt ended"
    );
    metrics::counter!("huifang_attempts_total", "reason" => report.reason.slug()).increment(1);
}

fn decide(
    service: &Service,
    claim: &Claim,
    attempt: &Attempt,
    job: &Job,
    report: &Report,
    now: DateTime<Utc>,
) -> Decision {
    let ending = Ending {
        number: &attempt.number,
        started_at: attempt.started_at,
        reason: report.reason,
        flags: &report.flags,
        person_asked: report.person_asked,
        time_asked: report.time_asked.as_deref(),
        other_numbers: job.other_numbers,
        seed: claim.task.id.0.as_u128() as u64,
    };
    let policy = &claim.plan.content.policy;
    plan::after_attempt(policy, &service.calendar, zone(claim), now, &past(&job.history), &ending)
}

fn past(history: &[Summary]) -> Vec<Past> {
    let past = |summary: &Summary| Past {
        number: summary.number.clone(),
        started_at: summary.started_at,
        reason: summary.reason,
    };
    history.iter().map(past).collect()
}

fn zone(claim: &Claim) -> chrono_tz::Tz {
    claim.customer.row.time_zone.unwrap_or(chrono_tz::Asia::Shanghai)
}

/// The customer's language, and the answers already given in a partial interview: they are not asked again.
async fn setting(service: &Service, claim: &Claim, history: &[Summary]) -> Setting {
    let mut resume = Vec::new();
    for summary in history.iter().filter(|summary| summary.reason == Some(Reason::Partial)) {
        let facts = service.store.facts(summary.attempt).await.unwrap_or_default();
        resume.extend(facts.into_iter().filter_map(|fact| match fact.noted {
            Noted::Answer(answer) => Some(survey::Answer {
                question: answer.question,
                key: survey::Key::try_from(answer.key).ok()?,
                value: answer.value,
                label: answer.label,
                flag: answer.flag,
            }),
            _ => None,
        }));
    }
    let today = Utc::now().with_timezone(&zone(claim)).date_naive();
    let holiday = service.calendar.festival_near(today, FESTIVAL_DAYS).is_some();
    Setting { language: claim.customer.row.language.clone(), holiday, resume }
}

fn live_call(claim: &Claim, attempt: &Attempt) -> LiveCall {
    LiveCall {
        attempt: attempt.id,
        customer_name: Some(claim.customer.row.name.clone()),
        plan_name: Some(claim.plan.content.name.clone()),
        number: attempt.number.clone(),
        trunk: attempt.trunk.clone(),
        phase: LinePhase::Dialling,
        question: None,
        started_at: attempt.started_at,
    }
}
