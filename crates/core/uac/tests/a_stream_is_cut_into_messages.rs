//! Framing on streams, whatever pieces the bytes come in.

use proptest::prelude::*;
use uac::framing::{Frame, Framer, LARGEST, LARGEST_HEAD, Unframed};

fn message(body: &[u8]) -> Vec<u8> {
    let head = format!("OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn frames(framer: &mut Framer) -> Result<Vec<Frame>, Unframed> {
    std::iter::from_fn(|| framer.cut().transpose()).collect()
}

fn read(bytes: &[u8]) -> Result<Vec<Frame>, Unframed> {
    let mut framer = Framer::default();
    framer.push(bytes);
    frames(&mut framer)
}

proptest! {
    #[test]
    fn any_split_gives_the_same_messages(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..6),
        cuts in prop::collection::vec(1_usize..40, 1..60),
    ) {
        let sent: Vec<Vec<u8>> = bodies.iter().map(|body| message(body)).collect();
        let stream = sent.concat();
        let mut framer = Framer::default();
        let mut seen = Vec::new();
        let (mut rest, mut cuts) = (stream.as_slice(), cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            framer.push(piece);
            seen.extend(frames(&mut framer).unwrap());
            rest = after;
        }
        let expected: Vec<Frame> = sent.into_iter().map(Frame::Message).collect();
        prop_assert_eq!(seen, expected);
        prop_assert!(!framer.is_within_message());
    }
}

#[test]
fn keep_alives_stand_between_messages() {
    let one = message(b"");
    let table: [(&[&[u8]], Vec<Frame>); 5] = [
        (&[b"\r\n\r\n"], vec![Frame::Ping]),
        (&[b"\r\n"], vec![Frame::Pong]),
        (&[b"\r\n", b"\r\n"], vec![Frame::Pong, Frame::Ping]),
        (&[b"\r", b"\n\r\n", &one], vec![Frame::Ping, Frame::Message(one.clone())]),
        (&[b"\r\n", &one, b"\r\n"], vec![Frame::Pong, Frame::Message(one.clone()), Frame::Pong]),
    ];
    for (pieces, expected) in table {
        let mut framer = Framer::default();
        let mut seen = Vec::new();
        for piece in pieces {
            framer.push(piece);
            seen.extend(frames(&mut framer).unwrap());
        }
        assert_eq!(seen, expected, "{pieces:?}");
    }
}

#[test]
fn what_has_no_certain_end_breaks_the_stream() {
    let with = |line: &str| format!("OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\n{line}\r\n\r\n").into_bytes();
    let table = [
        (with("Subject: none"), Err(Unframed::NoLength)),
        (with("Content-Length: many"), Err(Unframed::Length)),
        (with("Content-Length: -1"), Err(Unframed::Length)),
        (with("Content-Length:"), Err(Unframed::Length)),
        (with("Content-Length: 0\r\nl: 0"), Err(Unframed::Length)),
        (with("Content-Length: 65535"), Err(Unframed::TooLarge)),
        (with("Content-Length: 99999999999999999999999"), Err(Unframed::TooLarge)),
        (with(&format!("Subject: {}", "x".repeat(LARGEST_HEAD))), Err(Unframed::Head)),
        (vec![b'x'; LARGEST_HEAD + 1], Err(Unframed::Head)),
        (vec![b'x'; LARGEST_HEAD], Ok(0)),
        (with("l : 0"), Ok(1)),
        (with("Content-Length:\r\n 0"), Ok(1)),
    ];
    for (bytes, expected) in table {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        assert_eq!(read(&bytes).map(|frames| frames.len()), expected, "{shown}");
    }
}

#[test]
fn the_largest_message_fits() {
    let head = message(b"").len() + 4;
    let largest = message(&vec![b'x'; LARGEST - head]);
    assert_eq!(largest.len(), LARGEST);
    assert_eq!(read(&largest), Ok(vec![Frame::Message(largest)]));
}
