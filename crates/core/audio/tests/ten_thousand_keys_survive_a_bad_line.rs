//! 10,000 keys among sound, over a line that loses 3 %, delays by up to 50 ms, doubles and reorders packets.

mod dice;

use audio::{Arrival, Codec, Header, KeyChange, KeyReceiver, Packet, PayloadTypes, StreamReceiver};
use dice::Dice;

const KEYS: usize = 10_000;
const TYPES: PayloadTypes =
    PayloadTypes { audio: 8, codec: Codec::Pcma, telephone_events: [Some(101), Some(101)] };

/// A datagram's contents, and when it arrives in samples.
struct Sent {
    arrives: i64,
    header: Header,
    payload: Vec<u8>,
}

struct Line {
    dice: Dice,
    lost: f64,
    sequence: u16,
    sent: Vec<Sent>,
}

impl Line {
    fn send(&mut self, now: u32, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) {
        let header = Header { marker, payload_type, sequence: self.sequence, timestamp, ssrc: 9 };
        self.sequence = self.sequence.wrapping_add(1);
        if self.dice.unit() < self.lost {
            return;
        }
        let copies = if self.dice.unit() < 0.03 { 2 } else { 1 };
        for _ in 0..copies {
            let arrives = i64::from(now) + (self.dice.unit() * 400.0) as i64;
            self.sent.push(Sent { arrives, header, payload: payload.to_vec() });
        }
    }

    fn sound(&mut self, now: &mut u32, packets: u32) {
        for _ in 0..packets {
            self.send(*now, 8, false, *now, &[0xD5; 160]);
            *now += 160;
        }
    }

    /// Held for `packets` × 20 ms; the end goes out three times, at once or every 20 ms.
    fn press(&mut self, now: &mut u32, code: u8, packets: u16, ends_at_once: bool) {
        let began = *now;
        for n in 1..=packets {
            let [high, low] = (n * 160).to_be_bytes();
            self.send(*now, 101, n == 1, began, &[code, 10, high, low]);
            *now += 160;
        }
        let [high, low] = ((packets + 1) * 160).to_be_bytes();
        for _ in 0..3 {
            self.send(*now, 101, false, began, &[code, 0x8A, high, low]);
            *now += if ends_at_once { 0 } else { 160 };
        }
    }
}

/// What was pressed, and what was heard.
fn ten_thousand(seed: u64, lost: f64) -> (String, String, usize) {
    let mut dice = Dice(seed);
    let mut line = Line { dice: Dice(seed ^ 0xABCD), lost, sequence: 65_000, sent: Vec::new() };
    let mut pressed = String::new();
    let mut now = 0_u32;
    for _ in 0..KEYS {
        let code = (dice.unit() * 12.0) as u8;
        pressed.push(char::from(b"0123456789*#"[usize::from(code)]));
        let packets = 2 + (dice.unit() * 13.0) as u16;
        line.press(&mut now, code, packets, dice.unit() < 0.5);
        line.sound(&mut now, 3 + (dice.unit() * 20.0) as u32);
    }
    line.sent.sort_by_key(|sent| sent.arrives);
    let (mut stream, mut keys) = (StreamReceiver::default(), KeyReceiver::default());
    let (mut heard, mut released) = (String::new(), 0);
    let mut count = |change| match change {
        KeyChange::Pressed { digit } => heard.push(digit),
        KeyChange::Released { .. } => released += 1,
    };
    for Sent { arrives, header, payload } in line.sent {
        if let Arrival::Event { stamp, payload } =
            stream.receive(&Packet { header, payload: &payload }, &TYPES, arrives)
        {
            keys.receive(arrives, &stamp, payload).into_iter().for_each(&mut count);
        }
        keys.tick(arrives, &mut count);
    }
    keys.tick(i64::MAX / 2, &mut count);
    (pressed, heard, released)
}

#[test]
fn each_is_heard_once_and_nothing_else_is() {
    for seed in 1..=5 {
        let (pressed, heard, released) = ten_thousand(seed, 0.03);
        println!("seed {seed}: {KEYS} keys pressed, {} heard, {released} released", heard.len());
        assert!(heard == pressed, "seed {seed}: {} heard", heard.len());
        assert_eq!(released, KEYS, "seed {seed}");
    }
}

#[test]
fn where_a_third_is_lost_nothing_is_doubled_or_invented() {
    let (pressed, heard, _) = ten_thousand(6, 0.33);
    let mut rest = pressed.chars();
    let invented = heard.chars().filter(|digit| !rest.any(|pressed| pressed == *digit)).count();
    println!("a third lost: {KEYS} keys pressed, {} heard, {invented} invented", heard.len());
    assert_eq!(invented, 0);
    assert!(heard.len() > KEYS - 20, "{} heard", heard.len());
}
