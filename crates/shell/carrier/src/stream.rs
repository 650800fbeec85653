//! The RTP of one call: sends a frame each 20 ms and tells how loud what arrived was.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Interval, interval};

use crate::ear::level;
use crate::rtp::{self, Frame, Packetiser};
use crate::sdp::Terms;

const TICK: Duration = Duration::from_millis(20);
const LARGEST: usize = 2048;

/// One call's media.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: UdpSocket,
    terms: Terms,
    packetiser: Packetiser,
    clock: Interval,
    loudest: Option<f32>,
    buffer: Vec<u8>,
    pub(crate) packets_in: u64,
    pub(crate) packets_out: u64,
}

impl Stream {
    /// Takes a port of this address.
    pub(crate) async fn open(ip: IpAddr, terms: Terms, seed: u32) -> std::io::Result<Self> {
        Ok(Self {
            socket: UdpSocket::bind((ip, 0)).await?,
            terms,
            packetiser: Packetiser::new(seed, (seed >> 8) as u16, seed.rotate_left(13)),
            clock: interval(TICK),
            loudest: None,
            buffer: vec![0; LARGEST],
            packets_in: 0,
            packets_out: 0,
        })
    }

    pub(crate) fn local(&self) -> std::io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The caller's media moved (re-INVITE).
    pub(crate) fn follow(&mut self, terms: Terms) {
        self.terms = terms;
    }

    /// Begins to tick now, without making up for the time before.
    pub(crate) fn start(&mut self) {
        self.clock.reset();
    }

    /// Waits for the next tick; the loudness of the loudest packet since the last one. Cancel-safe.
    pub(crate) async fn tick(&mut self) -> Option<f32> {
        loop {
            tokio::select! {
                received = self.socket.recv(&mut self.buffer) => {
                    // An ICMP error of an earlier packet shows up here; the caller may just not listen yet.
                    if let Ok(size) = received {
                        self.hear(size);
                    }
                }
                _ = self.clock.tick() => return self.loudest.take(),
            }
        }
    }

    fn hear(&mut self, size: usize) {
        let Some((payload_type, payload)) = rtp::read(&self.buffer[..size]) else { return };
        self.packets_in += 1;
        if payload_type == self.terms.law.payload_type() {
            let loud = level(&self.terms.law.decode(payload));
            self.loudest = Some(self.loudest.map_or(loud, |other| other.max(loud)));
        }
    }

    /// Sends one tick's frame. A key that the caller cannot take is a tick without packet.
    pub(crate) async fn send(&mut self, frame: &Frame) {
        let packet = match (frame, self.terms.keys) {
            (Frame::Audio(samples), _) => {
                self.packetiser.audio(self.terms.law.payload_type(), &self.terms.law.encode(samples))
            }
            (Frame::Key(key), Some(payload_type)) => self.packetiser.key(payload_type, *key),
            (Frame::Key(_), None) => return self.packetiser.skip(),
        };
        // Media is best effort: a packet that cannot leave is a lost one.
        if self.socket.send_to(&packet, self.terms.remote).await.is_ok() {
            self.packets_out += 1;
        }
    }
}
