//! Both channels in virtual time: whatever the network does, the recording is as long as the call and
//! every sample lies where it was spoken.

mod law;

use audio::{Codec, FRAME, PIECE, Piece, Stamp, Tape, Timeline};
use law::{SILENCE, left, said, sound};
use proptest::prelude::*;

/// One packet of the customer's: spoken at `spoken` (samples since the answer, end of the frame), on the
/// wire until `arrives`.
#[derive(Clone, Copy, Debug)]
struct Sent {
    stamp: Stamp,
    spoken: i64,
    arrives: i64,
    key: bool,
}

/// A sender with a clock of its own.
struct Customer {
    sent: Vec<Sent>,
    sequence: u64,
    timestamp: u64,
    stream: u32,
    marker: bool,
}

impl Customer {
    fn new() -> Self {
        Self { sent: Vec::new(), sequence: 70_000, timestamp: 9_000_000, stream: 1, marker: true }
    }

    fn sends(&mut self, spoken: i64, delay: i64, key: bool) {
        let stamp = Stamp {
            stream: self.stream,
            sequence: self.sequence,
            timestamp: self.timestamp,
            marker: std::mem::take(&mut self.marker),
        };
        self.sent.push(Sent { stamp, spoken, arrives: spoken + delay, key });
        self.sequence += 1;
    }
}

/// Where each frame came to lie, by the time it was spoken, and the finished recording's length.
struct Recorded {
    placed: Vec<(i64, i64)>,
    pairs: Vec<[i16; 2]>,
    missed: u64,
}

/// A packet found at a tick came half a tick earlier on average.
const HALF_TICK: i64 = FRAME as i64 / 2;

/// Plays a call of `length` samples through timeline and tape, draining the network every 20 ms as the
/// engine does. Our side says 1000 in every frame.
fn record(mut sent: Vec<Sent>, length: i64) -> Recorded {
    sent.sort_by_key(|sent| sent.arrives);
    let mut arriving = sent.into_iter().peekable();
    let (mut timeline, mut tape) = (Timeline::default(), Tape::new());
    let (mut placed, mut pairs, mut piece) = (Vec::new(), Vec::new(), Piece::default());
    let (spoken, said) = (sound(2000, FRAME), sound(1000, FRAME));
    for now in (0..=length).step_by(FRAME) {
        while let Some(sent) = arriving.next_if(|sent| sent.arrives <= now) {
            if sent.key {
                timeline.place_event(&sent.stamp, 0, now - HALF_TICK);
            } else {
                let arrived = now - HALF_TICK - FRAME as i64;
                let position = timeline.place(&sent.stamp, FRAME, arrived).position;
                tape.customer(position, Codec::Pcma, &spoken);
                placed.push((sent.spoken - FRAME as i64, position));
            }
        }
        while tape.is_ready(now) {
            tape.take_piece(&mut piece);
            pairs.extend(piece.pairs());
        }
        tape.ours(now, Codec::Pcma, &said);
    }
    let missed = tape.missed();
    tape.finish(length as u64, &mut piece);
    pairs.extend(piece.pairs());
    Recorded { placed, pairs, missed }
}

/// How far, in milliseconds, frames lie from where they were spoken plus the network's least delay.
fn misplacement(recorded: &Recorded, least_delay: i64, from: i64) -> i64 {
    let after = recorded.placed.iter().filter(|(spoken, _)| *spoken >= from);
    after
        .map(|(spoken, position)| (position - spoken - least_delay).abs() / 8)
        .max()
        .expect("frames were placed")
}

/// Small, seeded and even enough for a network.
fn chances(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

#[test]
fn half_an_hour_with_loss_jitter_and_drift_stays_aligned() {
    for parts_per_million in [-200, 0, 200] {
        let mut chance = chances(7);
        let mut customer = Customer::new();
        let length = 30 * 60 * 8000;
        for n in 0..length / 160 {
            let spoken = n * 160 + n * 160 * parts_per_million / 1_000_000;
            customer.timestamp = 9_000_000 + n as u64 * 160;
            if chance(100) >= 5 {
                customer.sends(spoken, 240 + chance(480) as i64, false);
            }
        }
        let recorded = record(customer.sent, length);
        assert_eq!(recorded.pairs.len(), length as usize);
        assert_eq!(recorded.missed, 0);
        assert!(
            misplacement(&recorded, 240, 20 * 8000) <= 20,
            "after the first 20 s, {parts_per_million} ppm"
        );
        assert!(misplacement(&recorded, 240, 0) <= 80, "from the beginning, {parts_per_million} ppm");
    }
}

#[test]
fn key_presses_keep_their_time_whether_or_not_the_senders_clock_runs_on() {
    for clock_runs in [true, false] {
        let mut customer = Customer::new();
        for n in 0..1500_i64 {
            let pressing = n % 100 < 10 && n >= 100;
            if clock_runs || !pressing {
                customer.timestamp += 160;
            }
            customer.sends(n * 160, 200, pressing);
        }
        let recorded = record(customer.sent, 30 * 8000);
        assert_eq!(recorded.pairs.len(), 30 * 8000);
        assert!(misplacement(&recorded, 200, 0) <= 20, "clock runs: {clock_runs}");
    }
}

#[test]
fn a_new_stream_or_a_jump_of_the_timestamp_lies_where_it_arrives() {
    let changes: [fn(&mut Customer); 4] = [
        |c| c.stream += 1,
        |c| (c.stream, c.timestamp) = (c.stream + 1, c.timestamp + 1200),
        |c| c.timestamp += 700_000,
        |c| c.timestamp -= 700_000,
    ];
    for change in changes {
        let mut customer = Customer::new();
        for n in 0..1000_i64 {
            if n == 400 {
                change(&mut customer);
            }
            customer.timestamp += 160;
            customer.sends(n * 160, 200, false);
        }
        let recorded = record(customer.sent, 20 * 8000);
        assert!(misplacement(&recorded, 200, 0) <= 20);
        assert_eq!(recorded.missed, 0);
    }
}

#[test]
fn both_sides_are_silent_where_nothing_was_said_and_whole_where_it_was() {
    let mut customer = Customer::new();
    for n in 0..500_i64 {
        customer.timestamp += 160;
        if !(200..300).contains(&n) {
            customer.sends(n * 160, 160, false);
        }
    }
    let recorded = record(customer.sent, 10 * 8000);
    let (left, right): (Vec<i16>, Vec<i16>) = recorded.pairs.into_iter().map(<(i16, i16)>::from).unzip();
    assert!(right.iter().all(|&sample| sample == said(1000)));
    let silent = left.iter().filter(|&&sample| sample == SILENCE).count();
    assert!(silent.abs_diff(100 * FRAME) <= 2 * FRAME, "{silent} silent samples");
    assert!(left[220 * FRAME..280 * FRAME].iter().all(|&sample| sample == SILENCE));
    assert!(left[20 * FRAME..180 * FRAME].iter().all(|&sample| sample == said(2000)));
}

#[test]
fn a_clock_correction_leaves_no_hole() {
    let mut tape = Tape::new();
    tape.customer(0, Codec::Pcma, &sound(500, FRAME));
    tape.customer(FRAME as i64 + 1, Codec::Pcma, &sound(500, FRAME));
    let mut piece = Piece::default();
    tape.finish(2 * FRAME as u64 + 1, &mut piece);
    assert!(left(&piece).iter().all(|sample| *sample == said(500)));
}

#[test]
fn what_comes_before_the_answer_or_far_too_late_is_left_out() {
    let mut tape = Tape::new();
    tape.customer(-80, Codec::Pcma, &sound(70, FRAME));
    let mut piece = Piece::default();
    assert!(!tape.is_ready(PIECE as i64 + 1599));
    assert!(tape.is_ready(PIECE as i64 + 1600));
    tape.take_piece(&mut piece);
    assert_eq!(piece.samples(), PIECE);
    assert!(left(&piece)[..80].iter().all(|sample| *sample == said(70)));
    assert_eq!(left(&piece)[80], SILENCE);
    tape.customer(100, Codec::Pcma, &sound(90, FRAME));
    assert_eq!(tape.missed(), FRAME as u64);
    tape.finish(PIECE as u64, &mut piece);
    assert_eq!(piece.samples(), 0);
}

proptest! {
    #[test]
    fn the_length_is_the_calls_to_the_sample(
        length in 0..400_000_i64,
        fates in prop::collection::vec((0..10_u8, 0..800_i64, 0..40_u8), 0..2500),
    ) {
        let mut customer = Customer::new();
        for (n, (loss, jitter, strange)) in (0..).zip(fates) {
            customer.timestamp += 160;
            match strange {
                0 => customer.stream += 1,
                1 => customer.timestamp = customer.timestamp.wrapping_add(123_456),
                2 => customer.timestamp -= 50_000,
                _ => {}
            }
            if loss > 2 {
                customer.sends(n * 160, jitter, strange == 3);
            }
        }
        prop_assert_eq!(record(customer.sent, length).pairs.len() as i64, length);
    }
}
