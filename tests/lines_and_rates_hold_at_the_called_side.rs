//! Many calls at once over one trunk: what the called side sees, on a real socket, is never more calls at once than
//! `lines`, and never more INVITEs within a second than `cps`.

mod called;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use called::{Called, most_at_once, most_in_a_second};
use huifang::app::{NoLine, Trunks, Wanted};
use huifang::config::Config;
use records::Number;
use sip::{LegEvent, SipConfig, SipStack, TrunkConfig};
use trunk::Route;

const LINES: u32 = 4;
const CPS: usize = 8;
const CALLS: usize = 40;
/// How long the called side lets each call wait before it is busy.
const HELD: Duration = Duration::from_millis(350);

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
    let called = Called::at((Ipv4Addr::LOCALHOST, 0).into(), HELD);
    let peer = called.address;
    let config = configuration(peer);
    let sip = SipConfig { bind: (Ipv4Addr::LOCALHOST, 0).into(), ..SipConfig::default() };
    let sip =
        SipStack::start(sip, vec![TrunkConfig::new("main", peer.to_string(), "4008001234")]).await.unwrap();
    let trunks = Arc::new(Trunks::new(&config.trunk, config.dialer.fallback, &sip, 1));
    trunks.probed().await;
    assert_eq!(trunks.room().lines, LINES);

    let calls: Vec<_> = (0..CALLS).map(|nth| tokio::spawn(call(Arc::clone(&trunks), nth))).collect();
    for call in calls {
        call.await.unwrap();
    }
    let all_over = async {
        while called.seen().len() < CALLS || !called.up().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all_over).await.expect("all calls are over");
    let seen = called.seen();

    let most = most_at_once(&seen);
    assert!(most <= LINES as usize, "{most} calls at once on {LINES} lines");
    assert!(most > 1, "the lines were used one after the other only");
    let fastest = most_in_a_second(&seen);
    assert!(fastest <= CPS, "{fastest} INVITEs within a second, {CPS} allowed");
    println!("{most} calls at once of {LINES}, {fastest} INVITEs within a second of {CPS}");

    // Lines come back once the legs are over.
    let free = async {
        while trunks.room().lines < LINES {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), free).await.expect("all lines are free again");
    assert_eq!(trunks.status()[0].lines_busy, 0);
    sip.shutdown(Duration::from_secs(1)).await;
}
