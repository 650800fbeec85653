//! Trunks by name (RFC 3263), against a name server of our own.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use sip::{FailureKind, LegEvent, SipConfig, SipStack, Transport, TrunkConfig};

use crate::name_server::{NameServer, ZONE};
use crate::sipp::{PATIENCE, Sipp, answer, dial, free_address, last, trunk_to};

async fn stack(names: &NameServer, trunk: TrunkConfig) -> SipStack {
    let config = SipConfig {
        bind: (Ipv4Addr::LOCALHOST, 0).into(),
        more_udp: vec![(Ipv6Addr::LOCALHOST, 0).into()],
        name_servers: vec![names.address],
        ..SipConfig::default()
    };
    SipStack::start(config, vec![trunk]).await.unwrap()
}

fn named(peer: &str) -> TrunkConfig {
    TrunkConfig { peer: peer.to_owned(), ..trunk_to(free_address()) }
}

/// Waits until the trunk's places are those.
async fn resolved(ours: &SipStack, expected: &[SocketAddr]) {
    let mut places = ours.trunk("carrier").unwrap().places();
    let known = places.wait_for(|places| {
        let mut found: Vec<SocketAddr> = places.addresses();
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        found == expected
    });
    tokio::time::timeout(PATIENCE, known).await.expect("resolved in time").unwrap();
}

#[tokio::test]
async fn a_service_leads_to_its_host_and_port() {
    let sipp = Sipp::answering("answered_then_we_hang_up").await;
    let mut names = NameServer::start().await;
    names.host("one", sipp.address, 60).await;
    names.service("_sip._udp", (10, 5), "one", sipp.address.port()).await;
    let ours = stack(&names, named(ZONE)).await;
    resolved(&ours, &[sipp.address]).await;
    let (leg, mut events) = dial(&ours);
    answer(&mut events).await;
    leg.hang_up(Some("Q.850;cause=16".to_owned()));
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn each_transport_has_its_own_service() {
    let mut names = NameServer::start().await;
    names.host("one", "127.0.0.1:1".parse().unwrap(), 60).await;
    for (service, port) in [("_sip._udp", 5071), ("_sip._tcp", 5072), ("_sips._tcp", 5073)] {
        names.service(service, (1, 1), "one", port).await;
    }
    for (transport, port) in [(Transport::Udp, 5071), (Transport::Tcp, 5072), (Transport::Tls, 5073)] {
        let ours = stack(&names, TrunkConfig { transport, ..named(ZONE) }).await;
        resolved(&ours, &[(Ipv4Addr::LOCALHOST, port).into()]).await;
    }
}

#[tokio::test]
async fn a_name_without_service_and_a_name_with_port_are_hosts() {
    let mut names = NameServer::start().await;
    names.host("sip", "127.0.0.1:1".parse().unwrap(), 60).await;
    names.host("sip", "[::1]:1".parse().unwrap(), 60).await;
    for (peer, port) in [("sip.carrier.test", 5060), ("sip.carrier.test:5080", 5080)] {
        let ours = stack(&names, named(peer)).await;
        resolved(&ours, &[(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]).await;
    }
}

#[tokio::test]
async fn a_static_list_needs_no_name_server() {
    let (one, two) = (free_address(), free_address());
    let trunk = TrunkConfig { more_peers: vec![two.to_string()], ..trunk_to(one) };
    let ours = crate::sipp::stack(trunk).await;
    resolved(&ours, &[one, two]).await;
}

#[tokio::test]
async fn a_changed_answer_is_followed_and_the_last_one_outlives_the_name_server() {
    let mut names = NameServer::start().await;
    names.host("sip", "127.0.0.1:1".parse().unwrap(), 1).await;
    let ours = stack(&names, named("sip.carrier.test:5080")).await;
    resolved(&ours, &["127.0.0.1:5080".parse().unwrap()]).await;

    names.forget("sip").await;
    names.host("sip", "127.0.0.2:1".parse().unwrap(), 1).await;
    resolved(&ours, &["127.0.0.2:5080".parse().unwrap()]).await;

    names.stop().await;
    let mut places = ours.trunk("carrier").unwrap().places();
    places.borrow_and_update();
    // Nothing is told for longer than the answer lived and the next try took.
    assert!(tokio::time::timeout(Duration::from_secs(6), places.changed()).await.is_err());
    resolved(&ours, &["127.0.0.2:5080".parse().unwrap()]).await;
}

#[tokio::test]
async fn a_name_that_does_not_exist_says_so() {
    let names = NameServer::start().await;
    let ours = stack(&names, named("nobody.carrier.test")).await;
    let (_leg, mut events) = dial(&ours);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!(failure.kind, FailureKind::Transport);
    let detail = failure.detail.unwrap();
    assert!(detail.contains("nobody.carrier.test has no address"), "{detail}");
}

#[tokio::test]
async fn a_mute_name_server_holds_a_call_up_no_longer_than_it_may() {
    let mute = UdpSocket::bind("127.0.0.1:0").unwrap();
    let config = SipConfig {
        bind: (Ipv4Addr::LOCALHOST, 0).into(),
        name_servers: vec![mute.local_addr().unwrap()],
        ..SipConfig::default()
    };
    let ours = SipStack::start(config, vec![named("sip.carrier.test")]).await.unwrap();
    let begun = std::time::Instant::now();
    let (_leg, mut events) = dial(&ours);
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert!(failure.detail.unwrap().contains("name server"));
}
