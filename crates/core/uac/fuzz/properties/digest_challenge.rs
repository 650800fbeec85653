//! Any challenge: answered or refused, never a panic. Our answer stays one header line, names our
//! user, and never holds the password.

use std::net::IpAddr;

use uac::digest::{Answers, Challenge, Credentials};
use uac::{Headers, Hop, Identity, Line, Method, Response, Secret, Transport};

pub(crate) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace(['\r', '\n'], " ");
    let challenges = Challenge::parse_all(&text);
    let credentials = Credentials {
        user: "4001234567".to_owned(),
        password: Secret::new("correct horse battery"),
        realms: challenges.into_iter().map(|challenge| challenge.realm).collect(),
        allow_md5: true,
    };
    let line = line(credentials.clone());
    let peer: IpAddr = [192, 0, 2, 9].into();
    let mut answers = Answers::default();
    for (status, name) in [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate"), (401, "WWW-Authenticate")]
    {
        let mut headers = Headers::default();
        headers.push(name, text.as_str());
        let response = Response { status, phrase: String::new(), headers, body: Vec::new() };
        if answers.challenged(&line, &response, (peer, &line.peer)).is_err() {
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

fn line(credentials: Credentials) -> Line {
    let peer = Hop::resolved(([192, 0, 2, 9], 5060).into(), Transport::Udp);
    Line {
        proxy: None,
        ways: Vec::new(),
        service_route: Vec::new(),
        transport: Transport::Udp,
        identity: Identity::new("4001234567", "company.example").expect("it may stand in a header"),
        credentials: Some(credentials),
        local: peer.clone(),
        user_agent: "fuzz".to_owned(),
        policy: uac::Policy::default(),
        peer,
    }
}
