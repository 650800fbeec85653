//! Lengths on the calendar: `5wd`, `10d`, `2w`, `6m`, `1y`, and before an event `-7d`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A length on the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Offset {
    Days(i32),
    /// Days that are worked by the official calendar; the day counted from is not counted.
    WorkingDays(i32),
    /// Calendar months: the same day of the month, or the month's last where there is none.
    Months(i32),
}

/// A text is no length on the calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a length on the calendar: write a whole number of at most 4 digits and its unit, such as 5wd \
     (working days), 10d, 2w, 6m or 1y; before an event with a minus, -7d"
)]
pub struct OffsetError(pub String);

impl Offset {
    /// The day of the event itself.
    pub const NONE: Self = Self::Days(0);

    /// Whether it is no length at all.
    pub fn is_none(self) -> bool {
        matches!(self, Self::Days(0) | Self::WorkingDays(0) | Self::Months(0))
    }

    /// Whether it goes forward.
    pub fn is_forward(self) -> bool {
        let (Self::Days(count) | Self::WorkingDays(count) | Self::Months(count)) = self;
        count > 0
    }

    /// This and `times` more of `step`; `None` where they are of different units.
    pub fn plus(self, step: Self, times: i32) -> Option<Self> {
        match (self, step) {
            (Self::Days(a), Self::Days(b)) => Some(Self::Days(a.saturating_add(b.saturating_mul(times)))),
            (Self::WorkingDays(a), Self::WorkingDays(b)) => {
                Some(Self::WorkingDays(a.saturating_add(b.saturating_mul(times))))
            }
            (Self::Months(a), Self::Months(b)) => {
                Some(Self::Months(a.saturating_add(b.saturating_mul(times))))
            }
            (start, step) if start.is_none() => match step {
                Self::Days(b) => Some(Self::Days(b.saturating_mul(times))),
                Self::WorkingDays(b) => Some(Self::WorkingDays(b.saturating_mul(times))),
                Self::Months(b) => Some(Self::Months(b.saturating_mul(times))),
            },
            _ => None,
        }
    }
}

impl TryFrom<String> for Offset {
    type Error = OffsetError;

    fn try_from(text: String) -> Result<Self, OffsetError> {
        let plain = text.trim();
        let digits = plain.trim_start_matches(['+', '-']);
        let unit = digits.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = &plain[..plain.len() - unit.len()];
        let count = count.parse::<i32>().ok().filter(|count| count.abs() <= 9999);
        let Some(count) = count else { return Err(OffsetError(text)) };
        match unit.trim() {
            "d" => Ok(Self::Days(count)),
            "w" => Ok(Self::Days(count * 7)),
            "wd" => Ok(Self::WorkingDays(count)),
            "m" => Ok(Self::Months(count)),
            "y" => Ok(Self::Months(count * 12)),
            _ => Err(OffsetError(text)),
        }
    }
}

impl From<Offset> for String {
    fn from(offset: Offset) -> Self {
        offset.to_string()
    }
}

/// `5wd`, `10d`, `6m`; the same text for the same length.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(count) => write!(f, "{count}d"),
            Self::WorkingDays(count) => write!(f, "{count}wd"),
            Self::Months(count) => write!(f, "{count}m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, wanted) in [
            ("5wd", Offset::WorkingDays(5)),
            ("-7d", Offset::Days(-7)),
            ("+2w", Offset::Days(14)),
            ("6m", Offset::Months(6)),
            ("3y", Offset::Months(36)),
            (" 0d ", Offset::NONE),
        ] {
            assert_eq!(Offset::try_from(text.to_owned()), Ok(wanted), "{text}");
        }
        for broken in ["", "5", "d", "5 weeks", "--5d", "1.5m", "99999d", "5wd2"] {
            let error = Offset::try_from(broken.to_owned()).unwrap_err().to_string();
            assert!(error.contains("such as 5wd"), "{error}");
        }
    }

    #[test]
    fn steps_add_in_their_own_unit_only() {
        assert_eq!(Offset::Months(1).plus(Offset::Months(6), 2), Some(Offset::Months(13)));
        assert_eq!(Offset::NONE.plus(Offset::Months(6), 2), Some(Offset::Months(12)));
        assert_eq!(Offset::Days(1).plus(Offset::Months(6), 2), None);
    }
}
