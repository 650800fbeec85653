//! Telephone numbers in E.164, parsed once at the door.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An E.164 number such as `+8613800138000`. `Display` masks it; [`Number::e164`] is for the wire and the store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(String);

/// Why a text is not a number that may be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not a telephone number at all.
    #[error("\"{0}\" is not a telephone number: give it as +8613800138000, 013800138000 or 010-88886666")]
    Unreadable(String),
    /// Right form, but no such number can exist in its country.
    #[error("\"{0}\" is too long, too short or of an unassigned range: check the digits with the customer")]
    Impossible(String),
    /// The police, the fire brigade, an ambulance.
    #[error("\"{0}\" is an emergency number: give the customer's own number")]
    Emergency(String),
    /// A company's short number.
    #[error("\"{0}\" is a short service number, nobody's telephone: give the customer's own number")]
    Service(String),
    /// Calls to it cost extra.
    #[error("\"{0}\" is a premium-rate number: give the customer's own number")]
    Premium(String),
}

/// Those of China, and those that every telephone knows (3GPP TS 22.101).
const EMERGENCY: [&str; 9] = ["110", "119", "120", "122", "12110", "12395", "112", "911", "999"];

/// Calls to these cost extra; the library's rules lack those of some carriers.
const PREMIUM: [&str; 2] = ["160", "168"];

impl Number {
    /// Parses the number of somebody who is to be called, with its extension apart: neither an emergency number, nor a
    /// short service number, nor one that costs extra.
    pub fn of_person(text: &str) -> Result<(Self, Option<String>), NumberError> {
        let plain: String = text.trim().chars().map(half_width).collect();
        let (main, extension) = split_extension(&plain);
        let digits: String = main.chars().filter(char::is_ascii_digit).collect();
        let local = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86")).unwrap_or(&digits);
        if EMERGENCY.contains(&local) || EMERGENCY.contains(&digits.as_str()) {
            return Err(NumberError::Emergency(text.to_owned()));
        }
        if PREMIUM.iter().any(|prefix| local.starts_with(prefix)) && matches!(local.len(), 5..=8) {
            return Err(NumberError::Premium(text.to_owned()));
        }
        let given_back = |error| match error {
            NumberError::Impossible(_) => NumberError::Impossible(text.to_owned()),
            _ => NumberError::Unreadable(text.to_owned()),
        };
        let (number, parsed) = Self::read(main).map_err(given_back)?;
        if number.0.strip_prefix("+86").is_some_and(|rest| rest.len() < 9) {
            return Err(NumberError::Service(text.to_owned()));
        }
        if parsed.is_some_and(|parsed| costs_extra(&parsed)) {
            return Err(NumberError::Premium(text.to_owned()));
        }
        Ok((number, extension))
    }

    /// Parses a number as people write it in China: full-width digits, spaces, `+86`, `0086`, a leading 0.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        Self::read(text).map(|(number, _)| number)
    }

    /// With what the library made of it, where it had to be asked: most numbers are mobiles, and a list has a million.
    fn read(text: &str) -> Result<(Self, Option<phonenumber::PhoneNumber>), NumberError> {
        let plain: String = text.trim().chars().map(half_width).collect();
        let plain = plain.strip_prefix("00").map_or(plain.clone(), |rest| format!("+{rest}"));
        if let Some(known) = short_number(&plain).or_else(|| mobile(&plain)) {
            return Ok((Self(format!("+86{known}")), None));
        }
        let parsed = phonenumber::parse(Some(phonenumber::country::Id::CN), &plain)
            .map_err(|_| NumberError::Unreadable(text.to_owned()))?;
        if !phonenumber::is_valid(&parsed) {
            return Err(NumberError::Impossible(text.to_owned()));
        }
        Ok((Self(parsed.format().mode(phonenumber::Mode::E164).to_string()), Some(parsed)))
    }

    /// Reads back what [`Number::e164`] gave: a plus and six to fifteen digits, the first no zero. Whether such a number
    /// can exist was looked at when it was parsed.
    pub fn from_e164(text: &str) -> Result<Self, NumberError> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let fits = (6..=15).contains(&digits.len())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && !digits.starts_with('0');
        fits.then(|| Self(text.to_owned())).ok_or_else(|| NumberError::Unreadable(text.to_owned()))
    }

    /// Parses a caller's number as trunks write it: also without its area code, where the caller is of ours, and with
    /// the country code but no sign.
    pub fn of_caller(text: &str, area_code: Option<&str>) -> Option<Self> {
        let local = area_code.filter(|_| matches!(text.len(), 7 | 8) && !text.starts_with(['0', '1', '+']));
        if let Some(area_code) = local {
            return Self::parse(&format!("{area_code}{text}")).ok();
        }
        Self::parse(text).or_else(|_| Self::parse(&format!("+{text}"))).ok()
    }

    /// The whole number, for the wire and the store; never for a log.
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The national form that Chinese carriers expect in a request URI: mobiles, 400 and 800 numbers and short
    /// numbers such as 95588 bare, landlines with 0, numbers abroad with 00.
    pub fn national(&self) -> String {
        match self.0.strip_prefix("+86") {
            Some(rest) if self.is_chinese_mobile() || has_no_area(rest) => rest.to_owned(),
            Some(rest) => format!("0{rest}"),
            None => format!("00{}", &self.0[1..]),
        }
    }

    /// A mobile of mainland China: eleven digits that begin with 13 to 19.
    pub fn is_chinese_mobile(&self) -> bool {
        self.0.strip_prefix("+861").is_some_and(|rest| rest.len() == 10 && rest.as_bytes()[0] >= b'3')
    }
}

fn costs_extra(parsed: &phonenumber::PhoneNumber) -> bool {
    parsed.number_type(&phonenumber::metadata::DATABASE) == phonenumber::Type::PremiumRate
}

/// Eleven digits of a range that is given to mobiles for certain; in the others the library decides.
fn mobile(plain: &str) -> Option<&str> {
    let digits = plain.strip_prefix("+86").unwrap_or(plain);
    let sure = match digits.get(..3)?.as_bytes() {
        [b'1', b'3' | b'8', _] => true,
        [b'1', b'5' | b'9', third] => matches!(third, b'0'..=b'3' | b'5'..=b'9'),
        [b'1', b'7', third] => matches!(third, b'1'..=b'3' | b'5'..=b'8'),
        _ => false,
    };
    let fits = sure && digits.len() == 11 && digits.bytes().all(|digit| digit.is_ascii_digit());
    fits.then_some(digits)
}

/// Service numbers of companies, which the library's rules do not hold: 95xxx to 95xxxxxx, 96xxx, 10xxx to 12xxx.
/// Emergency numbers have three digits and are none of these.
fn short_number(plain: &str) -> Option<&str> {
    let digits = plain.strip_prefix("+86").unwrap_or(plain);
    let fits = match digits.get(..2)? {
        "95" => (5..=8).contains(&digits.len()),
        "96" => (5..=6).contains(&digits.len()),
        "10" | "11" | "12" => digits.len() == 5,
        _ => false,
    };
    (fits && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(digits)
}

/// `010-88886666-801`, `010-88886666转801`, `… ext. 801`: the number, and what is keyed behind it.
fn split_extension(plain: &str) -> (&str, Option<String>) {
    let lower = plain.to_ascii_lowercase();
    for mark in ["转分机", "分机号", "分机", "转", "extension", "ext.", "ext", "x", "#", "*", ","] {
        if let Some(at) = lower.find(mark)
            && at > 0
        {
            return parted(plain, at, at + mark.len());
        }
    }
    let groups: Vec<&str> = plain.split('-').collect();
    let landline = |area: &str, local: &str| {
        area.starts_with('0') && matches!(area.len(), 3 | 4) && matches!(local.len(), 7 | 8)
    };
    match groups.as_slice() {
        [area, local, _] if landline(area, local) => {
            let at = area.len() + 1 + local.len();
            parted(plain, at, at + 1)
        }
        _ => (plain, None),
    }
}

/// Both sides of a mark; the whole where what follows is no extension.
fn parted(plain: &str, at: usize, behind: usize) -> (&str, Option<String>) {
    let extension = plain[behind..].trim_matches([' ', ':', '.', '-', '#']);
    let fits = (1..=8).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_digit());
    if fits { (plain[..at].trim(), Some(extension.to_owned())) } else { (plain, None) }
}

/// 400 and 800 numbers, and short ones: 95xxx, 96xxx, 1xxxx. The shortest with an area code have nine digits.
fn has_no_area(national: &str) -> bool {
    let toll_free = national.len() == 10 && (national.starts_with("400") || national.starts_with("800"));
    toll_free || national.len() < 9
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        '＋' => '+',
        '－' | '—' | '–' => '-',
        '　' => ' ',
        '（' => '(',
        '）' => ')',
        other => other,
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Number {
    type Error = NumberError;

    fn try_from(text: String) -> Result<Self, NumberError> {
        Self::parse(&text)
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.len().saturating_sub(8).max(3).min(self.0.len());
        let tail = self.0.len().saturating_sub(4).max(shown);
        write!(f, "{}****{}", &self.0[..shown], &self.0[tail..])
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_parsed_is_read_back_and_nothing_else() {
        for written in ["13800138000", "010-88886666", "95588", "+442071838750"] {
            let number = Number::parse(written).unwrap();
            assert_eq!(Number::from_e164(number.e164()), Ok(number));
        }
        for other in ["", "+", "13800138000", "+0123456789", "+86 13800138000", "+12345", "+1234567890123456"]
        {
            assert!(Number::from_e164(other).is_err(), "{other}");
        }
    }

    #[test]
    fn numbers_as_people_write_them_become_e164() {
        for (written, expected) in [
            ("13800138000", "+8613800138000"),
            ("013800138000", "+8613800138000"),
            ("+86 138 0013 8000", "+8613800138000"),
            ("008613800138000", "+8613800138000"),
            ("１３８００１３８０００", "+8613800138000"),
            ("010-88886666", "+861088886666"),
            ("（021）6234 5678", "+862162345678"),
            ("400-810-1234", "+864008101234"),
            ("95588", "+8695588"),
            ("+8610086", "+8610086"),
        ] {
            assert_eq!(Number::parse(written).unwrap().e164(), expected, "{written}");
        }
    }

    #[test]
    fn what_is_a_mobile_for_certain_is_one_for_the_library_too() {
        let all = (130..200).flat_map(|range| (0..100).map(move |next| format!("{range}{next:02}123456")));
        let mut sure = 0;
        for text in all.filter(|text| mobile(text).is_some()) {
            let parsed = phonenumber::parse(Some(phonenumber::country::Id::CN), &text).unwrap();
            assert!(phonenumber::is_valid(&parsed), "{text}");
            assert!(!costs_extra(&parsed), "{text}");
            let e164 = parsed.format().mode(phonenumber::Mode::E164).to_string();
            assert_eq!(Number::parse(&text).unwrap().e164(), e164);
            sure += 1;
        }
        assert!(sure > 4_000, "only {sure} of 7000 ranges are known");
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_text_that_was_given() {
        for broken in ["", "abc", "1380013800", "138001380001234", "+86", "110", "+86120", "95", "9558x"] {
            let error = Number::parse(broken).unwrap_err();
            assert!(error.to_string().contains(broken), "{error}");
        }
    }

    #[test]
    fn a_callers_number_is_found_in_every_form_of_a_trunk() {
        for (written, area_code, expected) in [
            ("13800138000", None, Some("+8613800138000")),
            ("+8613800138000", Some("010"), Some("+8613800138000")),
            ("8613800138000", None, Some("+8613800138000")),
            ("01088886666", Some("021"), Some("+861088886666")),
            ("88886666", Some("010"), Some("+861088886666")),
            ("88886666", None, None),
            ("8001", Some("010"), None),
        ] {
            let number = Number::of_caller(written, area_code);
            assert_eq!(number.as_ref().map(Number::e164), expected, "{written}");
        }
    }

    #[test]
    fn display_and_debug_hide_the_middle() {
        let number = Number::parse("13800138000").unwrap();
        assert_eq!(number.to_string(), "+86138****8000");
        assert_eq!(format!("{number:?}"), "+86138****8000");
    }

    #[test]
    fn the_national_form_is_what_a_chinese_trunk_expects() {
        assert_eq!(Number::parse("+8613800138000").unwrap().national(), "13800138000");
        assert_eq!(Number::parse("010-88886666").unwrap().national(), "01088886666");
    }
}
