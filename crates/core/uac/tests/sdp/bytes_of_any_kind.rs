//! No description, however wild, upsets us; and what we write is read as we mean it.

use proptest::prelude::*;
use uac::sdp::{Codec, Crypto, Direction, MasterKey, Session, Suite};

use super::{AT, answer, audio, counting, local, secret, streams};

/// Lines that real descriptions are made of, whole and broken.
const LINES: [&str; 34] = [
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.9",
    "s=回访",
    "i=\u{fffd}\u{fffd}",
    "c=IN IP4 192.0.2.9",
    "c=IN IP4 0.0.0.0",
    "c=IN IP6 2001:db8::9",
    "c=IN IP4",
    "c=",
    "t=0 0",
    "b=AS:64",
    "k=prompt",
    "m=audio 4000 RTP/AVP 8 0 18 101",
    "m=audio 0 RTP/AVP 8",
    "m=audio 4000 RTP/SAVP 0 96",
    "m=audio 4000/2 RTP/AVPF 118",
    "m=audio 99999 RTP/AVP 8",
    "m=video 5000 RTP/AVP 31",
    "m=image 6000 udptl t38",
    "m=audio 4000",
    "m=",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:118 PCMA/16000",
    "a=rtpmap:101 telephone-event/8000",
    "a=rtpmap:x",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:回",
    "a=crypto",
    "a=ptime:",
    "a=maxptime:10",
    "a=sendonly",
    "a=inactive",
    "a=:",
    "a=group:BUNDLE 0",
];

fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        9 => prop::sample::select(LINES.as_slice()).prop_map(str::to_owned),
        1 => "[amc]=\\PC{0,40}",
    ];
    let end = prop::sample::select(["\r\n", "\n", "\r", " \r\n"].as_slice());
    prop::collection::vec((line, end), 0..24)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

fn stream_count(sdp: &str) -> usize {
    sdp.split(['\r', '\n']).filter(|line| line.trim().starts_with("m=")).count()
}

proptest! {
    #[test]
    fn no_bytes_upset_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = answer(&text);
        let _ = secret().answered(&text);
        let _ = Crypto::parse(&text);
    }

    #[test]
    fn an_answer_has_as_many_streams_as_the_offer(offer in lines(), required in any::<bool>()) {
        let suites: &[Suite] = if required { &Suite::ALL } else { &[] };
        let mut session = Session::new(local(suites));
        if let Ok(answer) = session.answer(&offer, &mut counting()) {
            prop_assert_eq!(streams(&answer.sdp).len(), stream_count(&offer));
            let ours = streams(&answer.sdp).into_iter().filter(|line| line.starts_with("m=audio 30000 ")).count();
            prop_assert_eq!(ours, 1);
            prop_assert_eq!(answer.negotiated.srtp.is_some(), required);
            let next = session.offer(&mut counting());
            prop_assert_eq!(streams(&next).len(), streams(&answer.sdp).len(), "and so have later offers");
        }
    }

    #[test]
    fn a_trunk_that_requires_srtp_never_agrees_without_keys(answer in lines()) {
        let mut session = secret();
        session.offer(&mut counting());
        if let Ok(agreed) = session.answered(&answer) {
            prop_assert!(agreed.srtp.is_some());
        }
    }

    #[test]
    fn two_of_us_agree(
        order in Just(Suite::ALL.to_vec()).prop_shuffle(),
        other in prop::sample::subsequence(Suite::ALL.to_vec(), 1..=3),
        required in any::<bool>(),
    ) {
        let (caller, called) = if required { (order, other) } else { (vec![], vec![]) };
        let (mut caller, mut called) = (Session::new(local(&caller)), Session::new(local(&called)));
        let mut random = counting();
        let offer = caller.offer(&mut random);
        let answer = called.answer(&offer, &mut random).unwrap();
        let agreed = caller.answered(&answer.sdp).unwrap();
        prop_assert_eq!((agreed.codec, agreed.telephone_event), (Codec::Pcma, Some(101)));
        prop_assert_eq!(agreed.direction, Direction::SendRecv);
        let there = answer.negotiated.srtp;
        prop_assert_eq!(agreed.srtp.map(|keys| (keys.receive, keys.send)), there.map(|keys| (keys.send, keys.receive)));
    }

    #[test]
    fn what_we_write_of_a_key_we_read_back(tag in any::<u32>(), random in any::<[u8; 30]>(), at in 0..3_usize) {
        let key = MasterKey::new(Suite::ALL[at], random);
        let read = Crypto::parse(&Crypto { tag, key: key.clone() }.value()).unwrap();
        prop_assert_eq!(read.tag, tag);
        prop_assert_eq!((read.key.key(), read.key.salt()), (key.key(), key.salt()));
    }

    #[test]
    fn attributes_of_others_do_not_matter(attributes in prop::collection::vec("[a-z-]{1,12}(:[ -~]{0,40})?", 0..12)) {
        let meaningful = ["rtpmap", "ptime", "maxptime", "sendrecv", "sendonly", "recvonly", "inactive", "crypto"];
        let lines: Vec<String> = attributes
            .iter()
            .filter(|attribute| !meaningful.contains(&attribute.split(':').next().unwrap()))
            .map(|attribute| format!("a={attribute}\r\n"))
            .collect();
        let lines = lines.concat();
        let plain = "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";
        let (sdp, agreed) = answer(&audio(&format!("{AT}{lines}"), &format!("{plain}{lines}"))).unwrap();
        let (expected, same) = answer(&audio(AT, plain)).unwrap();
        prop_assert_eq!((sdp, agreed), (expected, same));
    }
}
