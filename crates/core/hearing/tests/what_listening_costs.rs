//! What a second of sound costs, as the least of many runs, so that other work on the machine does not count. A
//! measurement that prints, no test that times: `cargo test --release -p hearing --test what_listening_costs -- --ignored
//! --nocapture`.
#![expect(clippy::disallowed_methods, reason = "what is measured is time")]

mod common;

use audio::{Codec, Dbm0, FRAME, synth};
use common::{noisy, through};
use hearing::{Bench, EarHears, Echo, Library, Limits, Listener, ToneDetector};
use std::time::{Duration, Instant};

/// Speech-like sound over line noise.
fn sound() -> Vec<i16> {
    through(Codec::Pcma, &noisy(&synth::babble(1, Dbm0(-16.0), 8000), 2, Dbm0(-55.0)))
}

fn least_for_a_second(sound: &[i16], mut listen: impl FnMut(&[i16])) -> Duration {
    let once = |listen: &mut dyn FnMut(&[i16])| {
        let begun = Instant::now();
        listen(sound);
        begun.elapsed()
    };
    let least = (0..40).map(|_| once(&mut listen)).min().unwrap();
    least / (sound.len() / 8000) as u32
}

fn listening(library: &Library, answered: bool) -> Duration {
    let mut bench = Bench::default();
    least_for_a_second(&sound(), |sound| {
        let (mut listener, echo) = (Listener::new(Limits::default(), library), Echo::default());
        if answered {
            listener.answered(0);
        }
        for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
            listener.hear(n * FRAME as i64, frame, (library, &mut bench), &echo, |_| {});
        }
    })
}

/// While a prompt plays and comes back, and while nothing is said.
fn judging(loudness: Option<[i8; 2]>) -> Duration {
    let sound = sound();
    let mut echo = Echo::default();
    let mut at = 0;
    least_for_a_second(&sound, |sound| {
        for frame in sound.chunks(FRAME) {
            if let Some(loudness) = loudness {
                echo.said(at, loudness);
            }
            echo.hear(at, frame);
            at += FRAME as i64;
        }
    })
}

#[test]
#[ignore = "a measurement"]
fn a_second_of_sound() {
    let mut library = Library::default();
    for seed in 0..20 {
        let clip = synth::babble(100 + seed, Dbm0(-16.0), 8000);
        library.add("clip", seed as u16, &clip, &mut Bench::default()).unwrap();
    }
    let tones = least_for_a_second(&sound(), |sound| {
        let mut tones = ToneDetector::default();
        for (n, frame) in (0..).zip(sound.chunks(FRAME)) {
            tones.hear(n * FRAME as i64, frame, |_: EarHears| {});
        }
    });
    let (before, after) = (listening(&Library::default(), false), listening(&Library::default(), true));
    let known = listening(&library, false);
    let (judged, idle) = (judging(Some([-16, -18])), judging(None));
    println!("judging echo while a prompt plays {judged:?}, while none does {idle:?}");
    println!(
        "450 Hz {tones:?}, listening before the answer {before:?}, after it {after:?}, with 20 clips {known:?}"
    );
}
