//! Trunks by TLS, against Kamailio: who proves the name that was asked for is spoken to, and nobody
//! else.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use sip::{LegEvent, SipConfig, SipStack, Transport, TrunkConfig, TrunkState, TrunkTls};
use tempfile::TempDir;

use crate::kamailio::{Kamailio, Setup, Tls};
use crate::sipp::{PATIENCE, answer, dial, last};

const NAME: &str = "localhost";

/// An authority, the server's certificate and a folder for files.
struct Paper {
    authority: CertifiedIssuer<'static, KeyPair>,
    certificate: String,
    key: String,
    folder: TempDir,
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

impl Paper {
    fn of(name: &str, until: i32) -> Self {
        let authority = authority("the carrier's authority");
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&key, &authority).unwrap().pem();
        Self { authority, certificate, key: key.serialize_pem(), folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn kamailio(&self, clients: Option<&str>) -> Kamailio {
        Kamailio::start(Setup {
            modules: &["sdpops"],
            routes: ROUTES,
            tls: Some(Tls { certificate: &self.certificate, key: &self.key, clients }),
            ..Setup::default()
        })
        .await
    }

    fn trust(&self) -> TrunkTls {
        TrunkTls { ca: Some(self.file("ca.pem", &self.authority.pem())), ..TrunkTls::default() }
    }
}

/// Answers OPTIONS, and every call with SDP; the BYE is answered too.
const ROUTES: &str = r#"
request_route {
    if (is_method("ACK")) { exit; }
    if (is_method("INVITE")) {
        append_to_reply("Contact: <sip:peer@@tls@;transport=tls>\r\nContent-Type: application/sdp\r\n");
        set_reply_body("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n", "application/sdp");
    }
    xlog("L_ERR", "asked by $rm over $proto to $rU, Via $hdr(Via)\n");
    sl_send_reply("200", "OK");
}"#;

fn trunk(kamailio: &Kamailio, tls: TrunkTls) -> TrunkConfig {
    TrunkConfig {
        transport: Transport::Tls,
        options_interval: Duration::from_millis(200),
        tls,
        ..TrunkConfig::new("carrier", format!("{NAME}:{}", kamailio.tls.port()), "4001234567")
    }
}

async fn stack(trunk: TrunkConfig) -> SipStack {
    let config = SipConfig { bind: (Ipv4Addr::LOCALHOST, 0).into(), ..SipConfig::default() };
    SipStack::start(config, vec![trunk]).await.unwrap()
}

async fn refusal(ours: &SipStack) -> String {
    let mut state = ours.trunk("carrier").unwrap().state();
    let known = state.wait_for(|state| *state != TrunkState::Unknown);
    let state = tokio::time::timeout(PATIENCE, known).await.expect("in time").unwrap().clone();
    let TrunkState::Unreachable { reason } = state else { panic!("{state:?}") };
    reason
}

#[tokio::test]
async fn a_call_goes_by_tls_to_its_end() {
    let paper = Paper::of(NAME, 2100);
    let mut kamailio = paper.kamailio(None).await;
    let ours = stack(trunk(&kamailio, paper.trust())).await;
    let mut state = ours.trunk("carrier").unwrap().state();
    let up = state.wait_for(|state| *state == TrunkState::Reachable);
    tokio::time::timeout(PATIENCE, up).await.expect("in time").unwrap();
    let (leg, mut events) = dial(&ours);
    answer(&mut events).await;
    let said = kamailio.says("asked by INVITE").await;
    assert!(said.contains("over tls") && said.contains("Via SIP/2.0/TLS 127.0.0.1:"), "{said}");
    leg.hang_up(None);
    assert_eq!(last(&mut events).await, LegEvent::Ended { confirmed: true });
    kamailio.says("asked by BYE over tls").await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let paper = Paper::of(NAME, 2021);
    let kamailio = paper.kamailio(None).await;
    let reason = refusal(&stack(trunk(&kamailio, paper.trust())).await).await;
    assert!(reason.contains("expired") && reason.contains("renew"), "{reason}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let paper = Paper::of("sip.elsewhere.example", 2100);
    let kamailio = paper.kamailio(None).await;
    let reason = refusal(&stack(trunk(&kamailio, paper.trust())).await).await;
    assert!(reason.contains("is not for localhost") && reason.contains("tls.name"), "{reason}");

    let named = TrunkTls { name: Some("sip.elsewhere.example".to_owned()), ..paper.trust() };
    let ours = stack(trunk(&kamailio, named)).await;
    let mut state = ours.trunk("carrier").unwrap().state();
    let up = state.wait_for(|state| *state == TrunkState::Reachable);
    tokio::time::timeout(PATIENCE, up).await.expect("in time").unwrap();
}

#[tokio::test]
async fn an_unknown_authority_is_refused() {
    let paper = Paper::of(NAME, 2100);
    let kamailio = paper.kamailio(None).await;
    for trust in [
        TrunkTls::default(),
        TrunkTls {
            ca: Some(paper.file("other.pem", &authority("another authority").pem())),
            ..TrunkTls::default()
        },
    ] {
        let reason = refusal(&stack(trunk(&kamailio, trust)).await).await;
        assert!(reason.contains("signed by nobody we trust") && reason.contains("tls.ca"), "{reason}");
    }
}

#[tokio::test]
async fn a_peer_that_wants_our_certificate_gets_it() {
    let paper = Paper::of(NAME, 2100);
    let clients = authority("the authority of clients");
    let kamailio = paper.kamailio(Some(&clients.pem())).await;
    let reason = refusal(&stack(trunk(&kamailio, paper.trust())).await).await;
    assert!(reason.contains("does not accept us") && reason.contains("tls.certificate"), "{reason}");

    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["us.example".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "us.example");
    let ours = params.signed_by(&key, &clients).unwrap();
    let shown = TrunkTls {
        certificate: Some(paper.file("ours.pem", &ours.pem())),
        key: Some(paper.file("ours.key", &key.serialize_pem())),
        ..paper.trust()
    };
    let ours = stack(trunk(&kamailio, shown)).await;
    let mut state = ours.trunk("carrier").unwrap().state();
    let up = state.wait_for(|state| *state == TrunkState::Reachable);
    tokio::time::timeout(PATIENCE, up).await.expect("in time").unwrap();
}

#[tokio::test]
async fn a_peer_without_tls_is_named_as_such() {
    let paper = Paper::of(NAME, 2100);
    let kamailio = paper.kamailio(None).await;
    let plain = TrunkConfig {
        peer: format!("{NAME}:{}", kamailio.address.port()),
        ..trunk(&kamailio, paper.trust())
    };
    let reason = refusal(&stack(plain).await).await;
    assert!(reason.contains("TLS"), "{reason}");
}

#[tokio::test]
async fn unusable_files_are_faults_of_the_start() {
    let paper = Paper::of(NAME, 2100);
    let table = [
        (TrunkTls { ca: Some(PathBuf::from("/no/such/file.pem")), ..TrunkTls::default() }, "ca"),
        (TrunkTls { ca: Some(paper.file("empty.pem", "")), ..TrunkTls::default() }, "no certificate in it"),
        (
            TrunkTls { certificate: Some(paper.file("c.pem", &paper.certificate)), ..paper.trust() },
            "both or neither",
        ),
    ];
    for (tls, words) in table {
        let trunk = TrunkConfig {
            transport: Transport::Tls,
            tls,
            ..TrunkConfig::new("carrier", "localhost:5061", "4001234567")
        };
        let config = SipConfig { bind: (Ipv4Addr::LOCALHOST, 0).into(), ..SipConfig::default() };
        let error = SipStack::start(config, vec![trunk]).await.unwrap_err().to_string();
        assert!(error.contains("trunk carrier: tls") && error.contains(words), "{error}");
    }
}
