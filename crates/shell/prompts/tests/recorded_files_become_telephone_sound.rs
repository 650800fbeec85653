//! WAV, FLAC, MP3 and OGG of any rate and channels come out as 8 kHz mono of one loudness.

use std::f32::consts::TAU;
use std::path::Path;
use std::process::Command;

use audio::{Dbm0, Level};
use prompts::{Pcm, PromptStore, Source, SpeechConfig};
use tempfile::TempDir;

/// Two seconds of 440 Hz, written by ffmpeg in the given form.
fn tone(path: &Path, arguments: &[&str]) {
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", "sine=frequency=440:duration=2"])
        .args(arguments)
        .arg(path)
        .status()
        .unwrap();
    assert!(done.success());
}

async fn load(directory: &Path, file: &Path) -> Pcm {
    let store = PromptStore::new(SpeechConfig { cache: directory.join("cache"), ..SpeechConfig::default() });
    let source = Source { text: None, audio: Some(file.to_owned()), language: "zh".into() };
    store.load(&source).await.unwrap().as_ref().clone()
}

/// Share of the energy that is at a frequency.
fn share(pcm: &Pcm, frequency: f32) -> f32 {
    let samples: Vec<f32> = pcm.samples().iter().map(|&s| f32::from(s)).collect();
    let angle = |n: usize| TAU * frequency * n as f32 / 8000.0;
    let (re, im) = samples
        .iter()
        .enumerate()
        .fold((0.0, 0.0), |(re, im), (n, s)| (re + s * angle(n).cos(), im + s * angle(n).sin()));
    let energy: f32 = samples.iter().map(|s| s * s).sum();
    2.0 * (re * re + im * im) / (energy * samples.len() as f32)
}

fn level(pcm: &Pcm) -> f32 {
    Dbm0::from(Level::of(pcm.samples())).0
}

#[tokio::test]
async fn every_format_comes_out_alike() {
    let directory = TempDir::new().unwrap();
    let forms: [(&str, &[&str]); 8] = [
        ("cd.wav", &["-ar", "44100", "-ac", "2"]),
        ("faint.wav", &["-ar", "16000", "-af", "volume=-20dB"]),
        ("wide.wav", &["-ar", "48000", "-c:a", "pcm_s24le"]),
        ("telephone.wav", &["-ar", "8000", "-c:a", "pcm_alaw"]),
        ("a.flac", &["-ar", "48000", "-ac", "2"]),
        ("a.mp3", &["-ar", "44100", "-b:a", "64k"]),
        ("low.mp3", &["-ar", "16000", "-b:a", "32k"]),
        ("a.ogg", &["-ar", "44100", "-c:a", "libvorbis"]),
    ];
    for (name, arguments) in forms {
        let file = directory.path().join(name);
        tone(&file, arguments);
        let pcm = load(directory.path(), &file).await;
        assert!((pcm.duration().as_secs_f32() - 2.0).abs() < 0.12, "{name}: {:?}", pcm.duration());
        assert!(share(&pcm, 440.0) > 0.95, "{name}: {}", share(&pcm, 440.0));
        assert!((level(&pcm) + 16.0).abs() < 1.0, "{name}: {} dBm0", level(&pcm));
    }
}

#[tokio::test]
async fn what_a_telephone_cannot_carry_is_filtered_not_folded() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("high.wav");
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i"])
        .arg("sine=frequency=440:sample_rate=48000:duration=2,volume=-6dB[a];sine=frequency=7000:sample_rate=48000:duration=2,volume=-6dB[b];[a][b]amix=normalize=0")
        .arg(&file)
        .status()
        .unwrap();
    assert!(done.success());
    let pcm = load(directory.path(), &file).await;
    assert!(share(&pcm, 440.0) > 0.99 && share(&pcm, 1000.0) < 0.001, "7000 Hz would fold to 1000 Hz");
}

#[tokio::test]
async fn a_file_recorded_anew_under_the_same_name_is_heard() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("greeting.wav");
    tone(&file, &["-ar", "8000"]);
    let before = load(directory.path(), &file).await;
    tone(&file, &["-ar", "8000", "-af", "atrim=end=1"]);
    let after = load(directory.path(), &file).await;
    assert_ne!(before.sha256(), after.sha256());
}
