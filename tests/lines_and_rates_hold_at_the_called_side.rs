//! Many calls at once over one trunk: what the called side sees, on a real socket, is never more calls at once than
//! `lines`, and never more INVITEs within a second than `cps`.

use std::collections::HashMap;
use std::io::IoSliceMut;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::sync::Arc;
use std::time::Duration;

use huifang::app::{NoLine, Trunks, Wanted};
use huifang::config::Config;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use records::Number;
use sip::{LegEvent, SipConfig, SipStack, TrunkConfig};
use tokio::sync::oneshot;
use trunk::Route;

const LINES: u32 = 4;
const CPS: usize = 8;
const CALLS: usize = 40;
/// How long the called side lets each call wait before it is busy.
const HELD: Duration = Duration::from_millis(350);

/// What the called side saw of a call: its INVITE, and the ACK that ended it, by the kernel's clock.
#[derive(Clone, Copy)]
struct Seen {
    invited: Duration,
    ended: Option<Duration>,
}

fn header<'m>(message: &'m str, name: &str) -> Vec<&'m str> {
    message
        .lines()
        .filter(|line| line.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name)))
        .collect()
}

fn answer(request: &str, status: &str) -> String {
    let copied: Vec<&str> =
        ["Via", "From", "Call-ID", "CSeq"].iter().flat_map(|name| header(request, name)).collect();
    let to = header(request, "To")[0];
    let tag = if to.contains(";tag=") { "" } else { ";tag=called" };
    format!("SIP/2.0 {status}\r\n{}\r\n{to}{tag}\r\nContent-Length: 0\r\n\r\n", copied.join("\r\n"))
}

/// A datagram, from whom, and when the kernel took it in: the called side's own scheduling squeezes nothing together.
fn receive(socket: &UdpSocket) -> (String, SocketAddr, Duration) {
    let mut buffer = vec![0; 65_535];
    let mut control = nix::cmsg_space!(TimeSpec);
    let mut parts = [IoSliceMut::new(&mut buffer)];
    let message =
        recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty()).unwrap();
    let at = message.cmsgs().unwrap().find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
        _ => None,
    });
    let from = SocketAddr::V4(SocketAddrV4::from(message.address.unwrap()));
    let (length, at) = (message.bytes, at.expect("the kernel stamps datagrams"));
    (String::from_utf8_lossy(&buffer[..length]).into_owned(), from, at)
}

/// Answers OPTIONS, and every INVITE with 486 after a while; tells what it saw once all calls are over.
fn called_side(socket: &Arc<UdpSocket>) -> Vec<Seen> {
    let mut seen: HashMap<String, Seen> = HashMap::new();
    while seen.len() < CALLS || seen.values().any(|seen| seen.ended.is_none()) {
        let (message, from, at) = receive(socket);
        let call = header(&message, "Call-ID").first().copied().unwrap_or_default().to_owned();
        match message.split(' ').next() {
            Some("OPTIONS") => send(socket, &answer(&message, "200 OK"), from),
            Some("INVITE") if !seen.contains_key(&call) => {
                seen.insert(call, Seen { invited: at, ended: None });
                send(socket, &answer(&message, "100 Trying"), from);
                let socket = Arc::clone(socket);
                std::thread::spawn(move || {
                    std::thread::sleep(HELD);
                    send(&socket, &answer(&message, "486 Busy Here"), from);
                });
            }
            Some("ACK") => {
                if let Some(seen) = seen.get_mut(&call) {
                    seen.ended.get_or_insert(at);
                }
            }
            _ => {}
        }
    }
    seen.into_values().collect()
}

fn send(socket: &UdpSocket, text: &str, to: SocketAddr) {
    socket.send_to(text.as_bytes(), to).unwrap();
}

fn configuration(peer: SocketAddr) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("huifang.toml");
    let text =
        format!("[trunk.main]\npeer = \"{peer}\"\ncaller = \"4008001234\"\nlines = {LINES}\ncps = {CPS}\n");
    std::fs::write(&file, text).unwrap();
    huifang::config::load(Some(&file)).unwrap()
}

/// One call, as a task places it: a line, a turn, the INVITE, and the line back when the call is over.
async fn call(trunks: Arc<Trunks>, nth: usize) {
    let number = Number::parse(&format!("138001380{nth:02}")).unwrap();
    let mut line = taken(&trunks, &number).await;
    line.turn().await;
    if nth.is_multiple_of(5) {
        // A call that is not placed after all leaves neither line nor turn behind.
        drop(line);
        line = taken(&trunks, &number).await;
        line.turn().await;
    }
    let (_leg, mut events) = line.dial(uuid::Uuid::now_v7().to_string(), "v=0\r\n".to_owned());
    while let Some(event) = events.recv().await {
        if let LegEvent::Failed(failure) = event {
            assert_eq!(failure.status, Some(486));
            line.ended(records::Reason::Busy);
            return;
        }
    }
    panic!("the call had no end");
}

/// A line, asked for again as a released task comes again.
async fn taken(trunks: &Trunks, number: &Number) -> huifang::app::Line {
    loop {
        match trunks.line(Wanted { number, route: Route::Ordinary, tried: &[] }) {
            Ok(line) => return line,
            Err(NoLine::AllBusy) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_never_overlap_more_or_come_faster_than_the_carrier_allows() {
    let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true).unwrap();
    let peer = socket.local_addr().unwrap();
    let (done, all) = oneshot::channel();
    std::thread::spawn(move || done.send(called_side(&socket)));
    let config = configuration(peer);
    let sip = SipConfig { bind: (Ipv4Addr::LOCALHOST, 0).into(), ..SipConfig::default() };
    let sip =
        SipStack::start(sip, vec![TrunkConfig::new("main", peer.to_string(), "4008001234")]).await.unwrap();
    let trunks = Arc::new(Trunks::new(&config.trunk, config.dialer.fallback, &sip, 1));
    trunks.probed().await;
    assert_eq!(trunks.free(), LINES);

    let calls: Vec<_> = (0..CALLS).map(|nth| tokio::spawn(call(Arc::clone(&trunks), nth))).collect();
    for call in calls {
        call.await.unwrap();
    }
    let seen = tokio::time::timeout(Duration::from_secs(30), all).await.unwrap().unwrap();

    let at_once = |at: Duration| {
        seen.iter().filter(|call| call.invited <= at && call.ended.is_some_and(|ended| at < ended)).count()
    };
    let most = seen.iter().map(|call| at_once(call.invited)).max().unwrap();
    assert!(most <= LINES as usize, "{most} calls at once on {LINES} lines");
    assert!(most > 1, "the lines were used one after the other only");
    let second = Duration::from_secs(1);
    let within =
        |from: Duration| seen.iter().filter(|call| (from..from + second).contains(&call.invited)).count();
    let fastest = seen.iter().map(|call| within(call.invited)).max().unwrap();
    assert!(fastest <= CPS, "{fastest} INVITEs within a second, {CPS} allowed");
    println!("{most} calls at once of {LINES}, {fastest} INVITEs within a second of {CPS}");

    // Lines come back once the legs are over.
    let free = async {
        while trunks.free() < LINES {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), free).await.expect("all lines are free again");
    assert_eq!(trunks.status()[0].lines_busy, 0);
    sip.shutdown(Duration::from_secs(1)).await;
}
