//! Two peers behind one service name, and the better one dies: calls dialled from then on are
//! answered by the other within 6 s of the death, whatever the transport and the manner of dying.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use sip::{Dial, LegEvent, SipConfig, SipStack, Transport, TrunkConfig, TrunkTls, WayState};
use tempfile::TempDir;

use crate::kamailio::{Kamailio, Setup, Tls};
use crate::name_server::{NameServer, ZONE};
use crate::sipp::{PATIENCE, offer, trunk_to};

/// What the other peer has to have answered by then.
const FAILOVER: Duration = Duration::from_secs(6);
/// A silent peer is known for dead 3 s after the ping that it leaves unanswered.
const PINGS: Duration = Duration::from_secs(1);
/// A call that hears nothing for so long is not waited for.
const CALL: Duration = Duration::from_millis(300);

/// Says by its phrase which of the two answered.
const ROUTES: &str = r#"
request_route {
    if (is_method("ACK")) { exit; }
    if (is_method("INVITE")) { sl_send_reply("486", "Busy at @port@"); exit; }
    sl_send_reply("200", "OK");
}"#;

struct Pair {
    first: Kamailio,
    second: Kamailio,
    ours: SipStack,
    _names: NameServer,
    _folder: TempDir,
}

impl Pair {
    /// Two Kamailios, the first of better priority, and our stack, which has seen both alive.
    async fn by(transport: Transport) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![ZONE.to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, &certificate).unwrap();
        let key = key.serialize_pem();
        let kamailio = || {
            Kamailio::start(Setup {
                routes: ROUTES,
                tls: (transport == Transport::Tls).then_some(Tls {
                    certificate: &certificate,
                    key: &key,
                    clients: None,
                }),
                ..Setup::default()
            })
        };
        let (first, second) = tokio::join!(kamailio(), kamailio());
        let port = |kamailio: &Kamailio| match transport {
            Transport::Tls => kamailio.tls.port(),
            Transport::Udp | Transport::Tcp => kamailio.address.port(),
        };
        let names = zone(transport, [port(&first), port(&second)]).await;
        let tls = match transport {
            Transport::Tls => TrunkTls { ca: Some(ca), ..TrunkTls::default() },
            Transport::Udp | Transport::Tcp => TrunkTls::default(),
        };
        let ours = stack(&names, TrunkConfig { transport, tls, ..trunk_to(first.address) }).await;
        both_up(&ours).await;
        Self { first, second, ours, _names: names, _folder: folder }
    }
}

async fn zone(transport: Transport, ports: [u16; 2]) -> NameServer {
    let service = match transport {
        Transport::Udp => "_sip._udp",
        Transport::Tcp => "_sip._tcp",
        Transport::Tls => "_sips._tcp",
    };
    let mut names = NameServer::start().await;
    for (priority, port) in (1..).zip(ports) {
        let host = format!("host{priority}");
        names.host(&host, (Ipv4Addr::LOCALHOST, 1).into(), 60).await;
        names.service(service, (priority, 1), &host, port).await;
    }
    names
}

async fn stack(names: &NameServer, trunk: TrunkConfig) -> SipStack {
    let config = SipConfig {
        bind: (Ipv4Addr::LOCALHOST, 0).into(),
        name_servers: vec![names.address],
        ..SipConfig::default()
    };
    let trunk =
        TrunkConfig { peer: ZONE.to_owned(), user: None, password: None, options_interval: PINGS, ..trunk };
    SipStack::start(config, vec![trunk]).await.unwrap()
}

async fn both_up(ours: &SipStack) {
    let mut ways = ours.trunk("carrier").unwrap().ways();
    let up =
        ways.wait_for(|ways| ways.iter().count() == 2 && ways.iter().all(|way| way.state == WayState::Up));
    tokio::time::timeout(PATIENCE, up).await.expect("both up in time").unwrap();
}

/// One call's final answer, if one comes soon.
async fn answer_to_a_call(ours: &SipStack, number: usize) -> Option<String> {
    let call_id = format!("failover-{number}");
    let dial = Dial { number: "138".to_owned(), call_id, offer: offer() };
    let (_leg, mut events) = ours.trunk("carrier").unwrap().dial(dial);
    let answered = async {
        loop {
            match events.recv().await? {
                LegEvent::Failed(failure) => return failure.status.map(|_| failure.reason_phrase),
                LegEvent::Trying | LegEvent::Provisional { .. } | LegEvent::FailedOver { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(CALL, answered).await.ok().flatten()
}

/// Calls until the other peer answers, and measures from `death`.
async fn other_answers(ours: &SipStack, other: SocketAddr, death: Instant) -> Duration {
    let expected = format!("Busy at {}", other.port());
    for number in 0.. {
        if answer_to_a_call(ours, number).await.as_ref() == Some(&expected) {
            break;
        }
        assert!(death.elapsed() < FAILOVER, "call {number} was not answered by the other");
        // A call that failed at once is not followed by another at once.
        tokio::time::sleep(CALL / 3).await;
    }
    death.elapsed()
}

/// Its workers let go of the socket when they have ended.
async fn bound_again(address: SocketAddr) -> UdpSocket {
    for _ in 0..1000 {
        match UdpSocket::bind(address) {
            Ok(socket) => return socket,
            Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
        }
    }
    panic!("{address} was not released");
}

#[tokio::test]
async fn a_killed_peer_is_left_for_the_other() {
    for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
        let mut pair = Pair::by(transport).await;
        let expected = format!("Busy at {}", pair.first.address.port());
        assert_eq!(answer_to_a_call(&pair.ours, 1000).await, Some(expected), "the better one takes calls");
        let death = Instant::now();
        pair.first.kill().await;
        let took = other_answers(&pair.ours, pair.second.address, death).await;
        println!("{transport}: {took:?} from the death to an answer of the other");
        assert!(took < FAILOVER, "{transport}: {took:?}");
    }
}

/// By UDP a peer may also just fall silent: nothing comes back, not even an ICMP error.
#[tokio::test]
async fn a_peer_that_falls_silent_is_left_for_the_other() {
    let mut pair = Pair::by(Transport::Udp).await;
    let address = pair.first.address;
    pair.first.kill().await;
    let death = Instant::now();
    let _mute = bound_again(address).await;
    let took = other_answers(&pair.ours, pair.second.address, death).await;
    println!("silence: {took:?} from the death to an answer of the other");
    assert!(took < FAILOVER, "{took:?}");
}
