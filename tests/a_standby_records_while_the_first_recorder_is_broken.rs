//! No recording, no call; and where a second disk is given, no call need wait for the first one (W6.1).

mod service;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use service::{Api, Carrier, SATISFIED, Site, quick_plan, until};

const NUMBER: &str = "13800138001";
const CUSTOMER: (&str, &str, &str) = ("C1", "张三", NUMBER);
const SOON: Duration = Duration::from_secs(60);

#[tokio::test]
async fn calls_go_on_recorded_elsewhere_and_come_back() {
    let mut site = Site::new();
    let standby = site.path("standby");
    site.environment.push(("HUIFANG_DATA__STANDBY".to_owned(), standby.display().to_string()));
    let _carrier = Carrier::start(&site, "", &[(NUMBER, SATISFIED)]).await;
    let _serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;

    let staging = site.data.join("staging");
    breaks(&staging);
    api.start_calling(&[CUSTOMER], &quick_plan(&json!({}))).await;
    let first = &recorded(&api, 1).await[0];
    assert_eq!(wav_files(&standby.join("recordings")).len(), 1);
    assert!(wav_files(&site.data.join("recordings")).is_empty());
    let sound = api.bytes(&format!("/api/v1/recordings/{}/audio", first["id"].as_str().unwrap())).await;
    assert_eq!(&sound[..4], b"RIFF", "it is heard from the other disk");

    mended(&staging);
    api.start_calling(&[CUSTOMER], &quick_plan(&json!({}))).await;
    recorded(&api, 2).await;
    assert_eq!(wav_files(&site.data.join("recordings")).len(), 1);
    let reasons: Vec<Value> =
        api.items("attempts").await.iter().map(|attempt| attempt["reason"].clone()).collect();
    assert_eq!(reasons, ["completed", "completed"]);
}

/// In place of the folder lies a file: nothing can be recorded there, whoever tries.
fn breaks(staging: &Path) {
    fs::rename(staging, staging.with_extension("away")).unwrap();
    fs::write(staging, "no folder").unwrap();
}

fn mended(staging: &Path) {
    fs::remove_file(staging).unwrap();
    fs::rename(staging.with_extension("away"), staging).unwrap();
}

async fn recorded(api: &Api, wanted: usize) -> Vec<Value> {
    until(SOON, "the call is recorded", || async {
        let recordings = api.items("recordings").await;
        (recordings.len() == wanted).then_some(recordings)
    })
    .await
}

fn wav_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { wav_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "wav"))
        .collect()
}
