//! End-pointing: where speech begins and ends, over the noise of the customer's street.

use audio::{Dbm0, FRAME, NoiseFloor, SpanEnd, SpanEvent, SpanLimits, SpeechSpan, synth};

const LIMITS: SpanLimits = SpanLimits { max: 60 * 8000, end_silence: 3 * 8000, start_within: 6 * 8000 };
const OPENED: i64 = 80_000;

/// Plays `sound` from the span's opening on; frames `arrives` denies never come.
fn listen(sound: &[i16], noise: &mut NoiseFloor, arrives: impl Fn(usize) -> bool) -> Vec<(i64, SpanEvent)> {
    let mut span = SpeechSpan::open(OPENED, LIMITS);
    let mut events = Vec::new();
    for (n, frame) in sound.chunks(FRAME).enumerate() {
        let position = OPENED + (n * FRAME) as i64;
        let now = position + FRAME as i64;
        if arrives(n) {
            let active = noise.is_active(frame);
            events.extend(span.hear(position, frame.len(), active).map(|event| (now, event)));
        }
        if let Some(event) = span.at(now) {
            events.push((now, event));
            break;
        }
    }
    events
}

fn spoken(before: u32, length: u32) -> Vec<i16> {
    [synth::silence(before), synth::babble(9, Dbm0(-18.0), length), synth::silence(20_000)].concat()
}

fn over(sound: &[i16], background: &[i16]) -> Vec<i16> {
    sound.iter().zip(background.iter().cycle()).map(|(a, b)| a.saturating_add(*b)).collect()
}

fn end_of(events: &[(i64, SpanEvent)]) -> (i64, SpanEnd) {
    match events.last() {
        Some(&(now, SpanEvent::Ended(end))) => (now, end),
        other => panic!("the span never ended: {other:?}"),
    }
}

fn near(position: i64, millis: i64, tolerance: i64) -> bool {
    (position - OPENED - millis * 8).abs() <= tolerance * 8
}

#[test]
fn speech_is_found_where_it_is_over_silence_and_noise() {
    for background in [-70.0, -50.0, -40.0, -35.0] {
        let street = synth::noise(2, Dbm0(background), 10_000);
        let mut noise = NoiseFloor::default();
        for frame in street.chunks(FRAME) {
            noise.is_active(frame);
        }
        let events = listen(&over(&spoken(1500, 4000), &street), &mut noise, |_| true);
        assert_eq!(events.len(), 2, "{background} dBm0: {events:?}");
        assert_eq!(events[0].1, SpanEvent::Started);
        let (now, end) = end_of(&events);
        assert!(end.spoke);
        assert!(near(end.from, 1500, 120), "{background} dBm0: from {} ms", (end.from - OPENED) / 8);
        assert!(near(end.to, 5500, 300), "{background} dBm0: to {} ms", (end.to - OPENED) / 8);
        assert!((now - end.to) / 8 >= 3000);
        assert!((now - end.to) / 8 <= 3300);
    }
}

#[test]
fn nothing_said_ends_it_when_speech_should_have_begun() {
    let events = listen(&synth::silence(20_000), &mut NoiseFloor::default(), |_| true);
    let (now, end) = end_of(&events);
    assert_eq!(end, SpanEnd { from: OPENED, to: OPENED + 48_000, spoke: false });
    assert_eq!(now, OPENED + 48_000);
}

#[test]
fn a_click_is_no_speech() {
    let sound = [synth::silence(1000), synth::noise(1, Dbm0(-10.0), 40), synth::silence(20_000)].concat();
    assert!(!end_of(&listen(&sound, &mut NoiseFloor::default(), |_| true)).1.spoke);
}

#[test]
fn whoever_never_stops_is_cut_at_the_longest_span() {
    let events = listen(&synth::babble(4, Dbm0(-18.0), 80_000), &mut NoiseFloor::default(), |_| true);
    let (now, end) = end_of(&events);
    assert_eq!(now, OPENED + 60 * 8000);
    assert!(end.spoke && end.to <= now);
}

#[test]
fn a_pause_shorter_than_the_silence_does_not_end_it() {
    let sound =
        [synth::babble(3, Dbm0(-18.0), 2000), synth::silence(2500), synth::babble(5, Dbm0(-18.0), 2000)];
    let sound = [sound.concat(), synth::silence(10_000)].concat();
    let (_, end) = end_of(&listen(&sound, &mut NoiseFloor::default(), |_| true));
    assert!(near(end.to, 6500, 300), "to {} ms", (end.to - OPENED) / 8);
}

#[test]
fn a_peer_that_sends_nothing_in_silence_ends_it_as_well() {
    let events = listen(&spoken(500, 2000), &mut NoiseFloor::default(), |n| n < 130);
    let (_, end) = end_of(&events);
    assert!(end.spoke && near(end.to, 2500, 300));
}

#[test]
fn lost_packets_do_not_end_it() {
    let events = listen(&spoken(500, 6000), &mut NoiseFloor::default(), |n| n % 10 != 3);
    let (_, end) = end_of(&events);
    assert!(near(end.to, 6500, 300), "to {} ms", (end.to - OPENED) / 8);
}

#[test]
fn closing_it_early_keeps_what_was_said() {
    let mut span = SpeechSpan::open(0, LIMITS);
    assert_eq!(span.close(800), SpanEnd { from: 0, to: 800, spoke: false });
    for n in 0..10 {
        span.hear(n * 160, FRAME, true);
    }
    assert_eq!(span.close(1600), SpanEnd { from: 0, to: 1600, spoke: true });
}

#[test]
fn a_network_that_delays_does_not_shorten_the_silence() {
    let delay = 1200;
    let mut span = SpeechSpan::open(0, LIMITS);
    let last = LIMITS.end_silence as i64 / 160 + 10;
    for n in (0..10).chain(last..last + 10) {
        assert!(!matches!(span.at(n * 160 + delay), Some(SpanEvent::Ended(_))), "frame {n}");
        span.hear(n * 160, FRAME, true);
    }
}
