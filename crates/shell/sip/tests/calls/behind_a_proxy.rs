//! SIPp behind a Kamailio that records its route: what either side asks in the call passes the
//! proxy, whether we speak to it by UDP or by TCP (where it records two routes, one a transport).

use sip::{LegEvent, Transport, TrunkConfig};

use crate::proxies::recording;
use crate::sessions_with_sipp::{answers_offers, sessions_of};
use crate::sipp::{Sipp, answer, dial, stack};

/// A call by `transport` to the proxy and on to SIPp, which plays `scenario` and then hangs up;
/// the proxy saw `refreshes` of ours on their route, and the peer's BYE.
async fn through(transport: Transport, scenario: &str, refreshes: &[&str]) {
    let sipp = Sipp::answering(scenario).await;
    let mut proxy = recording(sipp.address).await;
    let trunk = TrunkConfig { transport, ..sessions_of(6, proxy.address) };
    let ours = stack(trunk).await;
    let (leg, mut events) = dial(&ours);
    answer(&mut events).await;
    let (_, end) = answers_offers(&leg, &mut events).await;
    assert!(matches!(end, LegEvent::PeerHungUp { .. }), "{transport}: {end:?}");
    for method in refreshes {
        proxy.says(&format!("{method} follows its route, by {transport} from")).await;
    }
    proxy.says(&format!("BYE follows its route, by udp from {}", sipp.address)).await;
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn the_bye_of_the_peer_passes_the_proxy_and_ends_the_call() {
    let scenario = "answered_then_peer_hangs_up";
    tokio::join!(through(Transport::Udp, scenario, &[]), through(Transport::Tcp, scenario, &[]));
}

#[tokio::test]
async fn our_refresh_by_update_passes_the_proxy_and_is_answered() {
    let (scenario, refreshes) = ("refreshed_by_update", ["UPDATE", "UPDATE"]);
    tokio::join!(
        through(Transport::Udp, scenario, &refreshes),
        through(Transport::Tcp, scenario, &refreshes)
    );
}

#[tokio::test]
async fn our_refresh_by_reinvite_passes_the_proxy_and_is_answered() {
    // The ACK of the 2xx takes the same route.
    let (scenario, refreshes) = ("refreshed_by_reinvite", ["INVITE", "ACK"]);
    tokio::join!(
        through(Transport::Udp, scenario, &refreshes),
        through(Transport::Tcp, scenario, &refreshes)
    );
}

#[tokio::test]
async fn the_refresh_of_the_peer_passes_the_proxy_and_keeps_the_call() {
    tokio::join!(
        through(Transport::Udp, "refreshes_by_reinvite", &[]),
        through(Transport::Tcp, "refreshes_by_update", &[])
    );
}
