//! Requests that belong to no call of ours, and messages that only look as if they did.

use std::net::{IpAddr, Ipv4Addr};

use sip::guard::{Policy, Rate, Strangers};
use sip::{Events, Leg, LegEvent, SipStack};

use crate::raw::{ELSEWHERE, Raw, dropped_since, guarded, options, settled};
use crate::sipp::{Sipp, answer, dial, free_address, last, next, stack, trunk_to};

#[tokio::test]
async fn a_trunk_gets_options_and_nothing_else() {
    let stack = stack(trunk_to(free_address())).await;
    Sipp::calling("stranger", stack.local_addr()).plays_to_its_end().await;
}

#[tokio::test]
async fn a_stranger_hears_nothing_by_default() {
    let stack = stack(trunk_to(free_address())).await;
    let stranger = Raw::at(ELSEWHERE, &stack).await;
    let before = stack.guard_counts();
    stranger.send(&options("a")).await;
    stranger.send(&with_method(&options("b"), "INVITE")).await;
    stranger.send(&with_method(&options("c"), "REGISTER")).await;
    stranger.send(b"INVITE <sip:a@b> SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n").await;
    stranger.send(b"\r\n\r\n").await;
    settled(&stack).await;
    assert_eq!(stranger.unread(), Vec::<String>::new());
    assert_eq!(dropped_since(&stack, &before), [("stranger", 4), ("keep_alive", 1)]);
}

#[tokio::test]
async fn a_stranger_who_may_ask_is_answered_within_the_rates() {
    let source_answers = Rate { per_second: 1, burst: 3 };
    let policy = Policy { strangers: Strangers::Refuse, source_answers, ..Policy::default() };
    let stack = guarded(trunk_to(free_address()), policy).await;
    let stranger = Raw::at(ELSEWHERE, &stack).await;
    let before = stack.guard_counts();
    for number in 0..20 {
        stranger.send(&options(&format!("ask-{number}"))).await;
    }
    settled(&stack).await;
    let answers = stranger.unread();
    // A second may pass meanwhile on a busy machine.
    assert!((3..10).contains(&answers.len()), "{}", answers.len());
    assert!(
        answers
            .iter()
            .all(|answer| answer.starts_with("SIP/2.0 200") && answer.len() <= options("ask-00").len())
    );
    let spent = 20 - answers.len() as u64;
    assert_eq!(dropped_since(&stack, &before), [("answers_spent", spent)]);
}

#[tokio::test]
async fn a_scanner_and_a_question_smaller_than_its_answer_are_not_answered() {
    let policy = Policy { strangers: Strangers::Refuse, ..Policy::default() };
    let stack = guarded(trunk_to(free_address()), policy).await;
    let stranger = Raw::at(ELSEWHERE, &stack).await;
    let before = stack.guard_counts();
    let text = String::from_utf8(options("a")).unwrap();
    stranger.send(text.replace("somebody", "friendly-scanner").as_bytes()).await;
    let short = text.lines().filter(|line| !line.starts_with("User-Agent")).collect::<Vec<_>>().join("\r\n");
    stranger.send(format!("{short}\r\n\r\n").as_bytes()).await;
    settled(&stack).await;
    assert_eq!(stranger.unread(), Vec::<String>::new());
    assert_eq!(dropped_since(&stack, &before), [("scanner", 1), ("amplifies", 1)]);
}

#[tokio::test]
async fn a_flood_from_a_trunk_is_cut_off_at_its_rate() {
    let trunk_rate = Rate { per_second: 1, burst: 5 };
    let stack = guarded(trunk_to(free_address()), Policy { trunk_rate, ..Policy::default() }).await;
    let trunk = Raw::trunk(&stack).await;
    for number in 0..100 {
        trunk.send(&options(&format!("flood-{number}"))).await;
    }
    for _ in 0..5 {
        assert!(trunk.receive().await.starts_with("SIP/2.0 200"));
    }
    let heard = || stack.guard_counts().heard;
    assert!((5..10).contains(&heard()), "{}", heard());
}

/// A call that stands, and what forgers need to know of it.
struct Standing {
    stack: SipStack,
    sipp: Sipp,
    leg: Leg,
    events: Events,
    invite: Invite,
}

/// The INVITE and the tag of its answer, as a snapshot tells them.
struct Invite {
    branch: String,
    from: String,
    to: String,
    call_id: String,
    cseq: String,
}

async fn standing() -> Standing {
    let sipp = Sipp::answering("answers_and_waits").await;
    let stack = stack(trunk_to(sipp.address)).await;
    let (leg, mut events) = dial(&stack);
    answer(&mut events).await;
    let invite = Invite::of(&leg).await;
    Standing { stack, sipp, leg, events, invite }
}

impl Invite {
    async fn of(leg: &Leg) -> Self {
        let state = serde_json::to_value(leg.snapshot().await).unwrap();
        let headers = state["invite"]["headers"].as_array().unwrap().clone();
        let header = |name: &str| {
            let found = headers.iter().find(|header| header["name"] == name);
            found.unwrap_or_else(|| panic!("{name}"))["value"].as_str().unwrap().to_owned()
        };
        let to = state["dialog"]["dialog"]["to"].as_str().map_or_else(|| header("To"), str::to_owned);
        let via = header("Via");
        let branch = via.split("branch=").nth(1).unwrap().split(';').next().unwrap().to_owned();
        Self { branch, from: header("From"), to, call_id: header("Call-ID"), cseq: header("CSeq") }
    }

    /// A request of the peer in the call.
    fn ask(&self, method: &str, from: &str, to: &str) -> Vec<u8> {
        format!(
            "{method} sip:us SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKforged{method};rport\r\nFrom: {from}\r\nTo: {to}\r\n\
             Call-ID: {}\r\nCSeq: 900 {method}\r\nContact: <sip:forger@127.0.0.2>\r\nContent-Length: 0\r\n\r\n",
            self.call_id
        )
        .into_bytes()
    }

    /// A response to our INVITE.
    fn respond(&self, status: &str, tag: &str, more: &str) -> Vec<u8> {
        let to = self.to.split(";tag=").next().unwrap();
        format!(
            "SIP/2.0 {status}\r\nVia: SIP/2.0/UDP h;branch={}\r\nFrom: {}\r\nTo: {to};tag={tag}\r\nCall-ID: {}\r\n\
             CSeq: {}\r\nContact: <sip:forger@127.0.0.2>\r\n{more}Content-Length: 0\r\n\r\n",
            self.branch, self.from, self.call_id, self.cseq
        )
        .into_bytes()
    }
}

const FORGED: [&str; 6] = ["BYE", "CANCEL", "INVITE", "ACK", "UPDATE", "INFO"];

#[tokio::test]
async fn a_stranger_who_knows_everything_of_a_call_changes_nothing_in_it() {
    let Standing { stack, sipp, leg, mut events, invite } = standing().await;
    let stranger = Raw::at(ELSEWHERE, &stack).await;
    let before = stack.guard_counts();
    for method in FORGED {
        stranger.send(&invite.ask(method, &invite.to, &invite.from)).await;
    }
    stranger.send(&invite.respond("200 OK", "other", "")).await;
    stranger.send(&invite.respond("486 Busy Here", "other", "")).await;
    settled(&stack).await;
    assert_eq!(stranger.unread(), Vec::<String>::new());
    let dropped = dropped_since(&stack, &before);
    let number: u64 = dropped.iter().map(|(_, number)| number).sum();
    assert_eq!(number, 8, "{dropped:?}");
    assert!(events.try_recv().is_err(), "the caller hears of none");
    leg.hang_up(None);
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn wrong_tags_are_refused_even_at_the_trunks_address() {
    let Standing { stack, sipp, leg, mut events, invite } = standing().await;
    let peer = Raw::trunk(&stack).await;
    let mut numbered = 0;
    for method in ["BYE", "INVITE", "UPDATE", "INFO"] {
        let table = [
            ("<sip:138@h>;tag=wrong", invite.from.as_str()),
            (invite.to.as_str(), "<sip:us@h>;tag=wrong"),
            (invite.to.as_str(), "<sip:us@h>"),
        ];
        for (from, to) in table {
            numbered += 1;
            let forged = String::from_utf8(invite.ask(method, from, to)).unwrap();
            peer.send(forged.replace("z9hG4bKforged", &format!("z9hG4bK{numbered}")).as_bytes()).await;
            let answer = loop {
                let answer = peer.receive().await;
                if !answer.starts_with("SIP/2.0 1") {
                    break answer;
                }
            };
            assert!(answer.starts_with("SIP/2.0 481"), "{method} {from} {to}: {answer}");
            peer.send(&invite.ask("ACK", from, to)).await;
        }
    }
    peer.send(&invite.ask("CANCEL", &invite.to, &invite.from)).await;
    assert!(peer.receive().await.starts_with("SIP/2.0 481"), "there is nothing to cancel");
    assert!(events.try_recv().is_err(), "the caller hears of none");
    leg.hang_up(None);
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_challenge_from_elsewhere_gets_no_credentials_and_a_forged_answer_no_ack() {
    // The peer rings, so that the INVITE is open; both trunks are known, only one was asked.
    let sipp = Sipp::answering("rings_until_cancelled").await;
    let other: IpAddr = Ipv4Addr::new(127, 0, 0, 3).into();
    let trusted = vec!["127.0.0.3".parse().unwrap()];
    let stack = guarded(trunk_to(sipp.address), Policy { trusted, ..Policy::default() }).await;
    let (leg, mut events) = dial(&stack);
    while !matches!(next(&mut events).await, LegEvent::Provisional { .. }) {}
    let invite = Invite::of(&leg).await;
    let before = stack.guard_counts();
    for forger in [ELSEWHERE, other] {
        let forger = Raw::at(forger, &stack).await;
        for (status, name) in [("401 Unauthorized", "WWW"), ("407 Proxy Authentication Required", "Proxy")] {
            let challenge = format!("{name}-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n");
            forger.send(&invite.respond(status, "forged", &challenge)).await;
        }
        settled(&stack).await;
        assert_eq!(forger.unread(), Vec::<String>::new());
    }
    let stranger = Raw::at(ELSEWHERE, &stack).await;
    stranger.send(&invite.respond("200 OK", "forged", "")).await;
    stranger.send(&invite.respond("486 Busy Here", "forged", "")).await;
    settled(&stack).await;
    assert_eq!(stranger.unread(), Vec::<String>::new());
    assert_eq!(dropped_since(&stack, &before), [("foreign_response", 6)]);
    assert!(events.try_recv().is_err(), "it still rings");
    leg.cancel();
    assert!(matches!(last(&mut events).await, LegEvent::Failed(_)));
    // SIPp expects one INVITE, its CANCEL and its ACK: no second INVITE with credentials came.
    sipp.plays_to_its_end().await;
}

fn with_method(message: &[u8], method: &str) -> Vec<u8> {
    String::from_utf8(message.to_vec()).unwrap().replace("OPTIONS", method).into_bytes()
}
