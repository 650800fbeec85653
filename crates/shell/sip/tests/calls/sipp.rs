//! SIPp as the other side, and our stack beside it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sip::sdp::{self, Local, Session};
use sip::{Dial, Events, Leg, LegEvent, Secret, SipConfig, SipStack, Transport, TrunkConfig};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Nothing in these tests takes longer than this unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// SIPp playing one scenario once.
pub(crate) struct Sipp {
    child: Child,
    pub(crate) address: SocketAddr,
    transport: Transport,
    traces: TempDir,
}

/// How SIPp is spoken to.
pub(crate) type Manner = (Transport, IpAddr);

/// By UDP over IPv4, as carriers mostly are.
const USUAL: Manner = (Transport::Udp, IpAddr::V4(Ipv4Addr::LOCALHOST));

/// Every manner of SIPp's.
pub(crate) const MANNERS: [Manner; 4] = [
    USUAL,
    (Transport::Udp, IpAddr::V6(Ipv6Addr::LOCALHOST)),
    (Transport::Tcp, IpAddr::V4(Ipv4Addr::LOCALHOST)),
    (Transport::Tcp, IpAddr::V6(Ipv6Addr::LOCALHOST)),
];

impl Sipp {
    /// Starts SIPp as the called side.
    pub(crate) async fn answering(scenario: &str) -> Self {
        Self::answering_by(USUAL, scenario).await
    }

    /// Starts SIPp as the called side, spoken to in that manner.
    pub(crate) async fn answering_by(manner: Manner, scenario: &str) -> Self {
        let sipp = Self::start(manner, scenario, None);
        sipp.bound().await;
        sipp
    }

    /// The same, for any number of callers.
    pub(crate) async fn answering_on(scenario: &str) -> Self {
        let sipp = Self::start_for(1_000_000, USUAL, scenario, None);
        sipp.bound().await;
        sipp
    }

    /// From now on it takes datagrams and answers none.
    pub(crate) fn falls_silent(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// It answers again, also what it was sent meanwhile.
    pub(crate) fn speaks_again(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("SIPp runs");
        kill(Pid::from_raw(id.cast_signed()), signal).unwrap();
    }

    /// Starts SIPp as the calling side towards `to`.
    pub(crate) fn calling(scenario: &str, to: SocketAddr) -> Self {
        Self::start(USUAL, scenario, Some(to))
    }

    /// Starts SIPp as the calling side in that manner.
    pub(crate) fn calling_by(manner: Manner, scenario: &str, to: SocketAddr) -> Self {
        Self::start(manner, scenario, Some(to))
    }

    fn start(manner: Manner, scenario: &str, to: Option<SocketAddr>) -> Self {
        Self::start_for(1, manner, scenario, to)
    }

    fn start_for(calls: u32, (transport, ip): Manner, scenario: &str, to: Option<SocketAddr>) -> Self {
        let traces = tempfile::tempdir().unwrap();
        let address = free_address_of(ip);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/scenarios/{scenario}.xml"));
        assert!(file.exists(), "{}", file.display());
        let mut command = Command::new("sipp");
        command
            .args(["-m", &calls.to_string(), "-nostdin", "-trace_err", "-timeout", "25", "-timeout_error"])
            .args(["-i", &ip.to_string(), "-p", &address.port().to_string()])
            .args(["-t", if transport == Transport::Tcp { "t1" } else { "u1" }])
            .arg("-sf")
            .arg(file)
            .args(to.map(|to| to.to_string()))
            .current_dir(traces.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().expect("SIPp is installed (apt: sip-tester)");
        Self { child, address, transport, traces }
    }

    /// Until SIPp owns its port: a datagram before that would come back as an ICMP error.
    async fn bound(&self) {
        let port = format!(":{:04X} ", self.address.port());
        let family = if self.address.is_ipv4() { "" } else { "6" };
        let table = format!("/proc/net/{}{family}", self.transport);
        for _ in 0..1000 {
            if std::fs::read_to_string(&table).unwrap().contains(&port) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("SIPp did not bind {}: {}", self.address, self.errors());
    }

    /// The scenario was played to its end, every expectation met.
    pub(crate) async fn plays_to_its_end(mut self) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("SIPp ends").unwrap();
        assert!(status.success(), "SIPp: {status}\n{}", self.errors());
    }

    fn errors(&self) -> String {
        let logs = std::fs::read_dir(self.traces.path()).unwrap().map(|entry| entry.unwrap().path());
        logs.filter_map(|path| std::fs::read_to_string(path).ok()).collect()
    }
}

/// A failing test shows what SIPp saw.
impl Drop for Sipp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("SIPp: {}", self.errors());
        }
    }
}

/// A port for one program of this test.
pub(crate) fn free_address() -> SocketAddr {
    free_address_of(Ipv4Addr::LOCALHOST.into())
}

/// The ports that tests give to programs: below those that the system gives to whoever asks for
/// any, which would take one before the program has it.
const GIVEN: std::ops::Range<u16> = 10_000..30_000;

/// A port of that address for one program, free for UDP and TCP; no other test is given it.
pub(crate) fn free_address_of(ip: IpAddr) -> SocketAddr {
    let any = || SocketAddr::new(ip, rand::random_range(GIVEN));
    let is_free = |address: &SocketAddr| {
        is_reserved(address.port()) && TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok()
    };
    std::iter::repeat_with(any).take(1000).find(is_free).expect("the address is ours and has a free port")
}

/// Whether this process could take the port for itself until it ends, by a name that only one can hold.
fn is_reserved(port: u16) -> bool {
    let name = std::os::unix::net::SocketAddr::from_abstract_name(format!("sip test port {port}")).unwrap();
    UnixListener::bind_addr(&name).map(std::mem::forget).is_ok()
}

/// A trunk to `peer` that is never pinged, with user and password.
pub(crate) fn trunk_to(peer: SocketAddr) -> TrunkConfig {
    TrunkConfig {
        user: Some("company".to_owned()),
        password: Some(Secret::new("secret")),
        realms: vec!["carrier".to_owned(), "proxy".to_owned()],
        options_interval: Duration::ZERO,
        ..TrunkConfig::new("carrier", peer.to_string(), "4001234567")
    }
}

/// A stack on a free loopback port.
pub(crate) async fn stack(trunk: TrunkConfig) -> SipStack {
    quick_stack(trunk, Duration::from_millis(500)).await
}

/// The same with another T1.
pub(crate) async fn quick_stack(trunk: TrunkConfig, t1: Duration) -> SipStack {
    let config = SipConfig { bind: (Ipv4Addr::LOCALHOST, 0).into(), t1, ..SipConfig::default() };
    SipStack::start(config, vec![trunk]).await.unwrap()
}

/// Places one call.
pub(crate) fn dial(stack: &SipStack) -> (Leg, Events) {
    let offer = offer();
    let call_id = format!("attempt-{}", stack.local_addr().port());
    stack.trunk("carrier").unwrap().dial(Dial { number: "13800000000".to_owned(), call_id, offer })
}

/// Offer and answer over our RTP, which nobody uses here.
pub(crate) fn session() -> Session {
    Session::new(Local { rtp: (Ipv4Addr::LOCALHOST, 30_000).into(), session_id: 1, srtp: Vec::new() })
}

/// Our offer over it.
pub(crate) fn offer() -> String {
    session().offer(&mut || [0; sdp::KEY_RANDOMNESS])
}

/// The next event.
pub(crate) async fn next(events: &mut Events) -> LegEvent {
    tokio::time::timeout(PATIENCE, events.recv()).await.expect("an event in time").expect("an event")
}

/// Skips to the answer.
pub(crate) async fn answer(events: &mut Events) -> Option<String> {
    loop {
        match next(events).await {
            LegEvent::Answered { sdp } => return sdp,
            LegEvent::Trying | LegEvent::Provisional { .. } => {}
            other => panic!("{other:?} instead of an answer"),
        }
    }
}

/// The terminal event, which must be the last.
pub(crate) async fn last(events: &mut Events) -> LegEvent {
    loop {
        let event = next(events).await;
        if event.is_terminal() {
            assert!(events.try_recv().is_err(), "nothing comes after {event:?}");
            return event;
        }
    }
}
