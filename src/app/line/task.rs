//! One claimed task: whether it may be called now, on which number, and what follows.

use std::sync::Arc;
use std::time::Duration;

use call::{Limits, Report, longest_life};
use chrono::{DateTime, TimeDelta, Utc};
use media::{MediaFact, MediaLeg, OpenLeg, StagedRecording};
use plan::{BeforeCall, Case, Decision, Ending, Known, Past};
use ports::{
    Closing, Instead, LinePhase, LiveCall, NewAttempt, OpenRefusal, Seen, Standing, StoreError, Summary,
};
use records::{Attempt, AttemptId, Because, Claim, Evidence, MoveRule, Noted, Number, Onward, Reason};
use survey::{Interview, Setting};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::driver::{Carried, Order, carry};
use super::finish::file;
use super::passing::{call, pass_on};
use crate::app::journal::Entry;
use crate::app::library::Script;
use crate::app::service::Service;
use crate::app::trunks::{Line, Promise};

/// Between the recorder's readiness check and the INVITE, and around the teardown.
const SLACK: Duration = Duration::from_secs(30);
/// A festival this many days ahead is greeted at the closing.
const FESTIVAL_DAYS: u64 = 3;
/// A task that the database did not take back is offered again after this.
const RELEASE_AGAIN: Duration = Duration::from_secs(5);
/// A task that could not be looked at is looked at again after this.
pub(super) const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(5);

/// Takes a claimed task through one call. Whatever happens, the task is either moved by a closed attempt or released.
pub async fn work(service: Arc<Service>, claim: Claim, promise: Promise) {
    let span = tracing::info_span!("task", task = %claim.task.id);
    async {
        match prepare(&service, &claim).await {
            Ok(Prepared::Call(job)) => call(&service, &claim, promise, job).await,
            Ok(Prepared::Settled(decision)) => settle(&service, &claim, &Onward::from(*decision)).await,
            Ok(Prepared::Later { at, because }) => {
                tracing::info!(%at, rule = %because.rule, "the task is put off");
                release(&service, &claim, at, &because).await;
            }
            Err(error) => {
                tracing::error!(error, "the task could not be prepared");
                let because = Because::new(MoveRule::NotReady, error);
                release(&service, &claim, Utc::now() + LOOK_AGAIN, &because).await;
            }
        }
    }
    .instrument(span)
    .await;
}

enum Prepared {
    Call(Job),
    Later {
        at: DateTime<Utc>,
        because: Because,
    },
    /// Not to be dialled in this round any more, or by people from the beginning.
    Settled(Box<Decision>),
}

/// What is known of a task when it is to be called.
pub(super) struct Job {
    /// When the task was looked at.
    looked: Instant,
    /// What was seen then, with the store's clock.
    seen: Seen,
    pub(super) number: Number,
    /// Live numbers of the customer beside this one.
    other_numbers: usize,
    script: Arc<Script>,
    pub(super) history: Vec<Summary>,
    /// Trunks this call was tried on.
    pub(super) tried: Vec<String>,
}

async fn prepare(service: &Service, claim: &Claim) -> Result<Prepared, String> {
    let said = |error: StoreError| error.to_string();
    let Standing { now, history, numbers, recent } = service.store.standing(claim).await.map_err(said)?;
    let looked = Instant::now();
    let calendar = service.calendar.current();
    let made: Vec<Past> = history.iter().map(Past::from).collect();
    let known = Known { history: &made, recent: &recent, numbers: &numbers };
    let (number, other_numbers) =
        match plan::before_call(claim, &calendar, claim.customer.row.zone(), now, known) {
            BeforeCall::Call { number, others } => (number.clone(), others),
            BeforeCall::Later { at, because } => return Ok(Prepared::Later { at, because }),
            BeforeCall::MovesOn(decision) => return Ok(Prepared::Settled(decision)),
        };
    let script = script(service, &claim.plan.content.questionnaire_version).await?;
    let seen = Seen { at: now, recent };
    Ok(Prepared::Call(Job { looked, seen, number, other_numbers, script, history, tried: Vec::new() }))
}

/// The questionnaire of that version; its text is read only before it is asked for the first time.
pub(in crate::app) async fn script(service: &Service, version: &str) -> Result<Arc<Script>, String> {
    if let Some(script) = service.library.known(version) {
        return Ok(script);
    }
    let text = service.store.questionnaire(version).await.map_err(|error| error.to_string())?;
    // Boxed, as whatever a call awaits only at its ends: a call that is up keeps room for the largest of them else.
    let script = Box::pin(service.library.script(&text.version, &text.name, &text.source)).await;
    script.map_err(|error| error.to_string())
}

/// The round of calls is over without a call: the task goes up its plan's ladder.
async fn settle(service: &Service, claim: &Claim, onward: &Onward) {
    let because = &onward.because;
    tracing::info!(rule = %because.rule, why = because.why, "the task is not dialled any more in this round");
    if let Err(error) = service.store.settle(claim, onward).await {
        tracing::warn!(%error, "a task could not be moved on; its lease will end by itself");
    }
}

/// The task as it stands, with its plan's figures.
pub(super) fn case<'a>(calendar: &'a plan::Calendar, claim: &'a Claim, now: DateTime<Utc>) -> Case<'a> {
    Case::of(&claim.plan.content.policy, calendar, claim.customer.row.zone(), now, &claim.task)
}

/// One attempt. Answers the next trunk's line when this one failed the call and another can take it at once.
pub(super) async fn call_one(
    service: &Arc<Service>,
    claim: &Claim,
    mut line: Line,
    job: &mut Job,
) -> Option<Line> {
    let id = AttemptId(uuid::Uuid::now_v7());
    let recorder = open_recorder(service, id).await;
    let policy = claim.plan.content.policy.call.clone();
    line.turn().await;
    // Its turn, or the trunk before, may have taken until the windows closed.
    let now = job.seen.at + job.looked.elapsed();
    if let Err(window) = plan::may_call_now(
        &claim.plan.content.policy,
        &service.calendar.current(),
        claim.customer.row.zone(),
        now,
    ) {
        tracing::info!(at = %window.at, "the windows closed while the call waited for its turn");
        release(service, claim, window.at, &Because::of(MoveRule::Window)).await;
        return None;
    }
    let new = NewAttempt {
        id,
        number: job.number.clone(),
        trunk: line.trunk.name.clone(),
        caller: Some(line.trunk.config.caller.clone()),
        longest: longest_life(&policy, &Limits::default()) + SLACK,
        lent: line.lent(),
        seen: job.seen.clone(),
    };
    let endings = service.board.endings();
    if service.board.draining() {
        release(service, claim, claim.task.next_at, &Because::of(MoveRule::Draining)).await;
        return None;
    }
    let attempt = match service.store.open_attempt(claim, &new).await {
        Ok(Ok(attempt)) => attempt,
        Ok(Err(refusal)) => {
            refused(service, claim, refusal, now).await;
            return None;
        }
        Err(error) => {
            tracing::error!(%error, "the attempt could not be committed; no call is placed");
            let because = Because::new(MoveRule::NotReady, error.to_string());
            release(service, claim, Utc::now() + LOOK_AGAIN, &because).await;
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
                came_in: None,
                sound: job.script.sound.clone(),
                policy,
                media,
                heard,
            };
            let span = tracing::info_span!("call", attempt = %id, trunk = attempt.trunk);
            let setting = setting(service, claim, &job.history).await;
            let interview = Interview::start(Arc::clone(&job.script.questionnaire), setting);
            carry(Arc::clone(service), order, interview).instrument(span).await
        }
        Err(why) => Carried { report: no_recorder(why), answered_at: None, recording: None, silent: false },
    };
    // The store's clock, without asking it: it may be away just now.
    let now = attempt.started_at + opened.elapsed();
    if let Some(next) = Box::pin(pass_on(service, claim, &attempt, job, &ended)).await {
        Box::pin(finish(service, &attempt, ended.recording)).await;
        return Some(next);
    }
    let decision = decide(service, claim, &attempt, job, &ended.report, now);
    Box::pin(conclude(service, claim, &attempt, decision, ended)).await;
    None
}

/// The socket and the recording's file exist before the INVITE leaves: no recording, no call (W6.1).
pub(super) async fn open_recorder(
    service: &Arc<Service>,
    id: AttemptId,
) -> Result<(MediaLeg, mpsc::Receiver<MediaFact>), String> {
    let first = try_recorder(service, id).await;
    if first.is_ok() {
        return first;
    }
    // What was known of the vault may be out of date: another may take it.
    service.vaults.doubt();
    try_recorder(service, id).await
}

async fn try_recorder(
    service: &Arc<Service>,
    id: AttemptId,
) -> Result<(MediaLeg, mpsc::Receiver<MediaFact>), String> {
    let vault = service.vaults.ready().await.map_err(|error| error.to_string())?;
    let staging = vault.staging().to_owned();
    let service = Arc::clone(service);
    let spec = OpenLeg { id: id.to_string(), record: true };
    tokio::task::spawn_blocking(move || service.media.open_in(spec, &staging))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
}

pub(super) fn no_recorder(why: String) -> Report {
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

/// `now`: the store's clock.
async fn refused(service: &Service, claim: &Claim, refusal: OpenRefusal, now: DateTime<Utc>) {
    tracing::info!(?refusal, "the attempt may not be made");
    match refusal.instead(&claim.plan.content.policy.retry, now) {
        Instead::Later { at, because } => release(service, claim, at, &because).await,
        Instead::MovesOn(onward) => settle(service, claim, &onward).await,
    }
}

pub(super) async fn release(service: &Service, claim: &Claim, at: DateTime<Utc>, because: &Because) {
    while let Err(error) = service.store.release(claim, at, because).await {
        // Our own heartbeat would keep the lease alive for ever: it is given back as soon as the database is there.
        let lasting = !matches!(error, StoreError::Unavailable(_)) || service.board.draining();
        tracing::warn!(%error, lasting, "a task could not be released");
        if lasting {
            return;
        }
        tokio::time::sleep(RELEASE_AGAIN).await;
    }
}

/// Closes the attempt with what follows, and files the recording.
pub(super) async fn conclude(
    service: &Service,
    claim: &Claim,
    attempt: &Attempt,
    decision: Decision,
    ended: Carried,
) {
    let Carried { report, answered_at, recording, .. } = ended;
    told(attempt, &report, &decision.because.why);
    let closing = Closing {
        reason: report.reason,
        evidence: report.evidence,
        answered_at: answered_at.map(|after| attempt.started_at + after),
        next: decision.next,
        because: decision.because,
        callback: decision.callback,
        number_dead: decision.number_dead,
    };
    let entry = Entry::Closing { attempt: attempt.id, fence: claim.fence, closing: Box::new(closing) };
    if let Err(error) = service.journal.keep(entry).await {
        tracing::error!(attempt = %attempt.id, %error, "the end of an attempt could not be made durable");
    }
    finish(service, attempt, recording).await;
}

pub(super) async fn finish(service: &Service, attempt: &Attempt, recording: Option<Box<StagedRecording>>) {
    if let Some(staged) = recording {
        file(service, attempt, *staged).await;
    }
}

/// The one log line of an attempt's end.
pub(super) fn told(attempt: &Attempt, report: &Report, why: &str) {
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
        direction: attempt.direction,
        number: &attempt.number,
        started_at: attempt.started_at,
        reason: report.reason,
        flags: &report.flags,
        person_asked: report.person_asked,
        time_asked: report.time_asked.as_deref(),
        other_numbers: job.other_numbers,
        seed: claim.task.id.0.as_u128() as u64,
    };
    let calendar = service.calendar.current();
    let made: Vec<Past> = job.history.iter().map(Past::from).collect();
    plan::after_attempt(&case(&calendar, claim, now), &made, &ending)
}

/// The customer's language, and the answers already given in a partial interview: they are not asked again.
pub(super) async fn setting(service: &Service, claim: &Claim, history: &[Summary]) -> Setting {
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
    let today = Utc::now().with_timezone(&claim.customer.row.zone()).date_naive();
    let holiday = service.calendar.current().festival_near(today, FESTIVAL_DAYS).is_some();
    Setting { language: claim.customer.row.language.clone(), holiday, resume, ring_back: false }
}

pub(super) fn live_call(claim: &Claim, attempt: &Attempt) -> LiveCall {
    LiveCall {
        attempt: attempt.id,
        customer_name: Some(claim.customer.row.name.clone()),
        plan_name: Some(claim.plan.content.name.clone()),
        direction: attempt.direction,
        number: attempt.number.clone(),
        trunk: attempt.trunk.clone(),
        phase: LinePhase::Dialling,
        question: None,
        started_at: attempt.started_at,
    }
}
