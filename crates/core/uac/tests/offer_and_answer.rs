//! Session descriptions in both directions, tidy and untidy.

use std::net::SocketAddr;

use uac::sdp::{Codec, Direction, Local, Refusal, accept, answer, offer};

fn local() -> Local {
    Local { rtp: "192.0.2.1:30000".parse().unwrap(), session_id: 7, version: 3 }
}

fn audio(connection: &str, media: &str) -> String {
    format!("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n{connection}t=0 0\r\n{media}")
}

const AT: &str = "c=IN IP4 192.0.2.9\r\n";

#[test]
fn our_offer_names_both_codecs_and_events() {
    let expected = "v=0\r\no=- 7 3 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
        m=audio 30000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(offer(&local()), expected);
    let read = accept(expected).unwrap();
    assert_eq!((read.codec, read.payload_type, read.telephone_event), (Codec::Pcma, 8, Some(101)));
    let v6 = offer(&Local { rtp: "[2001:db8::1]:4000".parse().unwrap(), ..local() });
    assert!(v6.contains("c=IN IP6 2001:db8::1\r\n"), "{v6}");
}

#[test]
fn answers_are_read_as_they_are_meant() {
    let table = [
        ("static PCMU alone", audio(AT, "m=audio 4000 RTP/AVP 0\r\n"), (Codec::Pcmu, 0, None, 20)),
        (
            "events under another number",
            audio(AT, "m=audio 4000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\n"),
            (Codec::Pcma, 8, Some(96), 30),
        ),
        (
            "a dynamic number for PCMA",
            audio(AT, "m=audio 4000 RTP/AVP 118 97\r\na=rtpmap:118 pcma/8000/1\r\na=rtpmap:97 iLBC/8000\r\n"),
            (Codec::Pcma, 118, None, 20),
        ),
        (
            "events at 16 kHz are not ours",
            audio(AT, "m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/16000\r\n"),
            (Codec::Pcmu, 0, None, 20),
        ),
        ("an absurd ptime", audio(AT, "m=audio 4000 RTP/AVP 8\r\na=ptime:0\r\n"), (Codec::Pcma, 8, None, 20)),
        (
            "bare line feeds",
            audio(AT, "m=audio 4000 RTP/AVP 8\r\n").replace("\r\n", "\n"),
            (Codec::Pcma, 8, None, 20),
        ),
        (
            "no origin, no name, no time",
            format!("v=0\r\n{AT}m=audio 4000 RTP/AVP 8\r\n"),
            (Codec::Pcma, 8, None, 20),
        ),
        (
            "unknown lines",
            audio(AT, "z=?\r\nm=audio 4000 RTP/AVP 8\r\nX=y\r\na=unheard-of\r\n"),
            (Codec::Pcma, 8, None, 20),
        ),
    ];
    for (name, text, expected) in table {
        let read = accept(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!((read.codec, read.payload_type, read.telephone_event, read.ptime), expected, "{name}");
        assert_eq!(read.remote, SocketAddr::from(([192, 0, 2, 9], 4000)), "{name}");
    }
}

#[test]
fn a_session_name_in_gbk_costs_nothing() {
    let mut bytes =
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=\xbb\xd8\xb7\xc3\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n".to_vec();
    bytes.extend_from_slice(b"m=audio 4000 RTP/AVP 8\r\n");
    assert!(accept(&String::from_utf8_lossy(&bytes)).is_ok());
}

#[test]
fn holds_are_seen_from_our_side() {
    let zero = "c=IN IP4 0.0.0.0\r\n";
    let table = [
        (AT, "", Direction::SendRecv),
        (AT, "a=sendonly\r\n", Direction::RecvOnly),
        (AT, "a=recvonly\r\n", Direction::SendOnly),
        (AT, "a=inactive\r\n", Direction::Inactive),
        (zero, "", Direction::RecvOnly),
        (zero, "a=recvonly\r\n", Direction::Inactive),
    ];
    for (connection, attribute, expected) in table {
        let text = audio(connection, &format!("m=audio 4000 RTP/AVP 8\r\n{attribute}"));
        let (ours, negotiated) = answer(&text, &local()).unwrap();
        assert_eq!(negotiated.direction, expected, "{connection}{attribute}");
        let attribute = match expected {
            Direction::SendRecv => "a=sendrecv",
            Direction::SendOnly => "a=sendonly",
            Direction::RecvOnly => "a=recvonly",
            Direction::Inactive => "a=inactive",
        };
        assert!(ours.contains(attribute), "{ours}");
    }
    let session_level = audio(&format!("{AT}a=sendonly\r\n"), "m=audio 4000 RTP/AVP 8\r\n");
    assert_eq!(accept(&session_level).unwrap().direction, Direction::RecvOnly);
}

#[test]
fn what_cannot_be_used_says_why() {
    let unusable = |text: &str| matches!(accept(text), Err(Refusal::Unusable { .. }));
    assert_eq!(accept(&audio(AT, "m=audio 0 RTP/AVP 8\r\n")), Err(Refusal::Rejected));
    let g729 = accept(&audio(AT, "m=audio 4000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n"));
    assert_eq!(g729, Err(Refusal::NoCommonCodec { offered: "18".to_owned() }));
    assert!(unusable(""), "nothing at all");
    assert!(unusable(&audio(AT, "m=video 4000 RTP/AVP 8\r\n")), "no audio");
    assert!(unusable(&audio("", "m=audio 4000 RTP/AVP 8\r\n")), "no address");
    assert!(unusable(&audio("c=IN IP4 host.example\r\n", "m=audio 4000 RTP/AVP 8\r\n")), "a name");
    assert!(unusable(&audio("c=IN IP4 224.0.0.1/127\r\n", "m=audio 4000 RTP/AVP 8\r\n")), "multicast");
    assert!(unusable(&audio(AT, "m=audio 4000 RTP/SAVP 8\r\n")), "SRTP");
    assert!(unusable(&audio(AT, "m=audio sixty RTP/AVP 8\r\n")), "no port");
}

#[test]
fn of_several_streams_one_is_taken_and_the_others_refused_in_their_places() {
    let offered = audio(
        AT,
        "m=video 5000 RTP/AVP 99\r\nm=audio 4002 RTP/SAVP 8\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n",
    );
    let (ours, negotiated) = answer(&offered, &local()).unwrap();
    assert_eq!((negotiated.codec, negotiated.remote.port()), (Codec::Pcmu, 4000));
    let lines: Vec<&str> = ours.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(lines, ["m=video 0 RTP/AVP 99", "m=audio 0 RTP/SAVP 8", "m=audio 30000 RTP/AVP 0 101"]);
}
