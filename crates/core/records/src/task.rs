//! Tasks (回访任务): one customer due under one plan.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{Because, ContactRole, Customer, CustomerId, Mode, NewCallback, Plan, PlanId, StepKind, TaskId};

/// Where a task stands. The last four are ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// To be called at `next_at`, never tried yet.
    Due,
    /// Claimed by a dialer.
    Calling,
    /// Tried; to be tried again at `next_at`.
    Waiting,
    /// An open callback decides.
    WithPerson,
    /// The right person answered every mandatory question.
    Succeeded,
    /// The customer declined or opted out.
    Refused,
    /// The ladder was walked to its end.
    Exhausted,
    /// Taken back before the call.
    Withdrawn,
}

impl TaskState {
    /// All of them, those that go on first.
    pub const ALL: [Self; 8] = [
        Self::Due,
        Self::Calling,
        Self::Waiting,
        Self::WithPerson,
        Self::Succeeded,
        Self::Refused,
        Self::Exhausted,
        Self::Withdrawn,
    ];

    /// The word used in database and API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Calling => "calling",
            Self::Waiting => "waiting",
            Self::WithPerson => "with_person",
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Exhausted => "exhausted",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether nothing more will happen to the task.
    pub fn ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Refused | Self::Exhausted | Self::Withdrawn)
    }
}

/// Which firing of a plan's trigger made a task: `once` for a list, else such as `signed`, `installed+6m`, `2026-Q4`.
/// Stable: the same firing has the same name however often the plan is evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Occasion(pub String);

impl Occasion {
    /// The one firing of a plan that calls a list.
    pub const ONCE: &str = "once";
}

impl Default for Occasion {
    fn default() -> Self {
        Self(Self::ONCE.to_owned())
    }
}

/// A task as kept. One for each plan, customer, occasion and role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Task {
    pub id: TaskId,
    pub plan: PlanId,
    pub customer: CustomerId,
    #[serde(default)]
    pub occasion: Occasion,
    /// Which of the customer's contacts is called.
    #[serde(default)]
    pub role: ContactRole,
    pub state: TaskState,
    /// Not before.
    pub next_at: DateTime<Utc>,
    /// The day the occasion falls on, where the customer is; none for a list.
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
    /// How the customer is reached; what is no phone call is a person's work.
    #[serde(default)]
    pub mode: Mode,
    /// Overdue from then on, though still to be dialled; none: it has until its deadline.
    #[serde(default)]
    pub aim_by: Option<DateTime<Utc>>,
    /// The deadline: nothing is dialled from then on unless the plan says so; none: no deadline.
    #[serde(default)]
    pub due_by: Option<DateTime<Utc>>,
    /// Attempts that counted so far.
    pub attempts: u32,
    /// The rung of the plan's ladder it stands on, from 0.
    #[serde(default)]
    pub rung: u32,
    /// Since when its round of calls counts; none: from the beginning.
    #[serde(default)]
    pub round_since: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A task leased to one dialer. The fence guards changes of the task's state, and nothing else:
/// facts of an attempt are accepted by attempt id, however late.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    pub task: Task,
    pub plan: Arc<Plan>,
    pub customer: Arc<Customer>,
    pub fence: i64,
}

/// What becomes of a task when an attempt has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The task ends.
    End(TaskState),
    /// Try again, not before this time. `why` is one sentence for the certificate.
    TryAgain { at: DateTime<Utc>, why: String },
    /// A person decides; a callback comes with it.
    Person,
    /// The claim goes on: another attempt follows at once, over another trunk. Only for a closing.
    GoOn,
    /// The task goes up its plan's ladder.
    Climb(Climb),
}

/// Where a task goes from a rung that came to nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Onward {
    pub next: NextStep,
    /// Given with the human call-back queue.
    pub callback: Option<NewCallback>,
    pub because: Because,
}

/// The rung a task goes up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Climb {
    /// Its place in the plan's ladder.
    pub rung: u32,
    pub step: StepKind,
    /// A round of calls: it begins then. Any other step: it is over then; none: no limit.
    pub at: Option<DateTime<Utc>>,
}
