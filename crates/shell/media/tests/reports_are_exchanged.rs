//! RTCP over real sockets: what we report, read by another implementation; what we learn from a peer's reports; on the
//! port above the media's or on the same one; and none where the stream is secret.

mod common;

use audio::rtcp::{Control, Moment, Packets, Quality, Sent, is_rtcp};
use audio::{Codec, Header, Packet, PayloadTypes, StreamReceiver};
use common::{Facts, Peer, config, leg};
use media::{MediaEngine, MediaLeg, Remote, Rtcp};
use rtcp::{goodbye::Goodbye, sender_report::SenderReport, source_description::SourceDescription};
use std::{
    net::{Ipv4Addr, UdpSocket},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The first report comes within half of the longest interval, about 3.1 s.
const LIMIT: Duration = Duration::from_secs(20);

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    socket
}

fn opened(engine: &MediaEngine, id: &str, rtcp: impl FnOnce(&Remote) -> Rtcp) -> (MediaLeg, Facts, Peer) {
    let (leg, facts) = engine.open(leg(id, false)).unwrap();
    let peer = Peer::new(leg.local_port());
    let remote = peer.remote(Codec::Pcma);
    let rtcp = rtcp(&remote);
    leg.connect(Remote { rtcp: Some(rtcp), ..remote });
    leg.answered();
    (leg, Facts::new(facts), peer)
}

fn ntp() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    ((since.as_secs() + 2_208_988_800) << 32) | ((u64::from(since.subsec_nanos()) << 32) / 1_000_000_000)
}

#[test]
fn we_report_what_we_sent_and_heard_and_learn_the_round_trip() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let control = socket();
    let (leg, mut facts, mut peer) = opened(&engine, "reports", |_| Rtcp::At(control.local_addr().unwrap()));
    let first = peer.receive();
    peer.say(&vec![500; 160 * 20]);

    let mut room = [0; 1500];
    let (length, from) = control.recv_from(&mut room).expect("a report");
    assert_eq!(from.port(), leg.local_port() + 1);
    let packets = rtcp::packet::unmarshal(&mut &room[..length]).unwrap();
    let report = packets[0].as_any().downcast_ref::<SenderReport>().expect("a sender report comes first");
    assert_eq!(report.ssrc, first.header.ssrc);
    assert!(report.packet_count > 20 && report.octet_count == report.packet_count * 160, "{report:?}");
    assert_eq!((report.reports[0].ssrc, report.reports[0].total_lost), (peer.ssrc(), 0));
    let description = packets[1].as_any().downcast_ref::<SourceDescription>().expect("and a CNAME with it");
    assert_eq!(description.chunks[0].source, first.header.ssrc);
    assert_eq!(description.chunks[0].items[0].text.len(), 16);

    // The peer has heard our stream, and reports at once.
    let (mut theirs, mut heard) = (Control::new(peer.ssrc(), "peer", 9), StreamReceiver::default());
    for sequence in [1, 2, 4] {
        let header =
            Header { marker: false, payload_type: 8, sequence, timestamp: 0, ssrc: first.header.ssrc };
        heard.receive(&Packet { header, payload: &[] }, &PayloadTypes::default(), 0);
    }
    theirs.take(&room[..length], ntp()).unwrap();
    let mut room = [0; 256];
    let sent = Sent { packets: 20, octets: 3200, timestamp: 0 };
    let report = theirs.report(Moment { at: 0, ntp: ntp() }, sent, &mut heard, &mut room).unwrap();
    control.send_to(report, from).unwrap();
    // From another host nobody is believed.
    let stranger = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
    stranger.send_to(report, (Ipv4Addr::LOCALHOST, from.port())).unwrap();
    leg.close();

    let stats = facts.stats();
    let Quality { reports, peer_lost, round_trip, .. } = stats.reports;
    assert_eq!((reports, peer_lost, stats.strangers), (1, Some(1), 1), "{stats:?}");
    assert!(round_trip.unwrap() < Duration::from_millis(200), "{round_trip:?}: it includes no waiting");
    let mut room = [0; 1500];
    let (length, _) = control.recv_from(&mut room).expect("a goodbye");
    let packets = rtcp::packet::unmarshal(&mut &room[..length]).unwrap();
    let goodbye = packets.last().unwrap().as_any().downcast_ref::<Goodbye>().expect("a goodbye comes last");
    assert_eq!(goodbye.sources, [first.header.ssrc]);
}

#[test]
fn on_one_port_reports_and_media_are_told_apart() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = opened(&engine, "muxed", |remote| Rtcp::Muxed(remote.addr));
    peer.say(&vec![500; 160 * 5]);
    let report = peer.receive_raw(is_rtcp);
    assert!(Packets::parse(&report).is_ok());
    let mut theirs = Control::new(peer.ssrc(), "peer", 9);
    let mut room = [0; 256];
    let sent = Sent { packets: 5, octets: 800, timestamp: 0 };
    let moment = Moment { at: 0, ntp: ntp() };
    let report = theirs.report(moment, sent, &mut StreamReceiver::default(), &mut room).unwrap();
    peer.send_raw(report);
    peer.say(&vec![500; 160 * 5]);
    leg.close();
    let stats = facts.stats();
    assert_eq!((stats.reports.reports, stats.received, stats.refused), (1, 10, 0), "{stats:?}");
}

#[test]
fn without_a_place_for_reports_none_is_sent_and_one_on_the_medias_port_is_refused() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (leg, mut facts, mut peer) = common::call(&engine, "silent", false);
    leg.answered();
    peer.say(&vec![500; 160 * 5]);
    peer.send_raw(&[0x80, 201, 0, 1, 0, 0, 0, 1]);
    peer.say(&vec![500; 160 * 5]);
    leg.close();
    let stats = facts.stats();
    assert_eq!((stats.reports.reports, stats.received, stats.refused), (0, 10, 1), "{stats:?}");
}
