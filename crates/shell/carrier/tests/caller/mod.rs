//! The other side: SIPp as the caller's signalling, a plain socket as its media.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses a part of it"
)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use carrier::{Carrier, CarrierConfig, Entry, Script};
use tempfile::TempDir;
use tokio::net::UdpSocket;
use tokio::process::Command;
use tokio::time::timeout;

pub const NUMBER: &str = "+8619900000001";

/// A running carrier with its journal.
pub struct Line {
    pub carrier: Carrier,
    directory: TempDir,
    calls: usize,
}

impl Line {
    /// One customer with these attempts (YAML, indented by six), and more of the script before.
    pub async fn with(head: &str, attempts: &str) -> Self {
        Self::of(&format!("{head}\ncustomers:\n  - number: \"{NUMBER}\"\n    attempts:\n{attempts}\n")).await
    }

    pub async fn of(script: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let script = Script::parse(script, Path::new("test.yaml")).unwrap();
        let log = Some(directory.path().join("journal.jsonl"));
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let carrier = Carrier::start(CarrierConfig { listen, script, log }).await.unwrap();
        Self { carrier, directory, calls: 0 }
    }

    /// Runs a SIPp scenario to its end; it must succeed.
    pub async fn call(&mut self, number: &str, steps: &[String], media: u16) {
        self.calls_at_once(1, number, steps, media).await;
    }

    /// The same, with so many calls at once.
    pub async fn calls_at_once(&mut self, count: usize, number: &str, steps: &[String], media: u16) {
        self.calls += 1;
        let file = self.directory.path().join(format!("scenario-{}.xml", self.calls));
        std::fs::write(&file, scenario(steps)).unwrap();
        run(&file, self.carrier.address(), number, media, count).await;
    }

    /// The journal, once `count` calls have ended.
    pub async fn journal(&self, count: usize) -> Vec<Entry> {
        let path = self.directory.path().join("journal.jsonl");
        let ended = |entries: &[Entry]| {
            entries.iter().filter(|e| matches!(e.event, carrier::Event::Ended { .. })).count() >= count
        };
        let read = || -> Vec<Entry> {
            let text = std::fs::read_to_string(&path).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let whole = async {
            let mut beat = tokio::time::interval(Duration::from_millis(20));
            loop {
                beat.tick().await;
                let entries = read();
                if ended(&entries) {
                    return entries;
                }
            }
        };
        timeout(Duration::from_secs(20), whole).await.expect("the call never ended in the journal")
    }
}

/// The words of the events, in order.
pub fn story(entries: &[Entry]) -> Vec<String> {
    let word =
        |entry: &Entry| serde_json::to_value(&entry.event).unwrap()["event"].as_str().unwrap().to_owned();
    entries.iter().map(word).collect()
}

async fn run(file: &PathBuf, carrier: SocketAddr, number: &str, media: u16, count: usize) {
    let count = count.to_string();
    let port = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let sipp = Command::new("sipp")
        .arg(carrier.to_string())
        .args(["-sf"])
        .arg(file)
        .args(["-s", number, "-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin"])
        .args(["-m", &count, "-l", &count, "-r", "50"])
        .args(["-key", "media", &media.to_string(), "-au", "huifang", "-ap", "secret"])
        .args(["-timeout", "30", "-timeout_error", "-trace_err", "-error_file"])
        .arg(file.with_extension("err"))
        .env("TERM", "dumb")
        .kill_on_drop(true)
        .output();
    let output = timeout(Duration::from_secs(40), sipp).await.expect("sipp hangs").unwrap();
    let errors = std::fs::read_to_string(file.with_extension("err")).unwrap_or_default();
    assert!(output.status.success(), "sipp: {}\n{errors}", output.status);
}

fn scenario(steps: &[String]) -> String {
    format!("<?xml version=\"1.0\"?><scenario name=\"caller\">{}</scenario>", steps.concat())
}

fn send(first: &str, headers: &str, body: &str, retransmit: bool) -> String {
    let retransmit = if retransmit { " retrans=\"500\"" } else { "" };
    let content = if body.is_empty() {
        "Content-Length: 0\n"
    } else {
        "Content-Type: application/sdp\nContent-Length: [len]\n"
    };
    format!(
        "<send{retransmit}><![CDATA[\n{first} sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n\
         From: <sip:4001234567@[local_ip]:[local_port]>;tag=[pid]T[call_number]\n\
         Call-ID: [call_id]\nMax-Forwards: 70\nContact: <sip:4001234567@[local_ip]:[local_port]>\n\
         {headers}{content}\n{body}]]></send>"
    )
}

const VIA: &str = "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n";
const TO: &str = "To: <sip:[service]@[remote_ip]:[remote_port]>\n";
pub const OFFER: &str = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n\
    m=audio [media] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n";

pub fn invite() -> String {
    invite_with("", OFFER, 1)
}

pub fn invite_with(headers: &str, offer: &str, cseq: u32) -> String {
    let identity = "P-Asserted-Identity: <sip:4008001234@trunk>\n";
    send("INVITE", &format!("{VIA}{TO}CSeq: {cseq} INVITE\n{identity}{headers}"), offer, true)
}

/// Waits for a response; `header` and `pattern` must fit when given.
pub fn receive(status: u16, header: &str, pattern: &str) -> String {
    let check = if header.is_empty() {
        String::new()
    } else {
        format!(
            "<action><ereg regexp=\"{pattern}\" search_in=\"hdr\" header=\"{header}:\" check_it=\"true\" assign_to=\"1\"/><log message=\"[$1]\"/></action>"
        )
    };
    format!("<recv response=\"{status}\" rrs=\"true\">{check}</recv>")
}

pub fn challenged() -> String {
    "<recv response=\"407\" auth=\"true\"/>".to_owned()
}

pub fn perhaps(status: u16) -> String {
    format!("<recv response=\"{status}\" optional=\"true\"/>")
}

/// ACK of a failure: part of the INVITE's transaction.
pub fn ack_failure(cseq: u32) -> String {
    send("ACK", &format!("[last_Via:]\n[last_To:]\nCSeq: {cseq} ACK\n"), "", false)
}

/// ACK of a 200: a transaction of its own.
pub fn ack(cseq: u32) -> String {
    send("ACK", &format!("{VIA}[last_To:]\nCSeq: {cseq} ACK\n"), "", false)
}

pub fn cancel() -> String {
    send("CANCEL", &format!("[last_Via:]\n{TO}CSeq: 1 CANCEL\n"), "", true)
}

/// A request inside the dialog.
pub fn within(method: &str, cseq: u32, body: &str) -> String {
    send(method, &format!("{VIA}[last_To:]\nCSeq: {cseq} {method}\n"), body, true)
}

pub fn pause(milliseconds: u32) -> String {
    format!("<pause milliseconds=\"{milliseconds}\"/>")
}

/// The customer hangs up.
pub fn hung_up() -> String {
    "<recv request=\"BYE\"/><send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>".to_owned()
}
