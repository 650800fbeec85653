//! Telephone events, tones and INFO beside each other: each press once, however many ways tell it.

mod dice;

use audio::{Keypad, Way};
use dice::Dice;
use std::collections::BTreeMap;

const SECOND: i64 = 8000;

fn counted(told: &[(Way, char, i64)]) -> usize {
    let mut pad = Keypad::new(SECOND as u64);
    told.iter().filter(|(way, digit, at)| pad.pressed(*way, *digit, *at)).count()
}

#[test]
fn one_way_tells_each_press_as_one() {
    for way in Way::ALL {
        assert_eq!(counted(&[(way, '5', 0), (way, '5', 400), (way, '6', 800), (way, '5', 1200)]), 4);
    }
}

/// What it is, the presses as told, and how many they count for.
type Case = (&'static str, &'static [(Way, char, i64)], usize);

#[test]
fn another_way_tells_the_same_press_and_is_not_counted() {
    use Way::{Event, Info, Tone};
    let table: [Case; 8] = [
        ("both at once", &[(Event, '5', 0), (Tone, '5', 300)], 1),
        ("all three", &[(Event, '5', 0), (Tone, '5', 300), (Info, '5', 900)], 1),
        ("INFO before the event", &[(Info, '5', 0), (Event, '5', 60)], 1),
        ("INFO a second behind", &[(Event, '5', 0), (Tone, '5', 300), (Info, '5', 9000)], 1),
        ("another digit", &[(Event, '5', 0), (Info, '6', 100)], 2),
        ("twice each", &[(Event, '5', 0), (Event, '5', 1600), (Info, '5', 1700), (Info, '5', 3300)], 2),
        ("twice, the first event lost", &[(Info, '5', 0), (Event, '5', 1600), (Info, '5', 1700)], 2),
        ("long after", &[(Event, '5', 0), (Info, '5', 400), (Info, '5', 30_000)], 2),
    ];
    for (name, told, presses) in table {
        let mut pad = Keypad::new(SECOND as u64);
        let mut count = 0;
        for &(way, digit, at) in told {
            count += usize::from(pad.pressed(way, digit, at));
            pad.released(way, digit, at + 800);
        }
        assert_eq!(count, presses, "{name}");
    }
}

#[test]
fn a_message_sent_when_a_key_goes_up_belongs_to_its_press_however_long_it_was() {
    let mut pad = Keypad::new(SECOND as u64);
    assert!(pad.pressed(Way::Event, '5', 0));
    assert!(!pad.pressed(Way::Info, '5', 7 * SECOND), "the key is still down");
    pad.released(Way::Event, '5', 7 * SECOND);
    assert!(pad.pressed(Way::Event, '6', 10 * SECOND));
    pad.released(Way::Event, '6', 14 * SECOND);
    assert!(!pad.pressed(Way::Info, '6', 14 * SECOND + 4000), "it went up half a second ago");
    assert!(pad.pressed(Way::Info, '6', 16 * SECOND));
}

#[test]
fn how_far_apart_two_ways_may_be_is_a_matter_of_policy() {
    let told = [(Way::Event, '5', 0), (Way::Info, '5', 4000)];
    for (together, presses) in [(2000, 2), (4000, 1)] {
        let mut pad = Keypad::new(together);
        let mut count = 0;
        for (way, digit, at) in told {
            count += usize::from(pad.pressed(way, digit, at));
            pad.released(way, digit, at);
        }
        assert_eq!(count, presses, "{together}");
    }
}

/// Presses 0.15 s to 1.5 s apart, told by each way with a delay of its own, in order, and `lost` at times.
fn ten_thousand(seed: u64, lost: f64) -> (BTreeMap<char, usize>, BTreeMap<char, usize>) {
    let mut dice = Dice(seed);
    let (mut pressed, mut told) = (BTreeMap::new(), Vec::new());
    let (mut now, mut behind) = (0_i64, [0_i64; 3]);
    for _ in 0..10_000 {
        let digit = char::from(b"0123456789*#"[dice.below(12)]);
        let held = 400 + dice.below(2400) as i64;
        let mut any = false;
        for (way, least, most) in [(Way::Event, 0, 400), (Way::Tone, 240, 320), (Way::Info, held, 4000)] {
            let at = (now + least + dice.below(most) as i64).max(behind[way as usize]);
            behind[way as usize] = at;
            if dice.unit() >= lost {
                any = true;
                told.push((at, way, digit, now + held));
            }
        }
        *pressed.entry(digit).or_default() += usize::from(any);
        now += held + 800 + dice.below(8000) as i64;
    }
    told.sort_by_key(|(at, ..)| *at);
    let mut pad = Keypad::new(SECOND as u64);
    let mut counted = BTreeMap::new();
    for (at, way, digit, until) in told {
        *counted.entry(digit).or_default() += usize::from(pad.pressed(way, digit, at));
        pad.released(way, digit, until.max(at));
    }
    (pressed, counted)
}

#[test]
fn ten_thousand_presses_by_three_ways_are_ten_thousand() {
    for seed in 1..=5 {
        let (pressed, counted) = ten_thousand(seed, 0.0);
        assert_eq!(counted, pressed, "seed {seed}");
    }
}

#[test]
fn ways_that_each_lose_some_double_none_and_hardly_miss_one() {
    for seed in 1..=5 {
        let (pressed, counted) = ten_thousand(seed, 0.01);
        let doubled: usize = pressed.iter().map(|(digit, &n)| counted[digit].saturating_sub(n)).sum();
        let missed: usize = pressed.iter().map(|(digit, &n)| n.saturating_sub(counted[digit])).sum();
        println!("seed {seed}: {missed} missed, {doubled} doubled");
        assert_eq!(doubled, 0, "seed {seed}");
        assert!(missed <= 1, "seed {seed}: {missed} missed");
    }
}
