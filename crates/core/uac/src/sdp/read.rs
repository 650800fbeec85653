//! The lines of a peer's description that mean something to us.

use std::fmt::Write;

use sdp_types::Session;

use super::Refusal;

/// An honest description has one or two streams; more than this would make our answer a burden.
const MOST_STREAMS: usize = 32;

pub(super) fn unusable(why: impl Into<String>) -> Refusal {
    Refusal::Unusable { why: why.into() }
}

/// Session names in any encoding, unknown lines, missing lines, repeated and empty ones, line feeds
/// alone and stray blanks: all that is evened out before the parser sees it.
pub(super) fn parse(text: &str) -> Result<Session, Refusal> {
    let mut kept = String::from("v=0\r\n");
    let mut has_connection = false;
    let mut streams = 0;
    for line in text.split(['\r', '\n']).map(str::trim) {
        let Some((kind, value)) = line.split_once('=') else { continue };
        let value = match kind {
            "m" => {
                has_connection = false;
                streams += 1;
                stream_line(value)
            }
            // Each level has one; what follows is another try of the peer to say the same.
            "c" if !std::mem::replace(&mut has_connection, true) => connection_line(value),
            "a" if !value.trim().is_empty() => value.trim().to_owned(),
            _ => continue,
        };
        // Writing to a String does not fail.
        let _ = write!(kept, "{kind}={value}\r\n");
    }
    if streams > MOST_STREAMS {
        return Err(unusable(format!("{streams} streams")));
    }
    Session::parse(kept.as_bytes()).map_err(|error| unusable(error.to_string()))
}

/// Single blanks, and a format even where a refused stream names none.
fn stream_line(value: &str) -> String {
    let mut words: Vec<&str> = value.split_whitespace().collect();
    if words.len() == 3 {
        words.push("0");
    }
    words.join(" ")
}

/// Single blanks, and nothing behind the address.
fn connection_line(value: &str) -> String {
    value.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
