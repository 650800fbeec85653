//! Connections that peers open to us.

use std::net::Ipv4Addr;
use std::time::Duration;

use sip::{SipConfig, SipStack, TlsListener, Transport, TrunkConfig, TrunkState, TrunkTls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::sipp::{PATIENCE, Sipp, free_address, trunk_to};

const OPTIONS: &str = "OPTIONS sip:us SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bKa\r\n\
    Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:us>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\
    Content-Length: 0\r\n\r\n";

async fn stack(trunks: Vec<TrunkConfig>) -> SipStack {
    let local = (Ipv4Addr::LOCALHOST, 0).into();
    let config =
        SipConfig { bind: local, tcp: vec![local], connections_per_source: 2, ..SipConfig::default() };
    SipStack::start(config, trunks).await.unwrap()
}

/// What comes first, or nothing when the connection is closed without a word.
async fn heard(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 2048];
    let length = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.expect("in time");
    String::from_utf8_lossy(&buffer[..length.unwrap_or(0)]).into_owned()
}

#[tokio::test]
async fn a_request_of_the_trunk_is_answered_on_its_own_connection() {
    let ours = stack(vec![trunk_to(free_address())]).await;
    let mut stream = TcpStream::connect(ours.listens(Transport::Tcp)[0]).await.unwrap();
    stream.write_all(OPTIONS.as_bytes()).await.unwrap();
    let answer = heard(&mut stream).await;
    assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");
}

#[tokio::test]
async fn sipp_calls_us_by_tcp_like_by_udp() {
    let ours = stack(vec![trunk_to(free_address())]).await;
    let manner = (Transport::Tcp, Ipv4Addr::LOCALHOST.into());
    let sipp = Sipp::calling_by(manner, "stranger", ours.listens(Transport::Tcp)[0]);
    sipp.plays_to_its_end().await;
}

#[tokio::test]
async fn a_stranger_is_shown_out_without_a_word() {
    let far = TrunkConfig::new("far", "192.0.2.1:5060", "4001234567");
    let ours = stack(vec![TrunkConfig { options_interval: Duration::ZERO, ..far }]).await;
    let mut stream = TcpStream::connect(ours.listens(Transport::Tcp)[0]).await.unwrap();
    let _ = stream.write_all(OPTIONS.as_bytes()).await;
    assert_eq!(heard(&mut stream).await, "");
}

#[tokio::test]
async fn one_source_has_no_more_than_its_share() {
    let ours = stack(vec![trunk_to(free_address())]).await;
    let address = ours.listens(Transport::Tcp)[0];
    let mut inside = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(OPTIONS.as_bytes()).await.unwrap();
        assert!(heard(&mut stream).await.starts_with("SIP/2.0 200 "));
        inside.push(stream);
    }
    let mut third = TcpStream::connect(address).await.unwrap();
    assert_eq!(heard(&mut third).await, "", "two are the most");
    drop(inside.pop());
    // The place is free once the end of the other is seen.
    loop {
        let mut next = TcpStream::connect(address).await.unwrap();
        let _ = next.write_all(OPTIONS.as_bytes()).await;
        if heard(&mut next).await.starts_with("SIP/2.0 200 ") {
            return;
        }
    }
}

#[tokio::test]
async fn by_tls_we_show_our_certificate_and_may_ask_for_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let certify = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        (file(&format!("{name}.pem"), &certificate), file(&format!("{name}.key"), &key.serialize_pem()))
    };
    let (certificate, key) = certify("localhost");
    let (client, client_key) = certify("carrier.example");
    let local = (Ipv4Addr::LOCALHOST, 0).into();
    let identity = TlsListener { certificate: certificate.clone(), key, client_ca: Some(client.clone()) };
    let config =
        SipConfig { bind: local, tls: vec![local], tls_identity: Some(identity), ..SipConfig::default() };
    let ours = SipStack::start(config, vec![trunk_to(free_address())]).await.unwrap();
    let address = ours.listens(Transport::Tls)[0];

    // The carrier is another stack of ours: its ping comes in by TLS, with its certificate.
    let peer = TrunkConfig {
        transport: Transport::Tls,
        options_interval: Duration::from_millis(100),
        ..TrunkConfig::new("us", format!("localhost:{}", address.port()), "4001234567")
    };
    let shown = TrunkTls {
        ca: Some(certificate),
        certificate: Some(client),
        key: Some(client_key),
        ..TrunkTls::default()
    };
    for (tls, lets_in) in [(TrunkTls { ca: shown.ca.clone(), ..TrunkTls::default() }, false), (shown, true)] {
        let config = SipConfig { bind: local, ..SipConfig::default() };
        let carrier = SipStack::start(config, vec![TrunkConfig { tls, ..peer.clone() }]).await.unwrap();
        let mut state = carrier.trunk("us").unwrap().state();
        let known = state.wait_for(|state| *state != TrunkState::Unknown);
        let state = tokio::time::timeout(PATIENCE, known).await.expect("in time").unwrap().clone();
        assert_eq!(state == TrunkState::Reachable, lets_in, "{state:?}");
    }
}
