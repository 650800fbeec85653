//! The machine step by step: what it sends, tells, and refuses.

mod common;

use std::net::IpAddr;
use std::time::Duration;

use common::{Call, PEER, in_dialog};
use uac::{Event, Failure, FailureKind, Input, Sent};

const SDP: (&str, &str) = ("Content-Type", "application/sdp");

#[test]
fn the_invite_shows_the_400_number() {
    let invite = Call::start().sent("INVITE");
    assert_eq!(invite.uri, "sip:13800000000@192.0.2.9:5060");
    assert!(invite.headers.first("From").unwrap().starts_with("<sip:4001234567@company.example>;tag="));
    assert_eq!(invite.headers.first("P-Asserted-Identity"), Some("<sip:4001234567@company.example>"));
    assert_eq!(invite.headers.first("Supported"), Some("100rel, timer"));
}

#[test]
fn an_outbound_proxy_is_a_preloaded_route() {
    let mut line = common::line();
    line.proxy = uac::Hop::parse("proxy.example");
    let seed = uac::Seed::new([1; 16]);
    let uac = uac::Uac::dial(Duration::ZERO, line, uac::Timing::default(), seed, &common::dial());
    let invite = Call::of(uac, Duration::ZERO).sent("INVITE");
    assert_eq!(invite.headers.first("Route"), Some("<sip:proxy.example;lr>"));
}

#[test]
fn each_provisional_response_is_told_once_per_fork() {
    let mut call = Call::start();
    call.answer("INVITE", 100, "", &[]);
    call.answer("INVITE", 180, "a", &[]);
    call.answer("INVITE", 180, "a", &[]);
    call.answer("INVITE", 183, "b", &[SDP]);
    let told: Vec<u16> = call
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Provisional { status, .. } => Some(*status),
            _ => None,
        })
        .collect();
    assert_eq!((call.events[0].clone(), told), (Event::Trying, vec![180, 183]));
}

#[test]
fn requests_in_the_dialog_follow_contact_and_record_route() {
    let mut call = Call::start();
    call.answer("INVITE", 200, "a", &[("Record-Route", "<sip:r1;lr>, <sip:r2;lr>")]);
    let ack = &call.acks[0];
    assert_eq!(ack.uri, "sip:peer@192.0.2.9:5062");
    assert_eq!(ack.headers.all("Route").collect::<Vec<_>>(), ["<sip:r2;lr>", "<sip:r1;lr>"]);
    assert_eq!(ack.headers.first("CSeq"), Some("1 ACK"));
    assert_ne!(ack.headers.branch(), call.sent("INVITE").headers.branch());
}

#[test]
fn a_cancel_copies_its_invite_and_waits_for_a_provisional_response() {
    let mut call = Call::start();
    call.feed(Input::Cancel(None));
    assert_eq!(call.count("CANCEL"), 0);
    call.answer("INVITE", 100, "", &[]);
    let (cancel, invite) = (call.sent("CANCEL"), call.sent("INVITE"));
    for name in ["Via", "From", "To", "Call-ID"] {
        assert_eq!(cancel.headers.first(name), invite.headers.first(name));
    }
    assert_eq!((cancel.uri, cancel.headers.first("CSeq")), (invite.uri, Some("1 CANCEL")));
    call.answer("CANCEL", 200, "", &[]);
    assert!(call.terminal().is_empty(), "the INVITE decides");
    call.answer("INVITE", 487, "a", &[]);
    assert!(matches!(call.terminal()[..], [Event::Failed(Failure { status: Some(487), .. })]));
}

#[test]
fn a_200_that_crosses_the_cancel_is_ended() {
    let mut call = Call::start();
    call.answer("INVITE", 180, "a", &[]);
    call.feed(Input::Cancel(None));
    call.answer("INVITE", 200, "a", &[]);
    assert_eq!((call.acks.len(), call.count("BYE")), (1, 1));
    assert!(call.terminal().is_empty(), "not before the BYE is through");
    call.answer("BYE", 200, "a", &[]);
    assert_eq!(call.terminal(), [&Event::LateAnswered]);
}

#[test]
fn a_busy_that_crosses_the_cancel_is_told_as_busy() {
    let mut call = Call::start();
    call.answer("INVITE", 180, "a", &[]);
    call.feed(Input::Cancel(None));
    call.answer("INVITE", 486, "a", &[]);
    let [Event::Failed(failure)] = call.terminal()[..] else { panic!("{:?}", call.events) };
    assert_eq!(failure.status, Some(486));
}

#[test]
fn a_cancel_that_nobody_confirms_is_given_up() {
    let mut call = Call::start();
    call.answer("INVITE", 180, "a", &[]);
    call.feed(Input::Cancel(None));
    call.tick();
    let [Event::Failed(failure)] = call.terminal()[..] else { panic!("{:?}", call.events) };
    assert_eq!(
        (failure.kind, call.now, call.abandoned),
        (FailureKind::Cancelled, Duration::from_secs(32), 1)
    );
    // The answer comes after all.
    call.answer("INVITE", 200, "a", &[]);
    assert_eq!((call.acks.len(), call.count("BYE"), call.terminal().len()), (1, 1, 1));
}

#[test]
fn silence_ends_after_64_t1_and_endless_ringing_at_its_limit() {
    let mut silent = Call::start();
    silent.tick_to_the_end();
    let [Event::Failed(failure)] = silent.terminal()[..] else { panic!("{:?}", silent.events) };
    assert_eq!((failure.kind, silent.now), (FailureKind::Timeout, Duration::from_secs(32)));

    let mut ringing = Call::start();
    ringing.answer("INVITE", 180, "a", &[]);
    ringing.tick();
    assert_eq!((ringing.now, ringing.count("CANCEL")), (Duration::from_secs(300), 1));
}

#[test]
fn an_unreachable_hop_fails_only_a_call_that_heard_nothing() {
    let mut call = Call::start();
    let sent = Sent::by(&call.sent("INVITE"));
    let mut heard = Call::start();
    heard.answer("INVITE", 100, "", &[]);
    for call in [&mut call, &mut heard] {
        call.feed(Input::Unreachable(sent.clone(), "refused".to_owned()));
    }
    let [Event::Failed(failure)] = call.terminal()[..] else { panic!("{:?}", call.events) };
    assert_eq!(failure.kind, FailureKind::Transport);
    assert!(heard.terminal().is_empty());
}

#[test]
fn a_challenge_is_answered_in_a_new_transaction_of_the_same_call() {
    let mut call = Call::start();
    let first = call.sent("INVITE");
    call.answer("INVITE", 401, "x", &[("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")]);
    call.answer("INVITE", 407, "y", &[("Proxy-Authenticate", "Digest realm=\"s\", nonce=\"m\"")]);
    let third = call.sent("INVITE");
    assert_eq!(third.headers.first("CSeq"), Some("3 INVITE"));
    assert_eq!(third.headers.first("From"), first.headers.first("From"));
    assert_eq!(third.headers.to_tag(), None);
    assert!(
        third.headers.first("Authorization").is_some()
            && third.headers.first("Proxy-Authorization").is_some()
    );
    call.answer("INVITE", 200, "a", &[]);
    assert!(
        call.acks[0].headers.first("Authorization").is_some(),
        "the ACK carries the INVITE's credentials"
    );
    assert_eq!(call.acks[0].headers.first("CSeq"), Some("3 ACK"));
}

#[test]
fn a_reliable_provisional_response_is_taken_once_and_in_order() {
    let mut call = Call::start();
    let reliable = |rseq| [("Require", "100rel"), ("RSeq", rseq), SDP, ("Record-Route", "<sip:r;lr>")];
    call.answer("INVITE", 183, "a", &reliable("9"));
    let prack = call.sent("PRACK");
    assert_eq!(prack.headers.first("RAck"), Some("9 1 INVITE"));
    assert_eq!(
        (prack.uri.as_str(), prack.headers.first("Route")),
        ("sip:peer@192.0.2.9:5062", Some("<sip:r;lr>"))
    );
    call.answer("INVITE", 183, "a", &reliable("9"));
    call.answer("INVITE", 180, "a", &reliable("11"));
    assert_eq!((call.count("PRACK"), call.events.len()), (1, 1), "a repetition and a gap");
    call.answer("INVITE", 180, "a", &reliable("10"));
    assert_eq!((call.count("PRACK"), call.events.len()), (2, 2));
}

#[test]
fn the_answers_of_other_forks_are_ended_and_repetitions_acknowledged() {
    let mut call = Call::answered();
    call.answer("INVITE", 200, "b", &[]);
    call.answer("INVITE", 200, "b", &[]);
    call.answer("INVITE", 200, "a", &[]);
    let tags: Vec<_> = call.acks.iter().map(|ack| ack.headers.to_tag().unwrap()).collect();
    assert_eq!(tags, ["a", "b", "b", "a"]);
    assert_eq!(call.count("BYE"), 1);
    assert_eq!(call.sent("BYE").headers.to_tag().as_deref(), Some("b"));
    assert_eq!(call.events, [Event::Answered { sdp: None }]);
}

#[test]
fn an_answer_without_contact_is_acknowledged_where_the_invite_went() {
    let mut call = Call::start();
    let mut bare = common::response(&call.sent("INVITE"), 200, "a", &[]);
    bare.headers.remove("Contact");
    call.feed(Input::Response(bare, PEER));
    assert_eq!(call.acks[0].uri, call.sent("INVITE").uri);
}

#[test]
fn a_bye_is_believed_only_with_the_right_tags_and_from_the_peer() {
    let stranger: IpAddr = [203, 0, 113, 5].into();
    let mut call = Call::answered();
    call.ask(1, "BYE", 1, "a", stranger, "");
    call.ask(2, "BYE", 1, "wrong", PEER, "");
    assert!(call.terminal().is_empty());
    call.ask(3, "BYE", 1, "a", PEER, "");
    let statuses: Vec<_> = call.responses.iter().map(|(key, response)| (*key, response.status)).collect();
    assert_eq!(statuses, [(1, 481), (2, 481), (3, 200)]);
    assert!(matches!(call.terminal()[..], [Event::PeerHungUp { .. }]));
}

#[test]
fn the_peer_gets_the_answer_that_fits_what_it_asks() {
    let table = [
        ("OPTIONS", "", 200),
        ("INFO", "", 200),
        ("UPDATE", "", 200),
        ("PRACK", "", 481),
        ("REFER", "", 405),
        ("REGISTER", "", 405),
    ];
    for (method, body, status) in table {
        let mut call = Call::answered();
        call.ask(1, method, 1, "a", PEER, body);
        assert_eq!(call.responses[0].1.status, status, "{method}");
        call.ask(2, "INFO", 1, "a", PEER, "");
        assert_eq!(call.responses[1].1.status, 500, "an old number after {method}");
    }
}

#[test]
fn keys_by_info_are_told_once_the_call_is_answered() {
    let info = |call: &mut Call, number: u32, kind: &str, body: &str| {
        let mut request = in_dialog(&call.sent("INVITE"), "INFO", number, "a", body);
        request.headers.set("Content-Type", kind);
        call.feed(Input::Request(u64::from(number), request, PEER));
        call.responses.last().unwrap().1.status
    };
    let mut early = Call::start();
    early.answer("INVITE", 180, "a", &[]);
    assert_eq!(info(&mut early, 1, "application/dtmf", "5"), 200);
    assert!(!early.events.iter().any(|event| matches!(event, Event::Key { .. })), "nobody has answered yet");
    let mut call = Call::answered();
    assert_eq!(info(&mut call, 1, "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"), 200);
    assert_eq!(call.events.last(), Some(&Event::Key { key: '5', milliseconds: Some(160) }));
    assert_eq!(info(&mut call, 2, "application/dtmf", "#"), 200);
    assert_eq!(call.events.last(), Some(&Event::Key { key: '#', milliseconds: None }));
    let told = call.events.len();
    assert_eq!(info(&mut call, 3, "application/vnd.other", "5"), 415);
    assert_eq!(
        call.responses.last().unwrap().1.headers.first("Accept"),
        Some("application/dtmf-relay, application/dtmf")
    );
    assert_eq!(info(&mut call, 3, "application/dtmf", "7"), 500, "the same number again");
    assert_eq!(call.events.len(), told);
}

#[test]
fn a_reoffer_is_answered_refused_or_timed_out() {
    let table = [(Some(Some("v=0")), 200), (Some(None), 488), (None, 500)];
    for (reply, status) in table {
        let mut call = Call::answered();
        call.ask(1, "INVITE", 1, "a", PEER, "v=0");
        assert!(matches!(call.events.last(), Some(Event::Reoffer { sdp: Some(_) })));
        match reply {
            Some(sdp) => call.feed(Input::AnswerOffer(sdp.map(str::to_owned))),
            None => drop(call.tick()),
        }
        let statuses: Vec<_> = call.responses.iter().map(|(_, response)| response.status).collect();
        assert_eq!(statuses, [status]);
        assert!(call.terminal().is_empty(), "the call goes on");
    }
}

#[test]
fn offers_that_collide_are_put_off() {
    let mut early = Call::start();
    early.answer("INVITE", 180, "a", &[]);
    early.ask(1, "UPDATE", 1, "a", PEER, "v=0");
    assert_eq!(early.responses[0].1.status, 491, "our own offer is open");
    let mut call = Call::answered();
    call.ask(1, "INVITE", 1, "a", PEER, "v=0");
    call.ask(2, "INVITE", 2, "a", PEER, "v=0");
    assert_eq!((call.responses[0].0, call.responses[0].1.status), (2, 500));
    assert!(call.responses[0].1.headers.first("Retry-After").is_some());
}

#[test]
fn a_reinvite_moves_the_remote_target_and_must_be_acknowledged() {
    let mut call = Call::answered();
    call.ask(1, "INVITE", 1, "a", PEER, "v=0");
    call.feed(Input::AnswerOffer(Some("v=0".to_owned())));
    let mut acknowledged = Call::answered();
    acknowledged.ask(1, "INVITE", 1, "a", PEER, "");
    acknowledged.feed(Input::AnswerOffer(Some("v=0".to_owned())));
    acknowledged.ask(1, "ACK", 1, "a", PEER, "v=0 answer");
    assert_eq!(acknowledged.events.last(), Some(&Event::Reanswer { sdp: "v=0 answer".to_owned() }));
    for call in [&mut call, &mut acknowledged] {
        call.feed(Input::AckMissing(1));
    }
    assert_eq!(acknowledged.count("BYE"), 0);
    assert_eq!(call.sent("BYE").uri, "sip:peer@192.0.2.9:5099");
    call.answer("BYE", 200, "a", &[]);
    let [Event::Failed(failure)] = call.terminal()[..] else { panic!("{:?}", call.events) };
    assert_eq!(failure.kind, FailureKind::Protocol);
}

#[test]
fn our_bye_ends_the_call_however_the_peer_takes_it() {
    let table = [(200, true), (481, true), (403, false), (500, false)];
    for (status, confirmed) in table {
        let mut call = Call::answered();
        call.feed(Input::HangUp(Some("Q.850;cause=16".to_owned())));
        assert_eq!(call.sent("BYE").headers.first("Reason"), Some("Q.850;cause=16"));
        call.answer("BYE", status, "a", &[]);
        assert_eq!(call.terminal(), [&Event::Ended { confirmed }], "{status}");
    }
    let mut crossing = Call::answered();
    crossing.feed(Input::HangUp(None));
    crossing.ask(1, "BYE", 1, "a", PEER, "");
    assert_eq!(
        (crossing.responses[0].1.status, crossing.terminal()),
        (200, vec![&Event::Ended { confirmed: true }])
    );
    let mut silent = Call::answered();
    silent.feed(Input::HangUp(None));
    silent.tick();
    assert_eq!(silent.terminal(), [&Event::Ended { confirmed: false }]);
    silent.tick();
    assert!(silent.done && !silent.tick());
}

#[test]
fn our_side_has_hung_up_when_its_bye_leaves() {
    let mut call = Call::start();
    call.answer("INVITE", 200, "a", &[]);
    call.answer("INVITE", 200, "b", &[]);
    let stray = Sent::by(&call.sent("BYE"));
    call.feed(Input::Left(stray.clone()));
    assert!(!call.events.contains(&Event::HungUp), "the other fork is gone, the call goes on");
    call.feed(Input::HangUp(None));
    call.feed(Input::Left(stray));
    assert!(!call.events.contains(&Event::HungUp), "it waits to be sent");
    call.feed(Input::Left(Sent::by(&call.sent("BYE"))));
    assert_eq!(call.events.last(), Some(&Event::HungUp));
    assert!(call.terminal().is_empty(), "the peer has not said anything yet");
}
