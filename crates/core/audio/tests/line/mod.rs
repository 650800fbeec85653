//! A whole call in virtual time: a customer's phone with a clock of its own, a network that loses, delays, doubles
//! and reorders, and our ear on a 20 ms tick, down to the finished tape. Everything follows from a seed.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]

use audio::{
    Arrival, Codec, ComfortNoise, FRAME, HEADER_LEN, Header, KeyChange, KeyReceiver, Lost, Packet,
    PayloadTypes, Piece, Silence, StreamReceiver, Tape, Timeline,
};

pub const EVENT: u8 = 101;
pub const SECOND: i64 = 8000;
/// A packet found at a tick came half a tick earlier on average.
const HALF_TICK: i64 = FRAME as i64 / 2;

/// Even enough for a network, and the same for the same seed.
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// How the network treats packets.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Packets lost in a thousand.
    pub loss: u64,
    /// The least way, in samples.
    pub delay: i64,
    /// What is added to it at most.
    pub jitter: i64,
    /// Packets after which the jitter is drawn anew: more than one is a network that is busy for a while.
    pub busy_for: u64,
    /// Packets doubled in a thousand.
    pub doubled: u64,
}

impl Network {
    pub const CLEAN: Self = Self { loss: 0, delay: 240, jitter: 0, busy_for: 1, doubled: 0 };
}

/// What the phone does at a moment of the call.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// A key is pressed for so many samples, in place of sound.
    Key { code: u8, lasts: i64 },
    /// The RTP timestamp jumps.
    Jump(i32),
    /// Another SSRC, its numbers drawn anew.
    NewSource,
    /// Nothing is sent for so long; the clock runs on. With a level, comfort noise goes before it.
    Quiet { lasts: i64, noise: Option<u8> },
}

/// The customer's phone.
#[derive(Clone, Debug)]
pub struct Phone {
    /// How much faster its clock is than ours.
    pub parts_per_million: i64,
    /// Samples in a packet.
    pub packet: usize,
    /// Whether timestamps go on while a key is down.
    pub clock_runs_in_keys: bool,
    /// When what happens, ascending, by the phone's own clock.
    pub turns: Vec<(i64, Turn)>,
}

impl Phone {
    pub fn new() -> Self {
        Self { parts_per_million: 0, packet: FRAME, clock_runs_in_keys: true, turns: Vec::new() }
    }
}

/// A datagram on its way.
struct Sent {
    arrives: i64,
    octets: Vec<u8>,
}

/// What our side has of the call.
pub struct Recorded {
    pub customer: Vec<i16>,
    pub ours: Vec<i16>,
    pub lost: Vec<Lost>,
    pub keys: Vec<(char, i64)>,
    pub missed: u64,
}

struct Sender<'a> {
    phone: &'a Phone,
    chance: Chance,
    network: Network,
    sent: Vec<Sent>,
    number: u64,
    late: i64,
    header: Header,
}

/// Lets a call of `length` samples happen. `speaks` and `we_speak` give the sample of a moment of ours.
pub fn call(
    phone: &Phone,
    network: Network,
    seed: u64,
    length: i64,
    speaks: impl Fn(i64) -> i16,
    we_speak: impl Fn(i64) -> i16,
    masked: bool,
) -> Recorded {
    let mut sender = Sender {
        phone,
        chance: Chance::new(seed),
        network,
        sent: Vec::new(),
        number: 0,
        late: 0,
        header: Header {
            marker: true,
            payload_type: 8,
            sequence: 65_000,
            timestamp: u32::MAX - 90_000,
            ssrc: 7,
        },
    };
    sender.speak(length, &speaks);
    let mut sent = sender.sent;
    sent.sort_by_key(|sent| sent.arrives);
    listen(&sent, length, we_speak, masked)
}

impl Sender<'_> {
    /// Our moment of the phone's.
    fn moment(&self, own: i64) -> i64 {
        own - own * self.phone.parts_per_million / 1_000_000
    }

    fn speak(&mut self, length: i64, speaks: &impl Fn(i64) -> i16) {
        let mut turns = self.phone.turns.clone().into_iter().peekable();
        let packet = self.phone.packet as i64;
        let mut own = 0;
        while self.moment(own) < length {
            while let Some((_, turn)) = turns.next_if(|(at, _)| *at <= own) {
                own += self.turn(own, turn);
            }
            let payload: Vec<u8> =
                (own..own + packet).map(|at| Codec::Pcma.encode(speaks(self.moment(at)))).collect();
            own += packet;
            self.send(own, 8, &payload);
            self.header.timestamp = self.header.timestamp.wrapping_add(packet as u32);
        }
    }

    /// Answers how long it takes.
    fn turn(&mut self, own: i64, turn: Turn) -> i64 {
        match turn {
            Turn::Key { code, lasts } => {
                self.press(own, code, lasts);
                lasts
            }
            Turn::Jump(by) => {
                self.header.timestamp = self.header.timestamp.wrapping_add_signed(by);
                0
            }
            Turn::NewSource => {
                self.header.ssrc += 1;
                self.header.sequence = self.chance.below(65_536) as u16;
                self.header.timestamp = self.chance.below(1 << 32) as u32;
                0
            }
            Turn::Quiet { lasts, noise } => {
                if let Some(level) = noise {
                    self.send(own, 13, &[level]);
                }
                self.header.timestamp = self.header.timestamp.wrapping_add(lasts as u32);
                self.header.marker = true;
                lasts
            }
        }
    }

    /// RFC 4733 section 2.5: a packet each 20 ms, the end three times.
    fn press(&mut self, own: i64, code: u8, lasts: i64) {
        self.header.marker = true;
        let packets = lasts / FRAME as i64;
        for n in 1..=packets + 2 {
            let end = if n < packets { 0 } else { 0x80 };
            let [high, low] = (n.min(packets) as u16 * FRAME as u16).to_be_bytes();
            self.send(own + n.min(packets) * FRAME as i64, EVENT, &[code, end | 0x0A, high, low]);
        }
        if self.phone.clock_runs_in_keys {
            self.header.timestamp = self.header.timestamp.wrapping_add(lasts as u32);
        }
    }

    fn send(&mut self, own: i64, payload_type: u8, payload: &[u8]) {
        let mut head = [0; HEADER_LEN];
        Header { payload_type, ..self.header }.write(&mut head);
        self.header.marker = false;
        self.header.sequence = self.header.sequence.wrapping_add(1);
        if self.number.is_multiple_of(self.network.busy_for) {
            self.late = self.chance.below(self.network.jitter as u64 + 1) as i64;
        }
        self.number += 1;
        let arrives = self.moment(own) + self.network.delay + self.late;
        let octets = [&head, payload].concat();
        if self.chance.below(1000) < self.network.doubled {
            self.sent.push(Sent { arrives: arrives + 30, octets: octets.clone() });
        }
        if self.chance.below(1000) >= self.network.loss {
            self.sent.push(Sent { arrives, octets });
        }
    }
}

/// What the engine's ear does with each datagram, on the same pieces.
fn listen(sent: &[Sent], length: i64, we_speak: impl Fn(i64) -> i16, masked: bool) -> Recorded {
    let types = PayloadTypes { telephone_events: [Some(EVENT), None], ..PayloadTypes::default() };
    let (mut stream, mut timeline, mut receiver) =
        (StreamReceiver::default(), Timeline::default(), KeyReceiver::default());
    let (mut tape, mut piece, mut pairs) = (Tape::new(), Piece::default(), Vec::new());
    let (mut keys, mut silence): (_, Option<Silence>) = (Vec::new(), None);
    let mut samples = [0; 2048];
    let mut arriving = sent.iter().peekable();
    for now in (0..=length).step_by(FRAME) {
        while let Some(sent) = arriving.next_if(|sent| sent.arrives <= now) {
            let packet = Packet::parse(&sent.octets).unwrap();
            let arrived = now - HALF_TICK;
            let placed = match stream.receive(&packet, &types, now) {
                Arrival::Audio { stamp, codec, payload } => {
                    let count = payload.len();
                    let placed = timeline.place(&stamp, count, arrived - count as i64);
                    if let Some(mut silence) = silence.take_if(|silence| silence.is_over(&stamp)) {
                        let mut room = [0; 2048];
                        let (position, noise) = silence.until(placed.position, &mut room);
                        tape.noise(position, noise);
                    }
                    tape.customer(placed.position, codec, payload);
                    placed
                }
                Arrival::Noise { stamp, payload } => {
                    let placed = timeline.place(&stamp, 0, arrived);
                    silence = ComfortNoise::parse(payload)
                        .map(|noise| Silence::new(&stamp, noise, placed.position));
                    placed
                }
                Arrival::Event { stamp, payload } => {
                    let lasts = u64::from(u16::from_be_bytes([payload[2], payload[3]]));
                    let placed = timeline.place_event(&stamp, lasts, arrived);
                    if masked {
                        tape.mask_key(placed.position, placed.position + lasts as i64);
                    }
                    if let Some(KeyChange::Pressed { digit }) = receiver.receive(now, &stamp, payload) {
                        keys.push((digit, placed.position));
                    }
                    placed
                }
                Arrival::Foreign { .. } | Arrival::Refused(_) => continue,
            };
            if let Some((from, to)) = placed.missing {
                tape.missing(from, to);
            }
        }
        if let Some(silence) = &mut silence {
            let (position, noise) = silence.until(now - HALF_TICK - FRAME as i64, &mut samples);
            tape.noise(position, noise);
        }
        let ours: Vec<u8> = (now..now + FRAME as i64).map(|at| Codec::Pcma.encode(we_speak(at))).collect();
        while tape.is_ready(now) {
            tape.take_piece(&mut piece);
            pairs.extend(piece.pairs());
        }
        tape.ours(now, Codec::Pcma, &ours);
    }
    let missed = tape.missed();
    let lost = tape.finish(length as u64, &mut piece);
    pairs.extend(piece.pairs());
    let (customer, ours) = pairs.into_iter().map(<(i16, i16)>::from).unzip();
    Recorded { customer, ours, lost, keys, missed }
}
