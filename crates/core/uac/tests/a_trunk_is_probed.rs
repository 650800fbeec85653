//! What pings and calls make of a trunk's ways and of its state.

mod common;

use std::time::Duration;

use common::{PEER, response};
use uac::probe::ProbeOutput;
use uac::{Hop, Line, Probe, Request, Seed, Sent, TrunkState, WayState, Ways};

const EVERY: Duration = Duration::from_secs(30);
const PACE: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(3);

fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn way(last: u8) -> Hop {
    Hop::resolved(([192, 0, 2, last], 5060).into(), uac::Transport::Udp)
}

fn over(ways: &[Hop], interval: Duration) -> Probe {
    let line = Line { ways: ways.to_vec(), ..common::line() };
    Probe::start(Duration::ZERO, line, interval, Seed::new([3; 16]))
}

fn start() -> Probe {
    over(&[], EVERY)
}

/// What the probe puts out now.
#[derive(Default)]
struct Out {
    pings: Vec<(Request, Hop)>,
    abandoned: usize,
    ways: Option<Ways>,
    state: Option<TrunkState>,
}

fn drain(probe: &mut Probe) -> Out {
    let mut out = Out::default();
    while let Some(output) = probe.poll() {
        match output {
            ProbeOutput::Request(sent, hop) => out.pings.push((sent, hop)),
            ProbeOutput::Abandon(_) => out.abandoned += 1,
            ProbeOutput::Ways(ways) => out.ways = Some(ways),
            ProbeOutput::State(state) => out.state = Some(state),
        }
    }
    out
}

fn ping(probe: &mut Probe) -> Request {
    drain(probe).pings.remove(0).0
}

/// Moves to the next deadline and fires it.
fn tick(probe: &mut Probe) -> Duration {
    let at = probe.deadline().expect("a deadline");
    probe.on_tick(at);
    at
}

fn answer(probe: &mut Probe, now: Duration, ping: &Request, status: u16) -> Out {
    probe.on_response(now, &response(ping, status, "t", &[]), PEER);
    drain(probe)
}

#[test]
fn each_answer_means_what_it_means() {
    let alive = [200, 404, 405, 501, 403, 480, 486, 500].map(|status| (status, true));
    let dead = [408, 503].map(|status| (status, false));
    for (status, reachable) in alive.into_iter().chain(dead) {
        let mut probe = start();
        let ping = ping(&mut probe);
        let state = answer(&mut probe, Duration::ZERO, &ping, status).state.unwrap();
        assert_eq!(state == TrunkState::Reachable, reachable, "{status}: {state:?}");
        assert_eq!(state.trouble().is_none(), reachable, "{status}");
    }
}

#[test]
fn silence_is_noticed_after_three_seconds_and_asked_again_ever_later() {
    let mut probe = start();
    drain(&mut probe);
    let mut asked_at = Vec::new();
    for _ in 0..6 {
        let silent = tick(&mut probe);
        let asked = tick(&mut probe);
        asked_at.push(asked.saturating_sub(silent).as_secs());
    }
    assert_eq!(asked_at, [1, 2, 4, 8, 10, 10]);
    let out = drain(&mut probe);
    let Some(TrunkState::Unreachable { reason }) = out.state else { panic!("{:?}", out.state) };
    assert!(reason.contains("192.0.2.9:5060: no answer to OPTIONS; check"), "{reason}");
    assert_eq!((out.pings.len(), out.abandoned), (6, 6), "a ping given up is repeated no more");

    let now = secs(60);
    let (last, _) = out.pings.last().unwrap();
    assert_eq!(
        answer(&mut probe, now, last, 200).state,
        Some(TrunkState::Reachable),
        "up with its first answer"
    );
    assert_eq!(probe.deadline(), Some(now + EVERY));
    probe.on_tick(now + EVERY);
    drain(&mut probe);
    assert_eq!(probe.deadline(), Some(now + EVERY + PATIENCE));
    let silent = tick(&mut probe);
    assert_eq!(probe.deadline(), Some(silent + secs(1)), "the back-off begins anew");
}

#[test]
fn a_dead_way_is_known_within_four_seconds_of_the_first_call_that_hears_nothing() {
    let mut probe = over(&[way(1), way(2)], EVERY);
    let first = ping(&mut probe);
    answer(&mut probe, Duration::ZERO, &first, 200);
    tick(&mut probe);
    let second = ping(&mut probe);
    answer(&mut probe, PACE, &second, 200);

    // Dialled at 9 s, no answer for a second.
    probe.suspect(secs(10), &way(1));
    let asked = drain(&mut probe).pings;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].1, way(1));
    // More calls that hear nothing ask no more.
    probe.suspect(secs(11), &way(1));
    assert!(drain(&mut probe).pings.is_empty());
    assert_eq!(tick(&mut probe), secs(13));
    let out = drain(&mut probe);
    assert_eq!(out.ways.unwrap().best_first(), [way(2), way(1)]);
    assert_eq!(out.state, None, "the other way still answers");
}

#[test]
fn a_doubted_way_that_answers_stays_up_and_is_not_asked_for_every_call() {
    let mut probe = over(&[way(1)], EVERY);
    let first = ping(&mut probe);
    answer(&mut probe, Duration::ZERO, &first, 200);
    let mut pings = 0;
    for call in 0..200 {
        let now = secs(10) + Duration::from_millis(10) * call;
        probe.suspect(now, &way(1));
        if probe.deadline().is_some_and(|at| at <= now) {
            probe.on_tick(now);
        }
        for (ping, _) in drain(&mut probe).pings {
            pings += 1;
            answer(&mut probe, now, &ping, 200);
        }
    }
    assert_eq!(pings, 2, "one a second, over two seconds of doubt");
    assert_eq!(probe.ways().state_of(&way(1)), Some(&WayState::Up));
}

#[test]
fn many_ways_are_not_asked_all_at_once() {
    let ways: Vec<Hop> = (1..=20).map(way).collect();
    let mut probe = over(&ways, EVERY);
    let mut sent_at = vec![Duration::ZERO; ping(&mut probe).method.as_str().len().min(1)];
    while sent_at.len() < 20 {
        let at = tick(&mut probe);
        sent_at.extend(drain(&mut probe).pings.iter().map(|_| at));
    }
    let apart = sent_at.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    assert!(apart.into_iter().all(|apart| apart == PACE), "{sent_at:?}");
}

#[test]
fn ways_are_replaced_while_it_runs() {
    let mut probe = over(&[way(1), way(2)], EVERY);
    let first = ping(&mut probe);
    answer(&mut probe, Duration::ZERO, &first, 200);
    tick(&mut probe);
    drain(&mut probe);
    // The second is still being asked, and goes; a third comes.
    probe.replace(secs(1), vec![way(3), way(1)]);
    let out = drain(&mut probe);
    assert_eq!(out.abandoned, 1);
    assert_eq!(out.pings.iter().map(|(_, hop)| hop.clone()).collect::<Vec<_>>(), [way(3)]);
    let ways = out.ways.unwrap();
    assert_eq!(ways.best_first(), [way(1), way(3)], "what was known of the first is kept");
    assert_eq!(ways.iter().map(|way| way.since).collect::<Vec<_>>(), [secs(1), Duration::ZERO]);
    assert_eq!(out.state, None);
}

#[test]
fn a_trunk_that_is_never_asked_goes_by_its_calls() {
    let mut probe = over(&[way(1), way(2)], Duration::ZERO);
    let out = drain(&mut probe);
    assert!(out.pings.is_empty());
    assert_eq!((probe.state(), probe.deadline()), (TrunkState::Unasked, None));
    assert_eq!(probe.state().trouble(), None, "calls may go out");

    probe.suspect(secs(1), &way(1));
    assert_eq!(probe.ways().best_first(), [way(2), way(1)]);
    probe.suspect(secs(1), &way(2));
    assert_eq!(probe.state(), TrunkState::Unasked, "silence alone closes nothing");
    assert_eq!(tick(&mut probe), secs(31), "and is forgotten after a while");
    tick(&mut probe);
    assert_eq!(probe.ways().best_first(), [way(1), way(2)]);
    probe.on_call_heard(secs(40), &way(2));
    assert_eq!(probe.ways().best_first(), [way(2), way(1)]);
    assert_eq!(probe.state(), TrunkState::Reachable);
}

#[test]
fn a_challenged_ping_is_repeated_with_credentials_and_a_wrong_password_is_told() {
    let asked = [("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")];
    let mut probe = start();
    let first = ping(&mut probe);
    probe.on_response(Duration::ZERO, &response(&first, 401, "t", &asked), PEER);
    let second = ping(&mut probe);
    assert_ne!(first.headers.branch(), second.headers.branch());
    assert!(second.headers.first("Authorization").is_some());
    probe.on_response(Duration::ZERO, &response(&second, 401, "t", &asked), PEER);
    assert!(matches!(drain(&mut probe).state, Some(TrunkState::AuthFailed { .. })));
}

#[test]
fn a_challenge_from_elsewhere_gets_no_credentials() {
    let asked = [("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")];
    let mut probe = start();
    let first = ping(&mut probe);
    probe.on_response(Duration::ZERO, &response(&first, 401, "t", &asked), [198, 51, 100, 1].into());
    let out = drain(&mut probe);
    assert!(out.pings.is_empty());
    let Some(TrunkState::AuthFailed { reason }) = out.state else { panic!("{:?}", out.state) };
    assert!(reason.contains("198.51.100.1"), "{reason}");
}

#[test]
fn a_call_refused_for_its_credentials_closes_the_trunk_until_one_is_taken() {
    let mut probe = start();
    let first = ping(&mut probe);
    answer(&mut probe, Duration::ZERO, &first, 200);
    probe.on_call_refused(Duration::ZERO, "wrong password");
    assert!(matches!(drain(&mut probe).state, Some(TrunkState::AuthFailed { .. })));
    // A ping that nobody challenged proves nothing about the password.
    probe.on_tick(EVERY);
    let next = ping(&mut probe);
    assert_eq!(answer(&mut probe, EVERY, &next, 200).state, None);
    probe.on_call_accepted();
    assert_eq!(drain(&mut probe).state, Some(TrunkState::Reachable));
}

#[test]
fn a_refusal_is_tried_again_after_five_minutes() {
    let mut probe = over(&[way(1)], Duration::ZERO);
    probe.on_call_refused(secs(1), "wrong password");
    drain(&mut probe);
    assert_eq!(tick(&mut probe), secs(301));
    assert_eq!(drain(&mut probe).state, Some(TrunkState::Unasked));
}

#[test]
fn only_a_ping_of_ours_can_be_answered_or_lost() {
    let mut probe = start();
    let ping = ping(&mut probe);
    let mut other = ping.clone();
    other.headers.set("Via", "SIP/2.0/UDP h;branch=z9hG4bKother");
    probe.on_lost(Duration::ZERO, &Sent::by(&other), "refused");
    assert_eq!(answer(&mut probe, Duration::ZERO, &other, 200).state, None);
    probe.on_lost(Duration::ZERO, &Sent::by(&ping), "refused");
    assert!(matches!(drain(&mut probe).state, Some(TrunkState::Unreachable { .. })));
}
