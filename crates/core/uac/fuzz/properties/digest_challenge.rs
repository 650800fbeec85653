//! Any challenge: answered or refused, never a panic. Our answer stays one header line, names our
//! user, and never holds the password.

use uac::digest::{Answers, Challenge, Credentials};
use uac::{Headers, Method, Response, Secret};

pub(crate) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace(['\r', '\n'], " ");
    for challenge in Challenge::parse_all(&text) {
        let _ = challenge.is_usable();
    }
    let credentials = Credentials {
        user: "4001234567".to_owned(),
        password: Secret::new("correct horse battery"),
        realm: None,
    };
    let mut answers = Answers::default();
    for (status, name) in [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate"), (401, "WWW-Authenticate")]
    {
        let mut headers = Headers::default();
        headers.push(name, text.as_str());
        let response = Response { status, phrase: String::new(), headers, body: Vec::new() };
        if answers.challenged(Some(&credentials), &response).is_err() {
            return;
        }
        let request = (&Method::Invite, "sip:13800000000@carrier.example", &b"v=0\r\n"[..]);
        for (_, value) in answers.authorize(Some(&credentials), request, "cnonce") {
            assert!(value.starts_with("Digest username=\"4001234567\""), "{value}");
            assert!(!value.contains(['\r', '\n']), "{value:?}");
            assert!(!value.contains("battery"), "{value}");
            assert!(value.len() <= 4 * text.len() + 1_024, "{value}");
        }
    }
}
