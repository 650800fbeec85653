//! The ladder (L12–L14): what is tried, in which order, until the customer is reached or the ladder is walked to its end.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::policy::seconds;
use crate::{AccountId, CustomerId, Number, PlanId, StepId, TaskId};

/// A word is no kind of step, or no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word \"{0}\": use one of the slugs listed in the API description")]
pub struct UnknownStep(pub String);

macro_rules! slugs {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident $slug:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$each])* $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word used in database and API.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownStep;

            fn from_str(text: &str) -> Result<Self, UnknownStep> {
                Self::ALL.iter().copied().find(|one| one.slug() == text).ok_or_else(|| UnknownStep(text.to_owned()))
            }
        }
    };
}

slugs! {
    /// What is done on a rung.
    StepKind {
        /// A round of calls by the retry policy.
        Phone "phone",
        /// The business side confirms or corrects the number (L12).
        Reconfirm "reconfirm",
        /// The human call-back queue.
        Callback "callback",
        /// SMS or e-mail with a link to the questionnaire.
        Message "message",
        /// A visit, with the customer's signature.
        Visit "visit",
        /// A letter, with its reply.
        Letter "letter",
    }
}

slugs! {
    /// Where a step stands.
    StepState {
        /// To be carried out.
        Open "open",
        /// Carried out (sent, posted); its answer is waited for.
        Carried "carried",
        /// Ended with its outcome.
        Done "done",
    }
}

slugs! {
    /// What a step brought.
    StepOutcome {
        /// The interview was had: the task succeeded.
        Succeeded "succeeded",
        /// The number is confirmed or corrected: the next rung follows.
        Confirmed "confirmed",
        /// The customer refused.
        Refused "refused",
        /// Nothing came of it: the next rung follows.
        Failed "failed",
        /// Its time was over: the next rung follows.
        Lapsed "lapsed",
    }
}

/// One rung of a plan's ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rung {
    pub step: StepKind,
    /// Longest time for the step; then the next rung follows. None: until somebody ends it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds::maybe")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<f64>))]
    pub within: Option<Duration>,
}

impl Rung {
    /// A rung without a limit.
    pub const fn of(step: StepKind) -> Self {
        Self { step, within: None }
    }
}

/// The rungs of a plan, in the order they are climbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Ladder(pub Vec<Rung>);

impl Default for Ladder {
    /// One round of calls, then the human call-back queue.
    fn default() -> Self {
        Self(vec![Rung::of(StepKind::Phone), Rung::of(StepKind::Callback)])
    }
}

impl Ladder {
    /// The ladder of L12–L14, with ten days for what others do and thirty for a letter's reply.
    pub fn full() -> Self {
        let days = |step, days: u64| Rung { step, within: Some(Duration::from_secs(days * 24 * 3600)) };
        Self(vec![
            Rung::of(StepKind::Phone),
            days(StepKind::Reconfirm, 5),
            Rung::of(StepKind::Phone),
            Rung::of(StepKind::Callback),
            days(StepKind::Message, 7),
            days(StepKind::Visit, 15),
            days(StepKind::Letter, 30),
        ])
    }
}

/// What was done on a step, each kind with its own form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub enum StepForm {
    /// The customer's numbers as the business side knows them; none: it knows of none.
    Reconfirm { numbers: Vec<Number>, confirmed_by: String },
    /// Sent, with a link to the questionnaire.
    Message { way: MessageWay, link: String },
    /// Made, signed by the customer; the scan or photo by name and SHA-256.
    Visit { on: NaiveDate, by: String, signature: Option<Attached> },
    /// Posted, and its reply.
    Letter {
        posted_on: NaiveDate,
        tracking: Option<String>,
        replied_on: Option<NaiveDate>,
        reply: Option<Attached>,
    },
}

impl StepForm {
    /// Which kind of step it belongs to.
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Reconfirm { .. } => StepKind::Reconfirm,
            Self::Message { .. } => StepKind::Message,
            Self::Visit { .. } => StepKind::Visit,
            Self::Letter { .. } => StepKind::Letter,
        }
    }
}

/// By which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageWay {
    Sms,
    Email,
}

/// A paper that was scanned or photographed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Attached {
    pub name: String,
    /// Of the file, hex.
    pub sha256: String,
}

/// A step as kept. Calls and the call-back queue have their own places; these are the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Step {
    pub id: StepId,
    pub task: TaskId,
    pub plan: PlanId,
    pub customer: CustomerId,
    /// Its place in the plan's ladder, from 0.
    pub rung: u32,
    pub kind: StepKind,
    pub state: StepState,
    pub opened_at: DateTime<Utc>,
    /// The next rung follows when it is not done by then.
    pub due_at: Option<DateTime<Utc>>,
    /// Whose it is: nobody else carries it out or ends it. None: anybody's.
    #[serde(default)]
    pub taken_by: Option<AccountId>,
    #[serde(default)]
    pub taken_at: Option<DateTime<Utc>>,
    pub carried_at: Option<DateTime<Utc>>,
    pub done_at: Option<DateTime<Utc>>,
    pub outcome: Option<StepOutcome>,
    pub form: Option<StepForm>,
    pub note: Option<String>,
    /// Who carried it out or ended it last; none: its time was over.
    pub by: Option<AccountId>,
}
