//! The first exchange, whoever offers.

use std::net::SocketAddr;

use uac::sdp::{Codec, Direction, Local, Refusal, Session};

use super::{AT, accept, answer, audio, clear, counting, local, streams};

#[test]
fn our_offer_names_both_codecs_and_events() {
    let expected = "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
        m=audio 30000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(clear().offer(&mut counting()), expected);
    let read = accept(expected).unwrap();
    assert_eq!((read.codec, read.payload_type, read.telephone_event), (Codec::Pcma, 8, Some(101)));
    let there = Local { rtp: "[2001:db8::1]:4000".parse().unwrap(), ..local(&[]) };
    let v6 = Session::new(there).offer(&mut counting());
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
        (
            "a ptime above the most",
            audio(AT, "m=audio 4000 RTP/AVP 8\r\na=ptime:60\r\na=maxptime:40\r\n"),
            (Codec::Pcma, 8, None, 40),
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
        let (ours, negotiated) = answer(&text).unwrap();
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
    assert_eq!(accept(""), Err(Refusal::NoAudio), "nothing at all");
    assert_eq!(accept(&audio(AT, "m=video 4000 RTP/AVP 8\r\n")), Err(Refusal::NoAudio));
    assert!(unusable(&audio("", "m=audio 4000 RTP/AVP 8\r\n")), "no address");
    assert!(unusable(&audio("c=IN IP4 host.example\r\n", "m=audio 4000 RTP/AVP 8\r\n")), "a name");
    assert!(unusable(&audio("c=IN IP4 224.0.0.1/127\r\n", "m=audio 4000 RTP/AVP 8\r\n")), "multicast");
    let dtls = audio(AT, "m=audio 4000 UDP/TLS/RTP/SAVPF 8\r\n");
    assert!(accept(&dtls).unwrap_err().to_string().contains("SDES"), "keys by DTLS");
    assert!(unusable(&audio("c=IN IP6 2001:db8::9\r\n", "m=audio 4000 RTP/AVP 8\r\n")), "no way there");
    let secret = accept(&audio(AT, "m=audio 4000 RTP/SAVP 8\r\n"));
    assert_eq!(secret, Err(Refusal::Encrypted { transport: "RTP/SAVP".to_owned() }));
    assert!(unusable(&audio(AT, "m=audio sixty RTP/AVP 8\r\n")), "no port");
}

#[test]
fn of_several_streams_one_is_taken_and_the_others_refused_in_their_places() {
    let offered = audio(
        AT,
        "m=video 5000 RTP/AVP 99\r\nm=audio 4002 RTP/SAVP 8\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n",
    );
    let (ours, negotiated) = answer(&offered).unwrap();
    assert_eq!((negotiated.codec, negotiated.remote.port()), (Codec::Pcmu, 4000));
    let refused = ["m=video 0 RTP/AVP 99", "m=audio 0 RTP/SAVP 8", "m=audio 30000 RTP/AVP 0 101"];
    assert_eq!(streams(&ours), refused);
}

#[test]
fn events_have_the_number_that_each_side_gives_them() {
    let renumbered = audio(AT, "m=audio 4000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n");
    let agreed = accept(&renumbered).unwrap();
    assert_eq!((agreed.telephone_event, agreed.telephone_event_here), (Some(96), Some(101)));
    let (ours, agreed) = answer(&renumbered).unwrap();
    assert_eq!((agreed.telephone_event, agreed.telephone_event_here), (Some(96), Some(96)));
    assert!(ours.contains("a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\n"), "{ours}");
    let (ours, agreed) = answer(&audio(AT, "m=audio 4000 RTP/AVP 8\r\n")).unwrap();
    assert_eq!((agreed.telephone_event, agreed.telephone_event_here), (None, None), "none offered: {ours}");
}

#[test]
fn the_answer_keeps_the_transport_of_the_offer() {
    let (ours, _) = answer(&audio(AT, "m=audio 4000 RTP/AVPF 8\r\na=rtcp-fb:* trr-int 5000\r\n")).unwrap();
    assert_eq!(streams(&ours), ["m=audio 30000 RTP/AVPF 8"]);
}

#[test]
fn an_answer_out_of_place_is_found() {
    let shifted = audio(AT, "m=video 0 RTP/AVP 31\r\nm=audio 0 RTP/SAVP 8\r\nm=audio 4000 RTP/AVP 8\r\n");
    assert_eq!(accept(&shifted).unwrap().remote.port(), 4000);
}

#[test]
fn an_offer_of_too_many_streams_is_refused() {
    let many = audio(AT, &"m=audio 4000 RTP/AVP 8\r\n".repeat(33));
    assert!(matches!(answer(&many), Err(Refusal::Unusable { .. })));
}
