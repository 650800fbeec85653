//! What a leg sends: one frame a tick, of the prompt or of silence, in one unbroken RTP stream.

use super::clock::Tick;
use crate::Remote;
use audio::{Clip, Codec, FRAME, HEADER_LEN, Header};
use std::{net::UdpSocket, sync::Arc};

const PACKET: usize = HEADER_LEN + FRAME;

pub(super) struct Voice {
    remote: Option<Remote>,
    held: bool,
    playing: Option<Playing>,
    ssrc: u32,
    sequence: u16,
    first_timestamp: u32,
    /// The frame before this one was part of a prompt.
    in_spurt: bool,
    started: bool,
    sent: u64,
    failed: u64,
}

struct Playing {
    play: u32,
    clip: Arc<Clip>,
    next: usize,
}

/// What went out in one tick.
pub(super) struct Sent<'a> {
    /// The prompt's octets; `None` for silence.
    pub(super) prompt: Option<(Codec, &'a [u8])>,
    /// The prompt whose last frame this was.
    pub(super) done: Option<u32>,
}

impl Voice {
    /// RFC 3550 section 5.1: SSRC, first sequence number and first timestamp are drawn at random.
    pub(super) fn new() -> Self {
        Self {
            remote: None,
            held: false,
            playing: None,
            ssrc: rand::random(),
            sequence: rand::random(),
            first_timestamp: rand::random(),
            in_spurt: false,
            started: false,
            sent: 0,
            failed: 0,
        }
    }

    pub(super) fn connect(&mut self, remote: Remote) {
        self.remote = Some(remote);
    }

    pub(super) fn hold(&mut self, held: bool) {
        self.held = held;
        self.started &= !held;
    }

    pub(super) fn play(&mut self, play: u32, clip: Arc<Clip>) {
        self.playing = Some(Playing { play, clip, next: 0 });
        self.in_spurt = false;
    }

    pub(super) fn stop(&mut self) {
        self.playing = None;
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Sends this tick's frame, written into `packet`.
    pub(super) fn send<'a>(
        &mut self,
        tick: &Tick,
        socket: &UdpSocket,
        packet: &'a mut [u8],
    ) -> Option<Sent<'a>> {
        let remote = self.remote.filter(|_| !self.held)?;
        let (head, rest) = packet.split_first_chunk_mut::<HEADER_LEN>()?;
        let payload = rest.get_mut(..FRAME)?;
        let (spoken, done) = self.fill(remote.codec, payload);
        self.header(tick, &remote, spoken).write(head);
        self.in_spurt = spoken;
        self.started = true;
        self.sequence = self.sequence.wrapping_add(1);
        match socket.send_to(packet.get(..PACKET)?, remote.addr) {
            Ok(_) => self.sent += 1,
            Err(error) => self.failed(&error),
        }
        let prompt = spoken.then(|| (remote.codec, &packet[HEADER_LEN..PACKET]));
        Some(Sent { prompt, done })
    }

    /// Whether the prompt spoke, and whether it is done.
    fn fill(&mut self, codec: Codec, payload: &mut [u8]) -> (bool, Option<u32>) {
        let Some(playing) = &mut self.playing else {
            payload.fill(codec.silence());
            return (false, None);
        };
        let frame = playing.clip.frame(codec, playing.next);
        let spoken = frame.is_some();
        match frame {
            Some(frame) => payload.copy_from_slice(frame),
            // Only an empty clip has no frame to begin with.
            None => payload.fill(codec.silence()),
        }
        playing.next += 1;
        if playing.next < playing.clip.frames() {
            return (spoken, None);
        }
        let done = playing.play;
        self.playing = None;
        (spoken, Some(done))
    }

    /// The timestamp follows the tick's number, so it goes on through holds and left-out ticks.
    fn header(&self, tick: &Tick, remote: &Remote, spoken: bool) -> Header {
        Header {
            marker: !self.started || (spoken && !self.in_spurt),
            payload_type: remote.payload_type,
            sequence: self.sequence,
            timestamp: self.first_timestamp.wrapping_add((tick.number as u32).wrapping_mul(FRAME as u32)),
            ssrc: self.ssrc,
        }
    }

    fn failed(&mut self, error: &std::io::Error) {
        metrics::counter!("media_send_errors_total").increment(1);
        if self.failed == 0 {
            tracing::warn!(%error, "RTP cannot be sent: check the route to the peer's media address");
        }
        self.failed += 1;
    }
}
