//! Small words of the script: time spans, keys, what is said.

use std::time::Duration;

use serde::Deserialize;

/// A time span written as `500ms`, `2s` or `1.5s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

impl Span {
    /// Whole milliseconds.
    pub const fn ms(count: u64) -> Self {
        Self(Duration::from_millis(count))
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (number, unit) = match text.strip_suffix("ms") {
            Some(number) => (number, 0.001),
            None => (text.strip_suffix('s').unwrap_or(""), 1.0),
        };
        let seconds = number.parse::<f64>().ok().map(|n| n * unit);
        seconds
            .filter(|s| s.is_finite() && (0.0..=3600.0).contains(s))
            .map(|s| Self(Duration::from_secs_f64(s)))
            .ok_or_else(|| format!("`{text}` is no time span up to an hour; write 500ms, 2s or 1.5s"))
    }
}

/// Keys to press, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Keys(String);

impl Keys {
    /// The keys in order.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Keys {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.is_empty() && text.chars().all(|key| crate::rtp::event_code(key).is_some()) {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` are no keys; write digits, `*`, `#` or A to D in quotes, such as \"1\""))
        }
    }
}

/// What a customer says: for a time (a murmur like speech), or a clip of the script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Speech {
    /// A murmur of this length.
    Murmur(Span),
    /// A name under `clips`.
    Clip(String),
}

impl From<String> for Speech {
    fn from(text: String) -> Self {
        Span::try_from(text.clone()).map_or(Self::Clip(text), Self::Murmur)
    }
}

/// The 450 Hz tones of Chinese exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToneName {
    /// 1 s on, 4 s off.
    RingBack,
    /// 0.35 s on and off.
    Busy,
    /// 0.7 s on and off.
    Congestion,
    /// Three times 0.1 s on and off, then 0.4 s on and off.
    Unobtainable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_write_them() {
        for (text, expected) in [("500ms", 500), ("2s", 2000), ("1.5s", 1500), ("0s", 0)] {
            assert_eq!(Span::try_from(text.to_owned()), Ok(Span::ms(expected)), "{text}");
        }
        for text in ["", "2", "s", "-1s", "2h", "NaNs", "99999s"] {
            assert!(Span::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(Keys::try_from("19*#A".to_owned()).is_ok());
        assert!(Keys::try_from("1x".to_owned()).is_err());
        assert!(Keys::try_from(String::new()).is_err());
    }
}
