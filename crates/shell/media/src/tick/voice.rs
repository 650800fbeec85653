//! What a leg sends: one frame a tick, of the prompt or of silence, in one unbroken RTP stream.

use super::{clock::Tick, wire::Wire};
use crate::{
    Remote,
    srtp::{MOST_TAG, Shield},
};
use audio::{Clip, Codec, FRAME, HEADER_LEN, Header, rtcp::Sent as Sum};
use std::sync::Arc;

const PACKET: usize = HEADER_LEN + FRAME;
/// A key that begins this close to the sequence number's wrap would leave a peer that misses its first packets
/// in doubt of the rollover counter: it begins behind the wrap.
const NEAR_WRAP: u16 = u16::MAX - 250;

pub(super) struct Voice {
    remote: Option<Remote>,
    held: bool,
    playing: Option<Playing>,
    ssrc: u32,
    sequence: u16,
    first_timestamp: u32,
    /// Of the latest packet.
    timestamp: u32,
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
    /// How loud they are, and the key whose tones are in them: see [`Clip`].
    pub(super) loudness: Option<[i8; 2]>,
    pub(super) key: Option<char>,
    /// The prompt that this frame is of.
    pub(super) play: Option<u32>,
    /// The prompt whose last frame this was.
    pub(super) done: Option<u32>,
}

impl Voice {
    /// RFC 3550 section 5.1: SSRC, first sequence number and first timestamp are drawn at random, the number
    /// from the lower half (RFC 3711 section 3.3.1).
    pub(super) fn new() -> Self {
        Self {
            remote: None,
            held: false,
            playing: None,
            ssrc: rand::random(),
            sequence: rand::random::<u16>() / 2,
            first_timestamp: rand::random(),
            timestamp: 0,
            in_spurt: false,
            started: false,
            sent: 0,
            failed: 0,
        }
    }

    pub(super) fn connect(&mut self, remote: Remote) {
        self.remote = Some(remote);
    }

    /// The next packet is the first under a new key.
    pub(super) fn begin_key(&mut self) {
        if self.sequence > NEAR_WRAP {
            self.sequence = 0;
        }
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

    pub(super) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// What a report tells of it.
    pub(super) fn report(&self) -> Sum {
        Sum { packets: self.sent, octets: self.sent * FRAME as u64, timestamp: self.timestamp }
    }

    /// Sends this tick's frame, written into the front of `room`; behind it is sealed what leaves.
    pub(super) fn send<'a>(
        &mut self,
        tick: &Tick,
        wire: &Wire,
        shield: &mut Shield,
        room: &'a mut [u8],
    ) -> Option<Sent<'a>> {
        let remote = self.remote.as_ref().filter(|_| !self.held)?;
        let (addr, codec, payload_type) = (remote.addr, remote.codec, remote.payload_type);
        let (packet, room) = room.split_at_mut_checked(PACKET)?;
        let (head, payload) = packet.split_first_chunk_mut::<HEADER_LEN>()?;
        let play = self.playing.as_ref().map(|playing| playing.play);
        let playing = self.playing.as_ref();
        let loudness = playing.and_then(|playing| playing.clip.loudness(playing.next));
        let key = playing.and_then(|playing| playing.clip.key(playing.next));
        let (spoken, done) = self.fill(codec, payload);
        let header = self.header(tick, payload_type, spoken);
        header.write(head);
        self.timestamp = header.timestamp;
        self.in_spurt = spoken;
        self.started = true;
        self.sequence = self.sequence.wrapping_add(1);
        let sealed = room.get_mut(..PACKET + MOST_TAG)?;
        sealed[..PACKET].copy_from_slice(packet);
        match wire.send(shield.seal(sealed, PACKET)?, addr) {
            Ok(_) => self.sent += 1,
            Err(error) => self.failed(&error),
        }
        let prompt = spoken.then(|| (codec, &packet[HEADER_LEN..]));
        Some(Sent { prompt, loudness, key, play, done })
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
    fn header(&self, tick: &Tick, payload_type: u8, spoken: bool) -> Header {
        Header {
            marker: !self.started || (spoken && !self.in_spurt),
            payload_type,
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
