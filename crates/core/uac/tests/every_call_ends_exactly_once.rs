//! Whatever comes, in whatever order and however often: one terminal event, every request of the
//! peer answered once, nothing left open.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Call, PEER};
use proptest::prelude::*;
use uac::{Event, Hop, Input, Method, Sent};

/// What a 2xx says of the session timer.
const SESSIONS: [&str; 2] = ["100;refresher=uac", "100;refresher=uas"];
const ALLOWS: [&str; 2] = ["INVITE, UPDATE", "INVITE"];

/// Something that happens to a call. Indices pick among what was sent so far, so that answers come
/// late, twice, to old requests, or not at all.
#[derive(Debug, Clone)]
enum Happening {
    Answer { request: usize, status: u16, tag: usize, reliable: Option<u8>, sdp: bool },
    Ask { method: usize, seq: u32, tag: usize, stranger: bool, sdp: bool },
    Unreachable { request: usize },
    Left { request: usize },
    WayDown { way: usize },
    Cancel,
    HangUp,
    AnswerOffer(bool),
    AckMissing { key: u64 },
    Time,
}

/// Ways of the trunk.
const WAYS: usize = 3;
const TAGS: [&str; 3] = ["a", "b", "c"];
const METHODS: [&str; 9] = ["BYE", "INVITE", "ACK", "UPDATE", "OPTIONS", "INFO", "CANCEL", "PRACK", "REFER"];
const STATUSES: [u16; 19] =
    [100, 180, 183, 199, 200, 200, 200, 202, 302, 401, 407, 405, 422, 481, 486, 487, 491, 503, 603];

fn happening() -> impl Strategy<Value = Happening> {
    let answer = (
        0..8_usize,
        prop::sample::select(&STATUSES[..]),
        0..3_usize,
        prop::option::weighted(0.2, 1..4_u8),
        any::<bool>(),
    )
        .prop_map(|(request, status, tag, reliable, sdp)| Happening::Answer {
            request,
            status,
            tag,
            reliable,
            sdp,
        });
    let ask = (0..METHODS.len(), 1..6_u32, 0..3_usize, prop::bool::weighted(0.1), any::<bool>())
        .prop_map(|(method, seq, tag, stranger, sdp)| Happening::Ask { method, seq, tag, stranger, sdp });
    prop_oneof![
        8 => answer,
        4 => ask,
        1 => (0..8_usize).prop_map(|request| Happening::Unreachable { request }),
        1 => (0..8_usize).prop_map(|request| Happening::Left { request }),
        1 => (0..3_usize).prop_map(|way| Happening::WayDown { way }),
        1 => Just(Happening::Cancel),
        1 => Just(Happening::HangUp),
        1 => any::<bool>().prop_map(Happening::AnswerOffer),
        1 => (0..20_u64).prop_map(|key| Happening::AckMissing { key }),
        1 => Just(Happening::Time),
    ]
}

/// What the peer has asked, to be answered.
#[derive(Default)]
struct Asked(BTreeSet<u64>);

fn happen(call: &mut Call, asked: &mut Asked, key: u64, happening: &Happening) {
    match happening {
        Happening::Answer { request, status, tag, reliable, sdp } => {
            let request = call.requests[request % call.requests.len()].clone();
            let rseq = reliable.unwrap_or_default().to_string();
            let mut more: Vec<(&str, &str)> = Vec::new();
            if reliable.is_some() && (101..200).contains(status) {
                more.extend([("Require", "100rel"), ("RSeq", rseq.as_str())]);
            }
            if *sdp {
                more.push(("Content-Type", "application/sdp"));
            }
            match status {
                401 => more.push(("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")),
                407 => more.push(("Proxy-Authenticate", "Digest realm=\"s\", nonce=\"n\"")),
                422 => more.push(("Min-SE", "3600")),
                200 => more.extend([("Session-Expires", SESSIONS[tag % 2]), ("Allow", ALLOWS[tag % 2])]),
                _ => {}
            }
            call.feed(Input::Response(common::response(&request, *status, TAGS[*tag], &more), PEER));
        }
        Happening::Ask { method, seq, tag, stranger, sdp } => {
            let from = if *stranger { [203, 0, 113, 1].into() } else { PEER };
            let method = METHODS[*method];
            if !matches!(method, "ACK" | "CANCEL") && !call.done {
                asked.0.insert(key);
            }
            call.ask(key, method, *seq, TAGS[*tag], from, if *sdp { "v=0" } else { "" });
        }
        Happening::Unreachable { request } => {
            let sent = Sent::by(&call.requests[request % call.requests.len()]);
            call.feed(Input::Unreachable(sent, "refused".to_owned()));
        }
        Happening::Left { request } => {
            let sent = Sent::by(&call.requests[request % call.requests.len()]);
            call.feed(Input::Left(sent));
        }
        Happening::WayDown { way } => call.feed(Input::WayDown(common::way(*way))),
        Happening::Cancel => call.feed(Input::Cancel(None)),
        Happening::HangUp => call.feed(Input::HangUp(None)),
        Happening::AnswerOffer(accept) => call.feed(Input::AnswerOffer(accept.then(|| "v=0".to_owned()))),
        Happening::AckMissing { key } => call.feed(Input::AckMissing(*key)),
        Happening::Time => drop(call.tick()),
    }
}

/// Numbers of our requests grow within each dialog; a CANCEL has its INVITE's, and so has the INVITE
/// on the next way.
fn numbers_grow(call: &Call) {
    let mut last: BTreeMap<String, (u32, &Hop)> = BTreeMap::new();
    let numbered = call.requests.iter().zip(&call.hops);
    for (request, hop) in numbered.filter(|(request, _)| request.method != Method::Cancel) {
        let (number, _) = request.headers.cseq().unwrap();
        let tag = request.headers.to_tag().unwrap_or_default();
        let of_no_dialog = tag.is_empty();
        if let Some((previous, way)) = last.insert(tag, (number, hop)) {
            let failed_over = of_no_dialog && previous == number && way != hop;
            assert!(previous < number || failed_over, "{request:?}");
        }
    }
}

/// Two INVITEs outside a dialog never stand at once on purpose: the one before was answered, or
/// given up.
fn one_invite_stands(call: &Call) {
    let invites = call
        .requests
        .iter()
        .filter(|request| request.method == Method::Invite && request.headers.to_tag().is_none());
    let failed_over = call.events.iter().filter(|event| matches!(event, Event::FailedOver { .. })).count();
    assert!(failed_over < WAYS);
    assert!(invites.count() <= 6 * WAYS + 8, "bounded by ways, challenges and redirections");
}

/// Every 2xx that was acknowledged in a dialog which is not the call's own was ended by a BYE, and
/// so was the call's own unless the peer did it.
fn dialogs_are_ended(call: &Call) {
    // The ACK of a rejection has the branch of its INVITE.
    let invites: BTreeSet<_> = call.requests.iter().filter_map(|request| request.headers.branch()).collect();
    let of_answers =
        call.acks.iter().filter(|ack| !invites.contains(ack.headers.branch().unwrap_or_default()));
    let acknowledged: BTreeSet<_> = of_answers.filter_map(|ack| ack.headers.to_tag()).collect();
    let byes = call.requests.iter().filter(|request| request.method == Method::Bye);
    let mut ended: BTreeSet<_> = byes.filter_map(|bye| bye.headers.to_tag()).collect();
    if call.events.iter().any(|event| matches!(event, Event::PeerHungUp { .. })) {
        ended.insert(call.uac_tag());
    }
    assert_eq!(acknowledged, ended);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_end_and_nothing_left(happenings in prop::collection::vec(happening(), 0..40)) {
        let (mut call, mut asked) = (Call::over(WAYS), Asked::default());
        for (key, happening) in happenings.iter().enumerate() {
            happen(&mut call, &mut asked, key as u64, happening);
        }
        // The caller lets go at last; then only time passes.
        call.feed(Input::HangUp(None));
        for _ in 0..40 {
            call.tick();
        }
        prop_assert!(call.done, "it ends by itself");
        prop_assert_eq!(call.uac.deadline(), None);
        prop_assert_eq!(call.terminal().len(), 1, "{:?}", call.events);
        prop_assert!(call.events.last().is_some_and(Event::is_terminal), "{:?}", call.events);
        let answered = call.events.iter().filter(|event| matches!(event, Event::Answered { .. })).count();
        prop_assert!(answered <= 1);
        let responded: Vec<u64> = call.responses.iter().map(|(key, _)| *key).collect();
        prop_assert_eq!(responded.iter().copied().collect::<BTreeSet<_>>().len(), responded.len(), "once each");
        prop_assert_eq!(responded.into_iter().collect::<BTreeSet<_>>(), asked.0);
        numbers_grow(&call);
        one_invite_stands(&call);
        dialogs_are_ended(&call);
    }

    /// From any state, a peer that says nothing more and a caller that does nothing more: the end
    /// comes within the stated bound by itself.
    #[test]
    fn silence_ends_every_call_within_its_bound(happenings in prop::collection::vec(happening(), 0..30)) {
        let (mut call, mut asked) = (Call::over(WAYS), Asked::default());
        for (key, happening) in happenings.iter().enumerate() {
            happen(&mut call, &mut asked, key as u64, happening);
            let written = serde_json::to_vec(&call.uac.snapshot(call.now)).unwrap();
            prop_assert!(written.len() < 200_000, "what is remembered is bounded: {}", written.len());
        }
        let silent_since = call.now;
        while call.tick() {}
        prop_assert!(call.done);
        prop_assert_eq!(call.terminal().len(), 1, "{:?}", call.events);
        let timing = uac::Timing::default();
        // Every way silent; ringing to its limit; the CANCEL unanswered; the longest call; its BYE
        // unanswered; what lingers.
        let life = timing.transaction_life();
        let bound = life * 3 + timing.ring_limit + life + timing.call_limit + life + life;
        let silent_for = call.now.saturating_sub(silent_since);
        prop_assert!(silent_for <= bound, "{silent_for:?}");
    }

    /// The same call through a restart at any moment.
    #[test]
    fn a_restart_at_any_moment_loses_no_end(
        happenings in prop::collection::vec(happening(), 1..20),
        at in 0..20_usize,
    ) {
        let (mut call, mut asked) = (Call::over(WAYS), Asked::default());
        for (key, happening) in happenings.iter().enumerate() {
            if key == at {
                call = call.restarted(WAYS);
            }
            happen(&mut call, &mut asked, key as u64, happening);
        }
        call.feed(Input::HangUp(None));
        for _ in 0..40 {
            call.tick();
        }
        prop_assert!(call.done);
        prop_assert_eq!(call.terminal().len(), 1, "{:?}", call.events);
    }

    #[test]
    fn no_bytes_upset_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = uac::wire::parse(&bytes);
    }

    #[test]
    fn what_is_written_is_read_back(damage in prop::collection::vec((0..900_usize, any::<u8>()), 0..6)) {
        let invite = Call::start().sent("INVITE");
        let mut bytes = uac::wire::request_bytes(&invite);
        prop_assert_eq!(uac::wire::parse(&bytes), Ok(uac::Message::Request(invite)));
        for (at, byte) in damage {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        // A damaged message is refused, or what is understood of it can be written and read again.
        if let Ok(message) = uac::wire::parse(&bytes) {
            prop_assert_eq!(uac::wire::parse(&uac::wire::to_bytes(&message)), Ok(message));
        }
    }
}
