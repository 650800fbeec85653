//! What pings and calls make of a trunk's state.

mod common;

use std::time::Duration;

use common::response;
use uac::probe::ProbeOutput;
use uac::{Probe, Request, Seed, Sent, TrunkState};

const EVERY: Duration = Duration::from_secs(30);

fn start() -> Probe {
    Probe::start(Duration::ZERO, common::line(), EVERY, Seed::new([3; 16]))
}

/// The request and the state among what the probe puts out now.
fn drain(probe: &mut Probe) -> (Option<Request>, Option<TrunkState>) {
    let (mut request, mut state) = (None, None);
    while let Some(output) = probe.poll() {
        match output {
            ProbeOutput::Request(sent, _) => request = Some(sent),
            ProbeOutput::State(now) => state = Some(now),
            ProbeOutput::Abandon(_) => {}
        }
    }
    (request, state)
}

#[test]
fn each_answer_means_what_it_means() {
    let table = [(200, true), (404, true), (405, true), (501, true), (486, true), (408, false), (503, false)];
    for (status, reachable) in table {
        let mut probe = start();
        let ping = drain(&mut probe).0.unwrap();
        probe.on_response(Duration::ZERO, &response(&ping, status, "t", &[]));
        let state = drain(&mut probe).1.unwrap();
        assert_eq!(state == TrunkState::Reachable, reachable, "{status}: {state:?}");
    }
}

#[test]
fn silence_is_noticed_and_asked_again_soon() {
    let mut probe = start();
    drain(&mut probe);
    let late = probe.deadline().unwrap();
    assert_eq!(late, Duration::from_secs(5));
    probe.on_tick(late);
    assert!(matches!(drain(&mut probe).1, Some(TrunkState::Unreachable { .. })));
    assert_eq!(probe.deadline(), Some(late + Duration::from_secs(5)));
    probe.on_tick(late + Duration::from_secs(5));
    let ping = drain(&mut probe).0.unwrap();
    probe.on_response(late, &response(&ping, 200, "t", &[]));
    assert_eq!(drain(&mut probe).1, Some(TrunkState::Reachable));
    assert_eq!(probe.deadline(), Some(late + EVERY));
}

#[test]
fn a_challenged_ping_is_repeated_with_credentials_and_a_wrong_password_is_told() {
    let asked = [("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"")];
    let mut probe = start();
    let first = drain(&mut probe).0.unwrap();
    probe.on_response(Duration::ZERO, &response(&first, 401, "t", &asked));
    let second = drain(&mut probe).0.unwrap();
    assert!(second.headers.first("Authorization").is_some());
    probe.on_response(Duration::ZERO, &response(&second, 401, "t", &asked));
    assert!(matches!(drain(&mut probe).1, Some(TrunkState::AuthFailed { .. })));
}

#[test]
fn a_call_refused_for_its_credentials_marks_the_trunk_until_one_is_taken() {
    let mut probe = start();
    let ping = drain(&mut probe).0.unwrap();
    probe.on_response(Duration::ZERO, &response(&ping, 200, "t", &[]));
    drain(&mut probe);
    probe.on_call_refused("wrong password");
    assert!(matches!(drain(&mut probe).1, Some(TrunkState::AuthFailed { .. })));
    // A ping that nobody challenged proves nothing about the password.
    probe.on_tick(EVERY);
    let ping = drain(&mut probe).0.unwrap();
    probe.on_response(EVERY, &response(&ping, 200, "t", &[]));
    assert_eq!(drain(&mut probe).1, None);
    probe.on_call_accepted();
    assert_eq!(drain(&mut probe).1, Some(TrunkState::Reachable));
}

#[test]
fn only_a_ping_of_ours_can_be_answered_or_lost() {
    let mut probe = start();
    let ping = drain(&mut probe).0.unwrap();
    let mut other = ping.clone();
    other.headers.set("Via", "SIP/2.0/UDP h;branch=z9hG4bKother");
    probe.on_response(Duration::ZERO, &response(&other, 200, "t", &[]));
    probe.on_lost(Duration::ZERO, &Sent::by(&other), "refused");
    assert_eq!(drain(&mut probe), (None, None));
    probe.on_lost(Duration::ZERO, &Sent::by(&ping), "refused");
    assert!(matches!(drain(&mut probe).1, Some(TrunkState::Unreachable { .. })));
}
