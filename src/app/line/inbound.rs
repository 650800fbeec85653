//! Customers who ring back: who may be heard, whose task it is, and what follows.

use std::sync::Arc;
use std::time::Duration;

use call::Course;
use chrono::{DateTime, Utc};
use media::{MediaFact, MediaLeg};
use plan::{Decision, Ending, Past};
use ports::{Closing, InboundCall, LinePhase, LiveCall, NewAttempt, OpenRefusal, RangBack, Seen};
use records::{
    Attempt, AttemptId, Because, CallPolicy, Claim, Evidence, NextStep, Number, Reason, TaskState,
};
use sip::{Inbound, Refusal};
use survey::{Announcement, Interview, Setting};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::driver::{Carried, Order, carry};
use super::finish::file;
use super::strangers::Strangers;
use super::task::{self, open_recorder};
use crate::app::journal::Entry;
use crate::app::library::Sound;
use crate::app::service::Service;
use crate::app::trunks::Line;

/// No inbound call lives longer: until then nobody may call its customer or number.
const LONGEST: Duration = Duration::from_secs(3600);
/// Of that, what may be talked: the rest is for answering and teardown.
const LONGEST_TALK: Duration = Duration::from_secs(3480);
/// When a caller may try again whom we cannot take now, in seconds.
const COME_BACK: u32 = 30;

type Recorder = Result<(MediaLeg, mpsc::Receiver<MediaFact>), String>;

/// Takes the calls that come in, until the signalling ends.
pub async fn take_calls(service: Arc<Service>, mut calls: mpsc::Receiver<Inbound>) {
    let per_hour = service.config.ring_back.notices_per_hour;
    let strangers = Arc::new(Strangers::new(per_hour));
    while let Some(call) = calls.recv().await {
        let (service, strangers) = (Arc::clone(&service), Arc::clone(&strangers));
        let span = tracing::info_span!("inbound", trunk = %call.trunk, call_id = %call.call_id);
        let tracker = service.at_work.clone();
        tracker.spawn(async move { take(&service, &strangers, call).await }.instrument(span));
    }
}

/// What is known of a call once it may be taken.
struct Arrival {
    call: Inbound,
    line: Line,
    number: Number,
    /// The caller's own number is not known.
    withheld: bool,
}

async fn take(service: &Arc<Service>, strangers: &Strangers, call: Inbound) {
    match admit(service, &call).await {
        Ok(Admitted { line, number, withheld }) => {
            open(service, strangers, Arrival { call, line, number, withheld }).await;
        }
        Err((why, refusal)) => refuse(&call, why, refusal),
    }
}

/// What is needed to take a call.
struct Admitted {
    line: Line,
    number: Number,
    withheld: bool,
}

/// Whether the call may be taken at all.
async fn admit(service: &Service, call: &Inbound) -> Result<Admitted, (&'static str, Refusal)> {
    let config = &service.config;
    let trunk = config.trunk.get(&call.trunk);
    let rings_back = trunk.and_then(|trunk| trunk.ring_back).unwrap_or(config.ring_back.enabled);
    if !rings_back {
        // A definite no: 480 or 503 would have the carrier try other ways to us (RFC 3398 section 8.2.6).
        return Err(("ring_back is switched off", Refusal::new(403, "Forbidden")));
    }
    if service.board.draining() {
        return Err(("the service is stopping", unavailable()));
    }
    let area_code = config.ring_back.area_code.as_deref();
    let theirs = call.parties.caller.as_deref().and_then(|text| Number::of_caller(text, area_code));
    let ours = || {
        let dialled = call.parties.called.as_deref().and_then(|text| Number::parse(text).ok());
        dialled.or_else(|| Number::parse(&trunk?.caller).ok())
    };
    let withheld = theirs.is_none();
    let number = theirs.or_else(ours).ok_or_else(|| {
        ("neither the caller's number nor ours can be read", Refusal::new(433, "Anonymity Disallowed"))
    })?;
    let line = service.trunks.came_in_soon(&call.trunk, &call.leg).await;
    let line = line.map_err(|_| ("no line of the trunk is free", Refusal::new(486, "Busy Here")))?;
    Ok(Admitted { line, number, withheld })
}

fn unavailable() -> Refusal {
    Refusal::new(503, "Service Unavailable").retry_after(COME_BACK)
}

fn refuse(call: &Inbound, why: &'static str, refusal: Refusal) {
    tracing::info!(status = refusal.status, why, "an inbound call is refused");
    metrics::counter!("huifang_inbound_calls_total", "outcome" => "refused").increment(1);
    call.leg.refuse(refusal);
}

/// Recorder first, then the attempt, then the answer: no recording, no call.
async fn open(service: &Arc<Service>, strangers: &Strangers, arrival: Arrival) {
    let Arrival { call, line, number, withheld } = arrival;
    call.leg.ring();
    let id = AttemptId(uuid::Uuid::now_v7());
    let recorder = open_recorder(service, id).await;
    let attempt = NewAttempt {
        id,
        number: number.clone(),
        trunk: call.trunk.clone(),
        caller: None,
        longest: LONGEST,
        lent: line.lent(),
        seen: Seen::default(),
    };
    let heard = strangers.may_hear(&number, Instant::now());
    let inbound = InboundCall { attempt, node: service.node.clone(), withheld, strangers: heard };
    let endings = service.board.endings();
    let RangBack { attempt, claim } = match service.store.open_inbound(&inbound).await {
        Ok(Ok(rang_back)) => rang_back,
        Ok(Err(refusal)) => return refuse(&call, why(&refusal), status(&refusal)),
        Err(error) => {
            tracing::error!(%error, "an inbound call could not be committed");
            return refuse(&call, "the database did not take it", unavailable());
        }
    };
    let opened = Instant::now();
    let outcome = if claim.is_some() { "matched" } else { "stranger" };
    metrics::counter!("huifang_inbound_calls_total", "outcome" => outcome).increment(1);
    tracing::info!(attempt = %id, outcome, diverted = call.parties.diverted_from.is_some(), "a call has come in");
    if claim.is_none() {
        strangers.heard(number, Instant::now());
    }
    let taken = Taken { call, line, recorder, attempt, opened };
    let place = service.board.enter(endings, live_call(claim.as_ref(), &taken.attempt));
    match claim {
        Some(claim) => ask(service, taken, place, &claim).await,
        None => tell(service, taken, place, withheld).await,
    }
}

fn why(refusal: &OpenRefusal) -> &'static str {
    match refusal {
        OpenRefusal::AlreadyOpen { .. } => "another call with this customer or number is up",
        OpenRefusal::Stranger => "the caller has heard the notice often enough",
        OpenRefusal::Stopped => "all calling is stopped",
        OpenRefusal::LineLost => "our lines fell to other processes while the database was away",
        OpenRefusal::OptedOut | OpenRefusal::Waived | OpenRefusal::ClaimLost | OpenRefusal::Capped { .. } => {
            "the call may not be taken"
        }
    }
}

fn status(refusal: &OpenRefusal) -> Refusal {
    match refusal {
        OpenRefusal::AlreadyOpen { .. } | OpenRefusal::LineLost => Refusal::new(486, "Busy Here"),
        _ => Refusal::new(480, "Temporarily Unavailable"),
    }
}

/// A committed inbound attempt that is not answered yet.
struct Taken {
    call: Inbound,
    line: Line,
    recorder: Recorder,
    attempt: Attempt,
    opened: Instant,
}

impl Taken {
    /// Answers it and carries it to its end; `made` is what is said, or why nothing can be.
    async fn carry(
        self,
        service: &Arc<Service>,
        place: crate::app::board::Place,
        policy: CallPolicy,
        made: Result<(Course, Sound), String>,
    ) -> Ended {
        let Self { call, line, recorder, attempt, opened } = self;
        let ready = recorder
            .map_err(|why| (Reason::RecorderUnavailable, why))
            .and_then(|recorder| made.map(|made| (recorder, made)).map_err(|why| (Reason::Cancelled, why)));
        let carried = match ready {
            Ok(((media, heard), (course, sound))) => {
                let policy = CallPolicy { longest_call: policy.longest_call.min(LONGEST_TALK), ..policy };
                let id = attempt.id;
                let order =
                    Order { attempt: id, line, came_in: Some(call), sound, policy, place, media, heard };
                carry(Arc::clone(service), order, course).await
            }
            Err((reason, why)) => {
                tracing::error!(attempt = %attempt.id, why, %reason, "an inbound call is not answered");
                call.leg.refuse(unavailable());
                let mut report = task::no_recorder(why);
                report.reason = reason;
                Carried { report, answered_at: None, recording: None, silent: false }
            }
        };
        // The store's clock, without asking it: it may be away just now.
        let now = attempt.started_at + opened.elapsed();
        Ended { attempt, carried, now }
    }
}

struct Ended {
    attempt: Attempt,
    carried: Carried,
    now: DateTime<Utc>,
}

/// The customer has an open task: told who called and why, and asked what suits.
async fn ask(service: &Arc<Service>, taken: Taken, place: crate::app::board::Place, claim: &Claim) {
    let history = service.store.history(claim.task.id).await.unwrap_or_default();
    let made = match script(service, claim).await {
        Ok((questionnaire, sound)) => {
            let setting = task::setting(service, claim, &history).await;
            let setting = Setting { ring_back: true, ..setting };
            Ok((Interview::start(questionnaire, setting).into(), sound))
        }
        Err(why) => Err(why),
    };
    let policy = claim.plan.content.policy.call.clone();
    let Ended { attempt, carried, now } = taken.carry(service, place, policy, made).await;
    let numbers = service.store.numbers_to_call(claim).await.unwrap_or_default();
    let others = numbers.iter().filter(|number| **number != attempt.number).count();
    let made: Vec<Past> = history.iter().map(Past::from).collect();
    let decision = decide(service, claim, &attempt, &carried, &made, others, now);
    Box::pin(task::conclude(service, claim, &attempt, decision, carried)).await;
}

async fn script(service: &Service, claim: &Claim) -> Result<(Arc<survey::Questionnaire>, Sound), String> {
    let script = task::script(service, &claim.plan.content.questionnaire_version).await?;
    let sound = service.library.for_ring_back(&script).await.map_err(|error| error.to_string())?;
    Ok((Arc::clone(&script.questionnaire), sound))
}

fn decide(
    service: &Service,
    claim: &Claim,
    attempt: &Attempt,
    carried: &Carried,
    history: &[Past],
    other_numbers: usize,
    now: DateTime<Utc>,
) -> Decision {
    let report = &carried.report;
    let ending = Ending {
        direction: attempt.direction,
        number: &attempt.number,
        started_at: attempt.started_at,
        reason: report.reason,
        flags: &report.flags,
        person_asked: report.person_asked,
        time_asked: report.time_asked.as_deref(),
        other_numbers,
        seed: claim.task.id.0.as_u128() as u64,
    };
    let calendar = service.calendar.current();
    plan::after_ring_back(&task::case(&calendar, claim, now), claim.task.next_at, history, &ending)
}

/// Nobody wants anything of this caller: a short notice.
async fn tell(service: &Arc<Service>, taken: Taken, place: crate::app::board::Place, withheld: bool) {
    let config = &service.config;
    let text = config.ring_back.notice(&config.questionnaires.variables);
    let notice = service.library.notice(&config.ring_back.language, &text).await;
    let made = notice.map_err(|error| error.to_string());
    let made = made.map(|notice| (Announcement::new(notice.prompt).into(), notice.sound));
    let Ended { attempt, carried, .. } = taken.carry(service, place, CallPolicy::default(), made).await;
    let Carried { report, answered_at, recording, .. } = carried;
    tracing::info!(attempt = %attempt.id, reason = %report.reason, "an inbound call without a task ended");
    metrics::counter!("huifang_attempts_total", "reason" => report.reason.slug()).increment(1);
    let note = withheld.then(|| "the caller withheld the number; ours is shown instead".to_owned());
    let note = report.evidence.note.clone().or(note);
    let closing = Closing {
        reason: report.reason,
        evidence: Evidence { note, ..report.evidence },
        answered_at: answered_at.map(|after| attempt.started_at + after),
        // There is no task to move.
        next: NextStep::End(TaskState::Withdrawn),
        because: Because::default(),
        callback: None,
        number_dead: false,
    };
    if let Err(error) = service
        .journal
        .keep(Entry::Closing { attempt: attempt.id, fence: 0, closing: Box::new(closing) })
        .await
    {
        tracing::error!(attempt = %attempt.id, %error, "the end of an attempt could not be made durable");
    }
    if let Some(staged) = recording {
        file(service, &attempt, *staged).await;
    }
}

fn live_call(claim: Option<&Claim>, attempt: &Attempt) -> LiveCall {
    match claim {
        Some(claim) => LiveCall { phase: LinePhase::Ringing, ..task::live_call(claim, attempt) },
        None => LiveCall {
            attempt: attempt.id,
            customer_name: None,
            plan_name: None,
            direction: attempt.direction,
            number: attempt.number.clone(),
            trunk: attempt.trunk.clone(),
            phase: LinePhase::Ringing,
            question: None,
            started_at: attempt.started_at,
        },
    }
}
