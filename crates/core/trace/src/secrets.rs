//! Takes out of a message what nobody needs to see: answers to digest challenges, keys of media,
//! keys that a customer pressed. Whatever is not known to be harmless goes.

use std::ops::Range;

use crate::fields::{Field, Fields};

/// Parameters of challenges and credentials that tell nothing about the password.
const HARMLESS: [&str; 10] =
    ["algorithm", "charset", "domain", "nc", "qop", "realm", "stale", "uri", "userhash", "username"];

/// Words in the name of a header whose value is a secret.
const TELLING: [&str; 8] = ["auth", "token", "secret", "passw", "cookie", "api-key", "apikey", "credential"];

/// Content types that carry pressed keys.
const KEYS: [&str; 5] = ["dtmf", "telephone-event", "kpml", "digits", "signal"];

/// Writes asterisks over them; the length stays.
pub(crate) fn remove(message: &mut [u8]) {
    let fields = Fields::of(message);
    uri_passwords(message, fields.start_line.clone());
    for field in &fields.headers {
        header(message, field);
    }
    if encoded(message, &fields) {
        blot(message, fields.body_range.clone());
    } else if pressed(message, &fields) {
        fields.body.iter().for_each(|line| keys(message, line));
    } else {
        for line in &fields.body {
            header(message, line);
            session(message, line.whole.clone());
        }
    }
    inline_keys(message);
}

/// Over everything but white space.
pub(crate) fn blot(message: &mut [u8], range: Range<usize>) {
    for byte in &mut message[range] {
        if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            *byte = b'*';
        }
    }
}

fn header(message: &mut [u8], field: &Field) {
    let name = field.name(message);
    match name.as_str() {
        "authorization" | "proxy-authorization" | "www-authenticate" | "proxy-authenticate" => {
            let scheme_end = scheme(message, field.value.clone());
            match scheme_end {
                Some(end) => parameters(message, end..field.value.end),
                None => blot(message, field.value.clone()),
            }
        }
        "authentication-info" | "proxy-authentication-info" => parameters(message, field.value.clone()),
        other if TELLING.iter().any(|word| other.contains(word)) => blot(message, field.value.clone()),
        _ => {}
    }
    uri_passwords(message, field.value.clone());
    uri_headers(message, field.value.clone());
}

/// The end of the word `Digest`, if that is the scheme.
fn scheme(message: &[u8], value: Range<usize>) -> Option<usize> {
    let begin = value.start + message[value.clone()].iter().position(|b| !b.is_ascii_whitespace())?;
    let end = begin + "Digest".len();
    let word = message.get(begin..end.min(value.end))?;
    let ends = message.get(end).is_none_or(u8::is_ascii_whitespace);
    (word.eq_ignore_ascii_case(b"Digest") && ends).then_some(end)
}

/// Parameters separated by commas: those that are harmless and well formed stay.
fn parameters(message: &mut [u8], value: Range<usize>) {
    for piece in pieces(message, value) {
        let text = &message[piece.clone()];
        let Some(equals) = text.iter().position(|b| *b == b'=') else {
            blot(message, piece);
            continue;
        };
        let name = String::from_utf8_lossy(&text[..equals]).to_ascii_lowercase();
        let name = name.split_ascii_whitespace().last().unwrap_or_default();
        let harmless = HARMLESS.contains(&name) && well_formed(text[equals + 1..].trim_ascii());
        if !harmless {
            blot(message, piece.start + equals + 1..piece.end);
        }
    }
}

/// A token, or a quoted string with nothing behind it.
fn well_formed(value: &[u8]) -> bool {
    match value {
        [b'"', inner @ .., b'"'] => !inner.iter().any(|b| matches!(b, b'"' | b'\\')),
        _ => value.iter().all(|b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'=')),
    }
}

/// Split at commas outside quotes.
fn pieces(message: &[u8], value: Range<usize>) -> Vec<Range<usize>> {
    let (mut quoted, mut escaped) = (false, false);
    let (mut found, mut start) = (Vec::new(), value.start);
    for at in value.clone() {
        match message[at] {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                found.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(start..value.end);
    found
}

/// `sip:user:password@host`.
fn uri_passwords(message: &mut [u8], within: Range<usize>) {
    let mut from = within.start;
    while let Some(user) = behind_scheme(message, from..within.end) {
        let rest = &message[user..within.end];
        let end = rest.iter().position(|b| b.is_ascii_whitespace() || b"<>\"".contains(b));
        let rest = &rest[..end.unwrap_or(rest.len())];
        let at = rest.iter().rposition(|b| *b == b'@');
        let colon = rest.iter().position(|b| *b == b':');
        if let (Some(colon), Some(at)) = (colon, at)
            && colon < at
        {
            blot(message, user + colon + 1..user + at);
        }
        from = user;
    }
}

/// Behind the next `sip:` or `sips:`.
fn behind_scheme(message: &[u8], within: Range<usize>) -> Option<usize> {
    let text = &message[within.clone()];
    (0..text.len()).find_map(|at| {
        let rest = &text[at..];
        let scheme = [&b"sip:"[..], b"sips:"].into_iter().find(|scheme| {
            rest.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
        })?;
        Some(within.start + at + scheme.len())
    })
}

/// `<sip:user@host?Authorization=…>`.
fn uri_headers(message: &mut [u8], within: Range<usize>) {
    let text = &message[within.clone()];
    let Some(mark) = text.iter().position(|b| *b == b'?') else { return };
    if find(&text[mark..], b"auth").is_some() {
        let end = text[mark..].iter().position(|b| *b == b'>').map_or(text.len(), |end| mark + end);
        blot(message, within.start + mark + 1..within.start + end);
    }
}

/// A body that is compressed, or written in another alphabet, cannot be looked through.
fn encoded(message: &[u8], fields: &Fields) -> bool {
    let whole = fields.header(message, "Content-Encoding");
    let whole = whole.is_some_and(|kind| !kind.is_empty() && !kind.eq_ignore_ascii_case(b"identity"));
    let body = &message[fields.body_range.clone()];
    whole || find(body, b"content-transfer-encoding").is_some() || find(body, b"content-encoding").is_some()
}

/// Whether the body tells keys that were pressed: its type says so, or it came in an INFO.
fn pressed(message: &[u8], fields: &Fields) -> bool {
    let kind = fields.header(message, "Content-Type").unwrap_or_default().to_ascii_lowercase();
    let names_keys = KEYS.iter().any(|word| find(&kind, word.as_bytes()).is_some());
    let info = message[fields.start_line.clone()].starts_with(b"INFO ");
    names_keys || (info && !kind.starts_with(b"application/sdp"))
}

/// `Signal=5` loses its value, and so does everything but a duration.
fn keys(message: &mut [u8], line: &Field) {
    let text = &message[line.whole.clone()];
    let equals = text.iter().position(|b| *b == b'=');
    let name = equals.map(|at| text[..at].trim_ascii().to_ascii_lowercase());
    match (equals, name.as_deref()) {
        (_, Some(b"duration")) => {}
        (Some(equals), _) => blot(message, line.whole.start + equals + 1..line.whole.end),
        _ => blot(message, line.whole.clone()),
    }
}

/// Lines of a session description that hold keys (RFC 4568, RFC 4567, RFC 8866 section 5.12,
/// RFC 8839).
fn session(message: &mut [u8], line: Range<usize>) {
    let text = message[line.clone()].to_ascii_lowercase();
    if text.starts_with(b"k=") {
        return blot(message, line.start + 2..line.end);
    }
    let Some(attribute) = text.strip_prefix(b"a=") else { return };
    let Some(colon) = attribute.iter().position(|b| *b == b':') else { return };
    let value = line.start + 2 + colon + 1..line.end;
    match attribute[..colon].trim_ascii() {
        b"crypto" => crypto(message, value),
        b"ice-pwd" => blot(message, value),
        b"key-mgmt" => {
            let words = words(message, value);
            words.iter().skip(1).for_each(|word| blot(message, word.clone()));
        }
        _ => {}
    }
}

/// `1 AES_CM_128_HMAC_SHA1_80 inline:…`: tag and suite stay.
fn crypto(message: &mut [u8], value: Range<usize>) {
    for (place, word) in words(message, value).into_iter().enumerate() {
        let text = &message[word.clone()];
        let suite = text.contains(&b'_') && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let stays = match place {
            0 => text.len() < 10 && text.iter().all(u8::is_ascii_digit),
            1 => suite,
            _ => false,
        };
        let inline = text.get(..7).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"inline:"));
        if !stays {
            blot(message, word.start + if inline { 7 } else { 0 }..word.end);
        }
    }
}

fn words(message: &[u8], within: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in within.filter(|at| !message[*at].is_ascii_whitespace()) {
        match found.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

/// Keys of RFC 4568 wherever else they stand.
fn inline_keys(message: &mut [u8]) {
    let mut from = 0;
    while let Some(found) = find(&message[from..], b"inline:") {
        let key = from + found + "inline:".len();
        let length = message[key..].iter().position(|b| b.is_ascii_whitespace() || b"|;\"<>".contains(b));
        let end = length.map_or(message.len(), |length| key + length);
        blot(message, key..end);
        from = key;
    }
}

/// Without regard to case; `needle` in lower case.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}
