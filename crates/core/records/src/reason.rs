//! Why an attempt ended: the closed vocabulary of domain section 4 (W12.3, T11, L11).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What the rule of a reason asks for next, before a plan's own policy is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NextTry {
    /// The task ends as succeeded.
    Succeeded,
    /// The task ends as refused.
    Refused,
    /// A person takes over.
    Person,
    /// At the time the customer asked for.
    AsAsked,
    /// In another slot.
    OtherSlot,
    /// Within minutes, then in another slot.
    SoonThenOtherSlot,
    /// On another day.
    OtherDay,
    /// Some days later, then the number is to be re-confirmed.
    DaysLater,
    /// This number is dead: another one, else re-confirm.
    OtherNumber,
    /// The same at once over the fallback trunk, or soon.
    LineRetry,
    /// In the next window.
    NextWindow,
    /// There is no task to go on with.
    Nothing,
}

/// An unknown reason slug was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown reason \"{0}\": use one of the slugs listed in the API description")]
pub struct UnknownReason(pub String);

macro_rules! reasons {
    ($($variant:ident $slug:literal $zh:literal $next:ident $counts:literal),* $(,)?) => {
        /// Why an attempt ended as it did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "each variant is explained by its slug and label below")]
        pub enum Reason { $($variant),* }

        impl Reason {
            /// All reasons, in the order of the vocabulary.
            pub const ALL: &[Reason] = &[$(Reason::$variant),*];

            /// The word used in database, API and documents.
            pub fn slug(self) -> &'static str {
                match self { $(Reason::$variant => $slug),* }
            }

            /// The Chinese label.
            pub fn zh(self) -> &'static str {
                match self { $(Reason::$variant => $zh),* }
            }

            /// What the vocabulary asks for next.
            pub fn next_try(self) -> NextTry {
                match self { $(Reason::$variant => NextTry::$next),* }
            }

            /// Whether the attempt counts as one made on the customer.
            pub fn counts(self) -> bool {
                match self { $(Reason::$variant => $counts),* }
            }
        }
    };
}

reasons! {
    Completed "completed" "完成" Succeeded true,
    Partial "partial" "部分完成" OtherSlot true,
    HandedOver "handed_over" "转人工" Person true,
    Declined "declined" "拒访" Refused true,
    Inconvenient "inconvenient" "不方便" AsAsked true,
    OptedOut "opted_out" "拒绝来电" Refused true,
    WrongPerson "wrong_person" "非本人" OtherNumber true,
    HungUpEarly "hung_up_early" "提前挂机" OtherSlot true,
    AnsweringMachine "answering_machine" "语音信箱" OtherSlot true,
    Fax "fax" "传真" OtherNumber true,
    NoAnswer "no_answer" "无人接听" OtherSlot true,
    Busy "busy" "忙" SoonThenOtherSlot true,
    Rejected "rejected" "拒接" OtherSlot true,
    PoweredOff "powered_off" "关机" OtherDay true,
    OutOfCoverage "out_of_coverage" "不在服务区" OtherDay true,
    Suspended "suspended" "停机" DaysLater true,
    Vacant "vacant" "空号" OtherNumber true,
    Barred "barred" "呼叫限制" OtherSlot true,
    AnsweredLate "answered_late" "迟接" SoonThenOtherSlot true,
    TrunkCongested "trunk_congested" "中继拥塞" LineRetry false,
    TrunkUnreachable "trunk_unreachable" "中继不可达" LineRetry false,
    TrunkAuthFailed "trunk_auth_failed" "中继鉴权失败" LineRetry false,
    NoCommonCodec "no_common_codec" "无共同编码" LineRetry false,
    NoMedia "no_media" "无媒体" LineRetry false,
    RecorderUnavailable "recorder_unavailable" "录音不可用" LineRetry false,
    Cancelled "cancelled" "已取消" NextWindow false,
    NoticeOnly "notice_only" "仅播报" Nothing false,
    Unknown "unknown" "不明" Person true,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.slug())
    }
}

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL.iter().copied().find(|r| r.slug() == text).ok_or_else(|| UnknownReason(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slug_reads_back_and_equals_its_serialised_form() {
        for reason in Reason::ALL {
            assert_eq!(reason.slug().parse::<Reason>().as_ref(), Ok(reason));
            assert_eq!(serde_json::to_string(reason).unwrap(), format!("\"{}\"", reason.slug()));
        }
    }

    #[test]
    fn faults_of_our_own_side_never_count_against_the_customer() {
        for reason in Reason::ALL {
            let ours =
                matches!(reason.next_try(), NextTry::LineRetry | NextTry::NextWindow | NextTry::Nothing);
            assert_eq!(reason.counts(), !ours, "{reason}");
        }
    }
}
