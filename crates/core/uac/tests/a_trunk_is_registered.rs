//! A registration in virtual time with a hand-written registrar.

mod common;

use std::time::Duration;

use common::{PEER, response};
use uac::registration::{RegistrationOutput, instance};
use uac::{Hop, Line, Registrar, Registration, RegistrationState, Request, Seed, Transport};

fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn way(last: u8) -> Hop {
    Hop::resolved(([192, 0, 2, last], 5060).into(), Transport::Udp)
}

fn registrar() -> Registrar {
    Registrar {
        host: Hop::parse("carrier.example").unwrap(),
        user: "4001234567".to_owned(),
        domain: "carrier.example".to_owned(),
        expires: secs(3600),
        retry: secs(5),
        instance: instance("test"),
        contact_from_rport: false,
    }
}

/// A registration with what it has put out so far.
struct Bench {
    registration: Registration,
    now: Duration,
    requests: Vec<(Request, Hop)>,
    states: Vec<RegistrationState>,
    warnings: Vec<String>,
}

impl Bench {
    fn start() -> Self {
        Self::of(registrar(), vec![way(9)], 1)
    }

    fn of(registrar: Registrar, ways: Vec<Hop>, seed: u8) -> Self {
        let line = Line { ways, ..common::line() };
        let registration = Registration::start(Duration::ZERO, registrar, line, Seed::new([seed; 16]));
        let mut bench = Self {
            registration,
            now: Duration::ZERO,
            requests: Vec::new(),
            states: Vec::new(),
            warnings: Vec::new(),
        };
        bench.drain();
        bench
    }

    fn drain(&mut self) {
        while let Some(output) = self.registration.poll() {
            match output {
                RegistrationOutput::Request(request, hop) => self.requests.push((request, hop)),
                RegistrationOutput::State(state) => self.states.push(state),
                RegistrationOutput::Warn(warning) => self.warnings.push(warning),
                RegistrationOutput::Abandon(_) => {}
            }
        }
    }

    fn last(&self) -> Request {
        self.requests.last().expect("a REGISTER").0.clone()
    }

    fn contact(&self) -> String {
        self.last().headers.first("Contact").unwrap().to_owned()
    }

    /// The registrar answers the last REGISTER; the Contact that `response` puts in is taken out.
    fn answer(&mut self, status: u16, more: &[(&str, &str)]) {
        let mut response = response(&self.last(), status, "t", &[]);
        response.headers.remove("Contact");
        for (name, value) in more {
            response.headers.push(name, *value);
        }
        self.registration.on_response(self.now, &response, PEER);
        self.drain();
    }

    /// The registrar binds the Contact that was asked for.
    fn accept(&mut self, expires: u64) {
        let uri = self.last().headers.contact().unwrap();
        self.answer(
            200,
            &[("Contact", &format!("<sip:else@198.51.100.7>;expires=60, <{uri}>;expires={expires}"))],
        );
    }

    fn tick(&mut self) -> Duration {
        let at = self.registration.deadline().expect("a deadline");
        let waited = at.saturating_sub(self.now);
        self.now = self.now.max(at);
        self.registration.on_tick(self.now);
        self.drain();
        waited
    }

    fn local(&mut self, local: &str) {
        self.registration.on_local(self.now, Hop::parse(local).unwrap());
        self.drain();
    }

    fn is_registered(&self) -> bool {
        matches!(self.registration.state(), RegistrationState::Registered(_))
    }

    fn reason(&self) -> &str {
        match self.registration.state() {
            RegistrationState::Failed { reason } | RegistrationState::AuthFailed { reason } => reason,
            other => panic!("{other:?} has no reason"),
        }
    }
}

const ASKED: (&str, &str) = ("WWW-Authenticate", r#"Digest realm="r", nonce="n", qop="auth""#);

#[test]
fn the_request_is_as_rfc_3261_section_10_wants_it() {
    let bench = Bench::start();
    let (request, hop) = bench.requests[0].clone();
    let header = |name| request.headers.first(name).unwrap();
    assert_eq!(
        (request.method.as_str(), request.uri.as_str(), hop),
        ("REGISTER", "sip:carrier.example", way(9))
    );
    assert_eq!(header("To"), "<sip:4001234567@carrier.example>");
    assert!(header("From").starts_with("<sip:4001234567@carrier.example>;tag="));
    assert!(header("Contact").starts_with("<sip:4001234567@192.0.2.1:5060>;+sip.instance=\"<urn:uuid:"));
    assert!(header("Contact").ends_with(";expires=3600"));
    assert_eq!((header("Expires"), header("CSeq")), ("3600", "1 REGISTER"));
    let other = Bench::of(registrar(), vec![way(9)], 2);
    assert_ne!(other.last().headers.call_id(), request.headers.call_id(), "a start has its own Call-ID");
    assert_eq!(instance("test"), instance("test"), "but the same instance");
    assert_ne!(instance("test"), instance("other"));
}

#[test]
fn a_binding_is_refreshed_before_it_ends_and_goes_by_what_the_registrar_granted() {
    for seed in 0..20 {
        let mut bench = Bench::of(registrar(), vec![way(9)], seed);
        bench.accept(600);
        let RegistrationState::Registered(binding) = bench.registration.state() else { panic!() };
        assert_eq!(binding.until, secs(600), "the other binding of 60 s is somebody else's");
        let waited = bench.tick();
        assert!((secs(510)..=secs(540)).contains(&waited), "{waited:?}");
        assert_eq!(bench.last().headers.first("CSeq"), Some("2 REGISTER"));
        assert_eq!(bench.last().headers.call_id(), bench.requests[0].0.headers.call_id());
    }
}

#[test]
fn the_lifetime_is_found_wherever_the_registrar_says_it() {
    let table: [(&[(&str, &str)], u64); 6] = [
        (&[("Contact", "<sip:4001234567@192.0.2.1:5060;x=y>;expires=\"90\"")], 90),
        (&[("Contact", "<sip:4001234567@192.0.2.1:5060>"), ("Expires", "120")], 120),
        (&[("Contact", "<sip:4001234567@203.0.113.5:1024>;expires=70")], 70),
        (&[("Expires", "300")], 300),
        (&[("Contact", "sip:4001234567@192.0.2.1:5060;expires=80")], 80),
        (&[("Contact", "<sip:4001234567@192.0.2.1:5060>;expires=99999")], 3600),
    ];
    for (headers, expected) in table {
        let mut bench = Bench::start();
        bench.answer(200, headers);
        let RegistrationState::Registered(binding) = bench.registration.state() else {
            panic!("{headers:?}")
        };
        assert_eq!(binding.until, secs(expected), "{headers:?}");
    }
}

#[test]
fn an_interval_that_is_too_brief_is_raised_and_kept() {
    let mut bench = Bench::start();
    bench.answer(423, &[("Min-Expires", "7200")]);
    assert!(bench.contact().ends_with("expires=7200"));
    bench.accept(7200);
    assert!(bench.is_registered());
    bench.tick();
    assert!(bench.contact().ends_with("expires=7200"));

    for senseless in
        [&[("Min-Expires", "60")][..], &[("Min-Expires", "999999")], &[("Min-Expires", "x")], &[]]
    {
        let mut bench = Bench::start();
        bench.answer(423, senseless);
        assert_eq!(bench.requests.len(), 1);
        assert!(bench.reason().contains("register_expires"), "{}", bench.reason());
    }
}

#[test]
fn a_challenge_is_answered_and_its_nonce_used_on() {
    let mut bench = Bench::start();
    bench.answer(401, &[ASKED]);
    let said = bench.last().headers.first("Authorization").unwrap().to_owned();
    assert!(said.contains("nc=00000001") && said.contains("uri=\"sip:carrier.example\""), "{said}");
    bench.accept(600);
    bench.tick();
    let said = bench.last().headers.first("Authorization").unwrap().to_owned();
    assert!(said.contains("nonce=\"n\"") && said.contains("nc=00000002"), "{said}");
    // The registrar has forgotten that nonce.
    bench.answer(401, &[("WWW-Authenticate", r#"Digest realm="r", nonce="m", qop="auth", stale=true"#)]);
    let said = bench.last().headers.first("Authorization").unwrap().to_owned();
    assert!(said.contains("nonce=\"m\"") && said.contains("nc=00000001"), "{said}");
    bench.accept(600);
    bench.tick();
    // A registrar that dislikes used nonces altogether gets a request without.
    bench.answer(403, &[]);
    assert_eq!(bench.last().headers.first("Authorization"), None);
    bench.answer(401, &[ASKED]);
    bench.accept(600);
    assert!(bench.is_registered());
    assert!(bench.warnings.is_empty(), "{:?}", bench.warnings);
}

#[test]
fn a_wrong_password_is_told_and_tried_seldom() {
    let mut bench = Bench::start();
    bench.answer(401, &[ASKED]);
    bench.answer(401, &[ASKED]);
    assert!(matches!(bench.registration.state(), RegistrationState::AuthFailed { .. }));
    assert!(bench.reason().contains("correct the trunk's user and password"));
    assert_eq!(bench.tick(), secs(300));
    bench.answer(403, &[]);
    assert!(bench.reason().contains("403") && bench.reason().contains("check user, password and domain"));
    assert_eq!(bench.tick(), secs(300));
    bench.answer(401, &[ASKED]);
    bench.accept(600);
    assert!(bench.is_registered(), "a password that is put right there counts at once");
}

#[test]
fn a_registrar_that_restarts_between_its_challenge_and_our_answer_is_asked_again_soon() {
    let mut bench = Bench::start();
    bench.answer(401, &[ASKED]);
    bench.accept(600);
    bench.tick();
    bench.answer(401, &[ASKED]);
    // It knows that nonce no more, and says nothing of stale.
    bench.answer(401, &[("WWW-Authenticate", r#"Digest realm="r", nonce="m", qop="auth""#)]);
    assert!(bench.is_registered(), "the binding counts until it expires");
    assert_eq!(bench.warnings.len(), 1);
    let waited = bench.tick();
    assert!(waited <= secs(10), "{waited:?}");
    assert_eq!(bench.last().headers.first("Authorization"), None, "from the beginning");
    bench.answer(401, &[ASKED]);
    // Once may be chance; twice is the password.
    bench.answer(401, &[ASKED]);
    assert!(matches!(bench.registration.state(), RegistrationState::AuthFailed { .. }));
}

#[test]
fn a_challenge_from_elsewhere_or_of_another_realm_gets_nothing() {
    let mut bench = Bench::start();
    bench.answer(401, &[("WWW-Authenticate", r#"Digest realm="theirs", nonce="n""#)]);
    assert_eq!(bench.requests.len(), 1);
    assert!(bench.reason().contains("\"theirs\"") && bench.reason().contains("realm"), "{}", bench.reason());

    let mut bench = Bench::start();
    let mut asked = response(&bench.last(), 401, "t", &[ASKED]);
    asked.headers.remove("Contact");
    bench.registration.on_response(Duration::ZERO, &asked, [198, 51, 100, 1].into());
    bench.drain();
    assert_eq!(bench.requests.len(), 1);
    assert!(bench.reason().contains("198.51.100.1"), "{}", bench.reason());
}

#[test]
fn a_silent_registrar_is_tried_over_every_way_and_then_ever_later_up_to_five_minutes() {
    let mut bench = Bench::of(registrar(), vec![way(9), way(10)], 1);
    assert_eq!(bench.tick(), secs(10));
    assert_eq!(bench.requests.last().unwrap().1, way(10), "the second way, without a pause");
    bench.tick();
    assert!(bench.reason().contains("no answer to REGISTER: check"), "{}", bench.reason());
    let mut upper = secs(10);
    for _ in 0..9 {
        let pause = bench.tick();
        assert!(pause >= upper / 2 && pause <= upper, "{pause:?} of {upper:?}");
        upper = (upper * 2).min(secs(300));
        bench.tick();
        bench.tick();
    }
    assert_eq!(upper, secs(300));
    bench.tick();
    bench.accept(600);
    assert!(bench.is_registered(), "and it is back with its first answer");
}

#[test]
fn two_clients_do_not_come_back_at_the_same_moment() {
    let pauses = (0..30).map(|seed| {
        let mut bench = Bench::of(registrar(), vec![way(9)], seed);
        bench.answer(500, &[]);
        bench.tick()
    });
    let pauses: std::collections::BTreeSet<Duration> = pauses.collect();
    assert!(pauses.len() > 25, "{pauses:?}");
}

#[test]
fn retry_after_is_waited_for() {
    let mut bench = Bench::start();
    bench.answer(503, &[("Retry-After", "120 (maintenance);duration=60")]);
    assert!(bench.reason().contains("503"));
    assert_eq!(bench.tick(), secs(120));
}

#[test]
fn a_redirection_is_not_followed() {
    let mut bench = Bench::start();
    bench.answer(302, &[("Contact", "<sip:198.51.100.9>")]);
    assert_eq!(bench.requests.len(), 1);
    assert!(bench.reason().contains("198.51.100.9") && bench.reason().contains("registrar"));
}

#[test]
fn a_binding_that_cannot_be_refreshed_counts_until_it_expires() {
    let mut bench = Bench::start();
    bench.accept(600);
    bench.tick();
    bench.answer(500, &[]);
    assert!(bench.is_registered());
    assert!(bench.warnings[0].contains("was not refreshed"), "{:?}", bench.warnings);
    while bench.is_registered() {
        bench.tick();
        assert!(bench.now <= secs(600));
    }
    assert_eq!(bench.now, secs(600));
    assert!(bench.reason().contains("expired"));
}

#[test]
fn a_change_of_network_is_registered_at_once_and_the_old_binding_given_back() {
    let mut bench = Bench::start();
    bench.accept(600);
    bench.local("192.0.2.1:5060");
    assert_eq!(bench.requests.len(), 1, "the same address is no change");
    bench.now = secs(100);
    bench.local("203.0.113.5:5060");
    assert!(bench.contact().starts_with("<sip:4001234567@203.0.113.5:5060>"));
    assert!(bench.last().headers.first("Via").unwrap().contains("203.0.113.5:5060"));
    let both = "<sip:4001234567@192.0.2.1:5060>;expires=500, <sip:4001234567@203.0.113.5:5060>;expires=600";
    bench.answer(200, &[("Contact", both)]);
    let RegistrationState::Registered(binding) = bench.registration.state() else { panic!() };
    assert_eq!(binding.local, Hop::parse("203.0.113.5:5060").unwrap());
    assert_eq!(bench.requests.len(), 3);
    let contact = bench.contact();
    assert!(
        contact.starts_with("<sip:4001234567@192.0.2.1:5060>") && contact.ends_with("expires=0"),
        "{contact}"
    );
    bench.answer(200, &[]);
    assert!(bench.is_registered(), "that was the old one's end, not ours");
    let waited = bench.tick();
    assert!(waited >= secs(500), "and the refresh comes in its time: {waited:?}");
}

#[test]
fn behind_nat_the_operator_is_warned_once_or_the_seen_address_registered() {
    let seen = |bench: &Bench| {
        format!("{};received=203.0.113.9", bench.last().headers.first("Via").unwrap())
            .replace(";rport", ";rport=40000")
    };
    let answer = |bench: &mut Bench| {
        let uri = bench.last().headers.contact().unwrap();
        let mut response = response(&bench.last(), 200, "t", &[]);
        response.headers.set("Via", seen(bench));
        response.headers.set("Contact", format!("<{uri}>;expires=600"));
        bench.registration.on_response(bench.now, &response, PEER);
        bench.drain();
    };
    let mut bench = Bench::start();
    answer(&mut bench);
    bench.tick();
    answer(&mut bench);
    assert_eq!(bench.warnings.len(), 1, "{:?}", bench.warnings);
    assert!(bench.warnings[0].contains("203.0.113.9:40000") && bench.warnings[0].contains("advertise"));

    let follows = Registrar { contact_from_rport: true, ..registrar() };
    let mut bench = Bench::of(follows, vec![way(9)], 1);
    answer(&mut bench);
    assert!(bench.contact().starts_with("<sip:4001234567@203.0.113.9:40000>"), "{}", bench.contact());
    answer(&mut bench);
    assert_eq!((bench.requests.len(), bench.warnings.len()), (2, 0), "seen as registered");
    bench.local("192.0.2.1:5060");
    assert_eq!(bench.requests.len(), 2, "our own address has not changed");
}

#[test]
fn a_refused_call_lets_the_binding_be_checked_but_not_every_one() {
    let mut bench = Bench::start();
    bench.registration.check(secs(1));
    bench.drain();
    assert_eq!(bench.requests.len(), 1, "it is being asked for already");
    bench.accept(600);
    for second in [2, 3, 40] {
        bench.now = secs(second);
        bench.registration.check(secs(second));
        bench.drain();
        if bench.requests.len() > bench.states.len() {
            bench.accept(600);
        }
    }
    assert_eq!(bench.requests.len(), 3, "at 2 s and at 40 s");
}

#[test]
fn the_service_route_is_kept() {
    let mut bench = Bench::start();
    let uri = bench.last().headers.contact().unwrap();
    bench.answer(
        200,
        &[
            ("Contact", &format!("<{uri}>;expires=600")),
            ("Service-Route", "<sip:a.example;lr>, <sip:b.example;lr>"),
            ("Service-Route", "<sip:c.example;lr>"),
        ],
    );
    let RegistrationState::Registered(binding) = bench.registration.state() else { panic!() };
    assert_eq!(binding.service_route, ["<sip:a.example;lr>", "<sip:b.example;lr>", "<sip:c.example;lr>"]);
}

#[test]
fn at_the_end_only_our_own_binding_is_given_back_and_nobody_waits_long() {
    let mut bench = Bench::start();
    bench.answer(401, &[ASKED]);
    bench.accept(600);
    bench.registration.end(secs(1));
    bench.drain();
    assert!(bench.contact().starts_with("<sip:4001234567@192.0.2.1:5060>"), "never Contact: *");
    assert!(bench.contact().ends_with("expires=0"));
    bench.answer(401, &[("WWW-Authenticate", r#"Digest realm="r", nonce="m", qop="auth", stale=true"#)]);
    assert!(bench.last().headers.first("Authorization").unwrap().contains("nonce=\"m\""));
    bench.answer(200, &[]);
    assert_eq!(bench.registration.state(), &RegistrationState::Ended);

    let mut silent = Bench::start();
    silent.accept(600);
    silent.registration.end(secs(1));
    silent.drain();
    silent.now = secs(1);
    silent.tick();
    assert_eq!((silent.now, silent.registration.state()), (secs(3), &RegistrationState::Ended));

    let mut never = Bench::start();
    never.registration.end(secs(1));
    assert_eq!(never.registration.state(), &RegistrationState::Ended, "there is nothing to give back");
}

#[test]
fn a_registrar_that_forgets_sha256_is_warned_of_once() {
    let strong = ("WWW-Authenticate", r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256"#);
    let mut bench = Bench::start();
    bench.answer(401, &[strong]);
    bench.accept(600);
    for _ in 0..2 {
        bench.tick();
        bench.answer(401, &[("WWW-Authenticate", r#"Digest realm="r", nonce="m", qop="auth""#)]);
        bench.accept(600);
    }
    assert!(bench.is_registered());
    assert_eq!(bench.warnings.len(), 1, "{:?}", bench.warnings);
    assert!(bench.warnings[0].contains("allow_md5"));
}
