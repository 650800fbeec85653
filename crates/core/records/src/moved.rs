//! Why a task went where it went: the closed vocabulary of rules, and the history of a task's moves.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, MoveId, StepId, TaskId, TaskState};

/// A word is no rule of the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule \"{0}\": use one of the slugs listed in the API description")]
pub struct UnknownRule(pub String);

macro_rules! rules {
    ($($variant:ident $slug:literal $zh:literal $en:literal),* $(,)?) => {
        /// The rule by which a task moved.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "each variant is explained by its slug and sentence below")]
        pub enum MoveRule { #[default] $($variant),* }

        impl MoveRule {
            /// All rules, in the order of the vocabulary.
            pub const ALL: &[MoveRule] = &[$(MoveRule::$variant),*];

            /// The word used in database, API and certificate.
            pub fn slug(self) -> &'static str {
                match self { $(MoveRule::$variant => $slug),* }
            }

            /// The Chinese sentence.
            pub fn zh(self) -> &'static str {
                match self { $(MoveRule::$variant => $zh),* }
            }

            /// The English sentence.
            pub fn en(self) -> &'static str {
                match self { $(MoveRule::$variant => $en),* }
            }
        }
    };
}

rules! {
    Unstated "unstated" "未说明依据" "no rule was stated",
    // How a task comes into being.
    FellDue "fell_due" "计划到期，任务产生" "the plan's occasion arose",
    // Calls.
    Dialled "dialled" "已拨号" "dialled",
    RangBack "rang_back" "客户回电" "the customer rang back",
    OtherTrunk "other_trunk" "中继故障，换中继续拨" "the trunk failed the call, which goes on over another one",
    // When to try again.
    OtherSlot "other_slot" "换时段再拨" "again in another slot",
    Soon "soon" "稍后即拨" "again soon",
    OtherDay "other_day" "改日再拨" "again on another day",
    DaysLater "days_later" "数日后再拨" "again some days later",
    OtherNumber "other_number" "改拨客户其他号码" "another number of the customer",
    LineRetry "line_retry" "线路故障，恢复后再拨" "the line was at fault: again when it may have recovered",
    NextWindow "next_window" "已取消，下一时窗再拨" "cancelled by us: again in the next window",
    AsAsked "as_asked" "按客户约定时间再拨" "at the time the customer asked for",
    Appointment "appointment" "原约定仍有效" "the customer rang back and nothing came of it: as appointed before",
    // What puts a dial off.
    Window "window" "不在可拨时窗内" "outside the windows in which the customer may be called",
    DailyMaximum "daily_maximum" "当日拨打次数已满" "the day's attempts are made",
    Gap "gap" "距上次拨打过近" "too soon after the last attempt on the customer",
    CustomerCap "customer_cap" "对该客户的拨打次数已达上限" "the customer was called as often as is allowed over all plans",
    NumberCap "number_cap" "对该号码的拨打次数已达上限" "the number was called as often as is allowed over all plans",
    AlreadyOpen "already_open" "该客户或号码正在通话" "a call to the customer or the number may be up",
    Stopped "stopped" "计划或全部外呼已停止" "the plan or all calling is stopped",
    ClaimLost "claim_lost" "任务已被他处占用" "the task was no longer this dialer's",
    NoLine "no_line" "无可用线路" "no line was free",
    NotReady "not_ready" "呼叫准备未成" "the call could not be prepared",
    GivenBack "given_back" "任务未拨即交还" "given back without a call: its lease ended, or two customers became one",
    Draining "draining" "服务正在停止" "the service is stopping",
    // Why a round ends.
    RoundExhausted "round_exhausted" "本轮拨打次数已尽" "every try of the round is made",
    NoSlotLeft "no_slot_left" "时窗内已无可用时段" "the windows give no other slot",
    Deadline "deadline" "已过截止时间" "the deadline is reached",
    PutOffTooOften "put_off_too_often" "客户多次改约" "the customer put us off every time",
    StillSuspended "still_suspended" "号码持续停机，须核实" "the number is suspended still: it is to be re-confirmed",
    NumberDead "number_dead" "已无有效号码，须核实" "no number of the customer is left: it is to be re-confirmed",
    // To people at once.
    ByPeople "by_people" "计划由人工执行" "the plan has people carry it out",
    OtherChannel "other_channel" "客户要求改用其他方式联系" "the customer asked to be reached another way than by phone",
    PersonAsked "person_asked" "客户要求人工" "the customer asked for a person",
    Raised "raised" "客户反映情况，转人工" "the customer raised something a person takes up",
    OutcomeUnknown "outcome_unknown" "通话结果不明" "what became of the call is unknown: it is not dialled again",
    OutcomeKnown "outcome_known" "通话结果后来得知" "the outcome of the call became known",
    // The ladder.
    NextRung "next_rung" "升至下一步骤" "the next step of the plan's ladder",
    StepCarried "step_carried" "步骤已执行，待答复" "the step is carried out and waits for its answer",
    StepDone "step_done" "步骤已完成" "the step brought what was wanted",
    StepFailed "step_failed" "步骤未果" "the step came to nothing",
    StepLapsed "step_lapsed" "步骤逾期" "the time for the step is over",
    RungSkipped "rung_skipped" "步骤不适用，跳过" "the step does not apply",
    LadderWalked "ladder_walked" "全部步骤已走完" "the ladder is walked to its end",
    // Ends, and what people decide.
    Completed "completed" "完成：必答题均已回答" "every mandatory question is answered",
    Declined "declined" "客户拒访" "the customer refused this interview",
    OptedOut "opted_out" "客户拒绝来电" "the customer wants no calls",
    PersonSucceeded "person_succeeded" "人工回访成功" "a person had the interview",
    PersonRefused "person_refused" "客户向人工表示拒绝" "the customer refused to a person",
    PersonExhausted "person_exhausted" "人工亦未联系上" "a person reached nobody either",
    PersonAgain "person_again" "人工要求再次外呼" "a person asked for another call",
    Waived "waived" "客户已签署豁免" "a signed waiver exempts the customer",
    DateChanged "date_changed" "客户日期变更，任务撤销或改期" "the customer's dates changed",
    Withdrawn "withdrawn" "任务撤回" "taken back",
}

impl fmt::Display for MoveRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for MoveRule {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        Self::ALL.iter().copied().find(|rule| rule.slug() == text).ok_or_else(|| UnknownRule(text.to_owned()))
    }
}

/// A rule and what it means for this task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Because {
    pub rule: MoveRule,
    /// One sentence for people, with the figures of the case.
    pub why: String,
}

impl Because {
    /// The rule with its plain sentence.
    pub fn of(rule: MoveRule) -> Self {
        Self { rule, why: rule.en().to_owned() }
    }

    /// The rule with a sentence of its own.
    pub fn new(rule: MoveRule, why: impl Into<String>) -> Self {
        Self { rule, why: why.into() }
    }
}

/// One move of a task: append-only history, the base of its certificate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Move {
    /// Grows with each move.
    pub id: MoveId,
    pub task: TaskId,
    pub at: DateTime<Utc>,
    /// None: the task came into being.
    pub from: Option<TaskState>,
    pub to: TaskState,
    #[serde(flatten)]
    pub because: Because,
    /// To be called again from then on.
    pub next_at: Option<DateTime<Utc>>,
    /// The attempt that was dialled, or that led to it.
    pub attempt: Option<AttemptId>,
    /// The step of the ladder it led to, or that led to it.
    pub step: Option<StepId>,
    /// Who decided: an account's id, or a node; none: the policy.
    pub by: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slug_reads_back_and_equals_its_serialised_form() {
        for rule in MoveRule::ALL {
            assert_eq!(rule.slug().parse::<MoveRule>().as_ref(), Ok(rule));
            assert_eq!(serde_json::to_string(rule).unwrap(), format!("\"{}\"", rule.slug()));
        }
    }

    #[test]
    fn every_rule_says_itself_once() {
        let mut said: Vec<_> = MoveRule::ALL.iter().map(|rule| rule.zh()).collect();
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), MoveRule::ALL.len());
    }
}
