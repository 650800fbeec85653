//! SRTCP on real sockets, against the `webrtc-srtp` crate: what we report it opens, what it seals we learn from, and
//! nothing else is heard; on the port above the media's or on the same one, in every suite, and through changes of key.

mod common;
#[path = "common/secret.rs"]
mod secret;

use audio::rtcp::{Control, Moment, Sent, is_rtcp};
use audio::{FRAME, Packet, PayloadTypes, StreamReceiver};
use common::{Facts, config, leg};
use media::{Heard, LegStats, MediaEngine, MediaLeg, Remote, Rtcp, SrtpKeys, Suite};
use rtcp::{goodbye::Goodbye, sender_report::SenderReport};
use secret::{LIMIT, SUITES, SecretPeer, context, keys};
use std::{
    net::{Ipv4Addr, UdpSocket},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What SRTCP appends: the index, and a tag of 80 bits also where SRTP's is shorter.
const fn trailer(suite: Suite) -> usize {
    match suite {
        Suite::AeadAes128Gcm => 20,
        Suite::AesCm128HmacSha1Tag80 | Suite::AesCm128HmacSha1Tag32 => 14,
    }
}

/// Whether the packet is encrypted, and its index.
fn word(suite: Suite, sealed: &[u8]) -> u32 {
    let at = match suite {
        Suite::AeadAes128Gcm => sealed.len() - 4,
        Suite::AesCm128HmacSha1Tag80 | Suite::AesCm128HmacSha1Tag32 => sealed.len() - 14,
    };
    u32::from_be_bytes(sealed[at..at + 4].try_into().unwrap())
}

fn ntp() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    ((since.as_secs() + 2_208_988_800) << 32) | ((u64::from(since.subsec_nanos()) << 32) / 1_000_000_000)
}

/// A peer that reports.
struct Reporter {
    media: SecretPeer,
    /// Where it is not the media's.
    port: Option<UdpSocket>,
    reports: Control,
    /// What it heard of us.
    heard: StreamReceiver,
}

impl Reporter {
    fn call(engine: &MediaEngine, keys: &SrtpKeys, muxed: bool) -> (MediaLeg, Facts, Self) {
        let (leg, facts) = engine.open(leg(&format!("{:?} {muxed}", keys.send.suite()), false)).unwrap();
        leg.require_srtp();
        let media = SecretPeer::new(leg.local_port(), keys);
        let port = (!muxed).then(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        if let Some(port) = &port {
            port.set_read_timeout(Some(LIMIT)).unwrap();
        }
        let (reports, heard) = (Control::new(media.ssrc, "peer", 9), StreamReceiver::default());
        let peer = Self { media, port, reports, heard };
        leg.connect(peer.remote(keys));
        leg.answered();
        (leg, Facts::new(facts), peer)
    }

    fn remote(&self, keys: &SrtpKeys) -> Remote {
        let remote = self.media.remote(keys);
        let rtcp = match &self.port {
            Some(port) => Rtcp::At(port.local_addr().unwrap()),
            None => Rtcp::Muxed(remote.addr),
        };
        Remote { rtcp: Some(rtcp), ..remote }
    }

    /// It takes up new keys.
    fn change_keys(&mut self, keys: &SrtpKeys) {
        (self.media.seals, self.media.opens) = (context(&keys.receive), context(&keys.send));
    }

    /// Our next report as it came; what comes of the media meanwhile is heard.
    fn receive(&mut self) -> Vec<u8> {
        let mut octets = [0; 2048];
        if let Some(port) = &self.port {
            let (length, _) = port.recv_from(&mut octets).expect("a report within the limit");
            return octets[..length].to_vec();
        }
        loop {
            let (length, _) = self.media.socket.recv_from(&mut octets).expect("a report within the limit");
            if is_rtcp(&octets[..length]) {
                return octets[..length].to_vec();
            }
        }
    }

    fn open(&mut self, sealed: &[u8]) -> Vec<u8> {
        self.media.opens.decrypt_rtcp(sealed).expect("sealed under the key agreed on").to_vec()
    }

    /// It hears three packets of our stream, of which one was lost.
    fn hear(&mut self, ssrc: u32) {
        for sequence in [1, 2, 4] {
            let header = audio::Header { marker: false, payload_type: 8, sequence, timestamp: 0, ssrc };
            self.heard.receive(&Packet { header, payload: &[] }, &PayloadTypes::default(), 0);
        }
    }

    /// Its next report in the clear.
    fn report(&mut self) -> Vec<u8> {
        let (moment, mut room) = (Moment { at: 0, ntp: ntp() }, [0; 256]);
        let sent = Sent { packets: 20, octets: 3200, timestamp: 0 };
        self.reports.report(moment, sent, &mut self.heard, &mut room).unwrap().to_vec()
    }

    fn seal(&mut self, report: &[u8]) -> Vec<u8> {
        self.media.seals.encrypt_rtcp(report).unwrap().to_vec()
    }

    fn sealed(&mut self) -> Vec<u8> {
        let report = self.report();
        self.seal(&report)
    }

    fn send(&self, datagram: &[u8]) {
        let (host, port) = self.media.to;
        match &self.port {
            Some(own) => own.send_to(datagram, (host, port + 1)).unwrap(),
            None => self.media.socket.send_to(datagram, (host, port)).unwrap(),
        };
    }
}

#[test]
fn reports_are_sealed_in_every_suite_on_a_port_of_their_own_and_on_the_medias() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    thread::scope(|calls| {
        for (suite, ..) in SUITES {
            for muxed in [false, true] {
                let engine = &engine;
                calls.spawn(move || both_sides_report(engine, suite, muxed));
            }
        }
    });
}

fn both_sides_report(engine: &MediaEngine, suite: Suite, muxed: bool) {
    let (leg, mut facts, mut peer) = Reporter::call(engine, &keys(suite, 1), muxed);
    for _ in 0..10 {
        let sound = peer.media.sealed(8, &[0x2A; FRAME]);
        peer.media.send(&sound);
    }

    let sealed = peer.receive();
    let clear = peer.open(&sealed);
    assert_eq!(sealed.len(), clear.len() + trailer(suite), "{suite:?}");
    assert_eq!(word(suite, &sealed), 1 << 31, "encrypted, and the first");
    assert_ne!(sealed[8..clear.len()], clear[8..], "what it tells is not to be read");
    let packets = rtcp::packet::unmarshal(&mut &clear[..]).unwrap();
    let report = packets[0].as_any().downcast_ref::<SenderReport>().expect("a sender report comes first");
    assert!(report.packet_count > 0 && report.octet_count == report.packet_count * 160, "{report:?}");
    assert_eq!((report.reports[0].ssrc, report.reports[0].total_lost), (peer.media.ssrc, 0));

    peer.reports.take(&clear, ntp()).unwrap();
    peer.hear(report.ssrc);
    let plain = peer.report();
    let [theirs, mut forged] = [(), ()].map(|()| peer.seal(&plain));
    forged[20] ^= 1;
    let torn = &theirs[..trailer(suite) + 7];
    for datagram in [&plain[..], &theirs, &forged, &theirs, torn] {
        peer.send(datagram);
    }
    leg.close();

    let told = facts.rest();
    let forgeries = told.iter().filter(|heard| matches!(heard, Heard::Forged)).count();
    let LegStats { received, duplicates, forged, refused, strangers, reports, .. } = facts.counted.unwrap();
    assert_eq!((reports.reports, reports.peer_lost), (1, Some(1)), "{suite:?} {muxed} {reports:?}");
    assert!(reports.round_trip.unwrap() < Duration::from_secs(2), "{reports:?}");
    assert_eq!((forgeries, forged), (1, 2), "{suite:?} {muxed}: in the clear, and changed");
    assert_eq!((received, duplicates, refused, strangers), (10, 1, 1, 0), "{suite:?} {muxed}");

    let sealed = peer.receive();
    let clear = peer.open(&sealed);
    assert_eq!(word(suite, &sealed), 1 << 31 | 1, "the second");
    let packets = rtcp::packet::unmarshal(&mut &clear[..]).unwrap();
    let goodbye = packets.last().unwrap().as_any().downcast_ref::<Goodbye>().expect("a goodbye comes last");
    assert_eq!(goodbye.sources, [report.ssrc]);
}

#[test]
fn reports_go_on_when_the_keys_change() {
    let staging = tempfile::tempdir().unwrap();
    let engine = MediaEngine::start(config(staging.path())).unwrap();
    let (before, after) = (keys(Suite::AesCm128HmacSha1Tag80, 1), keys(Suite::AeadAes128Gcm, 11));
    let (leg, mut facts, mut peer) = Reporter::call(&engine, &before, false);
    let first = peer.receive();
    assert_eq!(word(before.send.suite(), &first), 1 << 31);
    let clear = peer.open(&first);
    peer.reports.take(&clear, ntp()).unwrap();

    // Three reports under the key before: one waits while the key changes, one comes behind the first packet of the media
    // under the new key, and one behind the first report.
    let (waiting, late, too_late) = (peer.sealed(), peer.sealed(), peer.sealed());
    peer.send(&waiting);
    leg.connect(peer.remote(&after));
    peer.change_keys(&after);
    peer.media.press(3);
    facts.until(|heard| matches!(heard, Heard::Key { digit: '3', .. }).then_some(()));
    peer.send(&late);
    let theirs = peer.sealed();
    peer.send(&theirs);
    peer.send(&too_late);
    leg.close();

    let stats = facts.stats();
    assert_eq!((stats.reports.reports, stats.forged), (3, 1), "{stats:?}");
    let goodbye = peer.receive();
    peer.open(&goodbye);
    assert_eq!(word(after.send.suite(), &goodbye), 1 << 31 | 1, "a new key does not begin the count anew");
}
