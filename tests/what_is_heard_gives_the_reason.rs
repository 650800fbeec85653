//! Carriers that say in words or tones why a call fails, and in SIP next to nothing: the reason in Postgres is the one
//! that was heard, and the sound it rests on can be played.

mod service;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use service::{Api, Carrier, Server, Site, quick_plan, until};

const OFF: &str = "13800138001";
const BUSY: &str = "13800138002";
const UNKNOWN: &str = "13800138003";
const FAX: &str = "13800138004";

/// Writes speech as the carrier plays it and the operator has recorded it: 8 kHz, mono, 16 bit.
fn speak(text: &str, file: &Path) {
    let mut voice = Command::new("espeak-ng")
        .args(["-v", "cmn-latn-pinyin", "--stdout", text])
        .stdout(Stdio::piped())
        .spawn()
        .expect("espeak-ng is installed");
    let narrow = Command::new("sox")
        .args(["-q", "-t", "wav", "-", "-r", "8000", "-c", "1", "-b", "16"])
        .arg(file)
        .args(["gain", "-6"])
        .stdin(voice.stdout.take().unwrap())
        .stderr(Stdio::null())
        .status();
    assert!(narrow.expect("sox is installed").success() && voice.wait().unwrap().success());
}

/// 2100 Hz, as a fax answers.
fn fax(file: &Path) {
    let made = Command::new("sox")
        .args(["-n", "-r", "8000", "-c", "1", "-b", "16"])
        .arg(file)
        .args(["synth", "3", "sine", "2100", "gain", "-12"])
        .status();
    assert!(made.expect("sox is installed").success());
}

async fn called() -> (Server, Site, service::Process, Carrier, Api, Vec<Value>) {
    let mut site = Site::new();
    let server = Server::start(&site);
    site.database_url = Some(server.url());
    let folder = site.path("announcements");
    std::fs::create_dir(&folder).unwrap();
    speak("您好，您拨打的用户已关机，请稍后再拨。", &folder.join("powered_off-1.wav"));
    speak("您好，您所拨打的号码是空号，请核对后再拨。", &folder.join("vacant.wav"));
    std::fs::write(folder.join("README"), "recorded in the office").unwrap();
    fax(&site.path("fax.wav"));
    site.environment.push(("HUIFANG_HEARING__ANNOUNCEMENTS".to_owned(), folder.to_str().unwrap().to_owned()));
    let said = |hear: &str, span: &str, status: u16| {
        format!("{{fail: {{early_media: {{hear: {{{hear}}}, for: {span}}}, status: {status}}}}}")
    };
    let (off, busy) = (said("announcement: off", "7s", 480), said("tone: busy", "2s", 480));
    let unknown = said("announcement: 3s", "3s", 480);
    let fax = "{answer: {after: 200ms, steps: [{say: fax}, stay_until_hung_up]}}".to_owned();
    let customers = [(OFF, &*off), (BUSY, &*busy), (UNKNOWN, &*unknown), (FAX, &*fax)];
    let clips = "clips: {off: announcements/powered_off-1.wav, fax: fax.wav}\n";
    let carrier = Carrier::start(&site, clips, &customers).await;
    let serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let plan = quick_plan(&json!({"ring_time": 20, "longest_call": 60, "hang_up_grace": 3}));
    let people: Vec<_> = customers.iter().map(|(number, _)| (*number, "王小明", *number)).collect();
    api.start_calling(&people, &plan).await;
    let attempts = api.ended_attempts(Duration::from_secs(60), customers.len()).await;
    (server, site, serve, carrier, api, attempts)
}

fn to<'a>(attempts: &'a [Value], number: &str) -> &'a Value {
    let mine =
        |attempt: &&Value| attempt["number"].as_str().is_some_and(|whole| whole.ends_with(&number[6..]));
    attempts.iter().rfind(mine).unwrap_or_else(|| panic!("no attempt on {number}: {attempts:#?}"))
}

/// The attempt with its recording, once that is filed.
async fn whole(api: &Api, attempt: &Value) -> Value {
    let path = format!("/api/v1/attempts/{}", attempt["id"].as_str().unwrap());
    until(Duration::from_secs(20), "the evidence is filed", || async {
        let whole = api.get(&path).await.good();
        whole["recording"]["sha256"].is_string().then_some(whole)
    })
    .await
}

#[tokio::test]
async fn the_reason_is_the_one_that_was_heard_and_its_evidence_can_be_played() {
    let (_server, _site, _serve, _carrier, api, attempts) = called().await;

    let off = to(&attempts, OFF);
    assert_eq!(off["reason"], "powered_off", "{off:#}");
    let evidence = &off["evidence"];
    assert_eq!((&evidence["sip_status"], &evidence["confidence"]), (&json!(480), &json!("likely")));
    assert!(
        evidence["heard"].as_array().unwrap().contains(&json!({"announcement": "powered_off"})),
        "{off:#}"
    );
    let clue = &evidence["clues"][0];
    assert_eq!((&clue["clip"], &clue["confidence"]), (&json!("powered_off-1"), &json!(95)));
    let kept = whole(&api, off).await;
    let recording = &kept["recording"];
    assert_eq!(recording["cues"][0]["label"], "heard: announcement powered_off-1");
    let sound = api.bytes(&format!("/api/v1/recordings/{}/audio", recording["id"].as_str().unwrap())).await;
    let sound = hound::WavReader::new(&sound[..]).unwrap();
    assert!((3 * 8000..=6 * 8000).contains(&sound.duration()), "{} samples", sound.duration());
    let loudest = sound.into_samples::<i16>().map(|sample| sample.unwrap().unsigned_abs()).max();
    assert!(loudest > Some(3000), "the announcement is heard");

    let busy = to(&attempts, BUSY);
    assert_eq!((&busy["reason"], &busy["evidence"]["heard"]), (&json!("busy"), &json!(["busy_tone"])));
    assert_eq!(whole(&api, busy).await["recording"]["cues"][0]["label"], "heard: busy tone");

    // What nobody knows is no claim, and nothing is kept of it.
    let unknown = to(&attempts, UNKNOWN);
    assert_eq!((&unknown["reason"], &unknown["evidence"]["heard"]), (&json!("no_answer"), &json!(["sound"])));
    let path = format!("/api/v1/attempts/{}", unknown["id"].as_str().unwrap());
    assert!(api.get(&path).await.good()["recording"].is_null());

    // An answered line has its evidence in the recording itself.
    let fax = to(&attempts, FAX);
    assert_eq!((&fax["reason"], &fax["evidence"]["ended_by"]), (&json!("fax"), &json!("us")), "{fax:#}");
    let media = &fax["evidence"]["media"];
    assert!(media["received"].as_u64() > Some(20) && media["sent"].as_u64() > Some(20), "{media:#}");
    assert_eq!((&media["lost"], &media["strangers"]), (&json!(0), &json!(0)), "{media:#}");
    let cues = whole(&api, fax).await["recording"]["cues"].clone();
    let labels: Vec<_> = cues.as_array().unwrap().iter().map(|cue| cue["label"].as_str().unwrap()).collect();
    assert!(labels.contains(&"heard: fax CED"), "{labels:?}");
}

#[tokio::test]
async fn a_clip_that_is_named_by_no_reason_starts_no_service() {
    let mut site = Site::new();
    let server = Server::start(&site);
    site.database_url = Some(server.url());
    let folder = site.path("announcements");
    std::fs::create_dir(&folder).unwrap();
    speak("您好，您拨打的用户已关机，请稍后再拨。", &folder.join("switched_off.wav"));
    site.environment.push(("HUIFANG_HEARING__ANNOUNCEMENTS".to_owned(), folder.to_str().unwrap().to_owned()));
    let done = site.serve_at_once().done(Duration::from_secs(90)).await;
    let said = done.refused();
    assert!(said.contains("switched_off.wav is not named by what it says"), "{said}");
    assert!(said.contains("name it powered_off.wav"), "{said}");
}
