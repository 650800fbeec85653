//! A call placed by hand, outside any plan: `huifang call`.

use std::sync::Arc;
use std::time::Duration;

use call::{Limits, Report, longest_life};
use chrono::Utc;
use ports::{
    Closing, LinePhase, LiveCall, ManualCall, NewAttempt, NewRecording, OpenRefusal, Seen, StoreError,
};
use records::{Attempt, AttemptId, Because, CallPolicy, Fact, NextStep, Number, PlanId, TaskState};
use survey::{Interview, Setting};
use tokio::sync::oneshot;
use trunk::Route;

use super::driver::{Carried, Order, carry};
use super::finish::file;
use super::task::open_recorder;
use crate::app::journal::{Entry, JournalError};
use crate::app::library::Script;
use crate::app::service::Service;
use crate::app::trunks::{NoLine, Wanted};

/// Around the teardown of the call.
const SLACK: Duration = Duration::from_secs(30);

/// What came of the call.
pub struct ByHand {
    pub attempt: Attempt,
    pub report: Report,
    pub facts: Vec<Fact>,
    pub recording: Option<NewRecording>,
}

/// The call could not be placed; nothing was dialled.
#[derive(Debug, thiserror::Error)]
pub enum ByHandError {
    #[error(transparent)]
    NoLine(#[from] NoLine),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No recording, no call.
    #[error("no call is placed, it could not be recorded: {0}")]
    Recorder(String),
    /// The customer wants no calls.
    #[error("{0} opted out of calls; the opt-out must be withdrawn by the customer first")]
    OptedOut(Number),
    /// Somebody is on the line with this number.
    #[error("another call to {number} may be up until {until}; wait for it to end")]
    AlreadyOpen { number: Number, until: chrono::DateTime<Utc> },
    /// The switch is off.
    #[error("all calling is stopped; resume it in the console first")]
    Stopped,
}

/// A call as a person wants it.
pub struct Wish {
    pub number: Number,
    pub script: Arc<Script>,
    pub policy: CallPolicy,
    /// The questionnaire's first where absent.
    pub language: Option<String>,
    /// The plan whose author hears it for himself.
    pub rehearsal_of: Option<PlanId>,
    /// Told as soon as the call is committed as dialling.
    pub dialling: Option<oneshot::Sender<AttemptId>>,
}

/// Places one call and returns when it is over and its recording filed.
pub async fn place(service: &Arc<Service>, wish: Wish) -> Result<ByHand, ByHandError> {
    let Wish { number, script, policy, language, rehearsal_of, dialling } = wish;
    let wanted = Wanted { number: &number, route: Route::Ordinary, tried: &[] };
    let mut line = service.trunks.line_soon(wanted).await?;
    let id = AttemptId(uuid::Uuid::now_v7());
    let (media, heard) = open_recorder(service, id).await.map_err(ByHandError::Recorder)?;
    line.turn().await;
    let longest = longest_life(&policy, &Limits::default()) + SLACK;
    let new = NewAttempt {
        id,
        number: number.clone(),
        trunk: line.trunk.name.clone(),
        caller: Some(line.trunk.config.caller.clone()),
        longest,
        lent: line.lent(),
        seen: Seen::default(),
    };
    let endings = service.board.endings();
    let attempt = match service.store.open_manual(&ManualCall { attempt: new, rehearsal_of }).await? {
        Ok(attempt) => attempt,
        Err(OpenRefusal::OptedOut) => return Err(ByHandError::OptedOut(number)),
        Err(OpenRefusal::AlreadyOpen { until }) => return Err(ByHandError::AlreadyOpen { number, until }),
        Err(OpenRefusal::LineLost) => return Err(NoLine::AllBusy.into()),
        // A call by hand is counted by the plans' caps and held up by none.
        Err(
            OpenRefusal::Stopped
            | OpenRefusal::ClaimLost
            | OpenRefusal::Waived
            | OpenRefusal::Stranger
            | OpenRefusal::Capped { .. },
        ) => {
            return Err(ByHandError::Stopped);
        }
    };
    if let Some(dialling) = dialling {
        // Whoever asked may be gone; the call goes on.
        let _ = dialling.send(attempt.id);
    }
    let place = service.board.enter(endings, live_call(&attempt));
    let setting = Setting { language, ..Setting::default() };
    let interview = Interview::start(Arc::clone(&script.questionnaire), setting);
    let sound = script.sound.clone();
    let order = Order { attempt: id, line, came_in: None, sound, policy, place, media, heard };
    let carried = carry(Arc::clone(service), order, interview).await;
    conclude(service, attempt, carried).await
}

async fn conclude(service: &Service, attempt: Attempt, carried: Carried) -> Result<ByHand, ByHandError> {
    let Carried { report, answered_at, recording, .. } = carried;
    let closing = Closing {
        reason: report.reason,
        evidence: report.evidence.clone(),
        answered_at: answered_at.map(|after| attempt.started_at + after),
        // There is no task to move.
        next: NextStep::End(TaskState::Withdrawn),
        because: Because::default(),
        callback: None,
        number_dead: false,
    };
    service
        .journal
        .keep(Entry::Closing { attempt: attempt.id, fence: 0, closing: Box::new(closing) })
        .await?;
    let recording = match recording {
        Some(staged) => file(service, &attempt, *staged).await,
        None => None,
    };
    Ok(ByHand {
        attempt: service.store.attempt(attempt.id).await?,
        facts: service.store.facts(attempt.id).await?,
        report,
        recording: recording.map(|filed| filed.recording),
    })
}

fn live_call(attempt: &Attempt) -> LiveCall {
    LiveCall {
        attempt: attempt.id,
        customer_name: None,
        plan_name: None,
        direction: attempt.direction,
        number: attempt.number.clone(),
        trunk: attempt.trunk.clone(),
        phase: LinePhase::Dialling,
        question: None,
        started_at: attempt.started_at,
    }
}
