//! The worked examples of RFC 2617 section 3.5, RFC 2069 (as corrected) and RFC 7616 section 3.9.1,
//! and what is answered and what is not.

use uac::digest::{Answer, Answers, Challenge, Credentials, Refused, digest};
use uac::{Headers, Method, Response, Secret};

fn credentials(user: &str, password: &str) -> Credentials {
    Credentials { user: user.to_owned(), password: Secret::new(password), realm: None }
}

fn challenge(line: &str) -> Challenge {
    Challenge::parse_all(line).remove(0)
}

#[test]
fn md5_with_qop_auth_as_in_rfc_2617() {
    let challenge = challenge(
        r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
    );
    let answer = Answer { method: "GET", uri: "/dir/index.html", body: b"", cnonce: "0a4f113b", count: 1 };
    let response = digest(&answer, &credentials("Mufasa", "Circle Of Life"), &challenge);
    assert_eq!(response, "6629fae49393a05397450978507c4ef1");
}

#[test]
fn md5_and_sha256_as_in_rfc_7616() {
    let line = |algorithm: &str| {
        format!(
            r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
        )
    };
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    let answer = Answer { method: "GET", uri: "/dir/index.html", body: b"", cnonce, count: 1 };
    let credentials = credentials("Mufasa", "Circle of Life");
    let table = [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ];
    for (algorithm, expected) in table {
        assert_eq!(digest(&answer, &credentials, &challenge(&line(algorithm))), expected, "{algorithm}");
    }
}

#[test]
fn without_qop_as_in_rfc_2069() {
    let challenge =
        challenge(r#"Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#);
    let answer = Answer { method: "GET", uri: "/dir/index.html", body: b"", cnonce: "unused", count: 1 };
    let response = digest(&answer, &credentials("Mufasa", "CircleOfLife"), &challenge);
    assert_eq!(response, "1949323746fe6a43ef61f9606e7febea");
}

fn challenged_by(status: u16, lines: &[&str]) -> Response {
    let mut headers = Headers::default();
    let name = if status == 407 { "Proxy-Authenticate" } else { "WWW-Authenticate" };
    for line in lines {
        headers.push(name, *line);
    }
    Response { status, phrase: String::new(), headers, body: Vec::new() }
}

fn header_lines(answers: &mut Answers, credentials: &Credentials) -> Vec<(&'static str, String)> {
    answers.authorize(Some(credentials), (&Method::Invite, "sip:1@h", b""), "c")
}

#[test]
fn of_one_realm_the_topmost_supported_challenge_is_answered() {
    let mut answers = Answers::default();
    let offered = [
        r#"Digest realm="r", nonce="n1", algorithm=SHA-512-256, qop="auth""#,
        r#"Digest realm="r", nonce="n2", algorithm=SHA-256, qop="auth""#,
        r#"Digest realm="r", nonce="n3", algorithm=MD5, qop="auth""#,
    ];
    let credentials = credentials("u", "p");
    assert_eq!(answers.challenged(Some(&credentials), &challenged_by(401, &offered)), Ok(()));
    let lines = header_lines(&mut answers, &credentials);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].1.contains("nonce=\"n2\"") && lines[0].1.contains("algorithm=SHA-256"), "{lines:?}");
}

#[test]
fn a_nonce_used_again_counts_on() {
    let mut answers = Answers::default();
    let credentials = credentials("u", "p");
    let asked = challenged_by(407, &[r#"Digest realm="r", nonce="n", qop="auth""#]);
    assert_eq!(answers.challenged(Some(&credentials), &asked), Ok(()));
    for count in ["nc=00000001", "nc=00000002"] {
        let lines = header_lines(&mut answers, &credentials);
        assert_eq!(lines[0].0, "Proxy-Authorization");
        assert!(lines[0].1.contains(count), "{lines:?}");
    }
}

/// Name, credentials, challenges one after the other, and the outcome.
type Row<'a> = (&'a str, Option<&'a Credentials>, &'a [&'a str], Option<Refused>);

#[test]
fn what_is_refused_is_refused_for_its_reason() {
    let ours = Credentials { realm: Some("ours".to_owned()), ..credentials("u", "p") };
    let any = credentials("u", "p");
    let fresh = r#"Digest realm="ours", nonce="n", qop="auth""#;
    let stale = r#"Digest realm="ours", nonce="m", qop="auth", stale=true"#;
    let table: [Row; 7] = [
        ("no credentials", None, &[fresh], Some(Refused::NoCredentials)),
        (
            "a foreign realm",
            Some(&ours),
            &[r#"Digest realm="theirs", nonce="n""#],
            Some(Refused::ForeignRealm("theirs".into())),
        ),
        (
            "an unknown algorithm",
            Some(&any),
            &[r#"Digest realm="r", nonce="n", algorithm=X"#],
            Some(Refused::Unsupported),
        ),
        ("asked again", Some(&ours), &[fresh, fresh], Some(Refused::WrongPassword("ours".into()))),
        ("stale once", Some(&ours), &[fresh, stale], None),
        ("stale twice", Some(&ours), &[fresh, stale, stale], Some(Refused::WrongPassword("ours".into()))),
        (
            "ever new realms",
            Some(&any),
            &[
                r#"Digest realm="1", nonce="n""#,
                r#"Digest realm="2", nonce="n""#,
                r#"Digest realm="3", nonce="n""#,
                r#"Digest realm="4", nonce="n""#,
                r#"Digest realm="5", nonce="n""#,
                r#"Digest realm="6", nonce="n""#,
            ],
            Some(Refused::Endless),
        ),
    ];
    for (name, credentials, rounds, expected) in table {
        let mut answers = Answers::default();
        let mut rounds = rounds.iter();
        let outcome =
            rounds.try_for_each(|line| answers.challenged(credentials, &challenged_by(401, &[line])));
        assert_eq!(outcome.err(), expected, "{name}");
    }
}
