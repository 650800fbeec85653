//! Which challenges are answered, and which are not.

mod common;

use std::net::IpAddr;

use common::{PEER, credentials, line};
use proptest::prelude::*;
use uac::digest::{Answers, Credentials, Hash, Refused};
use uac::{Headers, Hop, Line, Method, Response, Transport};

fn challenged_by(status: u16, lines: &[&str]) -> Response {
    let mut headers = Headers::default();
    let name = if status == 407 { "Proxy-Authenticate" } else { "WWW-Authenticate" };
    for line in lines {
        headers.push(name, *line);
    }
    Response { status, phrase: String::new(), headers, body: Vec::new() }
}

fn peer() -> Hop {
    Hop::resolved((PEER, 5060).into(), Transport::Udp)
}

fn challenge(answers: &mut Answers, response: &Response) -> Result<(), Refused> {
    answers.challenged(&line(), response, (PEER, &peer()))
}

fn header_lines(answers: &mut Answers, cnonce: &str) -> Vec<(&'static str, String)> {
    answers.authorize(Some(&credentials()), (&Method::Invite, "sip:1@h", b""), cnonce)
}

#[test]
fn of_one_realm_the_topmost_supported_challenge_is_answered() {
    let mut answers = Answers::default();
    let offered = [
        r#"Digest realm="r", nonce="n1", algorithm=AKAv1-MD5, qop="auth""#,
        r#"Digest realm="r", nonce="n2", algorithm=SHA-256, qop="auth""#,
        r#"Digest realm="r", nonce="n3", algorithm=MD5, qop="auth""#,
    ];
    assert_eq!(challenge(&mut answers, &challenged_by(401, &offered)), Ok(()));
    let lines = header_lines(&mut answers, "c");
    assert_eq!(lines.len(), 1);
    assert!(lines[0].1.contains("nonce=\"n2\"") && lines[0].1.contains("algorithm=SHA-256"), "{lines:?}");
    assert_eq!(answers.weakest(), Some(Hash::Sha256));
}

#[test]
fn all_challenges_of_one_response_are_answered_together() {
    let mut asked = challenged_by(
        407,
        &[r#"Digest realm="r", nonce="n1", Digest realm="s", nonce="n2""#, r#"Basic realm="r""#],
    );
    asked.headers.push("WWW-Authenticate", r#"Digest realm="R", nonce="n3", qop="auth-int""#);
    let mut answers = Answers::default();
    assert_eq!(challenge(&mut answers, &asked), Ok(()));
    let lines = header_lines(&mut answers, "c");
    let found: Vec<_> =
        [("Authorization", "n3"), ("Proxy-Authorization", "n1"), ("Proxy-Authorization", "n2")]
            .map(|(name, nonce)| {
                let of = |(n, value): &&(&str, String)| {
                    *n == name && value.contains(&format!("nonce=\"{nonce}\""))
                };
                lines.iter().filter(of).count()
            })
            .into();
    assert_eq!((lines.len(), found), (3, vec![1, 1, 1]), "{lines:?}");
    assert!(lines.iter().all(|(_, value)| value.starts_with("Digest ")), "never Basic");
}

#[test]
fn a_nonce_used_again_counts_on() {
    let mut answers = Answers::default();
    let asked = challenged_by(407, &[r#"Digest realm="r", nonce="n", qop="auth""#]);
    assert_eq!(challenge(&mut answers, &asked), Ok(()));
    for count in ["nc=00000001", "nc=00000002"] {
        let lines = header_lines(&mut answers, "c");
        assert_eq!(lines[0].0, "Proxy-Authorization");
        assert!(lines[0].1.contains(count), "{lines:?}");
    }
}

#[test]
fn a_session_variant_keeps_its_first_cnonce() {
    for (algorithm, second) in [("MD5-sess", "cnonce=\"a\""), ("MD5", "cnonce=\"b\"")] {
        let mut answers = Answers::default();
        let asked = format!(r#"Digest realm="r", nonce="n", qop="auth", algorithm={algorithm}"#);
        assert_eq!(challenge(&mut answers, &challenged_by(401, &[&asked])), Ok(()));
        header_lines(&mut answers, "a");
        assert!(header_lines(&mut answers, "b")[0].1.contains(second), "{algorithm}");
    }
}

#[test]
fn the_next_request_uses_the_nonce_on_or_the_one_it_was_told() {
    let mut answers = Answers::default();
    let asked = challenged_by(401, &[r#"Digest realm="r", nonce="n", qop="auth""#]);
    assert_eq!(challenge(&mut answers, &asked), Ok(()));
    header_lines(&mut answers, "c");
    let mut accepted = Response { status: 200, ..asked.clone() };
    answers.carry_over(&accepted);
    assert!(answers.is_carried());
    let line = header_lines(&mut answers, "c").remove(0).1;
    assert!(line.contains("nonce=\"n\"") && line.contains("nc=00000002"), "{line}");
    accepted.headers.push("Authentication-Info", "qop=auth, nextnonce=\"m\"");
    answers.carry_over(&accepted);
    let line = header_lines(&mut answers, "c").remove(0).1;
    assert!(line.contains("nonce=\"m\"") && line.contains("nc=00000001"), "{line}");
    // The server wants another all the same, stale or not; asked twice, the password is wrong.
    assert_eq!(challenge(&mut answers, &asked), Ok(()));
    assert!(!answers.is_carried());
    assert_eq!(challenge(&mut answers, &asked), Err(Refused::WrongPassword("r".into())));
}

/// Name, credentials, challenges one after the other, and the outcome.
type Row<'a> = (&'a str, Option<Credentials>, &'a [&'a str], Option<Refused>);

#[test]
fn what_is_refused_is_refused_for_its_reason() {
    let ours = Some(credentials());
    let strict = Some(Credentials { allow_md5: false, ..credentials() });
    let fresh = r#"Digest realm="r", nonce="n", qop="auth""#;
    let stale = r#"Digest realm="r", nonce="m", qop="auth", stale=true"#;
    let table: [Row; 10] = [
        ("no credentials", None, &[fresh], Some(Refused::NoCredentials)),
        (
            "a foreign realm",
            ours.clone(),
            &[r#"Digest realm="theirs", nonce="n""#],
            Some(Refused::ForeignRealm("theirs".into())),
        ),
        (
            "a foreign realm after ours",
            ours.clone(),
            &[fresh, r#"Digest realm="theirs", nonce="n""#],
            Some(Refused::ForeignRealm("theirs".into())),
        ),
        (
            "an unknown algorithm",
            ours.clone(),
            &[r#"Digest realm="r", nonce="n", algorithm=X"#],
            Some(Refused::Unsupported),
        ),
        ("no challenge at all", ours.clone(), &[r#"Basic realm="r""#], Some(Refused::Unsupported)),
        ("MD5 where it is not allowed", strict.clone(), &[fresh], Some(Refused::OnlyMd5)),
        ("SHA-256 there", strict, &[r#"Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth""#], None),
        ("asked again", ours.clone(), &[fresh, fresh], Some(Refused::WrongPassword("r".into()))),
        ("stale once", ours.clone(), &[fresh, stale], None),
        ("stale twice", ours, &[fresh, stale, stale], Some(Refused::WrongPassword("r".into()))),
    ];
    for (name, credentials, rounds, expected) in table {
        let line = Line { credentials, ..line() };
        let mut answers = Answers::default();
        let mut rounds = rounds.iter();
        let outcome = rounds
            .try_for_each(|asked| answers.challenged(&line, &challenged_by(401, &[asked]), (PEER, &peer())));
        assert_eq!(outcome.err(), expected, "{name}");
    }
}

#[test]
fn a_peer_that_keeps_asking_is_given_up() {
    let realms: Vec<String> = (0..9).map(|n| n.to_string()).collect();
    let credentials = Credentials { realms: realms.clone(), ..credentials() };
    let line = Line { credentials: Some(credentials), ..line() };
    let mut answers = Answers::default();
    let mut rounds = realms.iter().map(|realm| format!("Digest realm=\"{realm}\", nonce=\"n\""));
    let outcome = rounds
        .try_for_each(|asked| answers.challenged(&line, &challenged_by(401, &[&asked]), (PEER, &peer())));
    assert_eq!(outcome, Err(Refused::Endless));
}

#[test]
fn only_the_addresses_of_the_trunk_are_answered() {
    let elsewhere: IpAddr = [198, 51, 100, 1].into();
    let second: IpAddr = [192, 0, 2, 10].into();
    let ways = vec![peer(), Hop::resolved((second, 5060).into(), Transport::Udp)];
    let line = Line { ways, ..line() };
    let asked = challenged_by(401, &[r#"Digest realm="r", nonce="n""#]);
    let sent_elsewhere = Hop::resolved((elsewhere, 5060).into(), Transport::Udp);
    let table = [
        ("the way it was sent to", PEER, peer(), Ok(())),
        ("the trunk's other way", second, peer(), Ok(())),
        ("a stranger", elsewhere, peer(), Err(Refused::UnexpectedSource(elsewhere))),
        ("where a request in the call went", elsewhere, sent_elsewhere, Ok(())),
    ];
    for (name, from, hop, expected) in table {
        assert_eq!(Answers::default().challenged(&line, &asked, (from, &hop)), expected, "{name}");
    }
}

#[test]
fn a_trunk_set_to_tls_gives_nothing_away_in_clear() {
    let asked = challenged_by(401, &[r#"Digest realm="r", nonce="n""#]);
    let line = Line { transport: Transport::Tls, ..line() };
    for (transport, expected) in [
        (Transport::Tls, Ok(())),
        (Transport::Tcp, Err(Refused::InClear)),
        (Transport::Udp, Err(Refused::InClear)),
    ] {
        let hop = Hop::resolved((PEER, 5061).into(), transport);
        assert_eq!(Answers::default().challenged(&line, &asked, (PEER, &hop)), expected, "{transport}");
    }
    let unsaid = Hop { transport: None, ..peer() };
    assert_eq!(Answers::default().challenged(&line, &asked, (PEER, &unsaid)), Ok(()), "the trunk's own");
}

fn realm() -> impl Strategy<Value = String> {
    prop_oneof!["[rs]", "[RS]", "[a-z]{1,3}", "r[ .]?", ".{0,5}"]
}

proptest! {
    /// Whatever is asked, in whatever order and form: what leaves names a realm of ours.
    #[test]
    fn never_an_answer_to_another_realm(
        rounds in prop::collection::vec((any::<bool>(), prop::collection::vec((realm(), any::<bool>()), 0..4)), 1..6)
    ) {
        let mut answers = Answers::default();
        for (proxy, asked) in rounds {
            let lines: Vec<String> = asked.iter().map(|(realm, stale)| {
                let realm = realm.replace('\\', "\\\\").replace('"', "\\\"");
                format!("Digest realm=\"{realm}\", nonce=\"n\", qop=\"auth\", stale={stale}")
            }).collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let _ = challenge(&mut answers, &challenged_by(if proxy { 407 } else { 401 }, &lines));
            for (_, value) in header_lines(&mut answers, "c") {
                let known = ["r", "s"].iter().any(|ours| {
                    value.to_ascii_lowercase().contains(&format!(" realm=\"{ours}\","))
                });
                prop_assert!(known, "{value}");
            }
        }
    }
}
