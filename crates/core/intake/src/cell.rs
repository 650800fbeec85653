//! One cell's text, and its way to a value.

use chrono::{Datelike, NaiveDate};
use records::Channel;

use crate::FaultCode;

/// Characters of a cell at most.
pub(crate) const LONGEST: usize = 500;

/// ASCII for its full-width form.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        other => other,
    }
}

fn narrow(text: &str) -> String {
    text.trim().chars().map(half_width).collect()
}

/// Trimmed; none where nothing is left.
pub(crate) fn filled(text: &str) -> Option<&str> {
    Some(text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')).filter(|text| !text.is_empty())
}

/// A text as people write it: no control characters, not endless.
pub(crate) fn plain(text: &str) -> Result<String, (FaultCode, String)> {
    let length = text.chars().count();
    if length > LONGEST {
        return Err((FaultCode::TooLong, length.to_string()));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err((FaultCode::Control, String::new()));
    }
    Ok(text
        .split(['\n', '\r', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" "))
}

/// A day, as spreadsheets and people write it.
pub(crate) fn date(text: &str) -> Result<NaiveDate, FaultCode> {
    let text = narrow(text);
    // A time of day behind it does not matter to a plan.
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"];
    let compact = (day.len() == 8).then_some("%Y%m%d");
    forms
        .into_iter()
        .chain(compact)
        .find_map(|form| NaiveDate::parse_from_str(day, form).ok())
        .filter(|date| (1900..2200).contains(&date.year()))
        .ok_or(FaultCode::Date)
}

/// Whole days, up to a year.
pub(crate) fn days(text: &str) -> Result<u16, FaultCode> {
    let text = narrow(text);
    let digits = text.trim_end_matches(['天', '日']).trim().trim_end_matches(".0");
    digits.parse().ok().filter(|days| *days <= 365).ok_or(FaultCode::Days)
}

/// Yuan, to fen: `120000.5`, `120,000.50`, `12万`, `¥300`.
pub(crate) fn amount(text: &str) -> Result<i64, FaultCode> {
    let text = narrow(text);
    let text = text.trim_start_matches(['¥', '￥']).trim_end_matches('元').trim().replace(',', "");
    let (text, scale) = match text.strip_suffix('万') {
        Some(rest) => (rest.trim(), 10_000_i64),
        None => (text.as_str(), 1),
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 {
        return Err(FaultCode::Amount);
    }
    // Millionths of a yuan: exact for everything that is written with up to six decimals.
    let whole: i64 = whole.parse().map_err(|_| FaultCode::Amount)?;
    let part: i64 = format!("{part:0<6}").parse().map_err(|_| FaultCode::Amount)?;
    let millionths = whole.checked_mul(1_000_000).and_then(|sum| sum.checked_add(part));
    let millionths = millionths.and_then(|sum| sum.checked_mul(scale)).ok_or(FaultCode::Amount)?;
    if millionths % 10_000 != 0 { Err(FaultCode::Amount) } else { Ok(millionths / 10_000) }
}

/// A BCP 47 tag of the plain shapes, or the language's name.
pub(crate) fn language(text: &str) -> Result<String, FaultCode> {
    let tag = match text.to_lowercase().as_str() {
        "中文" | "普通话" | "汉语" | "国语" | "mandarin" | "chinese" | "zh-cn" => {
            return Ok("zh".to_owned());
        }
        "英语" | "英文" | "english" => return Ok("en".to_owned()),
        "粤语" | "广东话" | "cantonese" => return Ok("yue".to_owned()),
        _ => text,
    };
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    let fits = (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if fits { Ok(tag.to_owned()) } else { Err(FaultCode::Language) }
}

/// An IANA zone.
pub(crate) fn time_zone(text: &str) -> Result<chrono_tz::Tz, FaultCode> {
    match text {
        "北京时间" | "中国" => Ok(chrono_tz::Asia::Shanghai),
        "新疆时间" | "乌鲁木齐" => Ok(chrono_tz::Asia::Urumqi),
        other => other.parse().map_err(|_| FaultCode::TimeZone),
    }
}

/// How the customer wants to be reached.
pub(crate) fn channel(text: &str) -> Result<Channel, FaultCode> {
    match text.to_lowercase().as_str() {
        "phone" | "电话" | "手机" => Ok(Channel::Phone),
        "sms" | "短信" => Ok(Channel::Sms),
        "email" | "e-mail" | "邮件" | "电子邮件" | "邮箱" => Ok(Channel::Email),
        "visit" | "上门" | "上门拜访" | "面访" => Ok(Channel::Visit),
        "letter" | "信函" | "信件" => Ok(Channel::Letter),
        _ => Err(FaultCode::Channel),
    }
}

/// Yes or no.
pub(crate) fn yes(text: &str) -> Result<bool, FaultCode> {
    match narrow(text).to_lowercase().as_str() {
        "1" | "y" | "yes" | "true" | "是" => Ok(true),
        "0" | "n" | "no" | "false" | "否" => Ok(false),
        _ => Err(FaultCode::YesNo),
    }
}

/// One to eight digits.
pub(crate) fn extension(text: &str) -> Result<String, FaultCode> {
    let text = narrow(text);
    let fits = (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(text) } else { Err(FaultCode::Extension) }
}
