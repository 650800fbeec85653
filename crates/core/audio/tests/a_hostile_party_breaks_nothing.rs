//! Minutes of hostile datagrams in virtual time, through all that receives: nothing panics, nothing grows, and the
//! true stream is on the tape all the same.

mod dice;

use audio::rtcp::{self, Control, Moment, Sent};
use audio::{
    Arrival, Codec, FRAME, HEADER_LEN, Header, KeyReceiver, Packet, PayloadTypes, Piece, Plausible,
    SourceLock, SourcePolicy, StreamReceiver, Tape, Timeline, UnagreedEvents,
};
use dice::Dice;
use std::net::SocketAddr;

const TICK: i64 = FRAME as i64;
const EVENT: u8 = 101;
const TRUE_SSRC: u32 = 7;
/// What a socket is read into: the rest of longer datagrams is cut off.
const ROOM: usize = 2048;

/// All that stands between a leg's socket and its tape.
struct Receiver {
    types: PayloadTypes,
    source: SourceLock,
    stream: StreamReceiver,
    timeline: Timeline,
    keys: KeyReceiver,
    unagreed: UnagreedEvents,
    reports: Control,
    tape: Tape,
    /// The customer's side of the finished recording.
    left: Vec<i16>,
    strangers: u64,
    refused: u64,
}

impl Receiver {
    fn new() -> Self {
        let mut source = SourceLock::new(SourcePolicy::Any);
        source.agree(peer());
        Self {
            types: PayloadTypes { telephone_events: [Some(EVENT), None], ..PayloadTypes::default() },
            source,
            stream: StreamReceiver::default(),
            timeline: Timeline::default(),
            keys: KeyReceiver::default(),
            unagreed: UnagreedEvents::default(),
            reports: Control::new(1, "c", 1),
            tape: Tape::new(),
            left: Vec::new(),
            strangers: 0,
            refused: 0,
        }
    }

    fn datagram(&mut self, octets: &[u8], from: SocketAddr, now: i64) {
        let octets = &octets[..octets.len().min(ROOM)];
        if rtcp::is_rtcp(octets) {
            let _ = self.reports.take(octets, now.unsigned_abs());
            return;
        }
        let Ok(packet) = Packet::parse(octets) else {
            self.refused += 1;
            return;
        };
        let Self { types, source, stream, .. } = self;
        let agreed = types.knows(packet.header.payload_type);
        if !source.takes(from, now, || Plausible { agreed, continues: stream.continues(&packet.header) }) {
            self.strangers += 1;
            return;
        }
        let arrived = now - TICK / 2;
        let placed = match self.stream.receive(&packet, &self.types, now) {
            Arrival::Audio { stamp, codec, payload } => {
                let placed = self.timeline.place(&stamp, payload.len(), arrived - payload.len() as i64);
                self.tape.customer(placed.position, codec, payload);
                placed
            }
            Arrival::Event { stamp, payload } => {
                let lasts = payload.get(2..4).map_or(0, |two| u16::from_be_bytes([two[0], two[1]]));
                let placed = self.timeline.place_event(&stamp, lasts.into(), arrived);
                self.tape.mask_key(placed.position, placed.position);
                self.keys.receive(now, &stamp, payload);
                placed
            }
            Arrival::Noise { stamp, .. } => self.timeline.place(&stamp, 0, arrived),
            Arrival::Foreign { stamp, payload_type, payload } => {
                self.unagreed.takes(payload_type, &stamp, payload);
                return;
            }
            Arrival::Refused(_) => return,
        };
        if let Some((from, to)) = placed.missing {
            self.tape.missing(from, to);
        }
    }

    fn tick(&mut self, now: i64) {
        self.keys.tick(now, |_| {});
        let mut piece = Piece::default();
        while self.tape.is_ready(now) {
            self.tape.take_piece(&mut piece);
            self.left.extend(piece.pairs().map(|[left, _]| left));
        }
    }
}

fn peer() -> SocketAddr {
    ([192, 0, 2, 1], 4000).into()
}

/// The true stream says which packet it is: a level that no other has for two seconds.
fn level(packet: usize) -> i16 {
    let level = Codec::Pcma.encode(1000 + 280 * (packet % 100) as i16);
    let mut decoded = [0];
    Codec::Pcma.decode(&[level], &mut decoded);
    decoded[0]
}

fn true_packet(packet: usize) -> Vec<u8> {
    let header = Header {
        marker: packet == 0,
        payload_type: 8,
        sequence: 65_000_u16.wrapping_add(packet as u16),
        timestamp: (u32::MAX - 4000).wrapping_add((packet * FRAME) as u32),
        ssrc: TRUE_SSRC,
    };
    let mut head = [0; HEADER_LEN];
    header.write(&mut head);
    [&head[..], &[Codec::Pcma.encode(level(packet)); FRAME]].concat()
}

/// Something that nobody should send.
fn hostile(dice: &mut Dice) -> Vec<u8> {
    let length = [0, 1, 11, 12, 13, 16, 40, 172, 1400, ROOM + 1][dice.below(10)];
    let (first, step) = (dice.below(256), dice.below(256));
    let mut octets: Vec<u8> = (0..length).map(|n| (first + n * step + n * n / 7) as u8).collect();
    if octets.len() < HEADER_LEN {
        return octets;
    }
    // Version, padding, extension, CSRCs: nearly what is lawful, or anything.
    match dice.below(8) {
        0 => octets[0] = 0x40 | (octets[0] & 0x3F),
        1 => octets[0] = 0xA0,
        2 => octets[0] = 0x90,
        3 => octets[0] = 0x8F,
        4 => {}
        _ => octets[0] = 0x80,
    }
    // A type of its own for each, or one that is heard; reports.
    match dice.below(6) {
        0 => octets[1] = 8,
        1 => octets[1] = EVENT | 0x80,
        2 => octets[1] = 13,
        3 => octets[1] = 200 + dice.below(5) as u8,
        _ => {}
    }
    octets
}

/// The share of the true stream's packets whose sound is on the tape, as long as it should be, where it should be.
fn heard(receiver: &Receiver, packets: usize) -> f64 {
    let left = &receiver.left;
    let known = packets.min(left.len() / FRAME) - 10;
    let is_there = |packet: &usize| {
        // Two ticks before its own place and two behind it.
        let around = packet.saturating_sub(2) * FRAME..(packet + 3) * FRAME;
        let level = level(*packet);
        left[around].iter().filter(|sample| **sample == level).count() >= FRAME * 9 / 10
    };
    (10..known).filter(is_there).count() as f64 / (known - 10) as f64
}

/// A call on whose socket `flood` puts what it likes before each of the peer's packets.
fn call(packets: usize, mut flood: impl FnMut(&mut dyn FnMut(&[u8], SocketAddr))) -> Receiver {
    let mut receiver = Receiver::new();
    for packet in 0..packets {
        let now = (packet as i64 + 1) * TICK;
        receiver.datagram(&true_packet(packet), peer(), now);
        flood(&mut |octets, from| receiver.datagram(octets, from, now));
        receiver.tick(now);
    }
    receiver
}

#[test]
fn strangers_flood_a_leg_and_its_own_stream_is_whole() {
    for seed in 0..2 {
        let mut dice = Dice(seed);
        let receiver = call(3000, |send| {
            for _ in 0..20 {
                let from = SocketAddr::from((
                    [198, 51, 100, dice.below(256) as u8],
                    1024 + dice.below(60_000) as u16,
                ));
                send(&hostile(&mut dice), from);
            }
        });
        assert!((heard(&receiver, 3000) - 1.0).abs() < f64::EPSILON, "seed {seed}");
        let counts = receiver.stream.counts();
        assert_eq!((counts.received, counts.restarts, counts.lost), (3000, 0, 0), "seed {seed}");
        assert!(receiver.strangers > 5000 && receiver.refused > 5000, "seed {seed}");
    }
}

#[test]
fn a_peer_gone_mad_harms_its_own_sound_and_nothing_else() {
    for seed in 0..2 {
        let mut dice = Dice(seed);
        let mut receiver = call(3000, |send| {
            for _ in 0..20 {
                send(&hostile(&mut dice), peer());
            }
        });
        assert!(receiver.stream.counts().restarts > 1000, "seed {seed}");
        assert!(receiver.stream.blocks().count() <= 4, "it remembers few senders");
        assert!(
            receiver.tape.finish(3000 * FRAME as u64, &mut Piece::default()).len() <= 128,
            "it lists few losses"
        );
        // Whatever came before, an honest report can be made.
        let (mut control, mut stream, mut room) = (receiver.reports, receiver.stream, [0; 256]);
        let moment = Moment { at: 3000 * TICK, ntp: 0 };
        let sent = Sent { packets: 1, octets: 160, timestamp: 0 };
        assert!(control.report(moment, sent, &mut stream, &mut room).is_some(), "seed {seed}");
    }
}

#[test]
fn a_thousand_senders_a_second_at_the_peers_address_leave_the_true_one_to_be_heard() {
    let mut dice = Dice(5);
    let receiver = call(3000, |send| {
        for _ in 0..20 {
            let header = Header {
                marker: false,
                payload_type: 19,
                sequence: dice.below(65_536) as u16,
                timestamp: dice.below(1 << 32) as u32,
                ssrc: 1000 + dice.below(1 << 31) as u32,
            };
            let mut octets = [0; HEADER_LEN + 4];
            header.write(octets.first_chunk_mut().unwrap());
            send(&octets, peer());
        }
    });
    let heard = heard(&receiver, 3000);
    println!("{:.2} % of the true stream is on the tape", heard * 100.0);
    assert!(heard > 0.99, "{heard}");
}
