//! SDES-SRTP (RFC 4568): what is offered, taken and refused, and that nothing falls back to clear.

use uac::sdp::{Crypto, CryptoFault, MasterKey, Refusal, Session, SrtpKeys, Suite};

use super::{AT, audio, clear, counting, local, origin, secret, streams};

const GCM: Suite = Suite::AeadAes128Gcm;
const TAG_80: Suite = Suite::AesCm128HmacSha1Tag80;
const TAG_32: Suite = Suite::AesCm128HmacSha1Tag32;

/// The example key of RFC 4568 section 6.1, 30 octets.
const KEY: &str = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

fn savp(attributes: &str) -> String {
    audio(AT, &format!("m=audio 4000 RTP/SAVP 8\r\n{attributes}"))
}

fn peer_key(suite: Suite, octet: u8) -> MasterKey {
    MasterKey::new(suite, [octet; 30])
}

fn line(tag: u32, key: &MasterKey) -> String {
    format!("a=crypto:{}\r\n", Crypto { tag, key: key.clone() }.value())
}

fn why(refused: Result<impl std::fmt::Debug, Refusal>) -> String {
    match refused.unwrap_err() {
        refusal @ Refusal::NotEncrypted { .. } => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_offer_has_a_key_for_each_suite_in_order() {
    let offer = secret().offer(&mut counting());
    assert_eq!(streams(&offer), ["m=audio 30000 RTP/SAVP 8 0 101"]);
    let lines: Vec<&str> = offer.lines().filter_map(|line| line.strip_prefix("a=crypto:")).collect();
    let read: Vec<Crypto> = lines.iter().map(|line| Crypto::parse(line).unwrap()).collect();
    let suites: Vec<(u32, Suite)> = read.iter().map(|crypto| (crypto.tag, crypto.key.suite())).collect();
    assert_eq!(suites, [(1, GCM), (2, TAG_80), (3, TAG_32)]);
    assert_eq!(lines[1], format!("2 AES_CM_128_HMAC_SHA1_80 inline:{}", "AgIC".repeat(10)));
    assert_eq!(lines[0].split(' ').nth(2).unwrap().len(), "inline:".len() + 40, "28 octets, padded");
    assert_ne!(read[1].key.key(), read[2].key.key(), "each its own");
}

#[test]
fn an_answer_takes_one_of_the_offered_keys() {
    for (tag, suite) in (1..).zip(Suite::ALL) {
        let mut session = secret();
        let offer = session.offer(&mut counting());
        let theirs = peer_key(suite, 200);
        let agreed = session.answered(&savp(&line(tag, &theirs))).unwrap();
        let SrtpKeys { send, receive } = agreed.srtp.unwrap();
        assert_eq!(receive, theirs);
        assert!(offer.contains(&line(tag, &send)), "the key of our offer");
    }
}

#[test]
fn an_answer_that_breaks_the_terms_is_refused() {
    let taken = |text: &str| {
        let mut session = secret();
        session.offer(&mut counting());
        why(session.answered(text))
    };
    let theirs = peer_key(TAG_80, 200);
    assert!(taken(&audio(AT, "m=audio 4000 RTP/AVP 8\r\n")).contains("in the clear"));
    let disguised = audio(AT, &format!("m=audio 4000 RTP/AVP 8\r\n{}", line(2, &theirs)));
    assert!(taken(&disguised).contains("in the clear"), "keys, but a transport without them");
    assert!(taken(&savp("")).contains("no a=crypto"));
    assert!(taken(&savp(&line(1, &theirs))).contains("did not offer"), "the tag of another suite");
    assert!(taken(&savp(&line(9, &theirs))).contains("did not offer"), "no such tag");
    assert!(taken(&savp(&line(2, &peer_key(TAG_80, 2)))).contains("our own key"), "an echo of ours");
    assert!(taken(&audio(AT, "m=audio 0 RTP/SAVP 8\r\n")).contains("port 0"));
    let said = taken(&savp("a=crypto:2 AES_CM_256_HMAC_SHA1_80 inline:secretsecret\r\n"));
    assert!(said.contains("none of ours") && said.contains("srtp_suites"), "{said}");
    assert!(!said.contains("secretsecret"));
}

#[test]
fn a_trunk_in_the_clear_takes_no_srtp_and_no_keys() {
    let theirs = line(1, &peer_key(TAG_80, 200));
    let refused = clear().answer(&savp(&theirs), &mut counting()).unwrap_err();
    assert_eq!(refused, Refusal::Encrypted { transport: "RTP/SAVP".to_owned() });
    let optional = audio(AT, &format!("m=audio 4000 RTP/AVP 8\r\n{theirs}"));
    let answer = clear().answer(&optional, &mut counting()).unwrap();
    assert_eq!(answer.negotiated.srtp, None);
    assert!(!answer.sdp.contains("crypto"));
}

#[test]
fn our_answer_takes_the_peers_first_usable_key_and_gives_its_own() {
    let attributes = format!(
        "a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:{}\r\na=crypto:2 AES_CM_128_HMAC_SHA1_80 {KEY}|2^20|1:4\r\n{}{}",
        "A".repeat(60),
        line(4, &peer_key(TAG_32, 9)),
        line(5, &peer_key(GCM, 9)),
    );
    let offer = audio(AT, &format!("m=audio 4000 RTP/SAVPF 8\r\n{attributes}"));
    let answer = secret().answer(&offer, &mut counting()).unwrap();
    let keys = answer.negotiated.srtp.unwrap();
    assert_eq!((keys.receive, &keys.send), (peer_key(TAG_32, 9), &peer_key(TAG_32, 1)));
    assert!(answer.sdp.contains(&line(4, &keys.send)), "{}", answer.sdp);
    assert_eq!(streams(&answer.sdp), ["m=audio 30000 RTP/SAVPF 8"]);

    let mut only_gcm = Session::new(local(&[GCM]));
    let refused = only_gcm.answer(&savp(&line(1, &peer_key(TAG_80, 9))), &mut counting());
    assert!(why(refused).contains("none of ours"));
    let clear = secret().answer(&audio(AT, "m=audio 4000 RTP/AVP 8\r\n"), &mut counting());
    assert!(why(clear).contains("in the clear"));
}

#[test]
fn of_a_secret_and_a_clear_stream_each_trunk_takes_its_own() {
    let both = audio(
        AT,
        &format!("m=audio 4000 RTP/SAVP 8\r\n{}m=audio 4002 RTP/AVP 8\r\n", line(1, &peer_key(TAG_80, 9))),
    );
    let secret = secret().answer(&both, &mut counting()).unwrap();
    assert_eq!(streams(&secret.sdp), ["m=audio 30000 RTP/SAVP 8", "m=audio 0 RTP/AVP 8"]);
    let clear = clear().answer(&both, &mut counting()).unwrap();
    assert_eq!(streams(&clear.sdp), ["m=audio 0 RTP/SAVP 8", "m=audio 30000 RTP/AVP 8"]);
}

#[test]
fn keys_stay_until_the_peer_changes_its_own() {
    let mut session = secret();
    let mut random = counting();
    let offer = session.offer(&mut random);
    let first = session.answered(&savp(&line(2, &peer_key(TAG_80, 100)))).unwrap();
    assert_eq!(session.offer(&mut random), offer, "asked for again: the same keys, the same version");

    let held = format!("{}a=sendonly\r\n", savp(&line(1, &peer_key(TAG_80, 100))));
    let again = session.answer(&held, &mut random).unwrap();
    assert_eq!(again.negotiated.srtp, first.srtp, "a hold does not touch the keys");

    let rekeyed = session.answer(&savp(&line(1, &peer_key(TAG_80, 101))), &mut random).unwrap();
    let (before, after) = (first.srtp.unwrap(), rekeyed.negotiated.srtp.unwrap());
    assert_eq!(after.receive, peer_key(TAG_80, 101));
    assert_ne!(after.send, before.send, "both directions begin anew");
    assert!(origin(&rekeyed.sdp) > origin(&again.sdp));
    assert!(session.offer(&mut random).contains(&line(2, &after.send)), "and later offers go on from there");
}

#[test]
fn the_attribute_is_read_by_the_letter() {
    let read = |text: &str| Crypto::parse(text).map(|crypto| (crypto.tag, crypto.key.suite()));
    let with = |rest: &str| read(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}{rest}"));
    let good = Ok((1, TAG_80));
    assert_eq!(with(""), good);
    assert_eq!(with("|2^31"), good);
    assert_eq!(with("|1048576"), good);
    assert_eq!(with(" WSH=128 KDR=0 -NEVER_HEARD_OF"), good);
    assert_eq!(read(&format!("00023 aes_cm_128_hmac_sha1_32  {KEY}")), Ok((23, TAG_32)));
    assert_eq!(
        read(&format!("7 AEAD_AES_128_GCM inline:{}", "AAAA".repeat(9) + "AA")),
        Ok((7, GCM)),
        "no padding"
    );

    assert_eq!(with("|2^20|1:4"), Err(CryptoFault::Mki));
    assert_eq!(with("|1:4"), Err(CryptoFault::Mki));
    assert_eq!(with(&format!(";{KEY}")), Err(CryptoFault::Mki));
    assert_eq!(with("|2^10"), Err(CryptoFault::Lifetime(1024)));
    assert_eq!(with("|2^99"), Err(CryptoFault::Malformed));
    assert_eq!(with("|soon"), Err(CryptoFault::Malformed));
    for weak in ["UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "unauthenticated_srtp"] {
        assert_eq!(with(&format!(" {weak}")), Err(CryptoFault::Weakened));
    }
    for unknown in ["KDR=12", "FEC_ORDER=FEC_SRTP", "NEVER_HEARD_OF"] {
        assert_eq!(with(&format!(" {unknown}")), Err(CryptoFault::Parameter));
    }
    assert_eq!(read(&format!("1 AEAD_AES_128_GCM {KEY}")), Err(CryptoFault::Key(GCM)), "30 octets, not 28");
    assert_eq!(read("1 AES_CM_128_HMAC_SHA1_80 inline:%%%"), Err(CryptoFault::Key(TAG_80)));
    assert_eq!(read(&format!("1 F8_128_HMAC_SHA1_80 {KEY}")), Err(CryptoFault::Suite));
    for torso in [
        "",
        "1",
        "1 AES_CM_128_HMAC_SHA1_80",
        "x AES_CM_128_HMAC_SHA1_80 inline:",
        "1 AES_CM_128_HMAC_SHA1_80 uri:x",
    ] {
        assert_eq!(read(torso), Err(CryptoFault::Malformed), "{torso}");
    }
}

#[test]
fn no_key_is_ever_shown() {
    let key = Crypto::parse(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}")).unwrap();
    assert!(key.value().ends_with(KEY), "what is written is what was read");
    let keys = SrtpKeys { send: key.key.clone(), receive: key.key.clone() };
    assert_eq!(
        format!("{keys:?}"),
        "SrtpKeys { send: MasterKey(AES_CM_128_HMAC_SHA1_80, …), receive: MasterKey(AES_CM_128_HMAC_SHA1_80, …) }"
    );
}
