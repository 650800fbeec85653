//! Programs that search the Internet for SIP servers to abuse, by the names they go under.

use crate::message::Request;

/// Parts of names, in lower case. Whoever writes another name is still a stranger.
const NAMES: [&str; 10] = [
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sundayddr",
    "sip-scan",
    "sipscan",
    "siparmyknife",
    "sipcli",
    "vaxsipuseragent",
    "pplsip",
];

/// Whether a request names one of them in User-Agent, From, To or Contact.
pub fn is_scanner(request: &Request) -> bool {
    let named = |value: &str| {
        let value = value.to_ascii_lowercase();
        NAMES.iter().any(|name| value.contains(name))
    };
    ["User-Agent", "From", "To", "Contact"]
        .iter()
        .any(|header| request.headers.first(header).is_some_and(named))
}
