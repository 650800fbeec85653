//! From one SRTCP report of ours to the next, with the peer's reports between them and SRTP in both directions: nothing
//! is allocated and nothing freed, in any thread.

mod common;
#[path = "common/secret.rs"]
mod secret;

use audio::rtcp::{Control, Moment, Sent};
use audio::{FRAME, StreamReceiver};
use common::{Facts, config, leg};
use media::{MediaEngine, Remote, Rtcp, Suite};
use secret::{LIMIT, SecretPeer, keys};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::{
    alloc::System,
    net::{Ipv4Addr, UdpSocket},
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Ours leave within 6.2 s of each other.
const PACKETS: u16 = 500;
/// Packets between two reports of the peer's.
const BETWEEN: usize = 50;

#[test]
fn nothing_is_allocated_for_a_secret_report() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let keys = keys(Suite::AeadAes128Gcm, 1);
    let (leg, facts) = engine.open(leg("secret", false)).unwrap();
    let mut facts = Facts::new(facts);
    leg.require_srtp();
    let mut peer = SecretPeer::new(leg.local_port(), &keys);
    let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    port.set_nonblocking(true).unwrap();
    let mut theirs = Control::new(peer.ssrc, "peer", 9);
    let reports: Vec<Vec<u8>> = (0..usize::from(PACKETS) / BETWEEN)
        .map(|_| {
            let (moment, mut nothing, mut room) =
                (Moment { at: 0, ntp: 0 }, StreamReceiver::default(), [0; 256]);
            let report = theirs.report(moment, Sent::default(), &mut nothing, &mut room);
            peer.seals.encrypt_rtcp(report.unwrap()).unwrap().to_vec()
        })
        .collect();
    let packets: Vec<Vec<u8>> = (0..PACKETS).map(|_| peer.sealed(8, &[0x2A; FRAME])).collect();
    let rtcp = Some(Rtcp::At(port.local_addr().unwrap()));
    leg.connect(Remote { rtcp, ..peer.remote(&keys) });
    leg.answered();

    let mut octets = [0; 2048];
    // Until our first report the peer only listens.
    port.set_nonblocking(false).unwrap();
    port.set_read_timeout(Some(LIMIT)).unwrap();
    port.recv(&mut octets).expect("our first report");
    port.set_nonblocking(true).unwrap();
    peer.socket.set_nonblocking(true).unwrap();
    while peer.socket.recv(&mut octets).is_ok() {}
    peer.socket.set_nonblocking(false).unwrap();
    // Its first packet and report open what is kept of a sender.
    peer.send(&packets[0]);
    port.send_to(&reports[0], (Ipv4Addr::LOCALHOST, leg.local_port() + 1)).unwrap();
    facts.until(|heard| matches!(heard, media::Heard::FirstPacket).then_some(()));

    let region = Region::new(ALLOCATOR);
    let mut sent = (1, 1);
    // Our packets are its clock.
    while port.recv(&mut octets).is_err() {
        peer.socket.recv(&mut octets).expect("a packet every 20 ms");
        peer.send(&packets[sent.0]);
        sent.0 += 1;
        if sent.0 % BETWEEN == 0 {
            port.send_to(&reports[sent.1], (Ipv4Addr::LOCALHOST, leg.local_port() + 1)).unwrap();
            sent.1 += 1;
        }
    }
    let change = region.change();
    leg.close();
    let stats = facts.stats();
    assert_eq!((change.allocations, change.reallocations, change.deallocations), (0, 0, 0));
    assert!(sent.1 > 1, "{sent:?}: the peer reported meanwhile");
    assert_eq!((stats.received, stats.forged), (sent.0 as u64, 0), "{stats:?}");
    assert_eq!(stats.reports.reports as usize, sent.1, "{stats:?}");
}
