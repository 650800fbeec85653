//! The calling floor: the calls that are up now on this process.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use records::{Alarm, AttemptId, Direction, Number, Plan};
use serde::Serialize;

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinePhase {
    Dialling,
    Ringing,
    Talking,
    Closing,
}

/// One live call.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LiveCall {
    pub attempt: AttemptId,
    pub customer_name: Option<String>,
    pub plan_name: Option<String>,
    pub direction: Direction,
    pub number: Number,
    pub trunk: String,
    pub phase: LinePhase,
    /// Question being asked, where there is one.
    pub question: Option<String>,
    pub started_at: DateTime<Utc>,
}

/// How a trunk stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrunkWord {
    /// Not asked yet.
    Unknown,
    /// Calls go over it.
    Up,
    /// It does not answer.
    Down,
    /// It refuses our credentials or registration.
    Refused,
    /// Its calls failed: its breaker leaves it alone for a while.
    Resting,
}

impl TrunkWord {
    /// The word used in API and console.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
            Self::Refused => "refused",
            Self::Resting => "resting",
        }
    }
}

/// How calls under a shown number fared, within one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CallerFigures {
    pub calls: u64,
    pub answered: u64,
    pub barred: u64,
    /// 0 to 1; `None` without calls.
    pub answer_rate: Option<f64>,
    pub barred_share: Option<f64>,
}

/// A trunk's state.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TrunkStatus {
    pub name: String,
    pub state: TrunkWord,
    /// When it came into this state.
    pub since: DateTime<Utc>,
    /// What is wrong and what to do, where calls do not go over it.
    pub trouble: Option<String>,
    /// The company's number that it shows.
    pub caller: String,
    /// Lower goes first.
    pub priority: u16,
    pub weight: u32,
    /// Used by policy only.
    pub fallback: bool,
    pub lines: u32,
    /// Of them those that this process may use; the others are with other processes on the same database.
    pub lines_lent: u32,
    pub lines_busy: u32,
    /// Calls per second allowed, to this process, and those of the last second.
    pub cps: u32,
    pub cps_lent: u32,
    pub cps_used: u32,
    pub breaker_open: bool,
    /// Of the shown number, over an hour and over a day.
    pub hour: CallerFigures,
    pub day: CallerFigures,
}

impl TrunkStatus {
    /// Whether calls go over it.
    pub fn is_up(&self) -> bool {
        self.state == TrunkWord::Up
    }
}

/// How many calls the dialer begins, and what sets its pace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PaceStatus {
    /// Calls begun at its last look.
    pub calls: u32,
    /// Such as `lines`; one of `plan::Why::SLUGS`.
    pub why: &'static str,
    /// The same as a sentence with its figures, and what to do where people are behind.
    pub what: String,
}

/// A plan heard before it calls anybody (W9.1).
#[derive(Clone, Debug)]
pub struct Rehearsal {
    pub plan: Plan,
    pub number: Number,
    /// The questionnaire's first where absent.
    pub language: Option<String>,
}

/// What the web asks of the running service.
#[async_trait]
pub trait Floor: Send + Sync + 'static {
    fn live(&self) -> Vec<LiveCall>;
    fn trunks(&self) -> Vec<TrunkStatus>;
    /// The dialer's pace; nothing before its first look, or where it is switched off.
    fn pace(&self) -> Option<PaceStatus>;
    /// Alarms that stand, the oldest first.
    fn alarms(&self) -> Vec<Alarm>;
    /// Whether calls can be placed: `Err` names what is missing and the remedy.
    fn ready(&self) -> Result<(), String>;
    /// Rings a number of the author's own and asks the plan's questions there; answers as soon as it is being dialled.
    /// It is placed as a call by hand: recorded, never between two calls of one number, no call on a customer. `Err` says
    /// why nothing was dialled, and the remedy.
    async fn rehearse(&self, rehearsal: Rehearsal) -> Result<AttemptId, String>;
    /// Ends every live call now: ringing ones are cancelled, answered ones hung up. The store's switch is set by the caller.
    async fn end_all(&self) -> usize;
    /// Prometheus text.
    fn metrics(&self) -> String;
}
