//! Rendering costs seconds of CPU: each text is spoken once, however many ask and however often the service starts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use prompts::{PromptStore, Source, SpeechConfig};
use tempfile::TempDir;

/// espeak-ng behind a script that counts how often it runs.
fn counted(directory: &Path) -> SpeechConfig {
    let script = directory.join("speak.sh");
    let count = directory.join("count");
    fs::write(
        &script,
        format!("#!/bin/sh\necho run >> {}\nexec espeak-ng -v \"$1\" -w \"$2\" -f \"$3\"\n", count.display()),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let words = ["sh", &script.to_string_lossy(), "{voice}", "{out}", "{text_file}"].map(String::from);
    SpeechConfig { command: words.into(), cache: directory.join("cache"), ..SpeechConfig::default() }
}

fn runs(directory: &Path) -> usize {
    fs::read_to_string(directory.join("count")).unwrap_or_default().lines().count()
}

fn text(words: &str, language: &str) -> Source {
    Source { text: Some(words.into()), audio: None, language: language.into() }
}

#[tokio::test]
async fn many_callers_at_once_wait_for_one_rendering() {
    let directory = TempDir::new().unwrap();
    let store = Arc::new(PromptStore::new(counted(directory.path())));
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.load(&text("您好，请按一。", "zh")).await.unwrap() })
        })
        .collect();
    let mut hashes = Vec::new();
    for caller in callers {
        let pcm = caller.await.unwrap();
        assert!(pcm.duration().as_secs_f32() > 0.8, "{:?}", pcm.duration());
        hashes.push(pcm.sha256().to_owned());
    }
    hashes.dedup();
    assert_eq!((hashes.len(), runs(directory.path())), (1, 1));
}

#[tokio::test]
async fn a_restarted_service_finds_it_in_the_cache() {
    let directory = TempDir::new().unwrap();
    let config = counted(directory.path());
    let first = PromptStore::new(config.clone()).load(&text("谢谢。", "zh")).await.unwrap();
    let second = PromptStore::new(config).load(&text("谢谢。", "zh")).await.unwrap();
    assert_eq!(first.sha256(), second.sha256());
    assert_eq!(runs(directory.path()), 1);
}

#[tokio::test]
async fn another_language_or_another_text_is_another_prompt() {
    let directory = TempDir::new().unwrap();
    let store = PromptStore::new(counted(directory.path()));
    for (words, language) in [("123", "zh"), ("123", "en"), ("124", "en")] {
        store.load(&text(words, language)).await.unwrap();
    }
    assert_eq!(runs(directory.path()), 3);
}

#[tokio::test]
async fn a_damaged_file_of_the_cache_is_rendered_again() {
    let directory = TempDir::new().unwrap();
    let config = counted(directory.path());
    let first = PromptStore::new(config.clone()).load(&text("再见。", "zh")).await.unwrap();
    let file = fs::read_dir(&config.cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == "wav"))
        .unwrap();
    fs::write(&file, b"RIFF").unwrap();
    let second = PromptStore::new(config.clone()).load(&text("再见。", "zh")).await.unwrap();
    assert_eq!((first.sha256(), runs(directory.path())), (second.sha256(), 2));
    let left: Vec<_> = fs::read_dir(&config.cache).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 1, "nothing temporary is left: {left:?}");
}

#[tokio::test]
async fn a_failed_rendering_is_tried_again_at_the_next_call() {
    let directory = TempDir::new().unwrap();
    let config = counted(directory.path());
    let script = directory.path().join("speak.sh");
    let good = fs::read(&script).unwrap();
    fs::write(&script, "#!/bin/sh\nexit 3\n").unwrap();
    let store = PromptStore::new(config);
    store.load(&text("你好。", "zh")).await.unwrap_err();
    fs::write(&script, good).unwrap();
    store.load(&text("你好。", "zh")).await.unwrap();
}
