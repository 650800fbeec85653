//! Real voices, recorded too loud, too faint and with long pauses: as prompts they are equally loud, to judge by sox
//! and by ffmpeg.

use std::path::{Path, PathBuf};
use std::process::Command;

use audio::Dbm0;
use prompts::{Pcm, PromptStore, Source, SpeechConfig};
use tempfile::TempDir;

const WORDS: &str =
    "您好,这里是客户回访中心。请问您对我们的服务满意吗?满意请按一,不满意请按二,需要人工服务请按零。";

/// 0 dBm0 relative to full scale, as sox and ffmpeg count (a full sine has −3.01 dB and +3.14 dBm0).
const FULL_SCALE_DBM0: f32 = 6.15;

fn run(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{program} {arguments:?}: {told}");
    told
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The same words, as different studios deliver them.
fn recordings(directory: &Path) -> Vec<PathBuf> {
    let spoken = directory.join("spoken.wav");
    run("espeak-ng", &["-v", "cmn-latn-pinyin", "-w", text(&spoken), WORDS]);
    let forms: [(&str, &[&str]); 5] = [
        ("plain.wav", &[]),
        ("faint.flac", &["gain", "-30"]),
        ("loud.wav", &["gain", "-n", "-0.1", "compand", "0.02,0.2", "6:-60,-20,-10", "gain", "-n", "-0.1"]),
        ("halting.ogg", &["pad", "1.5", "3", "pad", "2.0@3", "2.5@5", "2.5@9"]),
        ("wide.flac", &["rate", "44100", "channels", "2", "gain", "-12"]),
    ];
    let made = forms.map(|(name, effects)| {
        let path = directory.join(name);
        run("sox", &[&[text(&spoken), text(&path)], effects].concat());
        path
    });
    made.into()
}

async fn load(directory: &Path, file: &Path, level: f32) -> Pcm {
    let cache = directory.join("cache");
    let store = PromptStore::new(SpeechConfig { cache, level: Dbm0(level), ..SpeechConfig::default() });
    let source = Source { text: None, audio: Some(file.to_owned()), language: "zh".into() };
    store.load(&source).await.unwrap().as_ref().clone()
}

fn written(directory: &Path, pcm: &Pcm) -> PathBuf {
    let path = directory.join("prompt.wav");
    let form = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, form).unwrap();
    pcm.samples().iter().for_each(|&sample| writer.write_sample(sample).unwrap());
    writer.finalize().unwrap();
    path
}

fn number(told: &str, name: &str) -> f32 {
    let line =
        told.lines().rev().find(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name} in {told}"));
    let mut words = line[line.find(name).unwrap() + name.len()..].split_whitespace();
    words.find_map(|word| word.parse().ok()).unwrap_or_else(|| panic!("no number in {line}"))
}

/// The level of what is left when sox has taken the pauses out, and the highest peak, in dBm0.
fn by_sox(prompt: &Path) -> (f32, f32) {
    let told =
        run("sox", &[text(prompt), "-n", "silence", "-l", "1", "0.05", "1%", "-1", "0.1", "1%", "stats"]);
    (number(&told, "RMS lev dB") + FULL_SCALE_DBM0, number(&told, "Pk lev dB") + FULL_SCALE_DBM0)
}

/// The integrated loudness (EBU R 128), which leaves pauses out as well.
fn by_ffmpeg(prompt: &Path) -> f32 {
    let told = run("ffmpeg", &["-nostats", "-i", text(prompt), "-af", "ebur128", "-f", "null", "-"]);
    number(&told, "I:")
}

#[tokio::test]
async fn however_they_were_recorded() {
    let directory = TempDir::new().unwrap();
    let mut judged = Vec::new();
    for file in recordings(directory.path()) {
        let prompt = written(directory.path(), &load(directory.path(), &file, -16.0).await);
        let (level, peak) = by_sox(&prompt);
        let loudness = by_ffmpeg(&prompt);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        println!("{name}: {level:.1} dBm0, peak {peak:.1} dBm0, {loudness:.1} LUFS");
        assert!((level + 16.0).abs() < 1.5, "{name}: {level} dBm0");
        assert!(peak < FULL_SCALE_DBM0 - 0.05, "{name}: its peaks are cut");
        judged.push(loudness);
    }
    let (faintest, loudest) = judged.iter().fold((0.0_f32, -99.0_f32), |(f, l), &x| (f.min(x), l.max(x)));
    assert!(loudest - faintest < 2.0, "from {faintest} to {loudest} LUFS");
}

#[tokio::test]
async fn as_loud_as_the_operator_wants_and_never_cut() {
    let directory = TempDir::new().unwrap();
    let file = recordings(directory.path()).swap_remove(0);
    for wanted in [-22.0, -16.0, -12.0] {
        let prompt = written(directory.path(), &load(directory.path(), &file, wanted).await);
        let (level, peak) = by_sox(&prompt);
        println!("{wanted}: {level:.1} dBm0, peak {peak:.1} dBm0");
        assert!((level - wanted).abs() < 1.5, "{level}, not {wanted} dBm0");
        assert!(peak < FULL_SCALE_DBM0 - 0.05, "{wanted}: its peaks are cut");
    }
}
