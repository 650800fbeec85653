//! Calls through a proxy that stays in the dialog, and answers that no dialog can be made of.

use std::net::SocketAddr;

use sip::{FailureKind, LegEvent, Policy, TrunkConfig};
use uac::Method;

use crate::kamailio::{Kamailio, Setup};
use crate::peer::Peer;
use crate::sipp::{answer, dial, last, next, stack, trunk_to};

/// Kamailio records its route on the INVITE and sends it on to `peer` by UDP; requests of the dialog
/// follow the route set, which it tells, or are refused.
pub(crate) async fn recording(peer: SocketAddr) -> Kamailio {
    let routes = format!(
        "request_route {{\n\
         if (has_totag()) {{\n\
         if (!loose_route()) {{ if (is_method(\"ACK\")) exit; sl_send_reply(\"403\", \"No Route\"); exit; }}\n\
         xlog(\"L_ERR\", \"$rm follows its route, by $proto from $si:$sp\\n\");\n\
         t_relay(); exit; }}\n\
         if (is_method(\"CANCEL\")) {{ t_relay(); exit; }}\n\
         if (is_method(\"INVITE\")) {{ record_route(); $du = \"sip:{peer}\"; t_relay(); exit; }}\n\
         sl_send_reply(\"200\", \"OK\"); }}"
    );
    Kamailio::start(Setup { routes: &routes, ..Setup::default() }).await
}

#[tokio::test]
async fn requests_of_both_sides_follow_the_recorded_route() {
    let peer = Peer::bind().await;
    let proxy = recording(peer.address).await;
    let stack = stack(trunk_to(proxy.address)).await;
    let (leg, mut events) = dial(&stack);
    let invite = peer.hears(&Method::Invite).await;
    let route = invite.0.headers.first("Record-Route").expect("Kamailio records its route").to_owned();
    // A reliable response: the PRACK follows the route too.
    let reliable = [("Record-Route", route.as_str()), ("Require", "100rel"), ("RSeq", "7")];
    peer.answers(&invite, 183, "a", &reliable).await;
    let prack = peer.hears(&Method::Prack).await;
    assert_eq!(prack.0.headers.first("RAck"), Some("7 1 INVITE"));
    assert_eq!(prack.1, proxy.address);
    assert!(prack.0.headers.contact().is_some());
    peer.answers(&prack, 200, "a", &[]).await;
    peer.answers(&invite, 200, "a", &[("Record-Route", route.as_str())]).await;
    let (ack, from) = peer.hears(&Method::Ack).await;
    assert_eq!((from, ack.headers.first("Route")), (proxy.address, None), "the proxy took its Route off");
    answer(&mut events).await;
    // The peer asks through the proxy; our Contact is the target.
    peer.asks(&invite, (1, Method::Invite), "a", &[("Route", route.as_str())]).await;
    let LegEvent::Reoffer { sdp: Some(offer) } = next(&mut events).await else { panic!("an offer") };
    leg.answer_reoffer(Some(offer));
    let response = peer.is_answered(1, &Method::Invite).await;
    assert_eq!(response.status, 200);
    peer.asks(&invite, (1, Method::Ack), "a", &[("Route", route.as_str())]).await;
    leg.hang_up(None);
    let bye = peer.hears(&Method::Bye).await;
    assert_eq!(bye.1, proxy.address);
    peer.answers(&bye, 200, "a", &[]).await;
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
}

#[tokio::test]
async fn an_answer_without_contact_is_acknowledged_and_ended() {
    let peer = Peer::bind().await;
    let stack = stack(trunk_to(peer.address)).await;
    let (_leg, mut events) = dial(&stack);
    let invite = peer.hears(&Method::Invite).await;
    peer.answers_without_contact(&invite, "a").await;
    peer.hears(&Method::Ack).await;
    let bye = peer.hears(&Method::Bye).await;
    peer.answers(&bye, 200, "a", &[]).await;
    let LegEvent::Failed(failure) = last(&mut events).await else { panic!("a failure") };
    assert_eq!((failure.kind, failure.status), (FailureKind::Protocol, Some(200)));
}

#[tokio::test]
async fn a_redirection_is_followed_only_where_allowed_and_only_to_the_trunk() {
    let contacts = |peer: &Peer| format!("<sip:13800000000@203.0.113.9>;q=1, <sip:2@{}>;q=0.2", peer.address);
    let refused = Peer::bind().await;
    let strict = stack(trunk_to(refused.address)).await;
    let (_leg, mut events) = dial(&strict);
    let invite = refused.hears(&Method::Invite).await;
    refused.redirects(&invite, &contacts(&refused)).await;
    assert!(matches!(last(&mut events).await, LegEvent::Failed(failure) if failure.status == Some(302)));

    let peer = Peer::bind().await;
    let policy = Policy { redirects: 1, ..Policy::default() };
    let allowing = stack(TrunkConfig { policy, ..trunk_to(peer.address) }).await;
    let (_leg, mut events) = dial(&allowing);
    let invite = peer.hears(&Method::Invite).await;
    peer.redirects(&invite, &contacts(&peer)).await;
    peer.hears(&Method::Ack).await;
    let again = peer.hears(&Method::Invite).await;
    assert_eq!(again.0.uri, format!("sip:2@{}", peer.address), "never to a stranger, however well liked");
    assert_eq!(again.0.headers.first("CSeq"), Some("2 INVITE"));
    peer.redirects(&again, &format!("<sip:3@{}>", peer.address)).await;
    assert!(matches!(last(&mut events).await, LegEvent::Failed(failure) if failure.status == Some(302)));
}
