//! RFC 3389: a sender that falls silent names a level, and noise of that level fills the time, without a gap.

mod line;

use audio::{ComfortNoise, Silence, Stamp};
use line::{Network, Phone, SECOND, Turn, call};

fn rms(samples: &[i16]) -> f64 {
    (samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
}

#[test]
fn the_level_is_the_one_that_was_named() {
    for level in [20, 40, 60, 70] {
        let mut samples = vec![0; 8000];
        // The coefficients of the spectrum are passed over.
        ComfortNoise::parse(&[level, 1, 2, 3]).unwrap().fill(&mut samples);
        let wanted = 32_768.0 * 10_f64.powf(-f64::from(level) / 20.0);
        assert!(
            (rms(&samples) - wanted).abs() <= wanted * 0.1 + 0.5,
            "{level}: {} of {wanted}",
            rms(&samples)
        );
    }
    let mut samples = vec![1; 800];
    ComfortNoise::parse(&[127]).unwrap().fill(&mut samples);
    assert!(samples.iter().all(|sample| *sample == 0), "the lowest level is silence");
    assert_eq!(ComfortNoise::parse(&[]), None);
}

#[test]
fn a_silence_is_filled_once_and_in_order() {
    let began = Stamp { stream: 1, sequence: 70_000, timestamp: 0, marker: false };
    let mut silence = Silence::new(&began, ComfortNoise::parse(&[40]).unwrap(), 1000);
    let over = |sequence| silence.is_over(&Stamp { sequence, ..began });
    assert_eq!((over(69_999), over(70_001)), (false, true), "sound from before it may come late");
    let mut room = [0; 300];
    let taken: Vec<(i64, usize)> = [900, 1100, 1100, 1700]
        .into_iter()
        .map(|to| {
            let (position, noise) = silence.until(to, &mut room);
            (position, noise.len())
        })
        .collect();
    assert_eq!(taken, [(1000, 0), (1000, 100), (1100, 0), (1100, 300)]);
}

#[test]
fn on_the_tape_the_silence_is_noise_from_its_beginning_to_its_end() {
    let turns = vec![(2 * SECOND, Turn::Quiet { lasts: 3 * SECOND, noise: Some(46) })];
    let phone = Phone { turns, ..Phone::new() };
    let network = Network { jitter: 480, ..Network::CLEAN };
    let recorded = call(&phone, network, 1, 8 * SECOND, |_| 6000, |_| 0, false);
    let silence = &recorded.customer[(2 * SECOND + 600) as usize..(5 * SECOND) as usize];
    let wanted = 32_768.0 * 10_f64.powf(-46.0 / 20.0);
    assert!((rms(silence) - wanted).abs() < wanted * 0.1, "{} of {wanted}", rms(silence));
    let longest = silence.chunk_by(|a, b| a == b).map(<[i16]>::len).max().unwrap();
    assert!(longest < 16, "{longest} samples alike");
    assert!(recorded.lost.is_empty());
    // A clock correction between packets out of order may leave single samples.
    let behind = &recorded.customer[(5 * SECOND + 800) as usize..(7 * SECOND) as usize];
    let quiet = behind.iter().filter(|sample| **sample < 5000).count();
    assert!(quiet < 16, "{quiet} samples of the sound behind it are missing");
}
