//! A call in virtual time with a hand-written peer.
#![allow(dead_code, reason = "each test file uses its part")]

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use uac::digest::Credentials;
use uac::{
    Dial, Event, Hop, Identity, IdentityHeader, Input, Line, Output, Policy, Request, Response, Secret, Seed,
    Timing,
};
use uac::{Transport, Uac};

pub(crate) const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));

pub(crate) fn line() -> Line {
    Line {
        peer: Hop::resolved((PEER, 5060).into(), Transport::Udp),
        proxy: None,
        ways: Vec::new(),
        service_route: Vec::new(),
        transport: Transport::Udp,
        identity: Identity::new("4001234567", "company.example")
            .and_then(|identity| identity.headers(vec![IdentityHeader::Asserted]))
            .unwrap(),
        credentials: Some(credentials()),
        local: Hop::parse("192.0.2.1:5060").unwrap(),
        user_agent: "test".to_owned(),
        policy: Policy::default(),
    }
}

/// Good for the realms r and s.
pub(crate) fn credentials() -> Credentials {
    Credentials {
        user: "u".to_owned(),
        password: Secret::new("p"),
        realms: vec!["r".to_owned(), "s".to_owned()],
        allow_md5: true,
    }
}

/// The way of that number, the first being where `PEER` is.
pub(crate) fn way(number: usize) -> Hop {
    let last = u8::try_from(9 + number).unwrap();
    Hop::resolved(([192, 0, 2, last], 5060).into(), Transport::Udp)
}

pub(crate) fn line_over(ways: usize) -> Line {
    Line { ways: (0..ways).map(way).collect(), ..line() }
}

pub(crate) fn dial() -> Dial {
    Dial { number: "13800000000".to_owned(), call_id: "call-1".to_owned(), offer: "v=0\r\n".to_owned() }
}

/// The machine with what it has put out so far.
pub(crate) struct Call {
    pub(crate) uac: Uac,
    pub(crate) now: Duration,
    pub(crate) requests: Vec<Request>,
    /// Where each request went.
    pub(crate) hops: Vec<Hop>,
    pub(crate) acks: Vec<Request>,
    pub(crate) ack_hops: Vec<Hop>,
    pub(crate) suspected: Vec<Hop>,
    pub(crate) responses: Vec<(u64, Response)>,
    pub(crate) events: Vec<Event>,
    pub(crate) abandoned: usize,
    pub(crate) done: bool,
}

impl Call {
    pub(crate) fn start() -> Self {
        Self::of(
            Uac::dial(Duration::ZERO, line(), Timing::default(), Seed::new([7; 16]), &dial()),
            Duration::ZERO,
        )
    }

    /// A call over a trunk with that many ways.
    pub(crate) fn over(ways: usize) -> Self {
        Self::with(line_over(ways), Timing::default())
    }

    pub(crate) fn with(line: Line, timing: Timing) -> Self {
        let seed = Seed::new([7; 16]);
        Self::of(Uac::dial(Duration::ZERO, line, timing, seed, &dial()), Duration::ZERO)
    }

    /// The call as another process finds it; what was said before is remembered here.
    pub(crate) fn restarted(self, ways: usize) -> Self {
        let snapshot = self.uac.snapshot(self.now);
        let seed = Seed::new([9; 16]);
        let uac = Uac::restore(self.now, line_over(ways), Timing::default(), seed, snapshot);
        let mut call = Self { uac, ..self };
        call.drain();
        call
    }

    /// The tag of the peer in the call's own dialog: that of the first 2xx acknowledged.
    pub(crate) fn uac_tag(&self) -> String {
        let invites: Vec<_> = self.requests.iter().filter_map(|request| request.headers.branch()).collect();
        let of_answer = |ack: &&Request| !invites.contains(&ack.headers.branch().unwrap_or_default());
        self.acks.iter().find(of_answer).and_then(|ack| ack.headers.to_tag()).unwrap()
    }

    pub(crate) fn of(uac: Uac, now: Duration) -> Self {
        let mut call = Self {
            uac,
            now,
            requests: Vec::new(),
            hops: Vec::new(),
            acks: Vec::new(),
            ack_hops: Vec::new(),
            suspected: Vec::new(),
            responses: Vec::new(),
            events: Vec::new(),
            abandoned: 0,
            done: false,
        };
        call.drain();
        call
    }

    fn drain(&mut self) {
        while let Some(output) = self.uac.poll() {
            match output {
                Output::Request(request, hop) => {
                    self.requests.push(request);
                    self.hops.push(hop);
                }
                Output::Ack(ack, hop) => {
                    self.acks.push(ack);
                    self.ack_hops.push(hop);
                }
                Output::Suspect(hop) => self.suspected.push(hop),
                Output::Respond(key, response) => self.responses.push((key, response)),
                Output::Abandon(_) => self.abandoned += 1,
                Output::Event(event) => self.events.push(event),
                Output::Done => self.done = true,
            }
        }
    }

    pub(crate) fn feed(&mut self, input: Input) {
        self.uac.handle(self.now, input);
        self.drain();
    }

    /// Moves to the next deadline and fires it.
    pub(crate) fn tick(&mut self) -> bool {
        let Some(at) = self.uac.deadline() else { return false };
        self.now = self.now.max(at);
        self.feed(Input::Tick);
        true
    }

    /// Fires deadlines until `stop` says so, or none is left.
    pub(crate) fn tick_until(&mut self, stop: impl Fn(&Self) -> bool) {
        while !stop(self) && self.tick() {}
    }

    /// Fires deadlines until the terminal event.
    pub(crate) fn tick_to_the_end(&mut self) {
        self.tick_until(|call| !call.terminal().is_empty());
    }

    /// The last request of ours with that method.
    pub(crate) fn sent(&self, method: &str) -> Request {
        let found = self.requests.iter().rev().find(|request| request.method.as_str() == method);
        found.unwrap_or_else(|| panic!("no {method} was sent")).clone()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.requests.iter().filter(|request| request.method.as_str() == method).count()
    }

    /// The peer answers the last request of that method.
    pub(crate) fn answer(&mut self, method: &str, status: u16, tag: &str, more: &[(&str, &str)]) {
        let response = response(&self.sent(method), status, tag, more);
        self.feed(Input::Response(response, PEER));
    }

    /// The peer asks in the dialog of `tag`.
    pub(crate) fn ask(&mut self, key: u64, method: &str, seq: u32, tag: &str, from: IpAddr, body: &str) {
        let request = in_dialog(&self.sent("INVITE"), method, seq, tag, body);
        self.feed(Input::Request(key, request, from));
    }

    pub(crate) fn terminal(&self) -> Vec<&Event> {
        self.events.iter().filter(|event| event.is_terminal()).collect()
    }

    /// An answered call.
    pub(crate) fn answered() -> Self {
        let mut call = Self::start();
        call.answer("INVITE", 200, "a", &[]);
        call
    }
}

/// A peer's response, with a Contact.
pub(crate) fn response(request: &Request, status: u16, tag: &str, more: &[(&str, &str)]) -> Response {
    let mut response = Response::to(request, status, "phrase", tag);
    response.headers.push("Contact", format!("<sip:peer@{PEER}:5062>"));
    for (name, value) in more {
        response.headers.push(name, *value);
    }
    if more.iter().any(|(name, _)| *name == "Content-Type") {
        response.body = b"v=0\r\nsdp".to_vec();
    }
    response
}

/// A peer's request in the dialog that `invite` and `tag` make.
pub(crate) fn in_dialog(invite: &Request, method: &str, seq: u32, tag: &str, body: &str) -> Request {
    let mut headers = uac::Headers::default();
    headers.push("Via", format!("SIP/2.0/UDP {PEER}:5062;branch=z9hG4bKpeer{seq}{method}"));
    headers.push("From", format!("{};tag={tag}", invite.headers.first("To").unwrap()));
    headers.push("To", invite.headers.first("From").unwrap());
    headers.push("Call-ID", invite.headers.call_id().unwrap());
    headers.push("CSeq", format!("{seq} {method}"));
    headers.push("Contact", format!("<sip:peer@{PEER}:5099>"));
    if !body.is_empty() {
        headers.push("Content-Type", "application/sdp");
    }
    Request { method: method.into(), uri: "sip:us".to_owned(), headers, body: body.as_bytes().to_vec() }
}
