//! A trunk registered with Kamailio: its auth, registrar and usrloc modules, bindings in memory.

use std::net::SocketAddr;
use std::time::Duration;

use sip::{Register, RegistrationState, Secret, SipStack, TrunkConfig, TrunkState};
use tokio::net::UdpSocket;

use crate::kamailio::{Kamailio, Setup};
use crate::sipp::{PATIENCE, Sipp, answer, dial, last, stack, trunk_to};

/// Asks for a password, finds less than three seconds too brief, tells what it binds, sends calls
/// from the trunk to `callee` and those for the trunk to where it is registered.
async fn registrar(algorithm: &str, nonce_life: u32, callee: SocketAddr) -> Kamailio {
    let params = format!(
        r#"
        modparam("usrloc", "db_mode", 0)
        modparam("auth", "algorithm", "{algorithm}")
        modparam("auth", "nonce_expire", {nonce_life})
        "#
    );
    let routes = r#"
        request_route {
            if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
            if (is_method("REGISTER")) { route(REGISTER); }
            if (is_method("ACK")) { t_relay(); exit; }
            if ($si == "@us@" && $fU == "4001234567") {
                if (!pv_proxy_authenticate("carrier", "secret", "0")) { proxy_challenge("carrier", "1"); exit; }
                xlog("L_ERR", "called with $hdr(Proxy-Authorization)\n");
                consume_credentials();
                $du = "sip:@callee@";
                t_relay();
                exit;
            }
            if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
            t_relay();
        }
        route[REGISTER] {
            if ($hdr(Expires) == "1") {
                append_to_reply("Min-Expires: 3\r\n");
                sl_send_reply("423", "Interval Too Brief");
                exit;
            }
            if (!pv_www_authenticate("carrier", "secret", "0")) {
                xlog("L_ERR", "asks, since $rc\n");
                www_challenge("carrier", "1");
                exit;
            }
            save("location");
            if ($hdr(Expires) == "0") { xlog("L_ERR", "gave back $ct\n"); } else { xlog("L_ERR", "bound $ct with $hdr(Authorization)\n"); }
            exit;
        }
        "#
    .replace("@callee@", &callee.to_string())
    .replace("@us@", "127.0.0.1");
    Kamailio::start(Setup {
        modules: &["auth", "usrloc", "registrar"],
        params: &params,
        routes: &routes,
        ..Setup::default()
    })
    .await
}

fn registered_at(peer: SocketAddr, expires: u64) -> TrunkConfig {
    let register = Register {
        expires: Duration::from_secs(expires),
        retry: Duration::from_millis(500),
        ..Register::new("test")
    };
    TrunkConfig { register: Some(register), ..trunk_to(peer) }
}

async fn becomes(stack: &SipStack, wanted: impl Fn(&RegistrationState) -> bool) {
    let mut state = stack.trunk("carrier").unwrap().registration().expect("it is to be registered");
    let reached = tokio::time::timeout(PATIENCE, state.wait_for(|state| wanted(state))).await;
    reached.expect("registered in time").unwrap();
}

async fn is_registered(stack: &SipStack) {
    becomes(stack, |state| matches!(state, RegistrationState::Registered(_))).await;
}

/// The final status of a call from outside to the registered user.
async fn call_from_outside(proxy: SocketAddr) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let us = socket.local_addr().unwrap();
    let invite = format!(
        "INVITE sip:company@{proxy} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bKoutside;rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:customer@{us}>;tag=1\r\nTo: <sip:company@{proxy}>\r\n\
         Call-ID: outside-{us}\r\nCSeq: 1 INVITE\r\nContact: <sip:customer@{us}>\r\nContent-Length: 0\r\n\r\n"
    );
    socket.send_to(invite.as_bytes(), proxy).await.unwrap();
    let mut buffer = [0; 4096];
    let answered = async {
        loop {
            let (length, _) = socket.recv_from(&mut buffer).await.unwrap();
            if let Ok(uac::Message::Response(response)) = uac::wire::parse(&buffer[..length])
                && !response.is_provisional()
            {
                return response.status;
            }
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("an answer from outside")
}

async fn registers_calls_is_called_and_leaves(algorithm: &str) {
    let sipp = Sipp::answering("answers_and_waits").await;
    let mut kamailio = registrar(algorithm, 300, sipp.address).await;
    let ours = stack(registered_at(kamailio.address, 600)).await;
    is_registered(&ours).await;
    let bound = kamailio.says("bound").await;
    assert!(bound.contains(&format!("algorithm={algorithm}")) && bound.contains("qop=auth"), "{bound}");
    assert!(bound.contains(&format!("sip:company@{}", ours.local_addr())), "{bound}");

    let (leg, mut events) = dial(&ours);
    answer(&mut events).await;
    let called = kamailio.says("called with").await;
    assert!(called.contains("qop=auth"), "{called}");
    leg.hang_up(None);
    last(&mut events).await;
    sipp.plays_to_its_end().await;

    // 403: it came as far as us, who take no calls.
    assert_eq!(call_from_outside(kamailio.address).await, 403);
    ours.shutdown(PATIENCE).await;
    let gone = kamailio.says("gave back").await;
    assert!(gone.contains("expires=0"), "{gone}");
    assert_eq!(call_from_outside(kamailio.address).await, 404, "nobody is registered any more");
}

#[tokio::test]
async fn by_md5() {
    registers_calls_is_called_and_leaves("MD5").await;
}

#[tokio::test]
async fn by_sha256() {
    registers_calls_is_called_and_leaves("SHA-256").await;
}

#[tokio::test]
async fn a_brief_lifetime_is_raised_a_stale_nonce_replaced_and_a_restart_survived() {
    let nobody = crate::sipp::free_address();
    let mut kamailio = registrar("SHA-256", 1, nobody).await;
    let ours = stack(registered_at(kamailio.address, 1)).await;
    is_registered(&ours).await;
    let first = kamailio.says("bound").await;
    assert!(first.contains("expires=3"), "423 told so: {first}");
    // -4: the nonce of the first registration was used on, and is too old.
    kamailio.says("asks, since -4").await;
    let second = kamailio.says("bound").await;
    assert!(second.contains("nc=00000001"), "{second}");

    kamailio.kill().await;
    let mut state = ours.trunk("carrier").unwrap().state();
    let closed = state.wait_for(|state| matches!(state, TrunkState::Unregistered { .. }));
    tokio::time::timeout(PATIENCE, closed).await.expect("it expires").unwrap();
    kamailio.revive().await;
    kamailio.says("bound").await;
    is_registered(&ours).await;
}

#[tokio::test]
async fn a_wrong_password_closes_the_trunk_and_says_why() {
    let nobody = crate::sipp::free_address();
    let kamailio = registrar("MD5", 300, nobody).await;
    let wrong = TrunkConfig { password: Some(Secret::new("guess")), ..registered_at(kamailio.address, 600) };
    let ours = stack(wrong).await;
    let mut state = ours.trunk("carrier").unwrap().state();
    let closed = state.wait_for(|state| matches!(state, TrunkState::AuthFailed { .. }));
    let closed = tokio::time::timeout(PATIENCE, closed).await.expect("in time").unwrap();
    assert!(closed.trouble().unwrap().contains("correct the trunk's user and password"), "{closed:?}");
}
