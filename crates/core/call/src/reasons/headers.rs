//! Reading Reason header values (RFC 3326): `Q.850;cause=16;text="Normal call clearing"`.

/// The Q.850 cause of a header value, which may carry several reasons separated by commas.
pub(super) fn q850(value: &str) -> Option<u16> {
    split_outside_quotes(value, ',').into_iter().find_map(|reason| {
        let mut parts = split_outside_quotes(reason, ';').into_iter();
        let protocol = parts.next()?.trim();
        if !protocol.eq_ignore_ascii_case("Q.850") {
            return None;
        }
        parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("cause").then(|| value.trim().trim_matches('"').parse().ok())?
        })
    })
}

/// The codes of a Warning header value, which may carry several (RFC 3261 section 20.43): `305 host \"text\"`.
pub(super) fn warnings(value: &str) -> Vec<u16> {
    let code = |warning: &str| warning.trim().split(' ').next()?.parse::<u16>().ok();
    split_outside_quotes(value, ',')
        .into_iter()
        .filter_map(code)
        .filter(|code| (300..400).contains(code))
        .collect()
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |c| {
        let separates = c == separator && !quoted;
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && c == '\\' && !escaped;
        separates
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_warning_of_a_header_is_found() {
        for (value, codes) in [
            ("305 sbc.carrier.example \"Incompatible media format: GSM\"", vec![305]),
            ("304 a.example \"none, really\", 399 b.example \"370 is no code here\"", vec![304, 399]),
            ("Miscellaneous", vec![]),
            ("200 a.example \"not a SIP warning\"", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(warnings(value), codes, "{value}");
        }
    }

    #[test]
    fn the_cause_is_found_however_the_header_is_written() {
        for (value, cause) in [
            ("Q.850;cause=16", Some(16)),
            ("q.850 ; cause = 20 ;text=\"Subscriber absent\"", Some(20)),
            ("Q.850;text=\"busy; cause=99, SIP\";cause=17", Some(17)),
            ("SIP;cause=486;text=\"Busy Here\"", None),
            ("SIP;cause=480, Q.850;cause=1", Some(1)),
            ("Q.850;cause=\"34\"", Some(34)),
            ("Q.850;cause=abc", None),
            ("Q.850", None),
            ("", None),
        ] {
            assert_eq!(q850(value), cause, "{value}");
        }
    }
}
