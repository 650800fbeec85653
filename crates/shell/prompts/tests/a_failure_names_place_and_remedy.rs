//! Whoever reads the error knows what is wrong, where, and what to do.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use prompts::{PromptStore, Source, SpeechConfig};
use tempfile::TempDir;

async fn failure(config: SpeechConfig, source: Source) -> String {
    PromptStore::new(config).load(&source).await.expect_err("it must fail").to_string()
}

fn speaking(directory: &Path, command: &[&str]) -> SpeechConfig {
    SpeechConfig {
        command: command.iter().map(|&part| part.to_owned()).collect(),
        cache: directory.join("cache"),
        timeout: Duration::from_secs(5),
        ..SpeechConfig::default()
    }
}

fn text(language: &str) -> Source {
    Source { text: Some("您好".into()), audio: None, language: language.into() }
}

fn audio(path: &Path) -> Source {
    Source { text: Some("您好".into()), audio: Some(path.to_owned()), language: "zh".into() }
}

#[tokio::test]
async fn of_the_speech_command() {
    let directory = TempDir::new().unwrap();
    let cases: [(&[&str], &[&str]); 6] = [
        (&["no-such-speaker", "{text}", "{out}"], &["no-such-speaker", "install it"]),
        (&["sh", "-c", "echo bad voice >&2; exit 7", "{text}", "{out}"], &["bad voice", "exit status: 7"]),
        (&["true", "{text}", "{out}"], &["wrote no audio", "{out}"]),
        (&["sh", "-c", ": > {out}", "{text}"], &["wrote no audio"]),
        (&["espeak-ng", "{text_file}"], &["lacks {out}"]),
        (&[], &["lacks a program"]),
    ];
    for (command, parts) in cases {
        let error = failure(speaking(directory.path(), command), text("zh")).await;
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
    let left = fs::read_dir(directory.path().join("cache")).unwrap().count();
    assert_eq!(left, 0, "nothing half-done is left");
}

#[tokio::test]
async fn of_a_command_that_hangs() {
    let directory = TempDir::new().unwrap();
    let config = SpeechConfig {
        timeout: Duration::from_millis(200),
        ..speaking(directory.path(), &["sh", "-c", "exec sleep 60", "{text}", "{out}"])
    };
    let began = Instant::now();
    let error = failure(config, text("zh")).await;
    assert!(error.contains("took longer") && error.contains("speech.timeout"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn of_a_language_without_a_voice() {
    let directory = TempDir::new().unwrap();
    let error = failure(speaking(directory.path(), &["espeak-ng", "{text}", "{out}"]), text("fr")).await;
    assert!(error.contains("`fr`") && error.contains("speech.voices") && error.contains("zh"), "{error}");
}

#[tokio::test]
async fn of_recorded_files() {
    let directory = TempDir::new().unwrap();
    let config = speaking(directory.path(), &["espeak-ng", "{text}", "{out}"]);
    let file = |name: &str, contents: &[u8]| {
        let path = directory.path().join(name);
        fs::write(&path, contents).unwrap();
        path
    };
    let mut silent = Vec::new();
    {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::new(std::io::Cursor::new(&mut silent), spec).unwrap();
        (0..8000).for_each(|_| writer.write_sample(0_i16).unwrap());
        writer.finalize().unwrap();
    }
    let cases = [
        (directory.path().join("absent.wav"), &["absent.wav", "No such file", "put the file there"][..]),
        (file("letter.wav", b"Dear customer,"), &["letter.wav", "convert it to WAV"]),
        (file("empty.ogg", b""), &["empty.ogg", "convert it"]),
        (file("cut.wav", &silent[..30]), &["cut.wav", "convert it"]),
        (file("silent.wav", &silent), &["silent.wav", "is silent"]),
    ];
    for (path, parts) in cases {
        let error = failure(config.clone(), audio(&path)).await;
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

#[tokio::test]
async fn of_a_cache_that_cannot_be_made() {
    let directory = TempDir::new().unwrap();
    let occupied = directory.path().join("file");
    fs::write(&occupied, "").unwrap();
    let config = SpeechConfig { cache: occupied.clone(), ..SpeechConfig::default() };
    let error = failure(config, text("zh")).await;
    assert!(error.contains("prompt cache") && error.contains("speech.cache"), "{error}");
}

#[tokio::test]
async fn of_a_prompt_with_nothing_in_it() {
    let source = Source { text: Some("  ".into()), audio: None, language: "zh".into() };
    let error = failure(SpeechConfig::default(), source).await;
    assert!(error.contains("neither text nor audio"), "{error}");
}
