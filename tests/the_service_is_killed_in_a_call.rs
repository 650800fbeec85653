//! A service that dies in a call leaves a recording that is filed, an attempt that ends as unknown when nobody can be
//! on the line any more, and a person to see to it; until then the customer is not dialled again.

mod service;

use std::time::Duration;

use carrier::Event;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use service::{Carrier, LISTENS, Site, quick_plan, until};
use sha2::{Digest as _, Sha256};

#[tokio::test]
async fn the_recording_is_filed_and_nobody_is_dialled_twice() {
    let site = Site::new();
    let carrier = Carrier::start(&site, "", &[("13800138000", LISTENS)]).await;
    let serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    // The attempt's longest life follows from these figures; with the teardown it is about a minute and a half.
    let plan = quick_plan(&json!({"ring_time": 2, "setup_limit": 2, "longest_call": 15, "hang_up_grace": 2}));
    api.start_calling(&[("C1", "王小明", "13800138000")], &plan).await;
    let heard = |event: &Event| *event == Event::Confirmed;
    carrier.sees(Duration::from_secs(20), "the customer answered", 1, heard).await;
    let spoken = until(Duration::from_secs(20), "a good second is recorded", || async {
        let length = staged(&site)?;
        (length > 8000 * 2 * 2).then_some(length)
    })
    .await;
    serve.kill_dead().await;

    let serve = site.serve().await;
    let attempt = only_attempt(&api).await;
    let alive_until = time(&attempt["alive_until"]);
    assert_eq!(attempt["reason"], Value::Null, "somebody might still be on the line: {attempt:#}");
    assert!(serve.stderr().contains("was repaired and filed"), "{}", serve.stderr());
    recording_is_whole(&site, &api, &attempt, spoken).await;

    let patience = (alive_until - Utc::now()).to_std().unwrap() + Duration::from_secs(20);
    let attempt = until(patience, "the attempt's reason", || async {
        Some(only_attempt(&api).await).filter(|attempt| attempt["reason"].is_string())
    })
    .await;
    assert_eq!(attempt["reason"], "unknown");
    let ended = time(&attempt["ended_at"]);
    assert!(ended >= alive_until, "ended at {ended}, somebody may have been on the line until {alive_until}");
    let callbacks = api.items("callbacks").await;
    assert_eq!(callbacks.len(), 1, "{callbacks:#?}");
    assert_eq!((&callbacks[0]["cause"], &callbacks[0]["state"]), (&json!("unknown"), &json!("open")));
    assert_eq!(api.items("tasks").await[0]["state"], "with_person");
    assert_eq!(carrier.calls(), 1, "the customer was dialled again");
}

/// Length of the one file in staging.
fn staged(site: &Site) -> Option<u64> {
    site.staged().first()?.metadata().ok().map(|file| file.len())
}

async fn only_attempt(api: &service::Api) -> Value {
    let mut attempts = api.items("attempts").await;
    assert_eq!(attempts.len(), 1, "{attempts:#?}");
    attempts.remove(0)
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// It is the file that was staged, readable to its end, and its hash is the one in the books.
async fn recording_is_whole(site: &Site, api: &service::Api, attempt: &Value, at_least: u64) {
    let recording = &attempt["recording"];
    let id = recording["id"].as_str().unwrap_or_else(|| panic!("no recording is filed: {attempt:#}"));
    let sound = api.bytes(&format!("/api/v1/recordings/{id}/audio")).await;
    assert_eq!(recording["sha256"], hex::encode(Sha256::digest(&sound)));
    let mut wav = hound::WavReader::new(sound.as_slice()).unwrap();
    assert_eq!((wav.spec().channels, wav.spec().sample_rate), (2, 8000));
    let samples = wav.samples::<i16>().collect::<Result<Vec<_>, _>>().unwrap();
    assert!(sound.len() as u64 >= at_least, "{} of {at_least} bytes are left", sound.len());
    let ours = samples.iter().skip(1).step_by(2);
    assert!(ours.into_iter().any(|sample| sample.unsigned_abs() > 2000), "our beep is not in it");
    let cues = recording["cues"].as_array().unwrap();
    let begins =
        |cue: &&Value| cue["label"].as_str().is_some_and(|label| label.starts_with("prompt begins: "));
    assert!(cues.iter().any(|cue| begins(&cue)), "the markers are lost: {cues:#?}");
    assert_eq!(staged(site), None, "it is still in staging");
}
