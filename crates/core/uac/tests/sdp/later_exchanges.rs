//! What comes after the first exchange (RFC 3264 section 8): versions, places, holds, and offers that
//! the peer asks for.

use uac::sdp::Direction;

use super::{AT, answer, audio, clear, counting, origin, streams};

const PLAIN: &str = "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

#[test]
fn the_version_is_raised_by_changes_only() {
    let mut session = clear();
    let mut random = counting();
    let first = session.offer(&mut random);
    assert_eq!(origin(&first), (7, 1));
    session.answered(&audio(AT, PLAIN)).unwrap();
    assert_eq!(session.offer(&mut random), first, "asked for again, word for word");
    let same = audio(AT, PLAIN);
    let mut versions = Vec::new();
    for direction in ["", "", "a=sendonly\r\n", "a=sendonly\r\n", "a=sendrecv\r\n"] {
        let answer = session.answer(&format!("{same}{direction}"), &mut random).unwrap();
        versions.push(origin(&answer.sdp));
    }
    assert_eq!(versions, [(7, 2), (7, 2), (7, 3), (7, 3), (7, 4)]);
}

#[test]
fn a_refused_exchange_changes_nothing() {
    let mut session = clear();
    let mut random = counting();
    session.offer(&mut random);
    let agreed = session.answered(&audio(AT, PLAIN)).unwrap();
    assert!(session.answer(&audio(AT, "m=audio 4000 RTP/AVP 18\r\n"), &mut random).is_err());
    assert!(session.answered("").is_err());
    assert_eq!(session.agreed(), Some(&agreed));
    assert_eq!(origin(&session.offer(&mut random)), (7, 1));
}

#[test]
fn an_offer_that_is_asked_for_invites_back_from_hold() {
    let mut session = clear();
    let mut random = counting();
    let held =
        audio("c=IN IP4 0.0.0.0\r\n", "m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n");
    let answer = session.answer(&held, &mut random).unwrap();
    assert_eq!(answer.negotiated.direction, Direction::RecvOnly);
    assert!(answer.negotiated.remote.ip().is_unspecified());
    let offer = session.offer(&mut random);
    assert_eq!(streams(&offer), ["m=audio 30000 RTP/AVP 8 0 96"], "the events keep their number");
    assert!(offer.contains("a=sendrecv\r\n"));
    assert_eq!(origin(&offer), (7, 2));
    let agreed = session.answered(&audio(AT, PLAIN)).unwrap();
    assert_eq!((agreed.telephone_event, agreed.telephone_event_here), (Some(101), Some(96)));
}

#[test]
fn streams_keep_their_places() {
    let mut session = clear();
    let mut random = counting();
    let two = audio(AT, "m=image 0 udptl t38\r\nm=audio 4000 RTP/AVP 8\r\nm=video 5000 RTP/AVP 31\r\n");
    session.answer(&two, &mut random).unwrap();
    let offer = session.offer(&mut random);
    let places = ["m=image 0 udptl t38", "m=audio 30000 RTP/AVP 8 0 101", "m=video 0 RTP/AVP 31"];
    assert_eq!(streams(&offer), places);
    let swapped = audio(AT, "m=audio 6000 RTP/AVP 0\r\nm=audio 4000 RTP/AVP 8\r\nm=video 0 RTP/AVP 31\r\n");
    let answer = session.answer(&swapped, &mut random).unwrap();
    assert_eq!(answer.negotiated.remote.port(), 4000, "the stream in use is preferred");
    let t38 = audio(AT, "m=audio 0 RTP/AVP 8\r\nm=image 4000 udptl t38\r\n");
    assert!(session.answer(&t38, &mut random).is_err(), "a fax alone is no call of ours");
}

#[test]
fn address_and_codec_change_in_the_call() {
    let mut session = clear();
    let mut random = counting();
    session.offer(&mut random);
    let before = session.answered(&audio(AT, PLAIN)).unwrap();
    let moved = audio("c=IN IP4 198.51.100.7\r\n", "m=audio 4444 RTP/AVP 0\r\n");
    let after = session.answer(&moved, &mut random).unwrap().negotiated;
    assert_ne!(before.remote, after.remote);
    assert_eq!((after.codec, after.telephone_event), (uac::sdp::Codec::Pcmu, None));
}

#[test]
fn a_call_that_the_peer_begins_is_answered_alike() {
    let (sdp, agreed) = answer(&audio(AT, PLAIN)).unwrap();
    assert_eq!(origin(&sdp), (7, 1));
    assert_eq!(streams(&sdp), ["m=audio 30000 RTP/AVP 8 101"]);
    assert_eq!(agreed.direction, Direction::SendRecv);
}
