//! Failover of a call over the ways of one trunk, and what becomes of the way that was left.

use std::time::{Duration, Instant};

use sip::{Cause, Events, LegEvent, SipStack, Transport, TrunkConfig};
use uac::Method;

use crate::peer::Peer;
use crate::sipp::{MANNERS, Sipp, answer, dial, free_address, free_address_of, last, next, stack, trunk_to};

async fn over(peers: [std::net::SocketAddr; 2], options: Duration, silence: Option<Duration>) -> SipStack {
    let [first, second] = peers;
    stack(TrunkConfig {
        more_peers: vec![second.to_string()],
        options_interval: options,
        silence,
        ..trunk_to(first)
    })
    .await
}

async fn failed_over(events: &mut Events) -> Cause {
    match next(events).await {
        LegEvent::FailedOver { cause, .. } => cause,
        other => panic!("{other:?} instead of a failover"),
    }
}

#[tokio::test]
async fn a_dead_port_is_left_at_once() {
    let peer = Peer::bind().await;
    let stack = over([free_address(), peer.address], Duration::ZERO, None).await;
    let (_leg, mut events) = dial(&stack);
    let invite = peer.hears(&Method::Invite).await;
    assert!(matches!(failed_over(&mut events).await, Cause::Unreachable(_)));
    peer.answers(&invite, 200, "a", &[]).await;
    answer(&mut events).await;
}

#[tokio::test]
async fn a_503_is_left_and_the_customer_called_once() {
    let (first, second) = (Peer::bind().await, Peer::bind().await);
    let stack = over([first.address, second.address], Duration::ZERO, None).await;
    let (_leg, mut events) = dial(&stack);
    let invite = first.hears(&Method::Invite).await;
    first.answers(&invite, 503, "x", &[("Retry-After", "30")]).await;
    let again = second.hears(&Method::Invite).await;
    for name in ["Call-ID", "From", "To", "CSeq"] {
        assert_eq!(invite.0.headers.first(name), again.0.headers.first(name), "{name}");
    }
    assert_ne!(invite.0.headers.branch(), again.0.headers.branch());
    second.answers(&again, 486, "b", &[]).await;
    assert_eq!(failed_over(&mut events).await, Cause::Rejected { status: 503, retry_after: Some(30) });
    assert!(matches!(last(&mut events).await, LegEvent::Failed(failure) if failure.status == Some(486)));
}

#[tokio::test]
async fn a_silent_way_is_left_within_six_seconds_and_cancelled_when_it_wakes() {
    let (first, second) = (Peer::bind().await, Peer::bind().await);
    let stack = over([first.address, second.address], Duration::from_secs(60), None).await;
    let begun = Instant::now();
    let (leg, mut events) = dial(&stack);
    let silent = first.hears(&Method::Invite).await;
    let ping = second.hears(&Method::Options).await;
    second.answers(&ping, 200, "p", &[]).await;
    let invite = second.hears(&Method::Invite).await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert_eq!(failed_over(&mut events).await, Cause::Down);
    second.answers(&invite, 180, "b", &[]).await;
    assert!(matches!(next(&mut events).await, LegEvent::Provisional { status: 180, .. }));
    // The first way wakes: its INVITE was given up, so it is cancelled on its own branch.
    first.answers(&silent, 180, "late", &[]).await;
    let cancel = first.hears(&Method::Cancel).await;
    assert_eq!(cancel.0.headers.branch(), silent.0.headers.branch());
    first.answers(&cancel, 200, "late", &[]).await;
    first.answers(&silent, 487, "late", &[]).await;
    let ack = first.hears(&Method::Ack).await;
    assert_eq!(ack.0.headers.branch(), silent.0.headers.branch());
    assert!(matches!(next(&mut events).await, LegEvent::Overlapped { .. }));
    second.answers(&invite, 200, "b", &[]).await;
    answer(&mut events).await;
    leg.hang_up(None);
    let bye = second.hears(&Method::Bye).await;
    second.answers(&bye, 200, "b", &[]).await;
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
}

#[tokio::test]
async fn a_late_200_of_the_way_that_was_left_is_acknowledged_and_ended() {
    let (first, second) = (Peer::bind().await, Peer::bind().await);
    let silence = Some(Duration::from_millis(300));
    let stack = over([first.address, second.address], Duration::ZERO, silence).await;
    let (_leg, mut events) = dial(&stack);
    let silent = first.hears(&Method::Invite).await;
    let invite = second.hears(&Method::Invite).await;
    second.answers(&invite, 200, "b", &[]).await;
    assert_eq!(failed_over(&mut events).await, Cause::Silent);
    answer(&mut events).await;
    first.answers(&silent, 200, "late", &[]).await;
    let (ack, _) = first.hears(&Method::Ack).await;
    assert_eq!(ack.headers.to_tag().as_deref(), Some("late"));
    let bye = first.hears(&Method::Bye).await;
    first.answers(&bye, 200, "late", &[]).await;
    assert!(matches!(next(&mut events).await, LegEvent::Overlapped { .. }));
    second.asks(&invite, (1, Method::Bye), "b", &[]).await;
    assert!(matches!(last(&mut events).await, LegEvent::PeerHungUp { .. }), "the call itself went on");
}

/// A trunk of two ways spoken to by TCP.
async fn over_tcp(peers: [std::net::SocketAddr; 2]) -> SipStack {
    let [first, second] = peers;
    let trunk = TrunkConfig { transport: Transport::Tcp, ..trunk_to(first) };
    stack(TrunkConfig { more_peers: vec![second.to_string()], ..trunk }).await
}

#[tokio::test]
async fn a_sipp_out_of_service_is_left_for_one_that_takes_the_call() {
    let manners = MANNERS.into_iter().filter(|(_, ip)| ip.is_ipv4());
    for manner in manners {
        let first = Sipp::answering_by(manner, "out_of_service").await;
        let second = Sipp::answering_by(manner, "answered_then_peer_hangs_up").await;
        let ways = [first.address, second.address];
        let ours = match manner.0 {
            Transport::Tcp => over_tcp(ways).await,
            _ => over(ways, Duration::ZERO, None).await,
        };
        let (_leg, mut events) = dial(&ours);
        let cause = failed_over(&mut events).await;
        assert_eq!(cause, Cause::Rejected { status: 503, retry_after: Some(30) }, "{manner:?}");
        answer(&mut events).await;
        assert!(matches!(last(&mut events).await, LegEvent::PeerHungUp { .. }), "{manner:?}");
        // The first has its ACK and nothing else.
        first.plays_to_its_end().await;
        second.plays_to_its_end().await;
    }
}

#[tokio::test]
async fn a_refused_connection_is_left_at_once_for_a_sipp_that_takes_the_call() {
    let by_tcp = MANNERS.into_iter().find(|(transport, ip)| *transport == Transport::Tcp && ip.is_ipv4());
    let sipp = Sipp::answering_by(by_tcp.unwrap(), "answered_then_peer_hangs_up").await;
    let ours = over_tcp([free_address_of(sipp.address.ip()), sipp.address]).await;
    let begun = Instant::now();
    let (_leg, mut events) = dial(&ours);
    let Cause::Unreachable(why) = failed_over(&mut events).await else { panic!("a transport error") };
    assert!(why.contains("refused"), "{why}");
    answer(&mut events).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "not by a time-out: {:?}", begun.elapsed());
    assert!(matches!(last(&mut events).await, LegEvent::PeerHungUp { .. }));
    sipp.plays_to_its_end().await;
}
