//! The whole service: customers miss our call and ring back. Each is matched by number to the open task, told who
//! called and why, and gets what the key asks for; callers we know nothing of hear a notice; strangers are refused.

mod service;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use service::{Api, Caller, Carrier, Deed, Shown, Site, until};

const NUMBERS: [&str; 5] = ["13800138001", "13800138002", "13800138003", "13800138004", "13800138005"];
/// Called by nobody.
const UNKNOWN: &str = "13900139000";
const PATIENCE: Duration = Duration::from_secs(60);

/// The questionnaire of these calls: keys only rise on the way through it, see [`Deed::Press`]. The words for ringing
/// back are ours and spoken, all others beep.
const ASKED: &str = r#"questionnaire: ringing
title: {zh: 快速问卷}
languages: [zh]
estimate: 10s
patience: {retries: 1, wait: 30s, repeats: 1}
prompts:
  beep: {zh: 嘟, audio: beep.wav}
gates:
  recording_notice: {say: beep}
  identity: {say: beep, keys: {2: yes, 9: wrong_person}}
  convenient: {say: beep, keys: {2: yes, 3: ask_time}}
  ask_time: {say: beep, keys: {5: tomorrow_morning}}
ring_back:
  greeting: beep
  say: beep
  keys: {1: now, 4: ask_time}
questions:
  - id: product
    kind: product_quality
    say: beep
    keys:
      3: {value: satisfied, label: {zh: 满意}}
      4: {value: poor, label: {zh: 不满意}, flag: dissatisfied}
anytime: {"*": repeat, 0: person}
replies: {wrong_key: beep, no_key: beep, goodbye: beep, transfer: beep, wrong_person: beep, time_noted: beep, inconvenient: beep}
closings:
  - {say: beep}
"#;

/// A service whose customers have all missed one call; its voice says nothing before [`clear_the_throat`].
async fn missed(more: &str) -> (Site, Carrier, service::Process, Api) {
    let mut site = Site::new();
    std::fs::write(site.questionnaires.join("ringing.yaml"), ASKED).unwrap();
    let voice = site.path("voice.sh");
    let waits = format!("while [ ! -e '{}' ]; do sleep 0.05; done", throat(&site).display());
    std::fs::write(&voice, format!("{waits}\nexec espeak-ng \"$@\"\n")).unwrap();
    site.trunk = format!(
        "{more}\n[speech]\ncommand = [\"sh\", \"{}\", \"-v\", \"{{voice}}\", \"-s\", \"260\", \"-w\", \"{{out}}\", \"-f\", \
         \"{{text_file}}\"]\n",
        voice.display()
    );
    let busy: Vec<(&str, &str)> = NUMBERS.iter().map(|number| (*number, "no_answer")).collect();
    let carrier = Carrier::start(&site, "", &busy).await;
    let serve = site.serve().await;
    let api = site.admin().await;
    site.ready(&api).await;
    let names: Vec<String> = NUMBERS.iter().map(|number| format!("C{number}")).collect();
    let customers: Vec<(&str, &str, &str)> =
        names.iter().zip(NUMBERS).map(|(name, number)| (name.as_str(), name.as_str(), number)).collect();
    let plan = json!({
        "name": "快速回访",
        "questionnaire": "ringing",
        "audience": "everyone",
        "policy": {
            "windows": {"spans": ["00:00-24:00"], "working_days_only": false, "outer": "00:00-24:00"},
            "retry": {"attempts": 3, "slot": 3600, "half_days": 1, "line_retry": 1},
            "call": {"ring_time": 1, "longest_call": 120, "hang_up_grace": 1}
        }
    });
    api.start_calling(&customers, &plan).await;
    api.ended_attempts(PATIENCE, NUMBERS.len()).await;
    (site, carrier, serve, api)
}

fn throat(site: &Site) -> PathBuf {
    site.path("throat-is-clear")
}

/// Lets the voice speak.
fn clear_the_throat(site: &Site) {
    std::fs::write(throat(site), "").unwrap();
}

/// What the customer with this number is being asked.
async fn asked(api: &Api, number: &str) -> Option<String> {
    let live = api.get("/api/v1/live").await.good();
    let calls = live["calls"].as_array().unwrap();
    let call = calls.iter().find(|call| call["customer_name"] == format!("C{number}"))?;
    call["question"].as_str().map(str::to_owned)
}

/// A customer who rings back and presses each key when its question is asked.
async fn presses(site: &Site, api: &Api, number: &str, keys: &[(&str, char)]) {
    let answers = keys.iter().flat_map(|(_, key)| [Deed::Listen, Deed::Press(*key)]);
    let deeds: Vec<Deed> = [Deed::BeAnswered].into_iter().chain(answers).chain([Deed::BeHungUp]).collect();
    let caller = Caller::rings(site, Shown::Asserted(number), &deeds);
    for (question, _) in keys {
        until(PATIENCE, question, || async {
            (asked(api, number).await.as_deref() == Some(question)).then_some(())
        })
        .await;
        caller.goes_on();
    }
    caller.content().await;
}

/// All inbound attempts, once so many have ended.
async fn rang_back(api: &Api, wanted: usize) -> Vec<Value> {
    until(PATIENCE, "all inbound calls have ended", || async {
        let inbound: Vec<Value> = api
            .items("attempts?limit=200")
            .await
            .into_iter()
            .filter(|attempt| attempt["direction"] == "inbound")
            .collect();
        let over = inbound.iter().all(|attempt| attempt["reason"].is_string());
        (over && inbound.len() >= wanted).then_some(inbound)
    })
    .await
}

async fn tasks(api: &Api) -> BTreeMap<String, Value> {
    let name = |task: &Value| task["customer_name"].as_str().unwrap().to_owned();
    api.items("tasks?limit=200").await.into_iter().map(|task| (name(&task), task)).collect()
}

/// The inbound attempt of the customer with this number.
fn of<'a>(attempts: &'a [Value], number: &str) -> &'a Value {
    let name = format!("C{number}");
    attempts.iter().find(|attempt| attempt["customer_name"] == *name).expect("the customer rang back")
}

fn task_of<'a>(tasks: &'a BTreeMap<String, Value>, number: &str) -> &'a Value {
    &tasks[&format!("C{number}")]
}

#[tokio::test]
async fn each_caller_gets_what_the_key_asks_for() {
    let (site, _carrier, _serve, api) = missed("").await;
    let before = tasks(&api).await;
    let [completes, later, person, gone, twice] = NUMBERS;

    // No voice has spoken the notice yet: time enough to give up.
    Caller::rings(&site, Shown::Asserted(UNKNOWN), &[Deed::GiveUp]).content().await;
    clear_the_throat(&site);
    rang_back(&api, 1).await;
    let hangs_up = [Deed::BeAnswered, Deed::HangUp];
    let others = [
        Caller::rings(&site, Shown::Asserted(gone), &hangs_up),
        // Who sends no packets would be hung up before a notice that a slow disk delays is over.
        Caller::rings(&site, Shown::Asserted(UNKNOWN), &[Deed::BeAnswered, Deed::Speak, Deed::BeHungUp]),
        Caller::rings(&site, Shown::Anonymous, &hangs_up),
    ];
    tokio::join!(
        presses(&site, &api, completes, &[("gate.ring_back", '1'), ("gate.identity", '2'), ("product", '3')]),
        presses(&site, &api, later, &[("gate.ring_back", '4'), ("gate.ask_time", '5')]),
        presses(&site, &api, person, &[("gate.ring_back", '0')]),
    );
    for caller in others {
        caller.content().await;
    }

    // While one call with a number is up, a second one with it is busy.
    rang_back(&api, 7).await;
    let first = Caller::rings(&site, Shown::Asserted(twice), &[Deed::BeAnswered, Deed::Listen, Deed::HangUp]);
    until(PATIENCE, "the first call is answered", || async { asked(&api, twice).await.map(drop) }).await;
    Caller::rings(&site, Shown::Asserted(twice), &[Deed::BeRefused(486)]).content().await;
    first.goes_on();
    first.content().await;

    let attempts = rang_back(&api, 8).await;
    let after = tasks(&api).await;
    let done = of(&attempts, NUMBERS[0]);
    assert_eq!(done["reason"], "completed", "{done}");
    assert_eq!(done["answers"][0]["value"], "satisfied");
    assert_eq!(task_of(&after, NUMBERS[0])["state"], "succeeded");

    assert_eq!(of(&attempts, NUMBERS[1])["reason"], "inconvenient");
    let task = task_of(&after, NUMBERS[1]);
    assert_eq!(task["state"], "waiting");
    let due: chrono::DateTime<chrono::Utc> = task["next_at"].as_str().unwrap().parse().unwrap();
    let due = due.with_timezone(&chrono_tz::Asia::Shanghai);
    assert_eq!(due.format("%H:%M").to_string(), "10:00", "tomorrow morning");

    assert_eq!(of(&attempts, NUMBERS[2])["reason"], "handed_over");
    assert_eq!(task_of(&after, NUMBERS[2])["state"], "with_person");
    let queue = api.items("callbacks").await;
    assert!(queue.iter().any(|item| item["cause"] == "person_asked" && item["priority"] == 1), "{queue:?}");

    for number in [NUMBERS[3], NUMBERS[4]] {
        assert_eq!(of(&attempts, number)["reason"], "hung_up_early");
        let (task, earlier) = (task_of(&after, number), task_of(&before, number));
        assert_eq!(
            (&task["state"], &task["attempts"]),
            (&json!("waiting"), &json!(1)),
            "it uses up no attempt"
        );
        assert_eq!(task["next_at"], earlier["next_at"], "the earlier appointment stands");
    }

    let strangers = attempts.iter().filter(|attempt| attempt["task"].is_null());
    let (told, gone): (Vec<&Value>, Vec<&Value>) =
        strangers.partition(|attempt| attempt["reason"] == "notice_only");
    assert_eq!((told.len(), gone.len()), (1, 2), "{attempts:?}");
    assert!(gone.iter().all(|attempt| attempt["reason"] == "hung_up_early"));

    for attempt in [done, told[0]] {
        let recording = attempt["recording"]["path"].as_str().expect("recorded as any call");
        assert!(right_side_speaks(&site.data.join("recordings").join(recording)), "{recording}");
    }
}

/// Whether anything of our side is in the recording: the right channel.
fn right_side_speaks(file: &Path) -> bool {
    let mut reader = hound::WavReader::open(file).unwrap();
    assert_eq!(reader.spec().channels, 2);
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    samples.iter().skip(1).step_by(2).any(|sample| sample.unsigned_abs() > 1_000)
}

/// Somebody who is no trunk of ours calls in a customer's name.
fn stranger(sip: std::net::SocketAddr, number: &str) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
    let address = socket.local_addr().unwrap();
    let invite = format!(
        "INVITE sip:4008001234@{sip} SIP/2.0\r\nVia: SIP/2.0/UDP {address};branch=z9hG4bKstranger;rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:{number}@peer.invalid>;tag=1\r\nTo: <sip:4008001234@{sip}>\r\n\
         P-Asserted-Identity: <sip:{number}@peer.invalid>\r\nCall-ID: stranger\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:x@{address}>\r\nContent-Length: 0\r\n\r\n"
    );
    socket.connect(sip).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket.send(invite.as_bytes()).unwrap();
    socket
}

#[tokio::test]
async fn who_gives_up_or_comes_from_elsewhere_leaves_a_clean_record() {
    let (site, _carrier, _serve, api) = missed("").await;
    let before = tasks(&api).await;
    let elsewhere = stranger(site.sip, NUMBERS[0]);
    Caller::rings(&site, Shown::Asserted(UNKNOWN), &[Deed::GiveUp]).content().await;
    clear_the_throat(&site);
    let attempts = rang_back(&api, 1).await;
    let given_up = &attempts[0];
    assert_eq!(given_up["reason"], "hung_up_early");
    assert!(given_up["answered_at"].is_null(), "{given_up}");
    assert_eq!(attempts.len(), 1, "a stranger leaves no attempt");
    let heard = elsewhere.recv(&mut [0; 4096]).map_err(|error| error.kind());
    assert_eq!(heard, Err(std::io::ErrorKind::WouldBlock), "a stranger gets no answer");
    let states = |tasks: &BTreeMap<String, Value>| -> Vec<Value> {
        tasks.values().map(|task| task["state"].clone()).collect()
    };
    assert_eq!(states(&tasks(&api).await), states(&before));
}

#[tokio::test]
async fn switched_off_it_is_refused_and_nothing_is_written() {
    let (site, _carrier, _serve, api) = missed("ring_back = false").await;
    Caller::rings(&site, Shown::Asserted(NUMBERS[0]), &[Deed::BeRefused(403)]).content().await;
    let attempts = api.items("attempts?limit=200").await;
    assert!(attempts.iter().all(|attempt| attempt["direction"] == "outbound"), "{attempts:?}");
}
