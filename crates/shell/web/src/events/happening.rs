//! The events, each as its name and what is written into `data:`. None names a customer or a customer's number.

use chrono::{DateTime, Utc};
use ports::{Closing, Count, LiveCall};
use records::{
    Alarm, AttemptId, CallbackId, CallbackOutcome, Direction, NewCallback, PlanId, Reason, TaskId,
};
use serde::Serialize;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum Happening {
    /// An attempt is about to be dialled, or answered where it came in.
    AttemptOpened {
        attempt: AttemptId,
        plan_name: Option<String>,
        direction: Direction,
        trunk: String,
        at: DateTime<Utc>,
    },
    /// An attempt is over.
    AttemptEnded { attempt: AttemptId, reason: Reason, answered: bool },
    /// An item for people; the same task may have had one already, which this one sharpens.
    CallbackQueued {
        attempt: AttemptId,
        /// The cause's slug, such as `flagged`.
        cause: &'static str,
        priority: i16,
        due_at: DateTime<Utc>,
    },
    /// Somebody works on an item of the queue from now on.
    CallbackTaken { callback: CallbackId, task: TaskId },
    /// An item of the queue is done.
    CallbackClosed { callback: CallbackId, task: TaskId, outcome: CallbackOutcome },
    /// An alarm stands from now on.
    AlarmRaised(Alarm),
    /// An alarm is over.
    AlarmCleared(Alarm),
}

impl Happening {
    /// An attempt is about to be dialled, or answered.
    pub fn opened(call: &LiveCall) -> Self {
        Self::AttemptOpened {
            attempt: call.attempt,
            plan_name: call.plan_name.clone(),
            direction: call.direction,
            trunk: call.trunk.clone(),
            at: call.started_at,
        }
    }

    /// The end of an attempt, and the item that came with it.
    pub fn ended(attempt: AttemptId, closing: &Closing) -> Vec<Self> {
        let Closing { reason, answered_at, callback, .. } = closing;
        let ended = Self::AttemptEnded { attempt, reason: *reason, answered: answered_at.is_some() };
        let queued = callback.as_ref().map(|item| Self::queued(attempt, item));
        std::iter::once(ended).chain(queued).collect()
    }

    /// An item that comes with the end of an attempt.
    fn queued(attempt: AttemptId, item: &NewCallback) -> Self {
        let NewCallback { cause, priority, due_at } = item;
        Self::CallbackQueued { attempt, cause: cause.slug(), priority: *priority, due_at: *due_at }
    }
}

/// The board at one moment, over every process.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Snapshot {
    pub at: DateTime<Utc>,
    /// Whether the switch lets calls be made.
    pub calling: bool,
    pub trunks: Vec<TrunkLines>,
    /// Attempts begun within the last minute.
    pub calls_last_minute: u64,
    pub hour: HourRate,
    /// Attempts begun today, at Shanghai, that ended, by reason.
    pub outcomes_today: Vec<Count>,
    /// Tasks waiting to be called, of plans that run or pause; counted about once a minute.
    pub tasks_due: u64,
    pub queue: Queue,
    pub alarms: Vec<Alarm>,
    /// Counted about once a minute.
    pub plans: Vec<PlanBrief>,
}

/// How busy a trunk is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TrunkLines {
    pub name: String,
    /// `up`, `down`, `refused`, `resting`, `unknown`: as this process sees it.
    pub state: &'static str,
    pub lines: u32,
    /// Calls over it, of every process.
    pub busy: u64,
    /// Of this process.
    pub busy_here: u32,
}

/// How our calls of the last hour fared; faults of our own side are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct HourRate {
    pub calls: u64,
    pub answered: u64,
    /// 0 to 1; none without calls.
    pub answer_rate: Option<f64>,
}

/// The human call-back queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Queue {
    /// Not done.
    pub open: u64,
    pub taken: u64,
    pub overdue: u64,
    pub oldest_at: Option<DateTime<Utc>>,
    /// Age of the oldest.
    pub oldest_seconds: Option<i64>,
}

/// How far a plan is, in three figures.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PlanBrief {
    pub plan: PlanId,
    pub name: String,
    pub coverage: Option<f64>,
    pub due_now: u64,
    pub overdue: u64,
}
