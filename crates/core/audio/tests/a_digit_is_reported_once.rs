//! RFC 4733: one press, one digit, however its packets are lost, repeated, reordered or misnumbered.

use audio::{
    Arrival, Codec, Header, KeyChange, KeyPolicy, KeyReceiver, Packet, PayloadTypes, StreamReceiver,
};
use proptest::prelude::*;

const TYPES: PayloadTypes =
    PayloadTypes { audio: 8, codec: Codec::Pcma, telephone_events: [Some(101), None] };

#[derive(Clone, Copy, Debug)]
struct Event {
    sequence: u16,
    timestamp: u32,
    marker: bool,
    code: u8,
    end: bool,
    duration: u16,
}

const fn event(sequence: u16, timestamp: u32, code: u8, end: bool, duration: u16) -> Event {
    Event { sequence, timestamp, marker: false, code, end, duration }
}

struct Phone {
    stream: StreamReceiver,
    keys: KeyReceiver,
    now: i64,
}

impl Phone {
    fn new() -> Self {
        Self { stream: StreamReceiver::default(), keys: KeyReceiver::default(), now: 0 }
    }

    fn receive(&mut self, event: &Event) -> Option<KeyChange> {
        let header = Header {
            marker: event.marker,
            payload_type: 101,
            sequence: event.sequence,
            timestamp: event.timestamp,
            ssrc: 7,
        };
        let [high, low] = event.duration.to_be_bytes();
        let payload = [event.code, (u8::from(event.end) << 7) | 0x0A, high, low];
        match self.stream.receive(&Packet { header, payload: &payload }, &TYPES, self.now) {
            Arrival::Event { stamp, payload } => self.keys.receive(self.now, &stamp, payload),
            _ => None,
        }
    }

    /// What comes of one packet every 20 ms, and of `after` more such ticks.
    fn changes(&mut self, events: &[Event], after: usize) -> Vec<KeyChange> {
        let mut told = Vec::new();
        for event in events.iter().map(Some).chain(std::iter::repeat_n(None, after)) {
            told.extend(event.and_then(|event| self.receive(event)));
            self.now += 160;
            self.keys.tick(self.now, |change| told.push(change));
        }
        told
    }

    fn digits(&mut self, events: &[Event]) -> String {
        let changes = events.iter().filter_map(|event| self.receive(event));
        changes
            .filter_map(|change| if let KeyChange::Pressed { digit } = change { Some(digit) } else { None })
            .collect()
    }
}

/// A press as RFC 4733 has it sent: every 20 ms, the end three times.
fn press(sequence: u16, timestamp: u32, code: u8, packets: u16) -> Vec<Event> {
    let going = (0..packets).map(|n| event(sequence + n, timestamp, code, false, (n + 1) * 160));
    let ends = (0..3).map(|n| event(sequence + packets + n, timestamp, code, true, (packets + 1) * 160));
    let mut events: Vec<Event> = going.chain(ends).collect();
    events[0].marker = true;
    events
}

#[test]
fn every_key_has_its_digit_and_other_events_have_none() {
    let mut phone = Phone::new();
    let events: Vec<Event> =
        (0..20_u8).map(|code| event(u16::from(code), u32::from(code) * 8000, code, true, 800)).collect();
    assert_eq!(phone.digits(&events), "0123456789*#ABCD");
    assert_eq!(phone.keys.ignored(), 4);
}

#[test]
fn whatever_part_of_a_press_arrives_makes_one_digit() {
    let whole = press(10, 8000, 5, 6);
    for missing in 1..(1_u32 << whole.len()) {
        let arrived: Vec<Event> = whole
            .iter()
            .enumerate()
            .filter(|(n, _)| missing & (1 << n) != 0)
            .map(|(_, &event)| event)
            .collect();
        assert_eq!(Phone::new().digits(&arrived), "5", "{missing:#b}");
    }
}

#[test]
fn the_same_key_twice_is_two_digits_even_when_the_first_end_is_lost() {
    let first = press(10, 8000, 5, 6);
    let second = press(30, 12_000, 5, 6);
    let events = [&first[..6], &second[..]].concat();
    assert_eq!(Phone::new().digits(&events), "55");
    let events = [&first[..6], &second[1..]].concat();
    assert_eq!(Phone::new().digits(&events), "55", "the marker is lost too");
}

#[test]
fn late_packets_of_an_old_press_are_no_new_one() {
    let first = press(10, 8000, 5, 6);
    let second = press(30, 12_000, 6, 6);
    let events = [&first[..4], &second[..3], &first[4..], &second[3..]].concat();
    assert_eq!(Phone::new().digits(&events), "56");
}

#[test]
fn a_press_longer_than_its_field_goes_on_in_segments() {
    let mut phone = Phone::new();
    let mut events: Vec<Event> =
        (1..=409).map(|n| event(n, 8000, 3, false, u16::try_from(u32::from(n) * 160).unwrap())).collect();
    events.push(event(410, 8000, 3, false, 65535));
    events.extend((1..=10).map(|n| event(410 + n, 8000 + 65535, 3, false, n * 160)));
    assert_eq!(phone.digits(&events), "3");
    let released = phone.receive(&event(421, 8000 + 65535, 3, true, 1760));
    assert_eq!(released, Some(KeyChange::Released { digit: '3', held: 65535 + 1760 }));
}

#[test]
fn a_sender_that_moves_the_timestamp_in_each_packet_still_presses_once() {
    let mut events: Vec<Event> =
        (0..8).map(|n| event(n, 8000 + 160 * u32::from(n), 4, false, 160 * (n + 1))).collect();
    events.extend((8..11).map(|n| event(n, 8000 + 160 * u32::from(n), 4, true, 160 * 9)));
    let mut phone = Phone::new();
    assert_eq!(phone.digits(&events), "4");
}

#[test]
fn a_sender_that_never_moves_the_timestamp_presses_as_often_as_it_ends() {
    let events = [press(1, 0, 7, 4), press(20, 0, 7, 4), press(40, 0, 8, 4)].concat();
    assert_eq!(Phone::new().digits(&events), "778");
}

#[test]
fn the_release_tells_how_long_the_key_was_held() {
    let mut phone = Phone::new();
    let changes: Vec<KeyChange> = press(1, 0, 9, 4).iter().filter_map(|event| phone.receive(event)).collect();
    assert_eq!(changes, [KeyChange::Pressed { digit: '9' }, KeyChange::Released { digit: '9', held: 800 }]);
}

#[test]
fn a_press_is_released_once_whichever_of_its_packets_are_lost() {
    let whole = press(1, 0, 9, 4);
    let held = |changes: &[KeyChange]| match changes {
        [KeyChange::Pressed { digit: '9' }, KeyChange::Released { digit: '9', held }] => *held,
        other => panic!("{other:?}"),
    };
    assert_eq!(held(&Phone::new().changes(&whole, 40)), 800);
    assert_eq!(held(&Phone::new().changes(&whole[..4], 40)), 640, "all three ends are lost");
    assert_eq!(held(&Phone::new().changes(&whole[6..], 40)), 800, "only the last end came");
    assert_eq!(held(&Phone::new().changes(&[&whole[..2], &whole[6..]].concat(), 40)), 800);
}

#[test]
fn a_press_whose_ends_are_lost_is_over_after_the_time_that_the_policy_gives() {
    let policy = KeyPolicy { lost_end: 1600, ..KeyPolicy::default() };
    let mut phone = Phone { keys: KeyReceiver::new(&policy), ..Phone::new() };
    assert_eq!(phone.changes(&press(1, 0, 9, 4)[..4], 8).len(), 1);
    assert_eq!(phone.changes(&[], 2), [KeyChange::Released { digit: '9', held: 640 }]);
    let late = phone.changes(&press(1, 0, 9, 4)[4..], 40);
    assert!(late.is_empty(), "its ends come late, and are no press: {late:?}");
}

#[test]
fn a_key_that_is_stuck_is_released_after_the_longest_press_and_counts_once() {
    let policy = KeyPolicy { longest: 8000, ..KeyPolicy::default() };
    let mut phone = Phone { keys: KeyReceiver::new(&policy), ..Phone::new() };
    let changes = phone.changes(&press(1, 0, 4, 300), 40);
    assert_eq!(changes[0], KeyChange::Pressed { digit: '4' });
    assert_eq!(changes[1..], [KeyChange::Released { digit: '4', held: 8160 }]);
}

#[test]
fn the_same_key_twice_in_quick_succession_is_told_apart_by_its_timestamp() {
    // No pause at all: the second begins where the first ended.
    let events = [press(1, 0, 2, 2), press(6, 480, 2, 2), press(11, 960, 2, 2)].concat();
    assert_eq!(Phone::new().digits(&events), "222");
}

#[test]
fn durations_counted_by_another_clock_are_told_in_ours() {
    for (clock, step) in [(1000, 20), (8000, 160), (16_000, 320), (32_000, 640), (48_000, 960)] {
        let events: Vec<Event> = (0..20).map(|n| event(n, 0, 6, n == 19, (n + 1) * step)).collect();
        let changes = Phone::new().changes(&events, 40);
        let Some(KeyChange::Released { held, .. }) = changes.last() else { panic!("{changes:?}") };
        assert_eq!(*held, 3200, "a clock of {clock} Hz");
    }
}

#[test]
fn segments_go_on_with_a_marker_or_in_whole_packets() {
    let full = |last: u16| (1..=20_u16).map(move |n| event(n, 0, 3, false, last - (20 - n) * 160));
    let next = |begins: u32, marker: bool| {
        let going = (0..5_u16).map(move |n| event(21 + n, begins, 3, false, (n + 1) * 160));
        going.map(move |event| Event { marker, ..event })
    };
    for (last, begins, marker) in [(65_535, 65_535, true), (65_535, 65_535, false), (65_440, 65_440, false)] {
        let mut phone = Phone::new();
        let events: Vec<Event> = full(last).chain(next(begins, marker)).collect();
        assert_eq!(phone.digits(&events), "3", "{last} {begins} {marker}");
        let end = event(30, begins, 3, true, 960);
        assert_eq!(
            phone.receive(&end),
            Some(KeyChange::Released { digit: '3', held: u64::from(begins) + 960 })
        );
    }
}

#[test]
fn a_short_payload_is_no_key() {
    let mut keys = KeyReceiver::default();
    let stamp = audio::Stamp { stream: 1, sequence: 1, timestamp: 1, marker: true };
    assert_eq!(keys.receive(0, &stamp, &[1, 2, 3]), None);
    assert_eq!(keys.ignored(), 1);
}

#[derive(Clone, Debug)]
struct Fate {
    lost: bool,
    copies: usize,
    jitter: u32,
}

fn fate() -> impl Strategy<Value = Fate> {
    (0..100_u32, 1..3_usize, 0..50_u32).prop_map(|(chance, copies, jitter)| Fate {
        lost: chance < 30,
        copies,
        jitter,
    })
}

proptest! {
    /// A third of the packets lost, some doubled, all late by up to 50 ms: each press of which anything
    /// arrived is one digit, and nothing else is.
    #[test]
    fn a_bad_network_neither_doubles_nor_invents(
        codes in prop::collection::vec(0..16_u8, 1..40),
        lengths in prop::collection::vec(2..12_u16, 40),
        fates in prop::collection::vec(fate(), 40 * 15),
    ) {
        let mut fates = fates.into_iter().cycle();
        let (mut sequence, mut timestamp) = (0, 0);
        let mut wire: Vec<(u32, Event)> = Vec::new();
        let mut expected = String::new();
        for (&code, &length) in codes.iter().zip(&lengths) {
            let mut arrived = false;
            for (n, event) in (0..).zip(press(sequence, timestamp, code, length)) {
                let fate = fates.next().unwrap();
                if !fate.lost {
                    arrived = true;
                    let sent = timestamp / 8 + 20 * n;
                    wire.extend(std::iter::repeat_n((sent + fate.jitter, event), fate.copies));
                }
            }
            if arrived {
                expected.push(char::from(b"0123456789*#ABCD"[usize::from(code)]));
            }
            sequence += length + 3;
            timestamp += 160 * (u32::from(length) + 8);
        }
        wire.sort_by_key(|&(at, _)| at);
        let events: Vec<Event> = wire.into_iter().map(|(_, event)| event).collect();
        prop_assert_eq!(Phone::new().digits(&events), expected);
    }
}
