//! The clauses of a certificate: a closed list, each with the rule it is about, what was asked, what was done, a verdict.

use chrono::{DateTime, Utc};
use records::{AttemptId, CallbackId, MoveId, MoveRule, StepId, WaiverId};
use serde::Serialize;

/// One sentence in the console's two languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Said {
    pub zh: String,
    pub en: String,
}

impl Said {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// Whether a rule was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Kept,
    NotKept,
    /// The rule asks nothing of this task.
    NotApplicable,
    /// It was not kept, and this installation's setting did not ask for it.
    NotRequired,
    /// It can be told only later.
    Open,
}

impl Verdict {
    pub const ALL: [Self; 5] =
        [Self::Kept, Self::NotKept, Self::NotApplicable, Self::NotRequired, Self::Open];

    /// The word used in API and console.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::NotKept => "not_kept",
            Self::NotApplicable => "not_applicable",
            Self::NotRequired => "not_required",
            Self::Open => "open",
        }
    }

    /// Of several the one that counts: what was not kept, then what is open, then what was kept.
    pub(super) fn and(self, other: Self) -> Self {
        let rank = |verdict| match verdict {
            Self::NotKept => 0,
            Self::Open => 1,
            Self::Kept => 2,
            Self::NotApplicable | Self::NotRequired => 3,
        };
        if rank(other) < rank(self) { other } else { self }
    }

    pub(super) fn kept(is: bool) -> Self {
        if is { Self::Kept } else { Self::NotKept }
    }
}

macro_rules! clauses {
    ($($variant:ident $slug:literal $code:literal $zh:literal $en:literal),* $(,)?) => {
        /// What a clause is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "each variant is explained by its slug and title below")]
        pub enum ClauseName { $($variant),* }

        impl ClauseName {
            /// All, in the order of a certificate.
            pub const ALL: &[ClauseName] = &[$(ClauseName::$variant),*];

            /// The word used in the API.
            pub fn slug(self) -> &'static str {
                match self { $(ClauseName::$variant => $slug),* }
            }

            /// The rules whose figure is the plan's default; empty where no rule names one.
            pub fn code(self) -> &'static str {
                match self { $(ClauseName::$variant => $code),* }
            }

            fn title(self) -> Said {
                match self { $(ClauseName::$variant => Said::new($zh, $en)),* }
            }
        }
    };
}

clauses! {
    Approval "approval" "W8.3" "计划经他人批准" "The plan was approved by another person",
    Occasion "occasion" "" "按计划产生任务" "The task fell due by the plan's schedule",
    Aim "aim" "" "目标期限" "Done by the time aimed at",
    Deadline "deadline" "" "截止时间" "Done by the deadline",
    AfterDeadline "after_deadline" "" "截止后不再拨号" "Nothing dialled after the deadline",
    Attempts "attempts" "W12.3" "放弃前的最少拨打次数" "Least attempts before giving up",
    Slots "slots" "W12.3" "每次换时段" "Each attempt in another slot",
    HalfDays "half_days" "W12.3" "分布于不同半天" "Attempts over several half-days",
    RingTime "ring_time" "W12.3" "振铃时长" "Time it rang before giving up",
    Windows "windows" "W12.3, W7, H" "拨打时窗与工作日" "Windows and working days",
    PerDay "per_day" "H" "当日拨打上限" "Most attempts on one day",
    Gap "gap" "H" "两次拨打间隔" "Least time between two attempts",
    CustomerCap "customer_cap" "H" "客户拨打上限（含其他计划）" "Cap per customer over all plans",
    NumberCap "number_cap" "H" "号码拨打上限（含其他计划）" "Cap per number over all plans",
    AsAsked "as_asked" "H, G4.1" "按客户约定时间再拨" "Called again when the customer asked for it",
    Reasons "reasons" "W12.3, T11, L11" "每次拨打均有原因" "One reason for each attempt",
    Recordings "recordings" "W2, W6.1" "录音与封存" "Every talk recorded and sealed",
    Caller "caller" "W6.1" "主叫号码" "The company's number shown",
    OptOut "opt_out" "W3.1, W6.2" "拒绝来电后不再拨号" "No call after an opt-out",
    Waiver "waiver" "L9.4" "免回访声明" "No call under a waiver",
    Callbacks "callbacks" "W10, L12" "转人工按时处理" "What went to people was done in time",
    Ladder "ladder" "L12-L14" "逐级升级步骤" "The ladder, rung by rung",
}

/// One rule, held against what happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Clause {
    pub clause: ClauseName,
    pub title: Said,
    /// Rule codes of the regulations, such as `W12.3`; the schedule's own where it names one. Empty: the plan's own rule.
    pub code: String,
    /// What the plan's figures ask for.
    pub required: Said,
    pub done: Said,
    pub verdict: Verdict,
    /// The rule of the reasons' table, or the deadline, that ended it before the figure was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excused_by: Option<MoveRule>,
    /// The figure that is asked for and the one that was found, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
    /// What it is told from; each is among the certificate's records.
    pub proof: Vec<Proof>,
}

/// A figure that is asked for, and the one that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Figures {
    pub required: u64,
    pub done: u64,
}

/// A record that a clause is told from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    Attempt { id: AttemptId, at: DateTime<Utc> },
    Recording { attempt: AttemptId, sealed_at: DateTime<Utc> },
    Move { id: MoveId, at: DateTime<Utc>, rule: MoveRule },
    Step { id: StepId, at: DateTime<Utc> },
    Callback { id: CallbackId, at: DateTime<Utc> },
    Waiver { id: WaiverId, at: DateTime<Utc> },
}

impl Clause {
    pub(super) fn new(clause: ClauseName, required: Said, done: Said, verdict: Verdict) -> Self {
        Self {
            clause,
            title: clause.title(),
            code: clause.code().to_owned(),
            required,
            done,
            verdict,
            excused_by: None,
            figures: None,
            proof: Vec::new(),
        }
    }

    pub(super) fn coded(self, code: &str) -> Self {
        if code.is_empty() { self } else { Self { code: code.to_owned(), ..self } }
    }

    pub(super) fn with_figures(self, required: u64, done: u64) -> Self {
        Self { figures: Some(Figures { required, done }), ..self }
    }

    pub(super) fn excused(self, by: Option<MoveRule>) -> Self {
        Self { excused_by: by, ..self }
    }

    pub(super) fn proven(self, proof: impl IntoIterator<Item = Proof>) -> Self {
        Self { proof: proof.into_iter().collect(), ..self }
    }
}
