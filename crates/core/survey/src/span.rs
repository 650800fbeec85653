//! Lengths of time as people write them: `500ms`, `3s`, `2m`.

use std::time::Duration;

/// Reads `500ms`, `3s` or `2m`; nothing for anything else.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().ok()?;
    match unit.trim() {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" | "min" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn a_length_of_time_has_a_number_and_a_unit() {
        let cases = [
            ("500ms", Some(Duration::from_millis(500))),
            ("3s", Some(Duration::from_secs(3))),
            ("3 s", Some(Duration::from_secs(3))),
            ("2m", Some(Duration::from_mins(2))),
            ("2min", Some(Duration::from_mins(2))),
            ("3", None),
            ("s", None),
            ("-3s", None),
            ("1.5s", None),
            ("3h", None),
            ("99999999999999999999s", None),
            ("18446744073709551615m", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
