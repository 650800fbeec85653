//! The worked examples of RFC 2617 section 3.5, RFC 2069 (as corrected), and RFC 7616 section
//! 3.9.1. RFC 8760 has none of its own.

mod common;

use common::credentials;
use uac::Secret;
use uac::digest::{Answer, Challenge, Credentials, digest};

fn known_as(user: &str, password: &str) -> Credentials {
    Credentials { user: user.to_owned(), password: Secret::new(password), ..credentials() }
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
    let response = digest(&answer, &known_as("Mufasa", "Circle Of Life"), &challenge);
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
    let credentials = known_as("Mufasa", "Circle of Life");
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
    let response = digest(&answer, &known_as("Mufasa", "CircleOfLife"), &challenge);
    assert_eq!(response, "1949323746fe6a43ef61f9606e7febea");
}

/// The request of RFC 7616 section 3.9.1 with a body; the values are its formulas of section 3.4
/// computed by another implementation.
#[test]
fn the_session_variants_and_the_body_are_hashed_in() {
    let line = |algorithm: &str, qop: &str| {
        format!(
            r#"Digest realm="http-auth@example.org", qop="{qop}", algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v""#
        )
    };
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    let answer = Answer { method: "GET", uri: "/dir/index.html", body: b"v=0\r\n", cnonce, count: 1 };
    let table = [
        ("MD5-sess", "auth", "e783283f46242139c486a698fec7211d"),
        ("SHA-256-sess", "auth", "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7"),
        ("MD5", "auth-int", "d1b8e2ac3f6782372de4bf3d8735b406"),
        ("SHA-256", "auth-int", "385d2de062660ced11876f42d9497c69cacf5caaf3d951dd424aee9f7157d563"),
    ];
    let credentials = known_as("Mufasa", "Circle of Life");
    for (algorithm, qop, expected) in table {
        let response = digest(&answer, &credentials, &challenge(&line(algorithm, qop)));
        assert_eq!(response, expected, "{algorithm} {qop}");
    }
}
