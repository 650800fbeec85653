//! A call in virtual time that meets whatever the bytes say: never a panic, exactly one end, few
//! outputs to each input, memory in proportion to what the peer has sent.
//!
//! The bytes are read as steps: one for its kind, some that choose among what is there, and text
//! that stands among the headers of an otherwise credible message.

use uac::{Event, Input, Message, Request, Sent, wire};

use crate::common::{Call, PEER};

const STATUSES: [u16; 16] = [100, 180, 183, 199, 200, 200, 202, 302, 401, 407, 422, 481, 486, 491, 503, 603];
const METHODS: [&str; 10] =
    ["BYE", "INVITE", "ACK", "UPDATE", "OPTIONS", "INFO", "CANCEL", "PRACK", "REFER", "NOTIFY"];
const TAGS: [&str; 4] = ["a", "b", "c", ""];
/// More than any input leads to: a response can end a dialog and start another.
const MOST_OUTPUTS: usize = 40;
/// Steps of one run.
const MOST_STEPS: u64 = 400;

struct Steps<'a>(&'a [u8]);

impl<'a> Steps<'a> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    /// Text of the length that its first byte gives, in steps of four.
    fn text(&mut self) -> &'a [u8] {
        let length = (self.byte() * 4).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        text
    }
}

pub(crate) fn holds(bytes: &[u8]) {
    let mut steps = Steps(bytes);
    let mut call = Call::start();
    let mut key = 0;
    while !steps.0.is_empty() && key < MOST_STEPS {
        key += 1;
        if let Some(input) = next(&mut steps, &call, key) {
            feed(&mut call, input);
        }
    }
    let remembered =
        serde_json::to_vec(&call.uac.snapshot(call.now)).expect("a snapshot can be written").len();
    assert!(remembered <= 64_000 + 100 * bytes.len(), "{remembered} octets after {} of input", bytes.len());
    feed(&mut call, Input::HangUp(None));
    for _ in 0..64 {
        call.tick();
    }
    assert!(call.done, "it ends by itself");
    assert_eq!(call.terminal().len(), 1, "{:?}", call.events);
    assert!(call.events.last().is_some_and(Event::is_terminal), "{:?}", call.events);
}

fn feed(call: &mut Call, input: Input) {
    let before = outputs(call);
    call.feed(input);
    assert!(outputs(call) - before <= MOST_OUTPUTS);
}

fn outputs(call: &Call) -> usize {
    call.requests.len() + call.acks.len() + call.responses.len() + call.events.len() + call.abandoned
}

fn next(steps: &mut Steps<'_>, call: &Call, key: u64) -> Option<Input> {
    match steps.byte() % 10 {
        0..=3 => answer(steps, call),
        4..=6 => ask(steps, call, key),
        7 => Some(command(steps, call, key)),
        8 => Some(Input::Tick),
        _ => raw(steps.text(), key),
    }
}

fn answer(steps: &mut Steps<'_>, call: &Call) -> Option<Input> {
    let request = &call.requests[steps.byte() % call.requests.len()];
    let status = STATUSES[steps.byte() % STATUSES.len()];
    let tag = TAGS[steps.byte() % TAGS.len()];
    let value = |name| request.headers.first(name).unwrap_or_default().to_owned();
    let to = if tag.is_empty() || value("To").contains(";tag=") {
        value("To")
    } else {
        format!("{};tag={tag}", value("To"))
    };
    let start = format!("SIP/2.0 {status} x");
    let lines = [
        ("Via", value("Via")),
        ("From", value("From")),
        ("To", to),
        ("Call-ID", value("Call-ID")),
        ("CSeq", value("CSeq")),
    ];
    raw(&message(&start, &lines, steps), 0)
}

fn ask(steps: &mut Steps<'_>, call: &Call, key: u64) -> Option<Input> {
    let invite = call.sent("INVITE");
    let method = METHODS[steps.byte() % METHODS.len()];
    let (number, tag) = (steps.byte(), TAGS[steps.byte() % TAGS.len()]);
    let value = |name| invite.headers.first(name).unwrap_or_default().to_owned();
    let lines = [
        ("Via", format!("SIP/2.0/UDP {PEER}:5062;branch=z9hG4bKpeer{number}{method}")),
        ("From", format!("{};tag={tag}", value("To"))),
        ("To", value("From")),
        ("Call-ID", value("Call-ID")),
        ("CSeq", format!("{number} {method}")),
    ];
    raw(&message(&format!("{method} sip:us SIP/2.0"), &lines, steps), key)
}

fn message(start: &str, lines: &[(&str, String)], steps: &mut Steps<'_>) -> Vec<u8> {
    let mut bytes = format!("{start}\r\n").into_bytes();
    for (name, value) in lines {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(steps.text());
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes.extend_from_slice(steps.text());
    bytes
}

fn raw(bytes: &[u8], key: u64) -> Option<Input> {
    Some(match wire::parse(bytes).ok()? {
        Message::Request(request) => Input::Request(key, request, PEER),
        Message::Response(response) => Input::Response(response, PEER),
    })
}

fn command(steps: &mut Steps<'_>, call: &Call, key: u64) -> Input {
    let sent = |at: usize| {
        let request: &Request = &call.requests[at % call.requests.len()];
        Input::Unreachable(Sent::by(request), "refused".to_owned())
    };
    match steps.byte() % 8 {
        0 => Input::Cancel(None),
        1 => Input::HangUp(None),
        2 => Input::AnswerOffer(None),
        3 | 4 => Input::AnswerOffer(Some("v=0\r\n".to_owned())),
        5 => Input::AckMissing(key.saturating_sub(1)),
        _ => sent(steps.byte()),
    }
}
