//! A peer on a real socket, and the facts of a leg read with a time limit.
#![allow(dead_code, reason = "each test file uses its part")]

use audio::{Codec, FRAME, FRAME_TIME, HEADER_LEN, Header, Packet};
use media::{Heard, LegStats, MediaConfig, MediaEngine, MediaFact, MediaLeg, OpenLeg, Remote};
use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    path::Path,
    thread,
    time::{Duration, Instant},
};
use tokio::{runtime, sync::mpsc, time::timeout};

pub(crate) const EVENT: u8 = 101;
/// Longer than anything here takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) fn config(staging: &Path) -> MediaConfig {
    MediaConfig { staging: staging.to_owned(), ..MediaConfig::default() }
}

pub(crate) fn leg(id: &str, record: bool) -> OpenLeg {
    OpenLeg { id: id.into(), record }
}

/// Opens a leg connected to a new peer.
pub(crate) fn call(engine: &MediaEngine, id: &str, record: bool) -> (MediaLeg, Facts, Peer) {
    let (leg, facts) = engine.open(leg(id, record)).unwrap();
    let peer = Peer::new(leg.local_port());
    leg.connect(peer.remote(Codec::Pcma));
    (leg, Facts::new(facts), peer)
}

pub(crate) struct Facts {
    runtime: runtime::Runtime,
    queue: mpsc::Receiver<MediaFact>,
    /// Told just before the end, and kept out of the way of the rest.
    pub(crate) counted: Option<LegStats>,
}

impl Facts {
    pub(crate) fn new(facts: mpsc::Receiver<MediaFact>) -> Self {
        Self {
            runtime: runtime::Builder::new_current_thread().enable_time().build().unwrap(),
            queue: facts,
            counted: None,
        }
    }

    pub(crate) fn next(&mut self) -> Option<Heard> {
        loop {
            let next = self.runtime.block_on(async { timeout(LIMIT, self.queue.recv()).await });
            match next.expect("a fact within the limit").map(|fact| fact.what) {
                Some(Heard::Counted(stats)) => self.counted = Some(*stats),
                heard => return heard,
            }
        }
    }

    /// What the leg has counted, once all has been told.
    pub(crate) fn stats(&mut self) -> LegStats {
        self.rest();
        self.counted.expect("counts are always told")
    }

    /// The next fact that `wanted` takes, others passed over.
    pub(crate) fn until<T>(&mut self, wanted: impl Fn(&Heard) -> Option<T>) -> T {
        loop {
            let heard = self.next().expect("the leg closed before that was told");
            if let Some(found) = wanted(&heard) {
                return found;
            }
        }
    }

    /// All facts up to the end; the last one is `Closed`.
    pub(crate) fn rest(&mut self) -> Vec<Heard> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// The other end of the wire.
pub(crate) struct Peer {
    socket: UdpSocket,
    to: SocketAddr,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

pub(crate) struct Received {
    pub(crate) at: Instant,
    pub(crate) header: Header,
    pub(crate) payload: Vec<u8>,
}

impl Peer {
    pub(crate) fn new(port: u16) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(LIMIT)).unwrap();
        Self { socket, to: (Ipv4Addr::LOCALHOST, port).into(), ssrc: 77, sequence: 65_500, timestamp: 5000 }
    }

    /// Another sender.
    pub(crate) fn with_ssrc(self, ssrc: u32) -> Self {
        Self { ssrc, ..self }
    }

    /// The same sender, on another port.
    pub(crate) fn at_another_port(self) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self { socket, ..self }
    }

    pub(crate) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub(crate) fn remote(&self, codec: Codec) -> Remote {
        Remote {
            addr: self.socket.local_addr().unwrap(),
            codec,
            payload_type: codec.payload_type(),
            telephone_events: [Some(EVENT); 2],
            srtp: None,
            rtcp: None,
        }
    }

    pub(crate) fn receive(&self) -> Received {
        let mut octets = [0; 2048];
        let (length, _) = self.socket.recv_from(&mut octets).expect("a packet within the limit");
        let packet = Packet::parse(&octets[..length]).unwrap();
        Received { at: Instant::now(), header: packet.header, payload: packet.payload.to_vec() }
    }

    /// The next datagram that `wanted` takes, others passed over.
    pub(crate) fn receive_raw(&self, wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut octets = [0; 2048];
        loop {
            let (length, _) = self.socket.recv_from(&mut octets).expect("a datagram within the limit");
            if wanted(&octets[..length]) {
                return octets[..length].to_vec();
            }
        }
    }

    /// What came so far and nobody looked at.
    pub(crate) fn drain(&self) -> usize {
        let mut octets = [0; 2048];
        self.socket.set_nonblocking(true).unwrap();
        let count = std::iter::from_fn(|| self.socket.recv(&mut octets).ok()).count();
        self.socket.set_nonblocking(false).unwrap();
        count
    }

    /// Speaks A-law in real time.
    pub(crate) fn say(&mut self, sound: &[i16]) {
        let begin = Instant::now();
        for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
            sleep_until(begin + FRAME_TIME * n);
            let payload: Vec<u8> = frame.iter().map(|&sample| Codec::Pcma.encode(sample)).collect();
            self.send(8, false, &payload);
            self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        }
        sleep_until(begin + FRAME_TIME * (sound.len() / FRAME) as u32);
    }

    /// Presses a key for `packets` × 20 ms; of the packets `lost` are not sent, the end comes three times.
    pub(crate) fn press(&mut self, code: u8, packets: u16, lost: &[u16]) {
        self.press_as(EVENT, code, packets, lost);
    }

    /// The same on a payload type of its own.
    pub(crate) fn press_as(&mut self, payload_type: u8, code: u8, packets: u16, lost: &[u16]) {
        let begin = Instant::now();
        for n in 0..packets + 3 {
            sleep_until(begin + FRAME_TIME * u32::from(n.min(packets)));
            let end = if n < packets { 0 } else { 0x80 };
            let [high, low] = ((n + 1).min(packets) * 160).to_be_bytes();
            if lost.contains(&n) {
                self.sequence = self.sequence.wrapping_add(1);
            } else {
                self.send(payload_type, n == 0, &[code, end | 0x0A, high, low]);
            }
        }
        self.timestamp = self.timestamp.wrapping_add(u32::from(packets) * 160);
    }

    pub(crate) fn send(&mut self, payload_type: u8, marker: bool, payload: &[u8]) {
        let header = Header {
            marker,
            payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        let mut head = [0; HEADER_LEN];
        header.write(&mut head);
        self.send_raw(&[&head, payload].concat());
        self.sequence = self.sequence.wrapping_add(1);
    }

    /// So many samples pass on its clock.
    pub(crate) fn pass(&mut self, samples: u16) {
        self.timestamp = self.timestamp.wrapping_add(samples.into());
    }

    pub(crate) fn send_raw(&self, datagram: &[u8]) {
        self.socket.send_to(datagram, self.to).unwrap();
    }
}

fn sleep_until(at: Instant) {
    thread::sleep(at.saturating_duration_since(Instant::now()));
}
