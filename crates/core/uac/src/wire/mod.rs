//! Bytes to messages and back. Tolerant where carriers are careless (bare LF, folds, compact
//! names, text that is not UTF-8, no Content-Length on UDP), strict where a message is unsafe.

mod head;
mod limits;
mod malformed;
mod read;
mod salvage;
mod write;

pub use limits::Limits;
pub use malformed::Malformed;
pub use read::{parse, parse_within};
pub use salvage::salvage;
pub use write::{request_bytes, response_bytes, to_bytes};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    const MANDATORY: &str = "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=f\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n";

    #[test]
    fn careless_but_clear_messages_are_taken() {
        let compact = "\r\nBYE sip:b@h SIP/2.0\nv: SIP/2.0/UDP h;branch=z9hG4bK1\nf: <sip:a@h>\n ;tag=f\nt : <sip:b@h>\ni: c\nCSeq: 1  BYE\n\nbody";
        let message = parse(compact.as_bytes()).unwrap();
        let Message::Request(request) = message else { panic!("a request") };
        assert_eq!(request.headers.first("Call-ID"), Some("c"));
        assert_eq!(request.headers.from_tag().as_deref(), Some("f"));
        assert_eq!(request.body, b"body", "no Content-Length: the datagram ends the body");
    }

    #[test]
    fn text_that_is_not_utf8_costs_nothing_but_itself() {
        let mut text = b"SIP/2.0 480 \xc4\xfa\xba\xc3\r\n".to_vec();
        text.extend_from_slice(MANDATORY.as_bytes());
        text.extend_from_slice(
            b"Reason: Q.850;cause=20;text=\"\xb9\xd8\xbb\xfa\"\r\nContent-Length: 0\r\n\r\n",
        );
        let Message::Response(response) = parse(&text).unwrap() else { panic!("a response") };
        assert_eq!(response.status, 480);
        assert_eq!(crate::reason::q850(&crate::reason::raw(&response.headers)), Some(20));
    }

    #[test]
    fn unsafe_messages_are_refused() {
        let with = |start: &str, more: &str| format!("{start}\r\n{MANDATORY}{more}\r\n").into_bytes();
        let bye = |more: &str| with("BYE sip:b@h SIP/2.0", more);
        let without = |name: &str| {
            let kept = MANDATORY.split_inclusive('\n').filter(|line| !line.starts_with(name));
            format!("BYE sip:b@h SIP/2.0\r\n{}\r\n", kept.collect::<String>()).into_bytes()
        };
        let swapped = |from: &str, to: &str| {
            format!("BYE sip:b@h SIP/2.0\r\n{MANDATORY}\r\n").replace(from, to).into_bytes()
        };
        let table = [
            (with("BYE sip:b@h SIP/3.0", ""), Malformed::Version),
            (with("SIP/3.0 200 OK", ""), Malformed::Version),
            (with("BYE sip:b@h", ""), Malformed::StartLine),
            (with("BYE sip:b@h HTTP/2.0", ""), Malformed::StartLine),
            (with("BYE\r sip:b@h SIP/2.0", ""), Malformed::StartLine),
            (with("SIP/2.0 99 x", ""), Malformed::StartLine),
            (with("SIP/2.0 +20 x", ""), Malformed::StartLine),
            (with("SIP/2.0 700 x", ""), Malformed::StartLine),
            (with("BYE b SIP/2.0", ""), Malformed::Uri),
            (with(&format!("BYE sip:{}@h SIP/2.0", "b".repeat(3_000)), ""), Malformed::UriTooLong),
            (with("INVITE sip:b@h SIP/2.0", ""), Malformed::Method),
            (bye("To: <sip:x@h>\r\n"), Malformed::Mandatory),
            (bye("t: <sip:x@h>\r\n"), Malformed::Mandatory),
            (without("From"), Malformed::Mandatory),
            (without("Call-ID"), Malformed::Mandatory),
            (without("Via"), Malformed::Via),
            (swapped("branch=z9hG4bK1", "branch=z9hG4bK"), Malformed::Via),
            (swapped("SIP/2.0/UDP h", "UDP h"), Malformed::Via),
            (swapped("CSeq: 1", "CSeq: +1"), Malformed::Mandatory),
            (swapped("CSeq: 1", "CSeq: 4294967296"), Malformed::Mandatory),
            (bye("Content-Length: 9\r\n"), Malformed::Length),
            (bye("Content-Length: -1\r\n"), Malformed::Length),
            (bye("Content-Length: +0\r\n"), Malformed::Length),
            (bye("Content-Length: 0\r\nl: 0\r\n"), Malformed::Length),
            (bye("nonsense\r\n"), Malformed::Header),
            (bye("no token: x\r\n"), Malformed::Header),
            (bye("X: a\rb\r\n"), Malformed::Header),
            (format!("BYE sip:b@h SIP/2.0\r\n{MANDATORY}").into_bytes(), Malformed::Unfinished),
            (b"BYE sip:b@h SIP/2.0\r\n  folded: nothing\r\n\r\n".to_vec(), Malformed::Header),
            (bye("Contact: sip:a@b?x=y\r\n"), Malformed::Contact),
            (b"\r\n\r\n".to_vec(), Malformed::StartLine),
        ];
        for (text, refusal) in table {
            assert_eq!(parse(&text), Err(refusal), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn what_is_too_much_is_refused_and_what_is_just_allowed_is_not() {
        let with = |more: &str, body: usize| {
            format!("BYE sip:b@h SIP/2.0\r\n{MANDATORY}{more}\r\n{}", "b".repeat(body)).into_bytes()
        };
        let limits = Limits::default();
        let hops =
            |name: &str, number: usize| format!("{name}: {}\r\n", vec!["<sip:h;lr>"; number].join(", "));
        let vias = |number: usize| "Via: SIP/2.0/UDP h\r\n".repeat(number);
        let table = [
            (with(&"X: y\r\n".repeat(limits.headers - 5), 0), Ok(())),
            (with(&"X: y\r\n".repeat(limits.headers - 4), 0), Err(Malformed::TooLarge)),
            (with(&format!("X: {}\r\n", "y".repeat(limits.value)), 0), Ok(())),
            (with(&format!("X: {}\r\n", "y".repeat(limits.value + 1)), 0), Err(Malformed::TooLarge)),
            (with(&format!("X: y\r\n{}", " z\r\n".repeat(limits.value / 2)), 0), Err(Malformed::TooLarge)),
            (with(&hops("Route", limits.hops), 0), Ok(())),
            (with(&hops("Route", limits.hops + 1), 0), Err(Malformed::TooLarge)),
            (with(&hops("Record-Route", limits.hops + 1), 0), Err(Malformed::TooLarge)),
            (with(&hops("Contact", limits.hops + 1), 0), Err(Malformed::TooLarge)),
            (with(&vias(limits.hops - 1), 0), Ok(())),
            (with(&vias(limits.hops), 0), Err(Malformed::TooLarge)),
            (with("", limits.body), Ok(())),
            (with("", limits.body + 1), Err(Malformed::BodyTooLarge)),
            (with("", limits.message), Err(Malformed::TooLarge)),
        ];
        for (text, verdict) in table {
            let text_start = String::from_utf8_lossy(&text[..200.min(text.len())]).into_owned();
            assert_eq!(parse(&text).map(drop), verdict, "{text_start}");
        }
    }

    #[test]
    fn the_canonical_form_reads_back_the_same_and_holds_no_smuggled_lines() {
        let mut message = parse(format!("BYE sip:b@h SIP/2.0\r\n{MANDATORY}\r\n").as_bytes()).unwrap();
        assert_eq!(parse(&to_bytes(&message)).as_ref(), Ok(&message));
        let Message::Request(request) = &mut message else { panic!("a request") };
        request.headers.push("Reason", "x\r\nEvil: 1");
        let again = parse(&request_bytes(request)).unwrap();
        assert_eq!(again.headers().first("Evil"), None);
    }
}
