//! SRTP against baresip, whose SRTP is not ours: both sides hear each other, the wire tells nothing, and a trunk that
//! requires it never speaks in the clear. A tap between the two sees what a stranger would.

mod support;

use std::time::Duration;

use support::{Baresip, Customer, Datagrams, Huifang, Outcome, Side, Sound, Step, Tap, VOICE};
use tempfile::TempDir;

/// RTP's fixed header, which SRTP leaves in the clear.
const HEADER: usize = 12;
/// 20 ms of G.711.
const FRAME: usize = 160;

/// A call that is over.
struct Called {
    outcome: Outcome,
    /// What the peer heard.
    heard: Sound,
    /// What huifang sent and what its peer sent.
    wire: [Datagrams; 2],
    /// Where the recordings of both are.
    _folders: (Huifang, TempDir),
}

/// A call of three answers through the tap, SRTP by one suite or none.
async fn called(srtp: Option<&str>) -> Called {
    let baresip = match srtp {
        Some(_) => Baresip::who_encrypts("13800138000").await,
        None => Baresip::who_has("13800138000").await,
    };
    let tap = Tap::before(baresip.address).await;
    let huifang = match srtp {
        Some(suite) => Huifang::encrypting(tap.address, suite),
        None => Huifang::towards(tap.address),
    };
    let (outcome, (heard, folder)) = tokio::join!(huifang.call(), three_answers(baresip));
    let (sent, came) = tap.datagrams();
    Called { outcome, heard, wire: [sent, came], _folders: (huifang, folder) }
}

/// The customer's part; answers what the customer heard.
async fn three_answers(mut baresip: Baresip) -> (Sound, TempDir) {
    let listened = Duration::from_secs(2);
    baresip.tells("CALL_ESTABLISHED").await;
    for key in ['1', '2', '5'] {
        baresip.presses_after(listened, key).await;
    }
    baresip.hangs_up_after(listened).await;
    baresip.heard().await
}

/// How many of the datagrams carry what looks like sound: G.711 of silence, a tone or an event has few different octets
/// in a frame, a cipher some 119.
fn readable(datagrams: &[Vec<u8>]) -> usize {
    let different = |octets: &[u8]| octets.iter().collect::<std::collections::BTreeSet<_>>().len();
    datagrams.iter().filter(|datagram| datagram.len() > FRAME && different(&datagram[HEADER..]) < 85).count()
}

async fn both_sides_hear_each_other_and_nobody_else(suite: &str, tag: usize) {
    let call = called(Some(suite)).await;
    let (outcome, heard) = (&call.outcome, &call.heard);

    assert_eq!(outcome.reason(), "completed");
    assert_eq!(outcome.answers(), ["product=good", "service=poor"]);
    let sound = Sound::of(outcome.recording().file);
    let length = sound.seconds();
    let voice = sound.tone(Side::Customer, VOICE);
    assert!(voice > length - 1.0, "the recording holds the customer's voice, {voice} of {length} s");
    for hertz in [500, 700, 900, 1100, 1500] {
        let arrived = heard.tone(Side::Only, hertz);
        assert!((0.3..0.5).contains(&arrived), "{hertz} Hz arrives once and whole, not for {arrived} s");
    }
    for datagrams in &call.wire {
        assert!(datagrams.len() > 300, "the wire was tapped: {} datagrams", datagrams.len());
        assert_eq!(readable(datagrams), 0, "of {} datagrams", datagrams.len());
        let whole = datagrams.iter().filter(|datagram| datagram.len() == HEADER + FRAME + tag).count();
        assert!(whole > 300, "{whole} datagrams have sound and a tag of {tag} octets");
    }
}

#[tokio::test]
async fn with_aes_cm_128_hmac_sha1_80() {
    both_sides_hear_each_other_and_nobody_else("AES_CM_128_HMAC_SHA1_80", 10).await;
}

#[tokio::test]
async fn with_aes_cm_128_hmac_sha1_32() {
    both_sides_hear_each_other_and_nobody_else("AES_CM_128_HMAC_SHA1_32", 4).await;
}

#[tokio::test]
async fn with_aead_aes_128_gcm() {
    both_sides_hear_each_other_and_nobody_else("AEAD_AES_128_GCM", 16).await;
}

/// Without a tap, which RTCP would not pass. What baresip sends in the clear, before it has keys and as its goodbye, is
/// refused, and not heard.
#[tokio::test]
async fn reports_come_under_srtcp() {
    let baresip = Baresip::who_encrypts("13800138000").await;
    let huifang = Huifang::encrypting(baresip.address, "AES_CM_128_HMAC_SHA1_80");
    let (outcome, _) = tokio::join!(huifang.call(), three_answers(baresip));
    assert_eq!(outcome.reason(), "completed");
    let media = outcome.at("/evidence/media");
    assert!(media["reports"].as_u64() > Some(0), "{media}");
    assert_eq!((&media["peer_lost"], &media["strangers"]), (&0.into(), &0.into()), "{media}");
    assert!(media["round_trip_ms"].is_u64(), "baresip opened ours, and told when: {media}");
}

#[tokio::test]
async fn without_srtp_the_tap_hears_everything() {
    let call = called(None).await;
    assert_eq!(call.outcome.reason(), "completed");
    for datagrams in &call.wire {
        assert!(readable(datagrams) > 300, "{} of {} datagrams", readable(datagrams), datagrams.len());
    }
}

#[tokio::test]
async fn a_phone_without_srtp_is_refused_and_nothing_is_sent_in_the_clear() {
    let baresip = Baresip::who_has("13800138000").await;
    let tap = Tap::before(baresip.address).await;
    let huifang = Huifang::encrypting(tap.address, "AES_CM_128_HMAC_SHA1_80");
    let (outcome, said) = huifang.call_in_vain().await;
    assert_eq!(outcome.reason(), "no_common_codec", "{said}");
    let (sent, _) = tap.datagrams();
    assert!(sent.is_empty(), "{} datagrams", sent.len());
}

#[tokio::test]
async fn an_answer_in_the_clear_ends_the_call_with_the_remedy() {
    let customer = Customer::who(&[Step::Ring, Step::Answer, Step::BeHungUp]).await;
    let tap = Tap::before(customer.address).await;
    let huifang = Huifang::encrypting(tap.address, "AES_CM_128_HMAC_SHA1_80");
    let (outcome, _) = huifang.call_in_vain().await;
    customer.content().await;
    assert_eq!(outcome.reason(), "no_common_codec");
    let note = outcome.at("/evidence/note").as_str().expect("a note");
    for part in ["SRTP", "RTP/AVP in the clear", "srtp_suites", "srtp = \"off\""] {
        assert!(note.contains(part), "{part} is not in: {note}");
    }
    assert!(outcome.at("/recording").is_null(), "there was no call to record");
    let (sent, _) = tap.datagrams();
    assert!(sent.is_empty(), "{} datagrams", sent.len());
}
