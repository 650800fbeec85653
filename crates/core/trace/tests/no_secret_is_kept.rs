//! Wherever a credential, a key of media or a pressed digit stands in a message, nothing of it is
//! kept, and the rest is as it was.

mod scene;

use proptest::prelude::*;
use scene::{SDP, holds, invite, kept, request, text};

const INFO: &str = "INFO sip:x@203.0.113.9 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK1\r\n\
    From: <sip:y@h>;tag=1\r\nTo: <sip:x@h>;tag=2\r\nCall-ID: c\r\nCSeq: 2 INFO\r\n";

/// Every place that the tests put a secret into.
fn with(place: usize, secret: &str) -> Vec<u8> {
    let header = |text: &str| invite(&text.replace("{}", secret), SDP);
    let line = |text: &str| {
        invite("Content-Type: application/sdp\r\n", &format!("{SDP}{text}\r\n").replace("{}", secret))
    };
    match place {
        0 => header(
            "Authorization: Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:x@h\", response=\"{}\"\r\n",
        ),
        1 => header("proxy-authorization:Digest response={},username=u,nc=00000001,cnonce=\"n\"\r\n"),
        2 => {
            header("Proxy-Authorization : Digest username=\"u\",\r\n\tcnonce=\"{}\",\r\n response=\"n\"\r\n")
        }
        3 => header("Authorization: Digest realm=\"x, response=\"{}\", uri=\"sip:x@h\"\r\n"),
        4 => header("Authorization: Digest realm=r response={}\r\n"),
        5 => header("Authorization: Digest realm=\"a\\\\\\\"\", response = \"{}\r\n"),
        6 => header("Authorization: Basic {}\r\n"),
        7 => header("Authorization: {}\r\n"),
        8 => header("Authorization: Bearer realm=\"{}\"\r\n"),
        9 => header("WWW-Authenticate: Digest realm=\"r\", nonce=\"{}\", opaque=\"{}\", qop=\"auth\"\r\n"),
        10 => header("Proxy-Authenticate: Digest realm=\"r\", Digest nonce=\"{}\"\r\n"),
        11 => header("Authentication-Info: rspauth=\"{}\", nextnonce=\"{}\"\r\n"),
        12 => header("Contact: <sip:user:{}@203.0.113.5:5060;ob>\r\n"),
        13 => header("Refer-To: <sip:a@b?Proxy-Authorization=Digest%20response%3D{}>\r\n"),
        14 => header("X-Auth-Token: {}\r\n"),
        15 => header("Cookie: {}\r\n"),
        16 => line("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{}|2^20|1:32"),
        17 => line("a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{};inline:{}|2:4 UNENCRYPTED_SRTCP"),
        18 => line("A=CRYPTO: 1 AEAD_AES_128_GCM INLINE:{}"),
        19 => line("a=crypto:1 inline:{}"),
        20 => line("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {}"),
        21 => line("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x FEC_KEY=inline:{}"),
        22 => line("k=clear:{}"),
        23 => line("k={}"),
        24 => line("a=key-mgmt:mikey {}"),
        25 => line("a=ice-pwd:{}"),
        26 => invite(
            "c: multipart/mixed;boundary=b\r\n",
            &format!(
                "--b\r\nContent-Type: application/sdp\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{secret}\r\n--b--\r\n"
            ),
        ),
        27 => invite(
            "Content-Type: message/sipfrag\r\n",
            &format!("SIP/2.0 200 OK\r\nAuthorization: Digest\r\n response=\"{secret}\"\r\n"),
        ),
        28 => invite("Content-Encoding: gzip\r\n", secret),
        29 => invite(
            "c: multipart/mixed;boundary=b\r\n",
            &format!("--b\r\nContent-Transfer-Encoding: base64\r\n\r\n{secret}\r\n--b--\r\n"),
        ),
        30 => invite("Content-Type: application/json\r\n", &format!("{{\"offer\": \"inline:{secret}\"}}")),
        31 => text(&header("Authorization: Digest response=\"{}\"\r\n")).replace("\r\n", "\n").into_bytes(),
        32 => format!("INVITE sip:u:{secret}@h SIP/2.0\r\n{}", &text(&invite("", SDP))[39..]).into_bytes(),
        33 => request(
            INFO,
            "Content-Type: application/dtmf-relay\r\n",
            &format!("Signal= {secret}\r\nDuration= 160\r\n"),
        ),
        34 => request(INFO, "c: application/dtmf\r\n", secret),
        35 => request(INFO, "Content-Type: text/plain\r\n", secret),
        36 => request(
            &INFO.replace("INFO", "NOTIFY"),
            "Content-Type: application/kpml-response+xml\r\n",
            &format!("<kpml-response code=\"200\" digits=\"{secret}\"/>"),
        ),
        _ => text(&invite("", &format!("{SDP}a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{secret}\n")))
            .replace("\r\n\r\nv=0", "\r\n\r\nv=0\ra=x")
            .into_bytes(),
    }
}

const PLACES: usize = 38;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_is_kept(place in 0..PLACES, secret in "[0-9a-zA-Z+/]{12,64}") {
        let wire = with(place, &secret);
        prop_assert!(holds(&wire, &secret), "the place {place} holds nothing");
        let kept = kept(&wire);
        prop_assert!(!holds(&kept, &secret), "place {place}: {}", text(&kept));
        prop_assert_eq!(kept.len(), wire.len());
        let breaks = |bytes: &[u8]| bytes.iter().map(|b| matches!(b, b'\r' | b'\n')).collect::<Vec<_>>();
        prop_assert_eq!(breaks(&kept), breaks(&wire), "lines stay where they were");
        prop_assert_eq!(uac::wire::parse(&kept).is_ok(), uac::wire::parse(&wire).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_taken(wire in proptest::collection::vec(any::<u8>(), 0..600)) {
        let once = kept(&wire);
        prop_assert_eq!(once.len(), wire.len());
        prop_assert_eq!(kept(&once), once);
    }

    #[test]
    fn any_text_of_telling_words_is_taken(words in proptest::collection::vec(
        prop_oneof![
            Just("Authorization:"), Just("Digest "), Just("response="), Just("\""), Just("\\"), Just(","),
            Just("\r\n"), Just("\n"), Just("\r"), Just(" "), Just("a=crypto:"), Just("inline:"), Just("sip:"),
            Just("@"), Just(":"), Just("?"), Just("auth"), Just("INFO "), Just("="), Just("k="), Just("%31"),
        ], 0..60))
    {
        let wire = words.concat();
        prop_assert_eq!(kept(wire.as_bytes()).len(), wire.len());
    }
}

#[test]
fn what_is_no_secret_stays_readable() {
    let headers = "Proxy-Authorization: Digest username=\"4008001234\", realm=\"carrier\", nonce=\"84f1\", \
        uri=\"sip:x@203.0.113.9\", response=\"6629fae4\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"0a4f\"\r\n";
    let body = format!("{SDP}a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^20|1:32\r\n");
    let kept = text(&kept(&invite(headers, &body)));
    for stays in [
        "Digest username=\"4008001234\", realm=\"carrier\", nonce=******, uri=\"sip:x@203.0.113.9\"",
        "response=**********, algorithm=MD5, qop=auth, nc=00000001, cnonce=******\r\n",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:",
        "Call-ID: 019aa000-7d04-7c6b-9f3e-7f0e3a1b2c3d",
        SDP,
    ] {
        assert!(kept.contains(stays), "{stays}\nis not in\n{kept}");
    }
    let plain = invite("Contact: <sip:4008001234@203.0.113.5:5060>\r\nUser-Agent: x\r\n", SDP);
    assert_eq!(scene::kept(&plain), plain, "nothing to take out");
}

#[test]
fn a_message_that_is_too_long_is_cut_off() {
    let wire = invite("", &"x".repeat(trace::message::LONGEST));
    assert_eq!(kept(&wire).len(), trace::message::LONGEST);
}
