//! The floor: what N recorded calls cost when nothing is done but the work itself. Each 20 ms a call receives one
//! packet and sends one, driven by a timer of 1 ms; each second both legs of the call are written as 16-bit stereo.

mod batched;
mod epoll;
mod model;
mod one_by_one;
mod paired;
mod shared;
mod tape;

pub use model::Model;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use audio::{Codec, FRAME, HEADER_LEN, Header};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

use crate::report::BareReport;
use model::Sockets;
use tape::Tape;

/// Octets of one packet: header and 20 ms of G.711.
pub(crate) const PACKET: usize = HEADER_LEN + FRAME;
/// The timer.
const STEP: Duration = Duration::from_millis(1);
/// Steps from one packet of a call to its next.
const STEPS: u64 = 20;

/// What is to be carried.
#[derive(Clone, Debug)]
pub struct Work {
    /// Calls; each has a socket on an even port of its own.
    pub calls: u16,
    /// The first port, on both sides.
    pub port_base: u16,
    /// How long.
    pub seconds: u64,
    /// Where the recordings are written; made if missing.
    pub recordings: PathBuf,
    /// Our address.
    pub bind: Ipv4Addr,
    /// The peer's.
    pub peer: Ipv4Addr,
}

impl Work {
    pub(crate) fn ports(&self, call: usize) -> [SocketAddrV4; 2] {
        let port = self.port_base + 2 * call as u16;
        [SocketAddrV4::new(self.bind, port), SocketAddrV4::new(self.peer, port)]
    }
}

/// Carries the calls to their end.
pub fn carry(model: Model, work: &Work) -> io::Result<BareReport> {
    fs::create_dir_all(&work.recordings)?;
    let mut sockets = model.open(work)?;
    let calls = (0..work.calls).map(|number| Call::new(number, work)).collect::<io::Result<Vec<_>>>()?;
    run(model, work, sockets.as_mut(), calls)
}

/// `utime` + `stime` of this process.
pub fn cpu_seconds() -> io::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(micros as f64 / 1e6)
}

fn run(model: Model, work: &Work, sockets: &mut dyn Sockets, mut calls: Vec<Call>) -> io::Result<BareReport> {
    let (begin, cpu) = (Instant::now(), cpu_seconds()?);
    let (mut sent, mut received) = (0, 0);
    for step in 0..work.seconds * 1000 {
        let due = begin + STEP * step as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        sockets.poll()?;
        for (number, call) in
            calls.iter_mut().enumerate().skip((step % STEPS) as usize).step_by(STEPS as usize)
        {
            received += u64::from(call.receive(number, sockets)?);
            sent += u64::from(call.send(number, sockets)?);
            call.tape.turn()?;
        }
        sockets.flush()?;
    }
    Ok(BareReport {
        model: model.to_string(),
        calls: calls.len(),
        cpu_seconds: cpu_seconds()? - cpu,
        elapsed_seconds: begin.elapsed().as_secs_f64(),
        packets_sent: sent,
        packets_received: received,
    })
}

struct Call {
    tape: Tape,
    header: Header,
    packet: [u8; PACKET],
    room: [u8; 2048],
}

impl Call {
    fn new(number: u16, work: &Work) -> io::Result<Self> {
        let header = Header {
            marker: false,
            payload_type: Codec::Pcma.payload_type(),
            sequence: number,
            timestamp: u32::from(number) * 1000,
            ssrc: 0x4841_0000 + u32::from(number),
        };
        Ok(Self {
            tape: Tape::create(&work.recordings.join(format!("call-{number}.s16")))?,
            header,
            packet: [0; PACKET],
            room: [0; 2048],
        })
    }

    fn receive(&mut self, number: usize, sockets: &mut dyn Sockets) -> io::Result<bool> {
        let length = sockets.receive(number, &mut self.room)?;
        if let Some(payload) = length.and_then(|length| self.room.get(HEADER_LEN..length)) {
            self.tape.left(payload);
        }
        Ok(length.is_some())
    }

    fn send(&mut self, number: usize, sockets: &mut dyn Sockets) -> io::Result<bool> {
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.timestamp = self.header.timestamp.wrapping_add(FRAME as u32);
        let (head, payload) = self.packet.split_at_mut(HEADER_LEN);
        if let Some(head) = head.first_chunk_mut() {
            self.header.write(head);
        }
        noise(self.header.timestamp, payload);
        self.tape.right(payload);
        sockets.send(number, &self.packet)
    }
}

/// Something to say that is not the same octet all the time: low noise, cheaper than any prompt.
fn noise(seed: u32, payload: &mut [u8]) {
    for (n, octet) in (0_u32..).zip(payload) {
        *octet = 0xD5 ^ (seed.wrapping_add(n).wrapping_mul(0x9E37_79B1) >> 27) as u8;
    }
}
