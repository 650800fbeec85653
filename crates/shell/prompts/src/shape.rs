//! From any decoded sound to telephone PCM: 8 kHz, trimmed, at the same loudness as all others.

use std::ops::Range;
use std::time::Duration;

use audio::{Dbm0, active_speech_level};
use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Resampler};
use sha2::{Digest, Sha256};

/// Samples a second of every prompt.
pub const SAMPLE_RATE: u32 = 8000;

/// Full scale in the units of 16-bit samples.
const FULL_SCALE: f32 = 32_768.0;
/// A recording this faint is silence, not speech to be raised.
const SILENCE_DBFS: f32 = -60.0;
/// Windows this far below the loudest are pauses.
const PAUSE_DB: f32 = 35.0;
/// Above this a sample is bent instead of cut off.
const KNEE: f32 = 0.7;
const WINDOW: usize = SAMPLE_RATE as usize / 100;
/// What stays of the silence before and after, in windows of 10 ms.
const LEAD_IN: usize = 10;
const LEAD_OUT: usize = 20;

/// A prompt as it is played: signed 16-bit samples, mono, 8 kHz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pcm {
    samples: Vec<i16>,
    sha256: String,
}

impl Pcm {
    pub(crate) fn new(samples: Vec<i16>) -> Self {
        let mut hash = Sha256::new();
        for sample in &samples {
            hash.update(sample.to_le_bytes());
        }
        Self { samples, sha256: hex::encode(hash.finalize()) }
    }

    /// The samples, 8000 a second.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// SHA-256 of the samples in little-endian order, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How long it plays.
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.samples.len() as f64 / f64::from(SAMPLE_RATE))
    }
}

/// Mono samples in −1..1 at `rate` become a prompt whose speech has that level; `None` when nothing is heard in them.
pub(crate) fn shape(samples: Vec<f32>, rate: u32, level: Dbm0) -> Result<Option<Pcm>, String> {
    let samples = resample(samples, rate)?;
    let Some(Audible { heard, kept }) = audible(&samples) else { return Ok(None) };
    let heard = samples[heard].iter().map(|sample| sample * FULL_SCALE);
    let Some(found) = active_speech_level(heard) else { return Ok(None) };
    let gain = level.rms() / found.rms();
    let kept = &samples[kept];
    Ok(Some(Pcm::new(kept.iter().map(|&sample| quantise(soften(sample * gain))).collect())))
}

fn resample(samples: Vec<f32>, rate: u32) -> Result<Vec<f32>, String> {
    if rate == SAMPLE_RATE || samples.is_empty() {
        return Ok(samples);
    }
    let frames = samples.len();
    let input = [samples];
    let input = SequentialSliceOfVecs::new(&input, 1, frames).map_err(|e| e.to_string())?;
    let mut resampler = Fft::<f32>::new(rate as usize, SAMPLE_RATE as usize, 1024, 1, FixedSync::Input)
        .map_err(|e| e.to_string())?;
    let output = resampler.process_all(&input, frames, None).map_err(|e| e.to_string())?;
    Ok(output.take_data())
}

/// From the first sound to the last, and with a little of the silence around them, which is kept.
struct Audible {
    heard: Range<usize>,
    kept: Range<usize>,
}

fn audible(samples: &[f32]) -> Option<Audible> {
    let windows: Vec<f32> = samples.chunks(WINDOW).map(rms).collect();
    let loudest = windows.iter().copied().fold(0.0, f32::max);
    if loudest < decibels(SILENCE_DBFS) {
        return None;
    }
    let gate = loudest * decibels(-PAUSE_DB);
    let first = windows.iter().position(|&w| w > gate)?;
    let last = windows.iter().rposition(|&w| w > gate)?;
    let until = |windows: usize| samples.len().min(windows * WINDOW);
    Some(Audible {
        heard: first * WINDOW..until(last + 1),
        kept: first.saturating_sub(LEAD_IN) * WINDOW..until(last + 1 + LEAD_OUT),
    })
}

fn rms(values: &[f32]) -> f32 {
    (values.iter().map(|v| v * v).sum::<f32>() / values.len().max(1) as f32).sqrt()
}

fn decibels(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}

/// Bends what goes over the knee towards full scale, so that no peak is cut flat.
fn soften(sample: f32) -> f32 {
    let over = sample.abs() - KNEE;
    if over <= 0.0 { sample } else { sample.signum() * (KNEE + (1.0 - KNEE) * (over / (1.0 - KNEE)).tanh()) }
}

fn quantise(sample: f32) -> i16 {
    (sample * f32::from(i16::MAX)).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: Dbm0 = Dbm0(-16.0);

    fn tone(rate: u32, seconds: f32, amplitude: f32) -> Vec<f32> {
        let count = (rate as f32 * seconds) as usize;
        (0..count)
            .map(|n| amplitude * (std::f32::consts::TAU * 440.0 * n as f32 / rate as f32).sin())
            .collect()
    }

    fn level(pcm: &Pcm) -> f32 {
        Dbm0::from(audio::Level::of(&pcm.samples()[1600..pcm.samples().len() - 2400])).0
    }

    #[test]
    fn loud_and_faint_sources_come_out_equally_loud() {
        for wanted in [-10.0, -16.0, -22.0] {
            for amplitude in [0.01, 0.1, 0.9] {
                let pcm = shape(tone(22_050, 1.0, amplitude), 22_050, Dbm0(wanted)).unwrap().unwrap();
                assert!((level(&pcm) - wanted).abs() < 0.5, "{amplitude}: {}, not {wanted}", level(&pcm));
            }
        }
    }

    #[test]
    fn resampling_keeps_the_duration() {
        for rate in [8000, 11_025, 16_000, 22_050, 44_100, 48_000] {
            let pcm = shape(tone(rate, 2.0, 0.3), rate, LEVEL).unwrap().unwrap();
            assert!((pcm.duration().as_secs_f64() - 2.0).abs() < 0.01, "{rate}: {:?}", pcm.duration());
        }
    }

    #[test]
    fn silence_around_the_speech_is_cut_to_a_fifth_of_a_second() {
        let mut padded = vec![0.0; 8000];
        padded.extend(tone(8000, 1.0, 0.3));
        padded.extend(vec![0.0; 16_000]);
        let pcm = shape(padded, 8000, LEVEL).unwrap().unwrap();
        let around = pcm.duration().as_secs_f64() - 1.0;
        assert!((0.2..=0.31).contains(&around), "{around}");
        let lead = pcm.samples().iter().position(|&s| s != 0).unwrap();
        assert!(lead <= 1600, "{lead}");
    }

    #[test]
    fn peaks_are_bent_never_wrapped() {
        let mut spiky = tone(8000, 1.0, 0.05);
        spiky[4000] = 1.0;
        spiky[4100] = -1.0;
        let pcm = shape(spiky, 8000, LEVEL).unwrap().unwrap();
        assert!(pcm.samples()[4000] > 22_000);
        assert!(pcm.samples()[4100] < -22_000);
    }

    #[test]
    fn silence_is_no_prompt() {
        assert!(shape(vec![0.0; 8000], 8000, LEVEL).unwrap().is_none());
        assert!(shape(Vec::new(), 44_100, LEVEL).unwrap().is_none());
    }
}
