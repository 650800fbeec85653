//! Server-Sent Events over a real socket: who hears what, who is too slow, who comes back, and the end.

mod office;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::Utc;
use office::{Office, Scene};
use ports::{Closing, LinePhase, LiveCall};
use records::{
    Alarm, AlarmName, AttemptId, Because, CallbackCause, CallbackId, CallbackOutcome, Direction, Evidence,
    MoveRule, NewCallback, NextStep, Number, Reason, Role, TaskId,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use uuid::Uuid;
use web::events::Happening;

const PATIENCE: Duration = Duration::from_secs(30);

/// One event as it came.
#[derive(Debug, Default)]
struct Told {
    id: String,
    name: String,
    data: Value,
}

impl Told {
    /// Its lines, as the API's description names them.
    fn lines(&self) -> Value {
        let mut lines = json!({"event": self.name, "data": self.data});
        if !self.id.is_empty() {
            lines["id"] = self.id.as_str().into();
        }
        lines
    }
}

/// Of a body that has ended (RFC 9112 section 7.1); the connection may go on.
const LAST_CHUNK: &str = "0";

struct Stream {
    lines: tokio::io::Lines<BufReader<TcpStream>>,
}

impl Stream {
    /// Asks for the events over a socket whose buffer is small.
    async fn open(office: &Office, token: &str, after: Option<&str>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let address = office.base.strip_prefix("http://").unwrap();
        let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
        let after = after.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
        let request = format!(
            "GET /api/v1/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{after}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(stream).lines();
        let status = lines.next_line().await.unwrap().unwrap();
        assert!(status.contains(" 200 "), "{status}");
        let mut kind = String::new();
        while let Some(header) = lines.next_line().await.unwrap().filter(|line| !line.is_empty()) {
            if let Some(value) = header.strip_prefix("content-type: ") {
                value.clone_into(&mut kind);
            }
        }
        assert_eq!(kind, "text/event-stream");
        Self { lines }
    }

    /// The next event; `None` at the end. Sizes of chunks and comments are passed over.
    async fn next(&mut self) -> Option<Told> {
        let mut told = Told::default();
        loop {
            let line =
                tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("in time").ok()??;
            if line == LAST_CHUNK {
                return None;
            } else if let Some(id) = line.strip_prefix("id: ") {
                id.clone_into(&mut told.id);
            } else if let Some(name) = line.strip_prefix("event: ") {
                name.clone_into(&mut told.name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                told.data = serde_json::from_str(data).unwrap();
            } else if line.is_empty() && !told.name.is_empty() {
                return Some(told);
            }
        }
    }

    /// The next event of this name; others before it are passed over.
    async fn until(&mut self, name: &str) -> Told {
        loop {
            let told = self.next().await.unwrap_or_else(|| panic!("the stream ended before {name}"));
            if told.name == name {
                return told;
            }
        }
    }
}

fn taken(n: u128) -> Happening {
    Happening::CallbackTaken { callback: CallbackId(Uuid::from_u128(n)), task: TaskId(Uuid::nil()) }
}

#[tokio::test]
async fn a_listener_hears_the_board_and_what_happens() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let token = office.token(Role::Auditor).await;
    let mut stream = Stream::open(&office, &token, None).await;
    let board = stream.next().await.unwrap();
    assert_eq!(board.name, "board");
    assert_eq!(board.data["outcomes_today"][0]["name"], "completed");
    assert_eq!((&board.data["hour"]["calls"], &board.data["hour"]["answer_rate"]), (&1.into(), &1.0.into()));
    assert_eq!((&board.data["queue"]["open"], &board.data["calling"]), (&1.into(), &true.into()));
    assert_eq!(board.data["trunks"][0]["name"], "carrier");
    assert_eq!(board.data["alarms"][0]["name"], "trunk_down");

    let agent = office.token(Role::Agent).await;
    let (_, queue) = office.ask(&agent, "GET", "/api/v1/callbacks", None).await;
    let item = queue["items"][0]["id"].as_str().unwrap().to_owned();
    let (status, _) = office.ask(&agent, "POST", &format!("/api/v1/callbacks/{item}/take"), None).await;
    assert_eq!(status, 200);
    let told = stream.until("callback_taken").await;
    assert_eq!(told.data["callback"], item);
    assert!(!told.id.is_empty());
    let finished = serde_json::json!({"outcome": "succeeded", "note": "谈过了"});
    let path = format!("/api/v1/callbacks/{item}/finish");
    assert_eq!(office.ask(&agent, "POST", &path, Some(finished)).await.0, 200);
    let told = stream.until("callback_closed").await;
    assert_eq!(told.data["outcome"], "succeeded");
    assert!(!told.data.to_string().contains("谈过了"), "what was said is nobody's business here");

    let alarm = Alarm {
        name: AlarmName::TasksOverdue,
        trunk: scene.plan.content.name.clone(),
        since: chrono::Utc::now(),
        what: "3 tasks are overdue".to_owned(),
    };
    office.events.tell(Happening::AlarmRaised(alarm));
    assert_eq!(stream.until("alarm_raised").await.data["name"], "tasks_overdue");
    // The board follows by itself: the item is done.
    while stream.until("board").await.data["queue"]["open"] != 0 {}
    let (_, at_once) = office.ask(&token, "GET", "/api/v1/board", None).await;
    assert_eq!(at_once["queue"]["open"], 0);
}

#[tokio::test]
async fn who_comes_back_hears_the_rest_and_who_comes_too_late_is_told_so() {
    let office = Office::open().await;
    let token = office.token(Role::Supervisor).await;
    let mut first = Stream::open(&office, &token, None).await;
    for n in 1..=3 {
        office.events.tell(taken(n));
    }
    let heard = first.until("callback_taken").await;
    drop(first);
    let mut again = Stream::open(&office, &token, Some(&heard.id)).await;
    for n in 2..=3 {
        let told = again.until("callback_taken").await;
        assert_eq!(told.data["callback"], Uuid::from_u128(n).to_string());
    }
    let mut late = Stream::open(&office, &token, Some("of-another-process-5")).await;
    let told = late.next().await.unwrap();
    assert_eq!((told.name.as_str(), &told.data["missed"]), ("missed", &Value::Null));
    assert_eq!(late.next().await.unwrap().name, "board");
}

#[tokio::test]
async fn a_slow_listener_misses_some_and_nobody_waits_for_it() {
    let office = Office::open().await;
    let token = office.token(Role::Supervisor).await;
    let mut slow = Stream::open(&office, &token, None).await;
    assert_eq!(slow.next().await.unwrap().name, "board");
    // More than the sockets on both sides hold; told without waiting, but for other tasks.
    for n in 0..60_000_u128 {
        office.events.tell(taken(n));
        if n % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let told = slow.until("missed").await;
    assert!(told.data["missed"].as_u64().unwrap() > 0, "{told:?}");
    assert_eq!(office.described().await.faults_of_event(&told.lines()), [""; 0]);
    assert_eq!(slow.next().await.unwrap().name, "board", "and is in step again");
    office.events.tell(taken(99_999));
    while slow.until("callback_taken").await.data["callback"] != Uuid::from_u128(99_999).to_string() {}
}

#[tokio::test]
async fn the_stream_is_for_those_who_may_and_ends_with_the_service() {
    let office = Office::open().await;
    let agent = office.token(Role::Agent).await;
    assert_eq!(office.ask(&agent, "GET", "/api/v1/events", None).await.0, 403);
    assert_eq!(office.request("GET", "/api/v1/events").send().await.unwrap().status(), 401);
    let supervisor = office.person(Role::Supervisor).await;
    let by_cookie = office.see(&supervisor, "/api/v1/events").await;
    assert_eq!(by_cookie.headers()["content-type"], "text/event-stream");
    assert_eq!(by_cookie.headers()["x-accel-buffering"], "no");
    drop(by_cookie);
    let token = office.token(Role::Integration).await;
    let mut stream = Stream::open(&office, &token, None).await;
    assert_eq!(stream.next().await.unwrap().name, "board");
    office.events.close();
    while stream.next().await.is_some() {}
    assert_eq!(office.ask(&token, "GET", "/api/v1/events", None).await.0, 503);
}

/// One of each kind, as the service makes them.
fn everything_that_happens() -> Vec<Happening> {
    let attempt = AttemptId(Uuid::now_v7());
    let call = LiveCall {
        attempt,
        customer_name: Some("王小明".to_owned()),
        plan_name: None,
        direction: Direction::Inbound,
        number: Number::parse("13900139000").unwrap(),
        trunk: "carrier".to_owned(),
        phase: LinePhase::Ringing,
        question: None,
        started_at: Utc::now(),
    };
    let closing = Closing {
        reason: Reason::NoAnswer,
        evidence: Evidence::default(),
        answered_at: None,
        next: NextStep::Person,
        because: Because::of(MoveRule::RoundExhausted),
        callback: Some(NewCallback {
            cause: CallbackCause::Exhausted { last: Reason::NoAnswer },
            priority: -1,
            due_at: Utc::now(),
        }),
        number_dead: false,
    };
    let (callback, task) = (CallbackId(Uuid::now_v7()), TaskId(Uuid::now_v7()));
    let alarm = Alarm {
        name: AlarmName::TrunkDown,
        trunk: "carrier".to_owned(),
        since: Utc::now(),
        what: "it does not answer".to_owned(),
    };
    let mut all = vec![Happening::opened(&call)];
    all.extend(Happening::ended(attempt, &closing));
    all.push(Happening::CallbackTaken { callback, task });
    all.push(Happening::CallbackClosed { callback, task, outcome: CallbackOutcome::TryAgain });
    all.extend([Happening::AlarmRaised(alarm.clone()), Happening::AlarmCleared(alarm)]);
    all
}

#[tokio::test]
async fn every_event_is_as_the_description_says_and_it_names_every_one() {
    let office = Office::open().await;
    Scene::set(&office).await;
    let token = office.token(Role::Auditor).await;
    let described = office.described().await;
    let mut stream = Stream::open(&office, &token, Some("of-another-process-5")).await;
    let everything = everything_that_happens();
    let mut left = everything.len();
    for happening in everything {
        office.events.tell(happening);
    }
    let mut heard = BTreeSet::new();
    while left > 0 {
        let told = stream.next().await.unwrap();
        let lines = told.lines();
        assert_eq!(described.faults_of_event(&lines), [""; 0], "{lines:#}");
        assert_eq!(told.id.is_empty(), ["missed", "board"].contains(&told.name.as_str()), "{lines:#}");
        assert!(
            !lines.to_string().contains("王小明") && !lines.to_string().contains("13900139000"),
            "{lines:#}"
        );
        left -= usize::from(!told.id.is_empty());
        heard.insert(told.name);
    }
    assert_eq!(described.event_names(), heard, "each is described, and each that is described is told");

    let told = json!({"event": "callback_taken", "id": "x-1",
        "data": {"callback": Uuid::nil().to_string(), "task": Uuid::nil().to_string()}});
    assert_eq!(described.faults_of_event(&told), [""; 0]);
    for (field, value) in [("event", json!("callback_closed")), ("data", json!({})), ("id", json!(7))] {
        let mut wrong = told.clone();
        wrong[field] = value;
        assert!(!described.faults_of_event(&wrong).is_empty(), "the description is too wide: {wrong:#}");
    }
    let operation = &described.paths()["/api/v1/events"]["get"];
    assert_eq!(operation["parameters"][0]["name"], "Last-Event-ID");
    assert_eq!(operation["parameters"][0]["in"], "header");
}
