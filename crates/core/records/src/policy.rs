//! A plan's figures. Every figure of the domain is a default here and can be changed per plan.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{CapPolicy, DayOfWeek, HourSpan, Ladder, Reason, ReasonTable, WatchPolicy};

/// All figures of one plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    pub windows: Windows,
    pub retry: RetryPolicy,
    pub call: CallPolicy,
    pub callback: CallbackPolicy,
    pub caps: CapPolicy,
    pub ladder: Ladder,
    pub watch: WatchPolicy,
}

impl Policy {
    /// How far back attempts on a customer matter.
    pub fn span(&self) -> Duration {
        self.caps.span().max(self.retry.gap())
    }
}

/// When customers may be called, in their own time zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Windows {
    /// Default W12.3: 10:00–11:00 and 14:00–16:00.
    pub spans: Vec<HourSpan>,
    /// Instead of those on these days of the week; an empty list: never on that day.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_weekday: BTreeMap<DayOfWeek, Vec<HourSpan>>,
    /// Only on working days of the official calendar (W7, W8); a window counts to the day on which it begins.
    pub working_days_only: bool,
    /// The hard limit besides the windows: never outside it.
    pub outer: HourSpan,
}

/// How often and when again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetryPolicy {
    /// Attempts on the customer before the task is exhausted (W12.3: at least 3).
    pub attempts: u32,
    /// Length of a slot; attempts take different slots. One clock hour by definition; shorter for a demonstration.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub slot: Duration,
    /// The slots of all attempts span at least this many half-days (W12.3).
    pub half_days: u32,
    /// "Soon": after busy, answered late.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub soon: Duration,
    /// How many "soon" retries before the next slot.
    pub soon_retries: u32,
    /// "Other day".
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub other_day: Duration,
    /// "Some days later", after suspended.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub days_later: Duration,
    /// After a fault of our own side.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub line_retry: Duration,
    /// Attempts after `rejected` (the customer pressed us away) at most.
    pub rejected_attempts: u32,
    /// "Later today", asked for by key.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub later_today: Duration,
    /// Attempts that count on one local day of the customer at most, under this plan.
    pub per_day: u32,
    /// Least time between the starts of two attempts on one customer, over all plans; none: as long as `soon`.
    #[serde(with = "seconds::maybe", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<f64>))]
    pub gap: Option<Duration>,
    /// Whether the task is dialled even after its deadline.
    pub after_deadline: bool,
    /// What follows each reason.
    pub reasons: ReasonTable,
}

impl RetryPolicy {
    /// Least time between two attempts on one customer.
    pub fn gap(&self) -> Duration {
        self.gap.unwrap_or(self.soon)
    }

    /// Tries a round has when it ended so at last; a customer who pressed us away is tried fewer times.
    pub fn tries_after(&self, reason: Reason) -> u32 {
        let fewer = (reason == Reason::Rejected).then_some(self.rejected_attempts);
        self.attempts.min(self.reasons.of(reason).tries.or(fewer).unwrap_or(self.attempts))
    }
}

/// One call's figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CallPolicy {
    /// W12.3: at least 20 s before giving up; counted from the first 180 or a recognised ring-back tone.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub ring_time: Duration,
    /// Give up when no sign of ringing comes at all within this time after INVITE.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub setup_limit: Duration,
    /// After the closing, wait this long for the customer to hang up first (G4.2).
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub hang_up_grace: Duration,
    /// No call lasts longer.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub longest_call: Duration,
    /// Answered, but no packet within this time.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub no_media: Duration,
    /// Whether the customer's keys can be heard in the recording.
    pub key_tones: KeyTones,
    /// What is made of what is heard.
    pub hearing: HearingPolicy,
}

/// What becomes of the customer's key tones in the recording, and of the digits in its markers. The time of a key is
/// kept either way, and so is an answer in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyTones {
    /// They stay as they were heard: they prove which answer was given, and an answer from 1 to 9 is no secret.
    #[default]
    Kept,
    /// They are silenced, and the markers do not name the digit: for plans whose customers key numbers that are
    /// nobody's business, such as of an identity card.
    Masked,
}

/// What is made of what is heard. A key always proves a person, whatever else was heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct HearingPolicy {
    /// Clues of less confidence, in percent, are kept and decide nothing.
    pub believe: u8,
    /// From this confidence on, a line on which nobody is left to talk to is hung up: a fax, an announcement of the
    /// network, the tone of a line that has been put down.
    pub sure: u8,
    /// What is done with a line that a machine has answered, from that confidence on.
    pub machine: OnMachine,
}

/// What is done when a machine has answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnMachine {
    /// The interview goes on: it may be a person after all.
    #[default]
    GoOn,
    /// The call is ended.
    HangUp,
}

/// When people must act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CallbackPolicy {
    /// Major flags and customers waiting for a person.
    #[serde(with = "seconds")]
    #[cfg_attr(feature = "schema", schema(value_type = f64))]
    pub urgent_due: Duration,
    /// Everything else: within 5 working days (W10).
    pub due_working_days: u32,
}

impl Default for Windows {
    fn default() -> Self {
        let span = |start: u16, end: u16| {
            HourSpan::of_minutes(start * 60, end * 60).expect("the hours are in order, within one day")
        };
        Self {
            spans: vec![span(10, 11), span(14, 16)],
            by_weekday: BTreeMap::new(),
            working_days_only: true,
            outer: span(8, 21),
        }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            attempts: 3,
            slot: Duration::from_secs(HOUR),
            half_days: 2,
            soon: Duration::from_secs(10 * 60),
            soon_retries: 1,
            other_day: Duration::from_secs(24 * HOUR),
            days_later: Duration::from_secs(3 * 24 * HOUR),
            line_retry: Duration::from_secs(60),
            rejected_attempts: 2,
            later_today: Duration::from_secs(2 * HOUR),
            per_day: 4,
            gap: None,
            after_deadline: false,
            reasons: ReasonTable::default(),
        }
    }
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self {
            ring_time: Duration::from_secs(30),
            setup_limit: Duration::from_secs(60),
            hang_up_grace: Duration::from_secs(10),
            longest_call: Duration::from_secs(15 * 60),
            no_media: Duration::from_secs(10),
            key_tones: KeyTones::default(),
            hearing: HearingPolicy::default(),
        }
    }
}

impl Default for HearingPolicy {
    fn default() -> Self {
        Self { believe: 70, sure: 90, machine: OnMachine::default() }
    }
}

impl Default for CallbackPolicy {
    fn default() -> Self {
        Self { urgent_due: Duration::from_secs(4 * 3600), due_working_days: 5 }
    }
}

/// Durations as a number of seconds, fractions allowed.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(value.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Duration::try_from_secs_f64(value)
            .map_err(|_| D::Error::custom(format!("{value} is not a time in seconds: give 0 or more")))
    }

    /// The same where there may be none.
    pub(crate) mod maybe {
        use std::time::Duration;

        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        #[derive(Serialize, Deserialize)]
        struct Seconds(#[serde(with = "super")] Duration);

        #[allow(clippy::ref_option, reason = "serde gives a reference to the field")]
        pub(crate) fn serialize<S: Serializer>(
            value: &Option<Duration>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            value.map(Seconds).serialize(serializer)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Duration>, D::Error> {
            Ok(Option::<Seconds>::deserialize(deserializer)?.map(|seconds| seconds.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_figures_of_the_rules() {
        let policy = Policy::default();
        assert_eq!(policy.retry.attempts, 3);
        assert!(policy.call.ring_time >= Duration::from_secs(20));
        let json = serde_json::to_string(&policy.windows).unwrap();
        assert!(json.contains("10:00-11:00") && json.contains("14:00-16:00"), "{json}");
    }

    #[test]
    fn a_policy_reads_back_what_it_wrote() {
        let policy = Policy::default();
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    }

    #[test]
    fn broken_figures_are_refused_by_name() {
        for (json, part) in [
            (r#"{"retry":{"slot":-1}}"#, "-1"),
            (r#"{"retry":{"slots":1}}"#, "slots"),
            (r#"{"windows":{"spans":["11:00-10:00"]}}"#, "11:00-10:00"),
        ] {
            let error = serde_json::from_str::<Policy>(json).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
