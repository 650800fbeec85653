//! An inbound call against a hand-written caller, in virtual time.

mod common;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use common::{PEER, line};
use proptest::prelude::*;
use uac::machine::Refusal;
use uac::{Event, FailureKind, Headers, Input, Output, Request, Response, Seed, Timing, Uas};

const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));
const INVITE: u64 = 1;

fn request(method: &str, seq: u32, to_tag: Option<&str>, more: &[(&str, &str)]) -> Request {
    let mut headers = Headers::default();
    headers.push("Via", format!("SIP/2.0/UDP {PEER}:5062;branch=z9hG4bKpeer{seq}{method}"));
    headers.push("From", "<sip:13800138000@peer>;tag=caller");
    let tag = to_tag.map_or_else(String::new, |tag| format!(";tag={tag}"));
    headers.push("To", format!("<sip:4008001234@us>{tag}"));
    headers.push("Call-ID", "ring-back-1");
    headers.push("CSeq", format!("{seq} {method}"));
    headers.push("Contact", format!("<sip:caller@{PEER}:5062>"));
    let mut body = Vec::new();
    for (name, value) in more {
        if *name == "body" {
            headers.push("Content-Type", "application/sdp");
            body = value.as_bytes().to_vec();
        } else {
            headers.set(name, *value);
        }
    }
    Request { method: method.into(), uri: "sip:4008001234@us".to_owned(), headers, body }
}

const OFFER: (&str, &str) = ("body", "v=0\r\noffer");

struct Call {
    uas: Uas,
    now: Duration,
    responses: Vec<(u64, Response)>,
    requests: Vec<Request>,
    events: Vec<Event>,
    done: bool,
}

fn arrive(invite: Request) -> Result<Call, Response> {
    let arrival = (INVITE, invite, PEER);
    let uas = Uas::arrive(Duration::ZERO, line(), Timing::default(), Seed::new([3; 16]), arrival)
        .map_err(|refusal| *refusal)?;
    let mut call = Call {
        uas,
        now: Duration::ZERO,
        responses: Vec::new(),
        requests: Vec::new(),
        events: Vec::new(),
        done: false,
    };
    call.drain();
    Ok(call)
}

fn arrived(more: &[(&str, &str)]) -> Call {
    arrive(request("INVITE", 1, None, more)).unwrap()
}

/// Answered and acknowledged.
fn talking(more: &[(&str, &str)]) -> Call {
    let mut call = arrived(&[&[OFFER], more].concat());
    call.feed(Input::Accept("v=0\r\nanswer".to_owned()));
    call.ask(9, "ACK", 1, &[]);
    assert_eq!(call.events, [Event::Answered { sdp: None }]);
    call
}

impl Call {
    fn drain(&mut self) {
        while let Some(output) = self.uas.poll() {
            match output {
                Output::Respond(key, response) => self.responses.push((key, response)),
                Output::Request(request, _) => self.requests.push(request),
                Output::Event(event) => self.events.push(event),
                Output::Done => self.done = true,
                Output::Ack(..) | Output::Abandon(_) | Output::Suspect(_) => {}
            }
        }
    }

    fn feed(&mut self, input: Input) {
        self.uas.handle(self.now, input);
        self.drain();
    }

    /// A request of the caller in the dialog.
    fn ask(&mut self, key: u64, method: &str, seq: u32, more: &[(&str, &str)]) {
        self.ask_from(PEER, key, method, seq, more);
    }

    fn ask_from(&mut self, from: IpAddr, key: u64, method: &str, seq: u32, more: &[(&str, &str)]) {
        let tag = self.responses.iter().find_map(|(_, response)| response.headers.to_tag());
        let request = request(method, seq, tag.as_deref(), more);
        self.feed(Input::Request(key, request, from));
    }

    fn tick(&mut self) -> bool {
        let Some(at) = self.uas.deadline() else { return false };
        self.now = self.now.max(at);
        self.feed(Input::Tick);
        true
    }

    /// Statuses answered to a transaction.
    fn statuses(&self, of: u64) -> Vec<u16> {
        self.responses.iter().filter(|(key, _)| *key == of).map(|(_, response)| response.status).collect()
    }

    fn last(&self, of: u64) -> &Response {
        &self.responses.iter().rev().find(|(key, _)| *key == of).expect("a response").1
    }

    /// The peer answers our last request.
    fn answer(&mut self, status: u16) {
        let response = Response::to(self.requests.last().expect("a request"), status, "phrase", "x");
        self.feed(Input::Response(response, PEER));
    }
}

#[test]
fn it_rings_is_answered_and_ended_by_either_side() {
    let mut call = arrived(&[OFFER, ("Record-Route", "<sip:p1;lr>, <sip:p2;lr>")]);
    assert_eq!(call.uas.offer().as_deref(), Some("v=0\r\noffer"));
    call.feed(Input::Ring);
    call.feed(Input::Ring);
    call.feed(Input::Accept("v=0\r\nanswer".to_owned()));
    assert_eq!(call.statuses(INVITE), [100, 180, 200]);
    let answer = call.last(INVITE);
    assert_eq!(answer.sdp().as_deref(), Some("v=0\r\nanswer"));
    assert_eq!(answer.headers.first("Record-Route"), Some("<sip:p1;lr>, <sip:p2;lr>"));
    assert!(answer.headers.contact().is_some());
    assert!(call.events.is_empty(), "nothing is said before the ACK");
    call.ask(9, "ACK", 1, &[]);
    assert_eq!(call.events, [Event::Answered { sdp: None }]);

    call.feed(Input::HangUp(Some("Q.850;cause=16".to_owned())));
    let bye = call.requests.last().unwrap();
    assert_eq!((bye.method.as_str(), bye.uri.as_str()), ("BYE", "sip:caller@192.0.2.9:5062"));
    assert_eq!(bye.headers.list("Route"), ["<sip:p1;lr>", "<sip:p2;lr>"], "in the order recorded");
    assert_eq!(bye.headers.first("To"), Some("<sip:13800138000@peer>;tag=caller"));
    assert_eq!(bye.headers.from_tag(), answer_tag(&call));
    call.answer(200);
    assert_eq!(call.events.last(), Some(&Event::Ended { confirmed: true }));

    let mut other = talking(&[]);
    other.ask(2, "BYE", 2, &[("Reason", "Q.850;cause=16")]);
    assert_eq!(other.statuses(2), [200]);
    assert!(matches!(other.events.last(), Some(Event::PeerHungUp { q850: Some(16), .. })));
}

fn answer_tag(call: &Call) -> Option<String> {
    call.last(INVITE).headers.to_tag()
}

#[test]
fn an_invite_without_offer_has_its_answer_in_the_ack() {
    let mut call = arrived(&[]);
    assert_eq!(call.uas.offer(), None);
    call.feed(Input::Accept("v=0\r\nour offer".to_owned()));
    call.ask(9, "ACK", 1, &[("body", "v=0\r\ntheir answer")]);
    assert_eq!(call.events, [Event::Answered { sdp: Some("v=0\r\ntheir answer".to_owned()) }]);
}

#[test]
fn a_cancel_before_the_answer_ends_it_and_after_it_changes_nothing() {
    let mut call = arrived(&[OFFER]);
    call.feed(Input::Ring);
    call.ask(INVITE, "CANCEL", 1, &[]);
    assert_eq!(call.statuses(INVITE), [100, 180, 487]);
    assert!(matches!(call.events[..], [Event::PeerHungUp { .. }]));
    call.feed(Input::Accept("v=0\r\nlate".to_owned()));
    assert_eq!(call.statuses(INVITE).len(), 3, "nothing follows a final response");

    let mut late = talking(&[]);
    late.ask(INVITE, "CANCEL", 1, &[]);
    assert_eq!(late.events.len(), 1);
}

#[test]
fn an_answer_nobody_acknowledges_ends_by_bye() {
    let mut call = arrived(&[OFFER]);
    call.feed(Input::Accept("v=0\r\n".to_owned()));
    call.tick();
    assert_eq!(call.now, Duration::from_secs(32));
    assert_eq!(call.requests.last().unwrap().method.as_str(), "BYE");
    call.tick();
    assert!(matches!(&call.events[..], [Event::Failed(failure)] if failure.kind == FailureKind::Protocol));
}

#[test]
fn a_bye_of_ours_waits_for_the_ack() {
    let mut call = arrived(&[OFFER]);
    call.feed(Input::Accept("v=0\r\n".to_owned()));
    call.feed(Input::HangUp(None));
    assert!(call.requests.is_empty());
    call.ask(9, "ACK", 1, &[]);
    assert_eq!(call.requests.last().unwrap().method.as_str(), "BYE");
    call.answer(200);
    assert_eq!(call.events, [Event::Ended { confirmed: true }]);
}

#[test]
fn our_side_refuses_with_its_own_words_or_is_unavailable() {
    let mut call = arrived(&[OFFER]);
    call.feed(Input::Refuse(Refusal::new(503, "Draining").retry_after(30)));
    assert_eq!(call.statuses(INVITE), [100, 503]);
    assert_eq!(call.last(INVITE).headers.first("Retry-After"), Some("30"));
    assert_eq!(call.events, [Event::Ended { confirmed: true }]);

    let mut undecided = arrived(&[OFFER]);
    undecided.tick();
    assert_eq!(undecided.statuses(INVITE), [100, 480]);
}

#[test]
fn what_an_invite_lacks_is_named_in_the_refusal() {
    type Lines<'a> = &'a [(&'a str, &'a str)];
    type Told<'a> = Option<(&'a str, &'a str)>;
    let table: [(Lines<'_>, u16, Told<'_>); 6] = [
        (&[("Require", "100rel, replaces, x")], 420, Some(("Unsupported", "replaces, x"))),
        (
            &[("Content-Type", "multipart/mixed"), ("body", "x"), ("Content-Type", "multipart/mixed")],
            415,
            Some(("Accept", "application/sdp")),
        ),
        (&[("Supported", "timer"), ("Session-Expires", "60")], 422, Some(("Min-SE", "90"))),
        (&[("Contact", "<mailto:x@y>")], 400, None),
        (&[("From", "<sip:13800138000@peer>")], 400, None),
        (&[("CSeq", "x INVITE")], 400, None),
    ];
    for (lines, status, header) in table {
        let refusal = arrive(request("INVITE", 1, None, lines)).err().expect("a refusal");
        assert_eq!(refusal.status, status, "{lines:?}");
        if let Some((name, value)) = header {
            assert_eq!(refusal.headers.first(name), Some(value));
        }
    }
    let mut reliable = arrived(&[OFFER, ("Require", "100rel")]);
    reliable.feed(Input::Ring);
    reliable.feed(Input::Accept("v=0\r\n".to_owned()));
    assert_eq!(reliable.statuses(INVITE), [100, 200], "no unreliable 180 for whom it must be reliable");
}

#[test]
fn requests_in_the_call_are_answered_and_strangers_are_not_heard() {
    let mut call = talking(&[]);
    call.ask(2, "OPTIONS", 2, &[]);
    call.ask(3, "INFO", 3, &[]);
    call.ask(4, "REFER", 4, &[]);
    call.ask(5, "PRACK", 5, &[]);
    call.ask(6, "BYE", 5, &[]);
    call.ask_from(STRANGER, 7, "BYE", 7, &[]);
    let mut again = request("INVITE", 1, None, &[OFFER]);
    again.headers.set("Via", "SIP/2.0/UDP other:5060;branch=z9hG4bKother");
    call.feed(Input::Request(8, again, PEER));
    let answered: Vec<_> = (2..=8).map(|key| call.statuses(key)).collect();
    assert_eq!(answered, [[200], [200], [405], [481], [500], [481], [482]].map(|status| status.to_vec()));
    assert_eq!(call.events.len(), 1, "none of them ended the call");
}

#[test]
fn keys_by_info_are_told_of_a_call_that_came_in() {
    let mut call = talking(&[]);
    call.ask(
        2,
        "INFO",
        2,
        &[("Content-Type", "application/dtmf-relay"), ("body", "Signal=*\r\nDuration=90\r\n")],
    );
    assert_eq!(call.events.last(), Some(&Event::Key { key: '*', milliseconds: Some(90) }));
    call.ask(3, "INFO", 3, &[("Content-Type", "application/dtmf"), ("body", "8")]);
    assert_eq!(call.events.last(), Some(&Event::Key { key: '8', milliseconds: None }));
    call.ask(4, "INFO", 4, &[("Content-Type", "text/plain"), ("body", "8")]);
    assert_eq!([2, 3, 4].map(|key| call.statuses(key)[0]), [200, 200, 415]);
    assert_eq!(call.events.len(), 3);
}

#[test]
fn an_offer_in_the_call_is_passed_on_one_at_a_time() {
    let mut call = talking(&[]);
    call.ask(2, "INVITE", 2, &[("body", "v=0\r\nhold"), ("Contact", "<sip:moved@192.0.2.7:5062>")]);
    assert_eq!(call.events.last(), Some(&Event::Reoffer { sdp: Some("v=0\r\nhold".to_owned()) }));
    call.ask(3, "UPDATE", 3, &[("body", "v=0\r\nother")]);
    assert_eq!(call.statuses(3), [500]);
    call.feed(Input::AnswerOffer(Some("v=0\r\nheld".to_owned())));
    assert_eq!(call.last(2).sdp().as_deref(), Some("v=0\r\nheld"));
    call.ask(9, "ACK", 2, &[]);
    call.ask(4, "UPDATE", 4, &[]);
    assert_eq!(call.statuses(4), [200], "an UPDATE without offer only refreshes");
    call.ask(5, "INVITE", 5, &[]);
    call.feed(Input::AnswerOffer(Some("v=0\r\nour offer".to_owned())));
    call.ask(9, "ACK", 5, &[("body", "v=0\r\nanswer")]);
    assert_eq!(call.events.last(), Some(&Event::Reanswer { sdp: "v=0\r\nanswer".to_owned() }));
    call.ask(6, "INVITE", 6, &[("body", "v=0\r\nnonsense")]);
    call.feed(Input::AnswerOffer(None));
    assert_eq!(call.statuses(6), [488]);

    let mut early = arrived(&[OFFER]);
    early.feed(Input::Ring);
    early.ask(2, "UPDATE", 2, &[("body", "v=0\r\n")]);
    assert_eq!(early.statuses(2), [491], "the INVITE's own offer is open");
}

#[test]
fn a_session_the_caller_stops_refreshing_is_ended_before_it_expires() {
    let mut call = talking(&[("Supported", "timer"), ("Session-Expires", "180")]);
    let answer = call.last(INVITE);
    assert_eq!(answer.headers.first("Session-Expires"), Some("180;refresher=uac"));
    assert_eq!(answer.headers.first("Require"), Some("timer"));
    call.now = Duration::from_secs(100);
    call.ask(2, "UPDATE", 2, &[("Supported", "timer"), ("Session-Expires", "180;refresher=uac")]);
    assert_eq!(call.last(2).headers.first("Session-Expires"), Some("180;refresher=uac"));
    call.tick();
    assert_eq!(call.now, Duration::from_secs(100 + 148));
    assert_eq!(call.requests.last().unwrap().method.as_str(), "BYE");
    call.answer(200);
    assert!(matches!(call.events.last(), Some(Event::Failed(_))));
}

#[test]
fn a_session_that_is_ours_to_refresh_is_refreshed_by_update() {
    let asks =
        [("Supported", "timer"), ("Session-Expires", "180;refresher=uas"), ("Allow", "INVITE, UPDATE")];
    let mut call = talking(&asks);
    assert_eq!(call.last(INVITE).headers.first("Session-Expires"), Some("180;refresher=uas"));
    call.tick();
    assert_eq!(call.now, Duration::from_secs(90));
    assert_eq!(call.requests.last().unwrap().method.as_str(), "UPDATE");
    call.answer(200);
    call.tick();
    assert_eq!((call.now, call.requests.len()), (Duration::from_secs(180), 2), "from refresh to refresh");
    call.answer(481);
    assert_eq!(call.requests.last().unwrap().method.as_str(), "BYE", "the peer knows the call no more");
}

proptest! {
    #[test]
    fn any_course_of_events_ends_exactly_once(steps in prop::collection::vec(0_u8..14, 0..40)) {
        let mut call = arrived(&[OFFER]);
        for (seq, step) in (2_u32..).zip(steps) {
            match step {
                0 => call.feed(Input::Ring),
                1 => call.feed(Input::Accept("v=0\r\n".to_owned())),
                2 => call.feed(Input::Refuse(Refusal::new(486, "Busy Here"))),
                3 => call.feed(Input::HangUp(None)),
                4 => call.feed(Input::AnswerOffer(Some("v=0\r\n".to_owned()))),
                5 => call.feed(Input::AckMissing(INVITE)),
                6 => call.ask(9, "ACK", 1, &[]),
                7 => call.ask(INVITE, "CANCEL", 1, &[]),
                8 => call.ask(u64::from(seq) + 100, "BYE", seq, &[]),
                9 => call.ask(u64::from(seq) + 100, "INVITE", seq, &[OFFER]),
                10 => call.ask(9, "ACK", seq - 1, &[]),
                11 => call.ask(u64::from(seq) + 100, "UPDATE", seq, &[]),
                12 if !call.requests.is_empty() => call.answer(200),
                _ => drop(call.tick()),
            }
        }
        while call.tick() {}
        let over = call.events.iter().filter(|event| event.is_terminal()).count();
        prop_assert_eq!(over, 1, "{:?}", call.events);
        prop_assert!(call.events.last().is_some_and(Event::is_terminal));
        prop_assert!(call.done);
        let finals = call.statuses(INVITE).into_iter().filter(|status| *status >= 200).count();
        prop_assert_eq!(finals, 1);
        for key in 102..150 {
            prop_assert!(call.statuses(key).len() <= 1);
        }
    }
}
