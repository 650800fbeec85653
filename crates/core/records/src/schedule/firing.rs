//! What a plan fires on: an event in the customer's record or a period of the calendar, and how it goes on from there.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Mode, Offset};

/// One trigger with everything that follows from it. Its occasions are named by what it fires on and how far from it:
/// `signed`, `installed+6m`, `powered_on-7d`, `2026-Q4`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Firing {
    /// Begins the occasions' names, `visit:installed+12m`: tells two firings on the same event apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub on: On,
    /// From the event's day, or from the period's first; the day itself where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offsets: Vec<Offset>,
    /// And again, this far from the last offset and from each time after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Offset>,
    /// Where it ends; with nothing said it never does.
    #[serde(default, skip_serializing_if = "Until::is_never")]
    pub until: Until,
    /// Each date of the event is an occasion of its own, such as of a repair; else another date is a correction.
    #[serde(default)]
    pub recurs: bool,
    /// By when it should be done, the first of these that can be told; it is told as overdue from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aim: Vec<Within>,
    /// By when it must be done, the first of these that can be told: the deadline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<Within>,
    /// Instead of the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Only customers of these classes; all where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Only contracts worth at least this much, in yuan (E4.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_from: Option<u64>,
    /// Only contracts worth less, in yuan; a customer whose contract has no value on file is among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_below: Option<u64>,
    /// The rule it carries out, such as `W7.1`.
    pub rule: String,
}

/// What a firing counts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// A date of the customer, such as `signed`, `delivered`, `powered_on`.
    Event(String),
    /// Every such period of the calendar.
    Each(Period),
}

/// A period of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Month,
    Quarter,
    HalfYear,
    Year,
}

/// Where a firing ends: at the first of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Until {
    /// Nothing after this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
    /// Nothing further from the event than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Offset>,
    /// So many occasions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Nothing from the day of this event on, such as `ended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

impl Until {
    /// Whether nothing ends it.
    pub fn is_never(&self) -> bool {
        *self == Self::default()
    }
}

/// A time limit: `5wd` or `1m` from the occasion's day, `hesitation`, `period` or `event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Within {
    /// To the end of that day, counted from the occasion's.
    Of(Offset),
    /// To the end of the product's hesitation period (犹豫期), counted from the event; cannot be told where the product
    /// has none on file.
    Hesitation,
    /// To the end of the calendar period; cannot be told for an event.
    Period,
    /// Before the day of the event itself; cannot be told for a period.
    Event,
}

impl TryFrom<String> for Within {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.trim() {
            "hesitation" => Ok(Self::Hesitation),
            "period" => Ok(Self::Period),
            "event" => Ok(Self::Event),
            _ => Offset::try_from(text)
                .map(Self::Of)
                .map_err(|error| format!("{error}; or one of the words hesitation, period, event")),
        }
    }
}

impl From<Within> for String {
    fn from(within: Within) -> Self {
        match within {
            Within::Of(offset) => offset.to_string(),
            Within::Hesitation => "hesitation".to_owned(),
            Within::Period => "period".to_owned(),
            Within::Event => "event".to_owned(),
        }
    }
}
