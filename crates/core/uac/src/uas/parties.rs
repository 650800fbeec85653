//! Who calls, which number was called, and over whom the call was diverted, as a trusted trunk says it.

use crate::address::NameAddr;
use crate::message::{Headers, Request};

/// The parties of an inbound call; numbers as the trunk writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parties {
    /// The caller, from P-Asserted-Identity (RFC 3325), else From; `None` when withheld.
    pub caller: Option<String>,
    /// The number called: the user of the Request-URI, else of To.
    pub called: Option<String>,
    /// The number that the call was diverted from last (RFC 5806).
    pub diverted_from: Option<String>,
}

impl Parties {
    /// Reads them from an INVITE of a trunk that is trusted to assert identities.
    pub fn of(invite: &Request) -> Self {
        let headers = &invite.headers;
        let to = headers.first("To").and_then(NameAddr::parse).map(|to| to.uri);
        Self {
            caller: caller(headers),
            called: number_of(&invite.uri).or_else(|| to.as_deref().and_then(number_of)),
            diverted_from: headers.list("Diversion").first().and_then(|value| number_in(value)),
        }
    }
}

/// The privacy asked for is kept though the trunk tells us more (RFC 3323 section 4.2).
fn caller(headers: &Headers) -> Option<String> {
    let privacy = headers.list("Privacy").join(";").to_ascii_lowercase();
    if privacy.split(';').any(|wish| ["id", "user", "header"].contains(&wish.trim())) {
        return None;
    }
    let asserted = headers.list("P-Asserted-Identity");
    match asserted.iter().find_map(|value| number_in(value)) {
        Some(number) => Some(number),
        None => number_in(headers.first("From")?),
    }
}

fn number_in(value: &str) -> Option<String> {
    number_of(&NameAddr::parse(value)?.uri)
}

/// The number in a sip or tel URI, without separators; `None` for a name, `anonymous` among them.
fn number_of(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let user = match scheme.to_ascii_lowercase().as_str() {
        "tel" => rest,
        "sip" | "sips" => rest.rsplit_once('@')?.0,
        _ => return None,
    };
    let (number, params) = user.split_once(';').unwrap_or((user, ""));
    let number: String =
        number.replace("%2B", "+").replace("%2b", "+").chars().filter(|c| !"-. ()".contains(*c)).collect();
    let dialled = !number.is_empty()
        && number.chars().enumerate().all(|(at, c)| c.is_ascii_digit() || (at == 0 && c == '+'));
    dialled.then(|| with_context(number, params))
}

/// A local number with its global context is global (RFC 3966 section 5.1.5).
fn with_context(number: String, params: &str) -> String {
    let context = params.split(';').find_map(|param| param.trim().strip_prefix("phone-context="));
    match context.filter(|context| context.starts_with('+') && !number.starts_with('+')) {
        Some(context) => {
            let context: String = context.chars().filter(|c| *c == '+' || c.is_ascii_digit()).collect();
            format!("{context}{}", number.strip_prefix('0').unwrap_or(&number))
        }
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Method;

    type Lines<'a> = &'a [(&'a str, &'a str)];

    fn invite(uri: &str, lines: &[(&str, &str)]) -> Request {
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(name, *value);
        }
        Request { method: Method::Invite, uri: uri.to_owned(), headers, body: Vec::new() }
    }

    fn caller_of(lines: &[(&str, &str)]) -> Option<String> {
        Parties::of(&invite("sip:4008001234@us", lines)).caller
    }

    #[test]
    fn the_asserted_identity_goes_before_from() {
        let from = ("From", "\"x\" <sip:01088886666@peer>;tag=1");
        let table: [(Lines<'_>, Option<&str>); 8] = [
            (&[from], Some("01088886666")),
            (&[from, ("P-Asserted-Identity", "<tel:+86-138-0013-8000>")], Some("+8613800138000")),
            (
                &[from, ("P-Asserted-Identity", "<sip:name@peer>, <sip:13800138000;cpc=x@peer;user=phone>")],
                Some("13800138000"),
            ),
            (&[("From", "<sip:%2B8613800138000@peer>;tag=1")], Some("+8613800138000")),
            (&[("From", "<sip:anonymous@anonymous.invalid>;tag=1")], None),
            (
                &[
                    ("From", "<sip:anonymous@anonymous.invalid>;tag=1"),
                    ("P-Asserted-Identity", "<tel:13800138000>"),
                    ("Privacy", "id;critical"),
                ],
                None,
            ),
            (&[("From", "<sip:88886666;phone-context=+8610@peer>;tag=1")], Some("+861088886666")),
            (&[("From", "<sip:peer>;tag=1")], None),
        ];
        for (lines, expected) in table {
            assert_eq!(caller_of(lines).as_deref(), expected, "{lines:?}");
        }
    }

    #[test]
    fn called_and_diverting_numbers_are_read_where_they_stand() {
        let parties = Parties::of(&invite(
            "sip:us.example",
            &[
                ("From", "<sip:13800138000@peer>;tag=1"),
                ("To", "<sip:4008001234@peer>"),
                ("Diversion", "<sip:01066668888@peer>;reason=no-answer, <sip:1@peer>"),
            ],
        ));
        assert_eq!(parties.called.as_deref(), Some("4008001234"));
        assert_eq!(parties.diverted_from.as_deref(), Some("01066668888"));
        assert_eq!(Parties::of(&invite("tel:4008001234", &[])).called.as_deref(), Some("4008001234"));
    }
}
