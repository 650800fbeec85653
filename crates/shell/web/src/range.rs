//! Byte ranges of RFC 9110 section 14, for players that seek.

/// What part of a representation is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// No range, or one that is to be ignored.
    Whole,
    /// First and last byte, both inclusive.
    Bytes { first: u64, last: u64 },
    /// No byte of it exists.
    Unsatisfiable,
}

/// Reads a `Range` header against a length. Several ranges, other units and broken ones are ignored, as the RFC allows.
pub(crate) fn part(header: Option<&str>, total: u64) -> Part {
    header.and_then(spec).map_or(Part::Whole, |spec| spec.resolve(total))
}

enum Spec {
    From { first: u64, last: Option<u64> },
    Suffix(u64),
}

fn spec(header: &str) -> Option<Spec> {
    let (unit, set) = header.split_once('=')?;
    let (first, last) = set.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return None;
    }
    match (first.trim(), last.trim()) {
        ("", last) => digits(last).map(Spec::Suffix),
        (first, "") => Some(Spec::From { first: digits(first)?, last: None }),
        (first, last) => {
            let (first, last) = (digits(first)?, digits(last)?);
            (first <= last).then_some(Spec::From { first, last: Some(last) })
        }
    }
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

impl Spec {
    fn resolve(self, total: u64) -> Part {
        match self {
            Self::From { first, .. } if first >= total => Part::Unsatisfiable,
            Self::From { first, last } => {
                Part::Bytes { first, last: last.unwrap_or(u64::MAX).min(total - 1) }
            }
            Self::Suffix(length) if length == 0 || total == 0 => Part::Unsatisfiable,
            Self::Suffix(length) => Part::Bytes { first: total.saturating_sub(length), last: total - 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_a_thousand_bytes() {
        let bytes = |first, last| Part::Bytes { first, last };
        for (header, expected) in [
            ("bytes=0-", bytes(0, 999)),
            ("bytes=0-0", bytes(0, 0)),
            ("bytes=500-599", bytes(500, 599)),
            ("bytes=500-5000", bytes(500, 999)),
            ("Bytes = 500-599", bytes(500, 599)),
            ("bytes=-1", bytes(999, 999)),
            ("bytes=-5000", bytes(0, 999)),
            ("bytes=999-", bytes(999, 999)),
            ("bytes=1000-", Part::Unsatisfiable),
            ("bytes=1000-2000", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=99999999999999999999-", Part::Whole),
            ("items=0-5", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(part(Some(header), 1000), expected, "{header}");
        }
        assert_eq!(part(None, 1000), Part::Whole);
    }

    #[test]
    fn an_empty_file_has_no_range() {
        for header in ["bytes=0-", "bytes=-1", "bytes=0-0"] {
            assert_eq!(part(Some(header), 0), Part::Unsatisfiable, "{header}");
        }
    }
}
