//! Lost sound is marked with its place and length, however much there is of it; what was not sent is not lost.

mod law;
mod line;

use audio::{Codec, FRAME, Piece, Tape};
use law::{SILENCE, left, said, sound};
use line::{Network, Phone, SECOND, Turn, call};

const LOSSY: Network = Network { loss: 50, delay: 240, jitter: 480, busy_for: 1, doubled: 10 };

fn speech(at: i64) -> i16 {
    (((at * 37) % 2000) + 3000) as i16
}

#[test]
fn on_a_clean_line_nothing_is_lost_not_even_in_keys_and_pauses() {
    let turns = vec![
        (2 * SECOND, Turn::Key { code: 5, lasts: 1600 }),
        (4 * SECOND, Turn::Quiet { lasts: 3 * SECOND, noise: Some(50) }),
        (9 * SECOND, Turn::Quiet { lasts: SECOND, noise: None }),
        (12 * SECOND, Turn::NewSource),
        (14 * SECOND, Turn::Jump(100_000)),
    ];
    for clock_runs_in_keys in [true, false] {
        let phone = Phone { clock_runs_in_keys, turns: turns.clone(), ..Phone::new() };
        let late = Network { loss: 0, ..LOSSY };
        let recorded = call(&phone, late, 3, 20 * SECOND, speech, |_| 0, false);
        assert_eq!(recorded.lost, [], "clock runs: {clock_runs_in_keys}");
    }
}

#[test]
fn each_loss_of_a_call_is_listed_where_the_tape_is_silent() {
    let network = Network { loss: 20, ..LOSSY };
    let recorded = call(&Phone::new(), network, 11, 30 * SECOND, speech, |_| 0, false);
    assert!((10..=60).contains(&recorded.lost.len()), "{:?}", recorded.lost);
    let silent = |from: i64, to: i64| {
        recorded.customer[from as usize..to as usize].iter().filter(|sample| **sample == SILENCE).count()
            as i64
    };
    let told: i64 = recorded.lost.iter().map(|lost| lost.samples).sum();
    for lost in &recorded.lost {
        let heard = silent(lost.from, lost.to);
        assert!((heard - lost.samples).abs() <= lost.samples / 10 + 16, "{lost:?}: {heard} silent");
    }
    // Before the first packet there was nothing to be lost.
    let first = recorded.customer.iter().position(|sample| *sample != SILENCE).unwrap() as i64;
    let silent = silent(first, 29 * SECOND);
    assert!((told - silent).abs() <= silent / 10 + FRAME as i64, "told {told}, silent {silent}");
}

#[test]
fn half_an_hour_of_losses_is_a_short_list_that_leaves_nothing_out() {
    for loss in [50, 300] {
        let network = Network { loss, ..LOSSY };
        let recorded = call(&Phone::new(), network, 1, 30 * 60 * SECOND, speech, |_| 0, false);
        assert!((2..=128).contains(&recorded.lost.len()), "{} entries", recorded.lost.len());
        assert!(recorded.lost.windows(2).all(|pair| pair[0].to < pair[1].from));
        let told: i64 = recorded.lost.iter().map(|lost| lost.samples).sum();
        let sent = 30 * 60 * SECOND;
        let share = told * 1000 / sent;
        println!("{loss} ‰ lost: {} entries, {share} ‰ of the sound", recorded.lost.len());
        assert!((share - loss as i64).abs() <= loss as i64 / 10, "{share} ‰ told of {loss} ‰");
    }
}

#[test]
fn a_dead_network_for_three_seconds_is_one_loss_of_that_length() {
    let mut tape = Tape::new();
    let mut piece = Piece::default();
    for second in 0..5_i64 {
        while tape.is_ready(second * SECOND) {
            tape.take_piece(&mut piece);
        }
        if second == 4 {
            tape.missing(SECOND, 4 * SECOND);
        }
        if second == 0 || second == 4 {
            tape.customer(second * SECOND, Codec::Pcma, &sound(500, 8000));
        }
    }
    let lost = tape.finish(5 * SECOND as u64, &mut piece);
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].from, lost[0].to, lost[0].samples), (SECOND, 4 * SECOND, 3 * SECOND));
}

#[test]
fn late_packets_fill_the_hole_or_a_part_of_it() {
    let mut tape = Tape::new();
    let mut piece = Piece::default();
    tape.customer(0, Codec::Pcma, &sound(500, 800));
    tape.missing(800, 1280);
    tape.customer(1280, Codec::Pcma, &sound(500, 160));
    tape.customer(960, Codec::Pcma, &sound(500, 160));
    tape.customer(800, Codec::Pcma, &sound(500, 160));
    let lost = tape.finish(8000, &mut piece);
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].from, lost[0].to, lost[0].samples), (1120, 1280, 160));
    assert!(left(&piece)[..1120].iter().all(|sample| *sample == said(500)));
}
