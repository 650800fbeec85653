//! The ladder in the console, by the API, as text and as a capture: numbers by role, and an entry of the trail for
//! each reading.

mod office;

use std::process::Stdio;

use chrono::{TimeDelta, Utc};
use office::browser::Browser;
use office::{Office, Scene};
use ports::{Traced, Traces};
use records::{AttemptId, Role};
use serde_json::json;
use sqlx::query;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use trace::{Direction, Envelope, Message};
use uac::Transport;

const NUMBER: &str = "13800138000";

fn wire(start: &str, cseq: &str, more: &str) -> String {
    format!(
        "{start}\r\nVia: SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
         From: <sip:4008001234@203.0.113.5>;tag=1\r\nTo: <sip:{NUMBER}@203.0.113.9>\r\nCall-ID: c\r\n\
         CSeq: {cseq}\r\n{more}Content-Length: 0\r\n\r\n"
    )
}

/// A call that is challenged, and goes over a second peer by TLS.
async fn traced(office: &Office, attempt: AttemptId) {
    let one = ("203.0.113.9:5060", Transport::Udp);
    let other = ("[2001:db8::9]:5061", Transport::Tls);
    let credentials = "Proxy-Authorization: Digest username=\"4008001234\", response=\"6629fae49393a05397450978507c4ef1\"\r\n";
    let invite = format!("INVITE sip:{NUMBER}@203.0.113.9 SIP/2.0");
    let (sent, received) = (Direction::Sent, Direction::Received);
    let said = [
        (sent, one, wire(&invite, "1 INVITE", "")),
        (received, one, wire("SIP/2.0 503 Service Unavailable", "1 INVITE", "")),
        (sent, other, wire(&invite, "2 INVITE", credentials)),
        (received, other, wire("SIP/2.0 180 Ringing", "2 INVITE", "")),
        (received, other, wire("SIP/2.0 200 OK", "2 INVITE", "")),
        (sent, other, wire(&format!("ACK sip:{NUMBER}@203.0.113.9 SIP/2.0"), "2 ACK", "")),
        (received, other, wire("BYE sip:4008001234@203.0.113.5 SIP/2.0", "3 BYE", "")),
    ];
    let begin = Utc::now();
    let messages = (0..).zip(said).map(|(seq, (direction, (peer, transport), wire))| {
        let at = begin + TimeDelta::milliseconds(i64::from(seq) * 250);
        let (local, peer) = ("203.0.113.5:5060".parse().unwrap(), peer.parse().unwrap());
        let envelope = Envelope { at, direction, transport, local, peer };
        Traced { attempt, seq, message: Message::new(envelope, wire.into_bytes()), cut: false }
    });
    let messages: Vec<Traced> = messages.collect();
    assert_eq!(office.store.keep_messages(&messages).await.unwrap(), 7);
}

async fn fetch(office: &Office, token: &str, path: &str) -> (u16, String, Vec<u8>) {
    let answer = office.request("GET", path).bearer_auth(token).send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.bytes().await.unwrap().to_vec())
}

/// What tshark makes of a capture: one line a packet with these fields.
async fn tshark(capture: &[u8], fields: &[&str]) -> Vec<Vec<String>> {
    let mut command = Command::new("tshark");
    command.args(["-r", "-", "-T", "fields", "-o", "ip.check_checksum:TRUE"]);
    command.args(["-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().expect("tshark is installed (apt: tshark)");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(capture).await.unwrap();
    drop(stdin);
    let done = child.wait_with_output().await.unwrap();
    assert!(done.status.success(), "{}", done.status);
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn numbers_are_shown_by_role_and_credentials_to_nobody() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    traced(&office, scene.attempt).await;
    let path = format!("/api/v1/attempts/{}/trace", scene.attempt);
    for (role, whole) in
        [(Role::Admin, true), (Role::Supervisor, true), (Role::Integration, true), (Role::Auditor, false)]
    {
        let token = office.token(role).await;
        let (status, seen) = office.ask(&token, "GET", &path, None).await;
        assert_eq!((status, &seen["masked"], &seen["cut"]), (200, &json!(!whole), &json!(false)), "{role}");
        let messages = seen["messages"].as_array().unwrap();
        let labels: Vec<_> = messages.iter().map(|message| message["label"].as_str().unwrap()).collect();
        assert_eq!(
            labels,
            ["INVITE", "503 Service Unavailable", "INVITE", "180 Ringing", "200 OK", "ACK", "BYE"]
        );
        assert_eq!(
            (
                &messages[3]["direction"],
                &messages[3]["transport"],
                &messages[3]["peer"],
                &messages[3]["since"]
            ),
            (&json!("received"), &json!("tls"), &json!("[2001:db8::9]:5061"), &json!(0.75))
        );
        let (_, _, text) = fetch(&office, &token, &format!("{path}.txt")).await;
        let (_, _, pcap) = fetch(&office, &token, &format!("{path}.pcap")).await;
        for form in [seen.to_string().into_bytes(), text, pcap] {
            let form = String::from_utf8_lossy(&form).into_owned();
            assert_eq!(form.contains(NUMBER), whole, "{role}");
            assert_eq!(form.contains("138****8000"), !whole, "{role}");
            assert_eq!(form.contains("4008001234"), whole, "{role}");
            assert!(!form.contains("6629fae4") && form.contains("response=***"), "{role}");
        }
    }
    for role in [Role::Agent, Role::Planner] {
        let token = office.token(role).await;
        for form in ["", ".txt", ".pcap"] {
            assert_eq!(fetch(&office, &token, &format!("{path}{form}")).await.0, 403, "{role}");
        }
    }
}

#[tokio::test]
async fn tshark_reads_the_capture() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    traced(&office, scene.attempt).await;
    let token = office.token(Role::Auditor).await;
    let (status, kind, capture) =
        fetch(&office, &token, &format!("/api/v1/attempts/{}/trace.pcap", scene.attempt)).await;
    assert_eq!((status, kind.as_str()), (200, "application/vnd.tcpdump.pcap"));
    let fields =
        ["sip.Method", "sip.Status-Code", "ip.dst", "ipv6.dst", "frame.time_relative", "_ws.malformed"];
    let sums = ["ip.checksum.status", "udp.checksum.status", "tcp.checksum.status"];
    let packets = tshark(&capture, &[&fields[..], &sums].concat()).await;
    let v6 = "::ffff:203.0.113.5";
    let expected = [
        ["INVITE", "", "203.0.113.9", "", "0.000000000", "", "1", "1", ""],
        ["", "503", "203.0.113.5", "", "0.250000000", "", "1", "1", ""],
        ["INVITE", "", "", "2001:db8::9", "0.500000000", "", "", "", "1"],
        ["", "180", "", v6, "0.750000000", "", "", "", "1"],
        ["", "200", "", v6, "1.000000000", "", "", "", "1"],
        ["ACK", "", "", "2001:db8::9", "1.250000000", "", "", "", "1"],
        ["BYE", "", "", v6, "1.500000000", "", "", "", "1"],
    ];
    assert_eq!(packets, expected);
}

#[tokio::test]
async fn nothing_is_read_without_an_entry_in_the_trail() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    traced(&office, scene.attempt).await;
    let auditor = office.person(Role::Auditor).await;
    let page = format!("/attempts/{}", scene.attempt);
    let plain = office.see(&auditor, &page).await.text().await.unwrap();
    assert!(plain.contains("id=\"show-trace\"") && !plain.contains("INVITE"));
    assert!(office.trail("trace.read").await.is_empty(), "nothing was read yet");

    let ladder = office.see(&auditor, &format!("{page}?trace=1")).await.text().await.unwrap();
    for part in
        ["503 Service Unavailable", "203.0.113.9:5060", "[2001:db8::9]:5061", "138****8000", "colspan=\"2\""]
    {
        assert!(ladder.contains(part), "{part}");
    }
    assert!(!ladder.contains(NUMBER));
    let token = office.token(Role::Auditor).await;
    for form in ["", ".txt", ".pcap"] {
        fetch(&office, &token, &format!("/api/v1{page}/trace{form}")).await;
    }
    let trail = office.trail("trace.read").await;
    let forms: Vec<_> = trail.iter().map(|(_, _, detail)| detail["form"].as_str().unwrap()).collect();
    assert_eq!(forms, ["page", "json", "text", "pcap"]);
    assert!(trail.iter().all(|(actor, subject, detail)| {
        actor.starts_with("auditor-")
            && *subject == format!("attempt:{}", scene.attempt)
            && detail["messages"] == 7
    }));

    query("alter table events rename to events_away").execute(&office.pool).await.unwrap();
    let (status, _, unseen) = fetch(&office, &token, &format!("/api/v1{page}/trace.txt")).await;
    assert!(status >= 500 && !String::from_utf8_lossy(&unseen).contains("INVITE"));
}

#[tokio::test]
async fn planners_and_agents_are_shown_no_way_to_it() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    traced(&office, scene.attempt).await;
    let planner = office.person(Role::Planner).await;
    let page =
        office.see(&planner, &format!("/attempts/{}?trace=1", scene.attempt)).await.text().await.unwrap();
    assert!(!page.contains("id=\"trace\"") && !page.contains("INVITE"));
    assert!(office.trail("trace.read").await.is_empty());
}

#[tokio::test]
async fn an_attempt_without_signalling_says_so() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    let admin = office.person(Role::Admin).await;
    let path = format!("/attempts/{}?trace=1", scene.attempt);
    let page = office.see(&admin, &path).await.text().await.unwrap();
    assert!(page.contains("没有保存的信令"));
    let token = office.token(Role::Admin).await;
    let (status, seen) =
        office.ask(&token, "GET", &format!("/api/v1/attempts/{}/trace", scene.attempt), None).await;
    assert_eq!((status, &seen["messages"]), (200, &json!([])));
}

#[tokio::test]
async fn a_supervisor_reads_the_ladder_in_a_real_browser() {
    let office = Office::open().await;
    let scene = Scene::set(&office).await;
    traced(&office, scene.attempt).await;
    let supervisor = office.person(Role::Supervisor).await;
    let browser = Browser::open("zh-CN", 1280, 1000).await;
    browser.log_in(&office, &supervisor).await;

    browser.page.goto(&format!("{}/attempts/{}", office.base, scene.attempt)).await.unwrap();
    browser.click("#show-trace").await;
    assert_eq!(browser.text("#trace h2").await, "信令");
    let drawn = browser
        .when(
            "done([...document.querySelectorAll('.arrow')].map((arrow) => {
               const box = arrow.getBoundingClientRect(), lanes = document.querySelectorAll('.ladder thead .lane');
               const ends = [...lanes].map((lane) => lane.getBoundingClientRect().right);
               const reached = ends.findIndex((end) => Math.abs(end - box.right) < 4);
               return [arrow.querySelector('.label').textContent, arrow.classList.contains('sent'), reached];
             }))",
        )
        .await;
    let expected = json!([
        ["INVITE", true, 0],
        ["503 Service Unavailable", false, 0],
        ["INVITE", true, 1],
        ["180 Ringing", false, 1],
        ["200 OK", false, 1],
        ["ACK", true, 1],
        ["BYE", false, 1],
    ]);
    assert_eq!(drawn, expected, "each arrow reaches the line of its peer");
    browser.picture("trace-1-ladder").await;

    let message = ".ladder tr:nth-child(3) .arrow";
    browser.click(&format!("{message} summary")).await;
    let text = browser.text(&format!("{message}[open] pre")).await;
    assert!(text.contains(NUMBER) && text.contains("response=***"), "{text}");
    browser.picture("trace-2-message").await;

    browser.click("#language-en").await;
    browser.one("html[lang=en]").await;
    browser.click("#show-trace").await;
    assert_eq!(browser.text("#trace h2").await, "Signalling");
    browser.picture("trace-3-english").await;

    let phone = Browser::open("en", 390, 844).await;
    phone.log_in(&office, &supervisor).await;
    phone.page.goto(&format!("{}/attempts/{}?trace=1", office.base, scene.attempt)).await.unwrap();
    phone.one(".ladder").await;
    let wide = phone.when("done(document.documentElement.scrollWidth > window.innerWidth)").await;
    assert_eq!(wide, false, "the page is not wider than the phone");
    phone.when("document.getElementById('trace').scrollIntoView(); done(true)").await;
    phone.picture("trace-4-phone").await;
}
