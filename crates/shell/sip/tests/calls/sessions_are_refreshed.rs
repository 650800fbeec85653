//! Session timers (RFC 4028) against a peer: by whom the session is refreshed, how, and what ends
//! it.

use std::time::Duration;

use sip::{FailureKind, LegEvent, Policy, TrunkConfig};
use uac::Method;

use crate::peer::Peer;
use crate::sipp::{answer, dial, last, next, stack, trunk_to};

/// Sessions of four seconds, so that a refresh is due within two.
fn short(peer: std::net::SocketAddr) -> TrunkConfig {
    let policy = Policy {
        session_expires: Some(Duration::from_secs(4)),
        min_se: Duration::from_secs(2),
        ..Policy::default()
    };
    TrunkConfig { policy, ..trunk_to(peer) }
}

#[tokio::test]
async fn a_longer_session_is_asked_for_when_the_peer_wants_it() {
    let peer = Peer::bind().await;
    let stack = stack(short(peer.address)).await;
    let (_leg, mut events) = dial(&stack);
    let first = peer.hears(&Method::Invite).await;
    assert_eq!(first.0.headers.first("Session-Expires"), Some("4"));
    peer.answers(&first, 422, "x", &[("Min-SE", "90")]).await;
    peer.hears(&Method::Ack).await;
    let second = peer.hears(&Method::Invite).await;
    assert_eq!(second.0.headers.first("Session-Expires"), Some("90"));
    assert_eq!(second.0.headers.first("Min-SE"), Some("90"));
    assert_eq!(second.0.headers.first("CSeq"), Some("2 INVITE"));
    assert_eq!(second.0.headers.call_id(), first.0.headers.call_id());
    peer.answers(&second, 200, "a", &[("Session-Expires", "90;refresher=uac")]).await;
    answer(&mut events).await;
}

#[tokio::test]
async fn we_refresh_by_update_where_the_peer_takes_it() {
    let peer = Peer::bind().await;
    let stack = stack(short(peer.address)).await;
    let (leg, mut events) = dial(&stack);
    let invite = peer.hears(&Method::Invite).await;
    let agreed = [("Session-Expires", "4;refresher=uac"), ("Require", "timer"), ("Allow", "INVITE, UPDATE")];
    peer.answers(&invite, 200, "a", &agreed).await;
    answer(&mut events).await;
    let update = peer.hears(&Method::Update).await;
    assert_eq!(update.0.headers.first("Session-Expires"), Some("4;refresher=uac"));
    assert_eq!(update.0.headers.first("CSeq"), Some("2 UPDATE"));
    assert!(update.0.body.is_empty());
    peer.answers(&update, 200, "a", &[("Session-Expires", "4;refresher=uac")]).await;
    let again = peer.hears(&Method::Update).await;
    assert_eq!(again.0.headers.first("CSeq"), Some("3 UPDATE"), "from refresh to refresh");
    peer.answers(&again, 481, "a", &[]).await;
    let bye = peer.hears(&Method::Bye).await;
    peer.answers(&bye, 200, "a", &[]).await;
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("the session is lost") };
    assert_eq!((failure.kind, failure.status), (FailureKind::Timeout, Some(481)));
    drop(leg);
}

#[tokio::test]
async fn we_refresh_by_reinvite_with_the_same_description_else() {
    let peer = Peer::bind().await;
    let stack = stack(short(peer.address)).await;
    let (leg, mut events) = dial(&stack);
    let invite = peer.hears(&Method::Invite).await;
    peer.answers(&invite, 200, "a", &[("Session-Expires", "4;refresher=uac"), ("Allow", "INVITE")]).await;
    answer(&mut events).await;
    let refresh = peer.hears(&Method::Invite).await;
    assert_eq!((refresh.0.headers.first("CSeq"), &refresh.0.body), (Some("2 INVITE"), &invite.0.body));
    // A peer whose ACK was lost repeats its 2xx, and gets the same ACK.
    for _ in 0..2 {
        peer.answers(&refresh, 200, "a", &[("Session-Expires", "90;refresher=uas")]).await;
        let (ack, _) = peer.hears(&Method::Ack).await;
        assert_eq!(ack.headers.first("CSeq"), Some("2 ACK"));
    }
    assert!(matches!(next(&mut events).await, LegEvent::Reanswer { .. }), "its media may have moved");
    leg.hang_up(None);
    let bye = peer.hears(&Method::Bye).await;
    assert_eq!(bye.0.headers.first("CSeq"), Some("3 BYE"));
    peer.answers(&bye, 200, "a", &[]).await;
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
}

#[tokio::test]
async fn the_peer_refreshes_until_it_stops_and_is_taken_for_dead() {
    let peer = Peer::bind().await;
    let stack = stack(short(peer.address)).await;
    let (_leg, mut events) = dial(&stack);
    let invite = peer.hears(&Method::Invite).await;
    peer.answers(&invite, 200, "a", &[("Session-Expires", "4;refresher=uas"), ("Require", "timer")]).await;
    answer(&mut events).await;
    let timer = [("Supported", "timer"), ("Session-Expires", "1;refresher=uac")];
    peer.asks(&invite, (1, Method::Update), "a", &timer).await;
    let refused = peer.is_answered(1, &Method::Update).await;
    assert_eq!((refused.status, refused.headers.first("Min-SE")), (422, Some("2")));
    let timer = [("Supported", "timer"), ("Session-Expires", "3;refresher=uac")];
    peer.asks(&invite, (2, Method::Update), "a", &timer).await;
    let taken = peer.is_answered(2, &Method::Update).await;
    assert_eq!((taken.status, taken.headers.first("Session-Expires")), (200, Some("3;refresher=uac")));
    assert_eq!(taken.headers.first("Require"), Some("timer"));
    let bye = peer.hears(&Method::Bye).await;
    peer.answers(&bye, 200, "a", &[]).await;
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("the session is lost") };
    assert_eq!((failure.kind, failure.status), (FailureKind::Timeout, None));
}
