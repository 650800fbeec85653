//! The same calls by UDP and TCP, over IPv4 and IPv6.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use sip::{Failure, FailureKind, LegEvent, SipConfig, SipStack, Transport, TrunkConfig};

use crate::sipp::{MANNERS, Manner, Sipp, answer, dial, free_address_of, last, next, trunk_to};

/// A stack that listens on both families, and its trunk.
async fn stack(manner: Manner, peer: std::net::SocketAddr) -> SipStack {
    let config = SipConfig {
        bind: (Ipv4Addr::LOCALHOST, 0).into(),
        more_udp: vec![(Ipv6Addr::LOCALHOST, 0).into()],
        ..SipConfig::default()
    };
    let trunk = TrunkConfig { transport: manner.0, ..trunk_to(peer) };
    SipStack::start(config, vec![trunk]).await.unwrap()
}

#[tokio::test]
async fn an_answered_call_ends_by_either_side() {
    for manner in MANNERS {
        let sipp = Sipp::answering_by(manner, "answered_then_we_hang_up").await;
        let ours = stack(manner, sipp.address).await;
        let (leg, mut events) = dial(&ours);
        answer(&mut events).await;
        leg.hang_up(Some("Q.850;cause=16".to_owned()));
        assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true }, "{manner:?}");
        sipp.plays_to_its_end().await;

        let sipp = Sipp::answering_by(manner, "answered_then_peer_hangs_up").await;
        let ours = stack(manner, sipp.address).await;
        let (_leg, mut events) = dial(&ours);
        answer(&mut events).await;
        assert!(matches!(last(&mut events).await, LegEvent::PeerHungUp { .. }), "{manner:?}");
        sipp.plays_to_its_end().await;
    }
}

#[tokio::test]
async fn a_ringing_call_is_cancelled() {
    for manner in MANNERS {
        let sipp = Sipp::answering_by(manner, "rings_until_cancelled").await;
        let ours = stack(manner, sipp.address).await;
        let (leg, mut events) = dial(&ours);
        assert!(matches!(next(&mut events).await, LegEvent::Provisional { status: 180, .. }), "{manner:?}");
        leg.cancel();
        let failed = last(&mut events).await;
        assert!(
            matches!(failed, LegEvent::Failed(Failure { status: Some(487), .. })),
            "{manner:?}: {failed:?}"
        );
        sipp.plays_to_its_end().await;
    }
}

#[tokio::test]
async fn challenges_and_reliable_responses_are_answered() {
    for manner in MANNERS {
        for scenario in ["asks_407", "wants_prack"] {
            let sipp = Sipp::answering_by(manner, scenario).await;
            let ours = stack(manner, sipp.address).await;
            let (leg, mut events) = dial(&ours);
            answer(&mut events).await;
            leg.hang_up(None);
            assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true }, "{manner:?} {scenario}");
            sipp.plays_to_its_end().await;
        }
    }
}

#[tokio::test]
async fn a_rejection_is_told_and_acknowledged() {
    for manner in MANNERS {
        let sipp = Sipp::answering_by(manner, "busy").await;
        let ours = stack(manner, sipp.address).await;
        let (_leg, mut events) = dial(&ours);
        let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
        assert_eq!((failure.kind, failure.status), (FailureKind::Rejected, Some(486)), "{manner:?}");
        sipp.plays_to_its_end().await;
    }
}

#[tokio::test]
async fn a_dead_port_is_known_at_once() {
    for manner in MANNERS {
        let ours = stack(manner, free_address_of(manner.1)).await;
        let begun = Instant::now();
        let (_leg, mut events) = dial(&ours);
        let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
        assert_eq!(failure.kind, FailureKind::Transport, "{manner:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{manner:?}: not by timer B");
    }
}

#[tokio::test]
async fn a_family_that_we_have_no_socket_of_is_told() {
    let config = SipConfig { bind: (Ipv4Addr::LOCALHOST, 0).into(), ..SipConfig::default() };
    let ours = SipStack::start(config, vec![trunk_to("[::1]:5060".parse().unwrap())]).await.unwrap();
    let (_leg, mut events) = dial(&ours);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert!(failure.detail.unwrap().contains("add one to listen in [sip]"));
    assert_eq!(ours.listens(Transport::Tcp), []);
}
