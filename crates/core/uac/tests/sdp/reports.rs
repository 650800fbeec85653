//! Where RTCP goes: the next port, another one by `a=rtcp` (RFC 3605), or the media's own by `a=rtcp-mux` (RFC 5761).

use super::{AT, accept, answer, audio};
use uac::sdp::Rtcp;

fn at(text: &str) -> Rtcp {
    Rtcp::At(text.parse().unwrap())
}

#[test]
fn reports_go_to_the_port_above_or_to_the_one_that_is_named() {
    let table = [
        ("", Some(at("192.0.2.9:4001"))),
        ("a=rtcp:5003\r\n", Some(at("192.0.2.9:5003"))),
        ("a=rtcp:5003 IN IP4 192.0.2.77\r\n", Some(at("192.0.2.77:5003"))),
        ("a=rtcp:5003 IN IP6 2001:db8::1\r\n", None),
        ("a=rtcp:none\r\n", None),
        ("a=rtcp:0\r\n", None),
    ];
    for (line, rtcp) in table {
        let description = audio(AT, &format!("m=audio 4000 RTP/AVP 8\r\n{line}"));
        assert_eq!(accept(&description).unwrap().rtcp, rtcp, "{line:?}");
        let (ours, negotiated) = answer(&description).unwrap();
        assert_eq!(negotiated.rtcp, rtcp, "{line:?}");
        assert!(!ours.contains("rtcp"), "{ours}");
    }
    let highest = audio(AT, "m=audio 65535 RTP/AVP 8\r\n");
    assert_eq!(accept(&highest).unwrap().rtcp, None);
}

#[test]
fn on_one_port_only_where_the_peer_offers_it() {
    let description = audio(AT, "m=audio 4000 RTP/AVP 8\r\na=rtcp:4001\r\na=rtcp-mux\r\n");
    let (ours, negotiated) = answer(&description).unwrap();
    assert_eq!(negotiated.rtcp, Some(Rtcp::Muxed("192.0.2.9:4000".parse().unwrap())));
    assert!(ours.contains("a=rtcp-mux\r\n"), "{ours}");
    assert_eq!(accept(&description).unwrap().rtcp, Some(at("192.0.2.9:4001")), "we have not offered it");
}

#[test]
fn the_longest_packet_that_the_peer_takes_is_known() {
    let of = |line: &str| accept(&audio(AT, &format!("m=audio 4000 RTP/AVP 8\r\n{line}"))).unwrap().max_ptime;
    assert_eq!((of(""), of("a=maxptime:10\r\n"), of("a=maxptime:0\r\n")), (None, Some(10), None));
}
