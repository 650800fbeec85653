//! Descriptions shaped as carriers' session border controllers and well-known servers write them.

use uac::sdp::{Codec, Direction, Refusal};

use super::{accept, answer, streams};

/// A description, and what it means to us: codec, its number, the events' number, address, direction.
struct Case {
    name: &'static str,
    sdp: &'static str,
    means: (Codec, u8, Option<u8>, &'static str, Direction),
}

const CASES: [Case; 12] = [
    Case {
        name: "Huawei SBC: several codecs, AMR first, everything at media level",
        sdp: "v=0\r\no=HuaweiSBC 1073741831 1073741831 IN IP4 10.10.1.5\r\ns=Sip Call\r\nt=0 0\r\n\
            m=audio 18264 RTP/AVP 104 110 102 108 8 0 18 105 100\r\nc=IN IP4 10.10.1.5\r\nb=AS:80\r\nb=RS:612\r\nb=RR:1837\r\n\
            a=rtpmap:104 AMR-WB/16000/1\r\na=fmtp:104 mode-change-capability=2;max-red=0\r\na=rtpmap:110 AMR-WB/16000\r\n\
            a=rtpmap:102 AMR/8000/1\r\na=rtpmap:108 AMR/8000\r\na=rtpmap:8 PCMA/8000/1\r\na=rtpmap:0 PCMU/8000/1\r\n\
            a=rtpmap:18 G729/8000/1\r\na=fmtp:18 annexb=no\r\na=rtpmap:105 telephone-event/16000\r\na=fmtp:105 0-15\r\n\
            a=rtpmap:100 telephone-event/8000\r\na=fmtp:100 0-15\r\na=ptime:20\r\na=maxptime:240\r\na=sendrecv\r\n",
        means: (Codec::Pcma, 8, Some(100), "10.10.1.5:18264", Direction::SendRecv),
    },
    Case {
        name: "Huawei, VoLTE: preconditions and early session attributes",
        sdp: "v=0\r\no=- 4821 4821 IN IP4 10.10.1.5\r\ns=SBC call\r\nc=IN IP4 10.10.1.5\r\nt=0 0\r\n\
            m=audio 20010 RTP/AVP 8 97\r\na=curr:qos local none\r\na=curr:qos remote none\r\n\
            a=des:qos optional local sendrecv\r\na=des:qos optional remote sendrecv\r\na=rtpmap:97 telephone-event/8000\r\n\
            a=sendrecv\r\na=rtcp:20011\r\n",
        means: (Codec::Pcma, 8, Some(97), "10.10.1.5:20010", Direction::SendRecv),
    },
    Case {
        name: "ZTE: no session name, no time, no rtpmap for static types, blanks at the ends",
        sdp: "v=0\r\no=ZTE 0 0 IN IP4 172.16.3.9 \r\nc=IN IP4 172.16.3.9 \r\nm=audio  36402  RTP/AVP 8 101 \r\n\
            a=rtpmap:101 telephone-event/8000 \r\na=fmtp:101 0-15 \r\na=ptime:20 \r\n",
        means: (Codec::Pcma, 8, Some(101), "172.16.3.9:36402", Direction::SendRecv),
    },
    Case {
        name: "ZTE ring-back: we are to listen only",
        sdp: "v=0\no=- 77 77 IN IP4 172.16.3.9\ns=-\nc=IN IP4 172.16.3.9\nt=0 0\nm=audio 36402 RTP/AVP 8\na=sendonly\n",
        means: (Codec::Pcma, 8, None, "172.16.3.9:36402", Direction::RecvOnly),
    },
    Case {
        name: "a gateway with names in GBK, read with replacements",
        sdp: "v=0\r\no=\u{fffd}\u{fffd} 5 5 IN IP4 10.0.0.2\r\ns=\u{fffd}\u{fffd}\u{fffd}\r\ni=\u{fffd}=\u{fffd}\r\n\
            c=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\n",
        means: (Codec::Pcmu, 0, None, "10.0.0.2:9000", Direction::SendRecv),
    },
    Case {
        name: "Asterisk chan_pjsip",
        sdp: "v=0\r\no=- 1721042338 1721042340 IN IP4 203.0.113.20\r\ns=Asterisk\r\nc=IN IP4 203.0.113.20\r\nt=0 0\r\n\
            m=audio 15022 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n\
            a=ptime:20\r\na=maxptime:150\r\na=sendrecv\r\n",
        means: (Codec::Pcma, 8, Some(101), "203.0.113.20:15022", Direction::SendRecv),
    },
    Case {
        name: "FreeSWITCH: comfort noise, and rtcp on a port of its own",
        sdp: "v=0\r\no=FreeSWITCH 1721030000 1721030001 IN IP4 203.0.113.21\r\ns=FreeSWITCH\r\nc=IN IP4 203.0.113.21\r\nt=0 0\r\n\
            m=audio 27416 RTP/AVP 0 101 13\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n\
            a=rtpmap:13 CN/8000\r\na=rtcp:27417 IN IP4 203.0.113.21\r\na=silenceSupp:off - - - -\r\na=ptime:20\r\n",
        means: (Codec::Pcmu, 0, Some(101), "203.0.113.21:27416", Direction::SendRecv),
    },
    Case {
        name: "SIPp's own scenarios",
        sdp: "v=0\r\no=user1 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
            m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n",
        means: (Codec::Pcmu, 0, None, "127.0.0.1:6000", Direction::SendRecv),
    },
    Case {
        name: "baresip: bandwidth of 0, a number of its own for events, tool and label lines",
        sdp: "v=0\r\no=- 3902551093 1829133541 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\na=tool:baresip 1.0.0\r\n\
            m=audio 18530 RTP/AVP 8 0 100\r\nb=AS:125\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n\
            a=rtpmap:100 telephone-event/8000\r\na=fmtp:100 0-15\r\na=rtcp:18531\r\na=sendrecv\r\na=label:1\r\n\
            a=rtcp-rsize\r\na=ssrc:2712013217 cname:sip:x@127.0.0.1\r\na=ptime:20\r\n",
        means: (Codec::Pcma, 8, Some(100), "127.0.0.1:18530", Direction::SendRecv),
    },
    Case {
        name: "a WebRTC gateway's plain side: BUNDLE, ICE and a candidate list are not ours",
        sdp: "v=0\r\no=- 46117 2 IN IP4 203.0.113.30\r\ns=-\r\nt=0 0\r\na=group:BUNDLE audio\r\na=msid-semantic: WMS\r\na=ice-lite\r\n\
            m=audio 40404 RTP/AVPF 111 8 126\r\nc=IN IP4 203.0.113.30\r\na=mid:audio\r\na=ice-ufrag:F7gI\r\na=ice-pwd:x9cml/YzichV2+XlhiMu8g\r\n\
            a=candidate:1 1 UDP 2130706431 203.0.113.30 40404 typ host\r\na=rtcp-mux\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
            a=rtpmap:111 opus/48000/2\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:126 telephone-event/8000\r\na=rtcp-fb:111 transport-cc\r\n",
        means: (Codec::Pcma, 8, Some(126), "203.0.113.30:40404", Direction::SendRecv),
    },
    Case {
        name: "an old PBX on hold, as RFC 2543 had it",
        sdp: "v=0\r\no=PBX 9 10 IN IP4 192.168.1.4\r\ns=Phone Call\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 30002 RTP/AVP 8 96\r\n\
            a=rtpmap:8 pcma/8000\r\na=rtpmap:96 Telephone-Event/8000\r\n",
        means: (Codec::Pcma, 8, Some(96), "0.0.0.0:30002", Direction::RecvOnly),
    },
    Case {
        name: "a payload type stolen: 8 is not PCMA when the peer says so",
        sdp: "v=0\r\no=- 1 1 IN IP4 10.0.0.3\r\ns=-\r\nc=IN IP4 10.0.0.3\r\nt=0 0\r\nm=audio 9000 RTP/AVP 8 97\r\n\
            a=rtpmap:8 G726-32/8000\r\na=rtpmap:97 PCMU/8000\r\n",
        means: (Codec::Pcmu, 97, None, "10.0.0.3:9000", Direction::SendRecv),
    },
];

#[test]
fn they_are_read_as_they_are_meant() {
    for Case { name, sdp, means } in CASES {
        let as_answer = accept(sdp).unwrap_or_else(|why| panic!("{name}: {why}"));
        let (_, as_offer) = answer(sdp).unwrap_or_else(|why| panic!("{name}: {why}"));
        for read in [as_answer, as_offer] {
            let address = read.remote.to_string();
            let read =
                (read.codec, read.payload_type, read.telephone_event, address.as_str(), read.direction);
            assert_eq!(read, means, "{name}");
        }
    }
}

#[test]
fn a_video_phone_and_a_fax_get_an_answer_to_every_stream() {
    let video_phone = "v=0\r\no=- 1 1 IN IP4 10.0.0.4\r\ns=-\r\nc=IN IP4 10.0.0.4\r\nt=0 0\r\n\
        m=video 9002 RTP/AVP 99 34\r\na=rtpmap:99 H264/90000\r\nm=audio 9000 RTP/AVP 8\r\n\
        m=application 9004 TCP/BFCP *\r\na=setup:actpass\r\nm=audio 9006 RTP/AVP 0\r\n";
    let (ours, _) = answer(video_phone).unwrap();
    let expected = [
        "m=video 0 RTP/AVP 99 34",
        "m=audio 30000 RTP/AVP 8",
        "m=application 0 TCP/BFCP *",
        "m=audio 0 RTP/AVP 0",
    ];
    assert_eq!(streams(&ours), expected);

    let fax = "v=0\r\no=- 1 2 IN IP4 10.0.0.4\r\ns=-\r\nc=IN IP4 10.0.0.4\r\nt=0 0\r\n\
        m=image 9000 udptl t38\r\na=T38FaxVersion:0\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n";
    assert_eq!(answer(fax).unwrap_err(), Refusal::NoAudio);
}

#[test]
fn a_refused_stream_without_formats_is_answered_too() {
    let torso = "v=0\r\nc=IN IP4 10.0.0.4\r\nm=video 0 RTP/AVP\r\nm=audio 9000 RTP/AVP 8\r\n";
    let (ours, _) = answer(torso).unwrap();
    assert_eq!(streams(&ours), ["m=video 0 RTP/AVP 0", "m=audio 30000 RTP/AVP 8"]);
}

#[test]
fn codecs_we_lack_are_named() {
    let volte = "v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\n\
        m=audio 9000 RTP/AVP 104 18 13\r\na=rtpmap:104 AMR/8000\r\na=rtpmap:18 G729/8000\r\n";
    assert_eq!(accept(volte).unwrap_err(), Refusal::NoCommonCodec { offered: "104 18 13".to_owned() });
}
